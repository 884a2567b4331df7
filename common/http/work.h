/* What a lane's thread does with the requests that wait in it. */
#ifndef HTTP_WORK_H
#define HTTP_WORK_H

#include "lane/lane.h"

enum { WORK_BATCH_MAX = 1024 }; /* a lane's batch_max is at most this */

/* A lane_work; the context is the server. */
void work_on_batch(void *context, struct job *const jobs[], size_t count);

#endif
