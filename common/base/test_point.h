/* Named points at which a test can kill or hold the process, named faults that it can plant, and
 * clocks that it can turn.
 *
 * Exists in test builds only (CMake option TEST_POINTS); elsewhere all are nothing. Environment:
 *   TEST_KILL_AT=<point>[:<n>]   SIGKILL to ourselves at the n-th passing (1) of the point
 *   TEST_HOLD_AT=<point>[:<n>]   that thread sleeps there for ever, the others go on
 *   TEST_FAULT=<fault>           TEST_FAULT("<fault>") is true
 *   TEST_CLOCK_OFFSET_MS=<n>     the host's wall clock is so far ahead
 *   TEST_STORE_OFFSET_MS=<n>     likewise the clock of a store that has its own */
#ifndef BASE_TEST_POINT_H
#define BASE_TEST_POINT_H

#include <stdbool.h>
#include <stdint.h>

#ifdef TEST_POINTS
void test_point(const char *name);
bool test_fault(const char *name);
int64_t test_offset_ms(const char *variable);
#define TEST_POINT(name)         test_point(name)
#define TEST_FAULT(name)         test_fault(name)
#define TEST_OFFSET_MS(variable) test_offset_ms(variable)
#else
#define TEST_POINT(name)         ((void)0)
#define TEST_FAULT(name)         false
#define TEST_OFFSET_MS(variable) ((int64_t)0)
#endif

#endif
