# shellcheck shell=bash
# Processes that outlive the script. A file says which PID and when it started, so a number that the
# kernel gave to somebody else since is never taken for ours, and never signalled.

DAEMON_STOP_SECONDS=15 # PostgreSQL writes a checkpoint, Kafka its logs
DAEMON_ANSWER_SECONDS=10 # one that was paused has a queue to work off
DAEMON_POLL=0.05

daemon_started= # PID of the last one

# The fields of /proc/PID/stat from the third on: its second, the name, may hold anything.
process_fields() {
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    printf '%s\n' "${stat##*) }"
}

# Nothing of a process but its entry is left in state Z.
start_ticks() {
    local -a fields
    read -ra fields < <(process_fields "$1") || return 1
    [ "${fields[0]}" != Z ] && printf '%s\n' "${fields[19]}"
}

daemon_file() {
    printf '%s\n' "$STACK/pid/$1"
}

# daemon_record NAME [PID]: the one just started, where no other is meant. False: it has ended.
daemon_record() {
    local file pid=${2:-$daemon_started} ticks
    file=$(daemon_file "$1")
    ticks=$(start_ticks "$pid") || return 1
    printf '%s %s\n' "$pid" "$ticks" >"$file.new"
    mv "$file.new" "$file"
}

# Its PID, if it lives.
daemon_pid() {
    local pid ticks
    read -r pid ticks 2>/dev/null <"$(daemon_file "$1")" || return 1
    [ "$(start_ticks "$pid")" = "$ticks" ] && printf '%s\n' "$pid"
}

daemon_alive() {
    daemon_pid "$1" >/dev/null
}

daemon_paused() {
    local pid
    pid=$(daemon_pid "$1") && [[ $(process_fields "$pid") == T* ]]
}

# In words: since when it runs.
daemon_age() {
    local seconds
    seconds=$(($(date +%s) - $(stat -c %Y "$(daemon_file "$1")")))
    if ((seconds < 120)); then
        printf '%s s\n' "$seconds"
    elif ((seconds < 7200)); then
        printf '%s min\n' "$((seconds / 60))"
    else
        printf '%s h\n' "$((seconds / 3600))"
    fi
}

# daemon_start NAME COMMAND…: what it prints goes to a log of its own, begun anew. It holds none of
# our locks (7, 9) and none of our terminal.
daemon_start() {
    local name=$1
    shift
    setsid -- "$@" >"$STACK/log/$name.log" 2>&1 </dev/null 7>&- 9>&- &
    daemon_started=$!
    disown
}

# daemon_fail NAME: why it did not start, in its own words.
daemon_fail() {
    local log=$STACK/log/$1.log
    tail -n 8 "$log" | sed "s/^/  $1: /" >&2
    fail "$1 did not start (all of it: $log)"
}

# daemon_await NAME SECONDS COMMAND…: until the command succeeds.
daemon_await() {
    local name=$1 deadline=$((SECONDS + $2))
    shift 2
    until "$@" >/dev/null 2>&1; do
        if ! start_ticks "$daemon_started" >/dev/null || ((SECONDS >= deadline)); then
            daemon_fail "$name"
        fi
        sleep "$DAEMON_POLL"
    done
}

# daemon_signal NAME SIGNAL
daemon_signal() {
    local pid
    pid=$(daemon_pid "$1") && kill -s "$2" "$pid" 2>/dev/null
}

# daemon_end NAME [SIGNAL]: kindly, a paused one too; then by force.
daemon_end() {
    local name=$1 deadline=$((SECONDS + DAEMON_STOP_SECONDS))
    daemon_signal "$name" "${2:-TERM}" || true
    daemon_signal "$name" CONT || true
    while daemon_alive "$name" && ((SECONDS < deadline)); do
        sleep "$DAEMON_POLL"
    done
    while daemon_signal "$name" KILL; do
        sleep "$DAEMON_POLL"
    done
    rm -f "$(daemon_file "$name")"
}

# daemon_answers NAME COMMAND…: whether it lives and the command succeeds before long. One that was
# paused goes on; one that is silent nonetheless is ended.
daemon_answers() {
    local name=$1 deadline=$((SECONDS + DAEMON_ANSWER_SECONDS))
    shift
    daemon_signal "$name" CONT || return 1
    until "$@" >/dev/null 2>&1; do
        if ! daemon_alive "$name" || ((SECONDS >= deadline)); then
            daemon_end "$name"
            return 1
        fi
        sleep "$DAEMON_POLL"
    done
}

# kept_port NAME: as chosen before; ? where none was.
kept_port() {
    cat "$STACK/port/$1" 2>/dev/null || printf '?\n'
}

# daemon_port NAME: chosen once and kept, until somebody else listens there.
daemon_port() {
    local port
    port=$(kept_port "$1")
    if [[ $port == '?' ]] || { ! daemon_alive "$1" && port_taken "$port"; }; then
        port=$(free_port) || fail "found no free port on 127.0.0.1"
        printf '%s\n' "$port" >"$STACK/port/$1"
    fi
    printf '%s\n' "$port"
}
