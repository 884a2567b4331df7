/* What tests do to a real Kafka as its administrators: topics, their limits, who may write. */
#ifndef TOOLS_KAFKA_ADMIN_H
#define TOOLS_KAFKA_ADMIN_H

struct kafka_admin;

/* Does not connect yet; ends the program where it is refused. */
struct kafka_admin *kafka_admin_open(const char *brokers);
void kafka_admin_close(struct kafka_admin *admin);

/* Each waits for the broker, some seconds at most. 0, or Kafka's error code. */
int kafka_admin_create(struct kafka_admin *admin, const char *topic, int partitions);
int kafka_admin_delete(struct kafka_admin *admin, const char *topic);

/* The largest batch of messages that the topic takes; 0: as the broker's default is. */
int kafka_admin_limit(struct kafka_admin *admin, const char *topic, int bytes);

/* What everybody may do with the topic. Needs a broker with an authorizer: SECURITY_DISABLED (54)
 * without. */
enum kafka_rights {
    RIGHTS_UNSAID, /* no rule: as the broker's settings have it */
    RIGHTS_ALL,
    RIGHTS_ALL_BUT_WRITE,
};
int kafka_admin_rights(struct kafka_admin *admin, const char *topic, enum kafka_rights rights);

#endif
