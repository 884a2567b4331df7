/* A small world's steps in words. */
#include "sim/small_world.h"

static const char *const record_states[] = {
    [RECORD_PENDING] = "pending", [RECORD_DONE] = "done", [RECORD_PARKED] = "parked"
};

static const char *call_name(const struct actor *actor)
{
    return actor->stands_at == TOLD_PUBLISH ? "publish" : store_call_name(actor->stands_at);
}

static void tell_actor(const struct moment *from, const struct moment *to, struct choice choice,
                       char *text, size_t size)
{
    static const char *const endings[ENDINGS] = { [ENDS_WELL] = "",
                                                  [ENDS_FAILED] = " FAILS",
                                                  [ENDS_UNKNOWN] = ", answer LOST",
                                                  [ENDS_REFUSED] = " is REFUSED" };
    const struct actor *before = &from->actors[choice.actor], *after = &to->actors[choice.actor];
    const char *who = choice.actor < from->client_count ? "client" : "replica";

    if (choice.act == ACT_CALL)
        snprintf(text, size, "%s %u: %s%s%s", who, choice.actor, call_name(before),
                 endings[choice.ending], after->task == TASK_NONE ? ", and is through" : "");
    else if (choice.act == ACT_DIE)
        snprintf(text, size, "%s %u: DIES before its %s", who, choice.actor, call_name(before));
    else
        snprintf(text, size, "%s %u: %s begins", who, choice.actor,
                 choice.act == ACT_REQUEST ? "request"
                 : choice.act == ACT_SWEEP ? "sweep"
                                           : "purge");
}

static void tell_documents(const struct moment *moment, FILE *out)
{
    for (size_t i = 0; i < moment->documents.record_count; i++) {
        const struct record *record = &moment->documents.records[i];
        fprintf(out, "  record %lld.%02lld %s", (long long)record->price / 100,
                (long long)record->price % 100, record_states[record->state]);
    }
    for (size_t i = 0; i < moment->documents.order_count; i++) {
        const struct order *order = &moment->documents.orders[i];
        fprintf(out, "  order %lld.%02lld %s", (long long)order->price / 100,
                (long long)order->price % 100, order_status_name(order->status));
    }
    fprintf(out, "  topic %zu", moment->broker.topic.count);
    if (moment->documents.late_count + moment->broker.in_flight.count > 0)
        fprintf(out, "  in flight %zu",
                moment->documents.late_count + moment->broker.in_flight.count);
    for (size_t i = 0; i < moment->checker.asked_count; i++) {
        const struct asked *asked = &moment->checker.asked[i];
        if (asked->accepted || asked->refused)
            fprintf(out, "  %lld.%02lld had%s%s", (long long)asked->price / 100,
                    (long long)asked->price % 100, asked->accepted ? " 201" : "",
                    asked->refused ? " 422" : "");
    }
    fputc('\n', out);
}

void small_world_tell(const struct small_world *small, size_t depth, struct choice choice,
                      FILE *out)
{
    const struct moment *from = &small->path[depth], *to = &small->path[depth + 1];
    char text[64];

    if (choice.act == ACT_TURN)
        snprintf(text, sizeof text, "the clock turns by two days");
    else if (choice.act == ACT_LAND)
        snprintf(text, sizeof text, "the write in flight lands");
    else if (choice.act == ACT_ARRIVE)
        snprintf(text, sizeof text, "the event in flight arrives");
    else
        tell_actor(from, to, choice, text, sizeof text);
    fprintf(out, "%3zu  %-18s %-44s", depth + 1, choice_format(choice).text, text);
    tell_documents(to, out);
}
