/* A store that can be told to fail, over a real one. */
#ifndef UNIT_USER_FAULTY_STORE_H
#define UNIT_USER_FAULTY_STORE_H

#include <stdbool.h>
#include "store/user_store.h"

/* Hands every call on, but the `fail_at`-th (0: none) fails with `code` in place of it. */
struct faulty_store {
    struct user_store base;
    struct user_store *real;
    unsigned calls, fail_at;
    enum err code;
    void (*before_call)(void); /* NULL, or what each call begins with */
    /* NULL, or what another replica does just before the call. */
    void (*before_put)(struct faulty_store *store, const struct account *from);
    void (*before_rotate)(struct faulty_store *store, const struct rotation *rotation);
    void (*before_end)(struct faulty_store *store, const struct session *from);
};

static inline struct faulty_store *faulty(struct user_store *store, struct error *err, bool *fails)
{
    struct faulty_store *self = (struct faulty_store *)store;

    if (self->before_call)
        self->before_call();
    *fails = ++self->calls == self->fail_at;
    if (*fails)
        error_set(err, self->code, 0, "told to fail");
    return self;
}

/* The body of each: counts, fails or hands on. */
#define FAULTY(call, ...)                                                                          \
    bool fails;                                                                                    \
    struct faulty_store *self = faulty(store, err, &fails);                                        \
    return !fails && user_store_##call(self->real, __VA_ARGS__, err)

static inline int64_t faulty_now(struct user_store *store)
{
    return user_store_now(((struct faulty_store *)store)->real);
}

static inline bool faulty_add_user(struct user_store *store, const struct account *account,
                                   enum add_user_outcome *outcome, struct error *err)
{
    FAULTY(add_user, account, outcome);
}

static inline bool faulty_get_account(struct user_store *store, const struct id *id,
                                      struct account *account, bool *found, struct error *err)
{
    FAULTY(get_account, id, account, found);
}

static inline bool faulty_find_account(struct user_store *store, const struct user_key *key,
                                       struct account *account, bool *found, struct error *err)
{
    FAULTY(find_account, key, account, found);
}

static inline bool faulty_put_account(struct user_store *store, const struct account *from,
                                      const struct account *to, enum put_account_outcome *outcome,
                                      struct error *err)
{
    struct faulty_store *itself = (struct faulty_store *)store;

    if (itself->before_put)
        itself->before_put(itself, from);
    FAULTY(put_account, from, to, outcome);
}

static inline bool faulty_delete_account(struct user_store *store, const struct account *from,
                                         enum put_account_outcome *outcome, struct error *err)
{
    FAULTY(delete_account, from, outcome);
}

static inline bool faulty_list_users(struct user_store *store, const struct user_query *query,
                                     struct user users[], size_t *count, struct error *err)
{
    FAULTY(list_users, query, users, count);
}

static inline bool faulty_has_admin(struct user_store *store, bool *has, struct error *err)
{
    FAULTY(has_admin, has);
}

static inline bool faulty_add_session(struct user_store *store, const struct session *session,
                                      struct error *err)
{
    FAULTY(add_session, session);
}

static inline bool faulty_get_session(struct user_store *store, const struct id *id,
                                      struct session *session, struct account *account, bool *found,
                                      struct error *err)
{
    FAULTY(get_session, id, session, account, found);
}

static inline bool faulty_rotate_session(struct user_store *store, const struct rotation *rotation,
                                         enum rotate_outcome *outcome, struct error *err)
{
    struct faulty_store *itself = (struct faulty_store *)store;

    if (itself->before_rotate)
        itself->before_rotate(itself, rotation);
    FAULTY(rotate_session, rotation, outcome);
}

static inline bool faulty_end_session(struct user_store *store, const struct id *id,
                                      struct error *err)
{
    FAULTY(end_session, id);
}

static inline bool faulty_end_session_as_read(struct user_store *store, const struct session *from,
                                              bool *ended, struct error *err)
{
    struct faulty_store *itself = (struct faulty_store *)store;

    if (itself->before_end)
        itself->before_end(itself, from);
    FAULTY(end_session_as_read, from, ended);
}

static inline bool faulty_get_counter(struct user_store *store, const struct digest *key,
                                      struct counter *counter, struct error *err)
{
    FAULTY(get_counter, key, counter);
}

static inline bool faulty_put_counter(struct user_store *store, const struct digest *key,
                                      const struct counter *from, const struct counter *to,
                                      bool *put, struct error *err)
{
    FAULTY(put_counter, key, from, to, put);
}

static inline bool faulty_delete_counter(struct user_store *store, const struct digest *key,
                                         struct error *err)
{
    FAULTY(delete_counter, key);
}

static inline bool faulty_add_recovery(struct user_store *store, const struct recovery *recovery,
                                       struct error *err)
{
    FAULTY(add_recovery, recovery);
}

static inline bool faulty_claim_recovery(struct user_store *store, const struct id *claim,
                                         int64_t now, int64_t lease_until,
                                         struct recovery *recovery, bool *found, struct error *err)
{
    FAULTY(claim_recovery, claim, now, lease_until, recovery, found);
}

static inline bool faulty_postpone_recovery(struct user_store *store, const struct id *id,
                                            const struct id *claim, int64_t due_at,
                                            struct error *err)
{
    FAULTY(postpone_recovery, id, claim, due_at);
}

static inline bool faulty_delete_recovery(struct user_store *store, const struct id *id,
                                          const struct id *claim, struct error *err)
{
    FAULTY(delete_recovery, id, claim);
}

static inline bool faulty_add_audit(struct user_store *store, const struct audit_event *event,
                                    struct error *err)
{
    FAULTY(add_audit, event);
}

static inline bool faulty_list_audit(struct user_store *store, const struct audit_query *query,
                                     struct audit_event events[], size_t *count, struct error *err)
{
    FAULTY(list_audit, query, events, count);
}

static inline bool faulty_sweep(struct user_store *store, enum sweep what, int64_t before,
                                size_t limit, size_t *deleted, struct error *err)
{
    FAULTY(sweep, what, before, limit, deleted);
}

static inline bool faulty_probe(struct user_store *store, struct error *err)
{
    bool fails;
    struct faulty_store *self = faulty(store, err, &fails);

    return !fails && user_store_probe(self->real, err);
}

static inline const struct user_store_functions *faulty_functions(void)
{
    static const struct user_store_functions functions = {
        .now = faulty_now,
        .add_user = faulty_add_user,
        .get_account = faulty_get_account,
        .find_account = faulty_find_account,
        .put_account = faulty_put_account,
        .delete_account = faulty_delete_account,
        .list_users = faulty_list_users,
        .has_admin = faulty_has_admin,
        .add_session = faulty_add_session,
        .get_session = faulty_get_session,
        .rotate_session = faulty_rotate_session,
        .end_session = faulty_end_session,
        .end_session_as_read = faulty_end_session_as_read,
        .get_counter = faulty_get_counter,
        .put_counter = faulty_put_counter,
        .delete_counter = faulty_delete_counter,
        .add_recovery = faulty_add_recovery,
        .claim_recovery = faulty_claim_recovery,
        .postpone_recovery = faulty_postpone_recovery,
        .delete_recovery = faulty_delete_recovery,
        .add_audit = faulty_add_audit,
        .list_audit = faulty_list_audit,
        .sweep = faulty_sweep,
        .probe = faulty_probe,
    };
    return &functions;
}

#endif
