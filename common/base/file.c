#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/auto.h"

ssize_t file_read(const char *path, void *bytes, size_t size)
{
    size_t length = 0;
    AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return -1;
    while (length < size) {
        const ssize_t count = read(fd, (char *)bytes + length, size - length);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return -1;
        if (count == 0)
            break;
        length += (size_t)count;
    }
    return (ssize_t)length;
}

bool folder_takes_more(const char *folder)
{
    char probe[PATH_MAX];
    const int length = snprintf(probe, sizeof probe, "%s/.probe-XXXXXX", folder);

    if (length >= (int)sizeof probe)
        return false;
    return mkdtemp(probe) ? rmdir(probe) == 0 : errno == ENOSPC || errno == EDQUOT;
}
