/* Named points at which a test can kill or hold the process, and named faults that it can plant.
 *
 * Exists in test builds only (CMake option TEST_POINTS); elsewhere both are nothing. Environment:
 *   TEST_KILL_AT=<point>[:<n>]   SIGKILL to ourselves at the n-th passing (1) of the point
 *   TEST_HOLD_AT=<point>[:<n>]   that thread sleeps there for ever, the others go on
 *   TEST_FAULT=<fault>           TEST_FAULT("<fault>") is true */
#ifndef BASE_TEST_POINT_H
#define BASE_TEST_POINT_H

#include <stdbool.h>

#ifdef TEST_POINTS
void test_point(const char *name);
bool test_fault(const char *name);
#define TEST_POINT(name) test_point(name)
#define TEST_FAULT(name) test_fault(name)
#else
#define TEST_POINT(name) ((void)0)
#define TEST_FAULT(name) false
#endif

#endif
