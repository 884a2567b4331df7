# shellcheck shell=bash
# The Secrets that k8s/user and k8s/order refer to. What is there is left alone: making it again would
# log everybody out, or lose keys. So everything is looked up and prepared first, in files of a folder
# $work, and what is missing made afterwards, once all of it is known. Values go by files and standard
# input, never by an argument. The caller has kubectl() and set -e.

FIRST_KID=key-1 # JWT_ACTIVE_KID of k8s/user/configmap.yaml
# shellcheck disable=SC2016 # the templates' own variables
FILE_NAMES='go-template={{range $name, $value := .data}}{{$name}}{{"\n"}}{{end}}'
# shellcheck disable=SC2016
FILES='go-template={{range $name, $value := .data}}{{$name}} {{$value}}{{"\n"}}{{end}}'

# read_object KIND NAMESPACE NAME FORMAT: empty when there is none. Anything else that comes in place of
# an answer (no way to the cluster, no right) must not pass for that, and is the end.
read_object() {
    kubectl -n "$2" get "$1" "$3" --ignore-not-found --output "$4" ||
        fail "could not look for $1 $3 in $2: nothing was changed"
}

random_text() {
    head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'
}

# secret_value NAMESPACE NAME KEY: empty when it is not there.
secret_value() {
    read_object secret "$1" "$2" "jsonpath={.data.$3}" | base64 -d
}

# find_store_uri NAMESPACE RELEASE DATABASE VARIABLE -> uri: what VARIABLE says, or the address of the
# MongoDB that `helm install RELEASE` brought up with the values of helm-values/: three members, the
# user and the database of the same name. The cluster of tests/k8s-lab has one server, whose secret
# tells its address.
find_store_uri() {
    local namespace=$1 name=$2-mongodb database=$3 password host hosts=''
    uri=${!4:-}
    [ -z "$uri" ] || return 0
    uri=$(secret_value "$namespace" "$name" uri)
    if [ -n "$uri" ]; then
        uri+="$database?authSource=admin"
        return
    fi
    password=$(secret_value "$namespace" "$name" mongodb-passwords)
    [[ $password =~ ^[A-Za-z0-9_.~-]+$ ]] || fail "no password that fits into an address in secret" \
        "$name of namespace $namespace: install MongoDB there (helm-values/), or give $4"
    for host in 0 1 2; do
        hosts+=${hosts:+,}$name-$host.$name-headless.$namespace.svc.cluster.local:27017
    done
    uri="mongodb://$database:$password@$hosts/$database?replicaSet=rs0&authSource=$database"
}

# Tokens are signed by user-svc alone: order-svc gets the public halves of user-svc's keys.
prepare_keys() {
    local private public name value
    private=$(read_object secret auth user-svc-keys "$FILES")
    public=$(read_object secret app order-svc-keys name)
    if [ -n "$private" ]; then
        [ -z "$public" ] || return 0
        mkdir "$work/user-svc-keys"
        while read -r name value; do
            base64 -d <<<"$value" >"$work/user-svc-keys/$name"
        done <<<"$private"
    else
        [ -z "$public" ] || fail "secret order-svc-keys is in app, and user-svc-keys, which it belongs" \
            "to, is not in auth. Bring that back from your backup; or have new keys made, with which" \
            "the tokens that are out get 401: delete order-svc-keys and run this again"
        "$ROOT/scripts/keys" make "$work/user-svc-keys" "$FIRST_KID" >/dev/null
        missing+=('auth user-svc-keys')
    fi
    "$ROOT/scripts/keys" public "$work/user-svc-keys" "$work/order-svc-keys" >/dev/null
    missing+=('app order-svc-keys')
}

prepare_user_secret() {
    local there uri
    there=$(read_object secret auth user-svc name)
    [ -z "$there" ] || return 0
    find_store_uri auth mngdb-auth users USER_STORE_URI
    mkdir "$work/user-svc"
    printf '%s' "$uri" >"$work/user-svc/STORE_URI"
    random_text >"$work/user-svc/REFRESH_SECRET"
    random_text >"$work/user-svc/ADMIN_PASSWORD"
    missing+=('auth user-svc')
}

prepare_order_secret() {
    local there uri
    there=$(read_object secret app order-svc name)
    [ -z "$there" ] || return 0
    find_store_uri app mngdb orders ORDER_STORE_URI
    mkdir "$work/order-svc"
    printf '%s' "$uri" >"$work/order-svc/STORE_URI"
    missing+=('app order-svc')
}

make_secrets() {
    local secret namespace name
    missing=()
    prepare_keys
    prepare_user_secret
    prepare_order_secret
    # `create` refuses one that somebody made meanwhile; `apply` would overwrite it, and keep a second
    # copy of every value in an annotation.
    for secret in "${missing[@]}"; do
        read -r namespace name <<<"$secret"
        kubectl -n "$namespace" create secret generic "$name" --from-file "$work/$name" >/dev/null
        say "made secret $name in $namespace"
    done
}

# key_file_name NAMESPACE NAME KID: of that key in that Secret; empty when it has none.
key_file_name() {
    local names name
    names=$(read_object secret "$1" "$2" "$FILE_NAMES") || exit
    [ -n "$names" ] || fail "no keys in secret $2 of namespace $1: scripts/k8s secrets makes them"
    while IFS= read -r name; do
        [ "${name%.*}" != "$3" ] || printf '%s' "$name"
    done <<<"$names"
}

# change_key NAMESPACE NAME FILE [PATH]: sets it to what PATH holds, or removes it. One step at the
# server, which leaves other keys alone. An older version applied its Secrets: the second copy of them
# that this left goes too.
change_key() {
    local value=null
    [ $# -lt 4 ] || value=\"$(base64 <"$4" | tr -d '\n')\"
    printf '{"metadata":{"annotations":{"%s":null}},"data":{"%s":%s}}\n' \
        kubectl.kubernetes.io/last-applied-configuration "$3" "$value" >"$work/patch.json"
    kubectl -n "$1" patch secret "$2" --type merge --patch-file "$work/patch.json" >/dev/null
}

# add_key KID: checks tokens from then on, signs none yet.
add_key() {
    local kid=$1 private public
    "$ROOT/scripts/keys" make "$work/private" "$kid" >/dev/null
    "$ROOT/scripts/keys" public "$work/private" "$work/public" >/dev/null
    private=$(key_file_name auth user-svc-keys "$kid")
    public=$(key_file_name app order-svc-keys "$kid")
    [ -z "$private$public" ] || fail "there is a key $kid already: take another name, or remove it first"
    change_key app order-svc-keys "$kid.pem" "$work/public/$kid.pem"
    change_key auth user-svc-keys "$kid.pem" "$work/private/$kid.pem"
    say "added $kid to user-svc-keys in auth, its public half to order-svc-keys in app"
}

# remove_key KID: its tokens are refused from then on. Without the key that signs user-svc does not start.
remove_key() {
    local kid=$1 active signs private public
    active=$(read_object configmap auth user-svc 'jsonpath={.data.JWT_ACTIVE_KID}')
    signs=$(key_file_name auth user-svc-keys "$active")
    private=$(key_file_name auth user-svc-keys "$kid")
    public=$(key_file_name app order-svc-keys "$kid")
    [ -n "$private$public" ] || fail "there is no key $kid"
    if [ "$active" = "$kid" ] || [ -z "$signs" ]; then
        fail "another key has to sign before $kid goes: JWT_ACTIVE_KID in ConfigMap user-svc is" \
            "'$active'. Set it to a key that is there, and restart user-svc"
    fi
    [ -z "$private" ] || change_key auth user-svc-keys "$private"
    [ -z "$public" ] || change_key app order-svc-keys "$public"
    say "removed $kid"
}

# with_work COMMAND…: one of make_secrets, add_key, remove_key. Nothing stays on this machine.
with_work() (
    umask 077
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    "$@"
)
