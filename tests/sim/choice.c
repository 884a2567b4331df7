/* Names of choices, both ways: the table of names is one. */
#include "sim/choice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct act_name {
    const char *word;
    bool with_actor, with_number;
} acts[ACTS] = {
    [ACT_REQUEST] = { "request", true, false }, [ACT_SWEEP] = { "sweep", true, false },
    [ACT_PURGE] = { "purge", true, false },     [ACT_CALL] = { "", true, true },
    [ACT_DIE] = { "dies", true, false },        [ACT_TURN] = { "turn", false, false },
    [ACT_LAND] = { "land", false, true },       [ACT_ARRIVE] = { "arrive", false, true },
};

static const char *const endings[ENDINGS] = {
    [ENDS_WELL] = "ok",
    [ENDS_FAILED] = "failed",
    [ENDS_UNKNOWN] = "unknown",
    [ENDS_REFUSED] = "refused",
};

bool choice_equal(struct choice a, struct choice b)
{
    return a.act == b.act && a.ending == b.ending && a.actor == b.actor && a.number == b.number;
}

static const char *word_of(struct choice choice)
{
    return choice.act == ACT_CALL ? endings[choice.ending] : acts[choice.act].word;
}

struct choice_text choice_format(struct choice choice)
{
    const struct act_name *name = &acts[choice.act];
    bool with_number = name->with_number && (choice.act != ACT_CALL || choice.ending != ENDS_WELL);
    char actor[8] = "", number[8] = "";
    struct choice_text out;

    if (name->with_actor)
        snprintf(actor, sizeof actor, "%u:", choice.actor);
    if (with_number)
        snprintf(number, sizeof number, "/%u", choice.number);
    snprintf(out.text, sizeof out.text, "%s%s%s", actor, word_of(choice), number);
    return out;
}

/* Few choices have names: the one that is called so is found by naming all that could be meant. */
bool choice_parse(const char *text, struct choice *out)
{
    const char *slash = strchr(text, '/');
    struct choice choice = {
        .actor = strchr(text, ':') ? (uint8_t)strtoul(text, NULL, 10) : 0,
        .number = slash ? (uint8_t)strtoul(slash + 1, NULL, 10) : 0,
    };

    for (choice.act = 0; choice.act < ACTS; choice.act++) {
        for (choice.ending = 0; choice.ending < ENDINGS; choice.ending++) {
            if (choice.act != ACT_CALL && choice.ending != ENDS_WELL)
                continue;
            if (strcmp(choice_format(choice).text, text) != 0)
                continue;
            *out = choice;
            return true;
        }
    }
    return false;
}

bool schedule_parse(const char *text, struct schedule *out)
{
    struct schedule schedule = { 0 };
    char word[CHOICE_TEXT_SIZE];
    int length;

    for (; sscanf(text, " %23s%n", word, &length) == 1; text += length) {
        if (schedule.count == SCHEDULE_MAX ||
            !choice_parse(word, &schedule.choices[schedule.count++]))
            return false;
    }
    *out = schedule;
    return true;
}

void schedule_format(const struct schedule *schedule, char text[SCHEDULE_TEXT_SIZE])
{
    size_t length = 0;

    text[0] = '\0';
    for (size_t i = 0; i < schedule->count; i++)
        length += (size_t)snprintf(text + length, SCHEDULE_TEXT_SIZE - length, "%s%s", i ? " " : "",
                                   choice_format(schedule->choices[i]).text);
}
