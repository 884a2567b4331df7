# shellcheck shell=bash
# Another Debian's files beside this one: roots made from the machine's own mirror, kept in .cache.

debian_root= # the last one that was asked for

# The mirror that apt uses here, however its sources are written.
debian_mirror() {
    # shellcheck disable=SC2016 # apt's own variables
    apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' |
        sed -n 's/^Debian //p' | sort -u | head -n 1
}

# debian_root NAME SUITE VARIANT PACKAGE…: sets debian_root to a root with these packages, made once
# for each list of them. Variant `apt` can run programs as it is; `extract` is files only.
debian_root() {
    local name=$1 suite=$2 variant=$3 mirror key
    shift 3
    key=$(printf '%s\n' "$@" | sha256sum | cut -c 1-16)
    debian_root=$ROOT/.cache/$name-$key
    [ ! -e "$debian_root.complete" ] || return 0

    [ "$(id -u)" -eq 0 ] || fail "making $name needs root: it is a root file system"
    mirror=$(debian_mirror)
    [ -n "$mirror" ] || fail "apt knows no Debian mirror here: apt-get update"
    say "making $name from Debian $suite …"
    rm -rf --one-file-system "$debian_root"
    mkdir -p "$ROOT/.cache"
    interruptible mmdebstrap --quiet --mode=root --variant="$variant" \
        --include="$(IFS=,; printf '%s' "$*")" --aptopt='APT::Install-Recommends "false"' \
        --aptopt='Acquire::Check-Valid-Until "false"' \
        "$suite" "$debian_root" "$mirror" && touch "$debian_root.complete"
}
