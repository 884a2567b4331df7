/* What the process costs, in the Prometheus text format. */
#ifndef OBS_PROCESS_H
#define OBS_PROCESS_H

#include "base/buffer.h"

/* Appends process_resident_memory_bytes, process_cpu_seconds_total and process_open_fds; leaves out
 * what the system does not tell. */
void process_render(struct buffer *out);

#endif
