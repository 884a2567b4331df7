/* Kill, hold, fault and offset by name; empty outside test builds. */
#include "base/test_point.h"

#ifdef TEST_POINTS
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* True at the n-th passing of the point that the variable names. */
static bool reached(const char *variable, const char *name, atomic_uint *passed)
{
    const char *wanted = getenv(variable);
    size_t length = strlen(name);

    if (!wanted || strncmp(wanted, name, length) != 0)
        return false;
    if (wanted[length] != '\0' && wanted[length] != ':')
        return false;

    unsigned long turn = wanted[length] ? strtoul(wanted + length + 1, NULL, 10) : 1;
    return atomic_fetch_add(passed, 1) + 1 == turn;
}

void test_point(const char *name)
{
    static atomic_uint kill_passed, hold_passed;

    if (reached("TEST_KILL_AT", name, &kill_passed))
        kill(getpid(), SIGKILL);
    if (reached("TEST_HOLD_AT", name, &hold_passed))
        for (;;)
            pause();
}

bool test_fault(const char *name)
{
    const char *planted = getenv("TEST_FAULT");
    return planted && strcmp(planted, name) == 0;
}

int64_t test_offset_ms(const char *variable)
{
    const char *text = getenv(variable);
    return text ? strtoll(text, NULL, 10) : 0;
}
#else
typedef int nothing_here; /* ISO C wants a declaration in every file */
#endif
