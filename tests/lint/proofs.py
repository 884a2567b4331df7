"""docs/security.md names what defends and what proves it: each file and each test of it is there."""

import re

DOCUMENT = "docs/security.md"
TESTS = "tests"

_CODE = re.compile(r"`([^`]+)`")
_FILE = re.compile(r"[\w.-]+(/[\w.-]+)+\.\w+")
_TEST = {
    ".c": re.compile(r"^static void (\w+)\(void \*\*state\)", re.MULTILINE),
    ".py": re.compile(r"^def (test_\w+)\(", re.MULTILINE),
}


def _tests_of(file):
    pattern = _TEST.get(file.suffix)
    return set(pattern.findall(file.read_text(encoding="utf-8"))) if pattern else set()


def _check_files(root, cells):
    for named in _CODE.findall("|".join(cells)):
        if _FILE.fullmatch(named) and not (root / named).is_file():
            yield f"there is no {named}"


def _check_tests(root, cell):
    """A test file, whole or with the names of some of its tests behind it, and so on."""
    file, named = None, _CODE.findall(cell)
    if not named:
        yield "this row has no test"
    for name in named:
        if _FILE.fullmatch(name):
            file = root / TESTS / name
            if not file.is_file():
                yield f"there is no {TESTS}/{name}"
                file = None
        elif not file or name not in _tests_of(file):
            yield f"there is no test {name}" + (f" in {file.relative_to(root)}" if file else "")


def _rows(lines):
    """-> (line's number, its cells) of each table whose last column is the tests"""
    in_table = False
    for number, line in enumerate(lines, 1):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            in_table = False
        elif cells[-1] == "Test":
            in_table = True
        elif in_table and set(line) - set("|-: "):
            yield number, cells


def check(root):
    document = root / DOCUMENT
    lines = document.read_text(encoding="utf-8").splitlines() if document.is_file() else []
    rows = list(_rows(lines))

    if not rows:
        yield f"{DOCUMENT}: names no test"
    for number, cells in rows:
        for breach in (*_check_files(root, cells[:-1]), *_check_tests(root, cells[-1])):
            yield f"{DOCUMENT}:{number}: {breach}"
