/* Mails as files: whole, the owner's alone, under names that sort by time. */
#include "unit/support/tests.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mail/spool.h"
#include "unit/support/oom.h"
#include "unit/user/mail/some_mail.h"

#define FILE_NAME "20270115T080000.123Z-ab0000000000000000000000.eml"

struct bench {
    char top[32], spool[48], file[128];
    struct buffer body;
    struct mail mail;
    struct mailer *mailer;
};

static void bench_open(struct bench *bench)
{
    struct error err = { 0 };

    *bench = (struct bench){ .top = "/tmp/spool-unit-XXXXXX" };
    assert_non_null(mkdtemp(bench->top));
    snprintf(bench->spool, sizeof bench->spool, "%s/mail", bench->top);
    snprintf(bench->file, sizeof bench->file, "%s/%s", bench->spool, FILE_NAME);
    bench->mail = some_mail(&bench->body);
    bench->mailer = spool_open(bench->spool, &some_sender, &system_random, &err);
    if (!bench->mailer)
        fail_msg("spool: %s", err.detail);
}

static void auto_bench(struct bench *bench)
{
    mailer_close(bench->mailer);
    unlink(bench->file);
    rmdir(bench->file);
    rmdir(bench->spool);
    rmdir(bench->top);
    buffer_done(&bench->body);
}

static size_t files_in(const char *directory)
{
    DIR *list = opendir(directory);
    size_t count = 0;

    assert_non_null(list);
    for (const struct dirent *entry; (entry = readdir(list));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(list);
    return count;
}

static void assert_holds(const char *path, const struct buffer *text)
{
    AUTO(file) FILE *file = fopen(path, "re");
    char content[2048];

    assert_non_null(file);
    const size_t length = fread(content, 1, sizeof content, file);
    assert_int_equal(length, text->length);
    assert_memory_equal(content, text->data, length);
}

static void a_mail_is_a_file(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench);
    AUTO(buffer) struct buffer text = some_text(&bench.mail);
    struct stat file, directory;
    struct error err = { 0 };

    assert_int_equal(mailer_send(bench.mailer, &bench.mail, &err), MAIL_SENT);
    assert_holds(bench.file, &text);
    assert_int_equal(files_in(bench.spool), 1);
    assert_int_equal(stat(bench.file, &file), 0);
    assert_int_equal(file.st_mode & 07777, 0600);
    assert_int_equal(stat(bench.spool, &directory), 0);
    assert_int_equal(directory.st_mode & 07777, 0700);
}

static void the_same_again_is_the_same_file(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench);
    struct error err = { 0 };

    assert_int_equal(mailer_send(bench.mailer, &bench.mail, &err), MAIL_SENT);
    assert_int_equal(mailer_send(bench.mailer, &bench.mail, &err), MAIL_SENT);
    assert_int_equal(files_in(bench.spool), 1);
}

/* --- What can go wrong. --- */

static void what_cannot_be_renamed_is_taken_back(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench);
    struct error err = { 0 };

    assert_int_equal(mkdir(bench.file, 0700), 0); /* in the place of the file */
    assert_int_equal(mailer_send(bench.mailer, &bench.mail, &err), MAIL_DEFERRED);
    assert_int_equal(err.code, ERR_SYSTEM);
    assert_int_equal(files_in(bench.spool), 1);
    assert_int_equal(rmdir(bench.file), 0);
    assert_int_equal(mailer_send(bench.mailer, &bench.mail, &err), MAIL_SENT);
}

static void a_spool_that_is_gone_defers(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench);
    struct error err = { 0 };

    assert_int_equal(rmdir(bench.spool), 0);
    assert_int_equal(mailer_send(bench.mailer, &bench.mail, &err), MAIL_DEFERRED);
    assert_int_equal(err.code, ERR_SYSTEM);
}

static void a_bad_mail_is_refused(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench);
    struct error err = { 0 };

    bench.mail.to = "a@b\r\nBcc: x@y";
    assert_int_equal(mailer_send(bench.mailer, &bench.mail, &err), MAIL_REFUSED);
    assert_int_equal(files_in(bench.spool), 0);
}

static void missing_memory_defers(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench);
    bool failed = true;

    for (unsigned n = 1; failed; n++) {
        struct error err = { 0 };
        oom_fail_at(n);
        const enum mail_outcome outcome = mailer_send(bench.mailer, &bench.mail, &err);
        failed = oom_stop();
        assert_int_equal(outcome, failed ? MAIL_DEFERRED : MAIL_SENT);
    }
}

static void interrupting_it_is_fine(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench);
    struct error err = { 0 };

    mailer_interrupt(bench.mailer, 0);
    assert_false(mailer_is_interrupted(bench.mailer));
    assert_int_equal(mailer_send(bench.mailer, &bench.mail, &err), MAIL_SENT);
}

/* --- Opening. --- */

static const struct place_case {
    const char *name, *path;
} places[] = {
    { "place: below a file", "/dev/null/mail" },
    { "place: a file", "/dev/null" },
    { "place: below nothing", "/nowhere/at/all/mail" },
    { "place: where root may all and nothing can be made", "/proc/mail" },
};

static void where_no_folder_can_be_is_told(void **state)
{
    const struct place_case *c = *state;
    struct error err = { 0 };

    assert_non_null(spool_fault(c->path));
    assert_null(spool_open(c->path, &some_sender, &system_random, &err));
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.detail, c->path));
}

static void a_folder_is_judged_and_not_made(void **state)
{
    (void)state;
    AUTO(bench) struct bench bench;
    bench_open(&bench);

    assert_null(spool_fault(bench.spool));
    assert_int_equal(rmdir(bench.spool), 0);
    assert_null(spool_fault(bench.spool));
    assert_int_equal(files_in(bench.top), 0);
}

static void opening_needs_memory(void **state)
{
    (void)state;
    struct error err = { 0 };

    oom_fail_at(1);
    assert_null(spool_open("/tmp", &some_sender, &system_random, &err));
    assert_true(oom_stop());
    assert_int_equal(err.code, ERR_NO_MEMORY);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_TEST(&tests, a_mail_is_a_file);
    ADD_TEST(&tests, the_same_again_is_the_same_file);
    ADD_TEST(&tests, what_cannot_be_renamed_is_taken_back);
    ADD_TEST(&tests, a_spool_that_is_gone_defers);
    ADD_TEST(&tests, a_bad_mail_is_refused);
    ADD_TEST(&tests, missing_memory_defers);
    ADD_TEST(&tests, interrupting_it_is_fine);
    ADD_ROWS(&tests, where_no_folder_can_be_is_told, places);
    ADD_TEST(&tests, a_folder_is_judged_and_not_made);
    ADD_TEST(&tests, opening_needs_memory);
    return tests_run("spool", &tests);
}
