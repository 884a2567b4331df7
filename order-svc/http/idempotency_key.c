/* Where a request's idempotency key comes from. */
#include "http/idempotency_key.h"

#include <string.h>

static bool visible(char c)
{
    return c >= 0x21 && c <= 0x7e;
}

/* RFC 8941 section 4.2.5, but for blanks, which our keys have not. */
static bool unquote(const char *text, size_t length, char *out, size_t *out_length)
{
    size_t written = 0;

    if (length < 2 || text[length - 1] != '"')
        return false;
    for (size_t i = 1; i < length - 1; i++) {
        if (text[i] == '"')
            return false;
        if (text[i] == '\\') {
            i++;
            if (i == length - 1 || (text[i] != '"' && text[i] != '\\'))
                return false;
        }
        if (written == REQUEST_ID_MAX || !visible(text[i]))
            return false;
        out[written++] = text[i];
    }
    *out_length = written;
    return true;
}

static bool take_bare(const char *text, size_t length, char *out)
{
    if (length > REQUEST_ID_MAX)
        return false;
    for (size_t i = 0; i < length; i++)
        if (!visible(text[i]))
            return false;
    memcpy(out, text, length);
    return true;
}

bool idempotency_key_parse(const char *text, size_t length, char out[REQUEST_ID_MAX + 1])
{
    char key[REQUEST_ID_MAX];
    size_t key_length = length;

    bool taken = length > 0 && text[0] == '"' ? unquote(text, length, key, &key_length)
                                              : take_bare(text, length, key);
    if (!taken || key_length == 0)
        return false;

    memcpy(out, key, key_length);
    out[key_length] = '\0';
    return true;
}

bool idempotency_key_of(const struct request *request, char out[REQUEST_ID_MAX + 1],
                        struct problem *problem)
{
    size_t keys, ids;
    struct slice key = request_header(request, "Idempotency-Key", &keys);
    struct slice id = request_header(request, "X-Request-Id", &ids);

    if (keys > 1 || ids > 1)
        return problem_set(problem, PROBLEM_REQUEST_ID_REQUIRED,
                           "Send the header X-Request-Id (or Idempotency-Key) only once.");
    if (keys == 0 && ids == 0)
        return problem_set(
            problem, PROBLEM_REQUEST_ID_REQUIRED,
            "Send a header X-Request-Id (or Idempotency-Key) of your own making, the "
            "same one when you repeat the request.");

    struct slice value = keys ? key : id;
    bool good = keys ? idempotency_key_parse(value.text, value.length, out)
                     : value.length > 0 && take_bare(value.text, value.length, out);
    if (!good)
        return problem_set(problem, PROBLEM_REQUEST_ID_REQUIRED,
                           "The request id must be 1 to 128 visible ASCII characters.");
    if (!keys)
        out[value.length] = '\0';
    return true;
}
