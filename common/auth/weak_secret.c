/* A secret from a manual or from a tired hand opens every account, so the services refuse to start
 * with one. This tells what is obviously none; it does not measure entropy. */
#include "auth/weak_secret.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "auth/keys.h"

/* A random secret has many more: of 32 hex digits, fewer than 8 different ones come up once in
 * millions of draws. */
enum { DISTINCT_BYTES_MIN = 8 };

/* Anywhere in a secret, in any case. Each is long enough that no random secret holds it. */
static const char *const samples[] = {
    "your-256-bit-secret", /* jwt.io, and its longer forms */
    "your-384-bit-secret",
    "your-512-bit-secret",
    "a-string-secret-at-least-256-bits-long",
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ", /* RFC 7515, appendix A.1 */
    "404E635266556A586E3272357538782F",   /* of a Spring Boot tutorial */
    "ultra-secure-and-ultra-long",
    "changeme",
    "change-me",
    "change_me",
    "change this",
    "change-this",
    "change_this",
    "replace-me",
    "replace_me",
    "replaceme",
    "supersecret",
    "super-secret",
    "super_secret",
    "my-secret",
    "my_secret",
    "mysecret",
    "your-secret",
    "your_secret",
    "yoursecret",
    "jwt-secret",
    "jwt_secret",
    "example-secret",
    "password",
    "placeholder",
    "0123456789abcdef",
    "1234567890",
    "abcdefghijklmnop",
    "qwertyuiop",
};

static bool starts_with_pem(const unsigned char *secret, size_t length)
{
    static const char begin[] = "-----BEGIN";
    return length >= sizeof begin - 1 && memcmp(secret, begin, sizeof begin - 1) == 0;
}

static size_t distinct_bytes(const unsigned char *secret, size_t length)
{
    bool seen[256] = { false };
    size_t distinct = 0;

    for (size_t i = 0; i < length; i++) {
        distinct += !seen[secret[i]];
        seen[secret[i]] = true;
    }
    return distinct;
}

/* "secretsecretsecret…": whether some piece, half as long or shorter, makes up the whole. */
static bool repeats(const unsigned char *secret, size_t length)
{
    for (size_t period = 1; period <= length / 2; period++)
        if (memcmp(secret, secret + period, length - period) == 0)
            return true;
    return false;
}

static bool holds_sample(const unsigned char *secret, size_t length)
{
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        size_t size = strlen(samples[i]);
        for (size_t at = 0; at + size <= length; at++)
            if (strncasecmp((const char *)secret + at, samples[i], size) == 0)
                return true;
    }
    return false;
}

const char *weak_secret_reason(const unsigned char *secret, size_t length)
{
    if (length < KEY_SECRET_MIN_BYTES)
        return "has fewer than 32 bytes";
    if (starts_with_pem(secret, length))
        return "is a PEM key; name the file <kid>.pem";
    if (repeats(secret, length))
        return "repeats one short piece";
    if (distinct_bytes(secret, length) < DISTINCT_BYTES_MIN)
        return "uses too few different characters";
    if (holds_sample(secret, length))
        return "is a well-known sample";
    return NULL;
}
