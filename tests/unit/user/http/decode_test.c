/* Bodies -> states: every rule of a text, and all faults of a body at once. */
#include "unit/support/tests.h"

#include <stdio.h>
#include <string.h>

#include "http/decode.h"
#include "http/request_parts.h"
#include "http/states.h"

static struct request request_of(const char *body)
{
    return (struct request){ .body = { body, strlen(body) } };
}

/* "/a code, /b code" in the order they were found; empty: none. */
struct told {
    char text[512];
};

static struct told told_by(const struct problem *problem)
{
    struct told told = { "" };
    size_t i;
    json_t *fault;

    json_array_foreach(problem->faults.list, i, fault)
    {
        const size_t length = strlen(told.text);
        snprintf(told.text + length, sizeof told.text - length, "%s%s %s", i ? ", " : "",
                 json_string_value(json_object_get(fault, "pointer")),
                 json_string_value(json_object_get(fault, "code")));
    }
    return told;
}

/* Decodes; the faults must be these ("": the body is good). */
static void assert_decodes(route_decode *decode, const char *body, void *state, const char *faults)
{
    const struct request request = request_of(body);
    struct problem problem = { .type = PROBLEM_NONE };
    const bool good = decode(&request, state, &problem);

    assert_string_equal(told_by(&problem).text, faults);
    assert_int_equal(good, *faults == '\0');
    assert_int_equal(problem.type, good ? PROBLEM_NONE : PROBLEM_INVALID_REQUEST);
    problem_done(&problem);
}

/* --- Sign up: one member at a time, the others good. --- */

#define TEN(text)     text text text text text text text text text text
#define HUNDRED(text) TEN(TEN(text))

static const struct member_case {
    const char *name, *member, *value, *faults;
} member_cases[] = {
    { "username: all that it may have", "username", "\"aZ09._'-\"", "" },
    { "username: 3", "username", "\"abc\"", "" },
    { "username: 2", "username", "\"ab\"", "/username too-short" },
    { "username: 64", "username", "\"" TEN("abcdef") "abcd\"", "" },
    { "username: 65", "username", "\"" TEN("abcdef") "abcde\"", "/username too-long" },
    { "username: a blank", "username", "\"a bc\"", "/username format" },
    { "username: an at sign", "username", "\"a@bc\"", "/username format" },
    { "username: another script", "username", "\"jürgen\"", "/username format" },
    { "username: 64 of two bytes", "username", "\"" TEN("öööööö") "öööö\"", "/username format" },
    { "username: a number", "username", "123", "/username type" },
    { "username: null", "username", "null", "/username type" },
    { "username: an operator of MongoDB", "username", "{\"$ne\":null}", "/username type" },
    { "username: a condition of SQL", "username", "\"' OR 1=1 --\"", "/username format" },

    { "name: one character", "firstName", "\"A\"", "" },
    { "name: none", "firstName", "\"\"", "/firstName too-short" },
    { "name: any script, blanks, marks", "lastName", "\"Ó Súilleabháin-李\"", "" },
    { "name: 64 of four bytes", "firstName", "\"" TEN("😀😀😀😀😀😀") "😀😀😀😀\"", "" },
    { "name: 65", "firstName", "\"" TEN("abcdef") "abcde\"", "/firstName too-long" },
    { "name: a line break", "lastName", "\"a\\r\\nBcc: x\"", "/lastName format" },
    { "name: a delete", "lastName", "\"a\\u007f\"", "/lastName format" },
    { "name: a blank", "firstName", "\" \"", "/firstName format" },
    { "name: blanks of other scripts", "firstName",
      "\"\\u00a0\\u1680\\u2000\\u200a\\u202f\\u205f\\u3000\"", "/firstName format" },
    { "name: line and paragraph separators", "firstName", "\"\\u2028\\u2029\"",
      "/firstName format" },
    { "name: something among blanks", "firstName", "\" \\u3000x\\u00a0 \"", "" },
    { "name: the first control", "firstName", "\"a\\u0001\"", "/firstName format" },
    { "name: the last of ASCII's", "firstName", "\"a\\u001f\"", "/firstName format" },
    { "name: before the other controls", "firstName", "\"a~\"", "" },
    { "name: the last control", "firstName", "\"a\\u009f\"", "/firstName format" },
    { "name: after the controls", "firstName", "\"a\\u00a0\"", "" },
    { "name: before the overrides", "firstName", "\"a\\u2029\"", "" },
    { "name: the first override", "firstName", "\"a\\u202ab\"", "/firstName format" },
    { "name: the last override", "firstName", "\"a\\u202eb\"", "/firstName format" },
    { "name: after the overrides", "firstName", "\"a\\u202fb\"", "" },
    { "name: before the isolates", "firstName", "\"a\\u2065b\"", "" },
    { "name: the first isolate", "firstName", "\"a\\u2066b\"", "/firstName format" },
    { "name: the last isolate", "firstName", "\"a\\u2069b\"", "/firstName format" },
    { "name: after the isolates", "firstName", "\"a\\u206ab\"", "" },
    { "name: two, three and four bytes end alike", "firstName",
      "\"\\u00df\\u07ff\\u0800\\uffff\\ud800\\udc00\\udbff\\udfff\"", "" },
    { "name: a control last, after all lengths", "firstName",
      "\"\\u00df\\u0800\\ud83d\\ude00\\u007f\"", "/firstName format" },
    { "name: a list", "lastName", "[]", "/lastName type" },

    { "phone: 7 digits", "phone", "\"+1234567\"", "" },
    { "phone: 6 digits", "phone", "\"+123456\"", "/phone too-short" },
    { "phone: 15 digits", "phone", "\"+123456789012345\"", "" },
    { "phone: 16 digits", "phone", "\"+1234567890123456\"", "/phone too-long" },
    { "phone: no plus", "phone", "\"12345678\"", "/phone format" },
    { "phone: a blank", "phone", "\"+1234 5678\"", "/phone format" },
    { "phone: another plus", "phone", "\"+1234+5678\"", "/phone format" },
    { "phone: digits of another script", "phone", "\"+١٢٣٤٥٦٧٨\"", "/phone format" },

    { "email: plain domain", "email", "\"a@localhost\"", "" },
    { "email: dotted domain", "email", "\"a.b+c@mail.example.org\"", "" },
    { "email: all marks", "email", "\"!#$%&'*+-/=?^_`{|}~.@x\"", "" },
    { "email: 254", "email", "\"" HUNDRED("ab") "@" TEN("abcd.") "abc\"", "" },
    { "email: 255", "email", "\"" HUNDRED("ab") "@" TEN("abcd.") "abcd\"", "/email too-long" },
    { "email: none", "email", "\"\"", "/email too-short" },
    { "email: no at", "email", "\"example.org\"", "/email format" },
    { "email: two ats", "email", "\"a@b@c\"", "/email format" },
    { "email: nothing before", "email", "\"@b\"", "/email format" },
    { "email: nothing after", "email", "\"a@\"", "/email format" },
    { "email: a blank", "email", "\"a b@c\"", "/email format" },
    { "email: a line break", "email", "\"a\\n@c\"", "/email format" },
    { "email: brackets", "email", "\"<a@c>\"", "/email format" },
    { "email: a comma", "email", "\"a,b@c\"", "/email format" },
    { "email: a dot first", "email", "\"a@.b\"", "/email format" },
    { "email: a dot last", "email", "\"a@b.\"", "/email format" },
    { "email: two dots", "email", "\"a@b..c\"", "/email format" },
    { "email: a hyphen first", "email", "\"a@-b\"", "/email format" },
    { "email: a hyphen last", "email", "\"a@b-.c\"", "/email format" },
    { "email: an underscore in the domain", "email", "\"a@b_c\"", "/email format" },
    { "email: another script", "email", "\"ü@example.org\"", "/email format" },
    { "email: a label of 63", "email", "\"a@" TEN("abcdef") "abc\"", "" },
    { "email: a label of 64", "email", "\"a@" TEN("abcdef") "abcd\"", "/email format" },
};

/* A good body with one member in place of its own. */
static void signup_body(char *out, size_t size, const char *member, const char *value)
{
    static const char *const good[][2] = {
        { "username", "\"alice\"" },
        { "firstName", "\"Alice\"" },
        { "lastName", "\"Liddell\"" },
        { "phone", "\"+35799123456\"" },
        { "email", "\"alice@example.org\"" },
        { "password", "\"correct horse\"" },
        { "passwordConfirm", "\"correct horse\"" },
    };
    size_t length = (size_t)snprintf(out, size, "{");

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        const char *text = strcmp(good[i][0], member) == 0 ? value : good[i][1];
        length += (size_t)snprintf(out + length, size - length, "%s\"%s\":%s", i ? "," : "",
                                   good[i][0], text);
    }
    snprintf(out + length, size - length, "}");
}

static void a_member_follows_its_rule(void **state)
{
    const struct member_case *c = *state;
    struct signup_state s = { 0 };
    char body[1024];

    signup_body(body, sizeof body, c->member, c->value);
    assert_decodes(signup_decode, body, &s, c->faults);
}

static void a_good_sign_up_is_taken_over(void **state)
{
    (void)state;
    struct signup_state s = { 0 };
    char body[1024];

    signup_body(body, sizeof body, "username", "\"Alice.L\"");
    assert_decodes(signup_decode, body, &s, "");
    assert_string_equal(s.signup.wanted.username, "Alice.L");
    assert_string_equal(s.signup.wanted.first_name, "Alice");
    assert_string_equal(s.signup.wanted.last_name, "Liddell");
    assert_string_equal(s.signup.wanted.phone, "+35799123456");
    assert_string_equal(s.signup.wanted.email, "alice@example.org");
    assert_string_equal(s.signup.wanted.password, "correct horse");
}

/* --- Sign up: the password, and many faults at once. --- */

#define WITH(password, confirmation)                                                               \
    "{\"username\":\"alice.l\",\"firstName\":\"A\",\"lastName\":\"L\",\"phone\":\"+35799123456\"," \
    "\"email\":\"alice@example.org\",\"password\":" password ",\"passwordConfirm\":" confirmation  \
    "}"

#define FACE      "\xF0\x9F\x98\x80" /* four bytes */
#define FACES_128 HUNDRED(FACE) TEN(FACE FACE) FACE FACE FACE FACE FACE FACE FACE FACE

static const struct body_case {
    const char *name, *body, *faults;
} signup_cases[] = {
    { "password: 8", WITH("\"xq7 fv2!\"", "\"xq7 fv2!\""), "" },
    { "password: 7", WITH("\"xq7 fv2\"", "\"xq7 fv2\""), "/password too-short" },
    { "password: none", WITH("\"\"", "\"\""), "/password too-short" },
    { "password: 129",
      WITH("\"" HUNDRED("a") TEN("b") TEN("c") "012345678\"",
           "\"" HUNDRED("a") TEN("b") TEN("c") "012345678\""),
      "/password too-long" },
    { "password: 513 bytes",
      WITH("\"" HUNDRED("abcde") "0123456789abc\"", "\"" HUNDRED("abcde") "0123456789abc\""),
      "/password too-long" },
    { "password: 129 of four bytes", WITH("\"" FACES_128 FACE "\"", "\"" FACES_128 FACE "\""),
      "/password too-long" },
    { "password: confirmed by 513 bytes",
      WITH("\"correct horse\"", "\"" HUNDRED("abcde") "0123456789abc\""),
      "/passwordConfirm mismatch" },
    { "password: of 513 bytes, confirmed by no text",
      WITH("\"" HUNDRED("abcde") "0123456789abc\"", "1"),
      "/password too-long, /passwordConfirm type" },
    { "password: 128 of four bytes", WITH("\"" FACES_128 "\"", "\"" FACES_128 "\""), "" },
    { "password: confirmed by null", WITH("\"correct horse\"", "null"), "/passwordConfirm type" },
    { "password: common", WITH("\"Password1\"", "\"Password1\""), "/password common-password" },
    { "password: the e-mail", WITH("\"Alice@example.org\"", "\"Alice@example.org\""),
      "/password common-password" },
    { "password: confirmed otherwise", WITH("\"correct horse\"", "\"correct horsf\""),
      "/passwordConfirm mismatch" },
    { "password: short and confirmed otherwise", WITH("\"short\"", "\"other\""),
      "/password too-short, /passwordConfirm mismatch" },
    { "password: no text", WITH("12345678", "\"12345678\""), "/password type" },
    { "password: confirmed by no text", WITH("\"correct horse\"", "true"),
      "/passwordConfirm type" },
    { "body: nothing in it", "{}",
      "/username required, /firstName required, /lastName required, /phone required, "
      "/email required, /password required, /passwordConfirm required" },
    { "body: everything wrong",
      "{\"username\":\"a\",\"firstName\":1,\"lastName\":\"\",\"phone\":\"0123456789\","
      "\"email\":\"x\",\"password\":\"password\",\"passwordConfirm\":\"p\",\"role\":\"admin\"}",
      "/username too-short, /firstName type, /lastName too-short, /phone format, /email format, "
      "/role unknown, /password common-password, /passwordConfirm mismatch" },
    { "body: no object", "[]", " type" },
};

static void a_sign_up_tells_all_faults(void **state)
{
    const struct body_case *c = *state;
    struct signup_state s = { 0 };

    assert_decodes(signup_decode, c->body, &s, c->faults);
}

/* --- Log in. --- */

static const struct login_case {
    const char *name, *body, *faults, *login_name;
} login_cases[] = {
    { "login: username", "{\"username\":\"Alice\",\"password\":\"x\"}", "", "Alice" },
    { "login: e-mail", "{\"email\":\"a@b\",\"password\":\"x\"}", "", "a@b" },
    { "login: a name that none can have", "{\"username\":\"ü ñ\",\"password\":\"x\"}", "", "ü ñ" },
    { "login: neither", "{\"password\":\"x\"}", "/username required", NULL },
    { "login: both", "{\"username\":\"a\",\"email\":\"b\",\"password\":\"x\"}", "/email unknown",
      NULL },
    { "login: a faulty one is given", "{\"username\":1,\"password\":\"x\"}", "/username type",
      NULL },
    { "login: null", "{\"username\":null,\"password\":\"x\"}", "/username type", NULL },
    { "login: the e-mail is null", "{\"email\":null,\"password\":\"x\"}", "/email type", NULL },
    { "login: both, one null", "{\"username\":null,\"email\":\"a@b\",\"password\":\"x\"}",
      "/username type", NULL },
    { "login: both null", "{\"username\":null,\"email\":null,\"password\":\"x\"}",
      "/username type, /email type", NULL },
    { "login: an empty name", "{\"email\":\"\",\"password\":\"x\"}", "/email too-short", NULL },
    { "login: a long name", "{\"email\":\"" HUNDRED("abc") "\",\"password\":\"x\"}",
      "/email too-long", NULL },
    { "login: nothing", "{}", "/password required, /username required", NULL },
    { "login: more", "{\"username\":\"a\",\"password\":\"x\",\"otp\":1}", "/otp unknown", NULL },
    { "login: no object", "\"x\"", " type", NULL },
};

static void a_login_has_one_name(void **state)
{
    const struct login_case *c = *state;
    struct login_state s = { 0 };

    assert_decodes(login_decode, c->body, &s, c->faults);
    assert_string_equal(s.login.name, c->login_name ? c->login_name : "");
    assert_string_equal(s.login.password, c->login_name ? "x" : "");
}

/* --- Refresh, log out. --- */

static const struct token_case {
    const char *name, *body, *faults, *token;
} token_cases[] = {
    { "token: text", "{\"refreshToken\":\"abc\"}", "", "abc" },
    { "token: nothing in it", "{\"refreshToken\":\"\"}", "", "" },
    { "token: 80 characters", "{\"refreshToken\":\"" TEN("12345678") "\"}", "", TEN("12345678") },
    { "token: 81 characters", "{\"refreshToken\":\"" TEN("12345678") "9\"}", "", "" },
    { "token: a number", "{\"refreshToken\":5}", "/refreshToken type", "" },
    { "token: none", "{}", "/refreshToken required", "" },
};

static void any_text_is_a_refresh_token(void **state)
{
    const struct token_case *c = *state;
    struct refresh_state refresh = { 0 };
    struct logout_state logout = { 0 };

    assert_decodes(refresh_decode, c->body, &refresh, c->faults);
    assert_string_equal(refresh.refresh.token.text, c->token);
    assert_decodes(logout_decode, c->body, &logout, c->faults);
    assert_string_equal(logout.token.text, c->token);
}

/* --- All of them. --- */

static void broken_json_has_no_pointers(void **state)
{
    (void)state;
    static route_decode *const decodes[] = { signup_decode, login_decode, refresh_decode,
                                             logout_decode };
    union {
        struct signup_state signup;
        struct login_state login;
        struct refresh_state refresh;
        struct logout_state logout;
    } s = { 0 };

    for (size_t i = 0; i < sizeof decodes / sizeof *decodes; i++) {
        const struct request request = request_of("{\"a\":");
        struct problem problem = { .type = PROBLEM_NONE };
        assert_false(decodes[i](&request, &s, &problem));
        assert_int_equal(problem.type, PROBLEM_MALFORMED_JSON);
        assert_null(problem.faults.list);
        problem_done(&problem);
    }
}

static void me_is_the_caller(void **state)
{
    (void)state;
    const struct request request = { .caller = { .user_id = { { 1, 2, 3 } } } };
    struct problem problem = { .type = PROBLEM_NONE };
    struct me_state s = { 0 };

    assert_true(me_decode(&request, &s, &problem));
    assert_true(id_equal(&s.get.user_id, &request.caller.user_id));
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, a_member_follows_its_rule, member_cases);
    ADD_TEST(&tests, a_good_sign_up_is_taken_over);
    ADD_ROWS(&tests, a_sign_up_tells_all_faults, signup_cases);
    ADD_ROWS(&tests, a_login_has_one_name, login_cases);
    ADD_ROWS(&tests, any_text_is_a_refresh_token, token_cases);
    ADD_TEST(&tests, broken_json_has_no_pointers);
    ADD_TEST(&tests, me_is_the_caller);
    return tests_run("decode", &tests);
}
