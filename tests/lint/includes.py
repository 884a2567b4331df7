"""Who may include what: dependencies point one way, and each library lives in one place."""

import re
from fnmatch import fnmatch

from source import SERVICES

# Library, its headers, where it may be included. A library's own unit and contract tests sit in
# the folder that mirrors its place.
LIBRARIES = (
    ("libmicrohttpd", r"microhttpd\.h", ("common/http/*", "tests/unit/common/http/*")),
    (
        "libmongoc",
        r"(mongoc|bson)(/.*|\.h)|mongoc-.*|bson-.*",
        (
            "*_mongo.c",
            "common/store/mongo.[ch]",
            "common/store/mongo_*.[ch]",
            "bench/*",
            "tests/contract/*",
        ),
    ),
    (
        "SQLite",
        r"sqlite3.*\.h",
        (
            "*_sqlite.c",
            "common/store/sqlite.[ch]",
            "common/store/sqlite_*.[ch]",
            "tests/unit/common/store/*",
            "tests/unit/support/*",
            "tests/unit/user/*",
            "bench/*",
            "tests/contract/*",
        ),
    ),
    (
        "librdkafka",
        r"(librdkafka/)?rdkafka.*\.h",
        (
            "order-svc/events/publisher_kafka*.[ch]",
            "order-svc/events/topic_kafka.c",
            "tests/tools/*",
            "tests/contract/*",
        ),
    ),
    ("libcurl", r"curl/.*", ("user-svc/mail/*", "tests/unit/user/mail/*")),
    ("libjwt", r"jwt\.h", ("common/auth/*", "tests/unit/common/auth/*")),
)

# What the middle of a service does not know, neither itself nor through a header of ours.
OUTSIDE = re.compile(
    r"(jansson|microhttpd|sqlite3.*|bson.*|mongoc.*|(librdkafka/)?rdkafka.*)\.h|(bson|mongoc|curl)/.*"
)
# These tie the outside together: the headers they include may know technology, they do not.
TIES = ("main.c", "config.c", "config.h")

ARGON2 = re.compile(r"\bcrypto_pwhash\w*")
ARGON2_PLACES = ("user-svc/password.c", "tests/unit/user/password_test.c")

# Whose headers each folder sees.
ROOTS = {
    "common": ("common",),
    "user-svc": ("common", "user-svc"),
    "order-svc": ("common", "order-svc"),
    "tests": ("common", "tests", "user-svc", "order-svc"),
    "bench": ("common", "bench", "tests", "order-svc", "user-svc"),
}


def _allowed(path, places):
    return any(fnmatch(path, place) for place in places)


def _resolve(sources, source, name):
    """The files of ours that the include can mean. A test program may name its neighbour."""
    roots = ROOTS[source.folder]
    if source.folder in ("tests", "bench"):
        roots += (source.path.rsplit("/", 1)[0],)
    return [f"{root}/{name}" for root in roots if f"{root}/{name}" in sources]


def _libraries(source):
    for include in source.includes():
        for library, headers, places in LIBRARIES:
            if re.fullmatch(headers, include.name) and not _allowed(source.path, places):
                yield f"{source.path}:{include.line}: {library} is not for this file"


def _argon2(source):
    if _allowed(source.path, ARGON2_PLACES):
        return
    code = source.code()
    for match in ARGON2.finditer(code):
        line = source.line_at(match.start())
        yield f"{source.path}:{line}: Argon2 is for {ARGON2_PLACES[0]} only"


def _roots(sources, source):
    for include in source.includes():
        if not include.quoted:
            continue
        where = f'{source.path}:{include.line}: "{include.name}"'
        found = _resolve(sources, source, include.name)
        if not found:
            strangers = [s for s in SERVICES if f"{s}/{include.name}" in sources]
            if strangers:
                yield f"{where} belongs to {strangers[0]}"
            else:
                yield f"{where} is under none of {', '.join(ROOTS[source.folder])}"
        elif len(found) > 1 and source.folder not in ("tests", "bench"):
            yield f"{where} can mean {' or '.join(found)}"


def _reached(sources, source):
    """Each header that the source ends up including, with the file that names it."""
    seen, waiting = set(), [source]
    while waiting:
        current = waiting.pop()
        for include in current.includes():
            yield current, include
            if include.quoted:
                for path in _resolve(sources, current, include.name):
                    if path not in seen:
                        seen.add(path)
                        waiting.append(sources[path])


def _middle(sources, source):
    if not source.in_service_root:
        return
    for holder, include in _reached(sources, source):
        if source.path.split("/")[1] in TIES and holder is not source:
            continue
        if OUTSIDE.fullmatch(include.name):
            yield f"{source.path}: reaches <{include.name}> by {holder.path}:{include.line}"


def check(sources):
    for source in sources.values():
        yield from _libraries(source)
        yield from _argon2(source)
        yield from _roots(sources, source)
        yield from _middle(sources, source)
