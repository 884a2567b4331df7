/* libjwt's "yes" counts only for the claims that we read ourselves. */
#include "unit/common/auth/forge.h"

#include "auth/signature.h"

static struct claims claims_of_the_token(void)
{
    struct claims claims = { .issued_at = 10000, .caller = { .expires_at = 13600 } };

    assert_true(id_parse(FORGE_USER, ID_HEX, &claims.caller.user_id));
    assert_true(id_parse(FORGE_SESSION, ID_HEX, &claims.caller.session_id));
    return claims;
}

static enum signature_result check(const struct claims *claims)
{
    AUTO(key_set) const struct key_set *keys = forge_keys(FORGE_SECRET);
    struct forged token;

    forge(&token, FORGE_HEADER, FORGE_PAYLOAD);
    return signature_check(key_set_single(keys), token.text, claims);
}

static void the_same_claims_are_good(void **state)
{
    (void)state;
    struct claims claims = claims_of_the_token();
    assert_int_equal(check(&claims), SIGNATURE_GOOD);
}

static void another_user(struct claims *claims)
{
    claims->caller.user_id.bytes[0] ^= 1;
}

static void another_session(struct claims *claims)
{
    claims->caller.session_id.bytes[11] ^= 1;
}

static void issued_earlier(struct claims *claims)
{
    claims->issued_at--;
}

static void living_longer(struct claims *claims)
{
    claims->caller.expires_at++;
}

static const struct difference {
    const char *name;
    void (*make)(struct claims *claims);
} differences[] = {
    { "another user", another_user },
    { "another session", another_session },
    { "issued earlier", issued_earlier },
    { "living longer", living_longer },
};

static void other_claims_are_undecided(void **state)
{
    const struct difference *difference = *state;
    struct claims claims = claims_of_the_token();

    difference->make(&claims);
    assert_int_equal(check(&claims), SIGNATURE_UNDECIDED);
}

int main(void)
{
    struct tests tests = { 0 };

    assert(sodium_init() >= 0);
    ADD_TEST(&tests, the_same_claims_are_good);
    ADD_ROWS(&tests, other_claims_are_undecided, differences);
    return tests_run("auth/signature", &tests);
}
