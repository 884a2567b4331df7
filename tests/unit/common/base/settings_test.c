/* Every kind of setting, every fault, all of them at once, and never a secret in what is said. */
#include "unit/support/tests.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/settings.h"
#include "unit/support/oom.h"

struct config {
    char *name, *note, *secret, *needed;
    uint32_t port, admin_port;
    bool enabled;
    int level;
};

static const struct setting rows[] = {
    SETTING_TEXT("NAME", struct config, name, "alpha", 1, 8, "a text with a default"),
    SETTING_TEXT("NOTE", struct config, note, OPTIONAL, 0, 8, "may be absent"),
    SETTING_SECRET("SECRET", struct config, secret, OPTIONAL, 8, 100000, "is never shown"),
    SETTING_SECRET("NEEDED", struct config, needed, REQUIRED, 1, 64, "must be there"),
    SETTING_U32("PORT", struct config, port, "8082", 1, 65535, "a number"),
    SETTING_U32("ADMIN_PORT", struct config, admin_port, "9082", 0, UINT32_MAX, "any number"),
    SETTING_SWITCH("ENABLED", struct config, enabled, "true", "on or off"),
    SETTING_CHOICE("LEVEL", struct config, level, "info", "debug|info|warn", "one of some"),
};

static const struct settings settings = {
    .program = "test-svc",
    .summary = "settings for a test",
    .rows = rows,
    .count = sizeof rows / sizeof rows[0],
};

struct loaded {
    struct config config;
    struct buffer faults;
    bool good;
};

static void auto_loaded(struct loaded *loaded)
{
    settings_free(&settings, &loaded->config);
    buffer_done(&loaded->faults);
}

/* With NEEDED given, and besides it up to three entries. */
static struct loaded load(const char *a, const char *b, const char *c)
{
    const char *const environment[] = { "NEEDED=n",
                                        a ? a : "X=", b ? b : "X=", c ? c : "X=", NULL };
    struct loaded loaded = { 0 };
    loaded.good = settings_load(&settings, environment, &loaded.config, &loaded.faults);
    return loaded;
}

static void defaults_are_taken(void **state)
{
    (void)state;
    AUTO(loaded) struct loaded l = load(NULL, NULL, NULL);

    assert_true(l.good);
    assert_int_equal(l.faults.length, 0);
    assert_string_equal(l.config.name, "alpha");
    assert_null(l.config.note);
    assert_null(l.config.secret);
    assert_string_equal(l.config.needed, "n");
    assert_int_equal(l.config.port, 8082);
    assert_int_equal(l.config.admin_port, 9082);
    assert_true(l.config.enabled);
    assert_int_equal(l.config.level, 1);
}

static void what_is_given_wins(void **state)
{
    (void)state;
    AUTO(loaded) struct loaded a = load("NAME=b=c", "PORT=65535", "ENABLED=false");
    AUTO(loaded) struct loaded b = load("LEVEL=warn", "SECRET=12345678", "ADMIN_PORT=4294967295");

    assert_true(a.good && b.good);
    assert_string_equal(a.config.name, "b=c");
    assert_int_equal(a.config.port, 65535);
    assert_false(a.config.enabled);
    assert_int_equal(b.config.level, 2);
    assert_string_equal(b.config.secret, "12345678");
    assert_true(b.config.admin_port == UINT32_MAX);
}

/* A longer or shorter name is another setting. */
static const struct ignored {
    const char *name, *entry;
} ignored[] = {
    { "empty is not given", "PORT=" },
    { "a longer name", "PORTS=1" },
    { "a prefix", "POR=1" },
    { "another case", "port=1" },
    { "no equals sign", "PORT" },
    { "an empty file name", "PORT_FILE=" },
    { "what Kubernetes injects", "ADMIN_PORT=tcp://10.0.0.1:80" },
    { "the same over UDP", "ADMIN_PORT=udp://10.0.0.1:53" },
};

static void it_is_as_if_not_given(void **state)
{
    const struct ignored *i = *state;
    AUTO(loaded) struct loaded l = load(i->entry, NULL, NULL);

    assert_true(l.good);
    assert_int_equal(l.config.port, 8082);
    assert_int_equal(l.config.admin_port, 9082);
}

static const struct fault {
    const char *name, *entry, *told;
} faults[] = {
    { "a text too long", "NAME=123456789", "NAME: must be 1 to 8 bytes long, but has 9\n" },
    { "a secret too short", "SECRET=hunter2",
      "SECRET: must be 8 to 100000 bytes long, but has 7\n" },
    { "no number", "PORT=abc", "PORT: \"abc\" is not a number from 1 to 65535\n" },
    { "below the range", "PORT=0", "PORT: \"0\" is not a number from 1 to 65535\n" },
    { "above the range", "PORT=65536", "PORT: \"65536\" is not a number from 1 to 65535\n" },
    { "negative", "PORT=-1", "PORT: \"-1\" is not a number from 1 to 65535\n" },
    { "a plus", "PORT=+1", "PORT: \"+1\" is not a number from 1 to 65535\n" },
    { "a blank before", "PORT= 1", "PORT: \" 1\" is not a number from 1 to 65535\n" },
    { "something after", "PORT=1s", "PORT: \"1s\" is not a number from 1 to 65535\n" },
    { "hexadecimal", "PORT=0x10", "PORT: \"0x10\" is not a number from 1 to 65535\n" },
    { "beyond 32 bits", "ADMIN_PORT=4294967296",
      "ADMIN_PORT: \"4294967296\" is not a number from 0 to 4294967295\n" },
    { "beyond 64 bits", "ADMIN_PORT=18446744073709551616",
      "ADMIN_PORT: \"18446744073709551616\" is not a number from 0 to 4294967295\n" },
    { "an address where none is injected", "PORT=tcp://10.0.0.1:80",
      "PORT: \"tcp://10.0.0.1:80\" is not a number from 1 to 65535\n" },
    { "a switch half turned", "ENABLED=yes", "ENABLED: \"yes\" is not true or false\n" },
    { "an unknown choice", "LEVEL=inf", "LEVEL: \"inf\" is not one of debug|info|warn\n" },
    { "two choices", "LEVEL=debug|info", "LEVEL: \"debug|info\" is not one of debug|info|warn\n" },
    { "a value that breaks the line", "LEVEL=a\nb\x1B[2J\xFF",
      "LEVEL: \"a?b?[2J?\" is not one of debug|info|warn\n" },
    { "a value too long to show", "PORT=123456789012345678901234567890123456789012345",
      "PORT: \"1234567890123456789012345678901234567890...\" is not a number from 1 to 65535\n" },
    { "a file that is not there", "SECRET_FILE=/nonexistent/hunter2",
      "SECRET_FILE: the file cannot be read: No such file or directory\n" },
    { "a file that is a folder", "SECRET_FILE=/",
      "SECRET_FILE: the file cannot be read: "
      "Is a directory\n" },
    { "a file without an end", "SECRET_FILE=/dev/zero",
      "SECRET_FILE: the file cannot be read: "
      "File too large\n" },
};

static void a_fault_is_one_readable_line(void **state)
{
    const struct fault *f = *state;
    AUTO(loaded) struct loaded l = load(f->entry, NULL, NULL);

    assert_false(l.good);
    assert_string_equal(l.faults.data, f->told);
    assert_null(strstr(l.faults.data, "hunter2"));
}

static void all_faults_come_at_once(void **state)
{
    (void)state;
    const char *const environment[] = { "NAME=too long a name", "PORT=x", "LEVEL=y", NULL };
    AUTO(loaded) struct loaded l = { 0 };

    assert_false(settings_load(&settings, environment, &l.config, &l.faults));
    assert_string_equal(l.faults.data, "NAME: must be 1 to 8 bytes long, but has 15\n"
                                       "NEEDED: must be given (must be there)\n"
                                       "PORT: \"x\" is not a number from 1 to 65535\n"
                                       "LEVEL: \"y\" is not one of debug|info|warn\n");
    assert_null(l.config.name); /* members of faulty rows are zero */
    assert_int_equal(l.config.port, 0);
    assert_int_equal(l.config.admin_port, 9082);
}

static void check_note(const void *target, struct buffer *lines)
{
    const struct config *config = target;
    if (!config->note)
        buffer_text(lines, "NOTE: one more rule\n");
}

static void a_check_adds_its_faults(void **state)
{
    (void)state;
    struct settings checked = settings;
    checked.check = check_note;
    const char *const bad[] = { "NEEDED=n", "PORT=x", NULL };
    const char *const good[] = { "NEEDED=n", "NOTE=x", NULL };
    AUTO(loaded) struct loaded a = { 0 }, b = { 0 };

    assert_false(settings_load(&checked, bad, &a.config, &a.faults));
    assert_non_null(strstr(a.faults.data, "PORT: "));
    assert_non_null(strstr(a.faults.data, "NOTE: one more rule\n"));
    assert_true(settings_load(&checked, good, &b.config, &b.faults));
}

static const struct file_case {
    const char *name, *bytes;
    size_t length;
    const char *value; /* NULL: a fault */
    const char *told;
} files[] = {
    { "without a newline", "12345678", 8, "12345678", NULL },
    { "one newline is dropped", "12345678\n", 9, "12345678", NULL },
    { "only one", "12345678\n\n", 10, "12345678\n", NULL },
    { "blanks are kept", " 123456 \n", 9, " 123456 ", NULL },
    { "too short", "hunter2\n", 8, NULL, "must be 8 to 100000 bytes long, but has 7\n" },
    { "empty", "", 0, NULL, "must be 8 to 100000 bytes long, but has 0\n" },
    { "only a newline", "\n", 1, NULL, "must be 8 to 100000 bytes long, but has 0\n" },
    { "a NUL in it", "hunter2\0hunter2", 15, NULL, "the file holds a NUL byte\n" },
};

/* A file of these bytes; `entry` becomes "<variable>=<its path>". */
static void file_make(const char *variable, const void *bytes, size_t length, char entry[128])
{
    int start = snprintf(entry, 128, "%s=settings-test-XXXXXX", variable) -
                (int)strlen("settings-test-XXXXXX");
    AUTO(fd) int fd = mkstemp(entry + start);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, length), length);
}

static void file_remove(const char *entry)
{
    unlink(strchr(entry, '=') + 1);
}

static void a_file_gives_the_value(void **state)
{
    const struct file_case *c = *state;
    char entry[128];

    file_make("SECRET_FILE", c->bytes, c->length, entry);
    AUTO(loaded) struct loaded l = load(entry, NULL, NULL);
    file_remove(entry);

    assert_int_equal(l.good, c->value != NULL);
    if (c->value) {
        assert_string_equal(l.config.secret, c->value);
    } else {
        assert_non_null(strstr(l.faults.data, c->told));
        assert_null(strstr(l.faults.data, "hunter2"));
    }
}

/* 64 KiB is the most that is read; one byte more is refused. */
static void a_file_has_a_limit(void **state)
{
    (void)state;
    enum { LIMIT = 64 * 1024 };
    static char bytes[LIMIT + 1];
    char fits[128], exceeds[128];

    memset(bytes, 'x', sizeof bytes);
    file_make("SECRET_FILE", bytes, LIMIT, fits);
    file_make("SECRET_FILE", bytes, LIMIT + 1, exceeds);
    AUTO(loaded) struct loaded a = load(fits, NULL, NULL);
    AUTO(loaded) struct loaded b = load(exceeds, NULL, NULL);
    file_remove(fits);
    file_remove(exceeds);

    assert_true(a.good);
    assert_int_equal(strlen(a.config.secret), LIMIT);
    assert_false(b.good);
    assert_string_equal(b.faults.data, "SECRET_FILE: the file cannot be read: File too large\n");
}

static void a_file_works_for_numbers_too(void **state)
{
    (void)state;
    char entry[128];

    file_make("PORT_FILE", "1234\n", 5, entry);
    AUTO(loaded) struct loaded l = load(entry, NULL, NULL);
    file_remove(entry);
    assert_true(l.good);
    assert_int_equal(l.config.port, 1234);
}

static void given_twice_is_a_fault(void **state)
{
    (void)state;
    AUTO(loaded) struct loaded l = load("SECRET=hunter2hunter2", "SECRET_FILE=/dev/null", NULL);

    assert_false(l.good);
    assert_string_equal(l.faults.data, "SECRET: given twice, also by SECRET_FILE\n");
}

static void each_failed_allocation_is_a_fault(void **state)
{
    (void)state;
    char file[128];

    file_make("SECRET_FILE", "12345678", 8, file);
    for (unsigned n = 1;; n++) {
        const char *const environment[] = { "NEEDED=n", "LEVEL=wrong?", file, NULL };
        AUTO(loaded) struct loaded l = { 0 };
        oom_fail_at(n);
        bool good = settings_load(&settings, environment, &l.config, &l.faults);
        bool failed = oom_stop();

        assert_false(good); /* LEVEL is wrong in any case */
        if (!failed) {
            assert_true(n > 9); /* a text for each row, the file's bytes, the faults */
            break;
        }
        assert_true(l.faults.failed || strstr(l.faults.data, "no memory") ||
                    strstr(l.faults.data, "a choice"));
    }
    file_remove(file);
}

struct seen {
    char text[256];
};

static void see(void *context, const char *name, const char *value)
{
    struct seen *seen = context;
    size_t length = strlen(seen->text);
    snprintf(seen->text + length, sizeof seen->text - length, "%s=%s;", name, value);
}

static void prefixed_ones_are_passed_on(void **state)
{
    (void)state;
    char file[128];
    file_make("KAFKA_SSL_KEY_FILE", "pem\n", 4, file);
    const char *const environment[] = { "KAFKA_SSL_CA=/ca", "KAFKA_SASL_USER=u", file,
                                        "KAFKA_SSL_EMPTY=", "XKAFKA_SSL_NO=1",   NULL };
    struct seen seen = { "" };
    AUTO(buffer) struct buffer lines = { 0 };

    assert_true(settings_each_prefixed(environment, "KAFKA_SSL_", see, &seen, &lines));
    file_remove(file);
    assert_string_equal(seen.text, "CA=/ca;KEY=pem;");
    assert_int_equal(lines.length, 0);
}

static void prefixed_ones_have_faults_too(void **state)
{
    (void)state;
    const char *const environment[] = { "P_A=hunter2", "P_A_FILE=/dev/null", "P_B_FILE=/nowhere",
                                        "P_C=c", NULL };
    struct seen seen = { "" };
    AUTO(buffer) struct buffer lines = { 0 };

    assert_false(settings_each_prefixed(environment, "P_", see, &seen, &lines));
    assert_string_equal(seen.text, "C=c;"); /* one fault does not hide the others */
    assert_string_equal(lines.data, "P_A: given twice, also by P_A_FILE\n"
                                    "P_B_FILE: the file cannot be read: "
                                    "No such file or directory\n");
}

static void prefixed_ones_need_memory(void **state)
{
    (void)state;
    const char *const environment[] = { "P_A=a", NULL };

    for (unsigned n = 1;; n++) {
        struct seen seen = { "" };
        AUTO(buffer) struct buffer lines = { 0 };
        oom_fail_at(n);
        bool good = settings_each_prefixed(environment, "P_", see, &seen, &lines);
        if (!oom_stop()) {
            assert_true(good && n > 2);
            assert_string_equal(seen.text, "A=a;");
            return;
        }
        assert_false(good);
        assert_string_equal(seen.text, "");
    }
}

int main(void)
{
    struct tests tests = { 0 };
    ADD_TEST(&tests, defaults_are_taken);
    ADD_TEST(&tests, what_is_given_wins);
    ADD_ROWS(&tests, it_is_as_if_not_given, ignored);
    ADD_ROWS(&tests, a_fault_is_one_readable_line, faults);
    ADD_TEST(&tests, all_faults_come_at_once);
    ADD_TEST(&tests, a_check_adds_its_faults);
    ADD_ROWS(&tests, a_file_gives_the_value, files);
    ADD_TEST(&tests, a_file_has_a_limit);
    ADD_TEST(&tests, a_file_works_for_numbers_too);
    ADD_TEST(&tests, given_twice_is_a_fault);
    ADD_TEST(&tests, each_failed_allocation_is_a_fault);
    ADD_TEST(&tests, prefixed_ones_are_passed_on);
    ADD_TEST(&tests, prefixed_ones_have_faults_too);
    ADD_TEST(&tests, prefixed_ones_need_memory);
    return tests_run("settings", &tests);
}
