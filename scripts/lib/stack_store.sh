# shellcheck shell=bash
# A store that speaks MongoDB's protocol, from packages: PostgreSQL with the DocumentDB extension,
# and a gateway before it that clients talk to.

DOCUMENTDB_SUITE=forky # the first Debian that has the extension
DOCUMENTDB_PACKAGES=(
    postgresql-18-documentdb postgresql-18-postgis-3 postgresql-18-cron postgresql-18-pgvector
    postgresql-18-rum libc-bin dash
)
GO_OLDEST=1.25 # what the gateway's modules ask for
GATEWAY_SOURCE=$ROOT/scripts/lib/stack/store-gateway

POSTGRES_SECONDS=60 # after a crash it replays its log first
GATEWAY_SECONDS=30

store_install() {
    stack_install "the store" mmdebstrap=mmdebstrap bwrap=bubblewrap ca-certificates
}

database_prepare() {
    debian_root stack-documentdb "$DOCUMENTDB_SUITE" extract "${DOCUMENTDB_PACKAGES[@]}" ||
        fail "mmdebstrap failed: see above; this needs Debian's $DOCUMENTDB_SUITE on apt's mirror"
    # The package's own scripts, which do not run here, would make this link.
    # shellcheck disable=SC2154 # from debian_root.sh
    ln -sf postgis-3.control "$debian_root/usr/share/postgresql/18/extension/postgis.control"

    mkdir -p "$STACK/data/postgres"
    printf 'postgres:x:1000:1000::/data:/bin/sh\n' >"$STACK/etc/passwd"
    printf '127.0.0.1 localhost\n' >"$STACK/etc/hosts"

    # As an ordinary user, since PostgreSQL refuses root. It sees the root's files, its data and
    # nothing else of this machine.
    in_database=(
        bwrap --unshare-user --uid 1000 --gid 1000 --clearenv
        --ro-bind "$debian_root/usr" /usr --symlink usr/bin /bin --symlink usr/lib /lib
        --symlink usr/lib64 /lib64 --ro-bind "$STACK/etc" /etc --dev /dev
        --tmpfs /dev/shm --tmpfs /tmp --tmpfs /var --tmpfs /run
        --bind "$STACK/data/postgres" /data --chdir /data
        --setenv PATH /usr/lib/postgresql/18/bin:/usr/bin
    )
}

# Made beside its place and moved there whole: what an interrupted run leaves behind is never used.
database_initialize() {
    local log=$STACK/log/initdb.log
    [ ! -e "$STACK/data/postgres/db" ] || return 0
    rm -rf "$STACK/data/postgres/new"
    "${in_database[@]}" initdb -D /data/new -U postgres -A trust --locale=C.UTF-8 \
        >"$log" 2>&1 || fail "initdb failed: $(tail -n 1 "$log") (all of it: $log)"
    mv "$STACK/data/postgres/new" "$STACK/data/postgres/db"
}

# The server's PID as it wrote it down itself, if that process works in our data. bubblewrap is only
# its parent: ending that would leave the server alone.
postmaster_pid() {
    local pid
    read -r pid 2>/dev/null <"$STACK/data/postgres/db/postmaster.pid" &&
        [ "/proc/$pid/cwd" -ef "$STACK/data/postgres/db" ] && printf '%s\n' "$pid"
}

# A run may have been killed between the server's start and its record.
database_adopt() {
    local pid
    if ! daemon_alive postgres && pid=$(postmaster_pid); then
        daemon_record postgres "$pid" || true
    fi
}

# database_query PORT SQL
database_query() {
    "${in_database[@]}" psql -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$1" -U postgres -c "$2" postgres
}

database_start() {
    local port=$1 pid
    daemon_start postgres "${in_database[@]}" postgres -D /data/db -c "port=$port" \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200 \
        -c shared_preload_libraries=pg_cron,pg_documentdb_core,pg_documentdb \
        -c cron.database_name=postgres -c cron.log_statement=off -c cron.log_run=off
    daemon_await postgres "$POSTGRES_SECONDS" database_query "$port" \
        'CREATE EXTENSION IF NOT EXISTS documentdb CASCADE'
    pid=$(postmaster_pid) || daemon_fail postgres
    daemon_record postgres "$pid" || daemon_fail postgres
}

database_up() {
    local port started=$SECONDS
    database_prepare
    database_adopt
    port=$(daemon_port postgres)
    if ! daemon_answers postgres database_query "$port" 'SELECT 1'; then
        database_initialize
        database_start "$port"
        say "postgres is up after $((SECONDS - started)) s"
    fi
}

go_is_new_enough() {
    local version
    version=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null) || return 1
    printf '%s\n' "$GO_OLDEST" "${version#go}" | sort -V -C
}

# go_prepare FOLDER: sets go_command: the machine's Go where that is new enough, else a newer
# Debian's, which sees the machine's network settings and certificates.
go_prepare() {
    go_command=(go)
    ! go_is_new_enough || return 0
    debian_root stack-go "$DOCUMENTDB_SUITE" extract golang-go ||
        fail "mmdebstrap failed: see above; or install Go $GO_OLDEST or newer"
    go_command=(
        bwrap --die-with-parent --ro-bind "$debian_root/usr" /usr --symlink usr/bin /bin
        --symlink usr/lib /lib --symlink usr/lib64 /lib64 --ro-bind /etc /etc --ro-bind /run /run
        --dev /dev --proc /proc --tmpfs /tmp --ro-bind "$GATEWAY_SOURCE" "$GATEWAY_SOURCE"
        --bind "$1" "$1" --chdir "$GATEWAY_SOURCE" go
    )
}

# gateway_compile FOLDER: it takes the program and, meanwhile, modules and objects.
gateway_compile() {
    interruptible env -C "$GATEWAY_SOURCE" CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS=-modcacherw \
        GOPATH="$1/modules" GOCACHE="$1/objects" \
        "${go_command[@]}" build -trimpath -buildvcs=false -o "$1/store-gateway" .
}

# Built once for each state of its sources.
gateway_build() {
    local key folder log=$STACK/log/gateway-build.log started
    key=$(cat "$GATEWAY_SOURCE"/{main.go,go.mod,go.sum} | sha256sum | cut -c 1-16)
    gateway_program=$ROOT/.cache/stack-gateway-$key
    [ ! -x "$gateway_program" ] || return 0

    folder=$gateway_program.build # what an interrupted build fetched and compiled is of use
    mkdir -p "$folder"
    go_prepare "$folder"
    say "building the store's gateway, which takes a minute or two …"
    started=$SECONDS
    gateway_compile "$folder" >"$log" 2>&1 ||
        fail "building the gateway failed: does Go reach its modules? (all it said: $log)" \
            "$(tail -n 1 "$log")"
    mv "$folder/store-gateway" "$gateway_program"
    rm -rf "$folder"
    say "built the store's gateway in $((SECONDS - started)) s"
}

# le32 NUMBER: as printf's escapes, the lowest byte first.
le32() {
    printf '\\x%02x\\x%02x\\x%02x\\x%02x' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24))
}

# mongo_answers PORT: sends {ping: 1, $db: "admin"} as MongoDB's OP_MSG and waits for an answer.
mongo_answers() (
    LC_ALL=C
    # shellcheck disable=SC2016 # $db is a name of the protocol
    body='\x10ping\x00\x01\x00\x00\x00\x02$db\x00\x06\x00\x00\x00admin\x00\x00'
    document=$(le32 $((4 + 10 + 15 + 1)))$body
    message=$(le32 1)$(le32 0)$(le32 2013)$(le32 0)'\x00'$document
    exec 3<>"/dev/tcp/127.0.0.1/$1"
    # shellcheck disable=SC2059 # the message is made of printf's escapes
    printf "$(le32 $((16 + 5 + 30)))$message" >&3
    read -r -t 2 -N 1 -d '' _ <&3
)

# Whether it was told of the port that the database has now.
gateway_knows() {
    local pid
    pid=$(daemon_pid store-gateway) && grep -qF "127.0.0.1:$1/" "/proc/$pid/cmdline"
}

gateway_up() {
    local port database started=$SECONDS
    port=$(daemon_port store-gateway)
    database=$(daemon_port postgres)
    if gateway_knows "$database" && daemon_answers store-gateway mongo_answers "$port"; then
        return
    fi
    daemon_end store-gateway
    gateway_build
    mkdir -p "$STACK/data/store-gateway"
    daemon_start store-gateway env DO_NOT_TRACK=1 "$gateway_program" -listen "127.0.0.1:$port" \
        -state "$STACK/data/store-gateway" -postgres "postgres://postgres@127.0.0.1:$database/postgres"
    daemon_record store-gateway || daemon_fail store-gateway
    daemon_await store-gateway "$GATEWAY_SECONDS" mongo_answers "$port"
    say "store-gateway is up after $((SECONDS - started)) s"
}

store_up() {
    side_by_side database_up gateway_build
    gateway_up
}

store_down() {
    database_adopt
    daemon_end store-gateway
    daemon_end postgres INT # its quick way: it waits for no client
}

store_address() {
    printf 'mongodb://127.0.0.1:%s/\n' "$(kept_port store-gateway)"
}
