/* How tests talk to dev-broker: lines in, one line out for each, over a Unix socket or stdin. */
#ifndef DEV_BROKER_CONTROL_H
#define DEV_BROKER_CONTROL_H

#include <stdbool.h>
#include <stddef.h>

/* One answer, its newline and NUL included. */
#define CONTROL_ANSWER_BYTES 512

/* Carries one command out and writes its answer, "ok …" or "error …", without a newline. */
typedef void control_command(void *context, char *line, char answer[CONTROL_ANSWER_BYTES]);

struct control;

/* Listens at `socket_path` (NULL: at none) and, with `with_stdin`, reads standard input; its
 * answers then go to standard output. The path must be free. NULL, with errno set, when the socket
 * cannot be made. */
struct control *control_open(const char *socket_path, bool with_stdin);

/* Serves one line after the other until `stop_fd` is readable. False, with errno set, when poll
 * fails. */
bool control_serve(struct control *control, int stop_fd, control_command *command, void *context);

/* Closes everything and removes the socket. NULL is fine. */
void control_close(struct control *control);

#endif
