/* Sets of keys: loaded whole or not at all, immutable, counted; and the ring that swaps them. */
#include "auth/keys.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>

#include "auth/key_file.h"

/* A rotation needs two at a time; more than this is the wrong directory. */
enum { KEYS_MAX = 32 };

struct key_set {
    atomic_uint users;
    size_t count;
    const struct key *active;
    struct key keys[KEYS_MAX];
};

/* Of a directory: another one when a file in it came, went or was written. */
struct stamp {
    unsigned char bytes[crypto_generichash_BYTES];
};

struct key_ring {
    char *secret;
    char *directory;
    char *active_kid;
    pthread_mutex_t mutex; /* guards what follows */
    struct key_set *set;
    struct stamp stamp; /* from before the keys were last read */
};

const struct key *key_set_find(const struct key_set *set, const char *kid, size_t length)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct key *key = &set->keys[i];
        if (strlen(key->kid) == length && memcmp(key->kid, kid, length) == 0)
            return key;
    }
    return NULL;
}

const struct key *key_set_single(const struct key_set *set)
{
    return set->count == 1 ? &set->keys[0] : NULL;
}

const struct key *key_set_active(const struct key_set *set)
{
    return set->active;
}

size_t key_set_size(const struct key_set *set)
{
    return set->count;
}

const struct key *key_set_at(const struct key_set *set, size_t index)
{
    return &set->keys[index];
}

void key_set_release(const struct key_set *set)
{
    struct key_set *owned = (struct key_set *)set; /* const to users; the last one frees it */

    if (!owned || atomic_fetch_sub(&owned->users, 1) > 1)
        return;
    for (size_t i = 0; i < owned->count; i++)
        key_done(&owned->keys[i]);
    free(owned);
}

/* Whoever holds a set that is not shared yet. */
AUTO_DEFINE(new_set, struct key_set *, key_set_release);

static bool add_key(struct key_set *set, struct key *key, struct error *err)
{
    if (key_set_find(set, key->kid, strlen(key->kid)))
        return error_set(err, ERR_CONFIG, 0, "JWT_KEYS_DIR: two keys with the kid %s", key->kid);
    if (set->count == KEYS_MAX)
        return error_set(err, ERR_CONFIG, 0, "JWT_KEYS_DIR: more than %d keys", KEYS_MAX);

    set->keys[set->count++] = *key;
    key->bytes = NULL; /* the set's now */
    return true;
}

static bool load_secret(struct key_set *set, const char *secret, struct error *err)
{
    if (!key_from_secret("default", secret, strlen(secret), "JWT_SECRET", &set->keys[0], err))
        return false;
    set->count = 1;
    set->active = &set->keys[0];
    return true;
}

static void free_names(struct dirent **names, int count)
{
    for (int i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

/* A mounted Secret keeps its versions in ..data and the like. */
static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* A file that a link leads to counts as what it is: that is how a mounted Secret changes. */
static void stamp_file(crypto_generichash_state *hash, int directory, const char *name)
{
    struct stat file = { 0 }; /* stays so when it is gone again */

    (void)fstatat(directory, name, &file, 0);
    const int64_t facts[] = {
        (int64_t)file.st_dev,         (int64_t)file.st_ino,          (int64_t)file.st_size,
        (int64_t)file.st_mtim.tv_sec, (int64_t)file.st_mtim.tv_nsec,
    };
    crypto_generichash_update(hash, (const unsigned char *)name, strlen(name) + 1);
    crypto_generichash_update(hash, (const unsigned char *)facts, sizeof facts);
}

/* False: it cannot be told. */
static bool stamp_directory(const char *path, struct stamp *out)
{
    AUTO(fd) int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    crypto_generichash_state hash;
    struct dirent **names = NULL;
    int count = directory < 0 ? -1 : scandirat(directory, ".", &names, is_visible, alphasort);

    if (count < 0)
        return false;
    crypto_generichash_init(&hash, NULL, 0, sizeof out->bytes);
    for (int i = 0; i < count; i++)
        stamp_file(&hash, directory, names[i]->d_name);
    free_names(names, count);
    crypto_generichash_final(&hash, out->bytes, sizeof out->bytes);
    return true;
}

static bool load_file(struct key_set *set, const char *directory, const char *name,
                      struct error *err)
{
    AUTO(key) struct key key = { 0 };

    return key_from_file(directory, name, &key, err) && add_key(set, &key, err);
}

static bool load_directory(struct key_set *set, const char *directory, struct error *err)
{
    struct dirent **names = NULL;

    assert(directory); /* check_source() saw to it */
    int count = scandir(directory, &names, is_visible, alphasort);

    if (count < 0 && errno == ENOMEM)
        return error_set(err, ERR_NO_MEMORY, errno, "JWT_KEYS_DIR");
    if (count < 0)
        return error_set(err, ERR_CONFIG, errno, "JWT_KEYS_DIR: cannot be read: %s",
                         strerror(errno));

    bool loaded = true;
    for (int i = 0; i < count && loaded; i++)
        loaded = load_file(set, directory, names[i]->d_name, err);
    free_names(names, count);

    if (loaded && set->count == 0)
        return error_set(err, ERR_CONFIG, 0, "JWT_KEYS_DIR: no key in it");
    return loaded;
}

static bool choose_active(struct key_set *set, const char *kid, struct error *err)
{
    if (!kid)
        return true; /* this service only verifies */

    const struct key *key = key_set_find(set, kid, strlen(kid));
    if (!key)
        return error_set(err, ERR_CONFIG, 0, "JWT_ACTIVE_KID: no key %.64s in JWT_KEYS_DIR", kid);
    if (!key->can_sign)
        return error_set(err, ERR_CONFIG, 0, "JWT_ACTIVE_KID: %s is a public key, it cannot sign",
                         key->kid);
    set->active = key;
    return true;
}

static struct key_set *load_set(const struct key_ring *ring, struct error *err)
{
    AUTO(new_set) struct key_set *set = calloc(1, sizeof *set);
    if (!set) {
        error_set(err, ERR_NO_MEMORY, 0, "keys");
        return NULL;
    }
    set->users = 1;

    bool loaded = ring->secret ? load_secret(set, ring->secret, err)
                               : load_directory(set, ring->directory, err) &&
                                     choose_active(set, ring->active_kid, err);
    return loaded ? STEAL(set) : NULL;
}

/* False: no memory. */
static bool copy_text(const char *text, char **out)
{
    *out = text ? strdup(text) : NULL;
    return !text || *out;
}

static bool check_source(const struct key_source *source, struct error *err)
{
    if (!source->secret == !source->directory)
        return error_set(err, ERR_CONFIG, 0, "give one of JWT_SECRET and JWT_KEYS_DIR");
    if (source->secret && source->active_kid)
        return error_set(err, ERR_CONFIG, 0, "JWT_ACTIVE_KID goes with JWT_KEYS_DIR only");
    return true;
}

struct key_ring *key_ring_open(const struct key_source *source, struct error *err)
{
    if (!check_source(source, err))
        return NULL;

    AUTO(key_ring) struct key_ring *ring = calloc(1, sizeof *ring);
    if (!ring) {
        error_set(err, ERR_NO_MEMORY, 0, "keys");
        return NULL;
    }
    pthread_mutex_init(&ring->mutex, NULL);

    if (!copy_text(source->secret, &ring->secret) ||
        !copy_text(source->directory, &ring->directory) ||
        !copy_text(source->active_kid, &ring->active_kid)) {
        error_set(err, ERR_NO_MEMORY, 0, "keys");
        return NULL;
    }
    return key_ring_reload(ring, err) ? STEAL(ring) : NULL;
}

void key_ring_close(struct key_ring *ring)
{
    if (!ring)
        return;
    if (ring->secret)
        sodium_memzero(ring->secret, strlen(ring->secret));
    free(ring->secret);
    free(ring->directory);
    free(ring->active_kid);
    key_set_release(ring->set);
    pthread_mutex_destroy(&ring->mutex);
    free(ring);
}

/* Before the keys are read: what changes meanwhile is seen at the next look. */
static void take_stamp(struct key_ring *ring)
{
    struct stamp stamp;

    if (!ring->directory || !stamp_directory(ring->directory, &stamp))
        return;
    LOCKED(&ring->mutex);
    ring->stamp = stamp;
}

bool key_ring_is_stale(struct key_ring *ring)
{
    struct stamp stamp;

    if (!ring->directory || !stamp_directory(ring->directory, &stamp))
        return false;
    LOCKED(&ring->mutex);
    return memcmp(stamp.bytes, ring->stamp.bytes, sizeof stamp.bytes) != 0;
}

bool key_ring_reload(struct key_ring *ring, struct error *err)
{
    take_stamp(ring);
    struct key_set *loaded = load_set(ring, err);
    if (!loaded)
        return false;

    pthread_mutex_lock(&ring->mutex);
    struct key_set *old = ring->set;
    ring->set = loaded;
    pthread_mutex_unlock(&ring->mutex);

    key_set_release(old);
    return true;
}

const struct key_set *key_ring_take(struct key_ring *ring)
{
    LOCKED(&ring->mutex);
    atomic_fetch_add(&ring->set->users, 1);
    return ring->set;
}
