#!/bin/bash
# One Kubernetes node and its control plane as plain processes in a network namespace of their own.
# usage: node.sh up | down        State and logs: $K8S_LAB_RUN
. "$(dirname "$0")/lib.sh"
R=$K8S_LAB_RUN P=$R/pki

start() { local n=$1; shift; setsid nsenter --net="/run/netns/$K8S_LAB_NS" "$@" >"$R/log/$n" 2>&1 </dev/null & echo $! >"$R/pid/$n"; }
stop() { # ends what `start` started, by pid: TERM, then KILL after 10 s
  local n p i
  for n; do [ ! -f "$R/pid/$n" ] || kill "$(cat "$R/pid/$n")" 2>/dev/null || true; done
  for n; do [ -f "$R/pid/$n" ] || continue; p=$(cat "$R/pid/$n")
    for i in $(seq 100); do kill -0 "$p" 2>/dev/null || break; sleep .1; done; kill -9 "$p" 2>/dev/null || true; rm "$R/pid/$n"; done
}
alive() { local n; for n; do kill -0 "$(cat "$R/pid/$n")" 2>/dev/null || { tail -5 "$R/log/$n" >&2; die "$n died, see $R/log/$n"; }; done; }

network() {
  ip netns add "$K8S_LAB_NS"
  in_ns sh -ec "
    ip link set lo up
    ip link add node0 type bridge; ip addr add $NODE_IP/24 dev node0; ip addr add $LB_IP/32 dev node0; ip link set node0 up
    ip route add default dev node0                     # leads nowhere: kube-proxy and CNI want one
    echo 1 >/proc/sys/net/ipv4/ip_forward
    echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables   # so that Services and policies also hold between pods on one bridge
  "
  # what \`ip netns exec\` (lab exec) shows to programs: the cluster's DNS, and the ingress under its name
  mkdir -p "/etc/netns/$K8S_LAB_NS"
  printf 'nameserver %s\nsearch svc.cluster.local cluster.local\noptions ndots:5\n' $DNS_IP >"/etc/netns/$K8S_LAB_NS/resolv.conf"
  printf '127.0.0.1 localhost\n%s arch.homework\n' $LB_IP >"/etc/netns/$K8S_LAB_NS/hosts"
}

cgroups() { # a subtree of our own, so that teardown can never meet another's pods
  local c
  for c in /sys/fs/cgroup/*/; do
    mkdir -p "$c$K8S_LAB_NS"
    [ ! -f "${c}cpuset.cpus" ] || { cat "${c}cpuset.cpus" >"$c$K8S_LAB_NS/cpuset.cpus"; cat "${c}cpuset.mems" >"$c$K8S_LAB_NS/cpuset.mems"; }
  done
}

keys() { # service-account key, front-proxy pair (aggregated APIs such as metrics), the admin's token
  [ -f "$P/sa.key" ] && return
  openssl genrsa -out "$P/sa.key" 2048
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$P/fp-ca.key" -out "$P/fp-ca.crt" -days 30 -subj /CN=front-proxy-ca
  openssl req -newkey rsa:2048 -nodes -keyout "$P/fp.key" -out "$P/fp.csr" -subj /CN=front-proxy-client
  openssl x509 -req -in "$P/fp.csr" -CA "$P/fp-ca.crt" -CAkey "$P/fp-ca.key" -CAcreateserial -out "$P/fp.crt" -days 30 -extfile <(printf extendedKeyUsage=clientAuth)
  echo "$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n'),admin,admin,system:masters" >"$P/tokens.csv"
}

control_plane() {
  (umask 077; keys 2>/dev/null)
  start etcd etcd --data-dir "$R/etcd" --unsafe-no-fsync --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 --initial-cluster default=http://127.0.0.1:2380
  start apiserver "$BIN/kube-apiserver" --etcd-servers=http://127.0.0.1:2379 --bind-address=$NODE_IP --advertise-address=$NODE_IP --secure-port=6443 --cert-dir="$P" \
    --token-auth-file="$P/tokens.csv" --authorization-mode=Node,RBAC --allow-privileged=true --service-cluster-ip-range=$SVC_CIDR \
    --service-account-key-file="$P/sa.key" --service-account-signing-key-file="$P/sa.key" --service-account-issuer=https://kubernetes.default.svc \
    --requestheader-client-ca-file="$P/fp-ca.crt" --requestheader-allowed-names=front-proxy-client --requestheader-username-headers=X-Remote-User \
    --requestheader-group-headers=X-Remote-Group --requestheader-extra-headers-prefix=X-Remote-Extra- \
    --proxy-client-cert-file="$P/fp.crt" --proxy-client-key-file="$P/fp.key" --kubelet-preferred-address-types=InternalIP
  local i; for i in $(seq 60); do [ -s "$P/apiserver.crt" ] && break; alive apiserver; sleep .5; done
  (umask 077; cat >"$KUBECONFIG_LAB" <<Y
apiVersion: v1
kind: Config
current-context: lab
clusters: [{name: lab, cluster: {server: "https://$NODE_IP:6443", certificate-authority: $P/apiserver.crt}}]
users: [{name: admin, user: {token: $(cut -d, -f1 "$P/tokens.csv")}}]
contexts: [{name: lab, context: {cluster: lab, user: admin}}]
Y
)
  for i in $(seq 120); do kc get --raw /readyz >/dev/null 2>&1 && break; alive etcd apiserver; sleep .5; done
  start controller-manager "$BIN/kube-controller-manager" --kubeconfig="$KUBECONFIG_LAB" --leader-elect=false --bind-address=127.0.0.1 --use-service-account-credentials=true \
    --service-account-private-key-file="$P/sa.key" --root-ca-file="$P/apiserver.crt" --horizontal-pod-autoscaler-sync-period=5s \
    --horizontal-pod-autoscaler-initial-readiness-delay=5s --horizontal-pod-autoscaler-cpu-initialization-period=10s
  start scheduler "$BIN/kube-scheduler" --kubeconfig="$KUBECONFIG_LAB" --leader-elect=false --bind-address=127.0.0.1
}

runtime() {
  cat >"$R/cni/10-lab.conflist" <<C
{"cniVersion":"0.4.0","name":"lab","plugins":[
 {"type":"bridge","bridge":"cni0","isGateway":true,"ipMasq":true,"hairpinMode":true,
  "ipam":{"type":"host-local","dataDir":"$R/ipam","ranges":[[{"subnet":"$POD_CIDR"}]],"routes":[{"dst":"0.0.0.0/0"}]}},
 {"type":"portmap","capabilities":{"portMappings":true}}]}
C
  cat >"$R/containerd.toml" <<C
version = 2
root = "$CTD_ROOT"
state = "$R/ctd"
[grpc]
  address = "$SOCK"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/k8s-lab/pause:1"
  restrict_oom_score_adj = true      # without CAP_SYS_RESOURCE no process may get a lower score than its parent's
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$R/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
C
  start containerd containerd -c "$R/containerd.toml"
  local i; for i in $(seq 60); do ctr -a "$SOCK" version >/dev/null 2>&1 && break; alive containerd; sleep .25; done
}

node() {
  echo "nameserver 192.0.2.1" >"$R/resolv.conf"        # nobody there: pods ask CoreDNS, and CoreDNS forwards nothing
  cat >"$R/kubelet.yaml" <<C
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $NODE_IP
containerRuntimeEndpoint: unix://$SOCK
cgroupDriver: cgroupfs
cgroupRoot: /$K8S_LAB_NS
failCgroupV1: false
failSwapOn: false
oomScoreAdj: 0
authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
clusterDNS: [$DNS_IP]
clusterDomain: cluster.local
resolvConf: $R/resolv.conf
maxPods: 60
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 100Mi, nodefs.available: "1%", nodefs.inodesFree: "1%", imagefs.available: "1%", imagefs.inodesFree: "1%"}
C
  start kubelet "$BIN/kubelet" --config="$R/kubelet.yaml" --kubeconfig="$KUBECONFIG_LAB" --root-dir="$R/kubelet" --cert-dir="$P" --node-ip=$NODE_IP --hostname-override=$NODE
  cat >"$R/proxy.yaml" <<C
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection: {kubeconfig: $KUBECONFIG_LAB}
mode: iptables
clusterCIDR: $POD_CIDR
hostnameOverride: $NODE
oomScoreAdj: 0
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
C
  start proxy "$BIN/kube-proxy" --config="$R/proxy.yaml"
  local i; for i in $(seq 120); do kc get node $NODE >/dev/null 2>&1 && break; alive kubelet controller-manager scheduler; sleep .5; done
  kc wait --for=condition=Ready "node/$NODE" --timeout=60s >/dev/null
  # kube-router as policy engine only; it wants the node's pod CIDR, and leaves routing and Services to others
  kc patch node $NODE -p "{\"spec\":{\"podCIDR\":\"$POD_CIDR\",\"podCIDRs\":[\"$POD_CIDR\"]}}" >/dev/null
  start netpol "$BIN/kube-router" --kubeconfig="$KUBECONFIG_LAB" --hostname-override=$NODE --run-firewall=true --run-router=false --run-service-proxy=false \
    --service-cluster-ip-range=$SVC_CIDR --health-port=0 --iptables-sync-period=60s
}

up() {
  [ ! -e "$R/pid" ] || die "there is a cluster in $R already: '$LAB_HOME/lab down' first"
  mkdir -p "$R"/{pid,log,cni,pki}; echo '*' >"$R/.gitignore"
  [ ${#SOCK} -lt 104 ] || die "K8S_LAB_RUN is too long a path for a socket: $R"
  network; cgroups; runtime; timed "control plane ready" control_plane
  "$LAB_HOME/images/images.sh" load
  timed "node Ready" node
}

# Every process that a pod left: those in our cgroups, and shims that talk to our socket.
pod_pids() { find /sys/fs/cgroup/*/"$K8S_LAB_NS" -name cgroup.procs -exec cat {} + 2>/dev/null | sort -u; }
shim_pids() { local p; for p in /proc/[0-9]*; do { tr '\0' ' ' <"$p/cmdline"; } 2>/dev/null | grep -q "^[^ ]*containerd-shim.* $SOCK" && echo "${p#/proc/}"; done; true; }

down() {
  stop netpol kubelet proxy scheduler controller-manager
  if [ -S "$SOCK" ]; then
    local c='ctr' t; c="ctr -a $SOCK -n k8s.io"
    for t in $($c tasks ls -q 2>/dev/null); do $c tasks kill -a -s KILL "$t" 2>/dev/null || true; done; sleep .5
    for t in $($c containers ls -q 2>/dev/null); do $c tasks rm -f "$t" >/dev/null 2>&1 || true; $c containers rm "$t" >/dev/null 2>&1 || true; done
  fi
  pod_pids | xargs -r kill -9 2>/dev/null || true
  stop apiserver etcd containerd; shim_pids | xargs -r kill -9 2>/dev/null || true; sleep .3
  grep -oE " ($R|$CTD_ROOT|$STORAGE)/[^ ]*| /run/netns/cni-[^ ]*" /proc/self/mounts | sort -ru | xargs -r -n1 umount -l 2>/dev/null || true
  rm -f /run/netns/cni-*
  local g; for g in /sys/fs/cgroup/*/"$K8S_LAB_NS"; do [ ! -d "$g" ] || find "$g" -depth -type d -exec rmdir {} \; 2>/dev/null || true; done
  ip netns del "$K8S_LAB_NS" 2>/dev/null || true; rm -rf "/etc/netns/$K8S_LAB_NS" "$R"
  leftovers
}

leftovers() { # says what is still there; nothing is the promise
  local n=0 x
  for x in $(pod_pids) $(shim_pids); do say "left: process $x"; n=1; done
  while read -r x; do say "left: mount $x"; n=1; done < <(grep -oE " ($R|$CTD_ROOT|$STORAGE)/[^ ]*| /run/netns/(cni-|$K8S_LAB_NS)[^ ]*" /proc/self/mounts)
  for x in /sys/fs/cgroup/*/"$K8S_LAB_NS"; do [ ! -d "$x" ] || { say "left: cgroup $x"; n=1; }; done
  [ ! -e "/run/netns/$K8S_LAB_NS" ] || { say "left: namespace $K8S_LAB_NS"; n=1; }
  [ $n = 0 ] && say "down; no process, mount, namespace or cgroup left"
}

case ${1:-} in up) up ;; down) down ;; leftovers) leftovers ;; *) sed -n '2,3s/^# \?//p' "$0"; exit 2 ;; esac
