/* RFC 9110 section 8.3.1: type "/" subtype *( OWS ";" OWS [ name "=" value ] ). */
#include "http/media_type.h"

#include <string.h>
#include <strings.h>

#include "http/gate.h"

static bool is(struct slice text, const char *word)
{
    return text.length == strlen(word) && strncasecmp(text.text, word, text.length) == 0;
}

/* Up to the next semicolon, without blanks around; `text` moves behind it. */
static struct slice next_piece(struct slice *text)
{
    const char *semicolon = memchr(text->text, ';', text->length);
    struct slice piece = { text->text,
                           semicolon ? (size_t)(semicolon - text->text) : text->length };
    const size_t taken = piece.length + (semicolon != NULL);

    text->text += taken;
    text->length -= taken;
    while (piece.length > 0 && strchr(" \t", piece.text[piece.length - 1]))
        piece.length--;
    while (piece.length > 0 && strchr(" \t", *piece.text)) {
        piece.text++;
        piece.length--;
    }
    return piece;
}

static bool parameter_is_fine(struct slice piece)
{
    const char *equals = memchr(piece.text, '=', piece.length);
    if (!equals)
        return piece.length == 0;

    const struct slice name = { piece.text, (size_t)(equals - piece.text) };
    struct slice value = { equals + 1, piece.length - name.length - 1 };
    if (!gate_is_token(name))
        return false;
    if (value.length >= 2 && *value.text == '"' && value.text[value.length - 1] == '"')
        value = (struct slice){ value.text + 1, value.length - 2 };
    return !is(name, "charset") || is(value, "utf-8");
}

bool media_type_is_json(struct slice header, size_t count)
{
    if (count != 1 || !is(next_piece(&header), "application/json"))
        return false;
    while (header.length > 0)
        if (!parameter_is_fine(next_piece(&header)))
            return false;
    return true;
}

bool media_type_is_coded(struct slice header, size_t count)
{
    return count > 1 || (header.length > 0 && !is(header, "identity"));
}
