#include "tools/kafka_admin.h"

#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    ANSWER_WAIT_MS = 10000,
    WHY_BYTES = 256,
};

struct kafka_admin {
    rd_kafka_t *client;
    rd_kafka_queue_t *answers;
};

struct kafka_admin *kafka_admin_open(const char *brokers)
{
    char why[WHY_BYTES];
    struct kafka_admin *admin = calloc(1, sizeof *admin);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();

    if (!admin)
        abort();
    rd_kafka_conf_set(conf, "bootstrap.servers", brokers, why, sizeof why);
    rd_kafka_conf_set(conf, "log_level", "2", why, sizeof why);
    admin->client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
    if (!admin->client)
        abort();
    admin->answers = rd_kafka_queue_new(admin->client);
    return admin;
}

void kafka_admin_close(struct kafka_admin *admin)
{
    rd_kafka_queue_destroy(admin->answers);
    rd_kafka_destroy(admin->client);
    free(admin);
}

/* For the caller to destroy. */
static rd_kafka_AdminOptions_t *options_new(struct kafka_admin *admin, rd_kafka_admin_op_t request)
{
    char why[WHY_BYTES];
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(admin->client, request);

    rd_kafka_AdminOptions_set_request_timeout(options, ANSWER_WAIT_MS, why, sizeof why);
    /* Only some requests have work to wait for; the others say so and go without. */
    rd_kafka_AdminOptions_set_operation_timeout(options, ANSWER_WAIT_MS, why, sizeof why);
    return options;
}

/* Of the one thing that a request was about. */
static rd_kafka_resp_err_t result_error(rd_kafka_event_t *event)
{
    size_t count;

    switch (rd_kafka_event_type(event)) {
    case RD_KAFKA_EVENT_CREATETOPICS_RESULT:
        return rd_kafka_topic_result_error(*rd_kafka_CreateTopics_result_topics(
            rd_kafka_event_CreateTopics_result(event), &count));
    case RD_KAFKA_EVENT_DELETETOPICS_RESULT:
        return rd_kafka_topic_result_error(*rd_kafka_DeleteTopics_result_topics(
            rd_kafka_event_DeleteTopics_result(event), &count));
    case RD_KAFKA_EVENT_ALTERCONFIGS_RESULT:
        return rd_kafka_ConfigResource_error(*rd_kafka_AlterConfigs_result_resources(
            rd_kafka_event_AlterConfigs_result(event), &count));
    case RD_KAFKA_EVENT_CREATEACLS_RESULT:
        return rd_kafka_error_code(rd_kafka_acl_result_error(
            *rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(event), &count)));
    case RD_KAFKA_EVENT_DELETEACLS_RESULT:
        return rd_kafka_error_code(
            rd_kafka_DeleteAcls_result_response_error(*rd_kafka_DeleteAcls_result_responses(
                rd_kafka_event_DeleteAcls_result(event), &count)));
    default:
        return RD_KAFKA_RESP_ERR__FAIL;
    }
}

/* What became of the request just sent, whose options end here. */
static int answer(struct kafka_admin *admin, rd_kafka_AdminOptions_t *options)
{
    rd_kafka_event_t *event = rd_kafka_queue_poll(admin->answers, 2 * ANSWER_WAIT_MS);
    rd_kafka_resp_err_t code = event ? rd_kafka_event_error(event) : RD_KAFKA_RESP_ERR__TIMED_OUT;

    if (!code)
        code = result_error(event);
    rd_kafka_event_destroy(event);
    rd_kafka_AdminOptions_destroy(options);
    return code;
}

int kafka_admin_create(struct kafka_admin *admin, const char *topic, int partitions)
{
    char why[WHY_BYTES];
    rd_kafka_AdminOptions_t *options = options_new(admin, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_NewTopic_t *made = rd_kafka_NewTopic_new(topic, partitions, 1, why, sizeof why);

    rd_kafka_CreateTopics(admin->client, &made, 1, options, admin->answers);
    rd_kafka_NewTopic_destroy(made);
    return answer(admin, options);
}

int kafka_admin_delete(struct kafka_admin *admin, const char *topic)
{
    rd_kafka_AdminOptions_t *options = options_new(admin, RD_KAFKA_ADMIN_OP_DELETETOPICS);
    rd_kafka_DeleteTopic_t *gone = rd_kafka_DeleteTopic_new(topic);

    rd_kafka_DeleteTopics(admin->client, &gone, 1, options, admin->answers);
    rd_kafka_DeleteTopic_destroy(gone);
    return answer(admin, options);
}

int kafka_admin_limit(struct kafka_admin *admin, const char *topic, int bytes)
{
    char text[16];
    rd_kafka_AdminOptions_t *options = options_new(admin, RD_KAFKA_ADMIN_OP_ALTERCONFIGS);
    rd_kafka_ConfigResource_t *config = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic);

    snprintf(text, sizeof text, "%d", bytes);
    if (bytes > 0) /* what is not named goes back to its default */
        rd_kafka_ConfigResource_set_config(config, "max.message.bytes", text);
    rd_kafka_AlterConfigs(admin->client, &config, 1, options, admin->answers);
    rd_kafka_ConfigResource_destroy(config);
    return answer(admin, options);
}

static rd_kafka_AclBinding_t *rule_new(const char *topic, rd_kafka_AclOperation_t operation,
                                       rd_kafka_AclPermissionType_t permission)
{
    char why[WHY_BYTES];
    return rd_kafka_AclBinding_new(RD_KAFKA_RESOURCE_TOPIC, topic,
                                   RD_KAFKA_RESOURCE_PATTERN_LITERAL, "User:*", "*", operation,
                                   permission, why, sizeof why);
}

static int forget_rules(struct kafka_admin *admin, const char *topic)
{
    char why[WHY_BYTES];
    rd_kafka_AdminOptions_t *options = options_new(admin, RD_KAFKA_ADMIN_OP_DELETEACLS);
    rd_kafka_AclBindingFilter_t *rules = rd_kafka_AclBindingFilter_new(
        RD_KAFKA_RESOURCE_TOPIC, topic, RD_KAFKA_RESOURCE_PATTERN_LITERAL, NULL, NULL,
        RD_KAFKA_ACL_OPERATION_ANY, RD_KAFKA_ACL_PERMISSION_TYPE_ANY, why, sizeof why);

    rd_kafka_DeleteAcls(admin->client, &rules, 1, options, admin->answers);
    rd_kafka_AclBinding_destroy(rules);
    return answer(admin, options);
}

int kafka_admin_rights(struct kafka_admin *admin, const char *topic, enum kafka_rights rights)
{
    if (rights == RIGHTS_UNSAID)
        return forget_rules(admin, topic);

    rd_kafka_AdminOptions_t *options = options_new(admin, RD_KAFKA_ADMIN_OP_CREATEACLS);
    rd_kafka_AclBinding_t *rules[] = {
        /* Where there is a rule, what none allows is forbidden. */
        rule_new(topic, RD_KAFKA_ACL_OPERATION_ALL, RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW),
        rule_new(topic, RD_KAFKA_ACL_OPERATION_WRITE, RD_KAFKA_ACL_PERMISSION_TYPE_DENY),
    };

    rd_kafka_CreateAcls(admin->client, rules, rights == RIGHTS_ALL ? 1 : 2, options,
                        admin->answers);
    rd_kafka_AclBinding_destroy_array(rules, 2);
    return answer(admin, options);
}
