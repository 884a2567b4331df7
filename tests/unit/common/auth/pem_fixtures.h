/* Keys for tests only, made once with openssl, and a token that another library (Python's
 * cryptography) signed with the first of them. */
#ifndef UNIT_COMMON_AUTH_PEM_FIXTURES_H
#define UNIT_COMMON_AUTH_PEM_FIXTURES_H

/* clang-format off */
/* P-256, PKCS #8: what openssl genpkey writes */
#define PEM_PRIVATE \
    "-----BEGIN PRIVATE KEY-----\n" \
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg6ws4MQ1hRWzV0j4+\n" \
    "OwUFAR1FuV1UdfnheIOSRXYdXGihRANCAATW6QRd0xxRAinQGv0LuNBiMx0hg/cU\n" \
    "CI/l9eR2+cIKcDM5576kG5QN1/crC1dT1L9lDNE7JD4AOGdh7ATU2F/U\n" \
    "-----END PRIVATE KEY-----\n"

/* the same key in SEC 1 */
#define PEM_PRIVATE_SEC1 \
    "-----BEGIN EC PRIVATE KEY-----\n" \
    "MHcCAQEEIOsLODENYUVs1dI+PjsFBQEdRbldVHX54XiDkkV2HVxooAoGCCqGSM49\n" \
    "AwEHoUQDQgAE1ukEXdMcUQIp0Br9C7jQYjMdIYP3FAiP5fXkdvnCCnAzOee+pBuU\n" \
    "Ddf3KwtXU9S/ZQzROyQ+ADhnYewE1Nhf1A==\n" \
    "-----END EC PRIVATE KEY-----\n"

/* another key, as openssl ecparam -genkey writes it */
#define PEM_PRIVATE_WITH_PARAMETERS \
    "-----BEGIN EC PARAMETERS-----\n" \
    "BggqhkjOPQMBBw==\n" \
    "-----END EC PARAMETERS-----\n" \
    "-----BEGIN EC PRIVATE KEY-----\n" \
    "MHcCAQEEINTNFB7kmowpPHh8BZ2uKKaZTjhkwS1wGHrS0C7sK0SLoAoGCCqGSM49\n" \
    "AwEHoUQDQgAEnnSPhDUqITauIqWmQfdGSUf8HFOwlbQ8yafyW9UW1JqJM+uVdyMp\n" \
    "VY+aPJhPrRXbcuzW8cvalZOUKoGu2zmf8g==\n" \
    "-----END EC PRIVATE KEY-----\n"

/* the first key's public half */
#define PEM_PUBLIC \
    "-----BEGIN PUBLIC KEY-----\n" \
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE1ukEXdMcUQIp0Br9C7jQYjMdIYP3\n" \
    "FAiP5fXkdvnCCnAzOee+pBuUDdf3KwtXU9S/ZQzROyQ+ADhnYewE1Nhf1A==\n" \
    "-----END PUBLIC KEY-----\n"

/* the first key's scalar, another's point */
#define PEM_HALVES_OF_TWO_KEYS \
    "-----BEGIN PRIVATE KEY-----\n" \
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg6ws4MQ1hRWzV0j4+\n" \
    "OwUFAR1FuV1UdfnheIOSRXYdXGihRANCAAQsbOsD9HNa9ogE/IY/fvTJjfC5li4W\n" \
    "9fMjwuDbmS3mbRlPtmO9t/2ezRY1eAN77anrentjR7oq7jDe4z7LgX5W\n" \
    "-----END PRIVATE KEY-----\n"

/* the first key under a passphrase */
#define PEM_ENCRYPTED \
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n" \
    "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhEFg62BsoFtQICCAAw\n" \
    "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEB97Vh0/mJiRDuZPECh/F3IEgZD/\n" \
    "O7rbdxFvwUVQfvXsqMbj2tpsPIYrXzMxSwlvviAco67nilpX/vxbR5f2jLBH7LpG\n" \
    "moZofWyDibTUGOCCo8fRtKV5xXVv6kmb4/6y8ySCAFJMLLD56zUEi5Um+br8Dcv4\n" \
    "1tCyi1SSZ0hV9AgbyLrk0GzY8Iel2xRtq2Be19XpaH+LfogJl8Et+RNaVfNDg0Q=\n" \
    "-----END ENCRYPTED PRIVATE KEY-----\n"

/* the first key's public half, its point compressed */
#define PEM_PUBLIC_COMPRESSED \
    "-----BEGIN PUBLIC KEY-----\n" \
    "MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgAC1ukEXdMcUQIp0Br9C7jQYjMdIYP3\n" \
    "FAiP5fXkdvnCCnA=\n" \
    "-----END PUBLIC KEY-----\n"

/* another curve of the same size */
#define PEM_PUBLIC_SECP256K1 \
    "-----BEGIN PUBLIC KEY-----\n" \
    "MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAE5/qpJDVLIOeIWb3W5WFKQYU1qzUPwxke\n" \
    "scCZevGbeiZAcZ+jUV68YFfRdMeHXjBHjfD/wh4Ofkd409Iy1GilLQ==\n" \
    "-----END PUBLIC KEY-----\n"

#define PEM_PRIVATE_SECP256K1 \
    "-----BEGIN PRIVATE KEY-----\n" \
    "MIGEAgEAMBAGByqGSM49AgEGBSuBBAAKBG0wawIBAQQgeIBND07N/vOLy2gW/TgO\n" \
    "Sfic5tgLdJBd+pwFrZLxvuihRANCAATn+qkkNUsg54hZvdblYUpBhTWrNQ/DGR6x\n" \
    "wJl68Zt6JkBxn6NRXrxgV9F0x4deMEeN8P/CHg5+R3jT0jLUaKUt\n" \
    "-----END PRIVATE KEY-----\n"

#define PEM_PUBLIC_BRAINPOOL \
    "-----BEGIN PUBLIC KEY-----\n" \
    "MFowFAYHKoZIzj0CAQYJKyQDAwIIAQEHA0IABIs/Aj+mK3ZMmCmQ2RsiWqqh8Ij5\n" \
    "SUJWH/66OolusavTMBfzpan+GcFnQpLtBcqZY6cVhlUMmtBivteNuegs4SI=\n" \
    "-----END PUBLIC KEY-----\n"

#define PEM_PRIVATE_P384 \
    "-----BEGIN PRIVATE KEY-----\n" \
    "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDCcSTnUlBYHHdxw+YaW\n" \
    "uTJIUFKmV3drrKJa55Lu3kRG8m3Y+HTdfyYIm5vaoNrunm6hZANiAATSuMHi2eYs\n" \
    "G/XtpY1wBg1JZUNg66YCk46iMFhYhnBhlEx/JTNEjgvrb0IdMw61sB1Xv1mvdHei\n" \
    "6/auqUMt0/AtfnB1Qpt3XxxbZd9OhJV8CjozK+yQNI+gm49ezEj6EvU=\n" \
    "-----END PRIVATE KEY-----\n"

#define PEM_PRIVATE_ED25519 \
    "-----BEGIN PRIVATE KEY-----\n" \
    "MC4CAQAwBQYDK2VwBCIEINQ2ju2v1wx+4/QqjfCDY62RtIeFLfaPBAEHMrgbSSYx\n" \
    "-----END PRIVATE KEY-----\n"

#define PEM_PUBLIC_RSA \
    "-----BEGIN PUBLIC KEY-----\n" \
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDzQeHl6UAkCgm/7dm3gAHCb8j0\n" \
    "atznOsrNqQ5i1MPSPH2i7RKpxTZLNvtsu/UNps3o6jnqgr7Cit7uePKSaGfqmfSn\n" \
    "18leClJsvs0L4NK2zVNGhLkhX6Cjtvq9+lA/a5yIelT6kqVUd6KgYKPYEcsbFKvO\n" \
    "CW71Wfqp077WZcQ8mwIDAQAB\n" \
    "-----END PUBLIC KEY-----\n"

#define PEM_PRIVATE_RSA \
    "-----BEGIN PRIVATE KEY-----\n" \
    "MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBAPNB4eXpQCQKCb/t\n" \
    "2beAAcJvyPRq3Oc6ys2pDmLUw9I8faLtEqnFNks2+2y79Q2mzejqOeqCvsKK3u54\n" \
    "8pJoZ+qZ9KfXyV4KUmy+zQvg0rbNU0aEuSFfoKO2+r36UD9rnIh6VPqSpVR3oqBg\n" \
    "o9gRyxsUq84JbvVZ+qnTvtZlxDybAgMBAAECgYASKWARR0nnpuw1bS+tGJyJBMmP\n" \
    "Hg9iICyWEEIntNTt9GA48tRK4pN8KB27b4kLPOHwutQaIyrU4YNlcJhDwBHJ9/IJ\n" \
    "qK4orgDJrmkN6L1hbtDAAbxQz/TWU7998pThw3q4BuIdCnCt88FdNFXEt4xA3uzv\n" \
    "puTetDPKWjx3DKMgaQJBAP2gnWrjUo1w6/swJwPyNtSLbKIHMAY9m4R1Oem7/C0M\n" \
    "cTpGUJWgGmcALyyDjUB0ucKbcXijEz+b/IbLN8avY+cCQQD1iG7yN/VmhBOdbvDN\n" \
    "bXChw3cvbl6UDjUBMY8MTEC20goWJFQM8LJuAjBymOLk9XZX/HMtNHBbOGb7Skxe\n" \
    "nUstAkAcwgR3ZTUsEny/a5NQ8DrlWLXFnXkFjCDBISWi6gzK8tk32Vcz0AaOXUf8\n" \
    "DSKMB3A0r7lrC1qYYNB+XDaD0clLAkEAtknklNAW0VWdenSzMtDdnjuQcRZwAVvK\n" \
    "3mf83BSAtzqZYnb2L+VDk4jsjygSzAmxIwG6QQV9pTvquQYgTN5awQJAZtvWj6qI\n" \
    "XgjAnUAzxgC6LNUOLmRTrrB5sHUE/PAHlDue+XOH3zVqlq4pTQ6V9/ZqxV/FIEKr\n" \
    "PFas5du7hBA7zQ==\n" \
    "-----END PRIVATE KEY-----\n"

/* kid "ec", the payload of forge.h */
#define TOKEN_ES256 \
    "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImVjIn0.eyJpZCI6IjAxMjM0NTY3ODlhYmNk" \
    "ZWYwMTIzNDU2NyIsInN1YiI6IjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2NyIsInNpZCI6Ijg5YWJjZGVm" \
    "MDEyMzQ1Njc4OWFiY2RlZiIsInJvbGUiOiJwbGF5ZXIiLCJpc3MiOiJhcmNoLmhvbWV3b3JrIiwiYXVk" \
    "IjoiYXJjaC5ob21ld29yayIsImlhdCI6MTAwMDAsImV4cCI6MTM2MDB9.UPGtjSOLDEYvCPKrgxmLWUQ" \
    "LxQcc4Xc3E7GTDM8ZklUShNCHnNC0S-cFfEfMn2U2kbYuH8rGPZwEoJrrZMym8g"

/* the same with the signature in DER, as X.509 has it and JWS must not */
#define TOKEN_ES256_DER \
    "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImVjIn0.eyJpZCI6IjAxMjM0NTY3ODlhYmNk" \
    "ZWYwMTIzNDU2NyIsInN1YiI6IjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2NyIsInNpZCI6Ijg5YWJjZGVm" \
    "MDEyMzQ1Njc4OWFiY2RlZiIsInJvbGUiOiJwbGF5ZXIiLCJpc3MiOiJhcmNoLmhvbWV3b3JrIiwiYXVk" \
    "IjoiYXJjaC5ob21ld29yayIsImlhdCI6MTAwMDAsImV4cCI6MTM2MDB9.MEUCIGB7nAnbu5WQrNq9PK0" \
    "yB6znd5ITCIz2Zrzr71z-6bYJAiEAjod9QCbEUk932PsWn-w_gE3q0F2-g9IwCy38fH02GiM"

/* clang-format on */

#endif
