"""Checks that a compiler or clang's tools do, with the flags of the build itself."""

import json
import os
import shlex
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PARALLEL = 2  # the machines that we test on have two cores


class ToolMissing(Exception):
    """The tool is not installed here: skipped, not failed."""


def _need(tool):
    if not shutil.which(tool):
        raise ToolMissing(f"{tool} is not installed")


def _run(arguments, **options):
    return subprocess.run(
        arguments,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **options,
    )


def _compile_commands(root, build):
    """Path from the root -> its entry, for our own sources."""
    entries = {}
    for entry in json.loads((Path(build) / "compile_commands.json").read_text(encoding="utf-8")):
        path = os.path.relpath(os.path.join(entry["directory"], entry["file"]), root)
        if not path.startswith("..") and not Path(build) in Path(root, path).parents:
            entries[path] = entry
    return entries


def _nearest(entries, path):
    """The entry of the source that shares most of the header's path, then most of its name: its
    flags see what it sees."""

    def shared(other):
        folders = os.path.commonprefix([path.split("/"), other.split("/")])
        return len(folders), len(os.path.commonprefix([path, other]))

    return entries[max(sorted(entries), key=shared)]


def _header_command(entry):
    arguments = shlex.split(entry["command"])
    kept, skip = [], False
    for argument in arguments:
        if skip or argument == "-c" or argument == entry["file"]:
            skip = False
        elif argument in ("-o", "-MF", "-MT"):
            skip = True
        else:
            kept.append(argument)
    return kept + ["-fsyntax-only", "-x", "c", "-"]


def check_headers(root, sources, build):
    """Each header compiles alone, and twice."""
    entries = _compile_commands(root, build)
    for path in sources:
        if not path.endswith(".h"):
            continue
        entry = _nearest(entries, path)
        include = f'#include "{Path(root, path).resolve()}"\n'
        text = include + include + "typedef int nothing;\n"
        result = _run(_header_command(entry), cwd=entry["directory"], input=text)
        if result.returncode:
            yield f"{path}: does not compile alone\n{result.stdout}"


def check_format(root, sources, _build):
    _need("clang-format")
    result = _run(["clang-format", "--dry-run", "-Werror", *sources], cwd=root)
    if result.returncode:
        yield result.stdout


# The analyzer does not know that cmocka's asserts end a test, and sees what comes after them.
UNDER_CMOCKA = ("tests/unit/", "tests/contract/")


def check_tidy(root, _sources, build):
    _need("clang-tidy")
    entries = _compile_commands(root, build)
    paths = sorted(path for path in entries if not path.startswith(UNDER_CMOCKA))

    def tidy(path):
        return path, _run(["clang-tidy", "--quiet", "-p", str(build), path], cwd=root)

    with ThreadPoolExecutor(PARALLEL) as pool:
        for path, result in pool.map(tidy, paths):
            if result.returncode:
                yield f"{path}:\n{result.stdout}"
