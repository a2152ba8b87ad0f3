"""One line about what is wrong, whatever was sent."""

from hypothesis import given
from hypothesis import strategies as st

from crowdsafe.hub.sentence import close_reason, one_sentence


def test_what_can_be_printed_stays() -> None:
    assert one_sentence("name: 'Jürgen' ist nicht bekannt 💥") == (
        "name: 'Jürgen' ist nicht bekannt 💥"
    )


def test_what_cannot_be_printed_is_escaped() -> None:
    assert one_sentence("a\nb\0\u202ec\ud800") == "a\\nb\\x00\\u202ec\\ud800"


def test_what_is_too_long_is_cut_with_a_sign() -> None:
    assert one_sentence("x" * 1_000_000) == "x" * 397 + "..."
    assert one_sentence("x" * 400) == "x" * 400
    assert close_reason("ü" * 100) == "ü" * 60 + "..."


@given(st.text(st.characters()))
def test_any_text_fits_a_line_and_the_end_of_a_websocket(text: str) -> None:
    reason = close_reason(text)
    assert len(reason.encode()) <= 123
    assert reason.isprintable()
