/* JSON -> struct. jansson parses; what it is too generous about (depth, memory) is decided here,
 * and then one pass over the table and one over the members collect every fault. */
#include "json/decode.h"

#include <string.h>

#include "base/buffer.h"
#include "json/memory.h"

/* A body of 16 KiB can hold 2,300 unknown members. All of them would take 1.7 MB for each request
 * that waits, and 8 ms of the thread that reads requests. */
enum { FAULTS_MAX = 100 };

static void tell_that_more_follow(struct faults *faults)
{
    json_t *last = json_array_get(faults->list, FAULTS_MAX - 1);

    if (json_object_set_new(last, "detail", json_string("mend this one; more faults follow")) != 0)
        faults->no_memory = true;
}

void faults_add(struct faults *faults, const char *pointer, const char *code, const char *detail)
{
    if (faults->no_memory)
        return;
    if (json_array_size(faults->list) == FAULTS_MAX) {
        tell_that_more_follow(faults);
        return;
    }

    if (!faults->list)
        faults->list = json_array();

    json_t *fault =
        json_pack("{s:s, s:s, s:s}", "pointer", pointer, "code", code, "detail", detail);
    if (json_array_append_new(faults->list, fault) != 0)
        faults->no_memory = true;
}

/* RFC 6901 section 3: ~ and / have a meaning in a pointer. */
static void append_escaped(struct buffer *pointer, const char *member)
{
    for (const char *c = member; *c; c++) {
        if (*c == '~')
            buffer_text(pointer, "~0");
        else if (*c == '/')
            buffer_text(pointer, "~1");
        else
            buffer_append(pointer, c, 1);
    }
}

void faults_add_member(struct faults *faults, const char *member, const char *code,
                       const char *detail)
{
    AUTO(buffer) struct buffer pointer = { 0 };

    buffer_text(&pointer, "/");
    append_escaped(&pointer, member);
    if (pointer.failed)
        faults->no_memory = true;
    else
        faults_add(faults, pointer.data, code, detail);
}

bool faults_any(const struct faults *faults)
{
    return faults->no_memory || json_array_size(faults->list) > 0;
}

void faults_done(struct faults *faults)
{
    json_decref(faults->list);
    *faults = (struct faults){ 0 };
}

/* Looked at before jansson sees the text, because jansson recurses. In valid JSON it counts exactly
 * what is open; where the text is not valid, jansson stops at the same place or before. */
static bool depth_is_fine(const char *text, size_t length)
{
    int depth = 0;
    bool in_string = false;

    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (in_string && c == '\\')
            i++;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && (c == '{' || c == '['))
            depth++;
        else if (!in_string && (c == '}' || c == ']'))
            depth--;
        if (depth > JSON_DEPTH_MAX)
            return false;
    }
    return true;
}

/* jansson's lexer asserts that a number it collects is whole, and it is not when its buffer could
 * not grow. Growing by doubling it holds a token twice and a half at most. */
static size_t reserve_for(size_t length)
{
    const size_t smallest_token = 16;
    return 4 * (length + smallest_token);
}

enum decode_result json_parse(const char *text, size_t length, json_t **root)
{
    /* jansson takes a NUL for the end of a number, of true, false or null, and passes it over. */
    if (memchr(text, '\0', length) || !depth_is_fine(text, length))
        return DECODE_MALFORMED;

    json_memory_watch();
    if (!json_memory_reserve(reserve_for(length)))
        return DECODE_NO_MEMORY;
    AUTO(json)
    json_t *tree = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    json_memory_release();
    if (json_memory_failed())
        return DECODE_NO_MEMORY;
    if (!tree)
        return DECODE_MALFORMED;

    *root = STEAL(tree);
    return DECODE_OK;
}

static void decode_field(const json_t *value, const struct field *field, void *target,
                         struct faults *faults)
{
    char *base = target;
    struct field_fault fault = { "type", "give a value in place of null" };

    if (!value) {
        if (field->need == FIELD_REQUIRED)
            faults_add_member(faults, field->name, "required", "add this member");
        return;
    }
    if (json_is_null(value) || !field->read(value, base + field->offset, field->size, &fault)) {
        faults_add_member(faults, field->name, fault.code, fault.detail);
        return;
    }
    if (field->given)
        *(bool *)(base + field->given) = true;
}

static bool is_known(const char *name, const struct field fields[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(fields[i].name, name) == 0)
            return true;
    return false;
}

static void decode_object(json_t *root, const struct field fields[], size_t count, void *target,
                          struct faults *faults)
{
    for (size_t i = 0; i < count; i++)
        decode_field(json_object_get(root, fields[i].name), &fields[i], target, faults);

    const char *name;
    json_t *value;
    json_object_foreach(root, name, value) if (!is_known(name, fields, count))
        faults_add_member(faults, name, "unknown", "leave this member out");
}

enum decode_result json_decode(const char *text, size_t length, const struct field fields[],
                               size_t count, void *target, struct faults *faults)
{
    AUTO(json) json_t *root = NULL;
    enum decode_result parsed = json_parse(text, length, &root);
    if (parsed != DECODE_OK)
        return parsed;

    if (json_is_object(root))
        decode_object(root, fields, count, target, faults);
    else
        faults_add(faults, "", "type", "send a JSON object");

    if (faults->no_memory)
        return DECODE_NO_MEMORY;
    return faults_any(faults) ? DECODE_INVALID : DECODE_OK;
}

bool json_read_text(const json_t *value, char *out, size_t size, size_t min, size_t max,
                    struct field_fault *fault)
{
    const char *text = json_string_value(value);
    if (!text) {
        *fault = (struct field_fault){ "type", "give a string" };
        return false;
    }

    size_t points = utf8_length(text);
    size_t bytes = json_string_length(value);
    if (points < min) {
        *fault = (struct field_fault){ "too-short", "give more characters" };
        return false;
    }
    if (points > max || bytes >= size) {
        *fault = (struct field_fault){ "too-long", "give fewer characters" };
        return false;
    }
    memcpy(out, text, bytes + 1);
    return true;
}

size_t utf8_length(const char *text)
{
    size_t points = 0;
    for (; *text; text++)
        if (((unsigned char)*text & 0xC0) != 0x80) /* a byte that continues is 10xxxxxx */
            points++;
    return points;
}
