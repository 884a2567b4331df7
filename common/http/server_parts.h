/* What a server is made of. For the http room only. */
#ifndef HTTP_SERVER_PARTS_H
#define HTTP_SERVER_PARTS_H

#include <stdatomic.h>
#include "http/connection.h"
#include "http/keeper.h"
#include "http/observe.h"
#include "http/server.h"

struct MHD_Daemon;

struct http_server {
    struct http_options options;
    struct MHD_Daemon *daemon;
    struct connection_list connections;
    struct keeper *keeper;
    struct observer *observer;
    struct lane **lanes;
    size_t lanes_open;
    atomic_bool draining;
    atomic_int resuming; /* threads that are ending a wait */
};

#endif
