# shellcheck shell=bash
# The environment of one service: USER_X or ORDER_X for one, X for both, else our default.

# A secret is made once, readable by its owner alone, and kept.
secret_file() {
    local path=$1 bytes=$2
    if [ ! -s "$path" ]; then
        (umask 077 && head -c "$bytes" /dev/urandom | base64 -w 0 | tr '+/' '-_' | tr -d '=' \
            >"$path.new")
        mv "$path.new" "$path"
    fi
    chmod 600 "$path"
}

# X and X_FILE say the same thing: one given drops the other.
setting_sibling() {
    if [[ $1 == *_FILE ]]; then
        printf '%s' "${1%_FILE}"
    else
        printf '%s_FILE' "$1"
    fi
}

# prefixed_settings PREFIX: USER_X becomes X.
prefixed_settings() {
    local name setting
    for name in $(compgen -e -X "!$1*"); do
        setting=${name#"$1"}
        if [[ ! $setting =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]]; then
            continue
        fi
        unset "$(setting_sibling "$setting")"
        export "$setting=${!name}"
        unset "$name"
    done
}

# default_settings X=value…: only what nobody gave.
default_settings() {
    local pair name sibling
    for pair; do
        name=${pair%%=*}
        sibling=$(setting_sibling "$name")
        if [[ ! -v $name && ! -v $sibling ]]; then
            export "${name?}=${pair#*=}"
        fi
    done
}

# setting_value NAME X=value…: its value, from a file too; empty when it is not set.
setting_value() {
    local name=$1 pair
    shift
    for pair; do
        case $pair in
            "$name="*) printf '%s' "${pair#*=}" ;;
            "${name}_FILE="*) printf '%s' "$(<"${pair#*=}")" ;;
        esac
    done
}
