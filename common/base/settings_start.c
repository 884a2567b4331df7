/* What main() begins with: the few arguments a service knows. */
#include "base/settings.h"

#include <stdio.h>
#include <string.h>

#include "base/auto.h"

enum {
    EXIT_GOOD = 0,
    EXIT_WRONG = 2,  /* bad settings or arguments: a restart does not help */
    CELL_BYTES = 80, /* a longer cell is cut */
};

struct cell {
    char text[CELL_BYTES];
};

/* A row of the table as --help shows it. */
struct help_line {
    struct cell kind, fallback;
};

static struct help_line describe(const struct setting *row)
{
    struct help_line line;
    char *kind = line.kind.text, *fallback = line.fallback.text;

    switch (row->kind) {
    case SETTING_KIND_TEXT:
        snprintf(kind, CELL_BYTES, "text, %u..%u bytes", row->min, row->max);
        break;
    case SETTING_KIND_SECRET:
        snprintf(kind, CELL_BYTES, "secret, %u..%u bytes", row->min, row->max);
        break;
    case SETTING_KIND_U32:
        snprintf(kind, CELL_BYTES, "number, %u..%u", row->min, row->max);
        break;
    case SETTING_KIND_SWITCH:
        snprintf(kind, CELL_BYTES, "true|false");
        break;
    case SETTING_KIND_CHOICE:
        snprintf(kind, CELL_BYTES, "%s", row->choices);
        break;
    }

    if (row->fallback == REQUIRED)
        snprintf(fallback, CELL_BYTES, "(required)");
    else if (strcmp(row->fallback, OPTIONAL) == 0)
        snprintf(fallback, CELL_BYTES, "(optional)");
    else if (row->kind == SETTING_KIND_SECRET)
        snprintf(fallback, CELL_BYTES, "(not shown)");
    else
        snprintf(fallback, CELL_BYTES, "%s", row->fallback);
    return line;
}

static void widen(int *width, const char *text)
{
    int length = (int)strlen(text);
    if (length > *width)
        *width = length;
}

static void print_rows(const struct settings *settings)
{
    int name_width = 0, kind_width = 0, fallback_width = 0;

    for (size_t i = 0; i < settings->count; i++) {
        struct help_line line = describe(&settings->rows[i]);
        widen(&name_width, settings->rows[i].name);
        widen(&kind_width, line.kind.text);
        widen(&fallback_width, line.fallback.text);
    }
    for (size_t i = 0; i < settings->count; i++) {
        struct help_line line = describe(&settings->rows[i]);
        printf("  %-*s  %-*s  %-*s  %s\n", name_width, settings->rows[i].name, kind_width,
               line.kind.text, fallback_width, line.fallback.text, settings->rows[i].reason);
    }
}

static void print_usage(const struct settings *settings, FILE *to)
{
    const struct settings_mode *mode = settings->mode;
    fprintf(to, "Usage: %s [--help | --version | --check-config%s%s]\n", settings->program,
            mode ? " | " : "", mode ? mode->argument : "");
}

static void print_help(const struct settings *settings)
{
    const struct settings_mode *mode = settings->mode;

    printf("%s: %s\n\n", settings->program, settings->summary);
    print_usage(settings, stdout);
    puts("\n"
         "Settings come from the environment; NAME_FILE=path reads the value of NAME from a file.\n"
         "Empty counts as not given. Name, kind and range, default, reason:\n");
    print_rows(settings);
    if (!mode)
        return;
    printf("\n%s: %s\nIts settings:\n\n", mode->argument, mode->settings->summary);
    print_rows(mode->settings);
}

bool settings_load_or_complain(const struct settings *settings, const char *const *environment,
                               void *target)
{
    AUTO(buffer) struct buffer faults = { 0 };

    if (settings_load(settings, environment, target, &faults))
        return true;
    settings_free(settings, target);
    fprintf(stderr, "%s: the configuration is not good:\n%s%s", settings->program,
            faults.data ? faults.data : "", faults.failed ? "no memory\n" : "");
    return false;
}

static int check_config(const struct settings *settings, const char *const *environment,
                        void *target)
{
    if (!settings_load_or_complain(settings, environment, target))
        return EXIT_WRONG;
    settings_free(settings, target);
    puts("configuration is good");
    return EXIT_GOOD;
}

int settings_start(const struct settings *settings, int argc, char *const argv[],
                   const char *const *environment, void *target)
{
    const char *argument = argc == 2 ? argv[1] : "";

    if (argc <= 1)
        return settings_load_or_complain(settings, environment, target) ? SETTINGS_GO_ON
                                                                        : EXIT_WRONG;
    if (strcmp(argument, "--check-config") == 0)
        return check_config(settings, environment, target);
    if (strcmp(argument, "--help") == 0) {
        print_help(settings);
        return EXIT_GOOD;
    }
    if (strcmp(argument, "--version") == 0) {
        printf("%s %s\n", settings->program, PRODUCT_VERSION);
        return EXIT_GOOD;
    }
    if (settings->mode && strcmp(argument, settings->mode->argument) == 0)
        return SETTINGS_MODE;
    print_usage(settings, stderr);
    return EXIT_WRONG;
}
