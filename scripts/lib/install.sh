# shellcheck shell=bash
# Installs what is missing, by Debian's packages, and prints one line only if there is something
# to do. An item is a package, or tool=package where any source of the tool will do.

# shellcheck disable=SC2034 # used by the scripts that source this file
BUILD_PACKAGES=(
    cc=gcc cmake=cmake ninja=ninja-build pkg-config=pkg-config libc6-dev
    libmicrohttpd-dev libjansson-dev libjwt-dev libsodium-dev libsqlite3-dev libmongoc-dev
    librdkafka-dev libcurl4-openssl-dev
)
# shellcheck disable=SC2034
RUN_PACKAGES=(nginx=nginx curl=curl kcat=kcat)
# shellcheck disable=SC2034
TEST_PACKAGES=(
    libcmocka-dev python3-pytest python3-jsonschema python3-yaml python3-pymongo python3-venv
    python3-jwt python3-cryptography openssl=openssl
    clang-format=clang-format shellcheck=shellcheck npm=npm
)
# shellcheck disable=SC2034
IMAGE_PACKAGES=(buildah=buildah mmdebstrap=mmdebstrap)
# shellcheck disable=SC2034
LONG_TEST_PACKAGES=(clang-tidy=clang-tidy mmdebstrap=mmdebstrap bwrap=bubblewrap)

POLICY=/usr/sbin/policy-rc.d
POLICY_BEFORE=$POLICY.before-arch-homework
POLICY_MARK='made by scripts/lib/install.sh'
as_root=()

missing_packages() {
    local item installed
    local -a packages=()

    for item; do
        if [[ $item != *=* ]]; then
            packages+=("$item")
        elif ! command -v "${item%%=*}" >/dev/null; then
            printf '%s\n' "${item#*=}"
        fi
    done
    ((${#packages[@]})) || return 0
    # shellcheck disable=SC2016 # dpkg's own variables
    installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${packages[@]}" 2>/dev/null |
        sed -n 's/ installed$//p')
    comm -23 <(printf '%s\n' "${packages[@]}" | sort -u) <(sort -u <<<"$installed")
}

# Root, or sudo, which may ask for a password where somebody can give it.
become_root() {
    as_root=()
    [ "$(id -u)" -ne 0 ] || return 0
    command -v sudo >/dev/null || return 1
    sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; } || return 1
    as_root=(sudo)
}

apt_get() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
        -o DPkg::Lock::Timeout=300 "$@" </dev/null >>"$install_log" 2>&1
}

# Nothing is broken by ending a download; ending dpkg in its work would break the machine, so the
# step after this one is always waited for.
download() {
    interruptible "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
        --no-install-recommends -o DPkg::Lock::Timeout=300 install --download-only "$@" \
        </dev/null >>"$install_log" 2>&1
}

# Debian starts a service as it installs it. Nobody asked for an nginx at port 80, so for the time
# of the installation a policy says no; what was there before comes back.
policy_set() {
    if [ -e "$POLICY" ] && ! grep -q "$POLICY_MARK" "$POLICY"; then
        "${as_root[@]}" mv "$POLICY" "$POLICY_BEFORE"
    fi
    printf '#!/bin/sh\n# %s, for the time of an installation\nexit 101\n' "$POLICY_MARK" |
        "${as_root[@]}" tee "$POLICY" >/dev/null
    "${as_root[@]}" chmod 755 "$POLICY"
}

policy_restore() {
    if [ -e "$POLICY" ] && grep -q "$POLICY_MARK" "$POLICY"; then
        "${as_root[@]}" rm -f "$POLICY"
    fi
    if [ -e "$POLICY_BEFORE" ]; then
        "${as_root[@]}" mv "$POLICY_BEFORE" "$POLICY"
    fi
}

# With signals held: a half-done installation is worse than a late Ctrl-C.
install_packages() (
    trap '' INT TERM HUP
    policy_set
    code=0
    apt_get install "$@" || code=$?
    policy_restore
    if [[ " $* " == *" nginx "* && -d /run/systemd/system ]]; then
        "${as_root[@]}" systemctl disable nginx.service >>"$install_log" 2>&1 || true
    fi
    exit "$code"
)

# install_missing PURPOSE ITEM…
install_missing() {
    local purpose=$1 missing
    shift

    missing=$(missing_packages "$@" | sort -u)
    [ -n "$missing" ] || return 0
    local -a packages
    mapfile -t packages <<<"$missing"

    # What is there already serves on any system.
    command -v dpkg-query >/dev/null || fail "$purpose needs ${packages[*]}; only packages of Debian" \
        "12 or 13 are installed from here"
    become_root || fail "$purpose needs packages, and this is neither root nor may it use sudo:" \
        "apt-get install ${packages[*]}"
    say "installing for $purpose: ${packages[*]}"
    install_log=$(mktemp)
    if ! download "${packages[@]}"; then
        interruptible "${as_root[@]}" apt-get -qq update </dev/null >>"$install_log" 2>&1 || true
        download "${packages[@]}" || install_failed "${packages[@]}"
    fi
    install_packages "${packages[@]}" || install_failed "${packages[@]}"
    rm -f "$install_log"
}

install_failed() {
    local reason
    reason=$(sed -n 's/^E: //p' "$install_log" | head -n 1)
    fail "apt-get install $* failed: ${reason:-see above} (log: $install_log)"
}
