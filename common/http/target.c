/* The raw text is copied once, for logs; what is decoded is written behind it, piece by piece. */
#include "http/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Decodes `count` bytes to *write, with a NUL behind; never longer than what it came from. A
 * decoded NUL is refused: some reader would end the text there. */
static bool decode(const char *text, size_t count, char **write, struct slice *out)
{
    char *const start = *write;
    char *to = start;

    for (size_t i = 0; i < count; i++) {
        char c = text[i];
        if (c == '%') {
            const int high = i + 2 < count ? hex_digit(text[i + 1]) : -1;
            const int low = high < 0 ? -1 : hex_digit(text[i + 2]);
            if (low < 0 || high * 16 + low == 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        *to++ = c;
    }
    *to = '\0';
    *out = (struct slice){ start, (size_t)(to - start) };
    *write = to + 1;
    return true;
}

static bool parse_path(struct target *target, char **write)
{
    const char *at = target->path.text + 1;
    const char *const end = target->path.text + target->path.length;

    for (;;) {
        const char *slash = memchr(at, '/', (size_t)(end - at));
        const char *stop = slash ? slash : end;
        struct slice segment;
        if (!decode(at, (size_t)(stop - at), write, &segment))
            return false;
        /* The one optional slash at the end, or the root's. */
        if (!slash && segment.length == 0)
            return true;
        if (target->segment_count < SEGMENTS_MAX)
            target->segments[target->segment_count] = segment;
        target->segment_count++;
        if (!slash)
            return true;
        at = slash + 1;
    }
}

static bool parse_parameter(struct target *target, const char *text, size_t count, char **write)
{
    const char *equals = memchr(text, '=', count);
    const size_t name = equals ? (size_t)(equals - text) : count;

    if (target->parameter_count == PARAMETERS_MAX)
        return false;
    struct parameter *parameter = &target->parameters[target->parameter_count++];
    parameter->value = (struct slice){ "", 0 };
    if (!decode(text, name, write, &parameter->name))
        return false;
    /* Without "=" there is no room for a NUL of the value's own. */
    return !equals || decode(equals + 1, count - name - 1, write, &parameter->value);
}

static bool parse_query(struct target *target, const char *query, char **write)
{
    while (*query) {
        const size_t count = strcspn(query, "&");
        if (count > 0 && !parse_parameter(target, query, count, write))
            return false;
        query += count + (query[count] == '&');
    }
    return true;
}

static bool is_visible(const char *raw)
{
    for (; *raw; raw++)
        if (*raw < 0x21 || *raw > 0x7e || *raw == '#')
            return false;
    return true;
}

/* Where the path begins; "" for an absolute form without one; NULL: neither form. */
static const char *path_of(const char *raw)
{
    if (*raw == '/')
        return raw;
    if (strncasecmp(raw, "http://", 7) != 0 && strncasecmp(raw, "https://", 8) != 0)
        return NULL;
    const char *authority = strstr(raw, "//") + 2;
    const size_t length = strcspn(authority, "/?");
    return length > 0 ? authority + length : NULL;
}

/* Raw text with its NUL, and decoded text with a NUL a piece: each piece has its separator in the
 * raw text, so twice the length is enough. An empty path counts as "/". */
static bool take_memory(struct target *target, const char *path)
{
    const size_t needed = 2 * (strlen(path) + 3);

    target->memory = needed <= sizeof target->inlined ? target->inlined : malloc(needed);
    if (!target->memory)
        return false;
    snprintf(target->memory, needed, "%s%s", *path == '/' ? "" : "/", path);
    return true;
}

enum target_result target_parse(const char *raw, struct target *target)
{
    target->segment_count = target->parameter_count = 0;
    target->query_malformed = false;
    target->memory = NULL;
    target->path = (struct slice){ "", 0 };

    const char *path = is_visible(raw) ? path_of(raw) : NULL;
    if (!path)
        return TARGET_MALFORMED;
    if (!take_memory(target, path))
        return TARGET_NO_MEMORY;

    char *write = target->memory + strlen(target->memory) + 1;
    char *query = strchr(target->memory, '?');
    if (query)
        *query++ = '\0';
    target->path = (struct slice){ target->memory, strlen(target->memory) };
    if (!parse_path(target, &write))
        return TARGET_NOWHERE;
    target->query_malformed = query && !parse_query(target, query, &write);
    return TARGET_OK;
}

void target_done(struct target *target)
{
    if (target->memory != target->inlined)
        free(target->memory);
    target->memory = NULL;
}
