/* Reset tokens: made again they are the same, and nothing else passes for one. */
#include "unit/support/tests.h"

#include <sodium.h>
#include <string.h>

#include "reset_token.h"

#define SECRET "unit tests sign with 8f2c61d07be94a35"

static const struct id ada = { { 1 } }, bob = { { 2 } }, first = { { 3 } }, second = { { 4 } };

static struct reset_key key_of(const char *secret)
{
    const struct refresh_key key = refresh_key_of(secret, strlen(secret));

    return reset_key_of(&key);
}

static struct refresh_text text_of(const char *secret, const struct id *user,
                                   const struct id *recovery)
{
    const struct reset_key key = key_of(secret);
    const struct reset_token token = reset_token_of(&key, user, recovery);

    return reset_token_format(&key, &token);
}

static void a_token_comes_back(void **state)
{
    (void)state;
    const struct reset_key key = key_of(SECRET);
    const struct reset_token token = reset_token_of(&key, &ada, &first);
    const struct digest digest = reset_token_digest(&token);
    const struct refresh_text text = reset_token_format(&key, &token);
    struct reset_token back;

    assert_int_equal(strlen(text.text), REFRESH_TOKEN_LENGTH);
    assert_true(reset_token_parse(&key, text.text, &back));
    assert_true(id_equal(&back.token.session_id, &ada));
    const struct digest again = reset_token_digest(&back);
    assert_memory_equal(again.bytes, digest.bytes, DIGEST_BYTES);
}

static void each_request_has_its_own_and_always_the_same(void **state)
{
    (void)state;
    const struct refresh_text one = text_of(SECRET, &ada, &first);
    const struct refresh_text again = text_of(SECRET, &ada, &first);
    const struct refresh_text other_request = text_of(SECRET, &ada, &second);
    const struct refresh_text other_user = text_of(SECRET, &bob, &first);
    const struct refresh_text other_key = text_of("another " SECRET, &ada, &first);

    assert_string_equal(one.text, again.text);
    assert_string_not_equal(one.text, other_request.text);
    /* Behind the id the secrets differ, too. */
    assert_string_not_equal(one.text + 16, other_user.text + 16);
    assert_string_not_equal(one.text, other_key.text);
}

static void assert_refused(const char *text)
{
    const struct reset_key key = key_of(SECRET);
    struct reset_token untouched = { .token.session_id = bob };

    assert_false(reset_token_parse(&key, text, &untouched));
    assert_true(id_equal(&untouched.token.session_id, &bob));
}

static void every_changed_character_is_refused(void **state)
{
    (void)state;

    for (size_t i = 0; i < REFRESH_TOKEN_LENGTH; i++) {
        struct refresh_text text = text_of(SECRET, &ada, &first);
        text.text[i] = text.text[i] == 'A' ? 'B' : 'A';
        assert_refused(text.text);
    }
}

static void what_is_none_is_refused(void **state)
{
    (void)state;
    const struct refresh_key refresh = refresh_key_of(SECRET, strlen(SECRET));
    const struct refresh_token session = refresh_token_new(&system_random, &ada);
    const struct refresh_text session_text = refresh_token_format(&refresh, &session);
    struct refresh_text cut = text_of(SECRET, &ada, &first);

    cut.text[REFRESH_TOKEN_LENGTH - 1] = '\0';
    assert_refused("");
    assert_refused(cut.text);
    assert_refused(text_of("another " SECRET, &ada, &first).text);
    assert_refused(session_text.text);
}

static void a_reset_token_is_no_refresh_token(void **state)
{
    (void)state;
    const struct refresh_key key = refresh_key_of(SECRET, strlen(SECRET));
    const struct refresh_text text = text_of(SECRET, &ada, &first);
    struct refresh_token out;

    assert_false(refresh_token_parse(&key, text.text, strlen(text.text), &out));
}

static void each_account_has_its_counter(void **state)
{
    (void)state;
    const struct reset_key key = key_of(SECRET);
    const struct digest one = reset_counter_key(&key, &ada), again = reset_counter_key(&key, &ada);
    const struct digest other = reset_counter_key(&key, &bob);

    assert_memory_equal(one.bytes, again.bytes, DIGEST_BYTES);
    assert_memory_not_equal(one.bytes, other.bytes, DIGEST_BYTES);
}

int main(void)
{
    struct tests tests = { 0 };

    assert(sodium_init() >= 0);
    ADD_TEST(&tests, a_token_comes_back);
    ADD_TEST(&tests, each_request_has_its_own_and_always_the_same);
    ADD_TEST(&tests, every_changed_character_is_refused);
    ADD_TEST(&tests, what_is_none_is_refused);
    ADD_TEST(&tests, a_reset_token_is_no_refresh_token);
    ADD_TEST(&tests, each_account_has_its_counter);
    return tests_run("reset_token", &tests);
}
