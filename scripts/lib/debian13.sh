# shellcheck shell=bash
# Debian 13 inside this machine: a root made from its own mirror, kept in .cache, and the C tests
# built and run in it.

DEBIAN13_PACKAGES=(
    gcc cmake ninja-build pkg-config libc6-dev libmicrohttpd-dev libjansson-dev libjwt-dev
    libsodium-dev libsqlite3-dev librdkafka-dev libcmocka-dev python3-minimal openssl
)

# The mirror that apt uses here, however its sources are written.
debian_mirror() {
    # shellcheck disable=SC2016 # apt's own variables
    apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' |
        sed -n 's/^Debian //p' | sort -u | head -n 1
}

debian13_root() {
    local mirror key
    key=$(printf '%s\n' "${DEBIAN13_PACKAGES[@]}" | sha256sum | cut -c 1-16)
    debian13=$ROOT/.cache/debian13-$key
    [ ! -e "$debian13.complete" ] || return 0

    [ "$(id -u)" -eq 0 ] || fail "the debian13 tier makes a root file system, so it needs root"
    mirror=$(debian_mirror)
    [ -n "$mirror" ] || fail "apt knows no Debian mirror here: apt-get update"
    say "making a Debian 13 root …"
    rm -rf "$debian13"
    mkdir -p "$ROOT/.cache"
    interruptible mmdebstrap --quiet --mode=root --variant=apt \
        --include="$(IFS=,; printf '%s' "${DEBIAN13_PACKAGES[*]}")" trixie "$debian13" "$mirror" &&
        touch "$debian13.complete"
}

# debian13_test REGEX REPORT-NAME. The sources are seen read-only; the build has a folder of its own outside the root.
debian13_test() {
    local tree=$ROOT/build/debian13
    mkdir -p "$tree"
    # shellcheck disable=SC2016 # expanded inside
    interruptible bwrap --die-with-parent --unshare-pid --bind "$debian13" / --dev /dev --proc /proc \
        --tmpfs /tmp --ro-bind "$ROOT" /mnt --bind "$tree" /srv --bind "$REPORTS" /media \
        --chdir /srv --setenv PATH /usr/sbin:/usr/bin:/sbin:/bin sh -c '
            cmake -S /mnt -B /srv -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
                -DCMAKE_C_FLAGS="-O1 -g" -DTEST_POINTS=ON &&
            ninja &&
            ctest --parallel "$(nproc)" --no-tests=error --output-on-failure \
                --tests-regex "$1" --output-junit "/media/$2.xml"
        ' sh "$1" "$2"
}
