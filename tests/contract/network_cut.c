/* A proxy would not do for Kafka: a broker tells its clients where to connect. */
#include "contract/network_cut.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/socket.h>

enum { DESCRIPTORS_MAX = 1024 }; /* no test program has more */

static atomic_bool is_cut;

int connect(int fd, __CONST_SOCKADDR_ARG address, socklen_t length) /* as glibc declares it */
{
    int (*real)(int, __CONST_SOCKADDR_ARG, socklen_t);

    if (atomic_load(&is_cut)) {
        errno = ECONNREFUSED;
        return -1;
    }
    *(void **)&real = dlsym(RTLD_NEXT, "connect");
    return real(fd, address, length);
}

void network_cut(bool cut)
{
    atomic_store(&is_cut, cut);
    for (int fd = 0; cut && fd < DESCRIPTORS_MAX; fd++) {
        struct sockaddr_storage peer = { 0 };
        socklen_t length = sizeof peer;
        if (getpeername(fd, (struct sockaddr *)&peer, &length) == 0 &&
            (peer.ss_family == AF_INET || peer.ss_family == AF_INET6))
            shutdown(fd, SHUT_RDWR);
    }
}
