/* traceparent: what the standard has us take, and ignore. */
#include "unit/support/tests.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "obs/trace.h"

#define TRACE  "4bf92f3577b34da6a3ce929d0e0e4736"
#define PARENT "00f067aa0ba902b7"
#define GOOD   "00-" TRACE "-" PARENT "-01"

static const struct trace_case {
    const char *name;
    const char *text;
    const char *parsed; /* NULL: not valid */
} cases[] = {
    { "sampled", GOOD, GOOD },
    { "not sampled", "00-" TRACE "-" PARENT "-00", "00-" TRACE "-" PARENT "-00" },
    { "flags that 00 does not know", "00-" TRACE "-" PARENT "-ff", "00-" TRACE "-" PARENT "-ff" },
    { "a later version", "01-" TRACE "-" PARENT "-01", GOOD },
    { "a later version's flags", "cc-" TRACE "-" PARENT "-0b", GOOD },
    { "a later version's flags, not sampled", "cc-" TRACE "-" PARENT "-fe",
      "00-" TRACE "-" PARENT "-00" },
    { "a later version with more", "01-" TRACE "-" PARENT "-01-what-comes", GOOD },
    { "a later version with an empty more", "01-" TRACE "-" PARENT "-01-", GOOD },

    { "a later version, longer without a dash", "01-" TRACE "-" PARENT "-01x", NULL },
    { "version ff", "ff-" TRACE "-" PARENT "-01", NULL },
    { "version 00 with more", GOOD "-more", NULL },
    { "version 00 with a blank behind", GOOD " ", NULL },
    { "nothing", "", NULL },
    { "one short", "00-" TRACE "-" PARENT "-0", NULL },
    { "upper case in the version", "0A-" TRACE "-" PARENT "-01", NULL },
    { "upper case in the trace", "00-4BF92f3577b34da6a3ce929d0e0e4736-" PARENT "-01", NULL },
    { "upper case in the parent", "00-" TRACE "-00F067aa0ba902b7-01", NULL },
    { "upper case in the flags", "00-" TRACE "-" PARENT "-0F", NULL },
    { "no hex in the trace", "00-4bf92f3577b34da6a3ce929d0e0e473g-" PARENT "-01", NULL },
    { "a trace of zeros", "00-00000000000000000000000000000000-" PARENT "-01", NULL },
    { "a parent of zeros", "00-" TRACE "-0000000000000000-01", NULL },
    { "no first dash", "00_" TRACE "-" PARENT "-01", NULL },
    { "no second dash", "00-" TRACE "_" PARENT "-01", NULL },
    { "no third dash", "00-" TRACE "-" PARENT "_01", NULL },
    { "a blank in front", " " GOOD, NULL },
};

static void traceparent_is_parsed(void **state)
{
    const struct trace_case *c = *state;
    const size_t length = strlen(c->text);
    AUTO(memory) char *text = malloc(length + !length); /* no NUL behind */
    struct traceparent out = { "untouched" };

    assert_non_null(text);
    memcpy(text, c->text, length);
    assert_int_equal(traceparent_parse(text, length, &out), c->parsed != NULL);
    assert_string_equal(out.text, c->parsed ? c->parsed : "untouched");
}

static void a_nul_anywhere_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < TRACEPARENT_LENGTH; i++) {
        char text[] = GOOD;
        struct traceparent out = { "untouched" };

        text[i] = '\0';
        assert_false(traceparent_parse(text, TRACEPARENT_LENGTH, &out));
        assert_string_equal(out.text, "untouched");
    }
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, traceparent_is_parsed, cases);
    ADD_TEST(&tests, a_nul_anywhere_is_refused);
    return tests_run("obs/trace", &tests);
}
