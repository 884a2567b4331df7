/* Turns are handed over by semaphores: one for each actor, one for the director. */
#include "sim/stage.h"

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>

struct actor {
    struct stage *stage;
    void (*play)(void *context);
    void *context;
    int number;
    pthread_t thread;
    sem_t turn;
    bool killed, ended;
};

struct stage {
    struct actor actors[ACTORS_MAX];
    size_t count;
    sem_t done;           /* with a turn */
    cpu_set_t processors; /* the director's, before */
};

static _Thread_local struct actor *self;

/* Only one of the threads runs at a time: on one processor a turn is a plain switch, four times as
 * fast as waking another one. Threads inherit it. */
static void stay_on_one_processor(struct stage *stage)
{
    cpu_set_t one;
    int current = sched_getcpu();

    pthread_getaffinity_np(pthread_self(), sizeof stage->processors, &stage->processors);
    if (current < 0)
        return;
    CPU_ZERO(&one);
    CPU_SET((size_t)current, &one);
    pthread_setaffinity_np(pthread_self(), sizeof one, &one);
}

static void wait_for(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        ; /* a signal */
}

struct stage *stage_new(void)
{
    struct stage *stage = calloc(1, sizeof *stage);
    assert(stage);
    sem_init(&stage->done, 0, 0);
    stay_on_one_processor(stage);
    return stage;
}

static void *live(void *context)
{
    self = context;
    wait_for(&self->turn);
    self->play(self->context);
    self->ended = true;
    sem_post(&self->stage->done);
    return NULL;
}

size_t stage_add(struct stage *stage, void (*play)(void *context), void *context)
{
    assert(stage->count < ACTORS_MAX);
    struct actor *actor = &stage->actors[stage->count];

    *actor = (struct actor){
        .stage = stage, .play = play, .context = context, .number = (int)stage->count
    };
    sem_init(&actor->turn, 0, 0);
    int rc = pthread_create(&actor->thread, NULL, live, actor);
    assert(rc == 0);
    return stage->count++;
}

void stage_go(struct stage *stage, size_t actor)
{
    assert(actor < stage->count && !stage->actors[actor].ended);
    sem_post(&stage->actors[actor].turn);
    wait_for(&stage->done);
}

bool stage_ended(const struct stage *stage, size_t actor)
{
    return stage->actors[actor].ended;
}

void stage_kill(struct stage *stage, size_t actor)
{
    stage->actors[actor].killed = true;
}

void stage_free(struct stage *stage)
{
    for (size_t i = 0; i < stage->count; i++) {
        assert(stage->actors[i].ended);
        pthread_join(stage->actors[i].thread, NULL);
        sem_destroy(&stage->actors[i].turn);
    }
    pthread_setaffinity_np(pthread_self(), sizeof stage->processors, &stage->processors);
    sem_destroy(&stage->done);
    free(stage);
}

void stage_stop(void)
{
    if (!self || self->killed)
        return;
    sem_post(&self->stage->done);
    wait_for(&self->turn);
}

bool stage_killed(void)
{
    return self && self->killed;
}

void stage_revive(void)
{
    if (self)
        self->killed = false;
}

int stage_actor(void)
{
    return self ? self->number : -1;
}
