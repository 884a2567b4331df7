#!/bin/bash
# Images without a registry: Debian base images from the machine's own mirror, then ordinary Dockerfiles with buildah.
#   images.sh base                               debian:SUITE-slim and debian:NN-slim for $LAB_SUITES
#   images.sh build TAG CONTEXT [DOCKERFILE]     `FROM debian:trixie-slim` finds the local base; nothing is ever pulled
#   images.sh lab                                the lab's own: pause, coredns, traefik, metrics-server, client, kafka, docdb
#   images.sh load [TAG...]                      into the running cluster's containerd (all local images by default)
. "$(dirname "$0")/../lib.sh"
mkdir -p "$STORAGE"
printf '[storage]\ndriver = "overlay"\ngraphroot = "%s/graph"\nrunroot = "%s/run"\n' "$STORAGE" "$STORAGE" > "$STORAGE/storage.conf"
export CONTAINERS_CONF=$LAB_HOME/images/containers.conf CONTAINERS_STORAGE_CONF=$STORAGE/storage.conf BUILDAH_ISOLATION=chroot

have() { buildah inspect --type image "$1" >/dev/null 2>&1; }

# The mirror that this machine's apt uses (first "URIs:" of deb822, else first "deb" line).
mirror() { { sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/*.sources; sed -n 's/^deb \(\[[^]]*\] \)\?\([^ ]*\) .*/\2/p' /etc/apt/sources.list; } 2>/dev/null | grep -m1 debian; }

base() { # SUITE: minbase plus the machine's apt settings, so that apt-get works inside a build as it does outside
  local s=$1 tar=$K8S_LAB_CACHE/base-$1.tar c n alias=
  have "docker.io/library/debian:$s-slim" && return
  case $s in bookworm) alias=12 ;; trixie) alias=13 ;; forky) alias=14 ;; esac
  nice mmdebstrap --quiet --variant=minbase --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-include=/usr/share/doc/*/copyright' --customize-hook='rm -f "$1/etc/hostname" "$1/etc/resolv.conf"' "$s" "$tar" "$(mirror)"
  c=$(buildah from scratch); buildah add -q "$c" "$tar" / >/dev/null; buildah config --cmd /bin/bash --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$c"
  buildah commit -q "$c" "docker.io/library/debian:$s-slim" >/dev/null; buildah rm "$c" >/dev/null; rm "$tar"
  for n in ${alias:+$alias-slim}; do buildah tag "docker.io/library/debian:$s-slim" "docker.io/library/debian:$n"; done
}

build() { # TAG CONTEXT [DOCKERFILE]   --network host: the build reaches the mirror as the machine does
  nice buildah build --pull-never --layers --network host -t "$1" -f "${3:-$2/Dockerfile}" "$2" >"$K8S_LAB_CACHE/build.log" 2>&1 ||
    { tail -20 "$K8S_LAB_CACHE/build.log" >&2; die "$1 not built, see $K8S_LAB_CACHE/build.log"; }
}

static() { # NAME VERSION: one program from $BIN, alone in an image
  local tag=localhost/k8s-lab/$1:$2 c; have "$tag" && return
  c=$(buildah from scratch); buildah copy -q "$c" "$BIN/$1" "/$1" >/dev/null
  buildah config --entrypoint "[\"/$1\"]" --user 65534:65534 "$c"; buildah commit -q "$c" "$tag" >/dev/null; buildah rm "$c" >/dev/null
}

with() { # TAG DOCKERFILE FILE...: a build whose context is just these files
  local tag=$1 f=$2 ctx; shift 2; have "$tag" && return
  ctx=$(mktemp -d -p "$K8S_LAB_CACHE"); cp -al "$@" "$ctx/" 2>/dev/null || cp -a "$@" "$ctx/"
  build "$tag" "$ctx" "$LAB_HOME/images/$f"; rm -rf "$ctx"
}

lab() {
  static pause 1; static coredns "$COREDNS_VERSION"; static traefik "$TRAEFIK_VERSION"; static metrics-server "$METRICS_SERVER_VERSION"
  timed "image client" with localhost/k8s-lab/client:1 Dockerfile.client "$LAB_HOME/images/Dockerfile.client"
  timed "image kafka" with "localhost/k8s-lab/kafka:$KAFKA_VERSION" Dockerfile.kafka "$K8S_LAB_CACHE/kafka/libs" "$LAB_HOME/images/kafka-start"
  timed "image docdb" with "localhost/k8s-lab/docdb:$FERRETDB_VERSION" Dockerfile.docdb "$BIN/ferretdb" "$LAB_HOME/images/docdb-start"
}

load() { # skips what containerd has already under that name and id
  local t id tar=$K8S_LAB_CACHE/load.tar
  [ $# -gt 0 ] || mapfile -t args < <(buildah images --format '{{.Name}}:{{.Tag}}' | grep -v '<none>' | grep -v '/debian:.*-slim')
  for t in "${@:-${args[@]}}"; do
    id=$(buildah inspect --type image --format '{{.FromImageID}}' "$t")
    [ -n "$(ctr -a "$SOCK" -n k8s.io images ls -q "name==$(full "$t"),labels.\"k8s-lab.id\"==$id")" ] && continue
    rm -f "$tar"; buildah push -q "$t" "docker-archive:$tar:$(full "$t")"
    nice ctr -a "$SOCK" -n k8s.io images import "$tar" >/dev/null; rm -f "$tar"
    ctr -a "$SOCK" -n k8s.io images label "$(full "$t")" "k8s-lab.id=$id" >/dev/null; say "loaded $t"
  done
}
full() { case $1 in localhost/* | *.*/*) echo "$1" ;; */*) echo "docker.io/$1" ;; *) echo "docker.io/library/$1" ;; esac; }

case ${1:-} in
  base) shift; [ $# -gt 0 ] || read -ra more <<< "$LAB_SUITES forky"; for s in "${@:-${more[@]}}"; do timed "base $s" base "$s"; done ;;
  build) shift; timed "image $1" build "$@" ;;
  lab) lab ;;
  load) shift; load "$@" ;;
  *) sed -n '2,6s/^# \?//p' "$0"; exit 2 ;;
esac
