/* ES256, and what may happen where both algorithms live side by side. */
#include "unit/common/auth/forge.h"
#include "unit/common/auth/key_directory.h"
#include "unit/common/auth/pem_fixtures.h"

#include "base/buffer.h"

#define EC_HEADER "{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"ec\"}"

/* Verifies with what the directory holds. */
static enum token_result verify_in(const struct key_directory *directory, const char *text)
{
    struct error err = { 0 };
    AUTO(key_ring) struct key_ring *ring = key_directory_open(directory, NULL, &err);
    struct caller caller;

    assert_non_null(ring);
    AUTO(key_set) const struct key_set *keys = key_ring_take(ring);
    return token_verify(keys, &forge_rules, FORGE_NOW_S, text, strlen(text), &caller, NULL);
}

static const struct pem_case {
    const char *name, *pem;
} verifying[] = {
    { "checked with the public key", PEM_PUBLIC },
    { "checked with the private key", PEM_PRIVATE },
    { "checked with the private key in SEC 1", PEM_PRIVATE_SEC1 },
};

/* The token was signed by another library. */
static void a_foreign_signature_is_checked(void **state)
{
    const struct pem_case *c = *state;
    AUTO(key_directory) struct key_directory directory = key_directory_new();

    key_directory_text(&directory, "ec.pem", c->pem);
    assert_int_equal(verify_in(&directory, TOKEN_ES256), TOKEN_VALID);
    assert_int_equal(verify_in(&directory, TOKEN_ES256_DER), TOKEN_INVALID);
}

static void another_key_is_refused(void **state)
{
    (void)state;
    AUTO(key_directory) struct key_directory directory = key_directory_new();

    key_directory_text(&directory, "ec.pem", PEM_PRIVATE_WITH_PARAMETERS);
    assert_int_equal(verify_in(&directory, TOKEN_ES256), TOKEN_INVALID);
}

static void a_changed_signature_is_refused(void **state)
{
    (void)state;
    AUTO(key_directory) struct key_directory directory = key_directory_new();
    char token[] = TOKEN_ES256;

    key_directory_text(&directory, "ec.pem", PEM_PUBLIC);
    const size_t start = (size_t)(strrchr(token, '.') - token) + 1;
    for (size_t i = start; i < strlen(token); i += 5) {
        char before = token[i];
        token[i] = before == 'A' ? 'Q' : 'A'; /* unused bits stay zero */
        assert_int_equal(verify_in(&directory, token), TOKEN_INVALID);
        token[i] = before;
    }
    assert_int_equal(verify_in(&directory, token), TOKEN_VALID);
}

/* r = s = 0: CVE-2022-21449 and its kin. */
static void a_signature_of_zeros_is_refused(void **state)
{
    (void)state;
    AUTO(key_directory) struct key_directory directory = key_directory_new();
    char token[] = TOKEN_ES256;
    char *signature = strrchr(token, '.') + 1;

    key_directory_text(&directory, "ec.pem", PEM_PUBLIC);
    memset(signature, 'A', strlen(signature));
    assert_int_equal(verify_in(&directory, token), TOKEN_INVALID);
}

static void what_it_signs_it_verifies(void **state)
{
    const struct pem_case *c = *state;
    AUTO(key_directory) struct key_directory directory = key_directory_new();
    struct error err = { 0 };

    key_directory_text(&directory, "ec.pem", c->pem);
    AUTO(key_ring) struct key_ring *ring = key_directory_open(&directory, "ec", &err);
    assert_string_equal(err.detail, "");
    AUTO(key_set) const struct key_set *keys = key_ring_take(ring);
    AUTO(buffer) struct buffer token = { 0 };
    struct caller caller = { .role = ROLE_PLAYER };

    assert_true(token_issue(keys, &forge_rules, FORGE_NOW_S, &caller, &token, &err));
    assert_int_equal(strlen(strrchr(token.data, '.') + 1), 86);
    assert_int_equal(verify_in(&directory, token.data), TOKEN_VALID);
}

static const struct pem_case signing[] = {
    { "signs: PKCS #8", PEM_PRIVATE },
    { "signs: SEC 1", PEM_PRIVATE_SEC1 },
    { "signs: with parameters in front", PEM_PRIVATE_WITH_PARAMETERS },
};

/* The header, signed with HMAC under the text of a public key, which everybody knows. */
static const struct confusion {
    const char *name, *header, *secret;
} confusions[] = {
    { "HS256 with the public PEM", "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"ec\"}",
      PEM_PUBLIC },
    { "ES256 with an HMAC", EC_HEADER, PEM_PUBLIC },
    { "HS256 with the RSA PEM", "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"ec\"}",
      PEM_PUBLIC_RSA },
    { "RS256 with an HMAC", "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"ec\"}", PEM_PUBLIC_RSA },
    { "HS256 with the EC kid and our secret", "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"ec\"}",
      FORGE_SECRET },
    { "ES256 with the secret's kid", "{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"default\"}",
      FORGE_SECRET },
    { "no kid, two keys", "{\"alg\":\"HS256\",\"typ\":\"JWT\"}", FORGE_SECRET },
};

static void algorithms_are_not_confused(void **state)
{
    const struct confusion *c = *state;
    AUTO(key_directory) struct key_directory directory = key_directory_new();
    char header[FORGE_PART_BYTES], payload[FORGE_PART_BYTES];
    struct forged token;

    key_directory_text(&directory, "ec.pem", PEM_PUBLIC);
    key_directory_text(&directory, "default.secret", FORGE_SECRET);
    forge_base64(header, sizeof header, c->header, strlen(c->header));
    forge_base64(payload, sizeof payload, FORGE_PAYLOAD, strlen(FORGE_PAYLOAD));
    forge_sign(&token, header, payload, c->secret, strlen(c->secret));
    assert_int_equal(verify_in(&directory, token.text), TOKEN_INVALID);

    forge(&token, FORGE_HEADER, FORGE_PAYLOAD); /* each key is good for its own */
    assert_int_equal(verify_in(&directory, token.text), TOKEN_VALID);
    assert_int_equal(verify_in(&directory, TOKEN_ES256), TOKEN_VALID);
}

static const struct pem_case refused[] = {
    { "another curve of that size", PEM_PUBLIC_SECP256K1 },
    { "its private key", PEM_PRIVATE_SECP256K1 },
    { "brainpool of that size", PEM_PUBLIC_BRAINPOOL },
    { "P-384", PEM_PRIVATE_P384 },
    { "Ed25519", PEM_PRIVATE_ED25519 },
    { "RSA, public", PEM_PUBLIC_RSA },
    { "RSA, private", PEM_PRIVATE_RSA },
    { "encrypted", PEM_ENCRYPTED },
    { "a compressed point", PEM_PUBLIC_COMPRESSED },
    { "halves of two keys", PEM_HALVES_OF_TWO_KEYS },
    { "nothing", "" },
    { "a secret", FORGE_SECRET },
    { "no end", "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n" },
    { "no base64", "-----BEGIN PUBLIC KEY-----\n****\n-----END PUBLIC KEY-----\n" },
    { "an empty block", "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n" },
};

static void any_other_pem_is_refused_at_load(void **state)
{
    const struct pem_case *c = *state;
    AUTO(key_directory) struct key_directory directory = key_directory_new();
    struct error err = { 0 };

    key_directory_text(&directory, "ec.pem", c->pem);
    assert_null(key_directory_open(&directory, NULL, &err));
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.detail, "JWT_KEYS_DIR/ec.pem: "));
}

/* One thing in the DER is another, the length is not. */
static const struct der_case {
    const char *name, *pem, *find, *with;
} ders[] = {
    { "public: the curve's name", PEM_PUBLIC, "DAQcDQgAE", "DAQgDQgAE" },
    { "public: bytes behind", PEM_PUBLIC, "==\n-----END", "AA\n-----END" },
    { "PKCS #8: the curve's name", PEM_PRIVATE, "AwEHBG0w", "AwEIBG0w" },
    { "PKCS #8: the point's form", PEM_PRIVATE, "hRANCAAT", "hRANCAAX" },
    { "SEC 1: the version", PEM_PRIVATE_SEC1, "MHcCAQEE", "MHcCAQIE" },
    { "SEC 1: the curve's name", PEM_PRIVATE_SEC1, "AwEHoUQD", "AwEIoUQD" },
};

static void another_der_is_no_key(void **state)
{
    const struct der_case *c = *state;
    char pem[FORGE_PART_BYTES];
    struct ec_key key;

    forge_replace(pem, sizeof pem, c->pem, c->find, c->with);
    assert_true(ec_pem_read(c->pem, &key));
    assert_false(ec_pem_read(pem, &key));
}

static void a_pem_with_a_nul_is_refused(void **state)
{
    (void)state;
    static const char pem[] = PEM_PUBLIC "\0more";
    AUTO(key_directory) struct key_directory directory = key_directory_new();
    struct error err = { 0 };

    key_directory_write(&directory, "ec.pem", pem, sizeof pem);
    assert_null(key_directory_open(&directory, NULL, &err));
    assert_int_equal(err.code, ERR_CONFIG);
}

int main(void)
{
    struct tests tests = { 0 };

    assert(sodium_init() >= 0);
    ADD_ROWS(&tests, a_foreign_signature_is_checked, verifying);
    ADD_TEST(&tests, another_key_is_refused);
    ADD_TEST(&tests, a_changed_signature_is_refused);
    ADD_TEST(&tests, a_signature_of_zeros_is_refused);
    ADD_ROWS(&tests, what_it_signs_it_verifies, signing);
    ADD_ROWS(&tests, algorithms_are_not_confused, confusions);
    ADD_ROWS(&tests, any_other_pem_is_refused_at_load, refused);
    ADD_ROWS(&tests, another_der_is_no_key, ders);
    ADD_TEST(&tests, a_pem_with_a_nul_is_refused);
    return tests_run("auth/token: ES256", &tests);
}
