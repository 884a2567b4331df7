# shellcheck shell=bash
# What every script here begins with: where the repository is, how to speak, how to wait.

# shellcheck disable=SC2034 # for those who source this
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# Debian keeps nginx where a plain user's PATH does not look.
PATH=$PATH:/usr/sbin:/sbin

say() {
    printf '%s\n' "$*"
}

# One readable line, and the end.
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# Runs a command such that a signal to this script acts at once: while bash waits for a foreground
# command it runs no trap. The command gets a group of its own; interrupt_running ends that.
running_job=
interruptible() {
    local code=0
    setsid "$@" &
    running_job=$!
    wait "$running_job" || code=$?
    running_job=
    return "$code"
}

# Waits for the whole group: a build's compilers end after the script that started them.
interrupt_running() {
    local deadline=$((SECONDS + 10))
    [ -n "$running_job" ] || return 0
    while kill -TERM -- "-$running_job" 2>/dev/null && ((SECONDS < deadline)); do
        sleep 0.05
    done
    kill -KILL -- "-$running_job" 2>/dev/null || true
    wait "$running_job" 2>/dev/null || true
    running_job=
}
