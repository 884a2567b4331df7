/* What a service knows of itself. Written by whoever knows, read by the admin listener. */
#ifndef OBS_HEALTH_H
#define OBS_HEALTH_H

#include <stdatomic.h>
#include <stdbool.h>

/* A later outage does not make a service unready (all replicas would leave together): it is
 * `degraded`. */
struct health {
    atomic_bool ready; /* settings and keys loaded, store reached and migrated once */
    atomic_bool draining;
    atomic_bool store_degraded; /* a call failed, and none has worked since */
    atomic_bool broker_degraded;
};

#endif
