/* How a failure travels. No allocation here: it must be able to report that there is no memory. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const names[] = {
    [ERR_NONE] = "none",
    [ERR_NO_MEMORY] = "no memory",
    [ERR_SYSTEM] = "system",
    [ERR_CONFIG] = "configuration",
    [ERR_BUSY] = "busy",
    [ERR_UNAVAILABLE] = "unavailable",
    [ERR_UNKNOWN] = "outcome unknown",
    [ERR_BUG] = "bug",
};

bool error_set(struct error *err, enum err code, int cause, const char *format, ...)
{
    if (!err)
        return false;

    err->code = code;
    err->cause = cause;

    va_list arguments;
    va_start(arguments, format);
    vsnprintf(err->detail, sizeof err->detail, format, arguments);
    va_end(arguments);
    return false;
}

const char *error_name(enum err code)
{
    return names[code];
}
