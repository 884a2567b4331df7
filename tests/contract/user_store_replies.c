#include "contract/user_store_replies.h"

#include "base/clock.h"

struct user_store *open_to_replies(const struct canned_reply replies[], size_t *count)
{
    const struct account ours = nth_account(1);
    struct error err = { 0 };

    assert_string_equal(id_format(&ours.user.id).hex, OURS_HEX);
    canned_mongo_script(NULL, 0);
    struct user_store *store = user_store_mongo_open(canned_mongo_uri(), &system_clock, &err);
    if (!store)
        fail_msg("cannot open: %s", err.detail);
    for (*count = 0; replies[*count].command;)
        ++*count;
    canned_mongo_script(replies, *count);
    return store;
}
