/* What is JSON to us, and every fault of a body at once. */
#include "unit/support/tests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "json/decode.h"
#include "unit/support/oom.h"

#define TEXT(literal) literal, sizeof(literal) - 1

static const struct parse_case {
    const char *name;
    const char *text;
    size_t length;
    enum decode_result result;
} parses[] = {
    { "an empty object", TEXT("{}"), DECODE_OK },
    { "white space around", TEXT(" \t\r\n{} \t\r\n"), DECODE_OK },
    { "no object, yet JSON", TEXT("42"), DECODE_OK },
    { "the largest integer", TEXT("[9223372036854775807]"), DECODE_OK },
    { "the smallest integer", TEXT("[-9223372036854775808]"), DECODE_OK },
    { "the largest double", TEXT("[1.7976931348623157e308]"), DECODE_OK },
    { "a double that becomes 0", TEXT("[1e-400]"), DECODE_OK },
    { "eight deep", TEXT("[[[[[[[[]]]]]]]]"), DECODE_OK },
    { "eight deep, many times", TEXT("[[[[[[[[]]]]]]],[[[[[[[]]]]]]]]"), DECODE_OK },
    { "brackets in a string", TEXT("[\"[[[[[[[[[[{{{{{{{{{{\"]"), DECODE_OK },
    { "brackets after a quote in a string", TEXT("[\"\\\"[[[[[[[[[[\"]"), DECODE_OK },
    { "brackets after a backslash", TEXT("[\"\\\\\",\"[[[[[[[[[[\"]"), DECODE_OK },
    { "a surrogate pair", TEXT("[\"\\uD83D\\uDE00\"]"), DECODE_OK },
    { "the same name in two objects", TEXT("[{\"a\":1},{\"a\":2}]"), DECODE_OK },

    { "nothing", TEXT(""), DECODE_MALFORMED },
    { "white space only", TEXT("  "), DECODE_MALFORMED },
    { "cut off", TEXT("{\"a\":1"), DECODE_MALFORMED },
    { "a string cut off", TEXT("{\"a"), DECODE_MALFORMED },
    { "an escape cut off", TEXT("[\"\\"), DECODE_MALFORMED },
    { "garbage behind", TEXT("{}x"), DECODE_MALFORMED },
    { "two texts", TEXT("{}{}"), DECODE_MALFORMED },
    { "a comma behind", TEXT("{\"a\":1,}"), DECODE_MALFORMED },
    { "a comment", TEXT("{/* */}"), DECODE_MALFORMED },
    { "single quotes", TEXT("{'a':1}"), DECODE_MALFORMED },
    { "a bare name", TEXT("{a:1}"), DECODE_MALFORMED },
    { "a byte order mark", TEXT("\xEF\xBB\xBF{}"), DECODE_MALFORMED },
    { "UTF-16", TEXT("{\0}\0"), DECODE_MALFORMED },
    { "a byte that is no UTF-8", TEXT("[\"\xFF\"]"), DECODE_MALFORMED },
    { "UTF-8 cut off", TEXT("[\"\xC3\"]"), DECODE_MALFORMED },
    { "UTF-8 that is too long", TEXT("[\"\xC0\xAF\"]"), DECODE_MALFORMED },
    { "a surrogate in UTF-8", TEXT("[\"\xED\xA0\x80\"]"), DECODE_MALFORMED },
    { "beyond U+10FFFF", TEXT("[\"\xF4\x90\x80\x80\"]"), DECODE_MALFORMED },
    { "half a surrogate pair", TEXT("[\"\\uD83D\"]"), DECODE_MALFORMED },
    { "the other half", TEXT("[\"\\uDE00\"]"), DECODE_MALFORMED },
    { "NUL in the text", TEXT("{\0}"), DECODE_MALFORMED },
    { "NUL behind", TEXT("{}\0"), DECODE_MALFORMED },
    { "NUL in a string", TEXT("[\"a\0b\"]"), DECODE_MALFORMED },
    { "NUL behind a number", TEXT("{\"a\":1\0}"), DECODE_MALFORMED },
    { "NUL behind a fraction", TEXT("[1.5\0, 2]"), DECODE_MALFORMED },
    { "NUL behind true", TEXT("[true\0]"), DECODE_MALFORMED },
    { "NUL behind null", TEXT("null\0"), DECODE_MALFORMED },
    { "NUL escaped", TEXT("[\"a\\u0000b\"]"), DECODE_MALFORMED },
    { "NUL escaped in a name", TEXT("{\"a\\u0000b\":1}"), DECODE_MALFORMED },
    { "a control character", TEXT("[\"a\nb\"]"), DECODE_MALFORMED },
    { "an unknown escape", TEXT("[\"\\x41\"]"), DECODE_MALFORMED },
    { "a name twice", TEXT("{\"a\":1,\"a\":1}"), DECODE_MALFORMED },
    { "a name twice, once escaped", TEXT("{\"a\":1,\"\\u0061\":2}"), DECODE_MALFORMED },
    { "a name twice, deeper", TEXT("{\"o\":[{\"a\":1,\"a\":1}]}"), DECODE_MALFORMED },
    { "nine deep", TEXT("[[[[[[[[[]]]]]]]]]"), DECODE_MALFORMED },
    { "nine deep, mixed", TEXT("{\"a\":[{\"a\":[{\"a\":[{\"a\":[[]]}]}]}]}"), DECODE_MALFORMED },
    { "beyond int64", TEXT("[9223372036854775808]"), DECODE_MALFORMED },
    { "below int64", TEXT("[-9223372036854775809]"), DECODE_MALFORMED },
    { "beyond a double", TEXT("[1e400]"), DECODE_MALFORMED },
    { "below a double", TEXT("[-1e400]"), DECODE_MALFORMED },
    { "NaN", TEXT("[NaN]"), DECODE_MALFORMED },
    { "Infinity", TEXT("[Infinity]"), DECODE_MALFORMED },
    { "a zero in front", TEXT("[01]"), DECODE_MALFORMED },
    { "a plus", TEXT("[+1]"), DECODE_MALFORMED },
    { "two minuses", TEXT("[--1]"), DECODE_MALFORMED },
    { "a minus alone", TEXT("[-]"), DECODE_MALFORMED },
    { "a point alone", TEXT("[1.]"), DECODE_MALFORMED },
    { "a point in front", TEXT("[.1]"), DECODE_MALFORMED },
    { "an exponent alone", TEXT("[1e]"), DECODE_MALFORMED },
    { "hexadecimal", TEXT("[0x10]"), DECODE_MALFORMED },
    { "True", TEXT("[True]"), DECODE_MALFORMED },
};

static void a_text_is_parsed(void **state)
{
    const struct parse_case *c = *state;
    /* A copy of the exact size: a sanitizer sees a byte read beyond it. */
    AUTO(memory) char *text = malloc(c->length + !c->length);
    AUTO(json) json_t *root = NULL;

    assert_non_null(text);
    memcpy(text, c->text, c->length);
    assert_int_equal(json_parse(text, c->length, &root), c->result);
    assert_int_equal(root != NULL, c->result == DECODE_OK);
}

static void a_million_brackets_do_no_harm(void **state)
{
    (void)state;
    const size_t length = 1000 * 1000;
    AUTO(memory) char *text = malloc(length);
    json_t *root = NULL;

    assert_non_null(text);
    memset(text, '[', length);
    assert_int_equal(json_parse(text, length, &root), DECODE_MALFORMED);
    assert_null(root);
}

struct target {
    char name[16];
    char note[8];
    bool has_note;
    json_int_t count;
    bool any;
};

static bool read_name(const json_t *value, void *out, size_t size, struct field_fault *fault)
{
    return json_read_text(value, out, size, 2, 5, fault);
}

static bool read_note(const json_t *value, void *out, size_t size, struct field_fault *fault)
{
    return json_read_text(value, out, size, 0, 100, fault);
}

static bool read_count(const json_t *value, void *out, size_t size, struct field_fault *fault)
{
    if (!json_is_integer(value) || size != sizeof(json_int_t)) {
        *fault = (struct field_fault){ "type", "give a whole number" };
        return false;
    }
    *(json_int_t *)out = json_integer_value(value);
    return true;
}

/* Takes whatever comes: that null does not come is not the readers' care. */
static bool read_any(const json_t *value, void *out, size_t size, struct field_fault *fault)
{
    (void)value, (void)size, (void)fault;
    *(bool *)out = true;
    return true;
}

static const struct field fields[] = {
    { "name", FIELD_REQUIRED, offsetof(struct target, name), sizeof((struct target *)0)->name, 0,
      read_name },
    { "note", FIELD_OPTIONAL, offsetof(struct target, note), sizeof((struct target *)0)->note,
      offsetof(struct target, has_note), read_note },
    { "count", FIELD_REQUIRED, offsetof(struct target, count), sizeof(json_int_t), 0, read_count },
    { "any", FIELD_OPTIONAL, offsetof(struct target, any), sizeof(bool), 0, read_any },
};

static enum decode_result decode(const char *text, size_t length, struct target *target,
                                 struct faults *faults)
{
    return json_decode(text, length, fields, sizeof fields / sizeof fields[0], target, faults);
}

static void a_good_body_fills_the_struct(void **state)
{
    (void)state;
    struct target target = { 0 };
    struct faults faults = { 0 };

    assert_int_equal(
        decode(TEXT("{\"count\":7,\"note\":\"hi\",\"name\":\"J\\u00e4n\"}"), &target, &faults),
        DECODE_OK);
    assert_string_equal(target.name, "J\xC3\xA4n");
    assert_string_equal(target.note, "hi");
    assert_true(target.has_note);
    assert_int_equal(target.count, 7);
    assert_false(faults_any(&faults));
    assert_null(faults.list);
}

static void an_optional_member_may_be_absent(void **state)
{
    (void)state;
    struct target target = { 0 };
    struct faults faults = { 0 };

    assert_int_equal(decode(TEXT("{\"count\":7,\"name\":\"Jan\"}"), &target, &faults), DECODE_OK);
    assert_false(target.has_note);
    assert_string_equal(target.note, "");
}

static const struct fault_case {
    const char *name;
    const char *body;
    const char *faults; /* "pointer code; …" */
} fault_cases[] = {
    { "everything is missing", "{}", "/name required; /count required; " },
    { "null is no value", "{\"name\":null,\"note\":null,\"count\":null,\"any\":null}",
      "/name type; /note type; /count type; /any type; " },
    { "wrong types", "{\"name\":1,\"note\":[],\"count\":\"1\"}",
      "/name type; /note type; /count type; " },
    { "a fraction for a whole number", "{\"name\":\"Jan\",\"count\":1.0}", "/count type; " },
    { "too short", "{\"name\":\"J\",\"count\":1}", "/name too-short; " },
    { "too short, counted in code points", "{\"name\":\"\\u00e4\",\"count\":1}",
      "/name too-short; " },
    { "too long", "{\"name\":\"JanJan\",\"count\":1}", "/name too-long; " },
    { "too long in bytes alone", "{\"name\":\"Jan\",\"note\":\"12345678\",\"count\":1}",
      "/note too-long; " },
    { "unknown members, in their order", "{\"z\":1,\"name\":\"Jan\",\"a\":2,\"count\":1}",
      "/z unknown; /a unknown; " },
    { "names are case-sensitive", "{\"Name\":\"Jan\",\"count\":1}",
      "/name required; /Name unknown; " },
    { "a pointer is escaped", "{\"name\":\"Jan\",\"count\":1,\"a/b~c~1\":1,\"\":2}",
      "/a~1b~0c~01 unknown; / unknown; " },
    { "all at once, the table first", "{\"x\":1,\"note\":7,\"name\":\"\",\"y\":{\"z\":null}}",
      "/name too-short; /note type; /count required; /x unknown; /y unknown; " },
    { "an array", "[]", " type; " },
    { "a string", "\"name\"", " type; " },
    { "a number", "1", " type; " },
    { "null", "null", " type; " },
    { "true", "true", " type; " },
};

static void append_fault(char *text, size_t size, const json_t *fault)
{
    size_t at = strlen(text);
    snprintf(text + at, size - at, "%s %s; ", json_string_value(json_object_get(fault, "pointer")),
             json_string_value(json_object_get(fault, "code")));
    assert_true(json_string_length(json_object_get(fault, "detail")) > 0);
    assert_int_equal(json_object_size(fault), 3);
}

static void every_fault_is_told(void **state)
{
    const struct fault_case *c = *state;
    struct target target = { 0 };
    struct faults faults = { 0 };
    char told[512] = "";

    assert_int_equal(decode(c->body, strlen(c->body), &target, &faults), DECODE_INVALID);
    assert_true(faults_any(&faults));
    for (size_t i = 0; i < json_array_size(faults.list); i++)
        append_fault(told, sizeof told, json_array_get(faults.list, i));
    assert_string_equal(told, c->faults);

    faults_done(&faults);
    assert_false(faults_any(&faults));
}

static void malformed_tells_no_faults(void **state)
{
    (void)state;
    struct target target = { 0 };
    struct faults faults = { 0 };

    assert_int_equal(decode(TEXT("{\"x\":1,\"x\":1}"), &target, &faults), DECODE_MALFORMED);
    assert_false(faults_any(&faults));
    assert_null(faults.list);
}

enum { FAULTS_TOLD = 100 };

/* The detail of the last fault that is told of a body with that many. */
static void decode_with_faults(int count, char *last, size_t size)
{
    AUTO(buffer) struct buffer body = { 0 };
    struct target target = { 0 };
    struct faults faults = { 0 };

    buffer_text(&body, "{\"name\":\"Jan\",\"count\":1");
    for (int i = 0; i < count; i++)
        buffer_format(&body, ",\"u%d\":0", i);
    buffer_text(&body, "}");

    assert_int_equal(decode(body.data, body.length, &target, &faults), DECODE_INVALID);
    assert_int_equal(json_array_size(faults.list), count < FAULTS_TOLD ? count : FAULTS_TOLD);
    const json_t *fault = json_array_get(faults.list, json_array_size(faults.list) - 1);
    assert_string_equal(json_string_value(json_object_get(fault, "code")), "unknown");
    snprintf(last, size, "%s", json_string_value(json_object_get(fault, "detail")));
    faults_done(&faults);
}

static void faults_beyond_a_hundred_are_told_of_by_the_last(void **state)
{
    (void)state;
    char last[80];

    decode_with_faults(FAULTS_TOLD, last, sizeof last);
    assert_null(strstr(last, "more faults"));
    decode_with_faults(FAULTS_TOLD + 1, last, sizeof last);
    assert_non_null(strstr(last, "more faults follow"));
    decode_with_faults(2000, last, sizeof last);
    assert_non_null(strstr(last, "more faults follow"));
}

static void text_fits_to_the_last_byte(void **state)
{
    (void)state;
    char out[4] = "old";
    struct field_fault fault = { 0 };
    AUTO(json) json_t *fits = json_string("abc");
    AUTO(json) json_t *exceeds = json_string("abcd");

    assert_false(json_read_text(exceeds, out, sizeof out, 1, 10, &fault));
    assert_string_equal(fault.code, "too-long");
    assert_string_equal(out, "old");
    assert_true(json_read_text(fits, out, sizeof out, 3, 3, &fault));
    assert_string_equal(out, "abc");
}

static void code_points_are_counted(void **state)
{
    (void)state;
    assert_int_equal(utf8_length(""), 0);
    assert_int_equal(utf8_length("abc"), 3);
    assert_int_equal(utf8_length("\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"), 3);
}

/* The tokens are long, so that the lexer's buffer grows within each of them. */
#define LONG_NUMBER "1234567890123456789"
#define LONG_BODY   "{\"name\":\"Jan\",\"note\":\"1234567\",\"count\":" LONG_NUMBER "}"

static void decode_survives_each_failed_allocation(void **state)
{
    (void)state;
    for (unsigned n = 1;; n++) {
        struct target target = { 0 };
        struct faults faults = { 0 };

        oom_fail_at(n);
        enum decode_result result = decode(TEXT(LONG_BODY), &target, &faults);
        if (!oom_stop()) {
            assert_int_equal(result, DECODE_OK);
            assert_true(target.count == 1234567890123456789);
            assert_true(n > 10);
            break;
        }
        assert_int_equal(result, DECODE_NO_MEMORY);
        assert_null(faults.list);
    }
}

static void faults_survive_each_failed_allocation(void **state)
{
    (void)state;
    for (unsigned n = 1;; n++) {
        struct target target = { 0 };
        struct faults faults = { 0 };

        oom_fail_at(n);
        enum decode_result result =
            decode(TEXT("{\"a-long-unknown-member/\":1,\"b\":2}"), &target, &faults);
        bool failed = oom_stop();
        size_t told = json_array_size(faults.list);
        faults_done(&faults);
        if (!failed) {
            assert_int_equal(result, DECODE_INVALID);
            assert_int_equal(told, 4);
            assert_true(n > 20);
            break;
        }
        assert_int_equal(result, DECODE_NO_MEMORY);
    }
}

static void it_survives_no_memory_to_say_that_more_follow(void **state)
{
    (void)state;
    struct faults faults = { 0 };

    for (int i = 0; i < FAULTS_TOLD; i++)
        faults_add(&faults, "/a", "unknown", "leave this member out");
    assert_false(faults.no_memory);
    oom_fail_at(1);
    faults_add(&faults, "/a", "unknown", "leave this member out");
    assert_true(oom_stop());
    assert_true(faults.no_memory);
    faults_done(&faults);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, a_text_is_parsed, parses);
    ADD_TEST(&tests, a_million_brackets_do_no_harm);
    ADD_TEST(&tests, a_good_body_fills_the_struct);
    ADD_TEST(&tests, an_optional_member_may_be_absent);
    ADD_ROWS(&tests, every_fault_is_told, fault_cases);
    ADD_TEST(&tests, malformed_tells_no_faults);
    ADD_TEST(&tests, faults_beyond_a_hundred_are_told_of_by_the_last);
    ADD_TEST(&tests, text_fits_to_the_last_byte);
    ADD_TEST(&tests, code_points_are_counted);
    ADD_TEST(&tests, decode_survives_each_failed_allocation);
    ADD_TEST(&tests, faults_survive_each_failed_allocation);
    ADD_TEST(&tests, it_survives_no_memory_to_say_that_more_follow);
    return tests_run("json/decode", &tests);
}
