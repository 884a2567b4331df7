/* Refresh tokens: text, children, and who made them. */
#include "unit/support/tests.h"

#include <sodium.h>
#include <string.h>

#include "refresh_token.h"

static const char secret[] = "a-refresh-secret-of-the-unit-tests-1";
static const char other_secret[] = "a-refresh-secret-of-the-unit-tests-2";

static struct refresh_key key(void)
{
    return refresh_key_of(secret, sizeof secret - 1);
}

static struct refresh_token fresh(void)
{
    const struct id session_id = id_random(&system_random);

    return refresh_token_new(&system_random, &session_id);
}

static void assert_same_token(const struct refresh_token *a, const struct refresh_token *b)
{
    assert_memory_equal(a->session_id.bytes, b->session_id.bytes, ID_BYTES);
    assert_memory_equal(a->secret, b->secret, REFRESH_TOKEN_SECRET);
}

static void a_token_comes_back_from_its_text(void **state)
{
    (void)state;
    const struct refresh_key k = key();
    const struct refresh_token token = fresh();
    const struct refresh_text text = refresh_token_format(&k, &token);
    struct refresh_token read;

    assert_int_equal(strlen(text.text), REFRESH_TOKEN_LENGTH);
    assert_true(refresh_token_parse(&k, text.text, REFRESH_TOKEN_LENGTH, &read));
    assert_same_token(&read, &token);
}

static void a_token_changed_anywhere_is_not_ours(void **state)
{
    (void)state;
    const struct refresh_key k = key();
    const struct refresh_token token = fresh();
    const struct refresh_text text = refresh_token_format(&k, &token);

    for (size_t i = 0; i < REFRESH_TOKEN_LENGTH; i++) {
        struct refresh_text changed = text;
        struct refresh_token out = token;
        changed.text[i] = changed.text[i] == 'A' ? 'B' : 'A';
        memset(out.secret, 7, sizeof out.secret);
        assert_false(refresh_token_parse(&k, changed.text, REFRESH_TOKEN_LENGTH, &out));
        assert_int_equal(out.secret[0], 7); /* untouched */
    }
}

static const struct text_case {
    const char *name, *text;
} text_cases[] = {
    { "text: nothing", "" },
    { "text: too short", "AAAA" },
    { "text: zeros of the right length",
      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
    { "text: not base64url",
      "++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++" },
    { "text: a blank in it",
      "AAAA AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
};

static void other_text_is_not_ours(void **state)
{
    const struct text_case *c = *state;
    const struct refresh_key k = key();
    struct refresh_token out;

    assert_false(refresh_token_parse(&k, c->text, strlen(c->text), &out));
}

static void one_character_more_or_less_is_not_ours(void **state)
{
    (void)state;
    const struct refresh_key k = key();
    const struct refresh_token token = fresh();
    const struct refresh_text text = refresh_token_format(&k, &token);
    char longer[REFRESH_TOKEN_LENGTH + 2];
    struct refresh_token out;

    snprintf(longer, sizeof longer, "%sA", text.text);
    assert_false(refresh_token_parse(&k, longer, REFRESH_TOKEN_LENGTH + 1, &out));
    assert_false(refresh_token_parse(&k, text.text, REFRESH_TOKEN_LENGTH - 1, &out));
}

static void a_child_is_the_same_each_time_and_another_than_its_parent(void **state)
{
    (void)state;
    const struct refresh_key k = key(), other = refresh_key_of(other_secret, strlen(other_secret));
    const struct refresh_token parent = fresh();
    const struct refresh_token child = refresh_token_child(&k, &parent);
    const struct refresh_token again = refresh_token_child(&k, &parent);
    const struct refresh_token elsewhere = refresh_token_child(&other, &parent);
    const struct refresh_token grandchild = refresh_token_child(&k, &child);

    assert_same_token(&child, &again);
    assert_memory_equal(child.session_id.bytes, parent.session_id.bytes, ID_BYTES);
    assert_memory_not_equal(child.secret, parent.secret, REFRESH_TOKEN_SECRET);
    assert_memory_not_equal(child.secret, elsewhere.secret, REFRESH_TOKEN_SECRET);
    assert_memory_not_equal(child.secret, grandchild.secret, REFRESH_TOKEN_SECRET);
}

static void another_secret_disowns_a_token(void **state)
{
    (void)state;
    const struct refresh_key k = key(), other = refresh_key_of(other_secret, strlen(other_secret));
    const struct refresh_token token = fresh();
    const struct refresh_text text = refresh_token_format(&k, &token);
    struct refresh_token out;

    assert_false(refresh_token_parse(&other, text.text, REFRESH_TOKEN_LENGTH, &out));
}

/* What the store keeps gives away nothing of the token. */
static void a_digest_is_of_the_secret_and_not_the_secret(void **state)
{
    (void)state;
    const struct refresh_token one = fresh(), two = fresh();
    const struct digest digest = refresh_token_digest(&one), again = refresh_token_digest(&one);
    const struct digest other = refresh_token_digest(&two);

    assert_memory_equal(digest.bytes, again.bytes, DIGEST_BYTES);
    assert_memory_not_equal(digest.bytes, other.bytes, DIGEST_BYTES);
    assert_memory_not_equal(digest.bytes, one.secret, DIGEST_BYTES);
}

int main(void)
{
    struct tests tests = { 0 };

    if (sodium_init() < 0)
        return 1;
    ADD_TEST(&tests, a_token_comes_back_from_its_text);
    ADD_TEST(&tests, a_token_changed_anywhere_is_not_ours);
    ADD_ROWS(&tests, other_text_is_not_ours, text_cases);
    ADD_TEST(&tests, one_character_more_or_less_is_not_ours);
    ADD_TEST(&tests, a_child_is_the_same_each_time_and_another_than_its_parent);
    ADD_TEST(&tests, another_secret_disowns_a_token);
    ADD_TEST(&tests, a_digest_is_of_the_secret_and_not_the_secret);
    return tests_run("refresh_token", &tests);
}
