/* EC P-256 keys in PEM, in the three forms that openssl writes. For the keys module only.
 *
 * libjwt takes any PEM it is given: an RSA key, or a curve of the same size. So what kind of key
 * it is gets decided here, and libjwt verifies with a PEM that we made ourselves. */
#ifndef AUTH_EC_PEM_H
#define AUTH_EC_PEM_H

#include <stdbool.h>
#include <stddef.h>
#include "base/error.h"

enum {
    EC_POINT_BYTES = 64,       /* x and y of P-256, 32 bytes each */
    EC_PUBLIC_PEM_BYTES = 192, /* 91 bytes of DER in base64, two lines around it, a NUL */
};

struct ec_key {
    bool is_private;
    unsigned char point[EC_POINT_BYTES];
    char public_pem[EC_PUBLIC_PEM_BYTES];
};

/* False, and `out` untouched, unless the text holds a P-256 key: SubjectPublicKeyInfo, PKCS #8 or
 * SEC 1, not encrypted, with the uncompressed public point. */
bool ec_pem_read(const char *text, struct ec_key *out) MUST_USE;

#endif
