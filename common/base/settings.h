/* Settings: each declared once, in a row of a table; parsing, range, --help and docs come from it.
 *
 *     static const struct setting table[] = {
 *         SETTING_U32("PORT", struct config, port, "8082", 1, 65535, "the service's own port"),
 *         SETTING_SECRET("JWT_SECRET", struct config, jwt_secret, OPTIONAL, 32, 4096,
 *                        "signs tokens"),
 *     };
 *
 * NAME_FILE=path gives the value of NAME from a file (a mounted secret): its content without one
 * trailing newline. Both given: a fault. Empty counts as not given, and so does what Kubernetes
 * injects for a Service (ADMIN_PORT=tcp://10.0.0.1:80). */
#ifndef BASE_SETTINGS_H
#define BASE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buffer.h"
#include "base/error.h"

enum setting_kind {
    SETTING_KIND_TEXT,   /* char *, owned by the target; NULL when optional and not given */
    SETTING_KIND_SECRET, /* the same, never shown, wiped when freed */
    SETTING_KIND_U32,    /* uint32_t in min..max */
    SETTING_KIND_SWITCH, /* bool: true or false */
    SETTING_KIND_CHOICE, /* int: index into `choices`, "debug|info|warn|error" */
};

/* In place of a default value. */
#define REQUIRED NULL
#define OPTIONAL "\001"

struct setting {
    const char *name;
    enum setting_kind kind;
    size_t offset;        /* of the member in the target struct */
    const char *fallback; /* default as text; REQUIRED; OPTIONAL (TEXT and SECRET only) */
    uint32_t min, max;    /* U32: the value; TEXT and SECRET: the length in bytes */
    const char *choices;
    const char *reason; /* for --help: what for, and why this default */
};

#define SETTING_TEXT(name, type, member, fallback, min, max, reason)                               \
    {                                                                                              \
        name, SETTING_KIND_TEXT, offsetof(type, member), fallback, min, max, NULL, reason          \
    }
#define SETTING_SECRET(name, type, member, fallback, min, max, reason)                             \
    {                                                                                              \
        name, SETTING_KIND_SECRET, offsetof(type, member), fallback, min, max, NULL, reason        \
    }
#define SETTING_U32(name, type, member, fallback, min, max, reason)                                \
    {                                                                                              \
        name, SETTING_KIND_U32, offsetof(type, member), fallback, min, max, NULL, reason           \
    }
#define SETTING_SWITCH(name, type, member, fallback, reason)                                       \
    {                                                                                              \
        name, SETTING_KIND_SWITCH, offsetof(type, member), fallback, 0, 0, NULL, reason            \
    }
#define SETTING_CHOICE(name, type, member, fallback, choices, reason)                              \
    {                                                                                              \
        name, SETTING_KIND_CHOICE, offsetof(type, member), fallback, 0, 0, choices, reason         \
    }

struct settings {
    const char *program; /* "order-svc" */
    const char *summary; /* for --help; of a mode: what it does */
    const struct setting *rows;
    size_t count;
    /* Checks what no single row can (one of two must be given, …): appends one readable line each,
     * ending in a newline, to `faults`. NULL: nothing to check. Runs even if rows had faults;
     * members of faulty rows are zero. */
    void (*check)(const void *target, struct buffer *faults);
    /* What else the program does, by an argument and with settings of its own; NULL: nothing. */
    const struct settings_mode *mode;
};

struct settings_mode {
    const char *argument; /* "--create-topic" */
    const struct settings *settings;
};

/* Reads every row from `environment` ("NAME=value", NULL-ended, as environ) into the zeroed
 * `target`. False: `faults` has one readable line for each thing wrong, all at once, never with a
 * secret in it. The target is to be freed either way. */
bool settings_load(const struct settings *settings, const char *const *environment, void *target,
                   struct buffer *faults) MUST_USE;

/* For a check: whether a line of `faults` is about this setting or its _FILE. Then the row reads as
 * not given, and needs no second line. */
bool settings_is_told(const struct buffer *faults, const char *name);

/* Frees and (secrets) wipes the target's texts. */
void settings_free(const struct settings *settings, void *target);

/* Negative results of settings_start(). */
enum { SETTINGS_GO_ON = -1, SETTINGS_MODE = -2 };

/* What main() begins with: --help and --version print and give exit code 0; --check-config prints
 * "configuration is good" (0) or every fault (2); an unknown argument is 2; without arguments bad
 * settings print every fault to stderr and give 2. SETTINGS_GO_ON: the target is loaded; otherwise
 * it holds nothing to free. SETTINGS_MODE: the mode was asked for, whose settings are not loaded.
 */
int settings_start(const struct settings *settings, int argc, char *const argv[],
                   const char *const *environment, void *target);

/* As settings_load(), but prints the faults to stderr, and then nothing is left to free. */
bool settings_load_or_complain(const struct settings *settings, const char *const *environment,
                               void *target) MUST_USE;

/* Calls `take` with "name" (without the prefix) and its value for each "PREFIXname=value" (also
 * PREFIXname_FILE, read), e.g. for settings that are passed through to a library. `faults` gets a
 * line for each that cannot be read; false then. */
bool settings_each_prefixed(const char *const *environment, const char *prefix,
                            void (*take)(void *context, const char *name, const char *value),
                            void *context, struct buffer *faults) MUST_USE;

#endif
