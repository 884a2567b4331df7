/* Metrics in the Prometheus text format (version 0.0.4).
 *
 * Series are made once, at start or at first use, and live as long as the registry. Adding and
 * setting is lock-free and may be done by any thread. `labels` is ready text without braces
 * (lane="reads"), of our own constants, never of a client's. */
#ifndef OBS_METRICS_H
#define OBS_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/auto.h"
#include "base/buffer.h"
#include "base/error.h"

struct metrics;
struct counter;
struct gauge;
struct histogram;

struct metrics *metrics_new(struct error *err) MUST_USE;
void metrics_free(struct metrics *metrics);
AUTO_DEFINE(metrics, struct metrics *, metrics_free);

/* Each finds the series of that name and labels or makes it ("" for no labels); `name`, `help` are
 * borrowed for ever, `labels` is copied. NULL: ERR_NO_MEMORY. */
struct counter *metrics_counter(struct metrics *metrics, const char *name, const char *help,
                                const char *labels, struct error *err) MUST_USE;
struct gauge *metrics_gauge(struct metrics *metrics, const char *name, const char *help,
                            const char *labels, struct error *err) MUST_USE;
/* `bounds`: rising upper bounds, borrowed for ever; +Inf is added. At most 32. */
struct histogram *metrics_histogram(struct metrics *metrics, const char *name, const char *help,
                                    const char *labels, const double bounds[], size_t count,
                                    struct error *err) MUST_USE;

/* Asked at each scrape, on the scraper's thread; for what would cost to keep up to date. */
bool metrics_collect(struct metrics *metrics, void (*collect)(void *context), void *context,
                     struct error *err) MUST_USE;

/* NULL is fine for each: then nothing is counted. */
void counter_add(struct counter *counter, uint64_t amount);
uint64_t counter_value(const struct counter *counter);
void gauge_set(struct gauge *gauge, double value);
void histogram_observe(struct histogram *histogram, double value);

/* The whole page; the process's own metrics (process_resident_memory_bytes,
 * process_cpu_seconds_total, process_open_fds) are part of it. */
void metrics_render(struct metrics *metrics, struct buffer *out);

#endif
