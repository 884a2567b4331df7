/* What is at a path that an operator gave. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Up to `size` bytes from the beginning of a file, and how many; never waits, not on a FIFO either.
 * No stdio, whose buffers would keep a copy. -1: errno says why. */
ssize_t file_read(const char *path, void *bytes, size_t size);

/* Whether something can be made in a folder. It is tried, under a name of its own, and taken back:
 * root may write everywhere, but not all takes it (/proc). That a disk is full just now is no fault
 * of a folder's. */
bool folder_takes_more(const char *folder);

#endif
