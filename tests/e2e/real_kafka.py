"""A Kafka of the test's own, from the jars that scripts/stack fetched: it may be killed, its clients
log in, and nobody but its administrators may do anything until a rule says so."""
import secrets
import shutil
import subprocess

import pytest

from engines import BIN, REAL_BROKERS, ROOT
from product import Process, free_port
from waiting import poll

USER = "orders"
START_S = 180  # 6 on a machine with nothing else to do
COMMAND_S = 60

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{plaintext},SASL_PLAINTEXT://127.0.0.1:{sasl},\
SASL_SSL://127.0.0.1:{tls},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{plaintext},SASL_PLAINTEXT://127.0.0.1:{sasl},\
SASL_SSL://127.0.0.1:{tls}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,\
SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL
inter.broker.listener.name=PLAINTEXT
sasl.enabled.mechanisms=PLAIN
listener.name.sasl_plaintext.plain.sasl.jaas.config={login}
listener.name.sasl_ssl.plain.sasl.jaas.config={login}
ssl.keystore.type=PEM
ssl.keystore.location={folder}/broker.pem
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
auto.create.topics.enable=false
log.dirs={folder}/log
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
"""
LOGIN = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_{}="{}";'


def jars():
    """The folder, or None."""
    complete = sorted((ROOT / ".cache").glob("stack-kafka-*/complete"))
    return complete[-1].parent if complete else None


needs_real_kafka = pytest.mark.skipif(
    not (REAL_BROKERS and shutil.which("java") and jars()),
    reason="starts a Kafka: needs TEST_KAFKA_BROKERS, and the jars of scripts/stack")


def run(*argv):
    done = subprocess.run([str(a) for a in argv], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=COMMAND_S)
    assert done.returncode == 0, f"{argv[0]}: {done.stdout}{done.stderr}"


class RealKafka(Process):
    def __init__(self, folder):
        self.folder = folder
        self.password = secrets.token_urlsafe(24)
        self.ports = {name: free_port() for name in ("plaintext", "sasl", "tls", "controller")}
        self.address = f"127.0.0.1:{self.ports['plaintext']}"  # where clients are administrators
        self.ca = folder / "ca.pem"
        java = ["java", "-Xmx256m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp", f"{jars()}/*"]
        self.properties = folder / "server.properties"
        super().__init__("kafka", [*java, "kafka.Kafka", self.properties], folder)
        self.make_certificate()
        self.properties.write_text(PROPERTIES.format(
            folder=folder, login=LOGIN.format(USER, self.password), **self.ports))
        run(*java, "kafka.tools.StorageTool", "format", "-c", self.properties,
            "-t", "A" + secrets.token_urlsafe(16)[1:])  # an option begins otherwise

    def make_certificate(self):
        """One that signs itself is its own authority."""
        key = self.folder / "key.pem"
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
            "-keyout", key, "-out", self.ca)
        (self.folder / "broker.pem").write_text(key.read_text() + self.ca.read_text())

    def start(self):
        super().start()
        poll(self.answers, "kafka to answer", seconds=START_S)

    def answers(self):
        self.assert_alive()
        done = subprocess.run(["kcat", "-L", "-m", "2", "-b", self.address],
                              capture_output=True, text=True, timeout=COMMAND_S)
        return "broker 1 at" in done.stdout

    def settings(self, **others):
        """Of a client that logs in."""
        return {"KAFKA_BROKERS": f"127.0.0.1:{self.ports['sasl']}",
                "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "KAFKA_SASL_MECHANISM": "PLAIN",
                "KAFKA_SASL_USERNAME": USER, "KAFKA_SASL_PASSWORD": self.password} | others

    def tls_settings(self, **others):
        """Of one that does so through TLS."""
        return self.settings(KAFKA_BROKERS=f"127.0.0.1:{self.ports['tls']}",
                             KAFKA_SECURITY_PROTOCOL="SASL_SSL",
                             KAFKA_SSL_CA_LOCATION=str(self.ca)) | others

    def admin(self, command, topic, *number):
        """create PARTITIONS, delete, limit BYTES, grant, forbid, unsay: see kafka-admin."""
        run(BIN / "kafka-admin", self.address, command, topic, *number)
