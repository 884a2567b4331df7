#!/usr/bin/env bash
# build.sh PRESET [TARGET…]: configures when needed, builds, and is silent when all is up to date.
# Two at once take turns.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

preset=${1:?usage: build.sh PRESET [TARGET…]}
shift
tree=$ROOT/build/$preset
log=$ROOT/build/$preset.log

mkdir -p "$ROOT/build"
exec 9>"$ROOT/build/.$preset.lock"
flock 9

# A tree that was configured elsewhere (the repository was moved) cannot be used.
configured_here() {
    [ -f "$tree/build.ninja" ] && grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$ROOT" "$tree/CMakeCache.txt"
}

failed() {
    grep -E -m 10 'error|FAILED|CMake Error' "$log" >&2 || tail -n 10 "$log" >&2
    fail "building $preset failed (all of it: $log)"
}

cd "$ROOT"
started=$SECONDS
: >"$log"
if ! configured_here; then
    say "building ($preset), the first time takes a minute …"
    cmake --fresh --preset "$preset" >>"$log" 2>&1 9>&- || failed
fi
ninja -C "$tree" "$@" >>"$log" 2>&1 9>&- || failed
if ! grep -q 'no work to do' "$log"; then
    say "built ($preset) in $((SECONDS - started)) s"
fi
