/* What we issue: the claims of the contract, under a signature that libsodium agrees with. */
#include "unit/common/auth/forge.h"
#include "unit/common/auth/key_directory.h"

#include "base/buffer.h"
#include "json/decode.h"

static struct caller someone(void)
{
    struct caller caller = { .role = ROLE_ADMIN };

    assert_true(id_parse(FORGE_USER, ID_HEX, &caller.user_id));
    assert_true(id_parse(FORGE_SESSION, ID_HEX, &caller.session_id));
    return caller;
}

static void issue(struct buffer *token)
{
    AUTO(key_set) const struct key_set *keys = forge_keys(FORGE_SECRET);
    struct caller caller = someone();
    struct error err = { 0 };

    assert_true(token_issue(keys, &forge_rules, FORGE_NOW_S, &caller, token, &err));
}

static json_t *part(const char *text, size_t length)
{
    unsigned char bytes[FORGE_PART_BYTES];
    size_t count = 0;

    assert_int_equal(sodium_base642bin(bytes, sizeof bytes, text, length, NULL, &count, NULL,
                                       sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                     0);
    json_t *tree = json_loadb((const char *)bytes, count, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(tree);
    return tree;
}

static void it_says_what_the_contract_lists(void **state)
{
    (void)state;
    AUTO(buffer) struct buffer token = { 0 };
    issue(&token);
    const char *dot = strchr(token.data, '.');
    AUTO(json) json_t *header = part(token.data, (size_t)(dot - token.data));
    AUTO(json) json_t *payload = part(dot + 1, (size_t)(strrchr(token.data, '.') - dot - 1));
    AUTO(json) json_t *expected_header = json_loads(FORGE_HEADER, 0, NULL);
    AUTO(json) json_t *expected = json_loads(FORGE_PAYLOAD, 0, NULL);

    assert_true(json_equal(header, expected_header));
    assert_int_equal(json_object_set_new(expected, "role", json_string("admin")), 0);
    assert_true(json_equal(payload, expected));
}

/* RFC 7515 appendix A.1: the tests' own HMAC is the standard's. */
static void the_tests_hmac_is_the_standards(void **state)
{
    (void)state;
    static const char input[] =
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQog"
        "Imh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    static const char key[] =
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    unsigned char secret[64];
    char mac[64];
    size_t length = 0;

    assert_int_equal(sodium_base642bin(secret, sizeof secret, key, strlen(key), NULL, &length, NULL,
                                       sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                     0);
    forge_mac(mac, sizeof mac, input, secret, length);
    assert_string_equal(mac, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
}

static void its_signature_is_what_libsodium_makes(void **state)
{
    (void)state;
    AUTO(buffer) struct buffer token = { 0 };
    char mac[64];

    issue(&token);
    char *signature = strrchr(token.data, '.');
    *signature++ = '\0';
    forge_mac(mac, sizeof mac, token.data, FORGE_SECRET, strlen(FORGE_SECRET));
    assert_string_equal(signature, mac);
}

static void it_comes_back_as_the_same_caller(void **state)
{
    (void)state;
    AUTO(key_set) const struct key_set *keys = forge_keys(FORGE_SECRET);
    AUTO(buffer) struct buffer token = { 0 };
    struct caller expected = someone(), caller = { 0 };

    buffer_text(&token, "before ");
    issue(&token);
    assert_memory_equal(token.data, "before ", 7);
    assert_int_equal(token_verify(keys, &forge_rules, FORGE_NOW_S, token.data + 7, token.length - 7,
                                  &caller, NULL),
                     TOKEN_VALID);
    assert_true(id_equal(&caller.user_id, &expected.user_id));
    assert_true(id_equal(&caller.session_id, &expected.session_id));
    assert_int_equal(caller.role, ROLE_ADMIN);
    assert_int_equal(caller.expires_at, FORGE_NOW_S + FORGE_TTL_S);
}

static void without_a_signing_key_nothing_is_issued(void **state)
{
    (void)state;
    AUTO(key_directory) struct key_directory directory = key_directory_new();
    struct error err = { 0 };

    key_directory_text(&directory, "a.secret", FORGE_SECRET);
    AUTO(key_ring) struct key_ring *ring = key_directory_open(&directory, NULL, &err);
    AUTO(key_set) const struct key_set *keys = key_ring_take(ring);
    AUTO(buffer) struct buffer token = { 0 };
    struct caller caller = someone();

    assert_false(token_issue(keys, &forge_rules, FORGE_NOW_S, &caller, &token, &err));
    assert_int_equal(err.code, ERR_CONFIG);
    assert_int_equal(token.length, 0);
}

static const struct role_case {
    const char *name, *text;
    bool valid;
    enum role role;
} roles[] = {
    { "player", "player", true, ROLE_PLAYER },  { "admin", "admin", true, ROLE_ADMIN },
    { "empty", "", false, ROLE_PLAYER },        { "a prefix", "play", false, ROLE_PLAYER },
    { "longer", "admins", false, ROLE_PLAYER }, { "upper case", "Admin", false, ROLE_PLAYER },
};

static void a_role_goes_both_ways(void **state)
{
    const struct role_case *c = *state;
    enum role role = (enum role)99;

    assert_int_equal(role_parse(c->text, strlen(c->text), &role), c->valid);
    if (c->valid)
        assert_string_equal(role_name(role), c->text);
    assert_int_equal(role, c->valid ? c->role : (enum role)99);
}

int main(void)
{
    struct tests tests = { 0 };

    assert(sodium_init() >= 0);
    ADD_TEST(&tests, it_says_what_the_contract_lists);
    ADD_TEST(&tests, the_tests_hmac_is_the_standards);
    ADD_TEST(&tests, its_signature_is_what_libsodium_makes);
    ADD_TEST(&tests, it_comes_back_as_the_same_caller);
    ADD_TEST(&tests, without_a_signing_key_nothing_is_issued);
    ADD_ROWS(&tests, a_role_goes_both_ways, roles);
    return tests_run("auth/token: issued", &tests);
}
