/* The collections of order-svc on MongoDB: schema, and documents to structs and back. Shared by the
 * two halves of the adapter: order_store_mongo.c (intake, reading), outbox_mongo.c. */
#ifndef STORE_ORDER_DOCUMENTS_MONGO_H
#define STORE_ORDER_DOCUMENTS_MONGO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/error.h"
#include "store/mongo.h"
#include "store/order_store.h"

#define RECORDS "records"
#define ORDERS  "orders"

extern const struct mongo_options order_collections; /* without a URI */

struct order_store_mongo {
    struct order_store store;
    struct mongo *mongo;
};

/* "pending", "done", "parked". */
const char *record_state_name(enum record_state state);

/* Append all fields. */
void record_append(bson_t *document, const struct record *record);
void order_append(bson_t *document, const struct order *order);

/* Reads a document; false: it is not one of ours (ERR_BUG), `out` untouched. */
bool record_of_document(const bson_t *document, struct record *out, struct error *err) MUST_USE;
bool order_of_document(const bson_t *document, struct order *out, struct error *err) MUST_USE;

/* Where what is found goes: one of the two. */
struct order_target {
    struct order *orders;
    struct record *records;
};

/* Reads what matches `filter`, which lets through documents with an _id among `ids` only, and puts
 * it where its id stands. */
bool order_documents_find(struct mongo_session *session, const bson_t *filter,
                          const struct id ids[], size_t count, struct order_target target,
                          bool found[], struct error *err) MUST_USE;

/* {_id: {$in: ids}}; the caller's. */
bson_t *order_documents_among(const struct id ids[], size_t count);

/* The outbox's part of the port. */
bool outbox_mongo_claim(struct order_store *store, const struct id *owner, int64_t now,
                        int64_t lease_until, size_t max, struct record records[], size_t *count,
                        struct error *err);
bool outbox_mongo_confirm_orders(struct order_store *store, const struct id ids[], size_t count,
                                 bool processing[], struct error *err);
bool outbox_mongo_confirm_records(struct order_store *store, const struct id *owner,
                                  const struct id ids[], size_t count, size_t *confirmed,
                                  struct error *err);
bool outbox_mongo_release(struct order_store *store, const struct id *owner, const struct id ids[],
                          const int64_t due_at[], size_t count, struct error *err);
bool outbox_mongo_park(struct order_store *store, const struct id *owner, const struct id *id,
                       struct error *err);
bool outbox_mongo_purge(struct order_store *store, int64_t created_before, size_t max,
                        size_t *purged, struct error *err);
bool outbox_mongo_stats(struct order_store *store, struct outbox_stats *stats, struct error *err);
bool outbox_mongo_probe(struct order_store *store, struct error *err);

#endif
