#include "base/stopper.h"

#include <errno.h>
#include <time.h>
#include "base/clock.h"

enum { NS_PER_MS = 1000000, NS_PER_S = 1000000000 };

void stopper_init(struct stopper *stopper)
{
    sem_init(&stopper->told, 0, 0);
}

void stopper_done(struct stopper *stopper)
{
    sem_destroy(&stopper->told);
}

void stopper_tell(struct stopper *stopper)
{
    sem_post(&stopper->told);
}

/* By the monotonic clock: the other one may jump. */
static struct timespec after(int64_t ms)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / SECOND_MS;
    until.tv_nsec += (ms % SECOND_MS) * NS_PER_MS;
    if (until.tv_nsec >= NS_PER_S) {
        until.tv_sec++;
        until.tv_nsec -= NS_PER_S;
    }
    return until;
}

bool stopper_told_within(struct stopper *stopper, int64_t ms)
{
    const struct timespec until = after(ms);
    int rc;

    do
        rc = sem_clockwait(&stopper->told, CLOCK_MONOTONIC, &until);
    while (rc != 0 && errno == EINTR);
    if (rc == 0)
        stopper_tell(stopper); /* for whoever looks next */
    return rc == 0;
}
