# shellcheck shell=bash
# The gateway is Debian's nginx with a folder of its own.

# gateway_configure FOLDER GATEWAY_PORT USER_PORT ORDER_PORT
gateway_configure() {
    local folder=$1 text user_line=''
    # A master that is root gives its workers to another user.
    [ "$(id -u)" -ne 0 ] || user_line='user www-data;'
    (umask 022 && mkdir -p "$folder/tmp") # the workers pass through
    text=$(<"$ROOT/scripts/lib/gateway.conf.in")
    text=${text//@USER_LINE@/$user_line}
    text=${text//@GATEWAY_PORT@/$2}
    text=${text//@USER_PORT@/$3}
    text=${text//@ORDER_PORT@/$4}
    printf '%s\n' "$text" >"$folder/nginx.conf"
}
