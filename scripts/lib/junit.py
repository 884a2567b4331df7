#!/usr/bin/python3
"""junit.py FOLDER -> "passed failed skipped": counts what ctest's and pytest's JUnit files there hold."""
import pathlib
import sys
from collections import Counter
from xml.etree import ElementTree


def outcome(case):
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    skipped = case.find("skipped")
    if skipped is None:
        return "passed"
    # ctest calls a test that it could not even start skipped as well.
    meant = case.get("status") != "notrun" or skipped.get("message", "").startswith("SKIP_")
    return "skipped" if meant else "failed"


def main():
    counts = Counter(outcome(case) for path in pathlib.Path(sys.argv[1]).glob("*.xml")
                     for case in ElementTree.parse(path).iter("testcase"))
    print(counts["passed"], counts["failed"], counts["skipped"])


main()
