"""The short form of ``make fuzz``: every route of the hub, asked rightly and badly."""

import json

import pytest

from tests.fuzz.fuzzing import LEAST_LET_IN, Fuzzing
from tests.fuzz.opened import OpenedHub
from tests.fuzz.right import BODIES

_CASES = 250


# Schemathesis has its own random numbers for what is not part of a case.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
def test_no_route_fails_whatever_it_is_asked(opened: OpenedHub) -> None:
    fuzzing = Fuzzing(opened)
    fuzzing.run(_CASES)
    assert fuzzing.cases >= _CASES
    assert [str(each) for each in fuzzing.findings.values()] == []
    assert fuzzing.let_in_share > LEAST_LET_IN
    assert fuzzing.never_right == [], "the fuzzer did not get where the route does its work"


def test_the_document_says_what_every_body_is(opened: OpenedHub) -> None:
    document = opened.app.openapi()
    assert "$defs" not in json.dumps(document)
    with_body = {
        f"{method.upper()} {path}"
        for path, methods in document["paths"].items()
        for method, route in methods.items()
        if "requestBody" in route
    }
    assert with_body == set(BODIES)
