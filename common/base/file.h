/* What is at a path that an operator gave. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>
#include <sys/types.h>

/* Up to `size` bytes from the beginning of a file, and how many; never waits, not on a FIFO either.
 * -1: errno says why. */
ssize_t file_read(const char *path, void *bytes, size_t size);

#endif
