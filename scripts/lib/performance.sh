# shellcheck shell=bash
# Measurements in docs/performance.md, each a section with command, commit and machine.

# record HEADING COMMAND TEXT: in place of what that section holds.
record() {
    local file=$ROOT/docs/performance.md
    {
        awk -v heading="## $1" '/^## /{skip = $0 == heading} !skip' "$file"
        # shellcheck disable=SC2016 # backquotes of Markdown
        printf '\n## %s\n\n```sh\n%s\n```\n\n' "$1" "$2"
        printf 'On %s, commit %s, %s, %s cores, Linux %s.\n\n%s\n\n' \
            "$(date -u +%Y-%m-%d)" "$(git -C "$ROOT" rev-parse --short HEAD)" \
            "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)" \
            "$(uname -r | cut -d- -f1)" "$3"
    } | cat -s | sed '${/^$/d}' >"$file.new"
    mv "$file.new" "$file"
}
