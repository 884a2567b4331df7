/* What is wrong with a path, before SQLite is asked. */
#ifndef STORE_SQLITE_PATH_H
#define STORE_SQLITE_PATH_H

/* Of a file that is a database, or may become one: what is wrong and what to do; NULL: nothing.
 * Leaves nothing behind. Not while this process has the database open: closing any other descriptor
 * of the file takes away SQLite's locks. */
const char *sqlite_path_fault(const char *path);

#endif
