#!/usr/bin/env python3
"""Rules that a machine can keep: lint.py CHECK [--root DIR] [--build DIR]."""

import argparse
import sys
from pathlib import Path

import includes
import proofs
import text_rules
import tools
from source import read_sources

SKIPPED = 77  # ctest's SKIP_RETURN_CODE

CHECKS = {
    "includes": lambda root, sources, build: includes.check(sources),
    "banned": lambda root, sources, build: text_rules.check_banned(sources),
    "sizes": lambda root, sources, build: text_rules.check_sizes(sources),
    "proofs": lambda root, sources, build: proofs.check(root),
    "headers": tools.check_headers,
    "format": tools.check_format,
    "tidy": tools.check_tidy,
}


def breaches(check, root, build=None):
    return list(CHECKS[check](root, read_sources(root), build))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("check", choices=CHECKS)
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[2])
    parser.add_argument("--build", type=Path, help="where compile_commands.json is: headers, tidy")
    arguments = parser.parse_args()
    if arguments.check in ("headers", "tidy") and not arguments.build:
        parser.error(f"{arguments.check} needs --build")

    try:
        found = breaches(arguments.check, arguments.root.resolve(), arguments.build)
    except tools.ToolMissing as missing:
        print(f"skipped: {missing}")
        return SKIPPED
    for breach in found:
        print(breach)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
