/* Depth first, with a set of what was seen. The path is kept moment by moment, so going back costs
 * nothing and going on costs one pass of one actor. */
#include "sim/exhaustive.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/digest_set.h"

struct search {
    struct small_world *small;
    struct exhaustive_report *report;
    struct digest_set seen, recovered;
    size_t depth;
    struct frame {
        struct choice choices[CHOICES_MAX];
        size_t count, next;
    } frames[SCHEDULE_MAX + 1];
};

static void enter(struct search *search)
{
    struct frame *frame = &search->frames[search->depth];

    frame->count = small_world_choices(search->small, search->depth, frame->choices);
    frame->next = 0;
    search->report->states++;
    if (search->depth > search->report->depth)
        search->report->depth = search->depth;
}

static bool is_broken(const struct search *search, size_t depth)
{
    return search->small->path[depth].checker.broken[0] != '\0';
}

/* Whether path[depth + 1] is to be gone on from. */
static bool is_new(struct search *search)
{
    const struct moment *moment = &search->small->path[search->depth + 1];

    if (!digest_set_add(&search->seen, moment_key(moment, search->small->path)))
        return false;
    if (digest_set_add(&search->recovered, moment_recovery_key(moment))) {
        search->report->recoveries++;
        small_world_recover(search->small, search->depth + 1);
    }
    return true;
}

static void note_breach(struct search *search)
{
    struct schedule *schedule = &search->report->schedule;

    memcpy(search->report->broken, search->small->path[search->depth + 1].checker.broken,
           sizeof search->report->broken);
    schedule->count = search->depth + 1;
    for (size_t i = 0; i <= search->depth; i++)
        schedule->choices[i] = search->frames[i].choices[search->frames[i].next - 1];
}

/* One step; false: all is seen, or the promise is broken. */
static bool go_on(struct search *search)
{
    struct frame *frame = &search->frames[search->depth];

    if (frame->next == frame->count)
        return search->depth-- > 0;

    small_world_take(search->small, search->depth, frame->choices[frame->next++]);
    search->report->steps++;
    bool further = !is_broken(search, search->depth + 1) && is_new(search);
    if (is_broken(search, search->depth + 1)) {
        note_breach(search);
        return false;
    }
    if (further) {
        search->depth++;
        enter(search);
    }
    return true;
}

static bool is_possible(const struct small_world *small, size_t depth, struct choice choice)
{
    struct choice choices[CHOICES_MAX];
    size_t count = small_world_choices(small, depth, choices);

    for (size_t i = 0; i < count; i++)
        if (choice_equal(choices[i], choice))
            return true;
    return false;
}

/* Takes the choices one by one until something breaks; `taken` becomes those that were taken. One
 * that is not possible where its turn comes is left out if `lenient`, else the end. */
static void take_all(const struct small_world_bounds *bounds, const struct schedule *schedule,
                     bool lenient, FILE *trace, struct schedule *taken, char broken[160])
{
    struct small_world *small = small_world_open(bounds);
    bool possible = true;

    taken->count = 0;
    broken[0] = '\0';
    for (size_t i = 0; i < schedule->count && !broken[0] && (possible || lenient); i++) {
        struct choice choice = schedule->choices[i];
        size_t depth = taken->count;
        struct checker *checker = &small->path[depth + 1].checker;

        possible = is_possible(small, depth, choice);
        if (!possible)
            continue;
        taken->choices[taken->count++] = choice;
        small_world_take(small, depth, choice);
        if (trace)
            small_world_tell(small, depth, choice, trace);
        if (!checker->broken[0])
            small_world_recover(small, depth + 1);
        memcpy(broken, checker->broken, sizeof checker->broken);
    }
    small_world_close(small);
}

/* Leaves out what is not needed for the same invariant to break. */
static void shorten(const struct small_world_bounds *bounds, struct exhaustive_report *report)
{
    size_t invariant = strcspn(report->broken, ":");

    for (size_t i = report->schedule.count; i-- > 0;) {
        struct schedule shorter = report->schedule, taken;
        char broken[sizeof report->broken];

        memmove(&shorter.choices[i], &shorter.choices[i + 1],
                (shorter.count - i - 1) * sizeof *shorter.choices);
        shorter.count--;
        take_all(bounds, &shorter, true, NULL, &taken, broken);
        if (strncmp(broken, report->broken, invariant + 1) != 0)
            continue;
        report->schedule = taken;
        memcpy(report->broken, broken, sizeof broken);
        i = taken.count; /* from the end once more: what was needed may be no longer */
    }
}

void exhaustive_search(const struct small_world_bounds *bounds, struct exhaustive_report *report)
{
    struct search *search = calloc(1, sizeof *search);
    assert(search);

    *report = (struct exhaustive_report){ 0 };
    search->small = small_world_open(bounds);
    search->report = report;
    enter(search);
    while (go_on(search))
        ;
    small_world_close(search->small);
    digest_set_done(&search->seen);
    digest_set_done(&search->recovered);
    free(search);
    if (report->broken[0])
        shorten(bounds, report);
}

size_t exhaustive_replay(const struct small_world_bounds *bounds, const struct schedule *schedule,
                         FILE *trace, char broken[160])
{
    struct schedule taken;

    take_all(bounds, schedule, false, trace, &taken, broken);
    return taken.count;
}
