/* Sockets and limits, before the library comes in. */
#include "http/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "base/auto.h"

/* The kernel cuts it to net.core.somaxconn. */
enum { BACKLOG = 4096 };

union address {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
};

static bool read_address(const char *text, uint16_t port, union address *out, socklen_t *size)
{
    *out = (union address){ .six = { .sin6_family = AF_INET6, .sin6_port = htons(port) } };
    *size = sizeof out->six;
    if (inet_pton(AF_INET6, text, &out->six.sin6_addr) == 1)
        return true;

    *out = (union address){ .four = { .sin_family = AF_INET, .sin_port = htons(port) } };
    *size = sizeof out->four;
    return inet_pton(AF_INET, text, &out->four.sin_addr) == 1;
}

static bool start_listening(int fd, const union address *address, socklen_t size)
{
    const int yes = 1;

    return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
           bind(fd, &address->any, size) == 0 && listen(fd, BACKLOG) == 0;
}

int listener_open(const char *address, uint16_t *port, struct error *err)
{
    union address bound;
    socklen_t size;

    if (!read_address(address, *port, &bound, &size)) {
        error_set(err, ERR_CONFIG, 0, "%s is no IPv4 or IPv6 address", address);
        return -1;
    }
    AUTO(fd) int fd = socket(bound.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || !start_listening(fd, &bound, size) || getsockname(fd, &bound.any, &size) != 0) {
        const int cause = errno;
        error_set(err, ERR_SYSTEM, cause, "cannot listen at %s, port %u: %s", address, *port,
                  strerrordesc_np(cause));
        return -1;
    }
    *port = ntohs(bound.any.sa_family == AF_INET ? bound.four.sin_port : bound.six.sin6_port);
    const int listening = fd;
    fd = -1;
    return listening;
}

uint64_t listener_raise_files(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 0;
    const rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
}
