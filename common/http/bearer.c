/* "Bearer" 1*SP b64token, the scheme without regard to case. */
#include "http/bearer.h"

#include <string.h>
#include <strings.h>

static bool is_b64token(struct slice token)
{
    static const char characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789-._~+/";
    size_t length = token.length;

    while (length > 0 && token.text[length - 1] == '=')
        length--;
    for (size_t i = 0; i < length; i++)
        if (token.text[i] == '\0' || !strchr(characters, token.text[i]))
            return false;
    return length > 0;
}

enum bearer_result bearer_read(struct slice header, size_t count, struct slice *token)
{
    static const char scheme[] = "Bearer";
    enum { SCHEME_LENGTH = sizeof scheme - 1 };

    if (count == 0)
        return BEARER_NONE;
    if (count > 1 || header.length <= SCHEME_LENGTH || header.text[SCHEME_LENGTH] != ' ' ||
        strncasecmp(header.text, scheme, SCHEME_LENGTH) != 0)
        return BEARER_MALFORMED;

    size_t start = SCHEME_LENGTH;
    while (start < header.length && header.text[start] == ' ')
        start++;
    const struct slice text = { header.text + start, header.length - start };
    if (!is_b64token(text))
        return BEARER_MALFORMED;
    *token = text;
    return BEARER_GIVEN;
}
