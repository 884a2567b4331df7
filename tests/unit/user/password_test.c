/* Passwords: rules, PHC texts, Argon2id. */
#include "unit/support/tests.h"

#include <dlfcn.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#include "common_passwords.h"
#include "password.h"

/* Stands in for libsodium's: Argon2 takes its memory from the system, not from malloc. */
static bool no_memory;

int crypto_pwhash(unsigned char *const out, unsigned long long outlen, const char *const passwd,
                  unsigned long long passwdlen, const unsigned char *const salt,
                  unsigned long long opslimit, size_t memlimit, int alg)
{
    int (*real)(unsigned char *, unsigned long long, const char *, unsigned long long,
                const unsigned char *, unsigned long long, size_t, int);

    if (no_memory)
        return -1;
    *(void **)&real = dlsym(RTLD_NEXT, "crypto_pwhash");
    return real(out, outlen, passwd, passwdlen, salt, opslimit, memlimit, alg);
}

static const struct password_cost cheap = { .memory_kib = 8, .passes = 1 };

/* --- Rules. --- */

#define TEN(text)     text text text text text text text text text text
#define HUNDRED(text) TEN(TEN(text))

static const struct rule_case {
    const char *name, *password;
    enum password_fault fault;
} rule_cases[] = {
    { "rule: seven characters", "abcdefg", PASSWORD_TOO_SHORT },
    { "rule: nothing", "", PASSWORD_TOO_SHORT },
    { "rule: eight characters", "xq7 fv2!", PASSWORD_FINE },
    { "rule: seven characters of 14 bytes", "ñññññññ", PASSWORD_TOO_SHORT },
    { "rule: eight characters of 16 bytes", "ññññññññ", PASSWORD_FINE },
    { "rule: 128 characters", HUNDRED("a") TEN("b") TEN("c") "d0123456", PASSWORD_FINE },
    { "rule: 128 characters of four bytes",
      HUNDRED("\xF0\x9F\x98\x80") TEN("\xF0\x9F\x98\x81") TEN(
          "\xF0\x9F\x98\x82") "\xF0\x9F\x98\x83\xF0\x9F\x98\x83\xF0\x9F\x98\x83\xF0\x9F\x98\x83"
                              "\xF0\x9F\x98\x83\xF0\x9F\x98\x83\xF0\x9F\x98\x83\xF0\x9F\x98\x83",
      PASSWORD_FINE },
    { "rule: 129 characters", HUNDRED("a") TEN("b") TEN("c") "d01234567", PASSWORD_TOO_LONG },
    { "rule: the username", "Alice.Liddell", PASSWORD_IS_NAME },
    { "rule: the username in capitals", "ALICE.LIDDELL", PASSWORD_IS_NAME },
    { "rule: the e-mail", "alice@example.org", PASSWORD_IS_NAME },
    { "rule: the e-mail in other case", "Alice@Example.Org", PASSWORD_IS_NAME },
    { "rule: the username and more", "Alice.Liddell1", PASSWORD_FINE },
    { "rule: a common one", "password", PASSWORD_COMMON },
    { "rule: a common one in other case", "PassWord", PASSWORD_COMMON },
    { "rule: a common one of digits", "123456789", PASSWORD_COMMON },
    { "rule: a common one with a semicolon", "asdfjkl;", PASSWORD_COMMON },
    { "rule: the first of the list", "!qaz2wsx", PASSWORD_COMMON },
    { "rule: a common one and more", "password ", PASSWORD_FINE },
    { "rule: longer than any common one", "correct horse battery staple", PASSWORD_FINE },
};

static void rules_are_held(void **state)
{
    const struct rule_case *c = *state;

    assert_int_equal(password_judge(c->password, "Alice.Liddell", "alice@example.org"), c->fault);
}

/* A body may lack them, and the password is still judged. */
static void absent_names_are_not_compared(void **state)
{
    (void)state;
    assert_int_equal(password_judge("Alice.Liddell", "", ""), PASSWORD_FINE);
    assert_int_equal(password_judge("password", "", ""), PASSWORD_COMMON);
}

static void the_list_is_sorted_lower_case_and_long_enough(void **state)
{
    (void)state;
    assert_true(common_password_count >= 10000);
    for (size_t i = 0; i < common_password_count; i++) {
        const char *word = common_passwords[i];
        const size_t length = strnlen(word, COMMON_PASSWORD_MAX + 1);
        assert_in_range(length, PASSWORD_MIN, COMMON_PASSWORD_MAX);
        for (size_t at = 0; at < length; at++)
            assert_false(word[at] >= 'A' && word[at] <= 'Z');
        if (i > 0)
            assert_true(strcmp(common_passwords[i - 1], word) < 0);
        assert_int_equal(password_judge(word, "", ""), PASSWORD_COMMON);
    }
}

/* --- Hashes. --- */

static bool is_right(const struct password_hash *hash, const char *password)
{
    struct error err = { 0 };
    bool right = false;

    if (!password_verify(hash, password, strlen(password), &right, &err))
        fail_msg("verify: %s", err.detail);
    return right;
}

static struct password_hash hash_of(const char *password, const struct password_cost *cost)
{
    struct password_hash hash;
    struct error err = { 0 };

    if (!password_hash(cost, &system_random, password, strlen(password), &hash, &err))
        fail_msg("hash: %s", err.detail);
    return hash;
}

static void a_hash_knows_its_password_only(void **state)
{
    (void)state;
    const struct password_hash hash = hash_of("correct horse", &cheap);

    assert_true(is_right(&hash, "correct horse"));
    assert_false(is_right(&hash, "correct horsf"));
    assert_false(is_right(&hash, "correct hors"));
    assert_false(is_right(&hash, "Correct horse"));
    assert_false(is_right(&hash, ""));
}

/* Every byte counts: the text's last characters are the hash's last bytes, the first the salt's. */
static void a_hash_changed_anywhere_knows_no_password(void **state)
{
    (void)state;
    const struct password_hash hash = hash_of("correct horse", &cheap);
    const size_t length = strlen(hash.text);

    for (size_t at = length - 22 - 1 - 43; at < length; at++) {
        struct password_hash changed = hash;
        struct error err = { 0 };
        bool right = false;
        changed.text[at] = hash.text[at] == 'A' ? 'Q' : 'A';
        if (password_verify(&changed, "correct horse", 13, &right, &err))
            assert_false(right);
    }
}

static void a_hash_is_phc_text_with_its_cost_and_a_fresh_salt(void **state)
{
    (void)state;
    static const char prefix[] = "$argon2id$v=19$m=16,t=3,p=1$";
    const struct password_cost cost = { .memory_kib = 16, .passes = 3 };
    const struct password_hash one = hash_of("same", &cost), two = hash_of("same", &cost);

    assert_memory_equal(one.text, prefix, sizeof prefix - 1);
    assert_int_equal(strlen(one.text), sizeof prefix - 1 + 22 + 1 + 43);
    assert_string_not_equal(one.text, two.text);
}

/* The format is the standard one: libsodium's own reader and writer agree with ours. */
static void libsodium_reads_and_writes_the_same_text(void **state)
{
    (void)state;
    const struct password_hash ours = hash_of("correct horse", &cheap);
    struct password_hash theirs = { "" };

    assert_int_equal(crypto_pwhash_str_verify(ours.text, "correct horse", 13), 0);
    assert_true(sizeof theirs.text >= crypto_pwhash_STRBYTES);
    assert_int_equal(crypto_pwhash_str(theirs.text, "correct horse", 13, 1, 8192), 0);
    assert_true(is_right(&theirs, "correct horse"));
}

#define SALT "AAAAAAAAAAAAAAAAAAAAAA"
#define HASH "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static const struct phc_case {
    const char *name, *text;
    bool readable;
} phc_cases[] = {
    { "phc: as we write it", "$argon2id$v=19$m=8,t=1,p=1$" SALT "$" HASH, true },
    { "phc: the most passes", "$argon2id$v=19$m=8,t=16,p=1$" SALT "$" HASH, true },
    { "phc: nothing", "", false },
    { "phc: no hash at all", "secret", false },
    { "phc: argon2i", "$argon2i$v=19$m=8,t=1,p=1$" SALT "$" HASH, false },
    { "phc: another version", "$argon2id$v=16$m=8,t=1,p=1$" SALT "$" HASH, false },
    { "phc: two lanes", "$argon2id$v=19$m=16,t=1,p=2$" SALT "$" HASH, false },
    { "phc: too little memory", "$argon2id$v=19$m=7,t=1,p=1$" SALT "$" HASH, false },
    { "phc: too much memory", "$argon2id$v=19$m=262145,t=1,p=1$" SALT "$" HASH, false },
    { "phc: memory beyond 32 bits", "$argon2id$v=19$m=4294967304,t=1,p=1$" SALT "$" HASH, false },
    { "phc: negative memory", "$argon2id$v=19$m=-8,t=1,p=1$" SALT "$" HASH, false },
    { "phc: no pass", "$argon2id$v=19$m=8,t=0,p=1$" SALT "$" HASH, false },
    { "phc: too many passes", "$argon2id$v=19$m=8,t=17,p=1$" SALT "$" HASH, false },
    { "phc: a leading zero", "$argon2id$v=19$m=08,t=1,p=1$" SALT "$" HASH, false },
    { "phc: a blank", "$argon2id$v=19$m= 8,t=1,p=1$" SALT "$" HASH, false },
    { "phc: a plus sign", "$argon2id$v=19$m=+8,t=1,p=1$" SALT "$" HASH, false },
    { "phc: a short salt", "$argon2id$v=19$m=8,t=1,p=1$AAAA$" HASH, false },
    { "phc: a long salt", "$argon2id$v=19$m=8,t=1,p=1$" SALT "AA$" HASH, false },
    { "phc: a short hash", "$argon2id$v=19$m=8,t=1,p=1$" SALT "$AAAA", false },
    { "phc: no hash", "$argon2id$v=19$m=8,t=1,p=1$" SALT "$", false },
    { "phc: no second dollar", "$argon2id$v=19$m=8,t=1,p=1$" SALT, false },
    { "phc: a padded hash", "$argon2id$v=19$m=8,t=1,p=1$" SALT "$" HASH "=", false },
    { "phc: spare bits in the hash",
      "$argon2id$v=19$m=8,t=1,p=1$" SALT "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB", false },
    { "phc: not base64", "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAA-_$" HASH, false },
    { "phc: more after the hash", "$argon2id$v=19$m=8,t=1,p=1$" SALT "$" HASH "$", false },
};

static void only_our_own_text_is_read(void **state)
{
    const struct phc_case *c = *state;
    struct password_hash hash = { "" };
    struct error err = { 0 };
    bool right = true;

    strcpy(hash.text, c->text);
    assert_int_equal(password_verify(&hash, "password", 8, &right, &err), c->readable);
    assert_int_equal(right, !c->readable); /* untouched on failure */
    assert_int_equal(err.code, c->readable ? ERR_NONE : ERR_BUG);
}

static const struct outdated_case {
    const char *name, *text;
    bool outdated;
} outdated_cases[] = {
    { "outdated: the same cost", "$argon2id$v=19$m=8,t=1,p=1$" SALT "$" HASH, false },
    { "outdated: less memory now", "$argon2id$v=19$m=16,t=1,p=1$" SALT "$" HASH, true },
    { "outdated: fewer passes now", "$argon2id$v=19$m=8,t=2,p=1$" SALT "$" HASH, true },
    { "outdated: unreadable", "x", true },
};

static void another_cost_is_outdated(void **state)
{
    const struct outdated_case *c = *state;
    struct password_hash hash = { "" };

    strcpy(hash.text, c->text);
    assert_int_equal(password_is_outdated(&hash, &cheap), c->outdated);
}

static void the_dummy_costs_the_same_and_matches_nothing(void **state)
{
    (void)state;
    const struct password_hash dummy = password_dummy(&cheap, &system_random);

    assert_false(password_is_outdated(&dummy, &cheap));
    assert_false(is_right(&dummy, ""));
    assert_false(is_right(&dummy, "password"));
}

static void out_of_memory_is_never_wrong(void **state)
{
    (void)state;
    const struct password_hash hash = hash_of("correct horse", &cheap);
    struct password_hash fresh = { "untouched" };
    struct error err = { 0 };
    bool right = true;

    no_memory = true;
    assert_false(password_verify(&hash, "correct horse", 13, &right, &err));
    assert_int_equal(err.code, ERR_NO_MEMORY);
    assert_true(right); /* untouched */
    err = (struct error){ 0 };
    assert_false(password_hash(&cheap, &system_random, "correct horse", 13, &fresh, &err));
    assert_int_equal(err.code, ERR_NO_MEMORY);
    assert_string_equal(fresh.text, "untouched");
    no_memory = false;
    assert_true(is_right(&hash, "correct horse"));
}

int main(void)
{
    struct tests tests = { 0 };

    if (sodium_init() < 0)
        return 1;
    ADD_ROWS(&tests, rules_are_held, rule_cases);
    ADD_TEST(&tests, absent_names_are_not_compared);
    ADD_TEST(&tests, the_list_is_sorted_lower_case_and_long_enough);
    ADD_TEST(&tests, a_hash_knows_its_password_only);
    ADD_TEST(&tests, a_hash_changed_anywhere_knows_no_password);
    ADD_TEST(&tests, a_hash_is_phc_text_with_its_cost_and_a_fresh_salt);
    ADD_TEST(&tests, libsodium_reads_and_writes_the_same_text);
    ADD_ROWS(&tests, only_our_own_text_is_read, phc_cases);
    ADD_ROWS(&tests, another_cost_is_outdated, outdated_cases);
    ADD_TEST(&tests, the_dummy_costs_the_same_and_matches_nothing);
    ADD_TEST(&tests, out_of_memory_is_never_wrong);
    return tests_run("password", &tests);
}
