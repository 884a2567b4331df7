#include "base/utf8.h"

size_t utf8_character(const char *text)
{
    /* The second byte's range rules out overlong forms, surrogates and what is past U+10FFFF. */
    static const struct form {
        unsigned char first_min, first_max, second_min, second_max;
        size_t bytes;
    } forms[] = {
        { 0x01, 0x7F, 0x00, 0xFF, 1 }, { 0xC2, 0xDF, 0x80, 0xBF, 2 }, { 0xE0, 0xE0, 0xA0, 0xBF, 3 },
        { 0xE1, 0xEC, 0x80, 0xBF, 3 }, { 0xED, 0xED, 0x80, 0x9F, 3 }, { 0xEE, 0xEF, 0x80, 0xBF, 3 },
        { 0xF0, 0xF0, 0x90, 0xBF, 4 }, { 0xF1, 0xF3, 0x80, 0xBF, 4 }, { 0xF4, 0xF4, 0x80, 0x8F, 4 },
    };
    const unsigned char *bytes = (const unsigned char *)text;

    for (const struct form *f = forms; f < forms + sizeof forms / sizeof forms[0]; f++) {
        if (*bytes < f->first_min || *bytes > f->first_max)
            continue;
        if (bytes[1] < f->second_min || bytes[1] > f->second_max)
            return 0;
        for (size_t i = 2; i < f->bytes; i++)
            if ((bytes[i] & 0xC0) != 0x80)
                return 0;
        return f->bytes;
    }
    return 0;
}

bool utf8_is_valid(const char *text)
{
    for (size_t bytes; *text; text += bytes)
        if ((bytes = utf8_character(text)) == 0)
            return false;
    return true;
}
