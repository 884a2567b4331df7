/* A lane's promises: bounded, no linger, nothing late is run, each job finished exactly once.
 *
 * A worker is held at a gate inside its work, so that what happens meanwhile is no race. */
#include "unit/support/tests.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "lane/lane.h"
#include "unit/support/oom.h"

enum {
    JOBS_MAX = 64,
    DEADLINE_MS = 1000,
    GIVE_UP_S = 60, /* a wait that takes so long has failed */
};

/* A clock that only the test turns. */
static _Atomic int64_t now_ms;

static int64_t turned_ms(const struct clock *clock)
{
    (void)clock;
    return atomic_load(&now_ms);
}

static const struct clock turned_clock = { turned_ms, turned_ms };

/* The work function's world: what ran, in which batches, and a gate that holds it. */
struct world {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool gate_shut;
    size_t at_gate; /* workers that wait at it */
    size_t batches[JOBS_MAX], batch_count;
    struct task *ran[JOBS_MAX];
    size_t ran_count;
    size_t finished;
    int niceness;
    bool takes_term; /* whether the worker could be interrupted by SIGTERM */
};

struct task {
    struct job job;
    struct world *world;
    int ends; /* finish() calls; must become 1 */
    enum job_end end;
    pthread_t finisher;
};

static void world_open(struct world *world)
{
    *world = (struct world){
        .mutex = PTHREAD_MUTEX_INITIALIZER,
        .changed = PTHREAD_COND_INITIALIZER,
    };
    atomic_store(&now_ms, 5000);
}

static void world_wait(struct world *world, const size_t *counter, size_t wanted)
{
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += GIVE_UP_S;

    LOCKED(&world->mutex);
    while (*counter < wanted)
        assert_int_equal(pthread_cond_timedwait(&world->changed, &world->mutex, &limit), 0);
}

static void gate_set(struct world *world, bool shut)
{
    LOCKED(&world->mutex);
    world->gate_shut = shut;
    pthread_cond_broadcast(&world->changed);
}

static void work(void *context, struct job *const jobs[], size_t count)
{
    struct world *world = context;
    sigset_t blocked;

    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    LOCKED(&world->mutex);
    world->niceness = getpriority(PRIO_PROCESS, (id_t)gettid());
    world->takes_term = !sigismember(&blocked, SIGTERM);
    world->at_gate++;
    pthread_cond_broadcast(&world->changed);
    while (world->gate_shut)
        pthread_cond_wait(&world->changed, &world->mutex);
    world->at_gate--;

    world->batches[world->batch_count++] = count;
    for (size_t i = 0; i < count; i++)
        world->ran[world->ran_count++] = (struct task *)jobs[i];
}

static void task_finish(struct job *job, enum job_end end)
{
    struct task *task = (struct task *)job;

    LOCKED(&task->world->mutex);
    task->ends++;
    task->end = end;
    task->finisher = pthread_self();
    task->world->finished++;
    pthread_cond_broadcast(&task->world->changed);
}

static void push(struct lane *lane, struct world *world, struct task *task)
{
    *task = (struct task){ .job.finish = task_finish, .world = world };
    assert_true(lane_reserve(lane));
    lane_push(lane, &task->job);
}

static struct lane *open_lane(struct world *world, struct metrics *metrics, size_t threads,
                              size_t queue_max, size_t batch_max)
{
    const struct lane_options options = {
        .name = "test",
        .threads = threads,
        .queue_max = queue_max,
        .batch_max = batch_max,
        .deadline_ms = DEADLINE_MS,
        .nice = 3,
    };
    struct lane *lane = lane_open(&options, &turned_clock, metrics, work, world, NULL);
    assert_non_null(lane);
    return lane;
}

/* One job that sits at the shut gate: the lane's only worker is busy from now on. */
static void occupy(struct lane *lane, struct world *world, struct task *task)
{
    gate_set(world, true);
    push(lane, world, task);
    world_wait(world, &world->at_gate, 1);
}

static void a_lone_job_waits_for_nobody(void **state)
{
    (void)state;
    struct world world;
    struct task task;
    world_open(&world);
    AUTO(lane) struct lane *lane = open_lane(&world, NULL, 1, 8, 8);

    push(lane, &world, &task); /* the clock stands still: nothing but the push makes it run */
    world_wait(&world, &world.finished, 1);
    assert_int_equal(task.end, JOB_RAN);
    assert_int_equal(world.batches[0], 1);
}

static void a_batch_takes_what_is_queued(void **state)
{
    (void)state;
    struct world world;
    struct task first, tasks[7];
    world_open(&world);
    AUTO(lane) struct lane *lane = open_lane(&world, NULL, 1, 8, 4);

    occupy(lane, &world, &first);
    for (int i = 0; i < 7; i++)
        push(lane, &world, &tasks[i]);
    gate_set(&world, false);
    world_wait(&world, &world.finished, 8);

    assert_int_equal(world.batch_count, 3);
    assert_int_equal(world.batches[0], 1);
    assert_int_equal(world.batches[1], 4); /* batch_max */
    assert_int_equal(world.batches[2], 3);
    for (int i = 0; i < 7; i++) /* in the order they were pushed */
        assert_ptr_equal(world.ran[1 + i], &tasks[i]);
}

static void places_are_bounded(void **state)
{
    (void)state;
    struct world world;
    struct task first, second;
    world_open(&world);
    AUTO(lane) struct lane *lane = open_lane(&world, NULL, 1, 2, 8);

    occupy(lane, &world, &first);
    assert_int_equal(lane_depth(lane), 0); /* a running job takes no place */
    push(lane, &world, &second);
    assert_true(lane_reserve(lane));
    assert_int_equal(lane_depth(lane), 2); /* queued and reserved count alike */
    assert_false(lane_reserve(lane));
    lane_release(lane);
    assert_int_equal(lane_depth(lane), 1);
    assert_true(lane_reserve(lane));
    lane_release(lane);

    gate_set(&world, false);
    world_wait(&world, &world.finished, 2);
    assert_int_equal(lane_depth(lane), 0);
}

static struct lane *open_predicting_lane(struct world *world, size_t threads, int64_t job_ms)
{
    const struct lane_options options = {
        .name = "predicting",
        .threads = threads,
        .queue_max = JOBS_MAX,
        .batch_max = 1,
        .deadline_ms = DEADLINE_MS,
        .wait_max_ms = DEADLINE_MS,
        .job_ms = job_ms,
    };
    struct lane *lane = lane_open(&options, &turned_clock, NULL, work, world, NULL);
    assert_non_null(lane);
    return lane;
}

static size_t places_left(struct lane *lane)
{
    size_t places = 0;

    while (lane_reserve(lane))
        places++;
    for (size_t i = 0; i < places; i++)
        lane_release(lane);
    return places;
}

static void who_would_wait_too_long_gets_no_place(void **state)
{
    (void)state;
    struct world world;
    struct task first;
    world_open(&world);
    AUTO(lane) struct lane *lane = open_predicting_lane(&world, 1, 300);

    occupy(lane, &world, &first);
    assert_int_equal(places_left(lane), 4); /* behind 0, 300, 600, 900 ms */
    gate_set(&world, false);
    world_wait(&world, &world.finished, 1);
}

static void two_threads_are_twice_as_fast(void **state)
{
    (void)state;
    struct world world;
    struct task tasks[2];
    world_open(&world);
    AUTO(lane) struct lane *lane = open_predicting_lane(&world, 2, 300);

    gate_set(&world, true);
    push(lane, &world, &tasks[0]);
    push(lane, &world, &tasks[1]);
    world_wait(&world, &world.at_gate, 2);
    assert_int_equal(places_left(lane), 7);
    gate_set(&world, false);
    world_wait(&world, &world.finished, 2);
}

static void whom_an_idle_thread_takes_waits_for_nobody(void **state)
{
    (void)state;
    struct world world;
    struct task first;
    world_open(&world);
    AUTO(lane) struct lane *lane = open_predicting_lane(&world, 3, 60000);

    assert_int_equal(places_left(lane), 4); /* an idle thread each, and one behind them */
    occupy(lane, &world, &first);
    assert_int_equal(places_left(lane), 3);
    gate_set(&world, false);
    world_wait(&world, &world.finished, 1);
}

/* One after another, on a lane of one thread. */
static void run_jobs(struct lane *lane, struct world *world, size_t count, int64_t each_ms)
{
    const size_t before = world->finished;
    struct task task;

    for (size_t i = 0; i < count; i++) {
        occupy(lane, world, &task);
        atomic_fetch_add(&now_ms, each_ms);
        gate_set(world, false);
        world_wait(world, &world->finished, before + i + 1);
    }
}

/* A mean of what is measured: of one job not much, of many all, both ways. */
static const struct pace {
    const char *name;
    int64_t job_ms;
    struct {
        size_t count;
        int64_t each_ms;
    } jobs[2];
    size_t places_min, places_max; /* two of them for an idle thread and one behind it */
} paces[] = {
    { "nothing was measured", 100, { { 0 } }, 12, 12 },
    { "a stall of the store is soon forgotten", 10, { { 10, 9000 } }, 30, 40 },
    { "a slowness that lasts is learnt", 10, { { 40, 500 } }, 4, 4 },
    { "what became fast is learnt", 600, { { 30, 10 } }, 30, 60 },
    { "what became slow again is learnt", 100, { { 30, 0 }, { 30, 100 } }, 12, 13 },
};

static void a_wait_is_predicted_by_what_jobs_took(void **state)
{
    const struct pace *c = *state;
    struct world world;
    world_open(&world);
    AUTO(lane) struct lane *lane = open_predicting_lane(&world, 1, c->job_ms);

    run_jobs(lane, &world, c->jobs[0].count, c->jobs[0].each_ms);
    run_jobs(lane, &world, c->jobs[1].count, c->jobs[1].each_ms);
    assert_in_range(places_left(lane), c->places_min, c->places_max);
}

static void what_is_late_is_finished_by_expire(void **state)
{
    (void)state;
    struct world world;
    struct task first, late, later;
    world_open(&world);
    AUTO(lane) struct lane *lane = open_lane(&world, NULL, 1, 8, 8);

    occupy(lane, &world, &first);
    push(lane, &world, &late);
    atomic_fetch_add(&now_ms, DEADLINE_MS - 1);
    push(lane, &world, &later);
    lane_expire(lane);
    assert_int_equal(late.ends, 0); /* a millisecond is left */

    atomic_fetch_add(&now_ms, 1);
    lane_expire(lane);
    assert_int_equal(late.ends, 1);
    assert_int_equal(late.end, JOB_EXPIRED);
    assert_true(pthread_equal(late.finisher, pthread_self()));
    assert_int_equal(lane_depth(lane), 1);

    gate_set(&world, false);
    world_wait(&world, &world.finished, 3);
    assert_int_equal(first.end, JOB_RAN); /* a deadline is for queued jobs only */
    assert_int_equal(later.end, JOB_RAN);
    assert_int_equal(world.ran_count, 2);
}

static void what_is_late_is_never_run(void **state)
{
    (void)state;
    struct world world;
    struct task first, late[3], fresh;
    world_open(&world);
    AUTO(lane) struct lane *lane = open_lane(&world, NULL, 1, 8, 2);

    occupy(lane, &world, &first);
    for (int i = 0; i < 3; i++)
        push(lane, &world, &late[i]);
    atomic_fetch_add(&now_ms, DEADLINE_MS);
    push(lane, &world, &fresh);
    gate_set(&world, false);
    world_wait(&world, &world.finished, 5);

    for (int i = 0; i < 3; i++)
        assert_int_equal(late[i].end, JOB_EXPIRED);
    assert_int_equal(fresh.end, JOB_RAN);
    assert_int_equal(world.ran_count, 2);
}

/* Nothing runs when all that a worker finds is late; it goes back to waiting. */
static void a_queue_of_late_ones_is_no_batch(void **state)
{
    (void)state;
    struct world world;
    struct task first, late, next;
    world_open(&world);
    AUTO(lane) struct lane *lane = open_lane(&world, NULL, 1, 8, 8);

    occupy(lane, &world, &first);
    push(lane, &world, &late);
    atomic_fetch_add(&now_ms, DEADLINE_MS);
    gate_set(&world, false);
    world_wait(&world, &world.finished, 2);
    push(lane, &world, &next);
    world_wait(&world, &world.finished, 3);

    assert_int_equal(late.end, JOB_EXPIRED);
    assert_int_equal(next.end, JOB_RAN);
    assert_int_equal(world.batch_count, 2);
}

static void refused_ones_are_finished_at_once(void **state)
{
    (void)state;
    struct world world;
    struct task first, queued, reserved;
    world_open(&world);
    AUTO(lane) struct lane *lane = open_lane(&world, NULL, 1, 8, 8);

    occupy(lane, &world, &first);
    push(lane, &world, &queued);
    assert_true(lane_reserve(lane));
    lane_refuse(lane);
    assert_int_equal(queued.ends, 1);
    assert_int_equal(queued.end, JOB_REFUSED);
    assert_false(lane_reserve(lane));

    reserved = (struct task){ .job.finish = task_finish, .world = &world };
    lane_push(lane, &reserved.job); /* its worker is stuck: the pusher finishes it */
    assert_int_equal(reserved.ends, 1);
    assert_int_equal(reserved.end, JOB_REFUSED);
    assert_int_equal(lane_depth(lane), 0);

    gate_set(&world, false);
    world_wait(&world, &world.finished, 3);
    assert_int_equal(first.end, JOB_RAN);
    assert_int_equal(world.ran_count, 1);
}

static void *open_gate(void *argument)
{
    gate_set(argument, false);
    return NULL;
}

static void close_works_off_the_queue(void **state)
{
    (void)state;
    struct world world;
    struct task first, tasks[5];
    pthread_t opener;
    world_open(&world);
    struct lane *lane = open_lane(&world, NULL, 2, 8, 2);

    occupy(lane, &world, &first);
    for (int i = 0; i < 5; i++)
        push(lane, &world, &tasks[i]);
    assert_int_equal(pthread_create(&opener, NULL, open_gate, &world), 0);
    lane_close(lane);
    pthread_join(opener, NULL);

    assert_int_equal(world.finished, 6);
    assert_int_equal(world.ran_count, 6);
    for (int i = 0; i < 5; i++)
        assert_int_equal(tasks[i].end, JOB_RAN);
}

/* A thread that took its place before the lane closes and pushes after it began to. */
struct late_pusher {
    struct lane *lane;
    struct task *task;
};

static void *push_when_closing(void *argument)
{
    struct late_pusher *pusher = argument;

    while (lane_reserve(pusher->lane)) { /* until it closes */
        lane_release(pusher->lane);
        sched_yield();
    }
    lane_push(pusher->lane, &pusher->task->job);
    return NULL;
}

static void close_waits_for_places(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    struct task task = { .job.finish = task_finish, .world = &world };
    struct lane *lane = open_lane(&world, NULL, 2, 8, 2);
    struct late_pusher pusher = { lane, &task };
    pthread_t thread;

    assert_true(lane_reserve(lane));
    assert_int_equal(pthread_create(&thread, NULL, push_when_closing, &pusher), 0);
    lane_close(lane);
    pthread_join(thread, NULL);
    assert_int_equal(task.ends, 1);
    assert_int_equal(task.end, JOB_RAN);
}

static void workers_are_nice_and_deaf(void **state)
{
    (void)state;
    struct world world;
    struct task task;
    world_open(&world);
    int ours = getpriority(PRIO_PROCESS, (id_t)gettid());
    AUTO(lane) struct lane *lane = open_lane(&world, NULL, 1, 8, 8);

    push(lane, &world, &task);
    world_wait(&world, &world.finished, 1);
    int wanted = ours + 3 < 19 ? ours + 3 : 19; /* 19 is the nicest */
    assert_int_equal(world.niceness, wanted);
    assert_int_equal(getpriority(PRIO_PROCESS, (id_t)gettid()), ours);
    assert_false(world.takes_term);

    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    assert_false(sigismember(&blocked, SIGTERM)); /* the opener still hears */
}

static void assert_shown(struct metrics *metrics, const char *line)
{
    AUTO(buffer) struct buffer page = { 0 };
    metrics_render(metrics, &page);
    if (!strstr(page.data, line))
        fail_msg("no %s in %s", line, page.data);
}

static void it_counts_what_it_does(void **state)
{
    (void)state;
    struct world world;
    struct task first, late, refused;
    world_open(&world);
    AUTO(metrics) struct metrics *metrics = metrics_new(NULL);
    AUTO(lane) struct lane *lane = open_lane(&world, metrics, 1, 2, 8);

    occupy(lane, &world, &first);
    push(lane, &world, &late);
    assert_shown(metrics, "lane_depth{lane=\"test\"} 1\n");
    assert_true(lane_reserve(lane));
    assert_shown(metrics, "lane_depth{lane=\"test\"} 2\n");
    assert_false(lane_reserve(lane));
    assert_shown(metrics, "lane_shed_total{lane=\"test\"} 1\n");
    lane_release(lane);
    atomic_fetch_add(&now_ms, DEADLINE_MS);
    lane_expire(lane);
    assert_shown(metrics, "lane_shed_total{lane=\"test\"} 2\n");
    push(lane, &world, &refused);
    lane_refuse(lane);
    assert_shown(metrics, "lane_shed_total{lane=\"test\"} 3\n");
    assert_shown(metrics, "lane_depth{lane=\"test\"} 0\n");
    assert_shown(metrics, "lane_batch_size_count{lane=\"test\"} 1\n");
    gate_set(&world, false);
}

enum {
    PRODUCERS = 4,
    PUSHES = 3000, /* by each; under TSan still under a second */
};

/* Shared by the producers and the lane of the next test. */
struct crowd {
    struct lane *lane;
    atomic_bool refusing;
    atomic_uint running, finished, ended[3], twice;
};

struct pebble {
    struct job job;
    struct crowd *crowd;
    atomic_uint ends;
};

static void crowd_work(void *context, struct job *const jobs[], size_t count)
{
    struct crowd *crowd = context;
    for (size_t i = 0; i < count; i++)
        atomic_fetch_add(&crowd->running, jobs[i] != NULL);
}

static void pebble_finish(struct job *job, enum job_end end)
{
    struct pebble *pebble = (struct pebble *)job;
    struct crowd *crowd = pebble->crowd;

    if (atomic_fetch_add(&pebble->ends, 1) > 0)
        atomic_fetch_add(&crowd->twice, 1);
    atomic_fetch_add(&crowd->ended[end], 1);
    atomic_fetch_add(&crowd->finished, 1);
}

struct producer {
    struct crowd *crowd;
    struct pebble *pebbles;
    size_t pushed;
    pthread_t thread;
};

/* Insists while the lane is only full. */
static bool reserve(struct crowd *crowd)
{
    while (!lane_reserve(crowd->lane)) {
        if (atomic_load(&crowd->refusing))
            return false;
        sched_yield();
    }
    return true;
}

static void *produce(void *argument)
{
    struct producer *producer = argument;
    struct crowd *crowd = producer->crowd;

    for (size_t i = 0; i < PUSHES && reserve(crowd); i++) {
        if (i % 7 == 0) {
            lane_release(crowd->lane);
            continue;
        }
        struct pebble *pebble = &producer->pebbles[producer->pushed++];
        pebble->job.finish = pebble_finish;
        pebble->crowd = crowd;
        lane_push(crowd->lane, &pebble->job);
        if (i % 64 == 0) {
            atomic_fetch_add(&now_ms, DEADLINE_MS / 4);
            lane_expire(crowd->lane);
        }
    }
    return NULL;
}

static void producers_start(struct producer producers[PRODUCERS], struct crowd *crowd)
{
    for (size_t i = 0; i < PRODUCERS; i++) {
        producers[i] = (struct producer){ .crowd = crowd };
        producers[i].pebbles = calloc(PUSHES, sizeof(struct pebble));
        assert_non_null(producers[i].pebbles);
        assert_int_equal(pthread_create(&producers[i].thread, NULL, produce, &producers[i]), 0);
    }
}

static const struct ending {
    const char *name;
    bool refuse; /* in the midst of it */
} endings[] = {
    { "each job ends once, lane closed", false },
    { "each job ends once, lane refusing midway", true },
};

static void each_job_ends_once(void **state)
{
    const struct ending *ending = *state;
    const struct lane_options options = {
        .name = "crowd", .threads = 3, .queue_max = 128, .batch_max = 16, .deadline_ms = DEADLINE_MS
    };
    struct crowd crowd = { 0 };
    struct producer producers[PRODUCERS];
    size_t pushed = 0;

    crowd.lane = lane_open(&options, &turned_clock, NULL, crowd_work, &crowd, NULL);
    assert_non_null(crowd.lane);
    producers_start(producers, &crowd);
    if (ending->refuse) {
        while (atomic_load(&crowd.finished) < PUSHES / 10)
            sched_yield();
        lane_refuse(crowd.lane);
        atomic_store(&crowd.refusing, true);
    }
    for (size_t i = 0; i < PRODUCERS; i++) {
        pthread_join(producers[i].thread, NULL);
        pushed += producers[i].pushed;
    }
    lane_close(crowd.lane);
    for (size_t i = 0; i < PRODUCERS; i++)
        free(producers[i].pebbles);

    size_t all =
        (size_t)PRODUCERS * (PUSHES - (PUSHES + 6) / 7); /* every seventh place is given back */
    assert_true(ending->refuse ? pushed >= PUSHES / 10 : pushed == all);
    assert_int_equal(crowd.finished, pushed);
    assert_int_equal(crowd.twice, 0);
    assert_int_equal(crowd.running, crowd.ended[JOB_RAN]);
    if (!ending->refuse)
        assert_int_equal(crowd.ended[JOB_REFUSED], 0);
}

static void each_failed_allocation_is_told(void **state)
{
    (void)state;
    const struct lane_options options = {
        .name = "oom", .threads = 3, .queue_max = 8, .batch_max = 8, .deadline_ms = DEADLINE_MS
    };
    struct world world;
    world_open(&world);

    for (unsigned n = 1;; n++) {
        struct error err = { 0 };
        AUTO(metrics) struct metrics *metrics = metrics_new(NULL);
        oom_fail_at(n);
        AUTO(lane)
        struct lane *lane = lane_open(&options, &turned_clock, metrics, work, &world, &err);
        if (!oom_stop()) {
            assert_non_null(lane);
            assert_true(n > 5 + 9); /* the lane, a batch for each worker, three metrics */
            return;
        }
        assert_null(lane);
        assert_int_equal(err.code, ERR_NO_MEMORY);
    }
}

/* No address space holds a stack of 64 TiB: the kernel refuses the thread. */
static void a_refused_thread_is_told(void **state)
{
    (void)state;
    const struct lane_options options = {
        .name = "none", .threads = 3, .queue_max = 8, .batch_max = 8, .deadline_ms = DEADLINE_MS
    };
    struct world world;
    struct error err = { 0 };
    pthread_attr_t before, huge;

    world_open(&world);
    assert_int_equal(pthread_getattr_default_np(&before), 0);
    assert_int_equal(pthread_getattr_default_np(&huge), 0);
    assert_int_equal(pthread_attr_setstacksize(&huge, (size_t)1 << 46), 0);
    assert_int_equal(pthread_setattr_default_np(&huge), 0);
    struct lane *lane = lane_open(&options, &turned_clock, NULL, work, &world, &err);
    assert_int_equal(pthread_setattr_default_np(&before), 0);

    assert_null(lane);
    assert_int_equal(err.code, ERR_SYSTEM);
    assert_int_equal(err.cause, EAGAIN);
    pthread_attr_destroy(&huge);
    pthread_attr_destroy(&before);
}

static void nothing_to_close_is_fine(void **state)
{
    (void)state;
    lane_close(NULL);
}

int main(void)
{
    struct tests tests = { 0 };
    ADD_TEST(&tests, a_lone_job_waits_for_nobody);
    ADD_TEST(&tests, a_batch_takes_what_is_queued);
    ADD_TEST(&tests, places_are_bounded);
    ADD_TEST(&tests, who_would_wait_too_long_gets_no_place);
    ADD_TEST(&tests, two_threads_are_twice_as_fast);
    ADD_TEST(&tests, whom_an_idle_thread_takes_waits_for_nobody);
    ADD_ROWS(&tests, a_wait_is_predicted_by_what_jobs_took, paces);
    ADD_TEST(&tests, what_is_late_is_finished_by_expire);
    ADD_TEST(&tests, what_is_late_is_never_run);
    ADD_TEST(&tests, a_queue_of_late_ones_is_no_batch);
    ADD_TEST(&tests, refused_ones_are_finished_at_once);
    ADD_TEST(&tests, close_works_off_the_queue);
    ADD_TEST(&tests, close_waits_for_places);
    ADD_TEST(&tests, workers_are_nice_and_deaf);
    ADD_TEST(&tests, it_counts_what_it_does);
    ADD_ROWS(&tests, each_job_ends_once, endings);
    ADD_TEST(&tests, each_failed_allocation_is_told);
    ADD_TEST(&tests, a_refused_thread_is_told);
    ADD_TEST(&tests, nothing_to_close_is_fine);
    return tests_run("lane", &tests);
}
