# shellcheck shell=bash
# python_tool FOLDER: installs what FOLDER/requirements.txt pins, once for each state of that file,
# and sets python_bin to where its python is: run modules by it, since the programs beside it name
# the folder that they were installed in, and the repository may be moved.
python_tool() {
    local folder=$1 name stamp dir
    name=$(basename "$folder")
    stamp=$(sha256sum "$folder/requirements.txt" | cut -c 1-16)
    dir=$ROOT/.cache/$name-$stamp
    # shellcheck disable=SC2034 # for the caller
    python_bin=$dir/bin
    mkdir -p "$ROOT/.cache"
    exec 8>"$ROOT/.cache/$name.lock"
    flock 8
    if [ ! -e "$dir/complete" ]; then
        say "installing $name …"
        rm -rf "$dir"
        { /usr/bin/python3 -m venv "$dir" &&
            "$dir/bin/pip" install --quiet --no-deps --only-binary :all: \
                --requirement "$folder/requirements.txt"; } 8>&- >"$dir.log" 2>&1 ||
            fail "pip install failed (log: $dir.log)"
        touch "$dir/complete"
    fi
    exec 8>&-
}
