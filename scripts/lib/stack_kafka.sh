# shellcheck shell=bash
# Apache Kafka from its own jars: one process, broker and controller at once.

KAFKA_POM=$ROOT/scripts/lib/stack/kafka/pom.xml
KAFKA_HEAP=512m
KAFKA_SECONDS=60

# Fetched once for each state of the list.
kafka_jars() {
    local key started=$SECONDS log=$STACK/log/maven.log
    key=$(sha256sum "$KAFKA_POM" | cut -c 1-16)
    kafka_libs=$ROOT/.cache/stack-kafka-$key
    [ ! -e "$kafka_libs/complete" ] || return 0

    say "fetching Apache Kafka …"
    rm -rf "$kafka_libs"
    mkdir -p "$kafka_libs"
    interruptible mvn --batch-mode --quiet -Dstyle.color=never --file "$KAFKA_POM" \
        -Dmaven.repo.local="$kafka_libs/repository" -DoutputDirectory="$kafka_libs" \
        dependency:copy-dependencies >"$log" 2>&1 ||
        fail "fetching Kafka failed: does Maven reach its repository? (all it said: $log)" \
            "$(grep -m 1 ERROR "$log")"
    rm -rf "$kafka_libs/repository"
    touch "$kafka_libs/complete"
    say "fetched Apache Kafka in $((SECONDS - started)) s"
}

# A single node keeps one copy of everything. The quorum is named here and not in the data, so
# another port does no harm to what is kept. As in production no topic comes by itself; who may do
# what can be said, and where nothing is, everybody may.
kafka_configure() {
    local port=$1 controller=$2
    cat >"$STACK/etc/kafka.properties" <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:$port
log.dirs=$STACK/data/kafka/log
num.partitions=4
auto.create.topics.enable=false
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=true
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
END
}

kafka_format() {
    local id log=$STACK/log/kafka-format.log
    [ ! -e "$STACK/data/kafka/log/meta.properties" ] || return 0
    id=$(head -c 16 /dev/urandom | base64 -w 0 | tr '+/' '-_' | tr -d '=')
    rm -rf "$STACK/data/kafka/log"
    "${java[@]}" kafka.tools.StorageTool format -t "$id" -c "$STACK/etc/kafka.properties" \
        >"$log" 2>&1 || fail "formatting Kafka's storage failed (log: $log)"
}

kafka_answers() {
    kcat -L -m 2 -b "127.0.0.1:$1" 2>/dev/null | grep -q '^ *broker 1 at'
}

kafka_up() {
    local port controller started=$SECONDS
    local -a java
    stack_install "Kafka" java=default-jre-headless mvn=maven kcat=kcat
    port=$(daemon_port kafka)
    if daemon_answers kafka kafka_answers "$port"; then
        return
    fi
    kafka_jars
    java=(
        java "-Xmx$KAFKA_HEAP" -Dorg.slf4j.simpleLogger.defaultLogLevel=warn
        -Dorg.slf4j.simpleLogger.showDateTime=true -cp "$kafka_libs/*"
    )
    controller=$(daemon_port kafka-controller)
    mkdir -p "$STACK/data/kafka"
    kafka_configure "$port" "$controller"
    kafka_format
    daemon_start kafka "${java[@]}" kafka.Kafka "$STACK/etc/kafka.properties"
    daemon_record kafka || daemon_fail kafka
    daemon_await kafka "$KAFKA_SECONDS" kafka_answers "$port"
    say "kafka is up after $((SECONDS - started)) s"
}

kafka_down() {
    daemon_end kafka
}

kafka_address() {
    printf '127.0.0.1:%s\n' "$(kept_port kafka)"
}
