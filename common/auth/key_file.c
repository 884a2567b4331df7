/* Reads one key and says plainly what is wrong with it. No stdio: its buffers would keep a copy of
 * the secret. */
#include "auth/key_file.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "auth/signature.h"
#include "auth/weak_secret.h"
#include "base/file.h"

enum {
    /* A secret has a few dozen bytes, a P-256 PEM under 400; more is another kind of file. */
    KEY_FILE_MAX_BYTES = 4096,
    /* Of a file's name in a message: the rest of struct error's detail is for what is wrong. */
    NAME_SHOWN_BYTES = 64,
};

static const char secret_suffix[] = ".secret";
static const char pem_suffix[] = ".pem";

static bool set_kid(struct key *key, const char *kid, size_t length, const char *origin,
                    struct error *err)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

    if (length >= sizeof key->kid || strspn(kid, allowed) < length)
        return error_set(err, ERR_CONFIG, 0, "%s: a kid is 1 to 64 of A-Z a-z 0-9 . _ -", origin);
    memcpy(key->kid, kid, length);
    return true;
}

/* Signs once with a key that can: what fails here would fail at the first login. */
static bool try_key(const struct key *key, const char *origin, struct error *err)
{
    switch (signature_try(key)) {
    case SIGNATURE_GOOD:
        return true;
    case SIGNATURE_BAD:
        return error_set(err, ERR_CONFIG, 0, "%s: its private and public halves do not match",
                         origin);
    case SIGNATURE_UNDECIDED:
        break;
    }
    return error_set(err, ERR_NO_MEMORY, 0, "%s", origin);
}

static bool check_secret(const struct key *key, const char *origin, struct error *err)
{
    const char *weak = weak_secret_reason(key->bytes, key->length);
    if (weak)
        return error_set(err, ERR_CONFIG, 0,
                         "%s: the secret %s; make one with: openssl rand -hex 32", origin, weak);
    return try_key(key, origin, err);
}

bool key_from_secret(const char *kid, const void *secret, size_t length, const char *origin,
                     struct key *out, struct error *err)
{
    AUTO(key) struct key key = { .algorithm = KEY_HS256, .can_sign = true };

    if (!set_kid(&key, kid, strlen(kid), origin, err))
        return false;

    key.bytes = calloc(1, length + 1);
    if (!key.bytes)
        return error_set(err, ERR_NO_MEMORY, 0, "%s", origin);
    memcpy(key.bytes, secret, length);
    key.length = length;

    if (!check_secret(&key, origin, err))
        return false;
    *out = key;
    key.bytes = NULL;
    return true;
}

/* Fills bytes and length; a NUL follows, not counted. */
static bool read_file(struct key *key, const char *path, const char *origin, struct error *err)
{
    key->bytes = calloc(1, KEY_FILE_MAX_BYTES + 2);
    if (!key->bytes)
        return error_set(err, ERR_NO_MEMORY, 0, "%s", origin);

    ssize_t length = file_read(path, key->bytes, KEY_FILE_MAX_BYTES + 1);
    if (length < 0)
        return error_set(err, ERR_CONFIG, errno, "%s: cannot be read: %s", origin, strerror(errno));
    key->length = (size_t)length;
    if (length > KEY_FILE_MAX_BYTES)
        return error_set(err, ERR_CONFIG, 0, "%s: over %d bytes, this is no key", origin,
                         KEY_FILE_MAX_BYTES);
    return true;
}

static bool read_secret_file(struct key *key, const char *path, const char *origin,
                             struct error *err)
{
    key->algorithm = KEY_HS256;
    key->can_sign = true;
    if (!read_file(key, path, origin, err))
        return false;
    if (key->length > 0 && key->bytes[key->length - 1] == '\n')
        key->length--; /* editors and echo end a file so; it is no part of the secret */
    return check_secret(key, origin, err);
}

static bool read_pem_file(struct key *key, const char *path, const char *origin, struct error *err)
{
    key->algorithm = KEY_ES256;
    if (!read_file(key, path, origin, err))
        return false;

    assert(key->bytes);
    if (memchr(key->bytes, '\0', key->length) || !ec_pem_read((const char *)key->bytes, &key->ec))
        return error_set(err, ERR_CONFIG, 0,
                         "%s: no plain PEM of an EC P-256 key (openssl genpkey -algorithm EC "
                         "-pkeyopt ec_paramgen_curve:P-256)",
                         origin);

    key->can_sign = key->ec.is_private;
    return !key->can_sign || try_key(key, origin, err);
}

/* The length of the kid when the name ends so, else 0. */
static size_t kid_before(const char *name, const char *suffix)
{
    size_t length = strlen(name);
    size_t ending = strlen(suffix);
    bool ends_so = length > ending && strcmp(name + length - ending, suffix) == 0;
    return ends_so ? length - ending : 0;
}

bool key_from_file(const char *directory, const char *name, struct key *out, struct error *err)
{
    AUTO(key) struct key key = { 0 };
    char path[PATH_MAX], origin[sizeof "JWT_KEYS_DIR/" + NAME_SHOWN_BYTES];
    size_t secret_kid = kid_before(name, secret_suffix);
    size_t pem_kid = kid_before(name, pem_suffix);

    snprintf(origin, sizeof origin, "JWT_KEYS_DIR/%.*s", NAME_SHOWN_BYTES, name);
    int length = snprintf(path, sizeof path, "%s/%s", directory, name);
    if (length < 0 || (size_t)length >= sizeof path)
        return error_set(err, ERR_CONFIG, ENAMETOOLONG, "JWT_KEYS_DIR: the path is too long");
    if (!secret_kid && !pem_kid)
        return error_set(err, ERR_CONFIG, 0, "%s: a key file is named <kid>.secret or <kid>.pem",
                         origin);
    if (!set_kid(&key, name, secret_kid ? secret_kid : pem_kid, origin, err))
        return false;
    if (secret_kid ? !read_secret_file(&key, path, origin, err)
                   : !read_pem_file(&key, path, origin, err))
        return false;

    *out = key;
    key.bytes = NULL;
    return true;
}

void key_done(struct key *key)
{
    /* A file's block is larger than the key: its last byte, a newline or nothing, is no secret. */
    if (key->bytes)
        sodium_memzero(key->bytes, key->length);
    free(key->bytes);
    *key = (struct key){ 0 };
}
