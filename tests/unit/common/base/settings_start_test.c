/* The arguments a service knows: what they print, where, and the exit code. */
#include "unit/support/tests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/settings.h"

struct config {
    char *secret;
    uint32_t port;
    bool enabled;
    int level;
};

static const struct setting rows[] = {
    SETTING_SECRET("SECRET", struct config, secret, REQUIRED, 8, 64, "signs"),
    SETTING_U32("PORT", struct config, port, "8082", 1, 65535, "our own port"),
    SETTING_SWITCH("ENABLED", struct config, enabled, "true", "on or off"),
    SETTING_CHOICE("LEVEL", struct config, level, "info", "debug|info", "how much is said"),
};

/* All that --help can be asked to show. */
static const struct setting odd_rows[] = {
    SETTING_SECRET("A", struct config, secret, "hunter2", 0, 64, "a secret with a default"),
    SETTING_TEXT("B", struct config, secret, OPTIONAL, 0, 9, "optional"),
};

static const struct settings settings = {
    .program = "test-svc",
    .summary = "for a test",
    .rows = rows,
    .count = 4,
};
static const struct settings odd_settings = {
    .program = "odd-svc",
    .summary = "for a test",
    .rows = odd_rows,
    .count = 2,
};

/* A program that can do something else too. */
static const struct settings other_settings = {
    .program = "two-svc",
    .summary = "does something else, and ends.",
    .rows = odd_rows,
    .count = 1,
};
static const struct settings_mode other = { "--do-else", &other_settings };
static const struct settings two_settings = {
    .program = "two-svc",
    .summary = "for a test",
    .rows = rows,
    .count = 1,
    .mode = &other,
};

/* What a start printed. */
struct started {
    int code;
    char out[4096], err[4096];
};

static void read_back(FILE *file, char text[4096])
{
    rewind(file);
    size_t length = fread(text, 1, 4095, file);
    text[length] = '\0';
}

static struct started start(const struct settings *which, char *const argv[],
                            const char *const *environment, struct config *config)
{
    struct started started = { 0 };
    AUTO(file) FILE *out = tmpfile();
    AUTO(file) FILE *err = tmpfile();
    AUTO(fd) int saved_out = dup(STDOUT_FILENO);
    AUTO(fd) int saved_err = dup(STDERR_FILENO);
    int argc = 0;

    while (argv[argc])
        argc++;
    fflush(stdout);
    dup2(fileno(out), STDOUT_FILENO);
    dup2(fileno(err), STDERR_FILENO);
    started.code = settings_start(which, argc, argv, environment, config);
    fflush(stdout);
    dup2(saved_out, STDOUT_FILENO);
    dup2(saved_err, STDERR_FILENO);
    read_back(out, started.out);
    read_back(err, started.err);
    return started;
}

static const char *const good[] = { "SECRET=hunter2hunter2", "PORT=99", NULL };
static const char *const bad[] = { "SECRET=hunter2", "PORT=x", NULL };

#define FAULTS                                                                                     \
    "test-svc: the configuration is not good:\n"                                                   \
    "SECRET: must be 8 to 64 bytes long, but has 7\n"                                              \
    "PORT: \"x\" is not a number from 1 to 65535\n"
#define USAGE "Usage: test-svc [--help | --version | --check-config]\n"

static const struct start_case {
    const char *name;
    const char *argument, *second;
    const char *const *environment;
    int code;
    const char *out, *err;
} starts[] = {
    { "good settings", NULL, NULL, good, -1, "", "" },
    { "bad settings", NULL, NULL, bad, 2, "", FAULTS },
    { "a good check", "--check-config", NULL, good, 0, "configuration is good\n", "" },
    { "a bad check", "--check-config", NULL, bad, 2, "", FAULTS },
    { "the version", "--version", NULL, bad, 0, "test-svc " PRODUCT_VERSION "\n", "" },
    { "an unknown argument", "--halp", NULL, good, 2, "", USAGE },
    { "an empty argument", "", NULL, good, 2, "", USAGE },
    { "two arguments", "--help", "--version", good, 2, "", USAGE },
};

static void a_start_prints_and_ends(void **state)
{
    const struct start_case *c = *state;
    char *const argv[] = { "test-svc", (char *)(uintptr_t)c->argument, (char *)(uintptr_t)c->second,
                           NULL };
    struct config config = { 0 };
    struct started started = start(&settings, argv, c->environment, &config);

    assert_int_equal(started.code, c->code);
    assert_string_equal(started.out, c->out);
    assert_string_equal(started.err, c->err);
    assert_int_equal(config.secret != NULL, c->code == -1); /* else nothing is left to free */
    settings_free(&settings, &config);
}

static void help_is_a_table(void **state)
{
    (void)state;
    char *const argv[] = { "test-svc", "--help", NULL };
    struct config config = { 0 };
    struct started started = start(&settings, argv, bad, &config);

    assert_int_equal(started.code, 0);
    assert_string_equal(
        started.out,
        "test-svc: for a test\n\n" USAGE "\n"
        "Settings come from the environment; NAME_FILE=path reads the value of NAME from a file.\n"
        "Empty counts as not given. Name, kind and range, default, reason:\n\n"
        "  SECRET   secret, 8..64 bytes  (required)  signs\n"
        "  PORT     number, 1..65535     8082        our own port\n"
        "  ENABLED  true|false           true        on or off\n"
        "  LEVEL    debug|info           info        how much is said\n");
    assert_string_equal(started.err, "");
}

static void help_shows_no_secret(void **state)
{
    (void)state;
    char *const argv[] = { "odd-svc", "--help", NULL };
    struct config config = { 0 };
    struct started started = start(&odd_settings, argv, good, &config);

    assert_null(strstr(started.out, "hunter2"));
    assert_non_null(strstr(started.out, "  A  secret, 0..64 bytes  (not shown)  a secret"));
    assert_non_null(strstr(started.out, "  B  text, 0..9 bytes     (optional)   optional"));
}

#define TWO_USAGE "Usage: two-svc [--help | --version | --check-config | --do-else]\n"

static void a_mode_is_asked_for(void **state)
{
    (void)state;
    char *const argv[] = { "two-svc", "--do-else", NULL };
    struct config config = { 0 };
    struct started started = start(&two_settings, argv, bad, &config);

    assert_int_equal(started.code, SETTINGS_MODE);
    assert_string_equal(started.out, "");
    assert_string_equal(started.err, "");
    assert_null(config.secret);

    started = start(&settings, argv, bad, &config); /* which has no mode */
    assert_int_equal(started.code, 2);
    assert_string_equal(started.err, USAGE);
}

static void help_tells_of_the_mode(void **state)
{
    (void)state;
    char *const argv[] = { "two-svc", "--help", NULL };
    struct config config = { 0 };
    struct started started = start(&two_settings, argv, bad, &config);

    assert_int_equal(started.code, 0);
    assert_non_null(strstr(started.out, TWO_USAGE));
    assert_non_null(strstr(started.out, "  SECRET  secret, 8..64 bytes  (required)  signs\n\n"
                                        "--do-else: does something else, and ends.\n"
                                        "Its settings:\n\n"
                                        "  A  secret, 0..64 bytes  (not shown)  a secret"));
}

int main(void)
{
    struct tests tests = { 0 };
    ADD_ROWS(&tests, a_start_prints_and_ends, starts);
    ADD_TEST(&tests, help_is_a_table);
    ADD_TEST(&tests, help_shows_no_secret);
    ADD_TEST(&tests, a_mode_is_asked_for);
    ADD_TEST(&tests, help_tells_of_the_mode);
    return tests_run("settings_start", &tests);
}
