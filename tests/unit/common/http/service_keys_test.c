/* A service that runs while its keys are rotated. */
#include "unit/common/auth/key_directory.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "http/service.h"

#define SECRET_A "kP3vXq8Zr5TnW2yB7dLmG4hJ9sFcA6eU"
#define SECRET_B "Qw7eRt2yUi9oPa4sDf6gHj1kLz8xCv3b"

enum { POLL_MS = 10, PATIENCE_MS = 10 * SECOND_MS };

static struct key_directory directory;

static void encode_nothing(const void *state, struct response *response)
{
    (void)state;
    response->status = 204;
}

static const struct route routes[] = {
    { GET, "/ping", ANYONE, 0, LANE_INLINE, 1, NULL, NULL, encode_nothing, NULL },
};

static bool knows(struct service *service, const char *kid)
{
    AUTO(key_set) const struct key_set *keys = key_ring_take(service->keys);
    return key_set_find(keys, kid, strlen(kid)) != NULL;
}

/* Adds a key, waits until the service knows it, and stops the service. */
static void *rotate(void *context)
{
    const struct timespec pause = { .tv_nsec = POLL_MS * 1000000L };

    key_directory_text(&directory, "new.secret", SECRET_B);
    for (int waited = 0; !knows(context, "new") && waited < PATIENCE_MS; waited += POLL_MS)
        nanosleep(&pause, NULL);
    kill(getpid(), SIGTERM);
    return NULL;
}

static void a_new_key_is_known_without_a_signal(void **state)
{
    (void)state;
    AUTO(service) struct service service = { 0 };
    const struct service_hooks hooks = { 0 };
    struct error err = { 0 };
    pthread_t thread;

    directory = key_directory_new();
    key_directory_text(&directory, "old.secret", SECRET_A);
    const struct service_settings settings = {
        .bind_address = (char[]){ "127.0.0.1" },
        .jwt_keys_dir = directory.path,
        .jwt_issuer = (char[]){ "unit" },
        .jwt_ttl_s = 60,
        .http_threads = 1,
        .connections_max = 16,
        .drain_timeout_ms = 1000,
        .log_level = LOG_ERROR,
    };
    assert_true(service_open(&service, "unit", &settings, &err));
    struct http_options http = service_http_options(&service);
    http.routes = routes;
    http.route_count = 1;

    assert_int_equal(pthread_create(&thread, NULL, rotate, &service), 0);
    assert_true(service_serve(&service, &http, &hooks, &err));
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(knows(&service, "new"));
    auto_key_directory(&directory);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_TEST(&tests, a_new_key_is_known_without_a_signal);
    return tests_run("service, keys", &tests);
}
