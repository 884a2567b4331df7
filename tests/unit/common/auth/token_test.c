/* The verifier against tokens that are all properly signed (by libsodium) and wrong in one thing.
 * The row's mutation is the only difference to a token that passes, so each refusal is the rule's.
 */
#include "unit/common/auth/forge.h"

static void a_good_token_tells_its_caller(void **state)
{
    (void)state;
    AUTO(key_set) const struct key_set *keys = forge_keys(FORGE_SECRET);
    struct caller caller = { 0 };
    struct forged token;

    forge(&token, FORGE_HEADER, FORGE_PAYLOAD);
    assert_int_equal(token_verify(keys, &forge_rules, FORGE_NOW_S, token.text, strlen(token.text),
                                  &caller, NULL),
                     TOKEN_VALID);
    assert_string_equal(id_format(&caller.user_id).hex, FORGE_USER);
    assert_string_equal(id_format(&caller.session_id).hex, FORGE_SESSION);
    assert_int_equal(caller.role, ROLE_PLAYER);
    assert_int_equal(caller.expires_at, 13600);
}

/* One replacement in the good header or payload, signed afterwards. */
static const struct mutation {
    const char *name;
    const char *find;
    const char *with;
} good_headers[] = {
    { "header: as it is", "{", "{" },
    { "header: no typ", "\"typ\":\"JWT\",", "" },
    { "header: no kid, one key", ",\"kid\":\"default\"", "" },
    { "header: white space", "{", " {\n\t" },
    { "header: escaped letters", "\"alg\"", "\"\\u0061lg\"" },
    { "header: a member nobody knows", "{", "{\"x5t\":\"abc\"," },
}, good_payloads[] = {
    { "payload: white space", "{", " { " },
    { "payload: admin", "player", "admin" },
    { "payload: a claim nobody knows", "{", "{\"scope\":[\"a\",{\"b\":1.5}]," },
    { "payload: begins before now", "{", "{\"nbf\":9999," },
    { "payload: begins within the leeway", "{", "{\"nbf\":10030," },
    { "payload: from the future within the leeway", "10000,\"exp\":13600", "10030,\"exp\":13630" },
    { "payload: expired within the leeway", "10000,\"exp\":13600", "9900,\"exp\":9971" },
    { "payload: lives one second", "13600", "10001" },
    { "payload: escaped letters", "\"id\"", "\"\\u0069d\"" },
}, bad_headers[] = {
    { "alg: none", "HS256", "none" },
    { "alg: None", "HS256", "None" },
    { "alg: NONE", "HS256", "NONE" },
    { "alg: nOnE", "HS256", "nOnE" },
    { "alg: empty", "HS256", "" },
    { "alg: HS384", "HS256", "HS384" },
    { "alg: HS512", "HS256", "HS512" },
    { "alg: RS256", "HS256", "RS256" },
    { "alg: PS256", "HS256", "PS256" },
    { "alg: ES256", "HS256", "ES256" },
    { "alg: EdDSA", "HS256", "EdDSA" },
    { "alg: hs256", "HS256", "hs256" },
    { "alg: a blank behind", "HS256", "HS256 " },
    { "alg: a NUL behind", "HS256", "HS256\\u0000" },
    { "alg: missing", "\"alg\":\"HS256\",", "" },
    { "alg: null", "\"HS256\"", "null" },
    { "alg: a number", "\"HS256\"", "1" },
    { "alg: a list", "\"HS256\"", "[\"HS256\"]" },
    { "alg: an object", "\"HS256\"", "{\"alg\":\"HS256\"}" },
    { "alg: twice, the good one last", "{", "{\"alg\":\"none\"," },
    { "alg: twice, the good one first", "}", ",\"alg\":\"none\"}" },
    { "alg: twice, once escaped", "}", ",\"\\u0061lg\":\"none\"}" },
    { "alg: another case", "\"alg\"", "\"Alg\"" },
    { "kid: unknown", "default", "other" },
    { "kid: empty", "default", "" },
    { "kid: another case", "default", "DEFAULT" },
    { "kid: a blank behind", "default", "default " },
    { "kid: a NUL behind", "default", "default\\u0000" },
    { "kid: a prefix", "default", "defaul" },
    { "kid: a path", "default", "../default" },
    { "kid: a device", "default", "/dev/null" },
    { "kid: an absolute path", "default", "/etc/hostname" },
    { "kid: SQL", "default", "' OR '1'='1" },
    { "kid: a command", "default", "default|cat" },
    { "kid: a URL", "default", "https://example.com/k" },
    { "kid: null", "\"default\"", "null" },
    { "kid: a number", "\"default\"", "0" },
    { "kid: true", "\"default\"", "true" },
    { "kid: a list", "\"default\"", "[\"default\"]" },
    { "kid: twice", "}", ",\"kid\":\"default\"}" },
    { "typ: at+jwt", "JWT", "at+jwt" },
    { "typ: lower case", "JWT", "jwt" },
    { "typ: JOSE", "JWT", "JOSE" },
    { "typ: dpop+jwt", "JWT", "dpop+jwt" },
    { "typ: application/jwt", "JWT", "application/jwt" },
    { "typ: empty", "JWT", "" },
    { "typ: a NUL behind", "JWT", "JWT\\u0000" },
    { "typ: null", "\"JWT\"", "null" },
    { "typ: a number", "\"JWT\"", "1" },
    { "typ: twice", "}", ",\"typ\":\"JWT\"}" },
    { "crit: exp", "{", "{\"crit\":[\"exp\"]," },
    { "crit: empty", "{", "{\"crit\":[]," },
    { "crit: null", "{", "{\"crit\":null," },
    { "crit: escaped", "{", "{\"cr\\u0069t\":[\"x\"],\"x\":1," },
    { "jku", "{", "{\"jku\":\"https://example.com/jwks.json\"," },
    { "jwk", "{", "{\"jwk\":{\"kty\":\"oct\",\"k\":\"AAAA\"}," },
    { "x5u", "{", "{\"x5u\":\"https://example.com/cert.pem\"," },
    { "x5c", "{", "{\"x5c\":[\"MIIB\"]," },
    { "b64: false", "{", "{\"b64\":false," },
    { "b64: true", "{", "{\"b64\":true," },
    { "zip", "{", "{\"zip\":\"DEF\"," },
    { "enc", "{", "{\"enc\":\"A128GCM\"," },
    { "header: an array", FORGE_HEADER, "[" FORGE_HEADER "]" },
    { "header: a string", FORGE_HEADER, "\"HS256\"" },
    { "header: null", FORGE_HEADER, "null" },
    { "header: an empty object", FORGE_HEADER, "{}" },
    { "header: two objects", FORGE_HEADER, FORGE_HEADER FORGE_HEADER },
    { "header: cut off", "}", "" },
    { "header: a comma behind", "}", ",}" },
    { "header: a byte order mark", "{", "\xEF\xBB\xBF{" },
    { "header: a byte that is no UTF-8", "default", "default\xFF" },
    { "header: too deep", "{", "{\"a\":[[[[[[[[]]]]]]]]," },
    { "header: NaN", "{", "{\"a\":NaN," },
}, bad_payloads[] = {
    { "id: missing", "\"id\":\"" FORGE_USER "\",", "" },
    { "id: another user's", "\"id\":\"0", "\"id\":\"1" },
    { "id: upper case", "\"id\":\"0123456789abcdef", "\"id\":\"0123456789ABCDEF" },
    { "id: short", "\"id\":\"0", "\"id\":\"" },
    { "id: long", "\"id\":\"0", "\"id\":\"00" },
    { "id: a number", "\"id\":\"" FORGE_USER "\"", "\"id\":1" },
    { "id: null", "\"id\":\"" FORGE_USER "\"", "\"id\":null" },
    { "id: a query", "\"id\":\"" FORGE_USER "\"", "\"id\":{\"$ne\":null}" },
    { "id: twice", "}", ",\"id\":\"" FORGE_USER "\"}" },
    { "id: twice, once escaped", "}", ",\"\\u0069d\":\"" FORGE_USER "\"}" },
    { "sub: missing", "\"sub\":\"" FORGE_USER "\",", "" },
    { "sub: another user", "\"sub\":\"0", "\"sub\":\"1" },
    { "sub: a number", "\"sub\":\"" FORGE_USER "\"", "\"sub\":1" },
    { "sub: twice", "}", ",\"sub\":\"" FORGE_USER "\"}" },
    { "sid: missing", "\"sid\":\"" FORGE_SESSION "\",", "" },
    { "sid: no id", FORGE_SESSION, "session" },
    { "sid: null", "\"" FORGE_SESSION "\"", "null" },
    { "role: missing", "\"role\":\"player\",", "" },
    { "role: unknown", "player", "root" },
    { "role: empty", "player", "" },
    { "role: upper case", "player", "ADMIN" },
    { "role: a blank behind", "player", "admin " },
    { "role: a list", "\"player\"", "[\"player\",\"admin\"]" },
    { "role: a number", "\"player\"", "1" },
    { "role: twice", "}", ",\"role\":\"admin\"}" },
    { "iss: missing", "\"iss\":\"arch.homework\",", "" },
    { "iss: another", "\"iss\":\"arch.homework\"", "\"iss\":\"evil.homework\"" },
    { "iss: longer", "\"iss\":\"arch.homework\"", "\"iss\":\"arch.homework.evil\"" },
    { "iss: a prefix", "\"iss\":\"arch.homework\"", "\"iss\":\"arch\"" },
    { "iss: upper case", "\"iss\":\"arch.homework\"", "\"iss\":\"ARCH.homework\"" },
    { "iss: null", "\"iss\":\"arch.homework\"", "\"iss\":null" },
    { "iss: a NUL behind", "\"iss\":\"arch.homework\"", "\"iss\":\"arch.homework\\u0000\"" },
    { "aud: missing", "\"aud\":\"arch.homework\",", "" },
    { "aud: another", "\"aud\":\"arch.homework\"", "\"aud\":\"other\"" },
    { "aud: a list", "\"aud\":\"arch.homework\"", "\"aud\":[\"arch.homework\"]" },
    { "aud: empty", "\"aud\":\"arch.homework\"", "\"aud\":\"\"" },
    { "aud: twice", "}", ",\"aud\":\"arch.homework\"}" },
    { "exp: missing", ",\"exp\":13600", "" },
    { "exp: null", "13600", "null" },
    { "exp: a string", "13600", "\"13600\"" },
    { "exp: a fraction", "13600", "13600.5" },
    { "exp: a whole fraction", "13600", "13600.0" },
    { "exp: an exponent", "13600", "136e2" },
    { "exp: true", "13600", "true" },
    { "exp: negative", "13600", "-13600" },
    { "exp: zero", "13600", "0" },
    { "exp: the largest int64", "13600", "9223372036854775807" },
    { "exp: beyond int64", "13600", "9223372036854775808" },
    { "exp: beyond a double", "13600", "1e400" },
    { "exp: after the year 9999", "13600", "253402300800" },
    { "exp: at the leeway's end", "10000,\"exp\":13600", "9900,\"exp\":9970" },
    { "exp: before iat", "13600", "9999" },
    { "exp: equal to iat", "13600", "10000" },
    { "exp: a second beyond the life", "13600", "13601" },
    { "exp: years beyond the life", "13600", "99999999" },
    { "exp: twice", "}", ",\"exp\":13600}" },
    { "exp: twice, once escaped", "}", ",\"e\\u0078p\":13600}" },
    { "iat: missing", "\"iat\":10000,", "" },
    { "iat: a string", "\"iat\":10000", "\"iat\":\"10000\"" },
    { "iat: a fraction", "\"iat\":10000", "\"iat\":10000.0" },
    { "iat: negative", "\"iat\":10000,\"exp\":13600", "\"iat\":-1,\"exp\":3599" },
    { "iat: the smallest int64", "\"iat\":10000", "\"iat\":-9223372036854775808" },
    { "iat: the largest int64", "\"iat\":10000", "\"iat\":9223372036854775807" },
    { "iat: a second beyond the leeway", "10000,\"exp\":13600", "10031,\"exp\":13631" },
    { "iat: twice", "}", ",\"iat\":10000}" },
    { "nbf: a second beyond the leeway", "{", "{\"nbf\":10031," },
    { "nbf: a string", "{", "{\"nbf\":\"1\"," },
    { "nbf: null", "{", "{\"nbf\":null," },
    { "nbf: a fraction", "{", "{\"nbf\":1.5," },
    { "nbf: negative", "{", "{\"nbf\":-1," },
    { "a duplicate in a claim nobody knows", "{", "{\"x\":{\"a\":1,\"a\":2}," },
    { "payload: an array", FORGE_PAYLOAD, "[" FORGE_PAYLOAD "]" },
    { "payload: a string", FORGE_PAYLOAD, "\"" FORGE_USER "\"" },
    { "payload: null", FORGE_PAYLOAD, "null" },
    { "payload: an empty object", FORGE_PAYLOAD, "{}" },
    { "payload: two objects", FORGE_PAYLOAD, FORGE_PAYLOAD FORGE_PAYLOAD },
    { "payload: cut off", "}", "" },
    { "payload: garbage behind", "}", "}x" },
    { "payload: too deep", "{", "{\"a\":[[[[[[[[]]]]]]]]," },
    { "payload: a byte that is no UTF-8", "{", "{\"a\":\"\xFF\"," },
    { "payload: Infinity", "{", "{\"a\":Infinity," },
};

static void forge_mutated(struct forged *token, const struct mutation *header,
                          const struct mutation *payload)
{
    char head[FORGE_PART_BYTES] = FORGE_HEADER;
    char body[FORGE_PART_BYTES] = FORGE_PAYLOAD;

    if (header)
        forge_replace(head, sizeof head, FORGE_HEADER, header->find, header->with);
    if (payload)
        forge_replace(body, sizeof body, FORGE_PAYLOAD, payload->find, payload->with);
    forge(token, head, body);
}

static void a_good_header_passes(void **state)
{
    struct forged token;
    forge_mutated(&token, *state, NULL);
    assert_int_equal(forge_verify(token.text), TOKEN_VALID);
}

static void a_good_payload_passes(void **state)
{
    struct forged token;
    forge_mutated(&token, NULL, *state);
    assert_int_equal(forge_verify(token.text), TOKEN_VALID);
}

static void a_bad_header_is_refused(void **state)
{
    struct forged token;
    forge_mutated(&token, *state, NULL);
    assert_int_equal(forge_verify(token.text), TOKEN_INVALID);
}

static void a_bad_payload_is_refused(void **state)
{
    struct forged token;
    forge_mutated(&token, NULL, *state);
    assert_int_equal(forge_verify(token.text), TOKEN_INVALID);
}

/* The life of one token, second by second around its edges. */
static const struct moment {
    const char *name;
    int64_t now_s;
    enum token_result result;
} moments[] = {
    { "now: long before it was issued", 0, TOKEN_INVALID },
    { "now: a second before the leeway", 9969, TOKEN_INVALID },
    { "now: where the leeway begins", 9970, TOKEN_VALID },
    { "now: where it expires", 13600, TOKEN_VALID },
    { "now: the last second of the leeway", 13629, TOKEN_VALID },
    { "now: where the leeway ends", 13630, TOKEN_INVALID },
    { "now: long after", 4102444800, TOKEN_INVALID },
};

static void a_token_lives_its_time(void **state)
{
    const struct moment *m = *state;
    struct forged token;

    forge(&token, FORGE_HEADER, FORGE_PAYLOAD);
    assert_int_equal(forge_verify_at(m->now_s, token.text, strlen(token.text)), m->result);
}

int main(void)
{
    struct tests tests = { 0 };

    assert(sodium_init() >= 0);
    ADD_TEST(&tests, a_good_token_tells_its_caller);
    ADD_ROWS(&tests, a_good_header_passes, good_headers);
    ADD_ROWS(&tests, a_good_payload_passes, good_payloads);
    ADD_ROWS(&tests, a_bad_header_is_refused, bad_headers);
    ADD_ROWS(&tests, a_bad_payload_is_refused, bad_payloads);
    ADD_ROWS(&tests, a_token_lives_its_time, moments);
    return tests_run("auth/token: what it says", &tests);
}
