"""What may not be called, and how long files and functions may be."""

import re

# Function: what to use in its place.
BANNED = {
    "strcpy": "struct buffer or snprintf()",
    "strcat": "struct buffer or snprintf()",
    "stpcpy": "struct buffer or snprintf()",
    "strncpy": "snprintf(): it pads and may leave no NUL",
    "strncat": "struct buffer: its length is what is left, not the whole",
    "sprintf": "snprintf()",
    "vsprintf": "vsnprintf()",
    "gets": "read() with a length",
    "strtok": "strcspn(): it keeps a hidden state",
    "atoi": "strtoull() and a look at its end: it cannot tell an error",
    "atol": "strtoull() and a look at its end: it cannot tell an error",
    "atoll": "strtoull() and a look at its end: it cannot tell an error",
    "atof": "strtod() and a look at its end: it cannot tell an error",
    "alloca": "malloc(): it cannot fail, only crash",
    "asctime": "date_format()",
    "ctime": "date_format()",
    "gmtime": "gmtime_r()",
    "localtime": "gmtime_r(): all our dates are UTC",
    "rand": "random_fill()",
    "srand": "random_fill()",
    "system": "posix_spawn(): no shell",
    "popen": "posix_spawn(): no shell",
    "tmpnam": "mkstemp()",
    "mktemp": "mkstemp()",
    "setjmp": "a return value",
    "longjmp": "a return value",
}

# What a test copies is text of its own, and the sanitizers watch it.
FINE_IN_TESTS = {"strcpy", "strcat"}

_CALL = re.compile(r"(?<![\w.>])(%s)\s*\(" % "|".join(BANNED))

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60


def check_banned(sources):
    for source in sources.values():
        code = source.code()
        for match in _CALL.finditer(code):
            name = match.group(1)
            if source.folder == "tests" and name in FINE_IN_TESTS:
                continue
            line = source.line_at(match.start())
            yield f"{source.path}:{line}: {name}() is banned, use {BANNED[name]}"


def _functions(source):
    """(first line, lines) of each body; our braces stand alone in column one (.clang-format)."""
    opened = None
    for number, line in enumerate(source.text.splitlines(), 1):
        if line == "{":
            opened = number
        elif line == "}" and opened is not None:
            yield opened, number - opened - 1
            opened = None


def check_sizes(sources):
    for source in sources.values():
        if source.folder == "tests":
            continue
        lines = source.text.count("\n")
        if lines > FILE_LINES_MAX:
            yield f"{source.path}: {lines} lines are more than {FILE_LINES_MAX}"
        for start, length in _functions(source):
            if length > FUNCTION_LINES_MAX:
                yield (
                    f"{source.path}:{start}: "
                    f"a function's {length} lines are more than {FUNCTION_LINES_MAX}"
                )
