/* Orders and the ids that make their requests repeatable. */
#include "order.h"

#include <assert.h>
#include <math.h>
#include <sodium.h>
#include <string.h>

static const char *const status_names[] = {
    [ORDER_NEW] = "new",
    [ORDER_PROCESSING] = "processing",
};

/* The largest price, in whole units: 1e14 hundredths is well within what a double holds exactly. */
static const double PRICE_MAX = 1e12;

const char *order_status_name(enum order_status status)
{
    return status_names[status];
}

bool order_status_parse(const char *text, size_t length, enum order_status *out)
{
    for (size_t i = 0; i < sizeof status_names / sizeof *status_names; i++) {
        if (strlen(status_names[i]) == length && memcmp(status_names[i], text, length) == 0) {
            *out = (enum order_status)i;
            return true;
        }
    }
    return false;
}

struct id order_id_of(const struct id *user_id, const char *request_id)
{
    /* The first byte names the scheme: another way of making ids would get another one. */
    static const unsigned char scheme = 0x01, separator = 0x00;
    struct id_text user = id_format(user_id);
    unsigned char digest[crypto_generichash_BYTES];
    crypto_generichash_state hash;

    int rc = crypto_generichash_init(&hash, NULL, 0, sizeof digest);
    rc |= crypto_generichash_update(&hash, &scheme, 1);
    rc |= crypto_generichash_update(&hash, (const unsigned char *)user.hex, ID_HEX);
    rc |= crypto_generichash_update(&hash, &separator, 1);
    rc |= crypto_generichash_update(&hash, (const unsigned char *)request_id, strlen(request_id));
    rc |= crypto_generichash_final(&hash, digest, sizeof digest);
    assert(rc == 0); /* fails on wrong sizes only */

    struct id id;
    memcpy(id.bytes, digest, sizeof id.bytes);
    return id;
}

struct order order_of_record(const struct record *record)
{
    return (struct order){
        .id = record->order_id,
        .user_id = record->user_id,
        .price = record->price,
        .date = record->date,
        .status = ORDER_NEW,
    };
}

bool price_from_number(double number, int64_t *hundredths, bool *in_range)
{
    bool inside = number > 0 && number <= PRICE_MAX;
    int64_t value = inside ? llround(number * 100) : 0;

    if (in_range)
        *in_range = inside;
    /* Two decimals at most: only then do the hundredths give back the very same double. */
    if (!inside || (double)value / 100.0 != number)
        return false;

    *hundredths = value;
    return true;
}
