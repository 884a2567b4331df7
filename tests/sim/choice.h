/* What may happen next in a small world, and its name in a schedule. */
#ifndef SIM_CHOICE_H
#define SIM_CHOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum act {
    ACT_REQUEST, /* a client sends its request */
    ACT_SWEEP,   /* a replica's scheduler begins a sweep */
    ACT_PURGE,   /* … a purge */
    ACT_CALL,    /* the port call at which an actor stands is done, and ends so or so */
    ACT_DIE,     /* an actor dies where it stands; nobody hears of it */
    ACT_TURN,    /* the store's clock turns by two days: every lease ends */
    ACT_LAND,    /* a write of unknown fate is done now */
    ACT_ARRIVE,  /* an event of unknown fate comes into the topic now */
    ACTS,
};

/* How a call ends. One whose answer is lost is in flight afterwards: it may be done at once, later
 * or never. */
enum ending {
    ENDS_WELL,
    ENDS_FAILED,  /* not done, and the caller knows */
    ENDS_UNKNOWN, /* of a call as a whole: done, and the answer is lost */
    ENDS_REFUSED, /* an event, by the broker, for its content */
    ENDINGS,
};

struct choice {
    uint8_t act;    /* enum act */
    uint8_t ending; /* enum ending; of CALL */
    uint8_t actor;  /* of REQUEST, SWEEP, PURGE, CALL, DIE */
    uint8_t number; /* CALL: the document that ends so, the others end well; LAND, ARRIVE: which */
};

bool choice_equal(struct choice a, struct choice b);

/* "2:unknown/0": actor 2's call, its first document; "0:request", "1:dies", "turn", "land/0". */
enum { CHOICE_TEXT_SIZE = 24 };
struct choice_text {
    char text[CHOICE_TEXT_SIZE];
};
struct choice_text choice_format(struct choice choice);

/* False: no choice is called so. */
bool choice_parse(const char *text, struct choice *out);

/* All that happened, one after the other. */
enum { SCHEDULE_MAX = 250 };
struct schedule {
    struct choice choices[SCHEDULE_MAX];
    size_t count;
};

/* Choices with blanks between; false: one of them is none, or there are too many. */
bool schedule_parse(const char *text, struct schedule *out);
enum { SCHEDULE_TEXT_SIZE = SCHEDULE_MAX * CHOICE_TEXT_SIZE };
void schedule_format(const struct schedule *schedule, char text[SCHEDULE_TEXT_SIZE]);

#endif
