/* A table of some twenty lines is walked faster than anything cleverer is built. */
#include "http/router.h"

#include <stdio.h>
#include <string.h>

static const char *const method_names[METHODS] = {
    [GET] = "GET", [POST] = "POST", [PUT] = "PUT", [PATCH] = "PATCH", [DELETE] = "DELETE",
};

static bool is(struct slice text, const char *word, size_t length)
{
    return text.length == length && memcmp(text.text, word, length) == 0;
}

/* Case counts: RFC 9110 section 9.1. False: a method that no route has. */
static bool read_method(struct slice text, enum method *method, bool *head)
{
    *head = is(text, "HEAD", 4);
    *method = GET;
    if (*head)
        return true;
    for (size_t i = 0; i < METHODS; i++)
        if (is(text, method_names[i], strlen(method_names[i]))) {
            *method = (enum method)i;
            return true;
        }
    return false;
}

static bool path_matches(const char *pattern, const struct target *target, struct id *id)
{
    size_t i = 0;

    while (*pattern == '/') {
        const char *piece = pattern + 1;
        const size_t length = strcspn(piece, "/");
        pattern = piece + length;
        if (length == 0)
            break;
        if (i >= target->segment_count || i >= SEGMENTS_MAX)
            return false;
        const struct slice segment = target->segments[i++];
        const bool good = length == 4 && memcmp(piece, "{id}", 4) == 0
                              ? id_parse(segment.text, segment.length, id)
                              : is(segment, piece, length);
        if (!good)
            return false;
    }
    return i == target->segment_count;
}

/* ALLOW_BYTES holds every method there is. */
static void allow_write(char allow[ALLOW_BYTES], const bool has[METHODS])
{
    size_t length = 0;

    allow[0] = '\0';
    for (size_t i = 0; i < METHODS; i++)
        if (has[i])
            length +=
                (size_t)snprintf(allow + length, ALLOW_BYTES - length, "%s%s%s", length ? ", " : "",
                                 method_names[i], i == GET ? ", HEAD" : "");
}

enum match_result router_match(const struct route routes[], size_t count, struct slice method,
                               const struct target *target, struct match *match)
{
    bool has[METHODS] = { false };
    bool any = false;
    enum method wanted;
    const bool known = read_method(method, &wanted, &match->head);

    for (size_t i = 0; i < count; i++) {
        if (!path_matches(routes[i].path, target, &match->id))
            continue;
        if (known && routes[i].method == wanted) {
            match->route = &routes[i];
            return MATCH_FOUND;
        }
        has[routes[i].method] = any = true;
    }
    if (!any)
        return MATCH_NO_PATH;
    allow_write(match->allow, has);
    return MATCH_NO_METHOD;
}
