/* Environment -> struct, by the rows of a table. Faults are collected, not thrown: an operator
 * sees all that is wrong in one go. */
#include "base/settings.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/settings_source.h"

enum { SHOWN_BYTES_MAX = 40 }; /* of a wrong value: enough to recognise it */

/* A wrong value in a fault's line: short, and nothing that could break the line. */
static void show_value(struct buffer *faults, const char *value)
{
    for (size_t i = 0; value[i] && i < SHOWN_BYTES_MAX; i++)
        buffer_append(faults, isprint((unsigned char)value[i]) ? &value[i] : "?", 1);
    if (strlen(value) > SHOWN_BYTES_MAX)
        buffer_text(faults, "...");
}

static bool wrong_value(const struct setting *row, const char *value, const char *wanted,
                        struct buffer *faults)
{
    buffer_format(faults, "%s: \"", row->name);
    show_value(faults, value);
    buffer_format(faults, "\" is not %s\n", wanted);
    return false;
}

static bool take_text(const struct setting *row, char *value, void *member, struct buffer *faults)
{
    size_t length = strlen(value);

    if (length < row->min || length > row->max) {
        buffer_format(faults, "%s: must be %u to %u bytes long, but has %zu\n", row->name, row->min,
                      row->max, length);
        return false;
    }
    *(char **)member = value;
    return true;
}

static bool take_u32(const struct setting *row, const char *value, void *member,
                     struct buffer *faults)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(value, &end, 10);
    bool digits = isdigit((unsigned char)*value) && *end == '\0' && errno == 0;

    if (!digits || number < row->min || number > row->max) {
        char wanted[64];
        snprintf(wanted, sizeof wanted, "a number from %u to %u", row->min, row->max);
        return wrong_value(row, value, wanted, faults);
    }
    *(uint32_t *)member = (uint32_t)number;
    return true;
}

/* The index of `value` in "debug|info|warn"; -1 when it is not there. */
static int choice_index(const char *choices, const char *value)
{
    size_t length = strlen(value);

    for (int index = 0;; index++) {
        size_t choice_length = strcspn(choices, "|");
        if (choice_length == length && memcmp(choices, value, length) == 0)
            return index;
        if (choices[choice_length] == '\0')
            return -1;
        choices += choice_length + 1;
    }
}

static bool take_choice(const struct setting *row, const char *value, void *member,
                        struct buffer *faults)
{
    int index = choice_index(row->choices, value);
    if (index < 0) {
        AUTO(buffer) struct buffer wanted = { 0 };
        buffer_format(&wanted, "one of %s", row->choices);
        return wrong_value(row, value, wanted.failed ? "a choice" : wanted.data, faults);
    }
    *(int *)member = index;
    return true;
}

static bool take_switch(const struct setting *row, const char *value, void *member,
                        struct buffer *faults)
{
    int index = choice_index("false|true", value);
    if (index < 0)
        return wrong_value(row, value, "true or false", faults);
    *(bool *)member = index == 1;
    return true;
}

/* Checks `value` and stores it. Only texts keep the pointer itself. */
static bool take_value(const struct setting *row, char *value, void *member, struct buffer *faults)
{
    switch (row->kind) {
    case SETTING_KIND_TEXT:
    case SETTING_KIND_SECRET:
        return take_text(row, value, member, faults);
    case SETTING_KIND_U32:
        return take_u32(row, value, member, faults);
    case SETTING_KIND_SWITCH:
        return take_switch(row, value, member, faults);
    case SETTING_KIND_CHOICE:
        return take_choice(row, value, member, faults);
    }
    abort(); /* a row's kind is one of the enum */
}

static bool is_text(const struct setting *row)
{
    return row->kind == SETTING_KIND_TEXT || row->kind == SETTING_KIND_SECRET;
}

static bool is_optional(const struct setting *row)
{
    return row->fallback && strcmp(row->fallback, OPTIONAL) == 0;
}

static bool load_row(const struct setting *row, const char *const *environment, void *target,
                     struct buffer *faults)
{
    AUTO(setting_value) char *value = NULL;

    if (!setting_value_read(environment, row->name, &value, faults))
        return false;
    if (!value && is_optional(row)) {
        assert(is_text(row));
        return true;
    }
    if (!value && row->fallback == REQUIRED) {
        buffer_format(faults, "%s: must be given (%s)\n", row->name, row->reason);
        return false;
    }
    if (!value && !(value = strdup(row->fallback))) {
        buffer_format(faults, "%s: no memory\n", row->name);
        return false;
    }

    bool taken = take_value(row, value, (char *)target + row->offset, faults);
    if (taken && is_text(row))
        value = NULL; /* the target owns it now */
    return taken;
}

bool settings_load(const struct settings *settings, const char *const *environment, void *target,
                   struct buffer *faults)
{
    size_t before = faults->length;
    bool good = true;

    for (size_t i = 0; i < settings->count; i++)
        good &= load_row(&settings->rows[i], environment, target, faults);
    if (settings->check)
        settings->check(target, faults);
    return good && faults->length == before && !faults->failed;
}

bool settings_is_told(const struct buffer *faults, const char *name)
{
    const size_t length = strlen(name);
    const char *line = faults->data;

    while (line && strncmp(line, name, length) != 0) {
        line = strchr(line, '\n');
        line = line ? line + 1 : NULL;
    }
    return line != NULL;
}

void settings_free(const struct settings *settings, void *target)
{
    for (size_t i = 0; i < settings->count; i++) {
        const struct setting *row = &settings->rows[i];
        if (!is_text(row))
            continue;
        char **member = (char **)((char *)target + row->offset);
        AUTO(setting_value) char *value = STEAL(*member);
        (void)value;
    }
}
