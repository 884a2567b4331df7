/* The door keeper: one thread that accepts connections, up to a limit, ends those that are overdue,
 * expires jobs that waited too long, and lets cut-off clients finish sending. */
#ifndef HTTP_KEEPER_H
#define HTTP_KEEPER_H

#include <stdbool.h>
#include "base/error.h"

struct http_server;
struct keeper;

/* Takes over `listener`. The server is borrowed, and complete but for its keeper, which this sets.
 * False: ERR_NO_MEMORY, ERR_SYSTEM; the listener is then closed. */
bool keeper_open(struct http_server *server, int listener, struct error *err) MUST_USE;

/* Closes the listening socket; returns once it is closed. */
void keeper_quiesce(struct keeper *keeper);

/* Takes over the descriptor of a connection whose answer is sent, whose sending side is shut, and
 * whose client may still be sending: closing it at once would have the kernel reset the connection,
 * and the client would lose the answer. What comes is thrown away for some seconds. */
void keeper_linger(struct keeper *keeper, int fd);

/* Ends the thread. NULL is fine. */
void keeper_close(struct keeper *keeper);

#endif
