/* A door to a server that a test can shut: bytes pass through a thread of this process or they do
 * not. One to a process. */
#ifndef CONTRACT_MONGO_PROXY_H
#define CONTRACT_MONGO_PROXY_H

#include <stdint.h>

/* Listens on loopback, at the port that it returns, for connections to host:port. */
uint16_t mongo_proxy_start(const char *host, uint16_t port);
void mongo_proxy_stop(void);

/* From its return on no byte passes, connections end, new ones end at once; and back. */
void mongo_proxy_shut(void);
void mongo_proxy_open(void);

#endif
