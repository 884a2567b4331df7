"""Makes a topic and reads all that it holds, with kcat: an outside consumer that shares no code
with us."""
import json
import subprocess

from waiting import poll

READ_TIMEOUT_S = 60


def make_topic(brokers, topic):
    """A broker makes what it is asked about; so nobody finds it missing later."""
    def there():
        done = subprocess.run(["kcat", "-b", brokers, "-L", "-J", "-t", topic],
                              capture_output=True, text=True, timeout=READ_TIMEOUT_S, check=True)
        return all(found["partitions"] for found in json.loads(done.stdout)["topics"])
    poll(there, f"topic {topic}")


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
