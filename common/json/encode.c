/* Tree -> bytes, without a copy in between. */
#include "json/encode.h"

#include "json/decode.h"

enum {
    HUNDREDTHS = 100,
    /* Fifteen digits carry any |hundredths| <= 1e14 exactly, and no more are printed: 399.99 and
     * not 399.99000000000001. */
    PRECISION = 15,
};

json_t *json_hundredths(int64_t hundredths)
{
    if (hundredths % HUNDREDTHS == 0)
        return json_integer(hundredths / HUNDREDTHS);
    return json_real((double)hundredths / HUNDREDTHS);
}

static int append_piece(const char *bytes, size_t count, void *context)
{
    buffer_append(context, bytes, count);
    return 0; /* a failure is remembered in the buffer */
}

void json_write(struct buffer *out, json_t *tree)
{
    AUTO(json) json_t *owned = tree;
    const size_t flags = JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(PRECISION);

    if (!owned || json_dump_callback(owned, append_piece, out, flags) != 0)
        out->failed = true;
}
