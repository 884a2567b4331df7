/* Argon2id by libsodium's crypto_pwhash(), which takes salt and cost and knows no format. Its
 * ready-made crypto_pwhash_str_verify() says "out of memory" as it says "wrong". */
#include "password.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "common_passwords.h"

enum {
    SALT_BYTES = crypto_pwhash_argon2id_SALTBYTES,
    HASH_BYTES = 32,
    BASE64 = sodium_base64_VARIANT_ORIGINAL_NO_PADDING,        /* as the PHC string format has it */
    SALT_TEXT = sodium_base64_ENCODED_LEN(SALT_BYTES, BASE64), /* with its NUL */
    HASH_TEXT = sodium_base64_ENCODED_LEN(HASH_BYTES, BASE64),
};

/* --- Rules. --- */

static size_t code_points(const char *text)
{
    size_t count = 0;

    for (; *text; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80; /* 10xxxxxx continues one */
    return count;
}

static int compare_to_row(const void *key, const void *row)
{
    return strcasecmp(key, row);
}

/* The rows are lower case, so comparing without case finds them by bisection too. */
static bool is_common(const char *password)
{
    return bsearch(password, common_passwords, common_password_count, sizeof *common_passwords,
                   compare_to_row) != NULL;
}

static bool is_name(const char *password, const char *name)
{
    return *name && strcasecmp(password, name) == 0;
}

enum password_fault password_judge(const char *password, const char *username, const char *email)
{
    const size_t length = code_points(password);

    if (length < PASSWORD_MIN)
        return PASSWORD_TOO_SHORT;
    if (length > PASSWORD_MAX)
        return PASSWORD_TOO_LONG;
    if (is_name(password, username) || is_name(password, email))
        return PASSWORD_IS_NAME;
    return is_common(password) ? PASSWORD_COMMON : PASSWORD_FINE;
}

/* --- Hashes. --- */

/* A hash, taken apart. */
struct parts {
    struct password_cost cost;
    unsigned char salt[SALT_BYTES];
    unsigned char hash[HASH_BYTES];
};

static struct password_hash phc_format(const struct parts *parts)
{
    char salt[SALT_TEXT], hash[HASH_TEXT];
    struct password_hash out = { 0 };

    sodium_bin2base64(salt, sizeof salt, parts->salt, sizeof parts->salt, BASE64);
    sodium_bin2base64(hash, sizeof hash, parts->hash, sizeof parts->hash, BASE64);
    snprintf(out.text, sizeof out.text, "$argon2id$v=19$m=%" PRIu32 ",t=%" PRIu32 ",p=1$%s$%s",
             parts->cost.memory_kib, parts->cost.passes, salt, hash);
    return out;
}

/* Reads base64 of exactly `size` bytes that ends at `end`, and moves behind it. */
static bool take_base64(const char **at, char end, unsigned char *out, size_t size)
{
    size_t length = 0;
    const char *stopped = NULL;

    if (sodium_base642bin(out, size, *at, strlen(*at), NULL, &length, &stopped, BASE64) != 0 ||
        length != size || *stopped != end)
        return false;
    *at = end ? stopped + 1 : stopped;
    return true;
}

static bool cost_is_bounded(const struct password_cost *cost)
{
    return cost->memory_kib >= PASSWORD_MEMORY_KIB_MIN &&
           cost->memory_kib <= PASSWORD_MEMORY_KIB_MAX && cost->passes >= 1 &&
           cost->passes <= PASSWORD_PASSES_MAX;
}

/* Strict: what phc_format() makes, and only that. */
static bool phc_parse(const struct password_hash *hash, struct parts *out)
{
    struct parts parts = { 0 };
    int read = 0;

    /* Nine digits hold every cost that is allowed and cannot overflow. */
    if (sscanf(hash->text, "$argon2id$v=19$m=%9" SCNu32 ",t=%9" SCNu32 ",p=1$%n",
               &parts.cost.memory_kib, &parts.cost.passes, &read) != 2 ||
        read == 0 || !cost_is_bounded(&parts.cost))
        return false;

    const char *at = hash->text + read;
    if (!take_base64(&at, '$', parts.salt, sizeof parts.salt) ||
        !take_base64(&at, '\0', parts.hash, sizeof parts.hash))
        return false;
    if (strcmp(phc_format(&parts).text, hash->text) != 0) /* signs, blanks, leading zeros */
        return false;
    *out = parts;
    return true;
}

/* With a bounded cost memory is the only thing that can be missing. */
static bool argon2id(struct parts *parts, const char *password, size_t length, struct error *err)
{
    if (crypto_pwhash(parts->hash, sizeof parts->hash, password, length, parts->salt,
                      parts->cost.passes, (size_t)parts->cost.memory_kib * 1024,
                      crypto_pwhash_ALG_ARGON2ID13) != 0)
        return error_set(err, ERR_NO_MEMORY, 0, "Argon2 needs %" PRIu32 " KiB",
                         parts->cost.memory_kib);
    return true;
}

bool password_hash(const struct password_cost *cost, const struct random *random,
                   const char *password, size_t length, struct password_hash *out,
                   struct error *err)
{
    struct parts parts = { .cost = *cost };

    random_fill(random, parts.salt, sizeof parts.salt);
    if (!argon2id(&parts, password, length, err))
        return false;
    *out = phc_format(&parts);
    return true;
}

bool password_verify(const struct password_hash *hash, const char *password, size_t length,
                     bool *right, struct error *err)
{
    struct parts expected;

    if (!phc_parse(hash, &expected))
        return error_set(err, ERR_BUG, 0, "a stored password hash cannot be read");

    struct parts computed = expected;
    if (!argon2id(&computed, password, length, err))
        return false;
    *right = sodium_memcmp(computed.hash, expected.hash, sizeof expected.hash) == 0;
    return true;
}

bool password_is_outdated(const struct password_hash *hash, const struct password_cost *cost)
{
    struct parts parts;

    return !phc_parse(hash, &parts) || parts.cost.memory_kib != cost->memory_kib ||
           parts.cost.passes != cost->passes;
}

struct password_hash password_dummy(const struct password_cost *cost, const struct random *random)
{
    struct parts parts = { .cost = *cost };

    random_fill(random, parts.salt, sizeof parts.salt);
    random_fill(random, parts.hash, sizeof parts.hash);
    return phc_format(&parts);
}
