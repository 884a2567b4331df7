# shellcheck shell=bash
# The engines of the tiers real…: a stack of the tests' own in build/stack, or the one that STACK_DIR
# names. What was down before is down after the run.

TEST_STACK=${STACK_DIR:-$ROOT/build/stack}

stack() {
    interruptible env STACK_DIR="$TEST_STACK" "$ROOT/scripts/stack" "$1"
}

# Said before minutes are spent on what comes to nothing.
stack_possible() {
    [ "$(id -u)" -eq 0 ] || [ -n "${MONGODB_URI:-}" ] || stack status >/dev/null ||
        docker info >/dev/null 2>&1
}

# A tier is a subshell, so a file tells the run that there is something to end.
stack_up() {
    stack_possible || fail "the tiers real… need engines: run scripts/test as root, or with Docker, or" \
        "name engines that run already (MONGODB_URI, KAFKA_BROKERS), or leave these tiers out"
    stack status >/dev/null || : >"$REPORTS/stack-started"
    # Engines that were given are somebody's, and no test may stop them.
    [ -n "${MONGODB_URI:-}${KAFKA_BROKERS:-}" ] || export TEST_STACK_DIR=$TEST_STACK
    stack up || return 1
    # shellcheck disable=SC1091 # written by scripts/stack
    . "$TEST_STACK/run.env"
    export TEST_MONGODB_URI=$MONGODB_URI TEST_KAFKA_BROKERS=$KAFKA_BROKERS
}

stack_down() {
    [ -e "$REPORTS/stack-started" ] || return 0
    stack down >/dev/null
    rm -f "$REPORTS/stack-started"
    [ -n "${STACK_DIR:-}" ] || rm -rf "$TEST_STACK"
}
