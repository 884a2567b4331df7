/* A local that releases itself: acquire and release stand on one line, any return is safe.
 *
 *     AUTO(file) FILE *file = fopen(path, "re");
 *
 * Initialise where you declare. STEAL hands the value on: the local is NULL afterwards. */
#ifndef BASE_AUTO_H
#define BASE_AUTO_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define AUTO(kind) __attribute__((cleanup(auto_##kind)))

/* Makes AUTO(kind) for a pointer type; `release` is not called on NULL. */
#define AUTO_DEFINE(kind, type, release)                                                           \
    static inline void auto_##kind(type *local)                                                    \
    {                                                                                              \
        if (*local)                                                                                \
            release(*local);                                                                       \
    }                                                                                              \
    _Static_assert(1, "takes the semicolon")

#define STEAL(pointer)                                                                             \
    __extension__({                                                                                \
        __typeof__(pointer) stolen_ = (pointer);                                                   \
        (pointer) = NULL;                                                                          \
        stolen_;                                                                                   \
    })

/* AUTO(memory): any pointer from malloc, whatever its type. */
static inline void auto_memory(void *local)
{
    free(*(void **)local);
}

AUTO_DEFINE(file, FILE *, fclose);

/* AUTO(fd): a descriptor, -1 when there is none. */
static inline void auto_fd(const int *local)
{
    if (*local >= 0)
        close(*local);
}

AUTO_DEFINE(unlock, pthread_mutex_t *, pthread_mutex_unlock);

/* LOCKED(&mutex); holds it until the end of the block. */
#define LOCKED(mutex)                                                                              \
    AUTO(unlock) __attribute__((unused)) pthread_mutex_t *locked_ = lock_taken_(mutex)

static inline pthread_mutex_t *lock_taken_(pthread_mutex_t *mutex)
{
    pthread_mutex_lock(mutex);
    return mutex;
}

#endif
