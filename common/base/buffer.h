/* Bytes that grow. The caller owns the struct and starts it zeroed: struct buffer b = { 0 };
 *
 * Appending never returns an error: an allocation that failed is remembered in `failed`, later
 * appends do nothing, and whoever uses the whole asks once. One thread at a time. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include "base/auto.h"
#include "base/error.h"

struct buffer {
    char *data;    /* NUL-terminated once anything was appended; NULL before */
    size_t length; /* without the NUL */
    size_t capacity;
    bool failed; /* an allocation failed: the content is not whole */
};

void buffer_append(struct buffer *buffer, const void *bytes, size_t count);
void buffer_text(struct buffer *buffer, const char *text);
void buffer_format(struct buffer *buffer, const char *format, ...) PRINTF_LIKE(2, 3);

/* Forgets the content, keeps the memory. */
void buffer_clear(struct buffer *buffer);

/* Hands the bytes over (the caller frees them) and leaves the buffer empty; NULL if it failed or
 * is empty. */
char *buffer_steal(struct buffer *buffer);

/* Frees what the struct holds, not the struct. */
void buffer_done(struct buffer *buffer);

/* AUTO(buffer) struct buffer b = { 0 }; */
static inline void auto_buffer(struct buffer *buffer)
{
    buffer_done(buffer);
}

#endif
