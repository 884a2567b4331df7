#include "mail/message.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include "base/clock.h"
#include "user_names.h"

enum { LINE_MAX_BYTES = 998 }; /* RFC 5322 section 2.1.1 */

static bool is_printable(char c)
{
    return c >= ' ' && c <= '~';
}

/* --- Addresses. --- */

static bool is_address(const char *text, size_t length, char out[EMAIL_MAX + 1])
{
    if (length == 0 || length > EMAIL_MAX)
        return false;
    memcpy(out, text, length);
    out[length] = '\0';
    return email_is_well_formed(out);
}

static bool is_sender_name(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!is_printable(text[i]) || strchr("\"\\<>", text[i]))
            return false;
    return length <= SENDER_NAME_MAX;
}

bool sender_parse(const char *text, struct sender *out)
{
    const char *open = strchr(text, '<');
    const size_t length = strlen(text);
    struct sender sender = { "", "" };

    if (!open) {
        if (!is_address(text, length, sender.address))
            return false;
        *out = sender;
        return true;
    }
    size_t name = (size_t)(open - text);
    while (name > 0 && text[name - 1] == ' ')
        name--;
    const size_t rest = length - (size_t)(open - text); /* with its two brackets */
    if (!is_sender_name(text, name) || text[length - 1] != '>' ||
        !is_address(open + 1, rest - 2, sender.address))
        return false;
    memcpy(sender.name, text, name);
    *out = sender;
    return true;
}

/* RFC 5322 section 3.2.3: dots stand between atoms only. */
static bool needs_quotes(const char *address, size_t local)
{
    return address[0] == '.' || address[local - 1] == '.' ||
           memmem(address, local, "..", 2) != NULL;
}

struct mailbox mailbox_of(const char *address)
{
    const size_t local = strcspn(address, "@");
    const char *quote = needs_quotes(address, local) ? "\"" : "";
    struct mailbox mailbox;

    snprintf(mailbox.text, sizeof mailbox.text, "%s%.*s%s%s", quote, (int)local, address, quote,
             address + local);
    return mailbox;
}

/* --- What may go in. --- */

static bool is_line(const char *text)
{
    const size_t length = strlen(text);

    for (size_t i = 0; i < length; i++)
        if (!is_printable(text[i]))
            return false;
    return length <= LINE_MAX_BYTES - 64; /* with what stands before it */
}

static bool is_lines(const struct buffer *body)
{
    size_t length = 0;

    for (size_t i = 0; i < body->length; i++) {
        const char c = body->data[i];
        if (c != '\n' && !is_printable(c))
            return false;
        length = c == '\n' ? 0 : length + 1;
        if (length > LINE_MAX_BYTES)
            return false;
    }
    return length == 0;
}

/* --- The text. --- */

/* The program never sets a locale: names of days and months are English. */
static void write_date(int64_t date, struct buffer *out)
{
    const time_t seconds = (time_t)(date / SECOND_MS);
    struct tm utc;
    char text[40];

    gmtime_r(&seconds, &utc);
    strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S +0000", &utc);
    buffer_format(out, "Date: %s\r\n", text);
}

static void write_sender(const struct sender *from, struct buffer *out)
{
    const struct mailbox mailbox = mailbox_of(from->address);

    if (*from->name)
        buffer_format(out, "From: \"%s\" <%s>\r\n", from->name, mailbox.text);
    else
        buffer_format(out, "From: %s\r\n", mailbox.text);
}

static void write_headers(const struct mail *mail, const struct sender *from, struct buffer *out)
{
    const struct mailbox to = mailbox_of(mail->to);
    const struct id_text id = id_format(&mail->id);

    write_sender(from, out);
    buffer_format(out, "To: %s\r\n", to.text);
    buffer_format(out, "Subject: %s\r\n", mail->subject);
    write_date(mail->date, out);
    buffer_format(out, "Message-ID: <%s%s>\r\n", id.hex, strchr(from->address, '@'));
    buffer_text(out, "MIME-Version: 1.0\r\n"
                     "Content-Type: text/plain; charset=us-ascii\r\n"
                     "Content-Transfer-Encoding: 7bit\r\n"
                     "Auto-Submitted: auto-generated\r\n" /* RFC 3834: nobody's holiday answers */
                     "\r\n");
}

static void write_body(const struct buffer *body, struct buffer *out)
{
    for (const char *line = body->data, *end; *line; line = end + 1) {
        end = strchr(line, '\n');
        buffer_append(out, line, (size_t)(end - line));
        buffer_text(out, "\r\n");
    }
}

bool message_write(const struct mail *mail, const struct sender *from, struct buffer *out,
                   struct error *err)
{
    if (!mail->body->failed &&
        (!email_is_well_formed(mail->to) || strlen(mail->to) > EMAIL_MAX ||
         !is_line(mail->subject) || mail->body->length == 0 || !is_lines(mail->body)))
        return error_set(err, ERR_BUG, 0, "a mail has what no mail may have");
    if (!mail->body->failed) {
        write_headers(mail, from, out);
        write_body(mail->body, out);
    }
    if (mail->body->failed || out->failed)
        return error_set(err, ERR_NO_MEMORY, 0, "mail");
    return true;
}
