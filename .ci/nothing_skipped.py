"""Fail when the browser test did not run, or any test was skipped."""

import sys
import xml.etree.ElementTree as ElementTree
from itertools import chain

BROWSER = "tests.browser.test_sign_in_to_acknowledged"


def problems(path: str) -> list[str]:
    """Return what is wrong with a JUnit report, by its path."""
    cases = list(ElementTree.parse(path).getroot().iter("testcase"))
    skipped = [case for case in cases if case.find("skipped") is not None]
    found = [f"skipped: {case.get('classname')} {case.get('name')}" for case in skipped]
    if not any(case.get("classname") == BROWSER and case not in skipped for case in cases):
        found.append(f"{BROWSER}: was not run")
    return found


if __name__ == "__main__":
    sys.exit("\n".join(chain.from_iterable(map(problems, sys.argv[1:]))) or None)
