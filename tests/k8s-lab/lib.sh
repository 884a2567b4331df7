# shellcheck shell=bash
# Sourced by every script here: directories, versions, small helpers. Sets nothing outside the two directories.
set -euo pipefail
LAB_HOME=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$LAB_HOME/versions.env"

: "${K8S_LAB_CACHE:=${XDG_CACHE_HOME:-$HOME/.cache}/k8s-lab}"  # binaries, images: built once, kept
: "${K8S_LAB_RUN:=$PWD/.k8s-lab}"                              # one running cluster: sockets, logs, keys; gone after `down`
: "${K8S_LAB_NS:=k8slab}"                                      # the network namespace that the cluster lives in
K8S_LAB_CACHE=$(realpath -m "$K8S_LAB_CACHE") K8S_LAB_RUN=$(realpath -m "$K8S_LAB_RUN")

BIN=$K8S_LAB_CACHE/bin
STORAGE=$K8S_LAB_CACHE/storage          # buildah's images
CTD_ROOT=$K8S_LAB_CACHE/containerd      # containerd's images; kept, so a warm start imports nothing
SOCK=$K8S_LAB_RUN/containerd.sock
KUBECONFIG_LAB=$K8S_LAB_RUN/kubeconfig

NODE_IP=192.0.2.10 LB_IP=192.0.2.80     # documentation addresses, inside the namespace only
POD_CIDR=10.244.0.0/24 SVC_CIDR=10.96.0.0/24 DNS_IP=10.96.0.10
NODE=lab-node

say() { printf '%s  %s\n' "$(date +%H:%M:%S)" "$*" >&2; }
die() { say "$*"; exit 1; }
in_ns() { nsenter --net="/run/netns/$K8S_LAB_NS" "$@"; }        # daemons: network of the cluster, all else of the host
kc() { in_ns "$BIN/kubectl" --kubeconfig "$KUBECONFIG_LAB" "$@"; }
timed() { local n=$1 t=$SECONDS; shift; "$@"; say "$n: $((SECONDS - t)) s"; }   # errexit stays on inside
