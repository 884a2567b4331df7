# shellcheck shell=bash
# npm_tool FOLDER: installs what FOLDER/package-lock.json pins, once for each state of that file, and
# sets npm_bin to where its programs are. No package's own scripts run.
npm_tool() {
    local folder=$1 name lock stamp dir
    name=$(basename "$folder")
    lock=$folder/package-lock.json
    stamp=$(sha256sum "$lock" | cut -c 1-16)
    dir=$ROOT/.cache/$name-$stamp
    # shellcheck disable=SC2034 # for the caller
    npm_bin=$dir/node_modules/.bin
    mkdir -p "$ROOT/.cache"
    exec 8>"$ROOT/.cache/$name.lock"
    flock 8
    if [ ! -e "$dir/complete" ]; then
        say "installing $name …"
        rm -rf "$dir"
        mkdir "$dir"
        cp "$folder/"{package.json,package-lock.json,.npmrc} "$dir"
        (cd "$dir" && npm ci --ignore-scripts --silent --no-progress) 8>&- >"$dir/npm.log" 2>&1 ||
            fail "npm ci failed (log: $dir/npm.log)"
        touch "$dir/complete"
    fi
    exec 8>&-
}
