/* The environment, and files for what is mounted as a secret. */
#include "base/settings_source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/settings.h"

#define FILE_SUFFIX "_FILE"

enum {
    FILE_SUFFIX_LENGTH = sizeof FILE_SUFFIX - 1,
    FILE_BYTES_MAX = 64 * 1024, /* no setting is longer; a wrong path may be a huge file */
};

/* What settings_each_prefixed() was called with. */
struct prefixed {
    const char *const *environment;
    size_t prefix_length;
    void (*take)(void *context, const char *name, const char *value);
    void *context;
};

/* What the environment has for `name` followed by `suffix`. Empty counts as not given, as does what
 * Kubernetes injects for a Service of that name: ADMIN_PORT=tcp://10.0.0.1:80. */
static const char *environment_find(const char *const *environment, const char *name,
                                    const char *suffix)
{
    size_t name_length = strlen(name), suffix_length = strlen(suffix);

    for (; *environment; environment++) {
        const char *entry = *environment;
        if (strncmp(entry, name, name_length) != 0 ||
            strncmp(entry + name_length, suffix, suffix_length) != 0 ||
            entry[name_length + suffix_length] != '=')
            continue;
        const char *value = entry + name_length + suffix_length + 1;
        bool injected = name_length > 5 && strcmp(name + name_length - 5, "_PORT") == 0 &&
                        strstr(value, "://") != NULL;
        return *value && !injected ? value : NULL;
    }
    return NULL;
}

/* The bytes of the file, or -1 and errno; EFBIG beyond `size` - 1. */
static ssize_t read_whole(const char *path, char *bytes, size_t size)
{
    const ssize_t length = file_read(path, bytes, size);

    if (length < (ssize_t)size)
        return length;
    errno = EFBIG;
    return -1;
}

/* The file's content without one trailing newline. NULL: a fault line says why, but never the path
 * (a secret put there by mistake stays one). */
static char *read_value_file(const char *name, const char *path, struct buffer *faults)
{
    AUTO(memory) char *bytes = malloc(FILE_BYTES_MAX + 1);
    if (!bytes) {
        buffer_format(faults, "%s" FILE_SUFFIX ": no memory\n", name);
        return NULL;
    }

    char *value = NULL;
    ssize_t length = read_whole(path, bytes, FILE_BYTES_MAX + 1);
    if (length < 0) {
        buffer_format(faults, "%s" FILE_SUFFIX ": the file cannot be read: %s\n", name,
                      strerrordesc_np(errno));
    } else if (memchr(bytes, '\0', (size_t)length)) {
        buffer_format(faults, "%s" FILE_SUFFIX ": the file holds a NUL byte\n", name);
    } else {
        if (length > 0 && bytes[length - 1] == '\n')
            length--;
        value = strndup(bytes, (size_t)length);
        if (!value)
            buffer_format(faults, "%s" FILE_SUFFIX ": no memory\n", name);
    }
    explicit_bzero(bytes, FILE_BYTES_MAX + 1);
    return value;
}

bool setting_value_read(const char *const *environment, const char *name, char **out,
                        struct buffer *faults)
{
    const char *direct = environment_find(environment, name, "");
    const char *path = environment_find(environment, name, FILE_SUFFIX);

    if (direct && path) {
        buffer_format(faults, "%s: given twice, also by %s" FILE_SUFFIX "\n", name, name);
        return false;
    }
    if (!direct && !path) {
        *out = NULL;
        return true;
    }

    char *value = path ? read_value_file(name, path, faults) : strdup(direct);
    if (!value) {
        if (direct)
            buffer_format(faults, "%s: no memory\n", name);
        return false;
    }
    *out = value;
    return true;
}

void setting_value_free(char *value)
{
    explicit_bzero(value, strlen(value));
    free(value);
}

/* One "PREFIXname=value" or "PREFIXname_FILE=path" of the environment. */
static bool take_entry(const struct prefixed *prefixed, const char *entry, struct buffer *faults)
{
    size_t length = strcspn(entry, "=");
    bool is_file = length > FILE_SUFFIX_LENGTH && memcmp(entry + length - FILE_SUFFIX_LENGTH,
                                                         FILE_SUFFIX, FILE_SUFFIX_LENGTH) == 0;
    if (is_file)
        length -= FILE_SUFFIX_LENGTH;

    AUTO(memory) char *name = strndup(entry, length);
    if (!name) {
        buffer_text(faults, "no memory\n");
        return false;
    }
    /* Given twice is told once, by the file's own entry. */
    if (!is_file && environment_find(prefixed->environment, name, FILE_SUFFIX))
        return true;

    AUTO(setting_value) char *value = NULL;
    if (!setting_value_read(prefixed->environment, name, &value, faults))
        return false;
    if (value)
        prefixed->take(prefixed->context, name + prefixed->prefix_length, value);
    return true;
}

bool settings_each_prefixed(const char *const *environment, const char *prefix,
                            void (*take)(void *context, const char *name, const char *value),
                            void *context, struct buffer *faults)
{
    const struct prefixed prefixed = { environment, strlen(prefix), take, context };
    bool good = true;

    for (const char *const *entry = environment; *entry; entry++)
        if (strncmp(*entry, prefix, prefixed.prefix_length) == 0)
            good &= take_entry(&prefixed, *entry, faults);
    return good;
}
