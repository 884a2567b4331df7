/* Faults of port calls, by chance. */
#include "sim/faults.h"

void faults_refuse_store(struct store_step *step)
{
    step->error = ERR_UNAVAILABLE;
}

/* Those that may have been done although the call failed. */
static bool changes_something(enum store_call call)
{
    return call == CALL_CLAIM || call == CALL_CONFIRM_ORDERS || call == CALL_CONFIRM_RECORDS ||
           call == CALL_RELEASE || call == CALL_PARK || call == CALL_PURGE ||
           call == CALL_ADD_RECORDS || call == CALL_ADD_ORDERS;
}

void faults_inject_store(struct store_step *step, struct seeded_random *random)
{
    bool as_a_whole = !step->faults || seeded_chance(random, 30);

    if (as_a_whole && (!changes_something(step->call) || seeded_chance(random, 50))) {
        step->error = ERR_UNAVAILABLE;
        return;
    }
    if (as_a_whole)
        step->error = ERR_UNKNOWN;
    for (size_t i = 0; step->faults && i < step->count; i++)
        step->faults[i] = (enum write_fault)seeded_below(random, FAULT_UNKNOWN_LATER + 1);
}

void faults_all_events(struct publish_step *step, enum event_fault fault)
{
    for (size_t i = 0; i < step->count; i++)
        step->faults[i] = fault;
}

void faults_inject_publisher(struct publish_step *step, struct seeded_random *random)
{
    static const enum event_fault faults[] = { EVENT_FINE, EVENT_FAILED, EVENT_UNKNOWN_LOST,
                                               EVENT_UNKNOWN_DELIVERED, EVENT_UNKNOWN_LATER };

    for (size_t i = 0; i < step->count; i++)
        step->faults[i] = faults[seeded_below(random, sizeof faults / sizeof *faults)];
}
