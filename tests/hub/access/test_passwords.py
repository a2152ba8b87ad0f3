"""Which passwords are taken."""

import pytest
from argon2 import PasswordHasher

from crowdsafe.errors import BadInput
from crowdsafe.hub.access.passwords import Passwords, refuse_weak

_CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.mark.parametrize(
    "password", ["a long enough one", "kanal-boje-anker", "ümläuteß-äöü", "😀" * 3 + "seven77"]
)
def test_a_password_that_is_hard_to_guess_is_taken(password: str) -> None:
    refuse_weak(password, name="night_shift")


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("", "0 characters, expected 10 to 200"),
        ("short one", "9 characters, expected 10 to 200"),
        ("x7" * 101, "202 characters, expected 10 to 200"),
        ("night_shift", "is the name"),
        ("Night_Shift2026!", "is the name"),
        ("night_shiftnight_shift", "is the name"),
        ("1234567890", "is the name, expected one"),
        ("Password123", "one of the first that are tried"),
        ("qwertzuiop", "one of the first that are tried"),
        ("aaaaaaaaaaaa", "one of the first that are tried"),
        ("abababababab", "one of the first that are tried"),
    ],
)
def test_a_password_that_is_guessed_at_once_is_refused(password: str, says: str) -> None:
    with pytest.raises(BadInput) as refused:
        refuse_weak(password, name="night_shift")
    assert says in str(refused.value)
    assert not password or password not in str(refused.value)


def test_a_password_fits_only_itself_however_its_umlaut_is_written() -> None:
    passwords = Passwords(_CHEAP)
    kept = passwords.hash("schlüssel am hafen")
    assert passwords.fits("schlüssel am hafen", kept)
    assert passwords.fits("schlu\u0308ssel am hafen", kept)
    assert not passwords.fits("schluessel am hafen", kept)
    assert "schlüssel" not in kept


@pytest.mark.parametrize("kept", [None, "", "oidc:1234", "rubbish"])
def test_where_no_password_is_kept_none_fits_and_the_work_is_the_same(kept: str | None) -> None:
    class Counting(PasswordHasher):
        verified = 0

        def verify(self, *arguments: object, **more: object) -> bool:  # type: ignore[override]
            Counting.verified += 1
            return super().verify(*arguments, **more)  # type: ignore[arg-type]

    passwords = Passwords(Counting(time_cost=1, memory_cost=64, parallelism=1))
    assert not passwords.fits("a long enough one", kept)
    assert Counting.verified == 1
