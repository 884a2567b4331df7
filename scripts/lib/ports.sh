# shellcheck shell=bash
# Ports of 127.0.0.1, found with bash alone.

port_taken() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# A free port below the range that the kernel gives to clients, so that none of them takes it
# between now and its use.
free_port() {
    local port
    for _ in {1..100}; do
        port=$((20000 + (SRANDOM % 12000)))
        if ! port_taken "$port"; then
            printf '%s\n' "$port"
            return
        fi
    done
    return 1
}

# A setting's value, where it is a port; Kubernetes puts tcp://… into such names.
port_or_free() {
    if [[ ${1:-} == '' || $1 == tcp://* ]]; then
        free_port
    else
        printf '%s\n' "$1"
    fi
}
