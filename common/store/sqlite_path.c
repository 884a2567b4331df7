#include "store/sqlite_path.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

/* How each database begins, the NUL included (sqlite.org/fileformat.html). */
static const char magic[] = "SQLite format 3";

/* The log and its index come to lie beside the file. */
static bool is_in_writable_folder(const char *path, bool is_there)
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX] = ".";

    if (slash) /* with it, so that a file at the root is in one */
        snprintf(folder, sizeof folder, "%.*s", (int)(slash - path) + 1, path);
    return access(folder, R_OK | W_OK | X_OK) == 0 && (is_there || folder_takes_more(folder));
}

static const char *content_fault(const char *path)
{
    char head[sizeof magic];
    const ssize_t length = file_read(path, head, sizeof head);

    if (length < 0)
        return "this file cannot be read; let this user read and write it";
    /* An empty one is what a start that was cut short leaves. */
    if (length > 0 && (length < (ssize_t)sizeof head || memcmp(head, magic, sizeof head) != 0))
        return "this file is no SQLite database; give one, or a path where no file is";
    return NULL;
}

const char *sqlite_path_fault(const char *path)
{
    struct stat st;
    const bool is_there = stat(path, &st) == 0;

    if (is_there && !S_ISREG(st.st_mode))
        return "this is a folder or a device; give the path of a file";
    if (!is_in_writable_folder(path, is_there))
        return "the folder of this file is not there, or not writable";
    return is_there ? content_fault(path) : NULL;
}
