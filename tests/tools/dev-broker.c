/* A Kafka broker for trying out and for tests: librdkafka's mock cluster as a program of its own,
 * so that it outlives a killed order-svc. Everything is in memory. */
#include "dev-broker-control.h"

#include <errno.h>
#include <getopt.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define PRODUCE_REQUEST 0    /* its ApiKey in Kafka's protocol */
#define FAILURES_MAX    1000 /* more than any test counts through */
#define DELAY_MS_MAX    60000
#define PARTITIONS_MAX  1000
#define CODE_MIN        (-200) /* librdkafka's own codes: -195 cuts the connection */
#define CODE_MAX        200
#define USAGE_EXIT      2 /* what shells and getopt programs use */

struct options {
    const char *topic;
    long partitions;
    const char *control_path; /* NULL: no socket */
    bool with_stdin;
};

struct broker {
    const struct options *options;
    rd_kafka_t *client; /* the mock cluster lives inside some client */
    rd_kafka_mock_cluster_t *cluster;
};

static const char usage[] =
    "usage: dev-broker [--topic NAME] [--partitions N] [--control PATH] [--stdin]\n"
    "\n"
    "A Kafka broker for trying out and for tests, on a free port of 127.0.0.1. Prints its\n"
    "address as one line once it is ready; ends on SIGTERM or SIGINT.\n"
    "\n"
    "  --topic NAME      made at start (order-created)\n"
    "  --partitions N    of that topic (64)\n"
    "  --control PATH    takes test commands at this Unix socket\n"
    "  --stdin           takes them on standard input too\n"
    "\n"
    "Everything is in memory and gone at its end. A partition keeps 5 MiB, about 11,000\n"
    "order events, and then drops its oldest silently: read along, or use a real Kafka.\n"
    "\n"
    "Test commands, each a line, answered by one line `ok …` or `error …`:\n"
    "  fail N CODE       the next N produce requests fail with this Kafka error; N=0: none\n"
    "  topic-error CODE  the topic's metadata carries this error; 0: none\n"
    "  delay MS          each answer waits so long\n"
    "  down, up          refuse connections, and take them again\n"
    "  partitions        how many the topic has\n"
    "  help              these commands\n";

static bool number_parse(const char *text, long min, long max, long *out)
{
    char *end = NULL;

    if (!text || *text == '\0')
        return false;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno || *end != '\0' || number < min || number > max)
        return false;
    *out = number;
    return true;
}

/* ---- test commands: each gets its words after the name, missing ones are NULL ---- */

/* NULL: done. Else what is wrong. */
typedef const char *command_run(struct broker *broker, const char *first, const char *second);

static const char *fail_run(struct broker *broker, const char *first, const char *second)
{
    rd_kafka_resp_err_t errors[FAILURES_MAX];
    long count;
    long code = 0;

    if (!number_parse(first, 0, FAILURES_MAX, &count))
        return "N is 0 to 1000";
    if (count > 0 && !number_parse(second, CODE_MIN, CODE_MAX, &code))
        return "CODE is a Kafka error number";

    rd_kafka_mock_clear_request_errors(broker->cluster, PRODUCE_REQUEST);
    for (long i = 0; i < count; i++)
        errors[i] = (rd_kafka_resp_err_t)code;
    if (count > 0)
        rd_kafka_mock_push_request_errors_array(broker->cluster, PRODUCE_REQUEST, (size_t)count,
                                                errors);
    return NULL;
}

static const char *topic_error_run(struct broker *broker, const char *first, const char *second)
{
    long code;

    (void)second;
    if (!number_parse(first, CODE_MIN, CODE_MAX, &code))
        return "CODE is a Kafka error number";
    rd_kafka_mock_topic_set_error(broker->cluster, broker->options->topic,
                                  (rd_kafka_resp_err_t)code);
    return NULL;
}

static const char *failure_text(rd_kafka_resp_err_t code)
{
    return code ? rd_kafka_err2str(code) : NULL;
}

static const char *delay_run(struct broker *broker, const char *first, const char *second)
{
    long delay_ms;

    (void)second;
    if (!number_parse(first, 0, DELAY_MS_MAX, &delay_ms))
        return "MS is 0 to 60000";
    return failure_text(rd_kafka_mock_broker_set_rtt(broker->cluster, -1, (int)delay_ms));
}

static const char *down_run(struct broker *broker, const char *first, const char *second)
{
    (void)first;
    (void)second;
    return failure_text(rd_kafka_mock_broker_set_down(broker->cluster, -1));
}

static const char *up_run(struct broker *broker, const char *first, const char *second)
{
    (void)first;
    (void)second;
    return failure_text(rd_kafka_mock_broker_set_up(broker->cluster, -1));
}

static const struct command {
    const char *name;
    size_t words; /* at most, after the name */
    command_run *run;
} commands[] = {
    { "fail", 2, fail_run },   { "topic-error", 1, topic_error_run },
    { "delay", 1, delay_run }, { "down", 0, down_run },
    { "up", 0, up_run },
};

static const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

static void command_answer(struct broker *broker, char *words[4], char *answer)
{
    const struct command *command = words[0] ? command_find(words[0]) : NULL;

    if (!command) {
        snprintf(answer, CONTROL_ANSWER_BYTES, "error unknown command, try help");
        return;
    }
    if (words[command->words + 1]) {
        snprintf(answer, CONTROL_ANSWER_BYTES, "error %s: too many words", command->name);
        return;
    }
    const char *fault = command->run(broker, words[1], words[2]);
    if (fault)
        snprintf(answer, CONTROL_ANSWER_BYTES, "error %s: %s", command->name, fault);
    else
        snprintf(answer, CONTROL_ANSWER_BYTES, "ok %s", command->name);
}

static void broker_command(void *context, char *line, char answer[CONTROL_ANSWER_BYTES])
{
    struct broker *broker = context;
    char *words[4] = { NULL }; /* a name, two words, and one too many */
    char *rest = NULL;

    for (size_t i = 0; i < 4; i++) {
        words[i] = strtok_r(i == 0 ? line : NULL, " \t\r", &rest);
        if (!words[i])
            break;
    }
    if (words[0] && strcmp(words[0], "partitions") == 0)
        snprintf(answer, CONTROL_ANSWER_BYTES, "ok %ld", broker->options->partitions);
    else if (words[0] && strcmp(words[0], "help") == 0)
        snprintf(answer, CONTROL_ANSWER_BYTES,
                 "ok fail N CODE, topic-error CODE, delay MS, down, up, partitions, help");
    else
        command_answer(broker, words, answer);
}

/* ---- the program ---- */

enum { FIRST_DESCRIPTORS = 64 }; /* at its start the process has but a few */

/* The mock cluster leaves Nagle's algorithm on, which together with the client's delayed
 * acknowledgement costs 40 ms a batch. Accepted sockets inherit the option from the listener, the
 * only listening TCP socket there is yet. */
static void answer_at_once(void)
{
    for (int fd = STDERR_FILENO + 1; fd < FIRST_DESCRIPTORS; fd++) {
        int listening = 0, on = 1;
        socklen_t size = sizeof listening;
        if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening)
            (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
}

static bool broker_open(struct broker *broker)
{
    char fault[256] = "";
    rd_kafka_conf_t *conf = rd_kafka_conf_new();

    /* The client around the cluster connects to nothing; its complaints would only confuse. */
    rd_kafka_conf_set(conf, "log_level", "3", NULL, 0);
    broker->client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, fault, sizeof fault);
    if (!broker->client) {
        rd_kafka_conf_destroy(conf);
        fprintf(stderr, "dev-broker: %s\n", fault);
        return false;
    }
    broker->cluster = rd_kafka_mock_cluster_new(broker->client, 1);
    if (!broker->cluster) {
        fprintf(stderr, "dev-broker: cannot listen on 127.0.0.1\n");
        return false;
    }
    answer_at_once();
    rd_kafka_resp_err_t code = rd_kafka_mock_topic_create(broker->cluster, broker->options->topic,
                                                          (int)broker->options->partitions, 1);
    if (code) {
        fprintf(stderr, "dev-broker: topic %s: %s\n", broker->options->topic,
                rd_kafka_err2str(code));
        return false;
    }
    return true;
}

static void broker_close(struct broker *broker)
{
    if (broker->cluster)
        rd_kafka_mock_cluster_destroy(broker->cluster);
    if (broker->client)
        rd_kafka_destroy(broker->client);
}

static int usage_show(void)
{
    fputs(usage, stdout);
    return EXIT_SUCCESS;
}

static int usage_refuse(void)
{
    fputs("dev-broker: try --help\n", stderr);
    return USAGE_EXIT;
}

/* -1: go on. Else the exit code. */
static int options_parse(int argc, char *argv[], struct options *options)
{
    static const struct option names[] = {
        { "topic", required_argument, NULL, 't' },   { "partitions", required_argument, NULL, 'p' },
        { "control", required_argument, NULL, 'c' }, { "stdin", no_argument, NULL, 'i' },
        { "help", no_argument, NULL, 'h' },          { NULL, 0, NULL, 0 },
    };
    int name;

    while ((name = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (name == 't')
            options->topic = optarg;
        else if (name == 'c')
            options->control_path = optarg;
        else if (name == 'i')
            options->with_stdin = true;
        else if (name == 'h')
            return usage_show();
        else if (name != 'p' || !number_parse(optarg, 1, PARTITIONS_MAX, &options->partitions))
            return usage_refuse();
    }
    return optind < argc ? usage_refuse() : -1;
}

/* The signals that end us as a readable descriptor. Taken before the first thread starts, so that
 * librdkafka's threads have them blocked too. */
static int stop_fd_open(void)
{
    sigset_t stop;

    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    signal(SIGPIPE, SIG_IGN);
    if (sigprocmask(SIG_BLOCK, &stop, NULL) < 0)
        return -1;
    return signalfd(-1, &stop, SFD_CLOEXEC);
}

static int serve(struct broker *broker, int stop_fd)
{
    const struct options *options = broker->options;
    struct control *control = control_open(options->control_path, options->with_stdin);

    if (!control) {
        fprintf(stderr, "dev-broker: control socket: %s\n", strerror(errno));
        return EXIT_FAILURE;
    }
    printf("%s\n", rd_kafka_mock_cluster_bootstraps(broker->cluster));
    fflush(stdout);

    bool served = control_serve(control, stop_fd, broker_command, broker);
    if (!served)
        perror("dev-broker: poll");
    control_close(control);
    return served ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char *argv[])
{
    struct options options = { .topic = "order-created", .partitions = 64 };
    struct broker broker = { .options = &options };

    int done = options_parse(argc, argv, &options);
    if (done >= 0)
        return done;

    int stop_fd = stop_fd_open();
    if (stop_fd < 0) {
        perror("dev-broker: signals");
        return EXIT_FAILURE;
    }
    int code = broker_open(&broker) ? serve(&broker, stop_fd) : EXIT_FAILURE;
    broker_close(&broker);
    close(stop_fd);
    return code;
}
