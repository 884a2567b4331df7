/* The page as Prometheus reads it; counting by many threads at once. */
#include "unit/support/tests.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "obs/metrics.h"
#include "unit/support/oom.h"

static const double bounds[] = { 0.1, 1, 2.5 };

/* What follows the process's own metrics. */
static const char *own_part(const struct buffer *page)
{
    const char *last = strstr(page->data, "\nprocess_open_fds ");
    assert_non_null(last);
    return strchr(last + 1, '\n') + 1;
}

static struct metrics *metrics_made(void)
{
    struct metrics *metrics = metrics_new(NULL);
    assert_non_null(metrics);
    return metrics;
}

static void a_page_has_each_family_once(void **state)
{
    (void)state;
    AUTO(metrics) struct metrics *metrics = metrics_made();
    AUTO(buffer) struct buffer page = { 0 };

    counter_add(metrics_counter(metrics, "a_total", "Some a.", "lane=\"x\"", NULL), 2);
    gauge_set(metrics_gauge(metrics, "b", "Some b.", "", NULL), -1.5);
    counter_add(metrics_counter(metrics, "a_total", "Some a.", "lane=\"y\"", NULL), 3);
    metrics_render(metrics, &page);
    assert_string_equal(own_part(&page), "# HELP a_total Some a.\n"
                                         "# TYPE a_total counter\n"
                                         "a_total{lane=\"x\"} 2\n"
                                         "a_total{lane=\"y\"} 3\n"
                                         "# HELP b Some b.\n"
                                         "# TYPE b gauge\n"
                                         "b -1.5\n");
}

static void a_histogram_is_cumulative(void **state)
{
    (void)state;
    AUTO(metrics) struct metrics *metrics = metrics_made();
    AUTO(buffer) struct buffer page = { 0 };
    struct histogram *h = metrics_histogram(metrics, "h", "Some h.", "r=\"/\"", bounds, 3, NULL);
    struct histogram *bare = metrics_histogram(metrics, "i", "Some i.", "", bounds, 0, NULL);

    const double values[] = {
        0.05, 0.1, 0.5, 1.0, 2.5, 2.75, 100
    }; /* a bound holds its own value */
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        histogram_observe(h, values[i]);
    histogram_observe(bare, 7);
    metrics_render(metrics, &page);
    assert_string_equal(own_part(&page), "# HELP h Some h.\n"
                                         "# TYPE h histogram\n"
                                         "h_bucket{r=\"/\",le=\"0.1\"} 2\n"
                                         "h_bucket{r=\"/\",le=\"1\"} 4\n"
                                         "h_bucket{r=\"/\",le=\"2.5\"} 5\n"
                                         "h_bucket{r=\"/\",le=\"+Inf\"} 7\n"
                                         "h_sum{r=\"/\"} 106.9\n"
                                         "h_count{r=\"/\"} 7\n"
                                         "# HELP i Some i.\n"
                                         "# TYPE i histogram\n"
                                         "i_bucket{le=\"+Inf\"} 1\n"
                                         "i_sum 7\n"
                                         "i_count 1\n");
}

static const struct number {
    const char *name;
    double value;
    const char *shown;
} numbers[] = {
    { "zero", 0, "g 0\n" },
    { "whole", 4096, "g 4096\n" },
    { "a fraction", 0.1, "g 0.1\n" },
    { "all digits", 1.0 / 3, "g 0.33333333333333331\n" },
    { "beyond any bound", (double)INFINITY, "g +Inf\n" },
    { "below any bound", -(double)INFINITY, "g -Inf\n" },
    { "none", (double)NAN, "g NaN\n" },
};

static void a_number_is_shown_exactly(void **state)
{
    const struct number *n = *state;
    AUTO(metrics) struct metrics *metrics = metrics_made();
    AUTO(buffer) struct buffer page = { 0 };

    gauge_set(metrics_gauge(metrics, "g", "Some g.", "", NULL), n->value);
    metrics_render(metrics, &page);
    assert_non_null(strstr(own_part(&page), n->shown));
}

static void the_same_series_is_found_again(void **state)
{
    (void)state;
    AUTO(metrics) struct metrics *metrics = metrics_made();
    char labels[] = "k=\"v\"";
    struct counter *first = metrics_counter(metrics, "a", "A.", labels, NULL);

    labels[3] = 'w'; /* the labels were copied */
    assert_ptr_equal(metrics_counter(metrics, "a", "A.", "k=\"v\"", NULL), first);
    assert_ptr_not_equal(metrics_counter(metrics, "a", "A.", labels, NULL), first);
    assert_ptr_not_equal(metrics_counter(metrics, "b", "B.", "k=\"v\"", NULL), first);
}

static void nobody_has_to_count(void **state)
{
    (void)state;
    counter_add(NULL, 1);
    gauge_set(NULL, 1);
    histogram_observe(NULL, 1);
    assert_int_equal(counter_value(NULL), 0);
    metrics_free(NULL);
}

struct asked {
    struct metrics *metrics;
    unsigned times;
};

/* Looks its series up while the page is made. */
static void answer(void *context)
{
    struct asked *asked = context;
    asked->times++;
    gauge_set(metrics_gauge(asked->metrics, "asked", "Scrapes.", "", NULL), asked->times);
}

static void collectors_are_asked_at_each_scrape(void **state)
{
    (void)state;
    AUTO(metrics) struct metrics *metrics = metrics_made();
    struct asked a = { metrics, 0 }, b = { metrics, 0 };

    assert_true(metrics_collect(metrics, answer, &a, NULL));
    assert_true(metrics_collect(metrics, answer, &b, NULL));
    for (unsigned scrape = 1; scrape <= 3; scrape++) {
        AUTO(buffer) struct buffer page = { 0 };
        metrics_render(metrics, &page);
        assert_int_equal(a.times, scrape);
        assert_int_equal(b.times, scrape);
        assert_non_null(strstr(page.data, "asked "));
    }
}

static double process_value(const struct buffer *page, const char *name)
{
    char line[64];
    snprintf(line, sizeof line, "\n%s ", name);
    const char *at = strstr(page->data, line);
    assert_non_null(at);
    return strtod(at + strlen(line), NULL);
}

static void the_process_shows_what_it_costs(void **state)
{
    (void)state;
    AUTO(metrics) struct metrics *metrics = metrics_made();
    AUTO(buffer) struct buffer before = { 0 }, after = { 0 };

    metrics_render(metrics, &before);
    AUTO(file) FILE *one_more = fopen("/dev/null", "re");
    metrics_render(metrics, &after);

    assert_true(process_value(&before, "process_resident_memory_bytes") > 100 * 1024);
    assert_true(process_value(&after, "process_cpu_seconds_total") >=
                process_value(&before, "process_cpu_seconds_total"));
    assert_true(process_value(&after, "process_cpu_seconds_total") > 0);
    assert_int_equal(process_value(&after, "process_open_fds"),
                     process_value(&before, "process_open_fds") + 1);
}

enum { THREADS = 4, ROUNDS = 20000 };

static void *count_much(void *argument)
{
    struct metrics *metrics = argument;
    struct counter *counter = metrics_counter(metrics, "c", "C.", "", NULL);
    struct histogram *histogram = metrics_histogram(metrics, "h", "H.", "", bounds, 3, NULL);
    struct gauge *gauge = metrics_gauge(metrics, "g", "G.", "", NULL);

    for (int i = 0; i < ROUNDS; i++) {
        counter_add(counter, 1);
        histogram_observe(histogram, i % 2 ? 0.5 : 100);
        gauge_set(gauge, i);
    }
    return NULL;
}

static uint64_t shown_count(const struct buffer *page, const char *line)
{
    const char *at = strstr(page->data, line);
    return at ? strtoull(at + strlen(line), NULL, 10) : 0;
}

static void threads_lose_no_count(void **state)
{
    (void)state;
    AUTO(metrics) struct metrics *metrics = metrics_made();
    AUTO(buffer) struct buffer page = { 0 };
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_much, metrics), 0);
    for (int scrape = 0; scrape < 50; scrape++) { /* a page in between adds up as well */
        buffer_clear(&page);
        metrics_render(metrics, &page);
        assert_int_equal(shown_count(&page, "h_bucket{le=\"+Inf\"} "),
                         shown_count(&page, "h_count "));
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);

    buffer_clear(&page);
    metrics_render(metrics, &page);
    assert_int_equal(shown_count(&page, "\nc "), THREADS * ROUNDS);
    assert_int_equal(shown_count(&page, "h_bucket{le=\"1\"} "), THREADS * ROUNDS / 2);
    assert_int_equal(shown_count(&page, "h_count "), THREADS * ROUNDS);
    assert_int_equal(shown_count(&page, "h_sum "), THREADS * ROUNDS * 100.5 / 2);
    assert_int_equal(shown_count(&page, "\ng "), ROUNDS - 1);
}

/* Makes one of each; false as soon as one fails. */
static bool make_all(struct metrics **out, struct error *err)
{
    AUTO(metrics) struct metrics *metrics = metrics_new(err);
    if (!metrics)
        return false;
    *out = STEAL(metrics);
    return metrics_counter(*out, "c", "C.", "a=\"1\"", err) &&
           metrics_counter(*out, "c", "C.", "a=\"2\"", err) &&
           metrics_gauge(*out, "g", "G.", "", err) &&
           metrics_histogram(*out, "h", "H.", "", bounds, 3, err) &&
           metrics_collect(*out, answer, NULL, err);
}

static void each_failed_allocation_is_told(void **state)
{
    (void)state;

    for (unsigned n = 1;; n++) {
        struct error err = { 0 };
        AUTO(metrics) struct metrics *metrics = NULL;
        oom_fail_at(n);
        bool made = make_all(&metrics, &err);
        if (!oom_stop()) {
            assert_true(made && n > 12);
            return;
        }
        assert_false(made);
        assert_int_equal(err.code, ERR_NO_MEMORY);
        if (!metrics)
            continue;

        AUTO(buffer) struct buffer page = { 0 };
        metrics_render(metrics, &page); /* no heading without a line */
        size_t headings = 0, types = 0;
        for (const char *at = page.data; (at = strstr(at, "# TYPE ")); at++, types++)
            headings += strchr(strchr(at, '\n') + 1, ' ') != NULL && strchr(at, '\n')[1] != '#';
        assert_int_equal(headings, types);
    }
}

int main(void)
{
    struct tests tests = { 0 };
    ADD_TEST(&tests, a_page_has_each_family_once);
    ADD_TEST(&tests, a_histogram_is_cumulative);
    ADD_ROWS(&tests, a_number_is_shown_exactly, numbers);
    ADD_TEST(&tests, the_same_series_is_found_again);
    ADD_TEST(&tests, nobody_has_to_count);
    ADD_TEST(&tests, collectors_are_asked_at_each_scrape);
    ADD_TEST(&tests, the_process_shows_what_it_costs);
    ADD_TEST(&tests, threads_lose_no_count);
    ADD_TEST(&tests, each_failed_allocation_is_told);
    return tests_run("metrics", &tests);
}
