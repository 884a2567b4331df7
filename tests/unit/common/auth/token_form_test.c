/* The verifier against tokens that are well-meant inside and wrong outside: encoding, parts,
 * length, signature. Parts that a signature covers are mutated first and signed afterwards. */
#include "unit/common/auth/forge.h"

/* The header with a blank, so that its base64url ends in a character with unused bits. */
#define UNEVEN_HEADER FORGE_HEADER " "

static void pad(char *part)
{
    strcat(part, "=");
}

static void pad_twice(char *part)
{
    strcat(part, "==");
}

static void blank_behind(char *part)
{
    strcat(part, " ");
}

static void newline_behind(char *part)
{
    strcat(part, "\n");
}

static void character_behind(char *part)
{
    strcat(part, "A");
}

static void insert(char *part, char c)
{
    memmove(part + 6, part + 5, strlen(part) - 4);
    part[5] = c;
}

static void blank_inside(char *part)
{
    insert(part, ' ');
}

static void newline_inside(char *part)
{
    insert(part, '\n');
}

static void plus_inside(char *part)
{
    part[5] = '+';
}

static void slash_inside(char *part)
{
    part[5] = '/';
}

static void percent_inside(char *part)
{
    part[5] = '%';
}

static void high_byte_inside(char *part)
{
    part[5] = '\xC3';
}

static void padding_inside(char *part)
{
    part[5] = '=';
}

static void empty(char *part)
{
    part[0] = '\0';
}

static void one_short(char *part)
{
    part[strlen(part) - 1] = '\0';
}

static void one_letter(char *part)
{
    strcpy(part, "e");
}

static const struct part_case {
    const char *name;
    int part;
    void (*mutate)(char *part);
} part_cases[] = {
    { "header padded", 0, pad },
    { "header padded twice", 0, pad_twice },
    { "header with a blank behind", 0, blank_behind },
    { "header with a newline behind", 0, newline_behind },
    { "header with a blank inside", 0, blank_inside },
    { "header with a newline inside", 0, newline_inside },
    { "header with +", 0, plus_inside },
    { "header with /", 0, slash_inside },
    { "header with %", 0, percent_inside },
    { "header with a byte above 127", 0, high_byte_inside },
    { "header with = inside", 0, padding_inside },
    { "header empty", 0, empty },
    { "header of one letter", 0, one_letter },
    { "header one short", 0, one_short },
    { "payload padded", 1, pad },
    { "payload padded twice", 1, pad_twice },
    { "payload with a blank behind", 1, blank_behind },
    { "payload with a newline inside", 1, newline_inside },
    { "payload with +", 1, plus_inside },
    { "payload with /", 1, slash_inside },
    { "payload with a byte above 127", 1, high_byte_inside },
    { "payload empty", 1, empty },
    { "payload of one letter", 1, one_letter },
    { "payload one short", 1, one_short },
    { "signature padded", 2, pad },
    { "signature with a blank behind", 2, blank_behind },
    { "signature with a newline behind", 2, newline_behind },
    { "signature with a blank inside", 2, blank_inside },
    { "signature with +", 2, plus_inside },
    { "signature with /", 2, slash_inside },
    { "signature with a byte above 127", 2, high_byte_inside },
    { "signature empty", 2, empty },
    { "signature of one letter", 2, one_letter },
    { "signature one short", 2, one_short },
    { "signature one long", 2, character_behind },
};

static void a_bad_part_is_refused(void **state)
{
    const struct part_case *c = *state;
    char parts[3][FORGE_PART_BYTES];
    struct forged token;

    forge_base64(parts[0], sizeof parts[0], UNEVEN_HEADER, strlen(UNEVEN_HEADER));
    forge_base64(parts[1], sizeof parts[1], FORGE_PAYLOAD, strlen(FORGE_PAYLOAD));
    if (c->part < 2)
        c->mutate(parts[c->part]);
    forge_sign(&token, parts[0], parts[1], FORGE_SECRET, strlen(FORGE_SECRET));
    if (c->part == 2)
        c->mutate(strrchr(token.text, '.') + 1);
    assert_int_equal(forge_verify(token.text), TOKEN_INVALID);
}

/* The last character of two bytes leaves two bits unused: "A" could be written "B", "C" or "D". */
static void unused_bits_must_be_zero(void **state)
{
    (void)state;
    char header[FORGE_PART_BYTES], payload[FORGE_PART_BYTES];
    struct forged token;

    forge_base64(header, sizeof header, UNEVEN_HEADER, strlen(UNEVEN_HEADER));
    forge_base64(payload, sizeof payload, FORGE_PAYLOAD, strlen(FORGE_PAYLOAD));
    assert_int_equal(strlen(header) % 4, 3);
    forge_sign(&token, header, payload, FORGE_SECRET, strlen(FORGE_SECRET));
    assert_int_equal(forge_verify(token.text), TOKEN_VALID);

    header[strlen(header) - 1]++;
    forge_sign(&token, header, payload, FORGE_SECRET, strlen(FORGE_SECRET));
    assert_int_equal(forge_verify(token.text), TOKEN_INVALID);
}

/* "%s" stands for the good header, payload and signature, in this order. */
static const struct shape {
    const char *name, *format;
} shapes[] = {
    { "nothing", "" },
    { "a dot", "." },
    { "two dots", ".." },
    { "three dots", "..." },
    { "four dots", "...." },
    { "a header alone", "%s" },
    { "two parts", "%s.%s" },
    { "two parts and a dot", "%s.%s." },
    { "no dots", "%s%s%s" },
    { "a dot in front", ".%s.%s.%s" },
    { "a dot behind", "%s.%s.%s." },
    { "a double dot", "%s..%s.%s" },
    { "four parts", "%s.%s.%s.AAAA" },
    { "five parts", "%s.%s.%s.AAAA.AAAA" },
    { "five parts, three empty", "%s..%s..%s" },
    { "a blank in front", " %s.%s.%s" },
    { "a blank behind", "%s.%s.%s " },
    { "a tab behind", "%s.%s.%s\t" },
    { "a newline behind", "%s.%s.%s\n" },
    { "its scheme in front", "Bearer %s.%s.%s" },
    { "quotes around", "\"%s.%s.%s\"" },
    { "a comma and more", "%s.%s.%s,x" },
    { "no header", ".%1$s.%2$s" },
};

static void a_bad_shape_is_refused(void **state)
{
    const struct shape *shape = *state;
    struct forged good;
    char text[FORGE_TOKEN_BYTES], *rest = good.text;

    forge(&good, FORGE_HEADER, FORGE_PAYLOAD);
    const char *header = strsep(&rest, ".");
    const char *payload = strsep(&rest, ".");
    snprintf(text, sizeof text, shape->format, header, payload, rest);
    assert_int_equal(forge_verify(text), TOKEN_INVALID);
}

static void a_nul_anywhere_is_refused(void **state)
{
    (void)state;
    struct forged good;

    forge(&good, FORGE_HEADER, FORGE_PAYLOAD);
    const size_t length = strlen(good.text);
    for (size_t i = 0; i <= length; i++) {
        struct forged token = good;
        memmove(token.text + i + 1, token.text + i, length - i);
        token.text[i] = '\0';
        assert_int_equal(forge_verify_at(FORGE_NOW_S, token.text, length + 1), TOKEN_INVALID);
    }
}

static void each_cut_is_refused(void **state)
{
    (void)state;
    struct forged good;

    forge(&good, FORGE_HEADER, FORGE_PAYLOAD);
    for (size_t i = 0; i < strlen(good.text); i++)
        assert_int_equal(forge_verify_at(FORGE_NOW_S, good.text, i), TOKEN_INVALID);
}

static void each_changed_bit_is_refused(void **state)
{
    (void)state;
    struct forged token;

    forge(&token, FORGE_HEADER, FORGE_PAYLOAD);
    for (size_t bit = 0; bit < 8 * strlen(token.text); bit++) {
        const size_t length = strlen(token.text);
        token.text[bit / 8] = (char)(token.text[bit / 8] ^ (1 << bit % 8));
        assert_int_equal(forge_verify_at(FORGE_NOW_S, token.text, length), TOKEN_INVALID);
        token.text[bit / 8] = (char)(token.text[bit / 8] ^ (1 << bit % 8));
    }
    assert_int_equal(forge_verify(token.text), TOKEN_VALID);
}

/* A good token whose payload is filled up so that the whole has that length. */
static void forge_long(struct forged *token, const char *header, size_t length)
{
    char body[FORGE_PART_BYTES], filler[FORGE_PART_BYTES] = "{";
    struct forged bare;

    forge(&bare, header, "");
    size_t body_length = (length - strlen(bare.text)) * 3 / 4;
    memset(filler + 1, ' ', body_length - strlen(FORGE_PAYLOAD));
    forge_replace(body, sizeof body, FORGE_PAYLOAD, "{", filler);
    forge(token, header, body);
    assert_int_equal(strlen(token->text), length);
}

/* Base64url leaves no part of 4n + 1 characters, so the two lengths take two headers. */
static void length_is_bounded(void **state)
{
    (void)state;
    struct forged token;

    forge_long(&token, UNEVEN_HEADER, TOKEN_MAX_BYTES);
    assert_int_equal(forge_verify(token.text), TOKEN_VALID);
    forge_long(&token, FORGE_HEADER, TOKEN_MAX_BYTES - 1);
    assert_int_equal(forge_verify(token.text), TOKEN_VALID);
    forge_long(&token, FORGE_HEADER, TOKEN_MAX_BYTES + 1);
    assert_int_equal(forge_verify(token.text), TOKEN_INVALID);
    memset(token.text, 'A', sizeof token.text);
    assert_int_equal(forge_verify_at(FORGE_NOW_S, token.text, sizeof token.text), TOKEN_INVALID);
}

/* Signed well, with what is not our key. */
static const struct other_secret {
    const char *name, *secret;
} other_secrets[] = {
    { "signed with nothing", "" },
    { "signed with another secret", "kP3vXq8Zr5TnW2yB7dLmG4hJ9sFcA6eV" },
    { "signed with a prefix", "kP3vXq8Zr5TnW2yB7dLmG4hJ9sFcA6e" },
    { "signed with a longer one", "kP3vXq8Zr5TnW2yB7dLmG4hJ9sFcA6eU\n" },
    { "signed with the kid", "default" },
};

static void another_secret_is_refused(void **state)
{
    const struct other_secret *other = *state;
    char header[FORGE_PART_BYTES], payload[FORGE_PART_BYTES];
    struct forged token;

    forge_base64(header, sizeof header, FORGE_HEADER, strlen(FORGE_HEADER));
    forge_base64(payload, sizeof payload, FORGE_PAYLOAD, strlen(FORGE_PAYLOAD));
    forge_sign(&token, header, payload, other->secret, strlen(other->secret));
    assert_int_equal(forge_verify(token.text), TOKEN_INVALID);
}

static void the_signature_of_another_token_is_refused(void **state)
{
    (void)state;
    struct forged mine, theirs;
    char admin[FORGE_PART_BYTES];

    forge_replace(admin, sizeof admin, FORGE_PAYLOAD, "player", "admin");
    forge(&mine, FORGE_HEADER, FORGE_PAYLOAD);
    forge(&theirs, FORGE_HEADER, admin);
    strcpy(strrchr(theirs.text, '.'), strrchr(mine.text, '.'));
    assert_int_equal(forge_verify(mine.text), TOKEN_VALID);
    assert_int_equal(forge_verify(theirs.text), TOKEN_INVALID);
}

/* RFC 7515 appendix A.5, with our claims: no signature at all. */
static void an_unsecured_token_is_refused(void **state)
{
    (void)state;
    static const char *const headers[] = { "{\"alg\":\"none\"}", FORGE_HEADER };

    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        struct forged token;
        forge(&token, headers[i], FORGE_PAYLOAD);
        strrchr(token.text, '.')[1] = '\0';
        assert_int_equal(forge_verify(token.text), TOKEN_INVALID);
    }
}

/* Each stage refuses on its own, not because a later one happens to. */
static const struct reason {
    const char *name, *header, *payload, *signature, *why;
} reasons[] = {
    { "reason: no base64url", FORGE_HEADER, FORGE_PAYLOAD, "*", "no three parts of base64url" },
    { "reason: header", "[]", FORGE_PAYLOAD, NULL, "header is no JSON object" },
    { "reason: payload", FORGE_HEADER, "[]", NULL, "payload is no JSON object" },
    { "reason: kid", "{\"kid\":\"x\"}", FORGE_PAYLOAD, NULL, "no key of that kid" },
    { "reason: alg", "{\"alg\":\"none\"}", FORGE_PAYLOAD, NULL, "alg is not the key's" },
    { "reason: claims", FORGE_HEADER, "{}", NULL, "iss is another" },
    { "reason: no signature", FORGE_HEADER, FORGE_PAYLOAD, "", "signature has another length" },
    { "reason: half a signature", FORGE_HEADER, FORGE_PAYLOAD, "AAAA",
      "signature has another length" },
};

static void the_reason_is_told(void **state)
{
    const struct reason *reason = *state;
    AUTO(key_set) const struct key_set *keys = forge_keys(FORGE_SECRET);
    struct caller caller;
    struct forged token;
    const char *why = NULL;

    forge(&token, reason->header, reason->payload);
    if (reason->signature)
        strcpy(strrchr(token.text, '.') + 1, reason->signature);
    assert_int_equal(token_verify(keys, &forge_rules, FORGE_NOW_S, token.text, strlen(token.text),
                                  &caller, &why),
                     TOKEN_INVALID);
    assert_string_equal(why, reason->why);
}

int main(void)
{
    struct tests tests = { 0 };

    assert(sodium_init() >= 0);
    ADD_ROWS(&tests, a_bad_part_is_refused, part_cases);
    ADD_TEST(&tests, unused_bits_must_be_zero);
    ADD_ROWS(&tests, a_bad_shape_is_refused, shapes);
    ADD_TEST(&tests, a_nul_anywhere_is_refused);
    ADD_TEST(&tests, each_cut_is_refused);
    ADD_TEST(&tests, each_changed_bit_is_refused);
    ADD_TEST(&tests, length_is_bounded);
    ADD_ROWS(&tests, another_secret_is_refused, other_secrets);
    ADD_TEST(&tests, the_signature_of_another_token_is_refused);
    ADD_TEST(&tests, an_unsecured_token_is_refused);
    ADD_ROWS(&tests, the_reason_is_told, reasons);
    return tests_run("auth/token: its form and signature", &tests);
}
