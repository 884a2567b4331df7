/* As oom.h, but for the allocations of shared libraries too, which have no functions to set: the
 * test program's own malloc and mmap take the place of everybody's. Include it in one file. Not for
 * ThreadSanitizer, whose runtime cannot start in a program that has its own malloc. */
#ifndef UNIT_SUPPORT_OOM_EVERYWHERE_H
#define UNIT_SUPPORT_OOM_EVERYWHERE_H

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

/* NOLINTBEGIN(bugprone-reserved-identifier): the names are the sanitizers' */
/* What OpenSSL loses when it runs out of memory is not ours to free; nor is the text of a header or
 * payload that libjwt 1.17 had made, by json_dumps(), and could not append. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libcrypto.so\nleak:json_dumps";
}

/* Of a failed encoding libjwt takes the -1 for the signature's length. OpenSSL 3.5 then asks for so
 * many bytes, and gets NULL from glibc; AddressSanitizer would end the program instead. And it sees
 * through libraries without frame pointers only when it unwinds the slow way. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1:fast_unwind_on_malloc=0";
}
/* NOLINTEND(bugprone-reserved-identifier) */

/* Allocations until the one that fails; 0: none is to. */
static _Thread_local unsigned everywhere_left;
static _Thread_local bool everywhere_failed;

static bool everywhere_fails_now(void)
{
    if (everywhere_left == 0 || --everywhere_left > 0)
        return false;
    everywhere_failed = true;
    errno = ENOMEM;
    return true;
}

/* As oom_fail_at() and oom_stop(). */
static void everywhere_fail_at(unsigned n)
{
    everywhere_failed = false;
    everywhere_left = n;
}

static bool everywhere_stop(void)
{
    everywhere_left = 0;
    return everywhere_failed;
}

/* Looked up each time: a static pointer would need a lock or a memory model of its own. */
#define NEXT(function) ((__typeof__(&(function)))(uintptr_t)dlsym(RTLD_NEXT, #function))

void *malloc(size_t size)
{
    return everywhere_fails_now() ? NULL : NEXT(malloc)(size);
}

void *realloc(void *memory, size_t size)
{
    return everywhere_fails_now() ? NULL : NEXT(realloc)(memory, size);
}

/* What libsodium takes Argon2's memory by. */
void *mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
    return everywhere_fails_now() ? MAP_FAILED
                                  : NEXT(mmap)(at, size, protection, flags, fd, offset);
}

#endif
