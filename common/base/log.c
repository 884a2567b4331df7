/* One JSON object a line, made on the stack and written at once: logging needs no memory, no lock,
 * and lines of several threads never mix. */
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/utf8.h"

#define CUT_MARK      "\xE2\x80\xA6"  /* … ends a text that was cut */
#define CUT_FIELD     ",\"cut\":true" /* ends a line that lacks some of its fields */
#define BAD_CHARACTER "\xEF\xBF\xBD"  /* U+FFFD in place of what is no UTF-8 */

enum {
    LINE_BYTES = PIPE_BUF, /* what a pipe takes in one piece, however many write to it */
    TAIL_BYTES = sizeof CUT_MARK "\"" CUT_FIELD "}\n",
    TEXT_BYTES = 1024,              /* a longer text would push the fields after it off the line */
    SHOWN_BYTES = sizeof "\\u0000", /* the longest form of one character */
};

struct line {
    char text[LINE_BYTES];
    size_t length;
    bool full; /* something did not fit: nothing more is taken */
};

static struct {
    const char *service;
    enum log_level level;
} options = { "", LOG_INFO };

/* Takes all or nothing, and keeps the tail free. */
static bool put(struct line *line, const char *bytes, size_t count)
{
    if (line->full || line->length + count > LINE_BYTES - TAIL_BYTES) {
        line->full = true;
        return false;
    }
    memcpy(line->text + line->length, bytes, count);
    line->length += count;
    return true;
}

/* Only for what TAIL_BYTES counts. */
static void put_tail(struct line *line, const char *text)
{
    size_t count = strlen(text);
    memcpy(line->text + line->length, text, count);
    line->length += count;
}

/* C0, DEL and C1: what could steer a terminal or break the line. */
static bool is_control(const unsigned char *text, size_t bytes)
{
    return (bytes == 1 && (*text < 0x20 || *text == 0x7F)) ||
           (bytes == 2 && *text == 0xC2 && text[1] < 0xA0);
}

/* One character as JSON shows it; returns how many bytes of `text` it was. */
static size_t escape_character(const char *text, char out[SHOWN_BYTES])
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t count = utf8_character(text);

    if (count == 0)
        snprintf(out, SHOWN_BYTES, BAD_CHARACTER);
    else if (is_control(bytes, count))
        snprintf(out, SHOWN_BYTES, "\\u%04x", bytes[count - 1]);
    else if (*text == '"' || *text == '\\')
        snprintf(out, SHOWN_BYTES, "\\%c", *text);
    else
        snprintf(out, SHOWN_BYTES, "%.*s", (int)count, text);
    return count ? count : 1;
}

/* How many of the first `max` characters show as they are; most texts are nothing else. */
static size_t plain_run(const char *text, size_t max)
{
    size_t count = 0;
    while (count < max && text[count] >= 0x20 && text[count] < 0x7F && text[count] != '"' &&
           text[count] != '\\')
        count++;
    return count;
}

static void put_text(struct line *line, const char *text)
{
    size_t end = line->length + TEXT_BYTES;
    char shown[SHOWN_BYTES];

    if (!put(line, "\"", 1))
        return;
    for (;;) {
        size_t room = LINE_BYTES - TAIL_BYTES - line->length;
        size_t most = line->length < end ? end - line->length : 0;
        size_t run = plain_run(text, most < room ? most : room);
        put(line, text, run);
        text += run;
        if (!*text)
            break;
        text += escape_character(text, shown);
        if (line->length >= end || !put(line, shown, strlen(shown))) {
            put_tail(line, CUT_MARK);
            break;
        }
    }
    put_tail(line, "\"");
}

static void put_number(struct line *line, int64_t number)
{
    char text[24];
    int count = snprintf(text, sizeof text, "%" PRId64, number);
    put(line, text, (size_t)count);
}

/* A field that does not fit leaves no trace of itself. */
static void put_field(struct line *line, const struct log_field *field)
{
    size_t before = line->length;

    if (before > 1)
        put(line, ",", 1);
    put_text(line, field->name);
    put(line, ":", 1);
    if (line->full) {
        line->length = before;
        return;
    }

    size_t value = line->length;
    if (field->text)
        put_text(line, field->text);
    else
        put_number(line, field->number);
    if (line->length == value)
        line->length = before;
}

static void put_fields(struct line *line, const struct log_field fields[])
{
    for (; fields->name && !line->full; fields++)
        put_field(line, fields);
}

static void write_line(const struct line *line)
{
    ssize_t written;
    do
        written = write(STDERR_FILENO, line->text, line->length);
    while (written < 0 && errno == EINTR);
}

void log_open(const char *service, enum log_level level)
{
    options.service = service;
    options.level = level;
}

bool log_wants(enum log_level level)
{
    return level >= options.level;
}

void log_event(enum log_level level, const char *event, const struct log_field fields[])
{
    static const char *const level_names[] = { "debug", "info", "warn", "error" };

    if (!log_wants(level))
        return;

    struct date_text now = date_format(clock_wall_ms(&system_clock));
    const struct log_field head[] = {
        LOG_TEXT("time", now.text),
        LOG_TEXT("level", level_names[level]),
        LOG_TEXT("service", options.service),
        LOG_TEXT("event", event),
        LOG_END,
    };
    struct line line = { .length = 0 };

    put(&line, "{", 1);
    put_fields(&line, head);
    put_fields(&line, fields);
    if (line.full)
        put_tail(&line, CUT_FIELD);
    put_tail(&line, "}\n");
    write_line(&line);
}
