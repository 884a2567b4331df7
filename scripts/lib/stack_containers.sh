# shellcheck shell=bash
# The same two parts as containers: compose.yaml on ports chosen here.

declare -A CONTAINERS=([store]="mongo-1 mongo-2 mongo-3" [kafka]="kafka")

containers_prepare() {
    compose=(
        docker compose --file "$ROOT/compose.yaml"
        --project-name "arch-homework-$(printf '%s' "$STACK" | sha256sum | cut -c 1-8)"
    )
    compose_log=$STACK/log/compose.log
}

# containers_usable PART…: whether there is an engine and the images can be had.
containers_usable() {
    local -a names
    docker info >/dev/null 2>&1 || return 1
    containers_prepare
    read -ra names <<<"loopback ${CONTAINERS[*]}"
    "${compose[@]}" version >/dev/null 2>&1 &&
        interruptible "${compose[@]}" pull --quiet --policy missing "${names[@]}" >"$compose_log" 2>&1 &&
        return 0
    say "docker is here, but not its compose, or not the images: taking packages"
    return 1
}

# Members of the set know each other by their ports, so these are kept as long as the data.
containers_ports() {
    local name port
    if [ ! -s "$STACK/port/mongo-1" ]; then
        "${compose[@]}" down --volumes >"$compose_log" 2>&1 || true
    fi
    for name in mongo-1 mongo-2 mongo-3 kafka-container kafka-container-controller gateway-container; do
        [ -s "$STACK/port/$name" ] && continue
        port=$(free_port) || fail "found no free port on 127.0.0.1"
        printf '%s\n' "$port" >"$STACK/port/$name"
    done
}

containers_export() {
    MONGODB_PORT_1=$(kept_port mongo-1)
    MONGODB_PORT_2=$(kept_port mongo-2)
    MONGODB_PORT_3=$(kept_port mongo-3)
    KAFKA_PORT=$(kept_port kafka-container)
    KAFKA_CONTROLLER_PORT=$(kept_port kafka-container-controller)
    GATEWAY_PORT=$(kept_port gateway-container) # published too, though nobody listens behind it
    export MONGODB_PORT_1 MONGODB_PORT_2 MONGODB_PORT_3 KAFKA_PORT KAFKA_CONTROLLER_PORT GATEWAY_PORT
}

# containers_do PART ACTION…: on all containers of a part.
containers_do() {
    local -a names
    read -ra names <<<"${CONTAINERS[$1]}"
    shift
    containers_prepare
    containers_export
    interruptible "${compose[@]}" "$@" "${names[@]}" >"$compose_log" 2>&1 ||
        fail "docker compose $1 failed: $(tail -n 1 "$compose_log") (log: $compose_log)"
}

# containers_up PART…
containers_up() {
    local part started=$SECONDS
    containers_prepare
    containers_ports
    for part; do
        containers_do "$part" up --detach --wait
        say "$part is up in containers after $((SECONDS - started)) s"
    done
}

containers_down() {
    containers_prepare
    containers_export
    "${compose[@]}" down >"$compose_log" 2>&1 ||
        fail "docker compose down failed: $(tail -n 1 "$compose_log") (log: $compose_log)"
}

containers_status() {
    local -a names
    read -ra names <<<"${CONTAINERS[$1]}"
    containers_prepare
    containers_export
    "${compose[@]}" ps --all --format '  {{.Service}}: {{.Status}}' "${names[@]}"
    (($("${compose[@]}" ps --status running --quiet "${names[@]}" | wc -l) == ${#names[@]}))
}

containers_address() {
    if [[ $1 == store ]]; then
        printf 'mongodb://127.0.0.1:%s,127.0.0.1:%s,127.0.0.1:%s/?replicaSet=rs0\n' \
            "$(kept_port mongo-1)" "$(kept_port mongo-2)" "$(kept_port mongo-3)"
    else
        printf '127.0.0.1:%s\n' "$(kept_port kafka-container)"
    fi
}
