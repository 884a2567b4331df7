/* Sends SQLite's allocations through malloc as it is written here, so that oom.h can fail them. */
#ifndef UNIT_SUPPORT_SQLITE_MEMORY_H
#define UNIT_SUPPORT_SQLITE_MEMORY_H

#include <assert.h>
#include <malloc.h>
#include <sqlite3.h>
#include <stdlib.h>

static inline void *sqlite_memory_get(int size)
{
    return malloc((size_t)size);
}

static inline void *sqlite_memory_resize(void *memory, int size)
{
    return realloc(memory, (size_t)size);
}

static inline int sqlite_memory_size(void *memory)
{
    return (int)malloc_usable_size(memory);
}

static inline int sqlite_memory_round_up(int size)
{
    return (size + 7) & ~7; /* SQLite wants multiples of 8 */
}

static inline int sqlite_memory_start(void *context)
{
    (void)context;
    return SQLITE_OK;
}

static inline void sqlite_memory_stop(void *context)
{
    (void)context;
}

/* Before the first use of SQLite in the program. */
static inline void sqlite_memory_by_malloc(void)
{
    static const sqlite3_mem_methods methods = {
        .xMalloc = sqlite_memory_get,
        .xFree = free,
        .xRealloc = sqlite_memory_resize,
        .xSize = sqlite_memory_size,
        .xRoundup = sqlite_memory_round_up,
        .xInit = sqlite_memory_start,
        .xShutdown = sqlite_memory_stop,
    };

    int code = sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
    assert(code == SQLITE_OK);
    /* Else a connection may serve small pieces from a block of its own, which nothing here can
     * fail: Debian 13 builds SQLite with that, Debian 12 without. */
    code = sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
    assert(code == SQLITE_OK);
}

#endif
