/* Mails as text, and that no text of anybody's becomes a header. */
#include "unit/support/tests.h"

#include <stdio.h>
#include <string.h>

#include "mail/message.h"
#include "unit/support/oom.h"

static const struct sender sender = { "arch.homework", "no-reply@arch.homework" };

static struct mail mail_of(const struct buffer *body)
{
    return (struct mail){ .id = { { 0xab } },
                          .date = INT64_C(1800000000000),
                          .to = "alice@example.org",
                          .subject = "Reset your password",
                          .body = body };
}

static void a_mail_is_whole(void **state)
{
    (void)state;
    AUTO(buffer) struct buffer body = { 0 }, out = { 0 };
    struct error err = { 0 };

    buffer_text(&body, "Hello,\n\n.one line\n");
    const struct mail mail = mail_of(&body);
    assert_true(message_write(&mail, &sender, &out, &err));
    assert_string_equal(out.data, "From: \"arch.homework\" <no-reply@arch.homework>\r\n"
                                  "To: alice@example.org\r\n"
                                  "Subject: Reset your password\r\n"
                                  "Date: Fri, 15 Jan 2027 08:00:00 +0000\r\n"
                                  "Message-ID: <ab0000000000000000000000@arch.homework>\r\n"
                                  "MIME-Version: 1.0\r\n"
                                  "Content-Type: text/plain; charset=us-ascii\r\n"
                                  "Content-Transfer-Encoding: 7bit\r\n"
                                  "Auto-Submitted: auto-generated\r\n"
                                  "\r\n"
                                  "Hello,\r\n"
                                  "\r\n"
                                  ".one line\r\n");
}

static void a_sender_needs_no_name(void **state)
{
    (void)state;
    static const struct sender nameless = { "", "a@b.example" };
    AUTO(buffer) struct buffer body = { 0 }, out = { 0 };
    struct error err = { 0 };

    buffer_text(&body, "x\n");
    const struct mail mail = mail_of(&body);
    assert_true(message_write(&mail, &nameless, &out, &err));
    assert_memory_equal(out.data, "From: a@b.example\r\n", 19);
}

/* --- What no mail may have. --- */

static const struct injection_case {
    const char *name, *to, *subject, *body;
} injections[] = {
    { "to: a line break", "a@b\r\nBcc: x@y", "s", "b\n" },
    { "to: a bare CR", "a@b\rBcc: x@y", "s", "b\n" },
    { "to: a second address", "a@b, x@y", "s", "b\n" },
    { "to: brackets", "<a@b>", "s", "b\n" },
    { "to: a quote", "\"a\"@b", "s", "b\n" },
    { "to: a blank", "a b@c", "s", "b\n" },
    { "to: none", "", "s", "b\n" },
    { "to: beyond ASCII", "\xC3\xA4@b", "s", "b\n" },
    { "subject: a line break", "a@b", "s\r\nBcc: x@y", "b\n" },
    { "subject: a bare LF", "a@b", "s\nBcc: x@y", "b\n" },
    { "subject: beyond ASCII", "a@b", "\xC3\xA4", "b\n" },
    { "body: a CR", "a@b", "s", "b\r\n" },
    { "body: a control character", "a@b", "s", "b\033[2J\n" },
    { "body: beyond ASCII", "a@b", "s", "\xC3\xA4\n" },
    { "body: a last line without an end", "a@b", "s", "b" },
    { "body: none", "a@b", "s", "" },
};

static void what_no_mail_may_have_is_refused(void **state)
{
    const struct injection_case *c = *state;
    AUTO(buffer) struct buffer body = { 0 }, out = { 0 };
    struct error err = { 0 };

    buffer_text(&body, c->body);
    struct mail mail = mail_of(&body);
    mail.to = c->to;
    mail.subject = c->subject;
    assert_false(message_write(&mail, &sender, &out, &err));
    assert_int_equal(err.code, ERR_BUG);
    assert_int_equal(out.length, 0);
}

static void lines_end_where_mail_wants_them_to(void **state)
{
    (void)state;
    struct error err = { 0 };

    for (int length = 998; length <= 999; length++) {
        AUTO(buffer) struct buffer body = { 0 }, out = { 0 };
        buffer_format(&body, "%0*d\n", length, 0);
        const struct mail mail = mail_of(&body);
        assert_int_equal(message_write(&mail, &sender, &out, &err), length == 998);
    }
}

static void a_subject_is_one_line_of_a_header(void **state)
{
    (void)state;
    AUTO(buffer) struct buffer body = { 0 }, out = { 0 };
    char subject[1000];
    struct error err = { 0 };

    buffer_text(&body, "x\n");
    memset(subject, 's', sizeof subject);
    subject[sizeof subject - 1] = '\0';
    struct mail mail = mail_of(&body);
    mail.subject = subject;
    assert_false(message_write(&mail, &sender, &out, &err));
}

/* --- Addresses. --- */

static const struct mailbox_case {
    const char *name, *address, *mailbox;
} mailboxes[] = {
    { "mailbox: as it is", "a.b@example.org", "a.b@example.org" },
    { "mailbox: two dots", "a..b@example.org", "\"a..b\"@example.org" },
    { "mailbox: a dot first", ".a@example.org", "\".a\"@example.org" },
    { "mailbox: a dot last", "a.@example.org", "\"a.\"@example.org" },
};

static void dots_are_quoted_where_they_must(void **state)
{
    const struct mailbox_case *c = *state;
    const struct mailbox mailbox = mailbox_of(c->address);

    assert_string_equal(mailbox.text, c->mailbox);
}

static void the_longest_address_fits(void **state)
{
    (void)state;
    char address[EMAIL_MAX + 1];
    char expected[EMAIL_MAX + 3];

    memset(address, '.', sizeof address);
    memcpy(address + EMAIL_MAX - 4, "@a.b", 5);
    snprintf(expected, sizeof expected, "\"%.250s\"@a.b", address);
    const struct mailbox mailbox = mailbox_of(address);
    assert_string_equal(mailbox.text, expected);
}

static const struct sender_case {
    const char *name, *text;
    bool good;
    struct sender sender;
} senders[] = {
    { "sender: an address", "a@b.example", true, { "", "a@b.example" } },
    { "sender: a name", "arch.homework <a@b>", true, { "arch.homework", "a@b" } },
    { "sender: blanks", "The shop   <a@b>", true, { "The shop", "a@b" } },
    { "sender: no name", "<a@b>", true, { "", "a@b" } },
    { "sender: no address", "shop", false, { "", "" } },
    { "sender: an empty address", "shop <>", false, { "", "" } },
    { "sender: no end", "shop <a@b", false, { "", "" } },
    { "sender: a bracket alone", "<", false, { "", "" } },
    { "sender: something behind", "shop <a@b> x", false, { "", "" } },
    { "sender: two", "shop <a@b> <c@d>", false, { "", "" } },
    { "sender: a line break", "x\r\nBcc: y <a@b>", false, { "", "" } },
    { "sender: a line break in the address", "x <a@b\r\nBcc: y>", false, { "", "" } },
    { "sender: a quote", "x\" <a@b>", false, { "", "" } },
    { "sender: a backslash", "x\\ <a@b>", false, { "", "" } },
    { "sender: beyond ASCII", "\xC3\xA4 <a@b>", false, { "", "" } },
    { "sender: a long name",
      "01234567890123456789012345678901234567890123456789012345678901234 <a@b>",
      false,
      { "", "" } },
};

static void a_sender_is_read(void **state)
{
    const struct sender_case *c = *state;
    struct sender out = { "untouched", "untouched" };

    assert_int_equal(sender_parse(c->text, &out), c->good);
    assert_string_equal(out.name, c->good ? c->sender.name : "untouched");
    assert_string_equal(out.address, c->good ? c->sender.address : "untouched");
}

/* --- Memory. --- */

static void missing_memory_is_told(void **state)
{
    (void)state;
    AUTO(buffer) struct buffer body = { 0 };
    bool failed = true;

    buffer_text(&body, "x\n");
    const struct mail mail = mail_of(&body);
    for (unsigned n = 1; failed; n++) {
        AUTO(buffer) struct buffer out = { 0 };
        struct error err = { 0 };
        oom_fail_at(n);
        const bool written = message_write(&mail, &sender, &out, &err);
        failed = oom_stop();
        assert_int_equal(written, !failed);
        assert_int_equal(err.code, failed ? ERR_NO_MEMORY : ERR_NONE);
    }
}

static void a_body_without_memory_is_no_bug(void **state)
{
    (void)state;
    const struct buffer body = { .failed = true };
    AUTO(buffer) struct buffer out = { 0 };
    const struct mail mail = mail_of(&body);
    struct error err = { 0 };

    assert_false(message_write(&mail, &sender, &out, &err));
    assert_int_equal(err.code, ERR_NO_MEMORY);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_TEST(&tests, a_mail_is_whole);
    ADD_TEST(&tests, a_sender_needs_no_name);
    ADD_ROWS(&tests, what_no_mail_may_have_is_refused, injections);
    ADD_TEST(&tests, lines_end_where_mail_wants_them_to);
    ADD_TEST(&tests, a_subject_is_one_line_of_a_header);
    ADD_ROWS(&tests, dots_are_quoted_where_they_must, mailboxes);
    ADD_TEST(&tests, the_longest_address_fits);
    ADD_ROWS(&tests, a_sender_is_read, senders);
    ADD_TEST(&tests, missing_memory_is_told);
    ADD_TEST(&tests, a_body_without_memory_is_no_bug);
    return tests_run("message", &tests);
}
