/* Whatever is logged, the line is one JSON object, whole and short enough for a pipe. */
#include "unit/support/tests.h"

#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/log.h"

AUTO_DEFINE(json, json_t *, json_decref);

/* Catches stderr in a pipe. A whole line fits into one, so that nobody needs to read meanwhile. */
struct caught {
    int saved, reading;
    char text[2 * PIPE_BUF];
    size_t length;
};

static void catch_begin(struct caught *caught)
{
    int ends[2];

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    caught->saved = dup(STDERR_FILENO);
    caught->reading = ends[0];
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
}

static void catch_end(struct caught *caught)
{
    dup2(caught->saved, STDERR_FILENO); /* closes the pipe's writing end */
    close(caught->saved);
    caught->length = 0;
    for (ssize_t count = 1; count > 0; caught->length += (size_t)count) {
        size_t room = sizeof caught->text - 1 - caught->length;
        count = read(caught->reading, caught->text + caught->length, room);
        assert_true(count >= 0);
    }
    caught->text[caught->length] = '\0';
    close(caught->reading);
}

/* The line as an object; fails the test unless it is exactly one. */
static json_t *line_parse(const struct caught *caught)
{
    json_error_t error;

    assert_true(caught->length > 0 && caught->length <= PIPE_BUF);
    assert_ptr_equal(strchr(caught->text, '\n'), caught->text + caught->length - 1);
    json_t *object = json_loadb(caught->text, caught->length, JSON_REJECT_DUPLICATES, &error);
    if (!object)
        fail_msg("%s in %s", error.text, caught->text);
    return object;
}

static json_t *logged(const char *event, const struct log_field fields[])
{
    static struct caught caught;

    catch_begin(&caught);
    log_event(LOG_WARN, event, fields);
    catch_end(&caught);
    return line_parse(&caught);
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static void a_line_says_when_who_and_what(void **state)
{
    (void)state;
    const struct log_field fields[] = { LOG_TEXT("path", "/a"), LOG_INT("version", -3), LOG_END };
    int64_t before = clock_wall_ms(&system_clock), time_ms = 0;

    log_open("order-svc", LOG_INFO);
    AUTO(json) json_t *line = logged("store opened", fields);

    assert_string_equal(text_of(line, "level"), "warn");
    assert_string_equal(text_of(line, "service"), "order-svc");
    assert_string_equal(text_of(line, "event"), "store opened");
    assert_string_equal(text_of(line, "path"), "/a");
    assert_int_equal(json_integer_value(json_object_get(line, "version")), -3);
    assert_int_equal(json_object_size(line), 6);
    assert_true(date_parse(text_of(line, "time"), DATE_LENGTH, &time_ms));
    assert_true(time_ms >= before && time_ms < before + MINUTE_MS);
}

static const struct escaped {
    const char *name, *text, *shown; /* shown: as a JSON parser gives it back */
} escapes[] = {
    { "plain", "all is well", "all is well" },
    { "empty", "", "" },
    { "quotes and backslashes", "\"\\\"", "\"\\\"" },
    { "a forged line", "x\"}\n{\"level\":\"error", "x\"}\n{\"level\":\"error" },
    { "control characters", "\x01\x1F\t\r\n", "\x01\x1F\t\r\n" },
    { "DEL", "\x7F", "\x7F" },
    { "C1, a terminal's CSI", "\xC2\x9B", "\xC2\x9B" },
    { "two, three, four bytes", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80",
      "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80" },
    { "a lone continuation", "a\x80z", "a\xEF\xBF\xBDz" },
    { "a lead without its tail", "a\xC3z", "a\xEF\xBF\xBDz" },
    { "the end in a lead", "a\xE2\x82", "a\xEF\xBF\xBD\xEF\xBF\xBD" },
    { "overlong slash", "\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD" },
    { "overlong, three bytes", "\xE0\x80\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" },
    { "a surrogate", "\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" },
    { "the last character", "\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF" },
    { "past the last", "\xF4\x90\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" },
    { "no lead at all", "\xFF\xFE", "\xEF\xBF\xBD\xEF\xBF\xBD" },
};

static void text_survives_or_is_replaced(void **state)
{
    const struct escaped *e = *state;
    const struct log_field fields[] = { LOG_TEXT("text", e->text), LOG_INT("after", 1), LOG_END };
    AUTO(json) json_t *line = logged(e->text, fields);

    assert_string_equal(text_of(line, "text"), e->shown);
    assert_string_equal(text_of(line, "event"), e->shown);
    assert_true(json_is_integer(json_object_get(line, "after")));
}

/* Also for a reader without a JSON parser, such as a terminal. */
static void no_control_character_is_raw(void **state)
{
    (void)state;
    static struct caught caught;

    catch_begin(&caught);
    log_warn("event", LOG_TEXT("text", "\x1B[2J\x7F\xC2\x9B\n"));
    catch_end(&caught);
    assert_non_null(strstr(caught.text, "\\u001b[2J\\u007f\\u009b\\u000a"));
}

/* Every byte and every pair of bytes. */
static void no_bytes_break_a_line(void **state)
{
    (void)state;
    for (int first = 1; first < 256; first++)
        for (int second = 1; second < 256; second += first < 0xC0 ? 16 : 1) {
            const char text[] = { (char)first, (char)second, '\0' };
            const struct log_field fields[] = { LOG_TEXT("t", text), LOG_END };
            AUTO(json) json_t *line = logged("hostile", fields);
            assert_non_null(text_of(line, "t"));
        }
}

static const struct number {
    const char *name;
    int64_t value;
} numbers[] = {
    { "zero", 0 },
    { "lowest", INT64_MIN },
    { "highest", INT64_MAX },
};

static void a_number_is_exact(void **state)
{
    const struct number *n = *state;
    const struct log_field fields[] = { LOG_INT("number", n->value), LOG_END };
    AUTO(json) json_t *line = logged("number", fields);
    assert_true(json_integer_value(json_object_get(line, "number")) == n->value);
}

static void an_error_is_three_fields(void **state)
{
    (void)state;
    struct error err;
    error_set(&err, ERR_UNAVAILABLE, 42, "no primary");
    const struct log_field fields[] = { LOG_ERR(&err), LOG_END };
    AUTO(json) json_t *line = logged("lost", fields);

    assert_string_equal(text_of(line, "error"), "unavailable");
    assert_int_equal(json_integer_value(json_object_get(line, "cause")), 42);
    assert_string_equal(text_of(line, "detail"), "no primary");
}

static void assert_ends_with(const char *text, const char *end)
{
    assert_true(strlen(text) >= strlen(end));
    assert_string_equal(text + strlen(text) - strlen(end), end);
}

static void a_long_text_is_cut_visibly(void **state)
{
    (void)state;
    static char text[3000];
    memset(text, 'x', sizeof text - 1);
    const struct log_field fields[] = { LOG_TEXT("long", text), LOG_TEXT("after", "a"), LOG_END };
    AUTO(json) json_t *line = logged("long", fields);

    assert_ends_with(text_of(line, "long"), "x\xE2\x80\xA6");
    assert_in_range(strlen(text_of(line, "long")), 1000, 1100);
    assert_string_equal(text_of(line, "after"), "a"); /* it takes nothing from its neighbour */
    assert_null(json_object_get(line, "cut"));
}

/* Wherever the line's end falls: in a name, between an escape's digits, after a field. */
static void a_full_line_is_cut_anywhere(void **state)
{
    (void)state;
    static char filler[1001];
    const char *const units[] = { "x", "\n", "\xE2\x82\xAC" };
    char text[64];

    for (size_t shift = 0; shift < 120; shift++) {
        memset(filler, 'f', sizeof filler - 1);
        filler[900 + shift % 100] = '\0';
        const char *unit = units[shift % 3];
        for (size_t at = 0; at + strlen(unit) < sizeof text; at += strlen(unit))
            snprintf(text + at, sizeof text - at, "%s", unit);
        const struct log_field fields[] = {
            LOG_TEXT("a", filler),   LOG_TEXT("b", filler),
            LOG_TEXT("c", filler),   LOG_TEXT("d", filler),
            LOG_TEXT("e", text),     LOG_INT("number", INT64_MIN),
            LOG_TEXT("last", text),  LOG_TEXT("never", filler),
            LOG_TEXT("never2", "x"), LOG_END,
        };
        AUTO(json) json_t *line = logged("full", fields);
        assert_string_equal(text_of(line, "a"), filler);
        assert_true(json_is_true(json_object_get(line, "cut")));
        assert_null(json_object_get(line, "never2"));
    }
}

static const struct threshold {
    const char *name;
    enum log_level level;
    int lines; /* of one each of debug, info, warn, error */
} thresholds[] = {
    { "from debug on", LOG_DEBUG, 4 },
    { "from info on", LOG_INFO, 3 },
    { "from warn on", LOG_WARN, 2 },
    { "errors only", LOG_ERROR, 1 },
};

static void lower_levels_are_silent(void **state)
{
    const struct threshold *t = *state;
    static struct caught caught;
    int lines = 0;

    log_open("test", t->level);
    catch_begin(&caught);
    log_debug("d", LOG_END);
    log_info("i", LOG_END);
    log_warn("w", LOG_END);
    log_error("e", LOG_END);
    catch_end(&caught);
    for (const char *at = caught.text; (at = strchr(at, '\n')); at++)
        lines++;
    assert_int_equal(lines, t->lines);
    assert_true(log_wants(LOG_ERROR));
    assert_int_equal(log_wants(LOG_DEBUG), t->level == LOG_DEBUG);
}

int main(void)
{
    struct tests tests = { 0 };
    ADD_TEST(&tests, a_line_says_when_who_and_what);
    ADD_ROWS(&tests, text_survives_or_is_replaced, escapes);
    ADD_TEST(&tests, no_control_character_is_raw);
    ADD_TEST(&tests, no_bytes_break_a_line);
    ADD_ROWS(&tests, a_number_is_exact, numbers);
    ADD_TEST(&tests, an_error_is_three_fields);
    ADD_TEST(&tests, a_long_text_is_cut_visibly);
    ADD_TEST(&tests, a_full_line_is_cut_anywhere);
    ADD_ROWS(&tests, lower_levels_are_silent, thresholds);
    return tests_run("log", &tests);
}
