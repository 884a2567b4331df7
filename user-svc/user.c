/* What both kinds of name have in common. */
#include "user.h"

#include <assert.h>
#include <string.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

struct user_key user_key_of(const char *name)
{
    struct user_key key = { 0 };
    const size_t length = strlen(name);

    assert(length < sizeof key.text);
    for (size_t i = 0; i < length; i++)
        key.text[i] = lower(name[i]);
    return key;
}
