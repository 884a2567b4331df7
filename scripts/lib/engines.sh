# shellcheck shell=bash
# The real engines below a run: scripts/stack brings them up, and they stay when the run ends.

engine_store=   # STORE_URI for both services, where there are real engines
engine_brokers= # KAFKA_BROKERS likewise

# engines_up DATA_DIR: a run on another folder has another database, as it has with SQLite.
engines_up() {
    local file=${STACK_DIR:-$ROOT/.cache/stack}/run.env uri
    interruptible "$ROOT/scripts/stack" up || fail "without a stack there is nothing to serve from"
    # shellcheck disable=SC1090 # written by scripts/stack
    uri=$(. "$file" && printf '%s' "$MONGODB_URI")
    # shellcheck disable=SC1090,SC2034
    engine_brokers=$(. "$file" && printf '%s' "$KAFKA_BROKERS")
    # shellcheck disable=SC2034
    engine_store=$(uri_with_database "$uri" "arch-$(printf '%s' "$1" | sha256sum | cut -c 1-8)")
}

# uri_with_database URI DATABASE: a URI that names one already keeps it.
uri_with_database() {
    if [[ $1 =~ ^([^/]*//[^/?]*)/?(\?.*)?$ ]]; then
        printf '%s/%s%s\n' "${BASH_REMATCH[1]}" "$2" "${BASH_REMATCH[2]}"
    else
        printf '%s\n' "$1"
    fi
}
