"""The clocks of workers against the hub's: late messages, drift, and clocks that are set."""

from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdsafe.domain.clock_offset import WINDOW_S, ClockOffset, Stamp, step_clock
from crowdsafe.errors import BadInput

BEGIN_S = 1_764_000_000.0
LEAST_DELAY_S = 0.004


def _after(stamps: list[Stamp], clock: ClockOffset | None = None) -> list[float]:
    """Return the offset after each message."""
    clock = clock or ClockOffset()
    offsets = []
    for stamp in stamps:
        clock = step_clock(clock, stamp)
        assert clock.offset_s is not None
        offsets.append(clock.offset_s)
    return offsets


def _stamps(
    *,
    ahead_s: float = 0.0,
    drift: float = 0.0,
    jitter_s: float = 0.03,
    seconds: float = 90.0,
    set_by_s: float = 0.0,
    set_at_s: float = inf,
    ticks: bool = True,
    seed: int = 1,
) -> list[Stamp]:
    """Messages every half second of a worker whose clock is ahead, drifts, and is set once."""
    rng = np.random.default_rng(seed)
    stamps = []
    for sent_s in np.arange(0.0, seconds, 0.5):
        moved_s = set_by_s if sent_s >= set_at_s else 0.0
        stamps.append(
            Stamp(
                sent_at_s=BEGIN_S + sent_s * (1 + drift) + ahead_s + moved_s,
                received_at_s=BEGIN_S + sent_s + LEAST_DELAY_S + rng.exponential(jitter_s),
                ticks_s=5_000.0 + sent_s * (1 + drift) if ticks else None,
            )
        )
    return stamps


@pytest.mark.parametrize("ahead_s", [0.0, 2.5, -3600.0, 86_400.0])
def test_a_constant_offset_is_found_through_the_jitter(ahead_s: float) -> None:
    offsets = _after(_stamps(ahead_s=ahead_s))
    assert offsets[20:] == pytest.approx(np.full(len(offsets) - 20, -ahead_s), abs=0.012)
    # What a slow message adds never makes the past more recent than the best message said.
    assert min(offsets) >= -ahead_s + LEAST_DELAY_S - 1e-6


def test_the_first_message_is_believed_until_a_faster_one_comes() -> None:
    slow = Stamp(sent_at_s=100.0, received_at_s=103.0)
    fast = Stamp(sent_at_s=101.0, received_at_s=103.1)
    assert ClockOffset().offset_s is None
    assert _after([slow, fast]) == pytest.approx([3.0, 2.1])


@pytest.mark.parametrize("drift", [1e-4, -1e-4])
def test_a_drifting_clock_is_followed(drift: float) -> None:
    stamps = _stamps(drift=drift, ahead_s=1.0, seconds=1800)
    offsets = np.array(_after(stamps))
    true = np.array([BEGIN_S + number / 2 - each.sent_at_s for number, each in enumerate(stamps)])
    assert np.abs(true[-1] - true[0]) == pytest.approx(0.18, abs=0.001)
    assert np.abs(offsets - true)[60:].max() < 0.02


@pytest.mark.parametrize("ticks", [True, False])
def test_a_clock_set_forward_shows_at_once(ticks: bool) -> None:
    offsets = _after(_stamps(set_by_s=30.0, set_at_s=45.0, ticks=ticks))
    assert offsets[89] == pytest.approx(0, abs=0.02)
    assert offsets[90:] == pytest.approx(np.full(90, -30.0), abs=0.2)
    assert offsets[110:] == pytest.approx(np.full(70, -30.0), abs=0.02)


def test_a_clock_set_back_shows_at_once_in_ticks() -> None:
    offsets = _after(_stamps(set_by_s=-30.0, set_at_s=45.0))
    assert offsets[90:] == pytest.approx(np.full(90, 30.0), abs=0.2)
    assert offsets[110:] == pytest.approx(np.full(70, 30.0), abs=0.02)


def test_without_ticks_a_clock_set_back_shows_after_the_window_and_seems_older_until_then() -> None:
    offsets = np.array(_after(_stamps(set_by_s=-30.0, set_at_s=45.0, ticks=False)))
    in_time = 90 + int(2 * WINDOW_S)
    assert (offsets[90 : in_time - 10] < 0.05).all()
    assert offsets[in_time + 1 :] == pytest.approx(np.full(180 - in_time - 1, 30.0), abs=0.05)


def test_a_slow_network_is_no_clock_that_was_set() -> None:
    stamps = _stamps(ahead_s=-1.0)
    slow_s = [
        each.received_at_s + (4.0 if 60 <= number < 100 else 0.0)
        for number, each in enumerate(stamps)
    ]
    # What was in line comes in together when the network is fast again.
    late = [
        Stamp(each.sent_at_s, received_at_s, each.ticks_s)
        for each, received_at_s in zip(stamps, np.maximum.accumulate(slow_s), strict=True)
    ]
    assert _after(late)[20:] == pytest.approx(np.full(160, 1.0), abs=0.02)


def test_a_worker_that_starts_again_starts_its_ticks_again() -> None:
    before = _stamps(ahead_s=5.0, seconds=20)
    after = [
        Stamp(each.sent_at_s + 20 + 2.0, each.received_at_s + 20, (each.ticks_s or 0) - 4_900)
        for each in _stamps(ahead_s=5.0, seconds=20)
    ]
    assert _after([*before, *after])[-1] == pytest.approx(-7.0, abs=0.02)


def test_when_the_hubs_clock_is_set_back_it_shows_at_once() -> None:
    stamps = _stamps(seconds=40)
    moved = [Stamp(each.sent_at_s + 40, each.received_at_s + 40 - 600, None) for each in stamps]
    assert _after([*stamps, *moved])[-1] == pytest.approx(-600, abs=0.02)


@given(
    st.lists(st.tuples(st.floats(0, 20), st.floats(0, 3)), min_size=1, max_size=60),
    st.floats(-1e5, 1e5),
)
def test_it_is_the_least_lag_of_the_window(
    messages: list[tuple[float, float]], offset_s: float
) -> None:
    clock, received_s, lags = ClockOffset(), 0.0, []
    for pause_s, delay_s in messages:
        received_s += pause_s
        stamp = Stamp(sent_at_s=received_s - delay_s - offset_s, received_at_s=received_s)
        lags.append((received_s, stamp.lag_s))
        clock = step_clock(clock, stamp)
        assert clock.offset_s == min(lag for at_s, lag in lags if at_s > received_s - WINDOW_S)
        assert clock.offset_s >= offset_s - 1e-6


@pytest.mark.parametrize("bad", [nan, inf, -inf])
@pytest.mark.parametrize("field", [0, 1, 2])
def test_times_that_are_none_are_refused(field: int, bad: float) -> None:
    times = [100.0, 100.1, 5.0]
    times[field] = bad
    with pytest.raises(BadInput, match=r"clock: .*expected finite times"):
        Stamp(*times)


@pytest.mark.parametrize("window_s", [0.0, -1.0, nan])
def test_a_window_of_no_time_is_refused(window_s: float) -> None:
    with pytest.raises(BadInput, match="clock: a window of"):
        step_clock(ClockOffset(), Stamp(1.0, 1.0), window_s=window_s)
