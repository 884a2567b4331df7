/* Watches jansson's allocations: see the header for why. */
#include "json/memory.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/auto.h"

static _Thread_local bool failed;
static _Thread_local void *reserve;

static void *watched_malloc(size_t size)
{
    void *memory = malloc(size);
    if (memory)
        return memory;

    failed = true;
    if (!reserve)
        return NULL;
    free(STEAL(reserve));
    return malloc(size);
}

/* Before main(), since the setting is global and threads that use jansson would race with it. */
__attribute__((constructor)) static void install(void)
{
    json_set_alloc_funcs(watched_malloc, free);
}

void json_memory_watch(void)
{
    failed = false;
}

bool json_memory_failed(void)
{
    return failed;
}

bool json_memory_reserve(size_t bytes)
{
    reserve = malloc(bytes);
    return reserve;
}

void json_memory_release(void)
{
    free(STEAL(reserve));
}
