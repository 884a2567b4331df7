/* /proc/self/cgroup names the groups, a line each, "4:memory:/path" (v1) or "0::/path" (v2). A
 * group is also bound by its parents. In a container without a namespace of its own the path is the
 * host's and not to be seen; the group is then the root of what is mounted, where the walk ends. */
#include "memory_limit.h"

#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "base/auto.h"

struct hierarchy {
    const char *controller, *mount, *file;
};

static const struct hierarchy hierarchies[] = {
    { "", "/sys/fs/cgroup", "memory.max" },
    { "memory", "/sys/fs/cgroup/memory", "memory.limit_in_bytes" },
};

/* "max", and a file that is not there, are no limit. */
static uint64_t read_limit(const char *folder, const char *name)
{
    char path[PATH_MAX + NAME_MAX];
    uint64_t bytes;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    AUTO(file) FILE *file = fopen(path, "re");
    return file && fscanf(file, "%" SCNu64, &bytes) == 1 ? bytes : MEMORY_UNLIMITED;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The least of the group and those above it. */
static uint64_t limit_of(const char *root, const struct hierarchy *hierarchy, const char *group)
{
    char folder[PATH_MAX];
    uint64_t limit = MEMORY_UNLIMITED;

    snprintf(folder, sizeof folder, "%s%s%s", root, hierarchy->mount, group);
    const size_t top = strlen(root) + strlen(hierarchy->mount);
    for (;;) {
        limit = smaller(limit, read_limit(folder, hierarchy->file));
        char *slash = strlen(folder) > top ? strrchr(folder + top, '/') : NULL;
        if (!slash)
            return limit;
        *slash = '\0';
    }
}

/* Whether "cpu,memory" names it; v2 names none. */
static bool names(const char *controllers, const char *wanted)
{
    const size_t length = strlen(wanted);

    for (const char *at = controllers;; at++) {
        const size_t span = strcspn(at, ",");
        if (span == length && memcmp(at, wanted, length) == 0)
            return true;
        at += span;
        if (*at == '\0')
            return false;
    }
}

static uint64_t limit_of_line(const char *root, char *line)
{
    char *rest = line;
    uint64_t limit = MEMORY_UNLIMITED;

    rest[strcspn(rest, "\n")] = '\0';
    (void)strsep(&rest, ":"); /* the hierarchy's number */
    const char *controllers = strsep(&rest, ":");
    if (!rest)
        return limit;
    for (size_t i = 0; i < sizeof hierarchies / sizeof *hierarchies; i++)
        if (names(controllers, hierarchies[i].controller))
            limit = smaller(limit, limit_of(root, &hierarchies[i], rest));
    return limit;
}

uint64_t memory_limit(const char *root)
{
    char path[PATH_MAX], line[PATH_MAX];
    uint64_t limit = MEMORY_UNLIMITED;

    snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
    AUTO(file) FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        limit = smaller(limit, limit_of_line(root, line));
    return limit;
}
