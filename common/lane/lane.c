/* One mutex, one condition, one queue in the order of pushing, which is also the order of
 * deadlines. Whoever takes jobs off the queue finishes them, outside the mutex. */
#include "lane/lane.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* A job counts as at most so many times what was expected of it. What holds one up is often not the
 * work but a store that stalls: after ten such jobs, however slow, the mean has grown threefold and
 * no more, while a slowness that lasts is learnt tenfold in twenty. */
enum { SURPRISE_MAX = 2 };

/* A list of jobs; zeroed it is the empty one. */
struct queue {
    struct job *first, *last;
    size_t count;
};

struct lane {
    struct lane_options options;
    const struct clock *clock;
    lane_work *work;
    void *context;

    pthread_mutex_t mutex; /* guards what follows, down to `closing` */
    pthread_cond_t wake;   /* a job was queued, or the lane's end came nearer */
    struct queue queue;
    size_t reserved; /* places taken and not yet spent */
    size_t busy;     /* threads that run a batch */
    int64_t job_us;  /* what one takes: a mean of which the last ones are most */
    bool refusing;   /* no new places; what is pushed on an old one is refused */
    bool closing;    /* no new places; workers leave when nothing can come any more */

    struct gauge *depth;
    struct counter *shed;
    struct histogram *batch_size;

    struct worker *workers;
    size_t started;
};

struct worker {
    struct lane *lane;
    pthread_t thread;
    struct job **batch; /* room for batch_max */
};

/* What one worker took: `batch` is to be run, `expired` is too late. */
struct taken {
    struct job **batch;
    size_t count;
    struct queue expired;
};

static void queue_add(struct queue *queue, struct job *job)
{
    job->next = NULL;
    if (queue->last)
        queue->last->next = job;
    else
        queue->first = job;
    queue->last = job;
    queue->count++;
}

static struct job *queue_take(struct queue *queue)
{
    struct job *job = queue->first;
    queue->first = job->next;
    if (!queue->first)
        queue->last = NULL;
    queue->count--;
    return job;
}

/* Not under the mutex: a job's finish() may use the lane, and may free the job. */
static void finish_unrun(struct lane *lane, struct queue *jobs, enum job_end end)
{
    counter_add(lane->shed, jobs->count);
    while (jobs->first) {
        struct job *job = queue_take(jobs);
        job->finish(job, end);
    }
}

static size_t depth(const struct lane *lane)
{
    return lane->reserved + lane->queue.count;
}

/* Under the mutex, so that the gauge's last value is the last depth. */
static void show_depth(struct lane *lane)
{
    gauge_set(lane->depth, (double)depth(lane));
}

static void take_expired(struct lane *lane, int64_t now_ms, struct queue *expired)
{
    while (lane->queue.first && lane->queue.first->deadline_at_ms <= now_ms)
        queue_add(expired, queue_take(&lane->queue));
}

/* Waits for jobs. False: none is there and none can come any more. */
static bool take_jobs(struct lane *lane, struct taken *taken)
{
    LOCKED(&lane->mutex);

    /* A reserved place will be spent: as long as there is one, a job may still come. */
    while (!lane->queue.first && !(lane->closing && lane->reserved == 0))
        pthread_cond_wait(&lane->wake, &lane->mutex);

    take_expired(lane, clock_monotonic_ms(lane->clock), &taken->expired);
    while (lane->queue.first && taken->count < lane->options.batch_max)
        taken->batch[taken->count++] = queue_take(&lane->queue);
    lane->busy += taken->count > 0;
    show_depth(lane);
    return taken->expired.count > 0 || taken->count > 0;
}

/* Each measurement counts for an eighth. `job_ms` keeps a mean that fell to nothing from staying
 * there. */
static void learn(struct lane *lane, int64_t batch_ms, size_t count)
{
    LOCKED(&lane->mutex);
    const int64_t usual_us = lane->options.job_ms * 1000;
    const int64_t most_us = SURPRISE_MAX * (lane->job_us > usual_us ? lane->job_us : usual_us);
    const int64_t took_us = batch_ms * 1000 / (int64_t)count;

    lane->job_us += ((took_us < most_us ? took_us : most_us) - lane->job_us) / 8;
    lane->busy--;
}

static void run_batch(struct lane *lane, const struct taken *taken)
{
    const int64_t began_ms = clock_monotonic_ms(lane->clock);

    histogram_observe(lane->batch_size, (double)taken->count);
    lane->work(lane->context, taken->batch, taken->count);
    learn(lane, clock_monotonic_ms(lane->clock) - began_ms, taken->count);
    for (size_t i = 0; i < taken->count; i++)
        taken->batch[i]->finish(taken->batch[i], JOB_RAN);
}

/* Linux gives each thread a niceness of its own. Raising it is always allowed; where a negative
 * `nice` is not, the thread stays as it is. */
static void add_niceness(int nice)
{
    id_t thread = (id_t)gettid();
    setpriority(PRIO_PROCESS, thread, getpriority(PRIO_PROCESS, thread) + nice);
}

static void *work_on(void *argument)
{
    struct worker *worker = argument;
    struct lane *lane = worker->lane;
    struct taken taken = { .batch = worker->batch };

    add_niceness(lane->options.nice);
    while (take_jobs(lane, &taken)) {
        finish_unrun(lane, &taken.expired, JOB_EXPIRED);
        if (taken.count > 0)
            run_batch(lane, &taken);
        taken.count = 0;
    }
    return NULL;
}

static bool make_metrics(struct lane *lane, struct metrics *metrics, struct error *err)
{
    static const double batch_bounds[] = { 1, 2, 4, 8, 16, 32, 64, 128, 256, 512 };
    char label[64];

    if (!metrics)
        return true;
    snprintf(label, sizeof label, "lane=\"%s\"", lane->options.name);
    lane->depth = metrics_gauge(metrics, "lane_depth", "Jobs reserved or queued.", label, err);
    lane->shed =
        metrics_counter(metrics, "lane_shed_total", "Jobs turned away undone.", label, err);
    lane->batch_size =
        metrics_histogram(metrics, "lane_batch_size", "Jobs done at once.", label, batch_bounds,
                          sizeof batch_bounds / sizeof *batch_bounds, err);
    return lane->depth && lane->shed && lane->batch_size;
}

static bool start_worker(struct lane *lane, struct worker *worker, struct error *err)
{
    worker->lane = lane;
    worker->batch = calloc(lane->options.batch_max, sizeof(struct job *));
    if (!worker->batch)
        return error_set(err, ERR_NO_MEMORY, 0, "lane %s", lane->options.name);

    int failure = pthread_create(&worker->thread, NULL, work_on, worker);
    if (failure)
        return error_set(err, ERR_SYSTEM, failure, "lane %s: no thread", lane->options.name);

    char name[16]; /* what the kernel keeps */
    snprintf(name, sizeof name, "%s", lane->options.name);
    pthread_setname_np(worker->thread, name);
    lane->started++;
    return true;
}

/* Signals are the main thread's: no worker is to be interrupted by one. */
static bool start_workers(struct lane *lane, struct error *err)
{
    sigset_t ours, before;
    bool good = true;

    sigemptyset(&ours);
    sigaddset(&ours, SIGINT);
    sigaddset(&ours, SIGTERM);
    sigaddset(&ours, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &ours, &before);
    for (size_t i = 0; good && i < lane->options.threads; i++)
        good = start_worker(lane, &lane->workers[i], err);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return good;
}

struct lane *lane_open(const struct lane_options *options, const struct clock *clock,
                       struct metrics *metrics, lane_work *work, void *context, struct error *err)
{
    assert(options->threads > 0 && options->queue_max > 0 && options->batch_max > 0);
    assert(options->wait_max_ms == 0 || options->job_ms > 0);

    struct lane *lane = calloc(1, sizeof *lane);
    struct worker *workers = calloc(options->threads, sizeof *workers);
    if (!lane || !workers) {
        free(lane);
        free(workers);
        error_set(err, ERR_NO_MEMORY, 0, "lane %s", options->name);
        return NULL;
    }
    *lane = (struct lane){
        .options = *options,
        .clock = clock,
        .work = work,
        .context = context,
        .mutex = PTHREAD_MUTEX_INITIALIZER,
        .wake = PTHREAD_COND_INITIALIZER,
        .job_us = options->job_ms * 1000,
        .workers = workers,
    };
    if (!make_metrics(lane, metrics, err) || !start_workers(lane, err)) {
        lane_close(lane);
        return NULL;
    }
    return lane;
}

/* Under the mutex. The closing lane's workers wait for the last place to be spent. */
static void spend_place(struct lane *lane)
{
    assert(lane->reserved > 0);
    lane->reserved--;
    if (lane->closing && lane->reserved == 0)
        pthread_cond_broadcast(&lane->wake);
}

/* Under the mutex. Those whom an idle thread is about to take keep nobody waiting. */
static bool waits_too_long(const struct lane *lane)
{
    const struct lane_options *options = &lane->options;
    const size_t idle = options->threads - lane->busy;
    const size_t ahead = depth(lane) > idle ? depth(lane) - idle : 0;
    const int64_t wait_us = (int64_t)ahead * lane->job_us / (int64_t)options->threads;

    return options->wait_max_ms > 0 && wait_us > options->wait_max_ms * 1000;
}

bool lane_reserve(struct lane *lane)
{
    LOCKED(&lane->mutex);
    if (lane->refusing || lane->closing || depth(lane) >= lane->options.queue_max ||
        waits_too_long(lane)) {
        counter_add(lane->shed, 1);
        return false;
    }
    lane->reserved++;
    show_depth(lane);
    return true;
}

void lane_release(struct lane *lane)
{
    LOCKED(&lane->mutex);
    spend_place(lane);
    show_depth(lane);
}

/* False: the lane refuses what is not yet running. */
static bool enqueue(struct lane *lane, struct job *job)
{
    LOCKED(&lane->mutex);
    spend_place(lane);
    if (!lane->refusing) {
        queue_add(&lane->queue, job);
        pthread_cond_signal(&lane->wake);
    }
    show_depth(lane);
    return !lane->refusing;
}

void lane_push(struct lane *lane, struct job *job)
{
    job->deadline_at_ms = clock_monotonic_ms(lane->clock) + lane->options.deadline_ms;
    if (enqueue(lane, job))
        return;

    counter_add(lane->shed, 1);
    job->finish(job, JOB_REFUSED);
}

void lane_expire(struct lane *lane)
{
    int64_t now_ms = clock_monotonic_ms(lane->clock);
    struct queue expired = { 0 };

    pthread_mutex_lock(&lane->mutex);
    take_expired(lane, now_ms, &expired);
    show_depth(lane);
    pthread_mutex_unlock(&lane->mutex);

    finish_unrun(lane, &expired, JOB_EXPIRED);
}

void lane_refuse(struct lane *lane)
{
    pthread_mutex_lock(&lane->mutex);
    struct queue refused = lane->queue;
    lane->queue = (struct queue){ 0 };
    lane->refusing = true;
    show_depth(lane);
    pthread_mutex_unlock(&lane->mutex);

    finish_unrun(lane, &refused, JOB_REFUSED);
}

size_t lane_depth(struct lane *lane)
{
    LOCKED(&lane->mutex);
    return depth(lane);
}

void lane_close(struct lane *lane)
{
    if (!lane)
        return;

    pthread_mutex_lock(&lane->mutex);
    lane->closing = true;
    pthread_cond_broadcast(&lane->wake);
    pthread_mutex_unlock(&lane->mutex);

    for (size_t i = 0; i < lane->started; i++)
        pthread_join(lane->workers[i].thread, NULL);
    for (size_t i = 0; i < lane->options.threads; i++)
        free(lane->workers[i].batch);
    free(lane->workers);
    pthread_cond_destroy(&lane->wake);
    pthread_mutex_destroy(&lane->mutex);
    free(lane);
}
