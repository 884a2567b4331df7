"""The C sources under a root, and a view of them without comments and literals."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

FOLDERS = ("common", "user-svc", "order-svc", "tests", "bench")
SERVICES = ("user-svc", "order-svc")

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)
_NOT_CODE = re.compile(
    r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL
)


@dataclass(frozen=True)
class Include:
    line: int
    quoted: bool
    name: str


@dataclass(frozen=True)
class Source:
    path: str  # from the root, with forward slashes
    text: str

    @property
    def folder(self):
        return self.path.split("/", 1)[0]

    @property
    def in_service_root(self):
        return self.folder in SERVICES and self.path.count("/") == 1

    def code(self):
        """The text with comments and literals blanked: line and column stay what they are."""
        return _NOT_CODE.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), self.text)

    def includes(self):
        for match in _INCLUDE.finditer(self.text):
            yield Include(self.line_at(match.start(2)), match.group(1) == '"', match.group(2))

    def line_at(self, position):
        return self.text.count("\n", 0, position) + 1


def read_sources(root):
    """Every .c and .h file of ours, by path."""
    sources = {}
    for folder in FOLDERS:
        for where, folders, names in os.walk(Path(root) / folder):
            folders.sort()
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    file = Path(where) / name
                    path = file.relative_to(root).as_posix()
                    sources[path] = Source(path, file.read_text(encoding="utf-8"))
    return sources
