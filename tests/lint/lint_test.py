#!/usr/bin/env python3
"""Plants a breach of each rule in a small tree and wants to see it caught, and it alone."""

import json
import tempfile
import unittest
from pathlib import Path

import tools
from lint import breaches

REPOSITORY = Path(__file__).resolve().parents[2]

# A tree without a fault, in which every place that may use a library does.
CLEAN = {
    "common/base/error.h": "int error;\n",
    "common/http/server.c": '#include <microhttpd.h>\n#include "base/error.h"\n',
    "common/http/response.h": "#include <jansson.h>\n",
    "common/store/mongo.c": "#include <mongoc/mongoc.h>\n",
    "common/store/sqlite.c": "#include <sqlite3.h>\n",
    "common/auth/token.c": "#include <jwt.h>\n",
    "user-svc/password.c": "int (*hash)() = crypto_pwhash;\n",
    "user-svc/user.h": '#include "base/error.h"\n',
    "user-svc/http/routes.h": '#include "http/response.h"\n',
    "user-svc/main.c": '#include "http/routes.h"\n',
    "user-svc/store/user_store_sqlite.c": "#include <sqlite3.h>\n",
    "user-svc/mail/smtp.c": "#include <curl/curl.h>\n",
    "order-svc/order.h": "/* #include <jansson.h> in words, and strcpy(a, b) too */\n",
    "order-svc/order.c": '#include "order.h"\nconst char *words = "strcpy(a, b)";\n',
    "order-svc/store/order_store_mongo.c": "#include <bson/bson.h>\n",
    "order-svc/events/publisher_kafka.c": "#include <librdkafka/rdkafka.h>\n",
    "tests/unit/user/user_test.c": '#include "user.h"\n',
    "tests/tools/dev-broker.c": "#include <librdkafka/rdkafka_mock.h>\n",
}

# Check, the file at fault, what it holds, what is said of it.
PLANTED = [
    ("includes", "common/lane/lane.c", "#include <microhttpd.h>", "libmicrohttpd is not for"),
    ("includes", "user-svc/http/routes.c", "#include <microhttpd.h>", "libmicrohttpd is not for"),
    ("includes", "order-svc/store/x.c", "#include <mongoc/mongoc.h>", "libmongoc is not for"),
    ("includes", "common/base/x.c", "#include <mongoc.h>", "libmongoc is not for"),
    ("includes", "order-svc/store/x_sqlite.c", "#include <bson/bson.h>", "libmongoc is not for"),
    ("includes", "order-svc/store/x_mongo.c", "#include <sqlite3.h>", "SQLite is not for"),
    ("includes", "common/obs/x.c", "  #  include <sqlite3.h>", "SQLite is not for"),
    ("includes", "order-svc/events/x.c", "#include <librdkafka/rdkafka.h>", "librdkafka is not"),
    ("includes", "user-svc/http/x.c", "#include <curl/curl.h>", "libcurl is not for"),
    ("includes", "user-svc/http/x.c", "#include <jwt.h>", "libjwt is not for"),
    ("includes", "user-svc/account.c", "int n = crypto_pwhash_STRBYTES;", "Argon2 is for"),
    ("includes", "common/auth/x.c", "void f(void) { crypto_pwhash(); }", "Argon2 is for"),
    ("includes", "order-svc/x.c", "#include <jansson.h>", "reaches <jansson.h>"),
    ("includes", "order-svc/y.c", '#include "http/response.h"', "reaches <jansson.h>"),
    ("includes", "user-svc/x.h", '#include "http/routes.h"', "reaches <jansson.h>"),
    ("includes", "user-svc/main.c", "#include <jansson.h>", "reaches <jansson.h>"),
    ("includes", "user-svc/http/x.c", '#include "order.h"', "belongs to order-svc"),
    ("includes", "order-svc/http/x.c", '#include "user.h"', "belongs to user-svc"),
    ("includes", "common/base/x.c", '#include "order.h"', "belongs to order-svc"),
    ("includes", "common/base/x.c", '#include "error.h"', "is under none of"),
    ("includes", "order-svc/http/x.c", '#include "../order.h"', "is under none of"),
    ("includes", "tests/unit/x_test.c", '#include "common/base/error.h"', "is under none of"),
    ("banned", "common/base/x.c", "int n = atoi(text);", "atoi() is banned"),
    ("banned", "user-svc/x.c", "strcpy (a, b);", "strcpy() is banned"),
    ("banned", "order-svc/x.c", "x = strcat(a, b);", "strcat() is banned"),
    ("banned", "order-svc/x.c", "sprintf(a, b);", "sprintf() is banned"),
    ("banned", "order-svc/x.h", "gets(a);", "gets() is banned"),
    ("banned", "order-svc/x.c", "strtok(a, b);", "strtok() is banned"),
    ("banned", "order-svc/x.c", "alloca(1);", "alloca() is banned"),
    ("banned", "order-svc/x.c", "asctime(t);", "asctime() is banned"),
    ("banned", "order-svc/x.c", "int n = rand();", "rand() is banned"),
    ("banned", "tests/unit/x_test.c", 'system("true");', "system() is banned"),
    ("sizes", "common/base/x.c", "int n;\n" * 400 + "int m;", "401 lines are more than 400"),
    (
        "sizes",
        "user-svc/x.c",
        "int f(void)\n{\n" + "    f();\n" * 61 + "}",
        "a function's 61 lines are more than 60",
    ),
]

# Looks like a breach, is none.
INNOCENT = [
    ("banned", "common/base/x.c", "buffer.system(a); queue->rand(b); my_atoi(c); strtok_r(d);"),
    ("sizes", "common/base/x.c", "int n;\n" * 399 + "int m;"),
    ("sizes", "common/base/x.c", "int f(void)\n{\n" + "    f();\n" * 60 + "}"),
    ("sizes", "common/base/x.c", "int t[] = {\n" + "    1,\n" * 99 + "};"),
    ("sizes", "tests/unit/x_test.c", "int n;\n" * 500),
    ("includes", "user-svc/config.h", '#include "http/response.h"'),
    ("includes", "tests/tools/x.c", '#include "librdkafka.h"\n// made by hand'),
]


class Tree:
    """A temporary tree of the clean files and some more."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory()
        self.root = Path(self._folder.name).resolve()

    def __enter__(self):
        for path, text in CLEAN.items():
            self.write(path, text)
        return self

    def __exit__(self, *_):
        self._folder.cleanup()

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def write_build(self, *paths):
        """A compile_commands.json as CMake makes it."""
        entries = [
            {
                "directory": str(self.root),
                "file": str(self.root / path),
                "command": f"gcc -std=c17 -Wall -Werror -Icommon -o {path}.o -c {self.root / path}",
            }
            for path in paths
        ]
        self.write("build/compile_commands.json", json.dumps(entries))
        return self.root / "build"


class TextRules(unittest.TestCase):
    def test_a_clean_tree_has_no_breach(self):
        with Tree() as tree:
            for check in ("includes", "banned", "sizes"):
                self.assertEqual([], breaches(check, tree.root))

    def test_each_planted_breach_is_caught(self):
        for check, path, text, said in PLANTED:
            with self.subTest(check=check, path=path, text=text[:40]), Tree() as tree:
                tree.write(path, text + "\n")
                found = breaches(check, tree.root)
                self.assertEqual(1, len(found), found)
                self.assertIn(path, found[0])
                self.assertIn(said, found[0])

    def test_the_innocent_go_free(self):
        for check, path, text in INNOCENT:
            with self.subTest(check=check, path=path, text=text[:40]), Tree() as tree:
                tree.write("tests/tools/librdkafka.h", "\n")
                tree.write(path, text + "\n")
                self.assertEqual([], breaches(check, tree.root))

    def test_a_header_must_have_one_meaning(self):
        with Tree() as tree:
            tree.write("common/http/routes.h", "\n")
            found = breaches("includes", tree.root)
            self.assertIn("can mean common/http/routes.h or user-svc/http/routes.h", found[0])


class Proofs(unittest.TestCase):
    # What is defended, what proves it, what is said of that.
    ROWS = [
        ("`common/base/error.h`", "`unit/a_test.c` `a_holds`; `e2e/b_test.py` `test_b`", None),
        ("no file of ours, `GET /auth`, `a/b`", "`unit/a_test.c`", None),
        ("`common/base/gone.h`", "`unit/a_test.c` `a_holds`", "there is no common/base/gone.h"),
        ("", "`unit/gone_test.c` `a_holds`", "there is no tests/unit/gone_test.c"),
        ("", "`unit/a_test.c` `renamed`", "there is no test renamed in tests/unit/a_test.c"),
        ("", "`unit/a_test.c` `a_helper`", "there is no test a_helper"),
        ("", "`unit/a_test.c` `test_b`", "there is no test test_b"),
        ("", "`e2e/b_test.py` `test_b`, `test_c`", "there is no test test_c"),
        ("", "`a_holds` in words", "there is no test a_holds"),
        ("", "a_holds", "this row has no test"),
    ]

    def check(self, text):
        with Tree() as tree:
            tree.write("tests/unit/a_test.c", "static void a_holds(void **state)\n{\n}\n"
                                              "static void a_helper(void)\n{\n}\n")
            tree.write("tests/e2e/b_test.py", "def test_b(product):\n    pass\n")
            if text is not None:
                tree.write("docs/security.md", text)
            return breaches("proofs", tree.root)

    def test_each_row_is_proven(self):
        for defence, test, said in self.ROWS:
            with self.subTest(test=test):
                found = self.check("# Title\n\n| Threat | Defence | Test |\n|---|---|---|\n"
                                   f"| a threat | {defence} | {test} |\n\n| Other | Table |\n"
                                   "|---|---|\n| of no | `tests` |\n")
                self.assertEqual(said is not None, bool(found), found)
                for breach in found:
                    self.assertIn("docs/security.md:5: ", breach)
                if said:
                    self.assertIn(said, "".join(found))

    def test_a_document_without_tests_is_none(self):
        for text in (None, "", "| Threat | Defence | Test |\n|---|---|---|\n"):
            self.assertEqual(["docs/security.md: names no test"], self.check(text))


class Tools(unittest.TestCase):
    def caught(self, check, tree, build=None):
        try:
            return breaches(check, tree.root, build)
        except tools.ToolMissing as missing:
            self.skipTest(str(missing))

    def test_a_header_that_does_not_compile_alone(self):
        with Tree() as tree:
            tree.write("common/base/x.c", "int x;\n")
            for path in CLEAN:
                (tree.root / path).unlink()
            tree.write("common/base/good.h", "#ifndef A\n#define A\nstruct a { int b; };\n#endif\n")
            build = tree.write_build("common/base/x.c")
            self.assertEqual([], self.caught("headers", tree, build))

            tree.write("common/base/lacking.h", "size_t length(void);\n")
            tree.write("common/base/unguarded.h", "struct b { int c; };\n")
            found = self.caught("headers", tree, build)
            self.assertEqual(2, len(found), found)
            self.assertIn("common/base/lacking.h: does not compile alone", found[0])
            self.assertIn("common/base/unguarded.h: does not compile alone", found[1])

    def test_a_file_that_is_not_formatted(self):
        with Tree() as tree:
            tree.write(".clang-format", (REPOSITORY / ".clang-format").read_text())
            for path in CLEAN:
                (tree.root / path).unlink()
            tree.write("common/base/x.c", "int f(void)\n{\n    return 1;\n}\n")
            self.assertEqual([], self.caught("format", tree))
            tree.write("common/base/x.c", "int f(void)\n{\n\treturn 1;\n}\n")
            self.assertIn("common/base/x.c", "".join(self.caught("format", tree)))

    def test_a_bug_that_clang_tidy_sees(self):
        with Tree() as tree:
            tree.write(".clang-tidy", (REPOSITORY / ".clang-tidy").read_text())
            tree.write("common/base/x.c", "int f(int *p)\n{\n    return p ? 0 : *p;\n}\n")
            build = tree.write_build("common/base/x.c")
            self.assertIn("common/base/x.c", "".join(self.caught("tidy", tree, build)))


if __name__ == "__main__":
    unittest.main()
