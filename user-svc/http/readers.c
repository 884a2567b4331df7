#include "http/readers.h"

#include <stdint.h>
#include <string.h>
#include "user.h"
#include "user_names.h"

static bool fails(struct field_fault *fault, const char *code, const char *detail)
{
    *fault = (struct field_fault){ code, detail };
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Room for so many code points of any script: which script they are of is judged after their
 * number. */
#define UTF8_BYTES(points) (4 * (points) + 1)

/* --- Names. --- */

bool read_username(const json_t *value, void *out, size_t size, struct field_fault *fault)
{
    char text[UTF8_BYTES(USERNAME_MAX)];

    if (!json_read_text(value, text, sizeof text, USERNAME_MIN, USERNAME_MAX, fault))
        return false;
    if (!username_is_well_formed(text))
        return fails(fault, "format", "use letters A-Z, digits and . _ ' - only");
    memcpy(out, text, size);
    return true;
}

struct range {
    uint32_t first, last;
};

/* Controls: a line break in a name has no meaning, and in a mail's header a bad one. What turns the
 * direction of text makes a name look like another, and the text around it, too. */
static const struct range refused_in_names[] = {
    { 0x0000, 0x001F }, { 0x007F, 0x009F }, { 0x202A, 0x202E }, { 0x2066, 0x2069 }, { 0, 0 },
};

/* Unicode's White_Space, less what is refused above. */
static const struct range white_space[] = {
    { 0x0020, 0x0020 }, { 0x00A0, 0x00A0 }, { 0x1680, 0x1680 },
    { 0x2000, 0x200A }, { 0x2028, 0x2029 }, { 0x202F, 0x202F },
    { 0x205F, 0x205F }, { 0x3000, 0x3000 }, { 0, 0 },
};

/* The last range ends at 0, which no text holds. */
static bool is_in(uint32_t point, const struct range *range)
{
    for (; range->last != 0; range++)
        if (point >= range->first && point <= range->last)
            return true;
    return false;
}

/* The code point at *text, which moves on to the next. jansson let valid UTF-8 through only. */
static uint32_t next_point(const uint8_t **text)
{
    const uint8_t lead = *(*text)++;
    const uint32_t bits = lead >= 0xF0 ? 0x07 : lead >= 0xE0 ? 0x0F : lead >= 0xC0 ? 0x1F : 0x7F;
    uint32_t point = lead & bits;

    for (; (**text & 0xC0) == 0x80; (*text)++) /* a byte that continues is 10xxxxxx */
        point = point << 6 | (**text & 0x3F);
    return point;
}

/* Any script, but something to be seen, and seen as it is. NULL: fine; else what to do. */
static const char *judge_name(const char *text)
{
    bool blank = true;

    for (const uint8_t *rest = (const uint8_t *)text; *rest;) {
        const uint32_t point = next_point(&rest);
        if (is_in(point, refused_in_names))
            return "leave out control characters";
        blank = blank && is_in(point, white_space);
    }
    return blank ? "give more than white space" : NULL;
}

bool read_name(const json_t *value, void *out, size_t size, struct field_fault *fault)
{
    char text[PERSON_NAME_BYTES + 1];

    if (!json_read_text(value, text, sizeof text, 1, PERSON_NAME_MAX, fault))
        return false;
    const char *const detail = judge_name(text);
    if (detail)
        return fails(fault, "format", detail);
    memcpy(out, text, size);
    return true;
}

/* --- Phone. --- */

bool read_phone(const json_t *value, void *out, size_t size, struct field_fault *fault)
{
    char text[UTF8_BYTES(1 + PHONE_DIGITS_MAX)];

    if (!json_read_text(value, text, sizeof text, 1 + PHONE_DIGITS_MIN, 1 + PHONE_DIGITS_MAX,
                        fault))
        return false;
    if (*text != '+')
        return fails(fault, "format", "begin with + and the country code, e.g. +35712345678");
    for (const char *c = text + 1; *c; c++)
        if (!is_digit(*c))
            return fails(fault, "format", "give digits only after the +");
    memcpy(out, text, size);
    return true;
}

/* --- E-mail. --- */

bool read_email(const json_t *value, void *out, size_t size, struct field_fault *fault)
{
    char text[EMAIL_MAX + 1];

    if (!json_read_text(value, text, sizeof text, 1, EMAIL_MAX, fault))
        return false;
    if (!email_is_well_formed(text))
        return fails(fault, "format", "give an address such as name@example.org");
    memcpy(out, text, size);
    return true;
}

/* --- Token. --- */

bool read_token(const json_t *value, void *out, size_t size, struct field_fault *fault)
{
    const size_t length = json_string_length(value);

    if (!json_is_string(value))
        return fails(fault, "type", "give a string");
    if (length < size)
        memcpy(out, json_string_value(value), length + 1);
    return true;
}

/* --- Photo, role, active. --- */

bool read_photo(const json_t *value, void *out, size_t size, struct field_fault *fault)
{
    char text[PHOTO_MAX + 1];

    if (!json_read_text(value, text, sizeof text, 1, PHOTO_MAX, fault))
        return false;
    const char *const detail = judge_name(text);
    if (detail)
        return fails(fault, "format", detail);
    memcpy(out, text, size);
    return true;
}

bool read_role(const json_t *value, void *out, size_t size, struct field_fault *fault)
{
    (void)size;
    if (!json_is_string(value))
        return fails(fault, "type", "give a string");
    return role_parse(json_string_value(value), json_string_length(value), out) ||
           fails(fault, "format", "give player or admin");
}

bool read_active(const json_t *value, void *out, size_t size, struct field_fault *fault)
{
    bool *active = out;

    (void)size;
    if (!json_is_boolean(value))
        return fails(fault, "type", "give true or false");
    *active = json_is_true(value);
    return true;
}

/* --- Password. --- */

bool read_password(const json_t *value, void *out, size_t size, struct field_fault *fault)
{
    struct sent_password *password = out;

    (void)size;
    if (!json_read_text(value, password->text, sizeof password->text, 0, PASSWORD_BYTES, fault))
        return false;
    password->sent = true;
    return true;
}

bool read_confirmation(const json_t *value, void *out, size_t size, struct field_fault *fault)
{
    struct sent_confirmation *confirmation = out;
    const size_t length = json_string_length(value);

    (void)size;
    if (!json_is_string(value))
        return fails(fault, "type", "give a string");
    confirmation->sent = true;
    confirmation->too_long = length > PASSWORD_BYTES;
    if (!confirmation->too_long)
        memcpy(confirmation->text, json_string_value(value), length + 1);
    return true;
}
