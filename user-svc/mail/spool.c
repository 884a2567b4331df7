/* Written under a name that begins with a dot, synced, then renamed: who lists *.eml sees whole
 * mails only. The same mail again replaces its file. */
#include "mail/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/date.h"
#include "base/file.h"

enum { NAME_MAX_BYTES = 64 };

struct spool {
    struct mailer base;
    const struct sender *from;
    const struct random *random;
    int directory;
};

struct file_name {
    char text[NAME_MAX_BYTES];
};

/* 20260131T235959.123Z-0123456789abcdef01234567.eml: sorts by time, and has no colon, which other
 * systems do not allow. */
static struct file_name name_of(const struct mail *mail)
{
    const struct date_text date = date_format(mail->date);
    const struct id_text id = id_format(&mail->id);
    char time[sizeof date.text];
    size_t length = 0;
    struct file_name name;

    for (const char *c = date.text; *c; c++)
        if (*c != '-' && *c != ':')
            time[length++] = *c;
    snprintf(name.text, sizeof name.text, "%.*s-%s.eml", (int)length, time, id.hex);
    return name;
}

static bool fails(struct error *err, const char *what)
{
    return error_set(err, ERR_SYSTEM, errno, "spool: %s: %s", what, strerrordesc_np(errno));
}

static bool write_all(int fd, const char *bytes, size_t count, struct error *err)
{
    while (count > 0) {
        const ssize_t written = write(fd, bytes, count);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fails(err, "write");
        bytes += written;
        count -= (size_t)written;
    }
    return fsync(fd) == 0 || fails(err, "fsync");
}

/* Replicas may share the folder: each has names of its own aside. */
static struct file_name aside_name(const struct spool *spool)
{
    const struct id id = id_random(spool->random);
    const struct id_text text = id_format(&id);
    struct file_name aside;

    snprintf(aside.text, sizeof aside.text, ".%s", text.hex);
    return aside;
}

static bool write_aside(const struct spool *spool, const char *name, const struct buffer *message,
                        struct error *err)
{
    AUTO(fd)
    const int fd =
        openat(spool->directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);

    return fd < 0 ? fails(err, "open") : write_all(fd, message->data, message->length, err);
}

static bool put(const struct spool *spool, const struct file_name *name,
                const struct buffer *message, struct error *err)
{
    const struct file_name aside = aside_name(spool);

    if (!write_aside(spool, aside.text, message, err) ||
        (renameat(spool->directory, aside.text, spool->directory, name->text) != 0 &&
         !fails(err, "rename"))) {
        unlinkat(spool->directory, aside.text, 0);
        return false;
    }
    return fsync(spool->directory) == 0 || fails(err, "fsync");
}

static enum mail_outcome spool_send(struct mailer *mailer, const struct mail *mail,
                                    struct error *err)
{
    const struct spool *spool = (const struct spool *)mailer;
    const struct file_name name = name_of(mail);
    AUTO(buffer) struct buffer message = { 0 };

    if (!message_write(mail, spool->from, &message, err))
        return err->code == ERR_BUG ? MAIL_REFUSED : MAIL_DEFERRED;
    return put(spool, &name, &message, err) ? MAIL_SENT : MAIL_DEFERRED;
}

/* A file takes no time worth it. */
static void spool_interrupt(struct mailer *mailer, int64_t grace_ms)
{
    (void)mailer;
    (void)grace_ms;
}

static bool spool_is_interrupted(struct mailer *mailer)
{
    (void)mailer;
    return false;
}

static void spool_close(struct mailer *mailer)
{
    struct spool *spool = (struct spool *)mailer;

    close(spool->directory);
    free(spool);
}

/* -1: errno says why. */
static int open_directory(const char *path)
{
    AUTO(fd) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 || faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) != 0)
        return -1;
    const int opened = fd;
    fd = -1;
    return opened;
}

static bool can_be_made(const char *path)
{
    char copy[PATH_MAX];

    snprintf(copy, sizeof copy, "%s", path);
    return folder_takes_more(dirname(copy));
}

const char *spool_fault(const char *directory)
{
    AUTO(fd) const int fd = open_directory(directory);

    if (fd >= 0 || (errno == ENOENT && can_be_made(directory)))
        return NULL;
    return "must be a folder that this user may write into, or one that can be made";
}

/* -1: `err` says why. */
static int make_directory(const char *path, struct error *err)
{
    const int fd = mkdir(path, S_IRWXU) == 0 || errno == EEXIST ? open_directory(path) : -1;

    if (fd < 0)
        error_set(err, ERR_CONFIG, errno, "MAIL_SPOOL_DIR: %s: %s", path, strerrordesc_np(errno));
    return fd;
}

struct mailer *spool_open(const char *directory, const struct sender *from,
                          const struct random *random, struct error *err)
{
    static const struct mailer_functions functions = {
        .close = spool_close,
        .send = spool_send,
        .interrupt = spool_interrupt,
        .is_interrupted = spool_is_interrupted,
    };
    AUTO(fd) int fd = make_directory(directory, err);
    if (fd < 0)
        return NULL;
    struct spool *spool = malloc(sizeof *spool);
    if (!spool) {
        error_set(err, ERR_NO_MEMORY, 0, "spool");
        return NULL;
    }
    *spool = (struct spool){
        .base.functions = &functions, .from = from, .random = random, .directory = fd
    };
    fd = -1;
    return &spool->base;
}
