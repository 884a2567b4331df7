"""The product on a real Kafka that fails, refuses and asks for a login."""
import signal

import pytest

from outage import (assert_backlog_waits, assert_backlog_waits_and_drains, assert_drained, backlog,
                    degraded, processing)
from real_kafka import RealKafka, needs_real_kafka
from topic import ask_for_topic
from waiting import poll

pytestmark = needs_real_kafka

SOON = {"PUBLISH_TIMEOUT_MS": "1000"}
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(scope="module")
def kafka(tmp_path_factory):
    broker = RealKafka(tmp_path_factory.mktemp("kafka"))
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()


@pytest.fixture
def start_with(start_product, kafka):
    """start_with(topic=…, settings=…): a product that logs in; its topic is there and granted."""
    def start(partitions=4, rights="grant", settings=None):
        def prepare(product):
            if partitions:
                kafka.admin("create", product.topic, partitions)
            if rights:
                kafka.admin(rights, product.topic)
        return start_product(kafka=kafka, prepare=prepare,
                             order=(settings or kafka.settings()) | SOON)
    return start


def test_killed_broker(start_with, kafka):
    product = start_with()
    kafka.kill()
    assert_backlog_waits_and_drains(product, kafka.start)


def test_hanging_broker(start_with, kafka):
    product = start_with()
    kafka.signal_group(signal.SIGSTOP)
    try:
        somebody, ids = assert_backlog_waits(product)
    finally:
        kafka.signal_group(signal.SIGCONT)
    assert_drained(product, somebody, ids)


def test_topic_missing_until_an_operator_makes_it(start_with, kafka):
    product = start_with(partitions=0)
    assert_backlog_waits_and_drains(product, lambda: kafka.admin("create", product.topic, 4))


def test_topic_deleted_and_made_again(start_with, kafka):
    product = start_with()
    somebody = product.new_client()
    first = somebody.order(1).json["orderId"]
    poll(lambda: processing(somebody, first), "the first order to be processing")
    kafka.admin("delete", product.topic)
    assert_backlog_waits_and_drains(product, lambda: kafka.admin("create", product.topic, 4))


@pytest.mark.parametrize("rights", [None, "forbid"], ids=["no right at all", "no right to write"])
def test_access_refused(start_with, kafka, rights):
    product = start_with(rights=rights)

    def mend():
        kafka.admin("unsay", product.topic)
        kafka.admin("grant", product.topic)
    assert_backlog_waits_and_drains(product, mend)


def test_only_an_event_too_large_in_itself_is_parked(start_with, kafka):
    """All of them share a batch, which is too large too; the one with a traceparent is so alone."""
    product = start_with(partitions=1, settings=kafka.settings(SCHEDULER_LINGER_MS="2000"))
    kafka.admin("limit", product.topic, 490)
    somebody = product.new_client()
    large = somebody.order(1, headers={"traceparent": TRACEPARENT}).json["orderId"]
    others = [somebody.order(price + 2).json["orderId"] for price in range(5)]

    poll(lambda: product.order_svc.metrics()["orders_parked"] == 1, "one to be parked")
    poll(lambda: backlog(product.order_svc, 0), "the others to be done")
    assert all(processing(somebody, order_id) for order_id in others)
    assert not processing(somebody, large)
    assert {event["key"] for event in product.events()} == set(others)
    assert degraded(product.order_svc) == []  # the broker is not to blame


def assert_password_is_nowhere(product, password):
    for process in product.processes:
        assert password not in process.log.read_text(errors="replace"), process.name


@pytest.mark.parametrize("through", ["settings", "tls_settings"])
def test_login(start_with, kafka, through, tmp_path):
    """The password comes by a file, the log says all that it can."""
    secret = tmp_path / "password"
    secret.write_text(kafka.password)
    settings = getattr(kafka, through)(KAFKA_SASL_PASSWORD="", LOG_LEVEL="debug",
                                       KAFKA_SASL_PASSWORD_FILE=str(secret))
    product = start_with(settings=settings)
    somebody = product.new_client()
    order_id = somebody.order(400).json["orderId"]
    poll(lambda: processing(somebody, order_id), "the order to be processing")
    assert [event["key"] for event in product.events()] == [order_id]
    assert_password_is_nowhere(product, kafka.password)


@pytest.mark.parametrize("through, wrong", [
    ("settings", {"KAFKA_SASL_PASSWORD": "of-somebody-else"}),
    ("settings", {"KAFKA_SECURITY_PROTOCOL": "PLAINTEXT"}),
    ("tls_settings", {"KAFKA_SSL_CA_LOCATION": ""}),
], ids=["password", "no login", "unknown authority"])
def test_login_refused(start_with, kafka, through, wrong):
    right = getattr(kafka, through)(LOG_LEVEL="debug")
    product = start_with(settings=right | wrong)
    somebody, ids = assert_backlog_waits(product)

    product.order_svc.terminate()
    product.order_svc.environment |= right
    product.order_svc.start()
    product.order_svc.await_ready()
    assert_drained(product, somebody, ids)
    for password in (kafka.password, "of-somebody-else"):
        assert_password_is_nowhere(product, password)


# ---- order-svc --create-topic ----

def ask(kafka, topic, **others):
    """-> exit code, what stdout and stderr say, one line in all."""
    done = ask_for_topic({"KAFKA_BROKERS": kafka.address, "KAFKA_TOPIC": topic,
                          "KAFKA_TOPIC_REPLICATION": "1"} | others)
    assert kafka.password not in done.stdout + done.stderr
    # A library warns of a machine that is short of shared memory.
    told = [line for line in done.stderr.splitlines() if "mongoc" not in line]
    assert len(done.stdout.splitlines()) + len(told) == 1
    return done.returncode, done.stdout.strip(), "".join(told)


def test_topic_is_made_once(kafka):
    shape = "with 3 partitions and 1 copy of each"
    three = {"KAFKA_TOPIC_PARTITIONS": "3"}
    assert ask(kafka, "made", **three) == (0, f"topic made: created {shape}", "")
    assert ask(kafka, "made", **three) == (0, f"topic made: already there {shape}", "")
    assert ask(kafka, "made", KAFKA_TOPIC_PARTITIONS="6", KAFKA_TOPIC_REPLICATION="3") == (
        0, f"topic made: already there {shape}, not 6 and 3; left as it is", "")


def test_whoever_may_not_make_it_is_told_whether_it_is_there(kafka):
    code, said, advice = ask(kafka, "not-mine", **kafka.settings())
    assert (code, said) == (1, "") and "this user may not make topics" in advice

    kafka.admin("create", "not-mine", 3)
    kafka.admin("forbid", "not-mine")  # all but writing: it may be looked at
    assert ask(kafka, "not-mine", KAFKA_TOPIC_PARTITIONS="3", **kafka.settings()) == (
        0, "topic not-mine: already there with 3 partitions and 1 copy of each", "")


def test_more_copies_than_brokers(kafka):
    code, said, advice = ask(kafka, "never-made", KAFKA_TOPIC_REPLICATION="2")
    assert (code, said) == (1, "") and "set KAFKA_TOPIC_REPLICATION lower" in advice
    assert advice.startswith("topic never-made: not created: ")


@pytest.mark.parametrize("through, wrong, advice", [
    ("settings", {"KAFKA_SASL_PASSWORD": "of-somebody-else"}, "check KAFKA_SASL_MECHANISM"),
    ("tls_settings", {"KAFKA_SSL_CA_LOCATION": ""}, "check KAFKA_SSL_"),
])
def test_what_to_do_about_a_login_is_said(kafka, through, wrong, advice):
    code, said, told = ask(kafka, "never-made", **getattr(kafka, through)(**wrong))
    assert (code, said) == (1, "") and advice in told and "somebody-else" not in told
