/* A directory of key files that lives as long as a test. */
#ifndef UNIT_COMMON_AUTH_KEY_DIRECTORY_H
#define UNIT_COMMON_AUTH_KEY_DIRECTORY_H

#include "unit/support/tests.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/keys.h"
#include "base/auto.h"

struct key_directory {
    char path[64];
};

static inline struct key_directory key_directory_new(void)
{
    struct key_directory directory = { "/tmp/key-directory-XXXXXX" };
    assert_non_null(mkdtemp(directory.path));
    return directory;
}

static inline void key_directory_write(const struct key_directory *directory, const char *name,
                                       const void *bytes, size_t length)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", directory->path, name);
    AUTO(file) FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
}

static inline void key_directory_text(const struct key_directory *directory, const char *name,
                                      const char *text)
{
    key_directory_write(directory, name, text, strlen(text));
}

static inline void key_directory_delete(const struct key_directory *directory, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", directory->path, name);
    assert_int_equal(remove(path), 0);
}

static inline int key_directory_remove_one(const char *path, const struct stat *status, int type,
                                           struct FTW *where)
{
    (void)status, (void)type, (void)where;
    return remove(path);
}

static inline void auto_key_directory(const struct key_directory *directory)
{
    nftw(directory->path, key_directory_remove_one, 4, FTW_DEPTH | FTW_PHYS);
}

static inline struct key_ring *key_directory_open(const struct key_directory *directory,
                                                  const char *active_kid, struct error *err)
{
    const struct key_source source = { .directory = directory->path, .active_kid = active_kid };
    return key_ring_open(&source, err);
}

#endif
