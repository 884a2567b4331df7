#include "base/backoff.h"

int64_t backoff_ms(const struct random *random, uint32_t doublings, int64_t min_ms, int64_t max_ms)
{
    int64_t pause = min_ms;

    while (doublings-- > 0 && pause < max_ms)
        pause *= 2;
    if (pause > max_ms)
        pause = max_ms;
    return pause / 2 + random_below(random, (uint32_t)(pause / 2) + 1);
}
