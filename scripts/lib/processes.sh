# shellcheck shell=bash
# Starts, watches and ends the processes of one run. Each gets a group of its own, so that Ctrl-C
# reaches only us and they end in the right order; and each is ended by the kernel should we die
# without a chance to end it.

STOP_SECONDS=15 # a service drains for at most 10
READY_SECONDS=30 # a first start migrates; a slow disk takes its time
POLL=0.05

declare -A process_names=() # PID -> name
process_started=            # PID of the last one

# process_start NAME COMMAND…: what it prints goes to its log.
process_start() {
    local name=$1
    shift
    setsid setpriv --pdeathsig TERM -- "$@" >>"$LOG_DIR/$name.log" 2>&1 </dev/null 9>&- &
    process_started=$!
    process_names[$process_started]=$name
}

process_alive() {
    kill -0 "$1" 2>/dev/null
}

log_size() {
    stat -c %s "$LOG_DIR/$1.log" 2>/dev/null || printf '0\n'
}

# process_fail NAME LOG-SIZE-BEFORE: why it did not start, in its own words.
process_fail() {
    local name=$1 log=$LOG_DIR/$1.log
    tail -c "+$(($2 + 1))" "$log" | tail -n 8 | sed "s/^/  $name: /" >&2
    fail "$name did not start (all of it: $log)"
}

# process_await NAME PID LOG-SIZE-BEFORE COMMAND…: until the command succeeds.
process_await() {
    local name=$1 pid=$2 before=$3 deadline=$((SECONDS + READY_SECONDS))
    shift 3
    while ! "$@" >/dev/null 2>&1; do
        if ! process_alive "$pid" || ((SECONDS >= deadline)); then
            process_fail "$name" "$before"
        fi
        sleep "$POLL"
    done
    # Success may have come from somebody else: a port taken in the meantime.
    process_alive "$pid" || process_fail "$name" "$before"
}

# process_end NAME…: all at once, kindly, stopped ones too; then by force what is left of them.
process_end() {
    local pid deadline=$((SECONDS + STOP_SECONDS + ${DRAIN_DELAY_MS:-0} / 1000))
    local -a pids=()

    for pid in "${!process_names[@]}"; do
        [[ " $* " == *" ${process_names[$pid]} "* ]] || continue
        pids+=("$pid")
        kill -TERM -- "-$pid" 2>/dev/null || kill -TERM "$pid" 2>/dev/null || true
        kill -CONT -- "-$pid" 2>/dev/null || true
    done
    for pid in "${pids[@]}"; do
        while process_alive "$pid" && ((SECONDS < deadline)); do
            sleep "$POLL"
        done
        process_forget "$pid"
    done
}

# After its end, or for the lack of one: nothing of its group stays.
process_forget() {
    kill -KILL -- "-$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
    unset "process_names[$1]"
}
