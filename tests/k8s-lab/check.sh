#!/bin/bash
# Proves the running cluster on an example service. Each line: ok|NO, what, seconds, what was seen. Last line: "N passed, N failed".
. "$(dirname "$0")/lib.sh"
set +e +o pipefail
: "${K8S_LAB_KAFKA=broker/cp-cp-kafka}" "${K8S_LAB_MONGO=auth/mngdb-auth-mongodb app/mngdb-mongodb}" "${K8S_LAB_STORES=1}"
pass=0 fail=0 tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
k() { kc -n demo "$@"; }
from() { local pod=$1; shift; kc -n visitors exec "$pod" -- "$@"; }                       # in one of the client pods
get() { in_ns curl -sS -m 5 -H 'Host: arch.homework' "http://$LB_IP$1"; }                    # through the ingress
until_ok() { local n=$1; shift; local i; for i in $(seq "$n"); do "$@" >/dev/null 2>&1 && return; sleep 1; done; "$@"; }
check() {
  local name=$1 t out r; shift; t=$(date +%s%N)
  if out=$("$@" 2>&1); then r=ok; pass=$((pass + 1)); else r=NO; fail=$((fail + 1)); fi
  printf '%s  %-52s %5.1f s  %s\n' $r "$name" "$(( ($(date +%s%N) - t) / 100000000 ))e-1" "$(tail -1 <<< "$out" | cut -c1-140)"
}

deployed() { for n in demo visitors; do kc create ns $n >/dev/null 2>&1; until_ok 20 kc -n $n get sa default || return; done   # a pod needs its account first
  kc apply --server-side --force-conflicts -f "$LAB_HOME/example/hello.yaml" -f "$LAB_HOME/example/clients.yaml" >/dev/null && k rollout status deploy/hello --timeout=60s &&
  kc -n visitors wait --for=condition=Ready pod --all --timeout=60s; }
linted() { "$LAB_HOME/lab" lint "$LAB_HOME"/example/*.yaml && ! sed 's/replicas:/replicaz:/' "$LAB_HOME/example/hello.yaml" | "$LAB_HOME/lab" lint; }
strict() { ! kc apply --dry-run=server -f - <<< '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"x","namespace":"demo"},"spec":{"replicaz":1}}'; }
both() { until_ok 20 spread; spread; }
spread() { for i in $(seq 20); do get /hello/x; done | grep -o 'host=[^ ]*' | sort | uniq -c | awk '{print $1, $2} END {exit NR < 2}'; }
nobody() { [ "$(in_ns curl -s -o /dev/null -w '%{http_code}' "http://$LB_IP/")" = 404 ] && in_ns curl -s -o /dev/null -w '%{http_code}' -H 'Host: arch.homework' "http://$LB_IP/nothing" | grep 404; }
named() { ip netns exec "$K8S_LAB_NS" curl -sS -m 5 http://arch.homework/hello/by-name; }
nginx_class() { until_ok 15 cors; cors; }
cors() { in_ns curl -s -m 5 -D - -H 'Host: nginx.arch.homework' -H 'Origin: https://shop.example' "http://$LB_IP/hello/abc" | grep -i '^access-control-allow-origin: https://shop.example'; }
ingress_status() { until_ok 10 test -n "$(k get ingress hello -o jsonpath='{.status.loadBalancer.ingress[0].ip}')"; k get ingress; }
request_id() { get /hello >/dev/null && ! in_ns curl -s -H 'Host: arch.homework' "http://$LB_IP/hello" -D - -o /dev/null | grep -i x-request-id; }
hardened() { k exec "$(pod)" -- sh -c 'id -u; grep -E "CapEff|Seccomp:|NoNewPrivs" /proc/self/status | tr "\n\t" "  "; ! touch /x 2>/dev/null' | tr '\n' ' ' | grep -E '^10001 .*CapEff: 0+ NoNewPrivs: 1 Seccomp: 2'; }
pod() { k get pod -l app=hello -o go-template='{{range .items}}{{if not .metadata.deletionTimestamp}}{{.metadata.name}}{{"\n"}}{{end}}{{end}}' | head -1; }   # one that is staying
forward() { nsenter --net="/run/netns/$K8S_LAB_NS" "$BIN/kubectl" --kubeconfig "$KUBECONFIG_LAB" -n demo port-forward svc/hello 18099:80 >/dev/null 2>&1 & local p=$! r; sleep 3; in_ns curl -s -m 3 127.0.0.1:18099/forwarded; r=$?; kill $p; return $r; }
healed() { k delete pod "$(pod)" >/dev/null; k rollout status deploy/hello --timeout=60s; }
rolled() { # a rolling restart under requests through the ingress and through the Service: none may fail
  local vip; vip=$(k get svc hello -o jsonpath='{.spec.clusterIP}')
  # shellcheck disable=SC2016
  in_ns bash -c 'n=0; while [ ! -e '"$tmp"'/stop ]; do n=$((n+1)); curl -sf -m 5 -o /dev/null -H "Host: arch.homework" http://'$LB_IP'/hello || echo "ingress $?"; curl -sf -m 5 -o /dev/null http://'"$vip"'/ || echo "service $?"; done; echo $n >'"$tmp"'/n' >"$tmp/bad" & local p=$!
  k rollout restart deploy/hello >/dev/null; k rollout status deploy/hello --timeout=90s >/dev/null; local r=$?; sleep 4; touch "$tmp/stop"; wait $p
  echo "$(( $(cat "$tmp/n") * 2 )) requests, $(wc -l <"$tmp/bad") failed $(sort "$tmp/bad" | uniq -c | tr '\n' ' ')"; [ $r = 0 ] && [ ! -s "$tmp/bad" ]
}
held() { local r; k set env deploy/hello PORT=19999 >/dev/null; k rollout status deploy/hello --timeout=12s; r=$?; k get deploy hello; k rollout undo deploy/hello >/dev/null; k rollout status deploy/hello --timeout=60s >/dev/null; [ $r != 0 ] && get /hello; }
scaled() { # more CPU than 70 % of the requests: one pod more, at least
  until_ok 60 k get --raw "/apis/metrics.k8s.io/v1beta1/namespaces/demo/pods/$(pod)" || return
  (in_ns bash -c 'for i in 1 2 3 4; do (end=$((SECONDS+75)); while [ $SECONDS -lt $end ] && [ ! -e '"$tmp"'/enough ]; do curl -s -m 5 -o /dev/null -H "Host: arch.homework" http://'$LB_IP'/hello/burn; done) & done; wait') & local p=$! i n
  for i in $(seq 75); do n=$(k get deploy hello -o jsonpath='{.status.readyReplicas}'); [ "${n:-0}" -ge 3 ] && break; sleep 1; done
  k get hpa hello --no-headers; touch "$tmp/enough"; wait $p; [ "$n" -ge 3 ]
}
budget() { local p; k patch pdb hello -p '{"spec":{"minAvailable":"100%"}}' >/dev/null; sleep 2; p=$(pod)
  k create --raw "/api/v1/namespaces/demo/pods/$p/eviction" -f - <<< '{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"'"$p"'","namespace":"demo"}}' 2>&1 | grep 'disruption budget'; local r=$?; k patch pdb hello -p '{"spec":{"minAvailable":1}}' >/dev/null; return $r; }
restricted() { ! k run bad --image=localhost/demo/hello:1 --privileged --dry-run=server; }
friend() { until_ok 30 from friend curl -sf -m 3 http://hello.demo/; from friend curl -sf -m 3 http://hello.demo/from-friend; }
stranger() { until_ok 30 no stranger; ! from stranger curl -sS -m 3 http://hello.demo/ && no stranger "$(k get pod "$(pod)" -o jsonpath='{.status.podIP}'):8000" && echo "refused by Service and by pod address"; }
no() { ! from "$1" curl -sf -m 3 "http://${2:-hello.demo}/"; }
inmate() { until_ok 30 no_store inmate; from inmate dig +short +time=2 hello.demo.svc.cluster.local && no_store inmate && echo "DNS answers, all else refused"; }
no_store() { ! from "$1" nc -z -w 2 "$(kc -n ingress-nginx get pod -o jsonpath='{.items[0].status.podIP}')" 8000; }
outside() { from friend dig +time=2 +tries=1 example.org | grep -o 'status: [A-Z]*' | grep NXDOMAIN; }
oom() { until_ok 40 killed; kc -n visitors get pod hungry --no-headers; killed; }
killed() { kc -n visitors get pod hungry -o jsonpath='{.status.containerStatuses[0].state.terminated.reason}' | grep OOMKilled; }
secretless() { until_ok 20 waits; waits; kc -n visitors get event --field-selector involvedObject.name=secretless -o jsonpath='{.items[*].message}' | grep -o 'secret "not-there" not found' | tail -1; }
waits() { kc -n visitors get pod secretless -o jsonpath='{.status.containerStatuses[0].state.waiting.reason}' | grep CreateContainerConfigError; }
charts() { "$BIN/helm" create "$tmp/chart" >/dev/null && "$BIN/helm" lint --strict "$tmp/chart" && "$BIN/helm" template x "$tmp/chart" | kc apply --dry-run=server -f - ; }
kafka() { local b=${1#*/}.${1%/*}.svc.cluster.local:9092 m; m=hello-$RANDOM
  from friend sh -c "echo $m | kcat -b $b -P -t order-created -k key && timeout 30 kcat -b $b -C -t order-created -o beginning -e -q" | grep $m; }
mongo() { local uri; uri=$(kc -n "${1%/*}" get secret "${1#*/}" -o jsonpath='{.data.uri}' | base64 -d)
  from friend python3 -c '
import sys, pymongo
c = pymongo.MongoClient(sys.argv[1], serverSelectionTimeoutMS=5000); d = c.lab
d.x.drop(); d.x.insert_one({"_id": "a", "n": 1}); d.x.create_index([("n", 1)])
try: d.x.insert_one({"_id": "a"}); dup = 0
except pymongo.errors.DuplicateKeyError: dup = 1
r = d.x.find_one_and_update({"_id": "a", "n": 1}, {"$set": {"n": 2}}, return_document=True)
try: pymongo.MongoClient(sys.argv[1].replace("root:", "root:x"), serverSelectionTimeoutMS=5000).lab.x.find_one(); auth = "any password taken"
except pymongo.errors.OperationFailure as e: auth = "wrong password refused (%s)" % e.code
print("server", c.server_info()["version"], "doc", r, "duplicate refused" if dup else "DUPLICATE TAKEN", auth)
sys.exit(not dup or "taken" in auth)' "$uri"; }

"$LAB_HOME/images/images.sh" build localhost/demo/hello:1 "$LAB_HOME/example" && "$LAB_HOME/images/images.sh" load localhost/demo/hello:1
check "deployment and clients ready" deployed
check "misspelt field refused by kubeconform" linted
check "misspelt field refused by the API server" strict
check "ingress: both replicas answer arch.homework" both
check "ingress: other host or path 404" nobody
check "ingress by name (lab exec)" named
check "ingress class nginx with its annotations" nginx_class
check "ingress makes up no X-Request-Id" request_id
check "Ingress objects show their address" ingress_status
check "logs" k logs "$(pod)" --tail=1
check "non-root, no capability, seccomp, read-only root" hardened
check "port-forward" forward
check "deleted pod comes back" healed
check "rolling restart without a failed request" rolled
check "bad rollout held by its probe, service stays" held
check "PodDisruptionBudget refuses an eviction" budget
check "Pod Security restricted refuses a privileged pod" restricted
check "NetworkPolicy: friend is let in" friend
check "NetworkPolicy: stranger is not" stranger
check "NetworkPolicy: egress to DNS only" inmate
check "names outside the cluster: NXDOMAIN at once" outside
kc apply -f "$LAB_HOME/example/faults.yaml" >/dev/null
check "memory limit kills" oom
check "missing Secret: pod waits and says so" secretless
check "helm create, lint, template | server dry-run" charts
if [ -n "$K8S_LAB_STORES" ]; then
  for x in $K8S_LAB_KAFKA; do check "Kafka $x from a pod" kafka "$x"; done
  for x in $K8S_LAB_MONGO; do check "store $x from a pod" mongo "$x"; done
fi
check "HPA adds a pod under load" scaled
kc delete ns demo visitors --wait=true >/dev/null 2>&1
echo "$pass passed, $fail failed"
[ $fail = 0 ]
