"""Makes a topic on a real Kafka, as an operator does, and reads all that one holds, with kcat: an
outside consumer that shares no code with us."""
import json
import subprocess

from engines import BIN

READ_TIMEOUT_S = 60


def ask_for_topic(settings):
    """order-svc --create-topic with no environment but these. -> subprocess.CompletedProcess"""
    return subprocess.run([BIN / "order-svc", "--create-topic"], env=settings, text=True,
                          capture_output=True, timeout=READ_TIMEOUT_S)


def make_topic(brokers, topic):
    done = ask_for_topic({"KAFKA_BROKERS": brokers, "KAFKA_TOPIC": topic,
                          "KAFKA_TOPIC_PARTITIONS": "4", "KAFKA_TOPIC_REPLICATION": "1"})
    assert done.returncode == 0, done.stderr


def read_topic(brokers, topic="order-created"):
    """-> [{"key", "value", "headers", "partition", "offset"}], in no order across partitions."""
    done = subprocess.run(
        ["kcat", "-b", brokers, "-t", topic, "-C", "-e", "-q", "-J", "-o", "beginning",
         "-X", "fetch.wait.max.ms=50"],
        capture_output=True, text=True, timeout=READ_TIMEOUT_S, check=True)
    return [as_event(json.loads(line)) for line in done.stdout.splitlines()]


def as_event(message):
    names = message.get("headers") or []
    return {"key": message["key"], "value": message["payload"],
            "headers": dict(zip(names[::2], names[1::2])),
            "partition": message["partition"], "offset": message["offset"]}
