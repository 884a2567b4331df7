/* Our types in documents and back. What another version of us or a stranger wrote is looked at
 * strictly: a field is what it must be, or it is not there. */
#include "store/mongo.h"

#include <string.h>

_Static_assert(sizeof(bson_oid_t) == ID_BYTES, "an id is an ObjectId");

bson_oid_t mongo_oid(const struct id *id)
{
    bson_oid_t oid;

    memcpy(oid.bytes, id->bytes, ID_BYTES);
    return oid;
}

bson_t *mongo_ids(const struct id ids[], size_t count)
{
    bson_t *array = bson_new();

    for (uint32_t i = 0; i < count; i++) {
        char space[16];
        const char *key;
        const bson_oid_t oid = mongo_oid(&ids[i]);
        size_t length = bson_uint32_to_string(i, &key, space, sizeof space);
        bson_append_oid(array, key, (int)length, &oid);
    }
    return array;
}

static bool find(const bson_t *document, const char *name, bson_type_t type, bson_iter_t *field)
{
    return bson_iter_init_find(field, document, name) && bson_iter_type(field) == type;
}

bool mongo_field_is(const bson_t *document, const char *name)
{
    return bson_has_field(document, name);
}

bool mongo_field_id(const bson_t *document, const char *name, struct id *out)
{
    bson_iter_t field;

    if (!find(document, name, BSON_TYPE_OID, &field))
        return false;
    memcpy(out->bytes, bson_iter_oid(&field)->bytes, ID_BYTES);
    return true;
}

/* A store may give a small number in the smaller type; n and ok come even as doubles. */
bool mongo_field_number(const bson_t *document, const char *name, int64_t *out)
{
    bson_iter_t field;

    if (!bson_iter_init_find(&field, document, name) || !BSON_ITER_HOLDS_NUMBER(&field))
        return false;
    *out = bson_iter_as_int64(&field);
    return true;
}

bool mongo_field_number32(const bson_t *document, const char *name, uint32_t *out)
{
    int64_t number = 0;

    if (!mongo_field_number(document, name, &number) || number < 0 || number > UINT32_MAX)
        return false;
    *out = (uint32_t)number;
    return true;
}

bool mongo_field_date(const bson_t *document, const char *name, int64_t *out)
{
    bson_iter_t field;

    if (!find(document, name, BSON_TYPE_DATE_TIME, &field))
        return false;
    *out = bson_iter_date_time(&field);
    return true;
}

bool mongo_field_flag(const bson_t *document, const char *name, bool *out)
{
    bson_iter_t field;

    if (!find(document, name, BSON_TYPE_BOOL, &field))
        return false;
    *out = bson_iter_bool(&field);
    return true;
}

bool mongo_field_text(const bson_t *document, const char *name, char *out, size_t size)
{
    bson_iter_t field;
    uint32_t length = 0;

    if (!find(document, name, BSON_TYPE_UTF8, &field))
        return false;
    const char *text = bson_iter_utf8(&field, &length);
    if (length >= size || memchr(text, '\0', length))
        return false;
    memcpy(out, text, length + 1);
    return true;
}

bool mongo_field_bytes(const bson_t *document, const char *name, void *out, size_t size)
{
    bson_iter_t field;
    bson_subtype_t subtype = BSON_SUBTYPE_BINARY;
    const uint8_t *bytes = NULL;
    uint32_t length = 0;

    if (!find(document, name, BSON_TYPE_BINARY, &field))
        return false;
    bson_iter_binary(&field, &subtype, &length, &bytes);
    if (length != size)
        return false;
    memcpy(out, bytes, size);
    return true;
}
