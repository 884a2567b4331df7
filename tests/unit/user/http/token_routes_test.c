/* The key set: each public key, nothing of a secret; and whom GET /auth tells of. */
#include "unit/common/auth/key_directory.h"
#include "unit/common/auth/pem_fixtures.h"
#include "unit/common/http/request_making.h"
#include "unit/support/oom.h"

#include <sodium.h>

#include "http/routes.h"
#include "http/token_routes.h"

#define SECRET "unit tests sign with 8f2c61d07be94a35"

/* PEM_PUBLIC's point, taken out of its DER by hand. */
#define POINT                                                                                      \
    "\"x\":\"1ukEXdMcUQIp0Br9C7jQYjMdIYP3FAiP5fXkdvnCCnA\","                                       \
    "\"y\":\"MznnvqQblA3X9ysLV1PUv2UM0TskPgA4Z2HsBNTYX9Q\""

#define JWK(kid)                                                                                   \
    "{\"kty\":\"EC\",\"crv\":\"P-256\"," POINT ",\"kid\":\"" kid "\",\"use\":\"sig\","             \
    "\"alg\":\"ES256\"}"

static const struct set_case {
    const char *name;
    struct {
        const char *name, *text;
    } files[3];
    const char *active, *body;
} set_cases[] = {
    { "set: a private key", { { "a.pem", PEM_PRIVATE } }, "a", "{\"keys\":[" JWK("a") "]}" },
    { "set: a public key", { { "a.pem", PEM_PUBLIC } }, NULL, "{\"keys\":[" JWK("a") "]}" },
    { "set: both, and a secret",
      { { "new.pem", PEM_PRIVATE }, { "mac.secret", SECRET }, { "old.pem", PEM_PUBLIC } },
      "new",
      "{\"keys\":[" JWK("new") "," JWK("old") "]}" },
    { "set: secrets alone", { { "a.secret", SECRET } }, "a", "{\"keys\":[]}" },
};

static struct key_ring *open_ring(const struct set_case *c, const struct key_directory *directory)
{
    struct error err = { 0 };

    for (size_t i = 0; i < 3 && c->files[i].name; i++)
        key_directory_text(directory, c->files[i].name, c->files[i].text);
    struct key_ring *ring = key_directory_open(directory, c->active, &err);
    if (!ring)
        fail_msg("%s", err.detail);
    return ring;
}

static void answer_of(struct user_service *service, struct jwks_state *state,
                      struct response *response)
{
    jwks_run(service, (void *const[]){ state }, 1);
    jwks_encode(state, response);
}

static void public_keys_are_told(void **state)
{
    const struct set_case *c = *state;
    AUTO(key_directory) struct key_directory directory = key_directory_new();
    AUTO(key_ring) struct key_ring *ring = open_ring(c, &directory);
    struct user_service service = { .users = { .keys = ring } };
    struct jwks_state s = { NULL };
    struct response response = { 0 };

    answer_of(&service, &s, &response);
    assert_int_equal(response.status, 200);
    assert_string_equal(response.body.data, c->body);
    assert_int_equal(response.header_count, 1);
    assert_string_equal(response.headers[0].name, "Cache-Control");
    assert_string_equal(response.headers[0].value, "public, max-age=300");
    response_done(&response);
    jwks_release(&s);
}

/* A key is never left out for want of memory: whoever reads that would refuse good tokens. */
static void without_memory_there_is_no_set(void **state)
{
    (void)state;
    AUTO(key_directory) struct key_directory directory = key_directory_new();
    AUTO(key_ring) struct key_ring *ring = open_ring(&set_cases[2], &directory);
    struct user_service service = { .users = { .keys = ring } };
    bool failed = true;
    unsigned n = 0;

    while (failed) {
        struct jwks_state s = { NULL };
        struct response response = { 0 };

        oom_fail_at(++n);
        answer_of(&service, &s, &response);
        failed = oom_stop();
        assert_int_equal(response.body.failed, failed);
        response_done(&response);
        jwks_release(&s);
    }
    assert_true(n > 20);
}

/* A request that waits for its answer while keys are removed has those that it began with. */
static void a_set_that_is_held_outlives_a_reload(void **state)
{
    (void)state;
    AUTO(key_directory) struct key_directory directory = key_directory_new();
    AUTO(key_ring) struct key_ring *ring = open_ring(&set_cases[2], &directory);
    struct user_service service = { .users = { .keys = ring } };
    struct jwks_state s = { NULL };
    struct response response = { 0 };
    struct error err = { 0 };

    jwks_run(&service, (void *const[]){ &s }, 1);
    key_directory_delete(&directory, "old.pem");
    assert_true(key_ring_reload(ring, &err));
    jwks_encode(&s, &response);
    assert_string_equal(response.body.data, set_cases[2].body);
    response_done(&response);
    jwks_release(&s);
}

/* A state that never ran, as of a request that was refused, holds no set. */
static void an_empty_state_is_released(void **state)
{
    (void)state;
    struct jwks_state s = { NULL };

    jwks_release(&s);
}

static void the_role_is_the_one_that_authorize_found(void **state)
{
    (void)state;
    struct request request = { .peer = "192.0.2.1", .caller = { .role = ROLE_PLAYER } };
    struct auth_state s = { NULL };
    struct response response = { 0 };
    struct problem problem = { .type = PROBLEM_NONE };

    assert_true(id_parse("0123456789abcdef01234567", ID_HEX, &request.caller.user_id));
    assert_true(auth_decode(&request, &s, &problem));
    request.caller.role = ROLE_ADMIN; /* as user_authorize() does */
    auth_encode(&s, &response);
    assert_int_equal(response.status, 200);
    assert_int_equal(response.body.length, 0);
    assert_int_equal(response.header_count, 2);
    assert_string_equal(response.headers[0].name, "X-User-Id");
    assert_string_equal(response.headers[0].value, "0123456789abcdef01234567");
    assert_string_equal(response.headers[1].name, "X-User-Role");
    assert_string_equal(response.headers[1].value, "admin");
    response_done(&response);
}

int main(void)
{
    struct tests tests = { 0 };

    assert_true(sodium_init() >= 0);
    ADD_ROWS(&tests, public_keys_are_told, set_cases);
    ADD_TEST(&tests, without_memory_there_is_no_set);
    ADD_TEST(&tests, a_set_that_is_held_outlives_a_reload);
    ADD_TEST(&tests, an_empty_state_is_released);
    ADD_TEST(&tests, the_role_is_the_one_that_authorize_found);
    return tests_run("token_routes", &tests);
}
