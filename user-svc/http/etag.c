#include "http/etag.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void etag_add(struct response *response, uint32_t version)
{
    char tag[sizeof "\"4294967295\""];

    snprintf(tag, sizeof tag, "\"%" PRIu32 "\"", version);
    response_header(response, "ETag", tag);
}

/* What is left of a field's line. */
struct rest {
    const char *at, *end;
};

static bool take(struct rest *rest, const char *text)
{
    const size_t length = strlen(text);

    if ((size_t)(rest->end - rest->at) < length || memcmp(rest->at, text, length) != 0)
        return false;
    rest->at += length;
    return true;
}

static void skip_blanks(struct rest *rest)
{
    while (take(rest, " ") || take(rest, "\t"))
        ;
}

/* etagc: %x21 / %x23-7E / obs-text */
static bool is_tag_character(char c)
{
    const unsigned char byte = (unsigned char)c;

    return byte == 0x21 || (byte >= 0x23 && byte != 0x7F);
}

struct tag {
    bool weak;
    struct slice text; /* without the quotes */
};

static bool take_tag(struct rest *rest, struct tag *tag)
{
    tag->weak = take(rest, "W/");
    if (!take(rest, "\""))
        return false;
    tag->text = (struct slice){ rest->at, 0 };
    while (rest->at < rest->end && is_tag_character(*rest->at))
        rest->at++;
    tag->text.length = (size_t)(rest->at - tag->text.text);
    return take(rest, "\"");
}

/* Whether it is one that etag_add() makes: compared byte by byte, "01" is another tag than "1". */
static bool is_version(const struct tag *tag, uint32_t *version)
{
    uint64_t number = 0;
    const struct slice text = tag->text;

    if (tag->weak || text.length == 0 || text.length > strlen("4294967295") ||
        (text.length > 1 && *text.text == '0'))
        return false;
    for (size_t i = 0; i < text.length; i++) {
        if (text.text[i] < '0' || text.text[i] > '9')
            return false;
        number = number * 10 + (uint64_t)(text.text[i] - '0');
    }
    *version = (uint32_t)number;
    return number <= UINT32_MAX;
}

enum line { LINE_GOOD, LINE_MALFORMED, LINE_TOO_LONG };

static enum line add_tag(struct expected_versions *expected, const struct tag *tag)
{
    uint32_t version;

    if (!is_version(tag, &version))
        return LINE_GOOD;
    if (expected->count == EXPECTED_VERSIONS_MAX)
        return LINE_TOO_LONG;
    expected->versions[expected->count++] = version;
    return LINE_GOOD;
}

/* #entity-tag: elements between commas, of which some may be empty. */
static enum line read_line(struct rest rest, struct expected_versions *expected)
{
    enum line line = LINE_GOOD;

    do {
        struct tag tag;
        skip_blanks(&rest);
        if (rest.at == rest.end || *rest.at == ',')
            continue;
        if (!take_tag(&rest, &tag))
            return LINE_MALFORMED;
        skip_blanks(&rest);
        line = add_tag(expected, &tag);
    } while (line == LINE_GOOD && take(&rest, ","));
    return line == LINE_GOOD && rest.at != rest.end ? LINE_MALFORMED : line;
}

bool if_match_read(const struct request *request, struct expected_versions *expected,
                   struct problem *problem)
{
    size_t count;
    const struct slice first = request_header(request, "If-Match", &count);
    struct expected_versions read = { .given = count > 0 };
    enum line line = LINE_GOOD;

    read.any = count == 1 && first.length == 1 && *first.text == '*';
    for (size_t i = 0; !read.any && line == LINE_GOOD && i < count; i++) {
        const struct slice text = request_header_at(request, "If-Match", i);
        line = read_line((struct rest){ text.text, text.text + text.length }, &read);
    }
    if (line == LINE_TOO_LONG)
        return request_query_fault(problem, "too-long", "If-Match: give at most 16 tags.");
    if (line == LINE_MALFORMED)
        read.count = 0;
    *expected = read;
    return true;
}
