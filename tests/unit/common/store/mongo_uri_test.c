/* What STORE_URI may ask of MongoDB: all but less than we promise, and nothing of it is told on. */
#include "unit/support/tests.h"

#include <string.h>

#include "store/mongo_uri.h"

static const struct uri_case {
    const char *name, *uri;
    const char *fault; /* how it begins; NULL: it is good */
} uri_cases[] = {
    { "uri: a host", "mongodb://host", NULL },
    { "uri: all of it", "mongodb://user:p%40ss@a:27017,b:27018/db?replicaSet=rs0&tls=true", NULL },
    { "uri: what we promise", "mongodb://host/?w=majority&journal=true&readConcernLevel=majority",
      NULL },
    { "uri: longer waits", "mongodb://host/?socketTimeoutMS=600000&wtimeoutMS=60000", NULL },
    { "uri: reads once more", "mongodb://host/?retryReads=true", NULL },
    { "uri: no writes once more", "mongodb://host/?retryWrites=false", NULL },
    { "uri: writes once more", "mongodb://host/?retryWrites=true&w=majority",
      "retryWrites must be false or left out: " },
    { "uri: no host", "mongodb://", "no URI that " },
    { "uri: a port that is none", "mongodb://host:port", "no URI that " },
    { "uri: a password that is not encoded", "mongodb://user:se%cret@host", "no URI that " },
    { "uri: one acknowledgement", "mongodb://host/?w=1", "w must be " },
    { "uri: no acknowledgement", "mongodb://host/?w=0", "w must be " },
    { "uri: a tag", "mongodb://host/?w=west", "w must be " },
    { "uri: no journal", "mongodb://host/?journal=false", "journal must be " },
    { "uri: local reads", "mongodb://host/?readConcernLevel=local", "readConcernLevel must be " },
    { "uri: a secondary's reads", "mongodb://host/?readPreference=secondary",
      "readPreference must be " },
};

static void uris_are_judged(void **state)
{
    const struct uri_case *c = *state;
    struct error err = { 0 };

    assert_int_equal(mongo_uri_check(c->uri, &err), !c->fault);
    assert_int_equal(err.code, c->fault ? ERR_CONFIG : ERR_NONE);
    if (c->fault)
        assert_memory_equal(err.detail, c->fault, strlen(c->fault));
    assert_null(strstr(err.detail, "cret"));
}

static const struct scheme_case {
    const char *name, *uri;
    bool is;
} scheme_cases[] = {
    { "scheme: mongodb", "mongodb://host", true },
    { "scheme: by DNS", "mongodb+srv://host", true },
    { "scheme: SQLite", "sqlite:x", false },
    { "scheme: no slashes", "mongodb:host", false },
    { "scheme: in capitals", "MONGODB://host", false },
    { "scheme: nothing", "", false },
};

static void schemes_are_told_apart(void **state)
{
    const struct scheme_case *c = *state;

    assert_int_equal(mongo_uri_is(c->uri), c->is);
}

int main(void)
{
    struct tests tests = { 0 };

    ADD_ROWS(&tests, uris_are_judged, uri_cases);
    ADD_ROWS(&tests, schemes_are_told_apart, scheme_cases);
    return tests_run("mongo_uri", &tests);
}
