#include "user_names.h"

#include <string.h>

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_among(char c, const char *set)
{
    return c && strchr(set, c);
}

bool username_is_well_formed(const char *text)
{
    for (const char *c = text; *c; c++)
        if (!is_letter_or_digit(*c) && !is_among(*c, "._'-"))
            return false;
    return true;
}

/* RFC 5322's atext and the dot, wherever it stands: some providers give out a..b@ and a.@. */
static bool local_part_is_fine(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!is_letter_or_digit(text[i]) && !is_among(text[i], ".!#$%&'*+-/=?^_`{|}~"))
            return false;
    return length > 0;
}

/* RFC 1123: letters, digits and inner hyphens, 1 to 63 of them. */
static bool label_is_fine(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!is_letter_or_digit(text[i]) && text[i] != '-')
            return false;
    return length > 0 && length <= 63 && text[0] != '-' && text[length - 1] != '-';
}

static bool domain_is_fine(const char *text)
{
    for (;;) {
        const size_t length = strcspn(text, ".");
        if (!label_is_fine(text, length))
            return false;
        if (text[length] == '\0')
            return true;
        text += length + 1;
    }
}

bool email_is_well_formed(const char *text)
{
    const char *at = strchr(text, '@');

    return at && local_part_is_fine(text, (size_t)(at - text)) && domain_is_fine(at + 1);
}
