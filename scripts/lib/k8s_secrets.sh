# shellcheck shell=bash
# The Secrets that k8s/user and k8s/order refer to. One that is there is left alone: making it again
# would log everybody out. Values go by files and standard input, never by an argument. The caller
# has kubectl().

FIRST_KID=key-1 # JWT_ACTIVE_KID of k8s/user/configmap.yaml

secret_exists() { # NAMESPACE NAME
    kubectl -n "$1" get secret "$2" >/dev/null 2>&1
}

# make_secret NAMESPACE NAME FOLDER: a key for each file.
make_secret() {
    kubectl -n "$1" create secret generic "$2" --from-file "$3" --dry-run=client --output yaml |
        kubectl apply --filename - >/dev/null
    say "made secret $2 in $1"
}

random_text() {
    head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'
}

# secret_value NAMESPACE NAME KEY: empty when it is not there.
secret_value() {
    kubectl -n "$1" get secret "$2" --output "jsonpath={.data.$3}" 2>/dev/null | base64 -d
}

# store_uri NAMESPACE RELEASE DATABASE VARIABLE: of the MongoDB that `helm install RELEASE` brought up
# with the values of helm-values/: three members, the user and the database of the same name. The
# cluster of tests/k8s-lab has one server, whose secret tells its address.
store_uri() {
    local namespace=$1 name=$2-mongodb database=$3 password host hosts='' uri
    uri=$(secret_value "$namespace" "$name" uri)
    if [ -n "$uri" ]; then
        printf '%s%s?authSource=admin\n' "$uri" "$database"
        return
    fi
    password=$(secret_value "$namespace" "$name" mongodb-passwords)
    [ -n "$password" ] || fail "no password in secret $name of namespace $namespace: install MongoDB" \
        "there (helm-values/), or give $4"
    for host in 0 1 2; do
        hosts+=${hosts:+,}$name-$host.$name-headless.$namespace.svc.cluster.local:27017
    done
    printf 'mongodb://%s:%s@%s/%s?replicaSet=rs0&authSource=%s\n' \
        "$database" "$password" "$hosts" "$database" "$database"
}

# Tokens are signed by user-svc alone: order-svc gets the public key.
make_keys() {
    local work=$1
    if secret_exists auth user-svc-keys && secret_exists app order-svc-keys; then
        return
    fi
    "$ROOT/scripts/keys" make "$work/private" "$FIRST_KID" >/dev/null
    "$ROOT/scripts/keys" public "$work/private" "$work/public" >/dev/null
    make_secret auth user-svc-keys "$work/private"
    make_secret app order-svc-keys "$work/public"
}

make_user_secret() {
    local work=$1/user
    ! secret_exists auth user-svc || return 0
    mkdir "$work"
    printf '%s' "${USER_STORE_URI:-$(store_uri auth mngdb-auth users USER_STORE_URI)}" >"$work/STORE_URI"
    random_text >"$work/REFRESH_SECRET"
    random_text >"$work/ADMIN_PASSWORD"
    make_secret auth user-svc "$work"
}

make_order_secret() {
    local work=$1/order
    ! secret_exists app order-svc || return 0
    mkdir "$work"
    printf '%s' "${ORDER_STORE_URI:-$(store_uri app mngdb orders ORDER_STORE_URI)}" >"$work/STORE_URI"
    make_secret app order-svc "$work"
}

make_secrets() (
    umask 077
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    make_keys "$work"
    make_user_secret "$work"
    make_order_secret "$work"
)
