#!/usr/bin/env bash
# Every script through shellcheck; proves first that a broken one is seen.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/../../scripts/lib/common.sh"

cd "$ROOT"
# shellcheck disable=SC2016 # the breach is meant as it stands
! shellcheck - <<<'#!/bin/sh
rm -r $1/$2' >/dev/null || fail "an unquoted variable was not seen"
mapfile -t scripts < <(grep -rlE --include='*' '^(#!.*sh|# shellcheck shell=)' scripts tests .ci | grep -v '\.py$')
shellcheck --external-sources --source-path=SCRIPTDIR "${scripts[@]}"
