#!/usr/bin/env bash
# Lints docs/openapi.yaml and docs/asyncapi.yaml; proves first that a broken one is seen.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/../../scripts/lib/common.sh"
. "$ROOT/scripts/lib/npm.sh"

lint() {
    "$npm_bin/spectral" lint --quiet --fail-severity warn --ruleset "$HERE/spectral/rules.yaml" "$@"
}

npm_tool "$HERE/spectral"
broken=$(mktemp --suffix .yaml)
trap 'rm -f "$broken"' EXIT
sed '0,/operationId: .*/s///' "$ROOT/docs/openapi.yaml" >"$broken"
! lint "$broken" >/dev/null || fail "an operation without an id was not seen"
lint "$ROOT/docs/openapi.yaml" "$ROOT/docs/asyncapi.yaml"
