/* The callbacks, in the order in which the library calls them. */
#include "http/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>

#include "http/exchange.h"
#include "http/server_parts.h"

enum {
    /* Twice the longest head that we take, since the library's lists of headers and parameters and
     * the answer's own headers are made in it too. Pages that nobody writes to cost nothing. */
    CONNECTION_MEMORY = 2 * HEAD_BYTES_MAX,
    /* The library's own limit leaves further sockets hanging, and it counts a thread: so it is set
     * where only a burst of accepts between two counts of ours could come. */
    LIMIT_FACTOR = 2,
    LIMIT_MARGIN = 64,
};

static void open_connection(struct http_server *server, struct MHD_Connection *mhd, void **context)
{
    const int fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    const struct sockaddr *address =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;

    *context = connection_add(&server->connections, fd, address);
    if (!*context)
        shutdown(fd, SHUT_RDWR);
}

static void complete(struct http_server *server, struct exchange *exchange, int status)
{
    connection_end(&server->connections, exchange->connection);
    observe(server->observer, exchange, status);
    exchange_release(exchange);
}

static void close_connection(struct http_server *server, struct connection *connection)
{
    if (connection->linger) {
        const int fd = fcntl(connection->fd, F_DUPFD_CLOEXEC, 0);
        if (fd >= 0)
            keeper_linger(server->keeper, fd);
    }
    /* The library completes no request whose parameters fill its memory. */
    if (connection->exchange)
        complete(server, connection->exchange, 0);
    connection_remove(&server->connections, connection);
}

static void on_connection(void *context, struct MHD_Connection *mhd, void **socket_context,
                          enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        open_connection(context, mhd, socket_context);
    else if (*socket_context)
        close_connection(context, *socket_context);
}

/* What this returns is the request's context in the calls that follow. */
static void *on_request_line(void *context, const char *raw, struct MHD_Connection *mhd)
{
    struct http_server *server = context;
    struct connection *connection =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    struct exchange *exchange = connection ? exchange_open(server, connection, mhd, raw) : NULL;

    if (exchange && !connection_begin(&server->connections, connection, exchange))
        exchange->stage = STAGE_ANSWERED;
    return exchange;
}

static bool step(struct exchange *exchange, const char *method, const char *version,
                 const char *bytes, size_t *count)
{
    if (exchange->stage == STAGE_ANSWERED) /* the keeper was first */
        return false;
    if (exchange->stage == STAGE_HEAD)
        return exchange_head(exchange, method, version);
    if (*count == 0)
        return exchange_whole(exchange);

    const size_t taken = *count;
    *count = 0;
    return exchange_body(exchange, bytes, taken);
}

static enum MHD_Result on_step(void *context, struct MHD_Connection *mhd, const char *url,
                               const char *method, const char *version, const char *bytes,
                               size_t *count, void **request_context)
{
    (void)context, (void)mhd, (void)url;
    /* No exchange: memory is short, or the connection is over. Nothing was done. */
    return *request_context && step(*request_context, method, version, bytes, count) ? MHD_YES
                                                                                     : MHD_NO;
}

/* The answer as the library sent it: ours, or its own to a body that was malformed. */
static int sent_status(struct MHD_Connection *mhd, const struct exchange *exchange)
{
    if (exchange->status)
        return exchange->status;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_HTTP_STATUS);
    return info ? (int)info->http_status : 0;
}

static void on_completed(void *context, struct MHD_Connection *mhd, void **request_context,
                         enum MHD_RequestTerminationCode code)
{
    struct http_server *server = context;
    struct exchange *exchange = *request_context;

    (void)code;
    if (!exchange)
        return;
    complete(server, exchange, sent_status(mhd, exchange));
    *request_context = NULL;
}

static unsigned connection_limit(const struct http_options *options)
{
    return LIMIT_FACTOR * options->connections_max + LIMIT_MARGIN * options->threads;
}

struct MHD_Daemon *daemon_start(struct http_server *server, struct error *err)
{
    const struct http_options *options = &server->options;
    struct MHD_OptionItem items[] = {
        { MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, NULL },
        { MHD_OPTION_CONNECTION_LIMIT, (intptr_t)connection_limit(options), NULL },
#if MHD_VERSION >= 0x00097701
        { MHD_OPTION_CLIENT_DISCIPLINE_LVL, 1, NULL }, /* no folded lines, no bare LF */
#endif
        /* A pool of one is no pool to the library, and it says so. */
        { options->threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END,
          (intptr_t)options->threads, NULL },
        { MHD_OPTION_END, 0, NULL },
    };
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET |
            MHD_USE_ITC,
        0, NULL, NULL, on_step, server, MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, server, MHD_OPTION_URI_LOG_CALLBACK,
        on_request_line, server, MHD_OPTION_ARRAY, items, MHD_OPTION_END);

    if (!daemon)
        error_set(err, ERR_SYSTEM, errno, "cannot start the HTTP threads");
    return daemon;
}
