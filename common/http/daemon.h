/* libmicrohttpd's daemon: its start, and its callbacks turned into steps of an exchange. */
#ifndef HTTP_DAEMON_H
#define HTTP_DAEMON_H

#include "base/error.h"

struct http_server;
struct MHD_Daemon;

/* Threads without a listening socket: the keeper hands connections over. NULL: ERR_SYSTEM. Ends
 * with MHD_stop_daemon(), when no connection is suspended. */
struct MHD_Daemon *daemon_start(struct http_server *server, struct error *err) MUST_USE;

#endif
