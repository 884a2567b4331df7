/* The process's own metrics, read from the kernel at each scrape. */
#include "obs/process.h"

#include <dirent.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"

AUTO_DEFINE(directory, DIR *, closedir);

static void render_memory(struct buffer *out)
{
    AUTO(file) FILE *file = fopen("/proc/self/statm", "re");
    unsigned long long total, resident; /* pages */

    if (!file || fscanf(file, "%llu %llu", &total, &resident) != 2)
        return;
    buffer_format(out,
                  "# HELP process_resident_memory_bytes Memory that is in RAM.\n"
                  "# TYPE process_resident_memory_bytes gauge\n"
                  "process_resident_memory_bytes %llu\n",
                  resident * (unsigned long long)sysconf(_SC_PAGESIZE));
}

static void render_cpu(struct buffer *out)
{
    struct timespec used;

    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) != 0)
        return;
    buffer_format(out,
                  "# HELP process_cpu_seconds_total CPU time spent, user and system.\n"
                  "# TYPE process_cpu_seconds_total counter\n"
                  "process_cpu_seconds_total %lld.%06ld\n",
                  (long long)used.tv_sec, used.tv_nsec / 1000);
}

static void render_descriptors(struct buffer *out)
{
    AUTO(directory) DIR *directory = opendir("/proc/self/fd");
    if (!directory)
        return;

    size_t count = 0;
    for (const struct dirent *entry; (entry = readdir(directory));)
        count += entry->d_name[0] != '.';
    buffer_format(out,
                  "# HELP process_open_fds Open file descriptors.\n"
                  "# TYPE process_open_fds gauge\n"
                  "process_open_fds %zu\n",
                  count - 1); /* one of them is the directory that we read */
}

void process_render(struct buffer *out)
{
    render_memory(out);
    render_cpu(out);
    render_descriptors(out);
}
