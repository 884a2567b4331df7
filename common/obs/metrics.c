/* A registry of series: a list of families, each with a list of series that differ by labels.
 *
 * The lists only grow, under the mutex. Values are atomics of their own, so counting takes no lock;
 * a page is not one moment in time, but each histogram on it adds up. */
#include "obs/metrics.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "obs/process.h"

enum { BOUNDS_MAX = 32 };

enum kind { COUNTER, GAUGE, HISTOGRAM };

/* What all kinds begin with. */
struct series {
    struct series *next;
    char *labels;
};

struct counter {
    struct series series;
    _Atomic uint64_t value;
};

struct gauge {
    struct series series;
    _Atomic double value;
};

struct histogram {
    struct series series;
    const double *bounds;
    size_t count;
    _Atomic uint64_t buckets[BOUNDS_MAX + 1]; /* not cumulative; the last one is +Inf */
    _Atomic double sum;
};

struct family {
    struct family *next;
    enum kind kind;
    const char *name, *help;
    struct series *first;
};

struct collector {
    struct collector *next;
    void (*collect)(void *context);
    void *context;
};

struct metrics {
    pthread_mutex_t mutex;
    struct family *families;
    struct collector *collectors;
};

static const size_t series_bytes[] = {
    [COUNTER] = sizeof(struct counter),
    [GAUGE] = sizeof(struct gauge),
    [HISTOGRAM] = sizeof(struct histogram),
};

struct metrics *metrics_new(struct error *err)
{
    struct metrics *metrics = calloc(1, sizeof *metrics);
    if (!metrics) {
        error_set(err, ERR_NO_MEMORY, 0, "metrics");
        return NULL;
    }
    pthread_mutex_init(&metrics->mutex, NULL);
    return metrics;
}

static void series_free(struct series *series)
{
    free(series->labels);
    free(series);
}
AUTO_DEFINE(series, struct series *, series_free);

static void family_free(struct family *family)
{
    for (struct series *next, *series = family->first; series; series = next) {
        next = series->next;
        series_free(series);
    }
    free(family);
}

void metrics_free(struct metrics *metrics)
{
    if (!metrics)
        return;
    for (struct family *next, *family = metrics->families; family; family = next) {
        next = family->next;
        family_free(family);
    }
    for (struct collector *next, *collector = metrics->collectors; collector; collector = next) {
        next = collector->next;
        free(collector);
    }
    pthread_mutex_destroy(&metrics->mutex);
    free(metrics);
}

/* What a series is made from. */
struct wanted {
    enum kind kind;
    const char *name, *help, *labels;
    const double *bounds; /* of a histogram */
    size_t count;
};

/* The family, or where it belongs. */
static struct family **family_find(struct metrics *metrics, const char *name)
{
    struct family **family = &metrics->families;
    while (*family && strcmp((*family)->name, name) != 0)
        family = &(*family)->next;
    return family;
}

static struct series **series_find(struct family *family, const char *labels)
{
    struct series **series = &family->first;
    while (*series && strcmp((*series)->labels, labels) != 0)
        series = &(*series)->next;
    return series;
}

static struct series *series_new(const struct wanted *wanted)
{
    AUTO(series) struct series *series = calloc(1, series_bytes[wanted->kind]);
    if (!series || !(series->labels = strdup(wanted->labels)))
        return NULL;
    if (wanted->kind == HISTOGRAM) {
        struct histogram *histogram = (struct histogram *)series;
        histogram->bounds = wanted->bounds;
        histogram->count = wanted->count;
    }
    return STEAL(series);
}

static struct family *family_new(const struct wanted *wanted)
{
    struct family *family = calloc(1, sizeof *family);
    if (family)
        *family =
            (struct family){ .kind = wanted->kind, .name = wanted->name, .help = wanted->help };
    return family;
}

/* Both or neither: a family without series would be a page with a heading and no line. */
static struct series *add_family(struct family **place, const struct wanted *wanted)
{
    AUTO(series) struct series *series = series_new(wanted);
    struct family *family = series ? family_new(wanted) : NULL;
    if (!family)
        return NULL;

    family->first = series;
    *place = family;
    return STEAL(series);
}

/* Under the mutex. NULL: no memory. */
static struct series *find_or_add(struct metrics *metrics, const struct wanted *wanted)
{
    struct family **family = family_find(metrics, wanted->name);
    if (!*family)
        return add_family(family, wanted);

    assert((*family)->kind == wanted->kind); /* one name, one meaning */
    struct series **series = series_find(*family, wanted->labels);
    if (!*series)
        *series = series_new(wanted);
    return *series;
}

static struct series *obtain(struct metrics *metrics, const struct wanted *wanted,
                             struct error *err)
{
    LOCKED(&metrics->mutex);
    struct series *series = find_or_add(metrics, wanted);
    if (!series)
        error_set(err, ERR_NO_MEMORY, 0, "metric %s", wanted->name);
    return series;
}

struct counter *metrics_counter(struct metrics *metrics, const char *name, const char *help,
                                const char *labels, struct error *err)
{
    const struct wanted wanted = { COUNTER, name, help, labels, NULL, 0 };
    return (struct counter *)obtain(metrics, &wanted, err);
}

struct gauge *metrics_gauge(struct metrics *metrics, const char *name, const char *help,
                            const char *labels, struct error *err)
{
    const struct wanted wanted = { GAUGE, name, help, labels, NULL, 0 };
    return (struct gauge *)obtain(metrics, &wanted, err);
}

struct histogram *metrics_histogram(struct metrics *metrics, const char *name, const char *help,
                                    const char *labels, const double bounds[], size_t count,
                                    struct error *err)
{
    const struct wanted wanted = { HISTOGRAM, name, help, labels, bounds, count };

    assert(count <= BOUNDS_MAX);
    return (struct histogram *)obtain(metrics, &wanted, err);
}

bool metrics_collect(struct metrics *metrics, void (*collect)(void *context), void *context,
                     struct error *err)
{
    struct collector *collector = malloc(sizeof *collector);
    if (!collector)
        return error_set(err, ERR_NO_MEMORY, 0, "metrics collector");

    LOCKED(&metrics->mutex);
    *collector = (struct collector){ metrics->collectors, collect, context };
    metrics->collectors = collector;
    return true;
}

void counter_add(struct counter *counter, uint64_t amount)
{
    if (counter)
        atomic_fetch_add_explicit(&counter->value, amount, memory_order_relaxed);
}

uint64_t counter_value(const struct counter *counter)
{
    return counter ? atomic_load_explicit(&counter->value, memory_order_relaxed) : 0;
}

void gauge_set(struct gauge *gauge, double value)
{
    if (gauge)
        atomic_store_explicit(&gauge->value, value, memory_order_relaxed);
}

void histogram_observe(struct histogram *histogram, double value)
{
    if (!histogram)
        return;

    size_t bucket = 0;
    while (bucket < histogram->count && !(value <= histogram->bounds[bucket]))
        bucket++;
    atomic_fetch_add_explicit(&histogram->buckets[bucket], 1, memory_order_relaxed);

    double sum = atomic_load_explicit(&histogram->sum, memory_order_relaxed);
    while (!atomic_compare_exchange_weak(&histogram->sum, &sum, sum + value))
        ;
}

/* The shortest of the usual forms that reads back as the same number. */
static void render_number(struct buffer *out, double value)
{
    char text[32];

    if (isnan(value)) {
        buffer_text(out, "NaN");
    } else if (isinf(value)) {
        buffer_text(out, value > 0 ? "+Inf" : "-Inf");
    } else {
        snprintf(text, sizeof text, "%.15g", value);
        if (strtod(text, NULL) != value)
            snprintf(text, sizeof text, "%.17g", value);
        buffer_text(out, text);
    }
}

/* "name{labels} ", or "name " without labels. */
static void render_name(struct buffer *out, const char *name, const char *labels)
{
    if (*labels)
        buffer_format(out, "%s{%s} ", name, labels);
    else
        buffer_format(out, "%s ", name);
}

static void render_histogram(struct buffer *out, const char *name, struct histogram *histogram)
{
    const char *labels = histogram->series.labels;
    uint64_t total = 0;

    for (size_t i = 0; i <= histogram->count; i++) {
        buffer_format(out, "%s_bucket{%s%sle=\"", name, labels, *labels ? "," : "");
        render_number(out, i < histogram->count ? histogram->bounds[i] : (double)INFINITY);
        total += atomic_load_explicit(&histogram->buckets[i], memory_order_relaxed);
        buffer_format(out, "\"} %" PRIu64 "\n", total);
    }
    buffer_text(out, name);
    render_name(out, "_sum", labels);
    render_number(out, atomic_load_explicit(&histogram->sum, memory_order_relaxed));
    buffer_format(out, "\n%s", name);
    render_name(out, "_count", labels);
    buffer_format(out, "%" PRIu64 "\n", total);
}

static void render_series(struct buffer *out, const struct family *family, struct series *series)
{
    switch (family->kind) {
    case COUNTER:
        render_name(out, family->name, series->labels);
        buffer_format(out, "%" PRIu64 "\n", counter_value((struct counter *)series));
        break;
    case GAUGE:
        render_name(out, family->name, series->labels);
        render_number(out,
                      atomic_load_explicit(&((struct gauge *)series)->value, memory_order_relaxed));
        buffer_text(out, "\n");
        break;
    case HISTOGRAM:
        render_histogram(out, family->name, (struct histogram *)series);
        break;
    }
}

static void render_family(struct buffer *out, const struct family *family)
{
    static const char *const types[] = { "counter", "gauge", "histogram" };

    buffer_format(out, "# HELP %s %s\n# TYPE %s %s\n", family->name, family->help, family->name,
                  types[family->kind]);
    for (struct series *series = family->first; series; series = series->next)
        render_series(out, family, series);
}

/* Without the mutex: a collector may look up its series. Collectors only ever get added in front.
 */
static void run_collectors(struct metrics *metrics)
{
    pthread_mutex_lock(&metrics->mutex);
    const struct collector *collector = metrics->collectors;
    pthread_mutex_unlock(&metrics->mutex);

    for (; collector; collector = collector->next)
        collector->collect(collector->context);
}

void metrics_render(struct metrics *metrics, struct buffer *out)
{
    run_collectors(metrics);
    process_render(out);

    LOCKED(&metrics->mutex);
    for (const struct family *family = metrics->families; family; family = family->next)
        render_family(out, family);
}
