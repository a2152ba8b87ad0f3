"""Who guesses is stopped, and nobody else."""

import pytest

from crowdsafe.hub.access.tries import TooManyTries, Tries

_HOME, _AWAY = "192.0.2.1", "198.51.100.7"


def _guess(tries: Tries, *, name: str, address: str, times: int) -> None:
    for _ in range(times):
        tries.refuse(name=name, address=address)
        tries.failed(name=name, address=address)


def test_a_name_is_locked_only_for_the_address_that_guesses() -> None:
    tries = Tries(3)
    _guess(tries, name="night_shift", address=_AWAY, times=3)
    with pytest.raises(TooManyTries, match="for this name"):
        tries.refuse(name="night_shift", address=_AWAY)
    tries.refuse(name="night_shift", address=_HOME)
    tries.refuse(name="guest", address=_AWAY)


def test_one_address_may_not_try_many_names() -> None:
    tries = Tries(3)
    for number in range(12):
        _guess(tries, name=f"name_{number}", address=_AWAY, times=1)
    with pytest.raises(TooManyTries, match="from this address"):
        tries.refuse(name="name_99", address=_AWAY)
    tries.refuse(name="name_99", address=_HOME)


def test_many_addresses_may_not_guess_one_name_and_do_not_lock_its_own() -> None:
    tries = Tries(3)
    tries.succeeded(name="night_shift", address=_HOME)
    for number in range(60):
        _guess(tries, name="night_shift", address=f"198.51.100.{number}", times=1)
    with pytest.raises(TooManyTries, match="for this name"):
        tries.refuse(name="night_shift", address="203.0.113.1")
    tries.refuse(name="night_shift", address=_HOME)


def test_a_name_that_signed_in_from_an_address_is_not_locked_with_it() -> None:
    tries = Tries(3)
    tries.succeeded(name="night_shift", address=_HOME)
    for number in range(12):
        _guess(tries, name=f"name_{number}", address=_HOME, times=1)
    tries.refuse(name="night_shift", address=_HOME)
    _guess(tries, name="night_shift", address=_HOME, times=3)
    with pytest.raises(TooManyTries):
        tries.refuse(name="night_shift", address=_HOME)


def test_an_address_of_ipv6_counts_with_its_neighbours() -> None:
    tries = Tries(3)
    for last in range(3):
        _guess(tries, name="guest", address=f"2001:db8:0:1::{last + 1:x}", times=1)
    with pytest.raises(TooManyTries):
        tries.refuse(name="guest", address="2001:db8:0:1:ffff::1")
    tries.refuse(name="guest", address="2001:db8:0:2::1")
    _guess(tries, name="guest", address="::ffff:192.0.2.1", times=3)
    with pytest.raises(TooManyTries):
        tries.refuse(name="guest", address=_HOME)


def test_a_right_password_wipes_the_wrong_ones_of_its_name_out() -> None:
    tries = Tries(3)
    _guess(tries, name="guest", address=_HOME, times=2)
    tries.succeeded(name="guest", address=_HOME)
    _guess(tries, name="guest", address=_HOME, times=2)
    tries.refuse(name="guest", address=_HOME)


def test_an_address_that_is_none_is_counted_too() -> None:
    tries = Tries(3)
    _guess(tries, name="guest", address="", times=3)
    with pytest.raises(TooManyTries):
        tries.refuse(name="guest", address="")


def test_being_refused_does_not_make_the_lock_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    clock_s = [1_000_000.0]
    monkeypatch.setattr("limits.storage.memory.time.time", lambda: clock_s[0])
    tries = Tries(3)
    _guess(tries, name="guest", address=_HOME, times=3)
    for _ in range(50):
        with pytest.raises(TooManyTries):
            tries.refuse(name="guest", address=_HOME)
        clock_s[0] += 1
    clock_s[0] += 11
    tries.refuse(name="guest", address=_HOME)
