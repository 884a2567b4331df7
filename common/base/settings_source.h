/* Where a setting's value comes from: the environment, or a file that it names. For the settings'
 * own files only. */
#ifndef BASE_SETTINGS_SOURCE_H
#define BASE_SETTINGS_SOURCE_H

#include <stdbool.h>
#include "base/auto.h"
#include "base/buffer.h"
#include "base/error.h"

/* What was given for `name`, directly or by NAME_FILE, for the caller to free; NULL: not given.
 * False, `out` untouched: `faults` has a line that says why. */
bool setting_value_read(const char *const *environment, const char *name, char **out,
                        struct buffer *faults) MUST_USE;

/* Wipes and frees: a value may be a secret. */
void setting_value_free(char *value);
AUTO_DEFINE(setting_value, char *, setting_value_free);

#endif
