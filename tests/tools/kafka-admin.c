/* kafka-admin BROKERS COMMAND TOPIC [NUMBER]: what whole-process tests do to a real Kafka.
 *
 *     create TOPIC PARTITIONS | delete TOPIC | limit TOPIC BYTES | grant TOPIC |
 *     forbid TOPIC | unsay TOPIC
 *
 * limit: the largest batch in bytes, 0 the default. grant: everybody may do all; forbid: but write;
 * unsay: there is no rule. Exits with 0, or 1 and one line. */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/kafka_admin.h"

enum { USAGE = 2 };

static int carry_out(struct kafka_admin *admin, const char *command, const char *topic, int number)
{
    if (strcmp(command, "create") == 0)
        return kafka_admin_create(admin, topic, number);
    if (strcmp(command, "delete") == 0)
        return kafka_admin_delete(admin, topic);
    if (strcmp(command, "limit") == 0)
        return kafka_admin_limit(admin, topic, number);
    if (strcmp(command, "grant") == 0)
        return kafka_admin_rights(admin, topic, RIGHTS_ALL);
    if (strcmp(command, "forbid") == 0)
        return kafka_admin_rights(admin, topic, RIGHTS_ALL_BUT_WRITE);
    if (strcmp(command, "unsay") == 0)
        return kafka_admin_rights(admin, topic, RIGHTS_UNSAID);
    return RD_KAFKA_RESP_ERR__INVALID_ARG;
}

int main(int argc, char *argv[])
{
    if (argc < 4 || argc > 5) {
        fputs("Usage: kafka-admin BROKERS COMMAND TOPIC [NUMBER]\n", stderr);
        return USAGE;
    }
    struct kafka_admin *admin = kafka_admin_open(argv[1]);
    int number = argc == 5 ? (int)strtol(argv[4], NULL, 10) : 0;
    int code = carry_out(admin, argv[2], argv[3], number);

    kafka_admin_close(admin);
    if (code)
        fprintf(stderr, "%s %s: %s\n", argv[2], argv[3],
                rd_kafka_err2str((rd_kafka_resp_err_t)code));
    return code ? EXIT_FAILURE : EXIT_SUCCESS;
}
