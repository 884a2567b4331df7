/* What the store itself can do: a bare loop that commits the rows of N orders at a time, with the
 * same schema, rows and durability as order-svc, and nothing else.
 *
 *     sqlite_loop PATH BATCH SECONDS     PATH: a copy of order-svc's own database
 *
 * BATCH may be a fraction (the mean batch of a run): 12.4 commits 12 rows, sometimes 13. Prints one
 * JSON line. */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ID_BYTES = 12, LINGER_MS = 500 };

struct loop {
    sqlite3 *db;
    sqlite3_stmt *record, *order;
    uint64_t seed;
    unsigned char user[ID_BYTES];
};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* splitmix64: ids only have to be as spread as the service's. */
static uint64_t next_random(struct loop *loop)
{
    uint64_t z = loop->seed += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

static void check(struct loop *loop, bool good)
{
    if (good)
        return;
    fprintf(stderr, "sqlite_loop: %s\n", sqlite3_errmsg(loop->db));
    exit(1);
}

static void run_statement(struct loop *loop, sqlite3_stmt *statement)
{
    check(loop, sqlite3_step(statement) == SQLITE_DONE);
    check(loop, sqlite3_reset(statement) == SQLITE_OK);
}

static void add_one(struct loop *loop, uint64_t number)
{
    unsigned char id[ID_BYTES];
    uint64_t random[2] = { next_random(loop), next_random(loop) };
    memcpy(id, random, sizeof id);
    char request_id[33];
    snprintf(request_id, sizeof request_id, "loop-%llu", (unsigned long long)number);
    int64_t now = (int64_t)time(NULL) * 1000;

    sqlite3_bind_blob(loop->record, 1, id, ID_BYTES, SQLITE_STATIC);
    sqlite3_bind_blob(loop->record, 2, loop->user, ID_BYTES, SQLITE_STATIC);
    sqlite3_bind_text(loop->record, 3, request_id, -1, SQLITE_STATIC);
    sqlite3_bind_int64(loop->record, 4, 40000);
    sqlite3_bind_int64(loop->record, 5, now);
    sqlite3_bind_int64(loop->record, 6, now + LINGER_MS);
    sqlite3_bind_int64(loop->record, 7, now);
    run_statement(loop, loop->record);

    sqlite3_bind_blob(loop->order, 1, id, ID_BYTES, SQLITE_STATIC);
    sqlite3_bind_blob(loop->order, 2, loop->user, ID_BYTES, SQLITE_STATIC);
    sqlite3_bind_int64(loop->order, 3, 40000);
    sqlite3_bind_int64(loop->order, 4, now);
    run_statement(loop, loop->order);
}

static void open_database(struct loop *loop, const char *path)
{
    static const char *const setup = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;";

    check(loop, sqlite3_open_v2(path, &loop->db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK);
    check(loop, sqlite3_exec(loop->db, setup, NULL, NULL, NULL) == SQLITE_OK);
    check(loop,
          sqlite3_prepare_v2(loop->db,
                             "INSERT INTO records (order_id, user_id, request_id, price, date,"
                             " traceparent, state, due_at, attempts, created_at) VALUES"
                             " (?, ?, ?, ?, ?, '', 0, ?, 0, ?) ON CONFLICT DO NOTHING",
                             -1, &loop->record, NULL) == SQLITE_OK);
    check(loop, sqlite3_prepare_v2(loop->db,
                                   "INSERT INTO orders (id, user_id, price, date, status) VALUES"
                                   " (?, ?, ?, ?, 0) ON CONFLICT DO NOTHING",
                                   -1, &loop->order, NULL) == SQLITE_OK);
}

int main(int argc, char *argv[])
{
    if (argc != 4) {
        fprintf(stderr, "usage: sqlite_loop PATH BATCH SECONDS\n");
        return 2;
    }
    double batch = strtod(argv[2], NULL), seconds = strtod(argv[3], NULL);
    struct loop loop = { .seed = (uint64_t)time(NULL) };
    memset(loop.user, 0xab, sizeof loop.user);
    open_database(&loop, argv[1]);

    uint64_t orders = 0, commits = 0;
    double owed = 0, started = now_s(), ended = started;
    while (ended - started < seconds) {
        check(&loop, sqlite3_exec(loop.db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK);
        owed += batch;
        while (owed >= 1) {
            add_one(&loop, orders++);
            owed -= 1;
        }
        check(&loop, sqlite3_exec(loop.db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK);
        commits++;
        ended = now_s();
    }
    printf("{\"orders\": %llu, \"commits\": %llu, \"seconds\": %.6f}\n", (unsigned long long)orders,
           (unsigned long long)commits, ended - started);
    sqlite3_finalize(loop.record);
    sqlite3_finalize(loop.order);
    sqlite3_close(loop.db);
    return 0;
}
