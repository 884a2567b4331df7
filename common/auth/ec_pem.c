/* The DER of a P-256 key has one fixed layout in each of three forms, so it is recognised by
 * comparing bytes: no ASN.1 parser, and nothing but the very curve passes. */
#include "auth/ec_pem.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum {
    SCALAR_BYTES = 32,
    DER_MAX_BYTES = 160, /* the longest form, PKCS #8, has 138 */
    PEM_LABEL_MAX_BYTES = 64,
};

#define OID_EC_PUBLIC_KEY "\x06\x07\x2a\x86\x48\xce\x3d\x02\x01"
#define OID_P256          "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"
/* BIT STRING of 66 bytes, no unused bits, uncompressed point. */
#define POINT_FOLLOWS "\x03\x42\x00\x04"

#define BYTES(literal) (literal), sizeof(literal) - 1

/* head [scalar] tail point */
struct layout {
    const char *label;
    const char *head;
    size_t head_bytes;
    const char *tail;
    size_t tail_bytes;
    size_t scalar_bytes;
};

static const struct layout public_layout = {
    "PUBLIC KEY", /* RFC 5480 */
    BYTES("\x30\x59\x30\x13" OID_EC_PUBLIC_KEY OID_P256 POINT_FOLLOWS), BYTES(""), 0
};

static const struct layout private_layouts[] = {
    { "PRIVATE KEY", /* RFC 5958 */
      BYTES("\x30\x81\x87\x02\x01\x00\x30\x13" OID_EC_PUBLIC_KEY OID_P256
            "\x04\x6d\x30\x6b\x02\x01\x01\x04\x20"),
      BYTES("\xa1\x44" POINT_FOLLOWS), SCALAR_BYTES },
    { "EC PRIVATE KEY", /* RFC 5915 */
      BYTES("\x30\x77\x02\x01\x01\x04\x20"), BYTES("\xa0\x0a" OID_P256 "\xa1\x44" POINT_FOLLOWS),
      SCALAR_BYTES },
};

/* Decodes the block of that label. The number of bytes, 0: there is none or it is no base64. */
static size_t read_block(const char *text, const char *label, unsigned char *der, size_t size)
{
    char line[PEM_LABEL_MAX_BYTES];
    size_t count = 0;

    snprintf(line, sizeof line, "-----BEGIN %s-----", label);
    const char *begin = strstr(text, line);
    if (!begin)
        return 0;
    begin += strlen(line);

    snprintf(line, sizeof line, "-----END %s-----", label);
    const char *end = strstr(begin, line);
    if (!end || sodium_base642bin(der, size, begin, (size_t)(end - begin), " \t\r\n", &count, NULL,
                                  sodium_base64_VARIANT_ORIGINAL) != 0)
        return 0;
    return count;
}

/* Takes the point out of a key of that layout. */
static bool read_point(const char *text, const struct layout *layout, unsigned char *point)
{
    unsigned char der[DER_MAX_BYTES];
    size_t tail_at = layout->head_bytes + layout->scalar_bytes;
    size_t point_at = tail_at + layout->tail_bytes;

    bool fits = read_block(text, layout->label, der, sizeof der) == point_at + EC_POINT_BYTES &&
                memcmp(der, layout->head, layout->head_bytes) == 0 &&
                memcmp(der + tail_at, layout->tail, layout->tail_bytes) == 0;
    if (fits)
        memcpy(point, der + point_at, EC_POINT_BYTES);
    sodium_memzero(der, sizeof der);
    return fits;
}

static void write_public_pem(const unsigned char *point, char *out, size_t size)
{
    unsigned char der[DER_MAX_BYTES];
    char text[sodium_base64_ENCODED_LEN(DER_MAX_BYTES, sodium_base64_VARIANT_ORIGINAL)];
    size_t head = public_layout.head_bytes;

    memcpy(der, public_layout.head, head);
    memcpy(der + head, point, EC_POINT_BYTES);
    sodium_bin2base64(text, sizeof text, der, head + EC_POINT_BYTES,
                      sodium_base64_VARIANT_ORIGINAL);
    /* RFC 7468: 64 characters a line. 91 bytes make 124 characters. */
    snprintf(out, size, "-----BEGIN PUBLIC KEY-----\n%.64s\n%.60s\n-----END PUBLIC KEY-----\n",
             text, text + 64);
}

bool ec_pem_read(const char *text, struct ec_key *out)
{
    struct ec_key key = { 0 };

    for (size_t i = 0; i < sizeof private_layouts / sizeof private_layouts[0]; i++)
        key.is_private = key.is_private || read_point(text, &private_layouts[i], key.point);
    if (!key.is_private && !read_point(text, &public_layout, key.point))
        return false;

    write_public_pem(key.point, key.public_pem, sizeof key.public_pem);
    *out = key;
    return true;
}
