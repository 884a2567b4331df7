/* Answers written to a socket by hand, where the library has no request to answer: a connection
 * too many, a request that never comes whole. */
#ifndef HTTP_RAW_ANSWER_H
#define HTTP_RAW_ANSWER_H

#include "http/problem.h"

/* One try, never blocks; the connection is then to be closed. `correlation_id` NULL: a new one. */
void raw_answer_send(int fd, enum problem_type type, const char *detail,
                     const char *correlation_id);

#endif
