# shellcheck shell=bash
# What a run prints once it is up.

warn_in_memory() {
    cat <<'END'
+------------------------------------------------------------------------------+
| The local broker keeps events in memory: they are gone when this run ends,   |
| and of each of its 64 partitions only the newest 5 MiB (about 11,000 order   |
| events) are kept. Users and orders are on disk. KAFKA_BROKERS=host:port      |
| takes a real Kafka instead.                                                  |
+------------------------------------------------------------------------------+
END
}

# print_admin_hint GATEWAY-URL USERNAME PASSWORD-FILE; no file: it is not ours to tell.
print_admin_hint() {
    local url=$1 name=$2 file
    if [ -z "$3" ]; then
        echo "There is an admin, $name, with the password that you set."
        return
    fi
    file=$(printf '%q' "$3")
    cat <<END
Log in as admin, with the password in $3, and list the users:
    ADMIN=\$(curl -sS $url/login -H 'Content-Type: application/json' -d "{\"username\":\"$name\",\"password\":\"\$(cat $file)\"}" | sed 's/.*"token": *"\([^"]*\)".*/\1/')
    curl -sS $url/users -H "Authorization: Bearer \$ADMIN"
END
}

# print_mail_hint GATEWAY-URL E-MAIL SPOOL; no spool: mails go to a server.
print_mail_hint() {
    [ -n "$3" ] || return 0
    cat <<END
Forget your password; the mail with the link lands in $3:
    curl -sS $1/forgot-password -H 'Content-Type: application/json' -d '{"email":"$2"}'
    until grep -hs 'reset-password?token=' $(printf '%q' "$3")/*.eml; do sleep 1; done
END
}

# print_hints GATEWAY-URL BROKERS TOPIC ADMIN-USERNAME ADMIN-PASSWORD-FILE SPOOL. Names differ from start to start, so that each line works
# as printed, with kept data too.
print_hints() {
    local url=$1 brokers=$2 topic=$3 name request_id order
    name=$(printf 'anna-%08x' "$SRANDOM")
    request_id=$(printf 'req-%08x' "$SRANDOM")
    order="curl -sS -i $url/api/v1/order/ -H \"Authorization: Bearer \$TOKEN\""
    order+=" -H 'X-Request-Id: $request_id' -H 'Content-Type: application/json' -d '{\"price\":400}'"
    cat <<END
Try it, line by line in another shell. Sign up:
    TOKEN=\$(curl -sS $url/signup -H 'Content-Type: application/json' -d '{"username":"$name","firstName":"Anna","lastName":"Novak","phone":"+420123456789","email":"$name@example.com","password":"four-green-kettles","passwordConfirm":"four-green-kettles"}' | sed 's/.*"token": *"\([^"]*\)".*/\1/')
Order, and send the same request again: it stays one order.
    $order
    $order
List your orders:
    curl -sS $url/api/v1/order/ -H "Authorization: Bearer \$TOKEN"
$(print_admin_hint "$url" "$4" "$5")
$(print_mail_hint "$url" "$name@example.com" "$6")
Read the events:
    kcat -b $brokers -t $topic -C -e -q
END
}
