/* The log: one JSON object a line on stderr, written whole, from any thread.
 *
 *     log_info("order store opened", LOG_TEXT("path", path), LOG_INT("version", 3));
 *     -> {"time":"2026-…Z","level":"info","service":"order-svc","event":"order store opened",
 *         "path":"…","version":3}
 *
 * Never a secret, never a client's body. Library code does not log; whoever handles an error does,
 * once. This is the one global: it holds the level and the service's name. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdint.h>
#include <stdbool.h>
#include "base/error.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* The choices of the setting LOG_LEVEL, in the order of the enum. */
#define LOG_LEVELS "debug|info|warn|error"

struct log_field {
    const char *name; /* NULL ends a list */
    const char *text; /* NULL: the number counts */
    int64_t number;
};

#define LOG_TEXT(name, value)                                                                      \
    {                                                                                              \
        (name), (value), 0                                                                         \
    }
#define LOG_INT(name, value)                                                                       \
    {                                                                                              \
        (name), NULL, (int64_t)(value)                                                             \
    }
#define LOG_END                                                                                    \
    {                                                                                              \
        NULL, NULL, 0                                                                              \
    }
/* What an error says; three fields. */
#define LOG_ERR(err)                                                                               \
    LOG_TEXT("error", error_name((err)->code)), LOG_INT("cause", (err)->cause),                    \
        LOG_TEXT("detail", (err)->detail)

/* Before the first line; `service` is borrowed. */
void log_open(const char *service, enum log_level level);

bool log_wants(enum log_level level);

void log_event(enum log_level level, const char *event, const struct log_field fields[]);

/* At least one field; LOG_END where there is none to tell. */
#define log_debug(event, ...)                                                                      \
    log_event(LOG_DEBUG, event, (const struct log_field[]){ __VA_ARGS__, LOG_END })
#define log_info(event, ...)                                                                       \
    log_event(LOG_INFO, event, (const struct log_field[]){ __VA_ARGS__, LOG_END })
#define log_warn(event, ...)                                                                       \
    log_event(LOG_WARN, event, (const struct log_field[]){ __VA_ARGS__, LOG_END })
#define log_error(event, ...)                                                                      \
    log_event(LOG_ERROR, event, (const struct log_field[]){ __VA_ARGS__, LOG_END })

#endif
