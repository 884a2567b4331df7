/* Secrets that must not sign anything. */
#include "unit/support/tests.h"

#include <string.h>

#include "auth/weak_secret.h"

#define TEXT(literal) literal, sizeof(literal) - 1

static const struct secret_case {
    const char *name, *secret;
    size_t length;
    const char *reason; /* part of it; NULL: the secret is fine */
} cases[] = {
    { "32 random letters", TEXT("kP3vXq8Zr5TnW2yB7dLmG4hJ9sFcA6eU"), NULL },
    { "64 random hex digits",
      TEXT("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"), NULL },
    { "32 random hex digits", TEXT("5d41402abc4b2a76b9719d911017c592"), NULL },
    { "bytes with a NUL",
      TEXT("\0\1\2\xFF\xFE\xFD\x10\x20\x30\x40\x50\x60\x70\x80\x90\xA0"
           "\3\4\5\6\7\x11\x21\x31\x41\x51\x61\x71\x81\x91\xA1\xB1"),
      NULL },
    { "eight letters", TEXT("abcdefghbacdefhgbdaceghfcbadfehg"), NULL },
    { "nothing", TEXT(""), "fewer than 32" },
    { "31 bytes", TEXT("kP3vXq8Zr5TnW2yB7dLmG4hJ9sFcA6e"), "fewer than 32" },
    { "one character", TEXT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), "repeats" },
    { "NULs", TEXT("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), "repeats" },
    { "secret, again and again", TEXT("secretsecretsecretsecretsecretsecret"), "repeats" },
    { "and cut off", TEXT("secretsecretsecretsecretsecretse"), "repeats" },
    { "sixteen letters twice", TEXT("kP3vXq8Zr5TnW2yBkP3vXq8Zr5TnW2yB"), "repeats" },
    { "seven letters", TEXT("abcdefgabcdefagbacdefgabcedfgabc"), "too few" },
    { "changeme, filled up", TEXT("changeme-kP3vXq8Zr5TnW2yB7dLmG4hJ9"), "sample" },
    { "CHANGE_ME", TEXT("kP3vXq8Zr5TnW2yB7dLmG4_CHANGE_ME"), "sample" },
    { "jwt.io", TEXT("your-256-bit-secret-kP3vXq8Zr5TnW2"), "sample" },
    { "jwt.io, the new one", TEXT("a-string-secret-at-least-256-bits-long"), "sample" },
    { "hex digits in order", TEXT("0123456789abcdefFEDCBA9876543210"), "sample" },
    { "a tutorial's, in hex digits",
      TEXT("404E635266556A586E3272357538782F413F4428472B4B6250645367566B5970"), "sample" },
    { "a course's", TEXT("my-ultra-secure-and-ultra-long-secret"), "sample" },
    { "RFC 7515",
      TEXT(
          "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"),
      "sample" },
    { "a PEM", TEXT("-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE"), ".pem" },
};

static void a_secret_is_judged(void **state)
{
    const struct secret_case *c = *state;
    const char *reason = weak_secret_reason((const unsigned char *)c->secret, c->length);

    if (!c->reason) {
        assert_null(reason);
        return;
    }
    assert_non_null(reason);
    assert_non_null(strstr(reason, c->reason));
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, a_secret_is_judged, cases);
    return tests_run("auth/weak_secret", &tests);
}
