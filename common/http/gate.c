/* Each check is a function that says what is wrong; a table runs them in order. */
#include "http/gate.h"

#include <string.h>
#include <strings.h>

enum { LENGTH_DIGITS_MAX = 18 }; /* fit an int64_t; no body of ours comes near */

static bool is_token_character(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

bool gate_is_token(struct slice text)
{
    for (size_t i = 0; i < text.length; i++)
        if (!is_token_character((unsigned char)text.text[i]))
            return false;
    return text.length > 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct slice trimmed(struct slice value)
{
    while (value.length > 0 && is_blank(value.text[value.length - 1]))
        value.length--;
    while (value.length > 0 && is_blank(value.text[0])) {
        value.text++;
        value.length--;
    }
    return value;
}

/* RFC 9110 section 5.5 calls these so, and lets nobody keep them. */
static bool is_dangerous(struct slice value)
{
    return memchr(value.text, '\0', value.length) || memchr(value.text, '\r', value.length) ||
           memchr(value.text, '\n', value.length);
}

static bool has_control_character(struct slice value)
{
    for (size_t i = 0; i < value.length; i++) {
        const unsigned char c = (unsigned char)value.text[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return true;
    }
    return false;
}

static bool is(struct slice text, const char *word)
{
    return text.length == strlen(word) && strncasecmp(text.text, word, text.length) == 0;
}

/* The first header of that name, and how many there are. */
static struct slice find(const struct head *head, const char *name, size_t *count)
{
    struct slice first = { 0 };

    *count = 0;
    for (size_t i = 0; i < head->count; i++)
        if (is(head->headers[i].name, name) && (*count)++ == 0)
            first = head->headers[i].value;
    return first;
}

static const char *check_method(struct head *head, struct body_framing *framing)
{
    (void)framing;
    return gate_is_token(head->method) ? NULL : "The method is no token.";
}

static const char *check_version(struct head *head, struct body_framing *framing)
{
    (void)framing;
    const bool known =
        head->version.length == 8 && (memcmp(head->version.text, "HTTP/1.1", 8) == 0 ||
                                      memcmp(head->version.text, "HTTP/1.0", 8) == 0);
    return known ? NULL : "Use HTTP/1.1 or HTTP/1.0.";
}

/* Headers for whose bad values there is an answer of their own, so other control characters in them
 * are left to their readers, which take visible ASCII alone. */
static bool has_strict_reader(struct slice name)
{
    return is(name, "Authorization") || is(name, "Idempotency-Key") || is(name, "X-Request-Id");
}

static const char *check_fields(struct head *head, struct body_framing *framing)
{
    (void)framing;
    for (size_t i = 0; i < head->count; i++) {
        const struct header *header = &head->headers[i];
        if (!gate_is_token(header->name))
            return "A header's name is no token.";
        if (is_dangerous(header->value) ||
            (has_control_character(header->value) && !has_strict_reader(header->name)))
            return "A header's value holds a control character.";
    }
    return NULL;
}

static bool read_length(struct slice text, uint64_t *out)
{
    uint64_t length = 0;

    for (size_t i = 0; i < text.length; i++) {
        if (text.text[i] < '0' || text.text[i] > '9')
            return false;
        length = 10 * length + (uint64_t)(text.text[i] - '0');
    }
    *out = length;
    return text.length > 0 && text.length <= LENGTH_DIGITS_MAX;
}

/* Values are taken untrimmed here, as the library compares them. */
static const char *check_framing(struct head *head, struct body_framing *framing)
{
    size_t lengths, encodings;
    const struct slice length = find(head, "Content-Length", &lengths);
    const struct slice encoding = find(head, "Transfer-Encoding", &encodings);

    if (lengths > 1)
        return "Send Content-Length only once.";
    if (encodings > 1 || (encodings == 1 && !is(encoding, "chunked")))
        return "The only Transfer-Encoding understood is chunked, once.";
    if (encodings == 1 && lengths == 1)
        return "Send Transfer-Encoding or Content-Length, not both.";
    if (encodings == 1 && memcmp(head->version.text, "HTTP/1.0", 8) == 0)
        return "HTTP/1.0 has no Transfer-Encoding.";
    if (lengths == 1 && !read_length(length, &framing->length))
        return "Content-Length must be a number of digits alone.";

    if (encodings == 1)
        framing->framing = FRAMING_CHUNKED;
    else if (lengths == 1 && framing->length > 0)
        framing->framing = FRAMING_LENGTH;
    return NULL;
}

static const char *trim_values(struct head *head, struct body_framing *framing)
{
    (void)framing;
    for (size_t i = 0; i < head->count; i++)
        head->headers[i].value = trimmed(head->headers[i].value);
    return NULL;
}

/* RFC 3986's host and port, without what a user or a path would need. */
static bool is_host(struct slice host)
{
    for (size_t i = 0; i < host.length; i++) {
        const char c = host.text[i];
        const bool letter =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && (c == '\0' || !strchr("-._~%!$&'()*+,;=:[]", c)))
            return false;
    }
    return host.length > 0;
}

static const char *check_host(struct head *head, struct body_framing *framing)
{
    size_t count;
    const struct slice host = find(head, "Host", &count);
    const bool needed = memcmp(head->version.text, "HTTP/1.1", 8) == 0;

    (void)framing;
    if (count > 1 || (count == 0 && needed))
        return "Send exactly one Host.";
    return count == 0 || is_host(host) ? NULL : "The Host is no host.";
}

const char *gate_check(struct head *head, struct body_framing *framing)
{
    static const char *(*const checks[])(struct head * head, struct body_framing * framing) = {
        check_method, check_version, check_fields, check_framing, trim_values, check_host,
    };

    *framing = (struct body_framing){ 0 };
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        const char *fault = checks[i](head, framing);
        if (fault)
            return fault;
    }
    return NULL;
}

/* Bytes that the parser overwrote. */
static bool are_nul(const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes[i] != '\0')
            return false;
    return true;
}

/* The colon, then blanks. */
static bool leads_to_value(const char *name_end, const char *value)
{
    if (value <= name_end || *name_end != '\0')
        return false;
    for (const char *c = name_end + 1; c < value; c++)
        if (!is_blank(*c))
            return false;
    return true;
}

bool gate_is_seamless(const struct head *head, const char *block, size_t length)
{
    enum { LINE_END = 2 }; /* CR and LF */
    const char *const end = block + length;
    const char *at = head->version.text + head->version.length;

    for (size_t i = 0; i < head->count; i++) {
        const struct header *header = &head->headers[i];
        if (header->name.text != at + LINE_END || header->value.text >= end ||
            !are_nul(at, LINE_END) ||
            !leads_to_value(header->name.text + header->name.length, header->value.text))
            return false;
        at = header->value.text + header->value.length;
    }
    return at + 2 * LINE_END == end && are_nul(at, 2 * LINE_END);
}
