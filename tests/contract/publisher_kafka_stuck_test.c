/* The Kafka publisher while librdkafka's thread is stuck in a name lookup: it serves no queue,
 * looks for no timeout and gives no report until the lookup ends. */
#include "unit/support/tests.h"

#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <time.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/log.h"
#include "contract/mock_kafka.h"
#include "contract/publisher_suite.h"

/* ---- name lookups that hang on demand, in place of the C library's ---- */

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **out);

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool hang;
    unsigned hanging;
} lookups = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, 0 };

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **out)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

    pthread_mutex_lock(&lookups.lock);
    lookups.hanging++;
    pthread_cond_broadcast(&lookups.changed);
    while (lookups.hang)
        pthread_cond_wait(&lookups.changed, &lookups.lock);
    lookups.hanging--;
    pthread_mutex_unlock(&lookups.lock);

    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    return real(node, service, hints, out);
}

static void lookups_hang(bool hang)
{
    LOCKED(&lookups.lock);
    lookups.hang = hang;
    pthread_cond_broadcast(&lookups.changed);
}

static void wait_for_hanging_lookup(void)
{
    LOCKED(&lookups.lock);
    while (lookups.hanging == 0)
        pthread_cond_wait(&lookups.changed, &lookups.lock);
}

/* librdkafka looks a name up anew when its last answer is a second old. */
#define LOOKUP_AGES                                                                                \
    {                                                                                              \
        .tv_sec = 1, .tv_nsec = 200000000                                                          \
    }
/* For a request to be under way; the mock does not tell. */
#define REQUEST_IS_SENT                                                                            \
    {                                                                                              \
        .tv_nsec = 400000000                                                                       \
    }

/* A publisher whose next reconnecting hangs, its broker still there. */
static struct publisher *open_to_be_stuck(struct mock_kafka *mock)
{
    struct publisher *publisher = mock_kafka_publisher(mock);

    suite_publish_all(publisher, 0, 1, PUBLISH_DELIVERED);
    nanosleep(&(struct timespec)LOOKUP_AGES, NULL);
    lookups_hang(true);
    return publisher;
}

/* Once the thread has caught up: the purge that waited for it would take new events too. */
static void publish_again(struct publisher *publisher)
{
    assert_true(suite_becomes_healthy(publisher, true));
    suite_publish_all(publisher, 1, 5, PUBLISH_DELIVERED);
}

/* The library's thread is stuck before it took the events over: they were not sent. */
static void a_stuck_lookup_does_not_hold_publish(void **state)
{
    struct mock_kafka *mock = mock_kafka_start();
    struct publisher *publisher = open_to_be_stuck(mock);

    (void)state;
    mock_kafka_set_fault(mock, BROKER_DOWN);
    wait_for_hanging_lookup();
    suite_publish_all(publisher, 1, 5, PUBLISH_FAILED);
    assert_true(suite_becomes_healthy(publisher, false));

    mock_kafka_set_fault(mock, BROKER_FINE);
    lookups_hang(false);
    publish_again(publisher);
    publisher_close(publisher);
    mock_kafka_stop(mock);
}

static void *cut_in_flight(void *mock)
{
    nanosleep(&(struct timespec)REQUEST_IS_SENT, NULL);
    mock_kafka_set_fault(mock, BROKER_DOWN);
    return NULL;
}

/* Publishes events that are in flight when the library's thread gets stuck: publish gives up
 * before their reports come. */
static void publish_without_reports(struct mock_kafka *mock, struct publisher *publisher)
{
    pthread_t cutting;

    mock_kafka_set_fault(mock, BROKER_SILENT);
    assert_int_equal(pthread_create(&cutting, NULL, cut_in_flight, mock), 0);
    int64_t start = clock_monotonic_ms(&system_clock);
    suite_publish_all(publisher, 1, 5, PUBLISH_UNKNOWN);
    int64_t took_ms = clock_monotonic_ms(&system_clock) - start;
    assert_true(took_ms > publisher_publish_max_ms(publisher) - 1000); /* indeed none came */
    assert_int_equal(pthread_join(cutting, NULL), 0);
    mock_kafka_set_fault(mock, BROKER_FINE);
    lookups_hang(false);
}

/* They come to a batch that nobody waits for: the address sanitizer sees that it is freed with the
 * last of them, and not before. */
static void reports_that_come_late_harm_nobody(void **state)
{
    struct mock_kafka *mock = mock_kafka_start();
    struct publisher *publisher = open_to_be_stuck(mock);

    (void)state;
    publish_without_reports(mock, publisher);
    publish_again(publisher);
    publisher_close(publisher);
    mock_kafka_stop(mock);
}

static void a_publisher_closes_without_reports(void **state)
{
    struct mock_kafka *mock = mock_kafka_start();
    struct publisher *publisher = open_to_be_stuck(mock);

    (void)state;
    publish_without_reports(mock, publisher);
    publisher_close(publisher);
    mock_kafka_stop(mock);
}

int main(void)
{
    struct tests tests = { 0 };

    log_open("test", LOG_ERROR);
    ADD_TEST(&tests, a_stuck_lookup_does_not_hold_publish);
    ADD_TEST(&tests, reports_that_come_late_harm_nobody);
    ADD_TEST(&tests, a_publisher_closes_without_reports);
    return tests_run("publisher: Kafka, stuck", &tests);
}
