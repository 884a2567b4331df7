#!/usr/bin/env bash
# Every manifest against the API's own schemas, without a cluster; proves first that a broken one is
# seen. What extends the API (ServiceMonitor, PrometheusRule) has no schema there: only its YAML is
# read, and whether the metrics in it exist.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/../../scripts/lib/common.sh"
. "$ROOT/scripts/lib/python.sh"

KUBERNETES=1.34.0 # the cluster of tests/k8s-lab

validate() {
    "$python_bin/python" -m kubernetes_validate --strict --quiet --kubernetes-version "$KUBERNETES" "$@"
}

python_tool "$HERE/kubernetes"
broken=$(mktemp --suffix .yaml)
trap 'rm -f "$broken"' EXIT
sed 's/maxUnavailable/maxUnavailabel/' "$ROOT/k8s/user/deployment.yaml" >"$broken"
! validate "$broken" >/dev/null 2>&1 || fail "a misspelt field was not seen"

cd "$ROOT"
mapfile -t extensions < <(grep -lE '^apiVersion: monitoring.coreos.com/' -r k8s)
mapfile -t manifests < <(find k8s helm-values/psmdb-namespace.yaml -name '*.yaml' | sort | grep -vxF "$(printf '%s\n' "${extensions[@]:-none}")")
validate "${manifests[@]}"
"$python_bin/python" - "${extensions[@]}" helm-values/*.yaml <<'END'
import sys, yaml
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        list(yaml.safe_load_all(file))
END
"$python_bin/python" -B "$HERE/monitoring.py"
