/* The request as decode functions see it. */
#include "http/request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "http/request_parts.h"

/* The header of that name at `index`; how many there are goes to `count`. */
static struct slice find_header(const struct request *request, const char *name, size_t index,
                                size_t *count)
{
    const size_t length = strlen(name);
    struct slice value = { 0 };
    size_t found = 0;

    for (size_t i = 0; i < request->head.count; i++) {
        const struct header *header = &request->head.headers[i];
        if (header->name.length == length && strncasecmp(header->name.text, name, length) == 0 &&
            found++ == index)
            value = header->value;
    }
    *count = found;
    return value;
}

struct slice request_header(const struct request *request, const char *name, size_t *count)
{
    size_t found;
    const struct slice first = find_header(request, name, 0, &found);

    if (count)
        *count = found;
    return first;
}

struct slice request_header_at(const struct request *request, const char *name, size_t index)
{
    size_t found;

    return find_header(request, name, index, &found);
}

struct slice request_query(const struct request *request, const char *name, size_t *count)
{
    const size_t length = strlen(name);
    struct slice first = { 0 };
    size_t found = 0;

    for (size_t i = 0; i < request->target.parameter_count; i++) {
        const struct parameter *parameter = &request->target.parameters[i];
        if (parameter->name.length == length && memcmp(parameter->name.text, name, length) == 0 &&
            found++ == 0)
            first = parameter->value;
    }
    if (count)
        *count = found;
    return first;
}

struct id request_id_parameter(const struct request *request)
{
    return request->id_parameter;
}

const struct caller *request_caller(const struct request *request)
{
    return &request->caller;
}

const struct traceparent *request_traceparent(const struct request *request)
{
    return &request->traceparent;
}

const char *request_correlation_id(const struct request *request)
{
    return request->correlation_id;
}

const char *request_peer(const struct request *request)
{
    return request->peer;
}

const char *request_source(const struct request *request)
{
    return request->source.text[0] ? request->source.text : request->peer;
}

struct slice request_body(const struct request *request)
{
    return request->body;
}

static bool is_visible(struct slice text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.text[i] < 0x21 || text.text[i] > 0x7e)
            return false;
    return true;
}

void request_identify(struct request *request, const struct random *random)
{
    size_t count;
    const struct slice given = request_header(request, "X-Request-Id", &count);

    if (count == 1 && given.length > 0 && given.length <= CORRELATION_ID_MAX && is_visible(given)) {
        memcpy(request->correlation_id, given.text, given.length);
        request->correlation_id[given.length] = '\0';
        return;
    }
    const struct id id = id_random(random);
    memcpy(request->correlation_id, id_format(&id).hex, ID_HEX + 1);
}

/* --- Whom trusted proxies had it from. --- */

/* Takes the last element off the comma-separated list. */
static struct slice take_last(struct slice *list)
{
    const char *comma = memrchr(list->text, ',', list->length);
    const char *begin = comma ? comma + 1 : list->text;
    const char *end = list->text + list->length;

    list->length = comma ? (size_t)(comma - list->text) : 0;
    while (begin < end && (*begin == ' ' || *begin == '\t'))
        begin++;
    while (begin < end && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    return (struct slice){ begin, (size_t)(end - begin) };
}

/* Some load balancers add the port: 192.0.2.1:4711, [2001:db8::1]:4711. */
static bool read_hop(struct slice hop, struct address *out)
{
    if (hop.length > 0 && hop.text[0] == '[') {
        const char *end = memchr(hop.text, ']', hop.length);
        return end && address_parse(hop.text + 1, (size_t)(end - hop.text) - 1, out);
    }
    const char *colon = memchr(hop.text, ':', hop.length);
    const bool has_port = colon && colon == memrchr(hop.text, ':', hop.length);
    return address_parse(hop.text, has_port ? (size_t)(colon - hop.text) : hop.length, out);
}

/* Each trusted proxy appended whom it had the request from, so what it wrote is right of what it
 * was sent. False: the walk is over. What cannot be read ends it at the last address that could:
 * whoever hides behind rubbish is counted as the proxy that let it through. */
static bool follow(const struct proxies *trusted, struct slice hops, struct address *source)
{
    while (hops.length > 0) {
        const struct slice hop = take_last(&hops);
        if (hop.length == 0) /* RFC 9110 section 5.6.1.2: an empty element is none */
            continue;
        if (!read_hop(hop, source) || !proxies_trust(trusted, source))
            return false;
    }
    return true;
}

void request_take_source(struct request *request, const struct proxies *trusted)
{
    static const char name[] = "X-Forwarded-For";
    struct address source;

    if (!address_parse(request->peer, strlen(request->peer), &source) ||
        !proxies_trust(trusted, &source))
        return;
    /* Several header lines are one list. */
    for (size_t i = request->head.count; i-- > 0;) {
        const struct header *header = &request->head.headers[i];
        if (header->name.length == sizeof name - 1 &&
            strncasecmp(header->name.text, name, sizeof name - 1) == 0 &&
            !follow(trusted, header->value, &source))
            break;
    }
    request->source = address_format(&source);
}

void request_take_trace(struct request *request)
{
    size_t count;
    const struct slice given = request_header(request, "traceparent", &count);

    if (count != 1 || !traceparent_parse(given.text, given.length, &request->traceparent))
        request->traceparent.text[0] = '\0';
}

bool request_decode_body(const struct request *request, const struct field fields[], size_t count,
                         void *target, struct problem *problem)
{
    switch (json_decode(request->body.text, request->body.length, fields, count, target,
                        &problem->faults)) {
    case DECODE_OK:
        return true;
    case DECODE_MALFORMED:
        return problem_set(problem, PROBLEM_MALFORMED_JSON,
                           "Send one JSON object in UTF-8, without duplicate names, NUL, numbers "
                           "beyond a double or 64 bits, or more than 8 levels.");
    case DECODE_INVALID:
        return problem_set(problem, PROBLEM_INVALID_REQUEST, "Mend what `errors` names.");
    case DECODE_NO_MEMORY:
        break;
    }
    return problem_set(problem, PROBLEM_NOT_ACCEPTED, "The server is short of memory. Try again.");
}

bool request_query_fault(struct problem *problem, const char *code, const char *detail)
{
    faults_add(&problem->faults, "", code, detail);
    return problem_set(problem, PROBLEM_INVALID_REQUEST, "Mend what `errors` names.");
}

static bool read_number(struct slice text, long *out)
{
    char *end;

    /* strtol would take blanks, a plus, and an empty text. */
    if (text.length == 0 || strspn(text.text, "-0123456789") != text.length)
        return false;
    errno = 0;
    *out = strtol(text.text, &end, 10);
    return errno == 0 && end == text.text + text.length;
}

bool request_query_number(const struct request *request, const char *name, long min, long max,
                          long fallback, long *out, struct problem *problem)
{
    AUTO(buffer) struct buffer detail = { 0 };
    size_t count;
    const struct slice text = request_query(request, name, &count);
    long number = fallback;

    if (count == 0 ||
        (count == 1 && read_number(text, &number) && number >= min && number <= max)) {
        *out = number;
        return true;
    }
    buffer_format(&detail, "%s: give a whole number from %ld to %ld, once.", name, min, max);
    return request_query_fault(problem, "range", detail.failed ? name : detail.data);
}
