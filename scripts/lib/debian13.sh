# shellcheck shell=bash
# Debian 13 inside this machine: a root made from its own mirror, kept in .cache, and the C tests
# built and run in it.

DEBIAN13_PACKAGES=(
    gcc cmake ninja-build pkg-config libc6-dev libmicrohttpd-dev libjansson-dev libjwt-dev
    libsodium-dev libsqlite3-dev libmongoc-dev librdkafka-dev libcurl4-openssl-dev libcmocka-dev
    python3-minimal openssl
)

debian13_root() {
    debian_root debian13 trixie apt "${DEBIAN13_PACKAGES[@]}"
}

# debian13_test REGEX REPORT-FOLDER [CTEST-OPTION…]. The sources are seen read-only; the build has a
# folder of its own outside the root.
debian13_test() {
    local tree=$ROOT/build/debian13 regex=$1 folder=$2
    shift 2
    mkdir -p "$tree"
    # shellcheck disable=SC2016,SC2154 # expanded inside; debian_root is from debian_root.sh
    interruptible bwrap --die-with-parent --unshare-pid --bind "$debian_root" / --dev /dev --proc /proc \
        --tmpfs /tmp --ro-bind "$ROOT" /mnt --bind "$tree" /srv --bind "$folder" /media \
        --chdir /srv --setenv PATH /usr/sbin:/usr/bin:/sbin:/bin sh -c '
            cmake -S /mnt -B /srv -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
                -DCMAKE_C_FLAGS="-O1 -g" -DTEST_POINTS=ON &&
            ninja &&
            ctest --parallel "$(nproc)" --no-tests=error --output-on-failure \
                --output-junit /media/ctest.xml --tests-regex "$@"
        ' sh "$regex" "$@"
}
