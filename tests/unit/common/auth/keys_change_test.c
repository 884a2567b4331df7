/* A directory of keys that changes while they are in use. */
#include "unit/common/auth/key_directory.h"

#define SECRET_A "kP3vXq8Zr5TnW2yB7dLmG4hJ9sFcA6eU"
#define SECRET_B "Qw7eRt2yUi9oPa4sDf6gHj1kLz8xCv3b"

static void write_through_link(const struct key_directory *directory, const char *name,
                               const char *text)
{
    char path[512];

    key_directory_text(directory, name, text);
    snprintf(path, sizeof path, "%s/a.secret", directory->path);
    (void)unlink(path);
    assert_int_equal(symlink(name, path), 0);
}

static void a_change_of_a_file_is_seen(void **state)
{
    (void)state;
    AUTO(key_directory) struct key_directory directory = key_directory_new();

    key_directory_text(&directory, "a.secret", SECRET_A);
    AUTO(key_ring) struct key_ring *ring = key_directory_open(&directory, NULL, NULL);
    assert_non_null(ring);
    assert_false(key_ring_is_stale(ring));

    key_directory_text(&directory, "b.secret", SECRET_B); /* one that came */
    assert_true(key_ring_is_stale(ring));
    assert_true(key_ring_is_stale(ring));
    assert_true(key_ring_reload(ring, NULL));
    assert_false(key_ring_is_stale(ring));

    key_directory_text(&directory, "b.secret", SECRET_B "\n"); /* one that was written */
    assert_true(key_ring_is_stale(ring));
    assert_true(key_ring_reload(ring, NULL));
    key_directory_delete(&directory, "b.secret"); /* one that went */
    assert_true(key_ring_is_stale(ring));
    assert_true(key_ring_reload(ring, NULL));
    assert_false(key_ring_is_stale(ring));
}

/* As the kubelet does it: what is visible are links into a hidden place that is replaced. */
static void a_change_behind_a_link_is_seen(void **state)
{
    (void)state;
    AUTO(key_directory) struct key_directory directory = key_directory_new();

    write_through_link(&directory, "..first", SECRET_A);
    AUTO(key_ring) struct key_ring *ring = key_directory_open(&directory, NULL, NULL);
    assert_non_null(ring);
    assert_false(key_ring_is_stale(ring));
    write_through_link(&directory, "..second", SECRET_B);
    assert_true(key_ring_is_stale(ring));
}

static void a_faulty_file_is_tried_once(void **state)
{
    (void)state;
    AUTO(key_directory) struct key_directory directory = key_directory_new();

    key_directory_text(&directory, "a.secret", SECRET_A);
    AUTO(key_ring) struct key_ring *ring = key_directory_open(&directory, NULL, NULL);
    assert_non_null(ring);
    key_directory_text(&directory, "b.secret", "short");
    assert_true(key_ring_is_stale(ring));
    assert_false(key_ring_reload(ring, NULL));
    assert_false(key_ring_is_stale(ring));
}

static void what_cannot_be_told_is_not_stale(void **state)
{
    (void)state;
    const struct key_source source = { .secret = SECRET_A };
    AUTO(key_ring) struct key_ring *secret = key_ring_open(&source, NULL);
    const struct key_directory directory = key_directory_new();

    key_directory_text(&directory, "a.secret", SECRET_A);
    AUTO(key_ring) struct key_ring *ring = key_directory_open(&directory, NULL, NULL);
    auto_key_directory(&directory);
    assert_non_null(secret);
    assert_non_null(ring);
    assert_false(key_ring_is_stale(secret));
    assert_false(key_ring_is_stale(ring));
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_TEST(&tests, a_change_of_a_file_is_seen);
    ADD_TEST(&tests, a_change_behind_a_link_is_seen);
    ADD_TEST(&tests, a_faulty_file_is_tried_once);
    ADD_TEST(&tests, what_cannot_be_told_is_not_stale);
    return tests_run("keys, changing", &tests);
}
