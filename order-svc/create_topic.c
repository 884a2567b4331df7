/* What --create-topic says. A topic that is there is good enough, whatever its shape: an operator
 * may have changed it since, and every start of a deployment may ask again. */
#include "create_topic.h"

#include <inttypes.h>
#include <stdio.h>

/* "3 copies" */
struct amount {
    char text[32];
};

static struct amount amount_of(uint32_t number, const char *one, const char *many)
{
    struct amount amount;
    snprintf(amount.text, sizeof amount.text, "%" PRIu32 " %s", number, number == 1 ? one : many);
    return amount;
}

static void print_done(const char *topic, struct topic_shape wanted, const struct topic_made *made)
{
    struct topic_shape shape = made->shape;
    bool differs = shape.partitions != wanted.partitions || shape.copies != wanted.copies;

    printf("topic %s: %s", topic, made->created ? "created" : "already there");
    if (shape.partitions == 0) {
        puts("; its shape is not shown to this user");
        return;
    }
    printf(" with %s and %s of each", amount_of(shape.partitions, "partition", "partitions").text,
           amount_of(shape.copies, "copy", "copies").text);
    if (differs)
        printf(", not %" PRIu32 " and %" PRIu32 "; left as it is", wanted.partitions,
               wanted.copies);
    putchar('\n');
}

bool create_topic(const struct kafka_options *options, struct topic_shape wanted)
{
    struct topic_made made;
    struct error err;

    if (!topic_kafka_create(options, wanted, &made, &err)) {
        fprintf(stderr, "topic %s: not created: %s\n", options->topic, err.detail);
        return false;
    }
    print_done(options->topic, wanted, &made);
    return true;
}
