/* JSON from a client -> a struct, by a table of fields; every fault found at once.
 *
 *     static const struct field signup_fields[] = {
 *         { "username", FIELD_REQUIRED, offsetof(struct signup, username),
 *           sizeof((struct signup *)0)->username, 0, read_username },
 *     };
 *
 * RFC 8259 as I-JSON (RFC 7493) narrows it: UTF-8, no duplicate names, numbers a double or an int64
 * can hold; besides no NUL, nesting at most 8, no member that the table lacks. */
#ifndef JSON_DECODE_H
#define JSON_DECODE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include "base/auto.h"
#include "base/error.h"

AUTO_DEFINE(json, json_t *, json_decref);

/* Open arrays and objects at one time; a client's body has no reason to be deeper. */
enum { JSON_DEPTH_MAX = 8 };

/* Faults of one body, in the order they were found, as problem+json wants them:
 * [{"pointer": "/price", "code": "range", "detail": "…"}]. After 100 of them the last one's detail
 * says that there are more. Start it zeroed. */
struct faults {
    json_t *list;   /* NULL: none */
    bool no_memory; /* the list is not whole */
};

/* `pointer` is an RFC 6901 pointer, already escaped ("" is the whole body); `detail` says what
 * to do. */
void faults_add(struct faults *faults, const char *pointer, const char *code, const char *detail);
/* The same for a member of the body: escapes its name. */
void faults_add_member(struct faults *faults, const char *member, const char *code,
                       const char *detail);
bool faults_any(const struct faults *faults);
void faults_done(struct faults *faults);

/* What a reader says of a value: FAULT_NONE, or why not. `detail` is static text. */
struct field_fault {
    const char *code; /* "type", "format", "too-short", "too-long", "range", … */
    const char *detail;
};

enum field_need { FIELD_REQUIRED, FIELD_OPTIONAL };

struct field {
    const char *name;
    enum field_need need;
    size_t offset; /* where in the target */
    size_t size;   /* bytes there */
    size_t given;  /* offset of a bool that is set when the member was there; 0: none */
    /* Puts the value at `out`; false fills `fault` and leaves `out` alone. */
    bool (*read)(const json_t *value, void *out, size_t size, struct field_fault *fault);
};

enum decode_result {
    DECODE_OK,
    DECODE_MALFORMED, /* no JSON as described above; `faults` stays empty */
    DECODE_INVALID,   /* JSON, but not what was asked for: `faults` says all of it */
    DECODE_NO_MEMORY,
};

/* One JSON text -> tree. `length` bytes, no NUL needed. OK: the caller owns *root. */
enum decode_result json_parse(const char *text, size_t length, json_t **root) MUST_USE;

/* Body -> target (zeroed by the caller). On anything but OK the target may be half filled. */
enum decode_result json_decode(const char *text, size_t length, const struct field fields[],
                               size_t count, void *target, struct faults *faults) MUST_USE;

/* A reader for text: copies a string of min..max code points that fits `size` with its NUL. */
bool json_read_text(const json_t *value, char *out, size_t size, size_t min, size_t max,
                    struct field_fault *fault) MUST_USE;

/* Code points of valid UTF-8. */
size_t utf8_length(const char *text);

#endif
