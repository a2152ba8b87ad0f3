"""The record as CSV."""

import pytest

from crowdsafe.hub.record_csv import harmless


@pytest.mark.parametrize("text", ["=1+1", "+49", "-1", "@sum", "\t=1", "\r=1", "\n=1"])
def test_what_a_spreadsheet_would_run_is_quoted(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "gate 2 = slow", "{}", "Tür"])
def test_the_rest_is_as_it_was(text: str) -> None:
    assert harmless(text) == text
