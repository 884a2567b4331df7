/* A lane bounds what one kind of work may cost: threads, queue, wait, batch.
 *
 * Life of a job: reserve a place -> push -> queued -> running -> finished. A worker takes what is
 * queued, up to batch_max, at once: no linger, a lone job waits for nobody. Every pushed job is
 * finished exactly once, by the worker that ran it or by whoever removed it from the queue. */
#ifndef LANE_LANE_H
#define LANE_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/auto.h"
#include "base/clock.h"
#include "base/error.h"
#include "obs/metrics.h"

struct lane_options {
    const char *name;    /* the metrics' label; borrowed for the lane's life */
    size_t threads;      /* > 0 */
    size_t queue_max;    /* jobs reserved or queued, not those running; > 0 */
    size_t batch_max;    /* jobs that one call of the work function gets; > 0 */
    int64_t deadline_ms; /* longest wait in the queue */
    int nice;            /* added to the threads' niceness: hashing gives way to orders */
    /* No place for whom the queue, by what jobs took lately, would keep waiting longer; 0: that is
     * not asked. `job_ms` is what a job takes until some were measured; > 0 where it is asked. */
    int64_t wait_max_ms, job_ms;
    bool costly; /* a job costs far more than the look whether anybody still waits for it */
};

enum job_end {
    JOB_RAN,     /* the work function had it */
    JOB_EXPIRED, /* its deadline came while it was queued: nothing was done */
    JOB_REFUSED, /* the lane closed while it was queued: nothing was done */
};

/* Part of the caller's own struct. The caller sets `finish`; the rest is the lane's. */
struct job {
    /* Called once, on a lane's thread (or that of lane_expire, lane_refuse, or lane_push on a lane
     * that refuses); may free the job, may use the lane. */
    void (*finish)(struct job *job, enum job_end end);
    struct job *next;
    int64_t deadline_at_ms;
};

/* Works on 1..batch_max jobs, in the order they were pushed. Runs on a lane's thread, may block.
 * The lane calls each job's finish(JOB_RAN) afterwards. */
typedef void lane_work(void *context, struct job *const jobs[], size_t count);

struct lane; /* any thread may use it */

/* Starts the threads. The caller owns the lane; `context` and `metrics` are borrowed until
 * lane_close(). NULL: ERR_NO_MEMORY, ERR_SYSTEM. Metrics: lane_depth, lane_shed_total (places not
 * given, jobs expired or refused), lane_batch_size; without `metrics` nothing is counted. */
struct lane *lane_open(const struct lane_options *options, const struct clock *clock,
                       struct metrics *metrics, lane_work *work, void *context, struct error *err)
    MUST_USE;

/* Takes a place in the queue; never blocks. False: full, too long a wait, or refusing; counted as
 * shed. A place is
 * then spent by lane_push() or given back by lane_release(). It comes before the connection is
 * suspended, so that a full lane is answered in the handler. */
bool lane_reserve(struct lane *lane) MUST_USE;
void lane_release(struct lane *lane);

/* Hands the job over on a reserved place; never fails, never blocks. */
void lane_push(struct lane *lane, struct job *job);

/* Finishes (JOB_EXPIRED) each queued job whose deadline has come. Somebody calls it regularly,
 * since all workers may be stuck in a slow store. */
void lane_expire(struct lane *lane);

/* From now on reserve fails and every queued job is finished with JOB_REFUSED; running jobs go on.
 */
void lane_refuse(struct lane *lane);

/* Jobs reserved or queued; running ones do not count. */
size_t lane_depth(struct lane *lane);

/* Works off the queue, refuses what is new, joins, frees. Waits for each reserved place to be
 * spent, so every pushed job is finished. NULL is fine. */
void lane_close(struct lane *lane);

AUTO_DEFINE(lane, struct lane *, lane_close);

#endif
