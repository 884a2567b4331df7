/* What limit control groups set, on trees as kernels and containers show them. */
#include "unit/support/tests.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory_limit.h"

#define V2 "/sys/fs/cgroup"
#define V1 "/sys/fs/cgroup/memory"

struct shown {
    const char *path, *content;
};

static const struct limit_case {
    const char *name;
    struct shown files[5];
    uint64_t limit;
} limit_cases[] = {
    { "limit: no control groups", { { NULL, NULL } }, MEMORY_UNLIMITED },
    { "limit: v2, none",
      { { "/proc/self/cgroup", "0::/\n" }, { V2 "/memory.max", "max\n" } },
      MEMORY_UNLIMITED },
    { "limit: v2, a container's",
      { { "/proc/self/cgroup", "0::/\n" }, { V2 "/memory.max", "268435456\n" } },
      268435456 },
    { "limit: v2, a service's",
      { { "/proc/self/cgroup", "0::/system.slice/user-svc.service\n" },
        { V2 "/system.slice/user-svc.service/memory.max", "134217728\n" },
        { V2 "/system.slice/memory.max", "max\n" } },
      134217728 },
    { "limit: v2, a parent's",
      { { "/proc/self/cgroup", "0::/pods/one\n" },
        { V2 "/pods/one/memory.max", "max\n" },
        { V2 "/pods/memory.max", "1048576\n" } },
      1048576 },
    { "limit: v2, the least counts",
      { { "/proc/self/cgroup", "0::/pods/one\n" },
        { V2 "/pods/one/memory.max", "4096\n" },
        { V2 "/pods/memory.max", "1048576\n" } },
      4096 },
    { "limit: v2, the neighbour's does not",
      { { "/proc/self/cgroup", "0::/pods/one\n" }, { V2 "/pods/two/memory.max", "4096\n" } },
      MEMORY_UNLIMITED },
    { "limit: v1",
      { { "/proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/x\n1:name=systemd:/x\n" },
        { V1 "/x/memory.limit_in_bytes", "134217728\n" } },
      134217728 },
    { "limit: v1, with other controllers",
      { { "/proc/self/cgroup", "4:hugetlb,memory:/x\n" },
        { V1 "/x/memory.limit_in_bytes", "134217728\n" } },
      134217728 },
    { "limit: v1, the path is the host's",
      { { "/proc/self/cgroup", "4:memory:/docker/4711\n" },
        { V1 "/memory.limit_in_bytes", "134217728\n" } },
      134217728 },
    { "limit: v1, another controller's",
      { { "/proc/self/cgroup", "4:memory2:/x\n" }, { V1 "/x/memory.limit_in_bytes", "4096\n" } },
      MEMORY_UNLIMITED },
    { "limit: v1 and v2 at one time",
      { { "/proc/self/cgroup", "4:memory:/x\n0::/x\n" },
        { V1 "/x/memory.limit_in_bytes", "134217728\n" } },
      134217728 },
    { "limit: lines that say nothing",
      { { "/proc/self/cgroup", "\n4\n4:memory\n" }, { V1 "/memory.limit_in_bytes", "4096\n" } },
      MEMORY_UNLIMITED },
};

static void write_file(const char *root, const struct shown *file)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s%s", root, file->path);
    for (char *slash = strchr(path + strlen(root) + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
        *slash = '/';
    }
    FILE *out = fopen(path, "we");
    assert_non_null(out);
    assert_true(fputs(file->content, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
    (void)stat;
    (void)type;
    (void)walk;
    return remove(path);
}

static void the_limit_is_found(void **state)
{
    const struct limit_case *c = *state;
    char root[] = "/tmp/memory-limit-XXXXXX";

    assert_non_null(mkdtemp(root));
    for (size_t i = 0; i < sizeof c->files / sizeof *c->files && c->files[i].path; i++)
        write_file(root, &c->files[i]);
    const uint64_t limit = memory_limit(root);
    nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    assert_true(limit == c->limit);
}

static void this_machine_has_one_or_none(void **state)
{
    (void)state;
    assert_true(memory_limit("") > 0);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, the_limit_is_found, limit_cases);
    ADD_TEST(&tests, this_machine_has_one_or_none);
    return tests_run("memory_limit", &tests);
}
