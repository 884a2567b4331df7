/* Sets of keys: what is loaded, what is refused and in which words, and the swap. */
#include "unit/common/auth/key_directory.h"
#include "unit/common/auth/pem_fixtures.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>

#include "unit/support/oom.h"

#define SECRET_A "kP3vXq8Zr5TnW2yB7dLmG4hJ9sFcA6eU"
#define SECRET_B "Qw7eRt2yUi9oPa4sDf6gHj1kLz8xCv3b"

static const struct source_case {
    const char *name;
    struct key_source source;
    const char *detail; /* NULL: it loads */
} sources[] = {
    { "a secret", { .secret = SECRET_A }, NULL },
    { "neither", { 0 }, "give one of JWT_SECRET and JWT_KEYS_DIR" },
    { "both", { .secret = SECRET_A, .directory = "/tmp" }, "give one of" },
    { "an active kid with a secret",
      { .secret = SECRET_A, .active_kid = "default" },
      "JWT_ACTIVE_KID goes with JWT_KEYS_DIR only" },
    { "an empty secret", { .secret = "" }, "JWT_SECRET: the secret has fewer than 32 bytes" },
    { "a short secret",
      { .secret = "kP3vXq8Zr5TnW2yB7dLmG4hJ9sFcA6e" },
      "JWT_SECRET: the secret has fewer than 32 bytes" },
    { "a sample secret",
      { .secret = "changeme-changeme-changeme-please" },
      "JWT_SECRET: the secret is a well-known sample" },
    { "no such directory", { .directory = "/nonexistent/keys" }, "JWT_KEYS_DIR: cannot be read" },
    { "a file for a directory", { .directory = "/dev/null" }, "JWT_KEYS_DIR: cannot be read" },
};

static void a_source_is_checked(void **state)
{
    const struct source_case *c = *state;
    struct error err = { 0 };
    AUTO(key_ring) struct key_ring *ring = key_ring_open(&c->source, &err);

    assert_int_equal(ring != NULL, c->detail == NULL);
    assert_int_equal(err.code, c->detail ? ERR_CONFIG : ERR_NONE);
    if (c->detail)
        assert_non_null(strstr(err.detail, c->detail));
    assert_null(strstr(err.detail, SECRET_A));
}

static void a_secret_is_the_key_default(void **state)
{
    (void)state;
    const struct key_source source = { .secret = SECRET_A };
    AUTO(key_ring) struct key_ring *ring = key_ring_open(&source, NULL);
    AUTO(key_set) const struct key_set *keys = key_ring_take(ring);
    const struct key *key = key_set_single(keys);

    assert_string_equal(key->kid, "default");
    assert_int_equal(key->algorithm, KEY_HS256);
    assert_int_equal(key->length, strlen(SECRET_A));
    assert_memory_equal(key->bytes, SECRET_A, key->length);
    assert_true(key->can_sign);
    assert_ptr_equal(key_set_active(keys), key);
    assert_ptr_equal(key_set_find(keys, "default", 7), key);
    assert_null(key_set_find(keys, "default", 6));
    assert_null(key_set_find(keys, "", 0));
}

static void a_directory_holds_many(void **state)
{
    (void)state;
    AUTO(key_directory) struct key_directory directory = key_directory_new();
    struct error err = { 0 };

    key_directory_text(&directory, "b.secret", SECRET_B "\n"); /* one newline is no part of it */
    key_directory_text(&directory, "a.secret", SECRET_A "\n\n");
    key_directory_text(&directory, "pub.pem", PEM_PUBLIC);
    key_directory_text(&directory, "priv.pem", PEM_PRIVATE);
    key_directory_text(&directory, "2026.01_x-y.secret", SECRET_A SECRET_B);
    key_directory_text(&directory, "..data", "hidden: what a mounted Secret keeps there");
    AUTO(key_ring) struct key_ring *ring = key_directory_open(&directory, "priv", &err);
    assert_string_equal(err.detail, "");
    AUTO(key_set) const struct key_set *keys = key_ring_take(ring);

    assert_int_equal(key_set_size(keys), 5);
    assert_null(key_set_single(keys));
    assert_string_equal(key_set_at(keys, 0)->kid, "2026.01_x-y");
    assert_string_equal(key_set_at(keys, 4)->kid, "pub");
    assert_int_equal(key_set_find(keys, "b", 1)->length, strlen(SECRET_B));
    assert_int_equal(key_set_find(keys, "a", 1)->length, strlen(SECRET_A) + 1);
    assert_false(key_set_find(keys, "pub", 3)->can_sign);
    assert_int_equal(key_set_find(keys, "pub", 3)->algorithm, KEY_ES256);
    assert_string_equal(key_set_active(keys)->kid, "priv");
    assert_string_equal(key_set_active(keys)->ec.public_pem, PEM_PUBLIC);
}

static void without_an_active_kid_it_only_verifies(void **state)
{
    (void)state;
    AUTO(key_directory) struct key_directory directory = key_directory_new();

    key_directory_text(&directory, "a.secret", SECRET_A);
    AUTO(key_ring) struct key_ring *ring = key_directory_open(&directory, NULL, NULL);
    AUTO(key_set) const struct key_set *keys = key_ring_take(ring);
    assert_null(key_set_active(keys));
    assert_string_equal(key_set_single(keys)->kid, "a");
}

static char too_large[4097 + 1];
static char long_kid[65 + sizeof ".secret"];

/* One file, one complaint. */
static const struct file_case {
    const char *name, *file, *text, *active_kid, *detail;
} files[] = {
    { "another suffix", "a.key", SECRET_A, NULL, "JWT_KEYS_DIR/a.key: a key file is named" },
    { "no suffix", "secret", SECRET_A, NULL, "JWT_KEYS_DIR/secret: a key file is named" },
    { "a misspelt suffix", "a.secert", SECRET_A, NULL, "a key file is named" },
    { "a blank in the kid", "a b.secret", SECRET_A, NULL, "a kid is 1 to 64 of" },
    { "a letter with an accent", "\xC3\xA9.secret", SECRET_A, NULL, "a kid is 1 to 64 of" },
    { "a kid of 65", long_kid, SECRET_A, NULL, "a kid is 1 to 64 of" },
    { "an empty file", "a.secret", "", NULL, "JWT_KEYS_DIR/a.secret: the secret has fewer" },
    { "a newline alone", "a.secret", "\n", NULL, "fewer than 32" },
    { "31 bytes and a newline", "a.secret", "kP3vXq8Zr5TnW2yB7dLmG4hJ9sFcA6e\n", NULL,
      "fewer than 32" },
    { "a weak secret", "a.secret", "secretsecretsecretsecretsecretsecret", NULL, "repeats" },
    { "a PEM in a .secret", "a.secret", PEM_PUBLIC, NULL, "name the file <kid>.pem" },
    { "a secret in a .pem", "a.pem", SECRET_A, NULL, "no plain PEM of an EC P-256 key" },
    { "too large", "a.secret", too_large, NULL, "over 4096 bytes" },
    { "no such active kid", "a.secret", SECRET_A, "b", "JWT_ACTIVE_KID: no key b in" },
    { "an active kid cut off", "ab.secret", SECRET_A, "a", "JWT_ACTIVE_KID: no key a in" },
    { "a public key is to sign", "a.pem", PEM_PUBLIC, "a", "it cannot sign" },
};

static void a_file_is_refused(void **state)
{
    const struct file_case *c = *state;
    AUTO(key_directory) struct key_directory directory = key_directory_new();
    struct error err = { 0 };

    key_directory_text(&directory, c->file, c->text);
    assert_null(key_directory_open(&directory, c->active_kid, &err));
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.detail, c->detail));
    assert_null(strstr(err.detail, SECRET_A));
}

static void a_directory_is_refused(const struct key_directory *directory, const char *detail)
{
    struct error err = { 0 };

    assert_null(key_directory_open(directory, NULL, &err));
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.detail, detail));
}

static void an_empty_directory_is_refused(void **state)
{
    (void)state;
    AUTO(key_directory) struct key_directory directory = key_directory_new();
    a_directory_is_refused(&directory, "JWT_KEYS_DIR: no key in it");
}

static void two_files_of_one_kid_are_refused(void **state)
{
    (void)state;
    AUTO(key_directory) struct key_directory directory = key_directory_new();

    key_directory_text(&directory, "a.secret", SECRET_A);
    key_directory_text(&directory, "a.pem", PEM_PUBLIC);
    a_directory_is_refused(&directory, "JWT_KEYS_DIR: two keys with the kid a");
}

static void too_many_keys_are_refused(void **state)
{
    (void)state;
    AUTO(key_directory) struct key_directory directory = key_directory_new();

    for (int i = 0; i < 33; i++) {
        char name[32];
        snprintf(name, sizeof name, "%d.secret", i);
        key_directory_text(&directory, name, SECRET_A);
    }
    a_directory_is_refused(&directory, "JWT_KEYS_DIR: more than 32 keys");
}

static void what_is_no_file_is_refused(void **state)
{
    (void)state;
    char path[128];
    AUTO(key_directory) struct key_directory directory = key_directory_new();

    snprintf(path, sizeof path, "%s/a.secret", directory.path);
    assert_int_equal(mkdir(path, 0700), 0);
    a_directory_is_refused(&directory, "JWT_KEYS_DIR/a.secret: cannot be read");
    assert_int_equal(rmdir(path), 0);

    assert_int_equal(symlink("/nonexistent/key", path), 0);
    a_directory_is_refused(&directory, "JWT_KEYS_DIR/a.secret: cannot be read");
    assert_int_equal(unlink(path), 0);

    assert_int_equal(mkfifo(path, 0600), 0); /* must not block */
    a_directory_is_refused(&directory, "fewer than 32");
}

static void a_reload_swaps_the_set(void **state)
{
    (void)state;
    AUTO(key_directory) struct key_directory directory = key_directory_new();
    struct error err = { 0 };

    key_directory_text(&directory, "old.secret", SECRET_A);
    AUTO(key_ring) struct key_ring *ring = key_directory_open(&directory, NULL, &err);
    AUTO(key_set) const struct key_set *before = key_ring_take(ring);

    key_directory_text(&directory, "new.secret", SECRET_B);
    key_directory_delete(&directory, "old.secret");
    assert_true(key_ring_reload(ring, &err));
    AUTO(key_set) const struct key_set *after = key_ring_take(ring);

    assert_string_equal(key_set_single(after)->kid, "new");
    /* A request that began with the old set ends with it. */
    assert_string_equal(key_set_single(before)->kid, "old");
    assert_memory_equal(key_set_single(before)->bytes, SECRET_A, strlen(SECRET_A));
}

static void a_failed_reload_keeps_the_set(void **state)
{
    (void)state;
    AUTO(key_directory) struct key_directory directory = key_directory_new();
    struct error err = { 0 };

    key_directory_text(&directory, "a.secret", SECRET_A);
    AUTO(key_ring) struct key_ring *ring = key_directory_open(&directory, "a", &err);
    key_directory_text(&directory, "b.secret", "short");
    assert_false(key_ring_reload(ring, &err));
    assert_int_equal(err.code, ERR_CONFIG);

    AUTO(key_set) const struct key_set *keys = key_ring_take(ring);
    assert_int_equal(key_set_size(keys), 1);
    assert_string_equal(key_set_active(keys)->kid, "a");
}

/* What the threads of a race share. */
struct race {
    struct key_ring *ring;
    atomic_bool over;
};

static void *read_on(void *context)
{
    struct race *race = context;

    while (!race->over) {
        AUTO(key_set) const struct key_set *keys = key_ring_take(race->ring);
        const struct key *key = key_set_find(keys, "a", 1);
        if (!key || memcmp(key->bytes, SECRET_A, key->length) != 0)
            return "a reader saw a set that is not whole";
    }
    return NULL;
}

static void readers_and_reloads_do_not_meet(void **state)
{
    (void)state;
    AUTO(key_directory) struct key_directory directory = key_directory_new();
    struct race race = { 0 };
    pthread_t readers[2];

    key_directory_text(&directory, "a.secret", SECRET_A);
    race.ring = key_directory_open(&directory, "a", NULL);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, read_on, &race), 0);
    for (int i = 0; i < 200; i++)
        assert_true(key_ring_reload(race.ring, NULL));

    race.over = true;
    for (int i = 0; i < 2; i++) {
        void *complaint = NULL;
        pthread_join(readers[i], &complaint);
        assert_null(complaint);
    }
    key_ring_close(race.ring);
}

static void loading_survives_each_failed_allocation(void **state)
{
    (void)state;
    AUTO(key_directory) struct key_directory directory = key_directory_new();

    key_directory_text(&directory, "a.secret", SECRET_A);
    key_directory_text(&directory, "b.pem", PEM_PRIVATE);
    for (unsigned n = 1;; n++) {
        struct error err = { 0 };

        oom_fail_at(n);
        struct key_ring *ring = key_directory_open(&directory, "b", &err);
        bool failed = oom_stop();
        assert_int_equal(err.code, failed ? ERR_NO_MEMORY : ERR_NONE);
        assert_int_equal(ring == NULL, failed);
        key_ring_close(ring);
        if (!failed) {
            assert_true(n > 5);
            break;
        }
    }
}

int main(void)
{
    struct tests tests = { 0 };

    assert(sodium_init() >= 0);
    memset(too_large, 'x', sizeof too_large - 1);
    memset(long_kid, 'k', 65);
    strcpy(long_kid + 65, ".secret");

    ADD_ROWS(&tests, a_source_is_checked, sources);
    ADD_TEST(&tests, a_secret_is_the_key_default);
    ADD_TEST(&tests, a_directory_holds_many);
    ADD_TEST(&tests, without_an_active_kid_it_only_verifies);
    ADD_ROWS(&tests, a_file_is_refused, files);
    ADD_TEST(&tests, an_empty_directory_is_refused);
    ADD_TEST(&tests, two_files_of_one_kid_are_refused);
    ADD_TEST(&tests, too_many_keys_are_refused);
    ADD_TEST(&tests, what_is_no_file_is_refused);
    ADD_TEST(&tests, a_reload_swaps_the_set);
    ADD_TEST(&tests, a_failed_reload_keeps_the_set);
    ADD_TEST(&tests, readers_and_reloads_do_not_meet);
    ADD_TEST(&tests, loading_survives_each_failed_allocation);
    return tests_run("auth/keys", &tests);
}
