/* No memory at any point of verifying and issuing: undecided, never an allow, never a crash.
 *
 * Here the allocations of shared libraries fail too (libjwt's and OpenSSL's have no functions to
 * set): see unit/support/oom_everywhere.h. */
#include "unit/common/auth/forge.h"
#include "unit/common/auth/key_directory.h"
#include "unit/common/auth/pem_fixtures.h"

#include <limits.h>

#include "base/buffer.h"

#ifdef __SANITIZE_THREAD__
/* Its runtime cannot start in a program that has its own malloc; nothing here has threads. */
int main(void)
{
    return 0;
}
#else

#include "unit/support/oom_everywhere.h"

enum {
#ifdef __SANITIZE_ADDRESS__
    WALK_STEPS = 150,      /* each of HS256's, some 130; of ES256's some, at 100 times the cost */
#else
    WALK_STEPS = 100000, /* each */
#endif
    ES256_MORE_THAN = 300, /* OpenSSL 3.0 adds some 3,000 to them, 3.5 only 350 */
    HS256_MORE_THAN = 80,
};

static enum token_result verify(const struct key_set *keys, const char *text, struct caller *caller)
{
    return token_verify(keys, &forge_rules, FORGE_NOW_S, text, strlen(text), caller, NULL);
}

/* Verifies with the n-th allocation failing, for every n, or as many as WALK_STEPS allows. */
static void walk(const struct key_set *keys, const char *text, unsigned more_than,
                 enum token_result without_failure, enum token_result with_failure)
{
    struct caller untouched = { .expires_at = -1 }, caller = untouched;

    everywhere_fail_at(UINT_MAX);
    enum token_result result = verify(keys, text, &caller);
    unsigned count = UINT_MAX - everywhere_left;
    assert_false(everywhere_stop());
    assert_int_equal(result, without_failure);
    assert_true(count > more_than); /* the libraries' were counted */

    for (unsigned n = 1;; n += 1 + count / WALK_STEPS) {
        caller = untouched;
        everywhere_fail_at(n);
        result = verify(keys, text, &caller);
        if (!everywhere_stop())
            break;
        assert_int_equal(result, with_failure);
        assert_memory_equal(&caller, &untouched, sizeof caller);
    }
    assert_int_equal(result, without_failure);
}

static void a_good_token_is_undecided(void **state)
{
    (void)state;
    AUTO(key_set) const struct key_set *keys = forge_keys(FORGE_SECRET);
    struct forged token;

    forge(&token, FORGE_HEADER, FORGE_PAYLOAD);
    walk(keys, token.text, HS256_MORE_THAN, TOKEN_VALID, TOKEN_UNDECIDED);
}

/* The digest of the last good token may still lie on the stack when libjwt fails to make another.
 */
static void a_forged_token_stays_forged(void **state)
{
    (void)state;
    AUTO(key_set) const struct key_set *keys = forge_keys(FORGE_SECRET);
    struct forged good, bad;
    char admin[FORGE_PART_BYTES];

    forge_replace(admin, sizeof admin, FORGE_PAYLOAD, "player", "admin");
    forge(&good, FORGE_HEADER, FORGE_PAYLOAD);
    forge(&bad, FORGE_HEADER, admin);
    strcpy(strrchr(bad.text, '.'), strrchr(good.text, '.'));
    assert_int_equal(forge_verify(good.text), TOKEN_VALID);
    walk(keys, bad.text, HS256_MORE_THAN, TOKEN_INVALID, TOKEN_UNDECIDED);
}

static void a_good_es256_token_is_undecided(void **state)
{
    (void)state;
    AUTO(key_directory) struct key_directory directory = key_directory_new();

    key_directory_text(&directory, "ec.pem", PEM_PUBLIC);
    AUTO(key_ring) struct key_ring *ring = key_directory_open(&directory, NULL, NULL);
    AUTO(key_set) const struct key_set *keys = key_ring_take(ring);
    walk(keys, TOKEN_ES256, ES256_MORE_THAN, TOKEN_VALID, TOKEN_UNDECIDED);
}

static void a_forged_es256_token_stays_forged(void **state)
{
    (void)state;
    AUTO(key_directory) struct key_directory directory = key_directory_new();
    char token[] = TOKEN_ES256;
    char *signature = strrchr(token, '.') + 1;

    key_directory_text(&directory, "ec.pem", PEM_PUBLIC);
    AUTO(key_ring) struct key_ring *ring = key_directory_open(&directory, NULL, NULL);
    AUTO(key_set) const struct key_set *keys = key_ring_take(ring);
    *signature = *signature == 'A' ? 'B' : 'A';
    walk(keys, token, ES256_MORE_THAN, TOKEN_INVALID, TOKEN_UNDECIDED);
}

static void issuing_fails_or_the_token_is_good(void **state)
{
    (void)state;
    AUTO(key_set) const struct key_set *keys = forge_keys(FORGE_SECRET);
    struct caller caller = { .role = ROLE_PLAYER };
    unsigned refused = 0;

    for (unsigned n = 1;; n++) {
        AUTO(buffer) struct buffer token = { 0 };
        struct error err = { 0 };

        everywhere_fail_at(n);
        bool issued = token_issue(keys, &forge_rules, FORGE_NOW_S, &caller, &token, &err);
        bool ran_out = everywhere_stop();
        assert_int_equal(err.code, issued ? ERR_NONE : ERR_NO_MEMORY);
        if (issued)
            assert_int_equal(forge_verify(token.data), TOKEN_VALID);
        else
            assert_int_equal(token.length, 0);
        if (!ran_out) {
            assert_true(issued);
            break;
        }
        refused += !issued;
    }
    assert_true(refused > 100);
}

int main(void)
{
    struct tests tests = { 0 };

    assert(sodium_init() >= 0);
    ADD_TEST(&tests, a_good_token_is_undecided);
    ADD_TEST(&tests, a_forged_token_stays_forged);
    ADD_TEST(&tests, a_good_es256_token_is_undecided);
    ADD_TEST(&tests, a_forged_es256_token_stays_forged);
    ADD_TEST(&tests, issuing_fails_or_the_token_is_good);
    return tests_run("auth/token: no memory", &tests);
}
#endif
