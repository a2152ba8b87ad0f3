"""People in a gated area: in less out, held by what is seen, and never less than nobody."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdsafe.domain.crowd.occupancy import (
    AreaCount,
    Occupancy,
    OccupancyRule,
    step_occupancy,
)
from crowdsafe.domain.crowd.steadiness import COMMON_SHARE
from crowdsafe.errors import BadInput

BEGIN_S = 1_764_000_000.137
START = Occupancy(at_s=BEGIN_S, people=100.0, sd=5.0)


def _after(
    seconds: float, before: Occupancy = START, *, into: float = 0, out: float = 0, **more: object
) -> Occupancy:
    return step_occupancy(
        before,
        at_s=before.at_s + seconds,
        into=into,
        out=out,
        **more,  # type: ignore[arg-type]
    )


def test_it_is_the_start_and_in_less_out() -> None:
    occupancy = _after(1, into=7, out=3)
    assert occupancy.people == 104
    assert (occupancy.into, occupancy.out) == (7, 3)
    assert occupancy.sd == pytest.approx(np.sqrt(25 + 10 * 0.09))
    assert _after(1, occupancy).sd == occupancy.sd


def test_gates_that_lose_people_are_put_right_by_counts_of_the_area() -> None:
    """One in ten who goes out is missed: 600 people who never were are there after an hour."""
    rng = np.random.default_rng(0)
    true, held, alone = 200, Occupancy(BEGIN_S, 200, 5), Occupancy(BEGIN_S, 200, 5)
    off = []
    for _ in range(3600):
        into, out = rng.poisson(1.7), min(true, rng.poisson(1.7))
        true += into - out
        found = rng.binomial(out, 0.9)
        count = AreaCount(people=max(0.0, 0.95 * true + rng.normal(0, 15)), sd=15, seen_share=0.95)
        held = _after(1, held, into=into, out=found, count=count)
        alone = _after(1, alone, into=into, out=found)
        off.append(held.people - true)
    assert alone.people - true > 400
    assert np.sqrt(np.mean(np.square(off))) < 12
    assert held.corrected < -400


def test_the_stated_error_is_about_the_true_one() -> None:
    rng = np.random.default_rng(1)
    off = []
    for _ in range(300):
        true = 100 + rng.normal(0, 5)
        occupancy = START
        for _ in range(20):
            into, out = rng.poisson(2), rng.poisson(2)
            true += into - out
            error = rng.normal(0, 0.3 * np.sqrt(into + out))
            occupancy = _after(1, occupancy, into=max(0, into + error), out=out)
        off.append((occupancy.people - true) / occupancy.sd)
    assert np.sqrt(np.mean(np.square(off))) == pytest.approx(1, abs=0.15)


def test_a_count_repeated_makes_nobody_surer_than_the_error_that_all_share() -> None:
    occupancy = Occupancy(BEGIN_S, people=100, sd=30)
    count = AreaCount(people=80, sd=10, seen_share=1)
    for _ in range(10_000):
        occupancy = _after(0.5, occupancy, count=count)
    assert occupancy.sd == pytest.approx(10 * np.sqrt(COMMON_SHARE))
    assert occupancy.people == pytest.approx(80)


@pytest.mark.parametrize("per_s", [0.5, 2, 10])
def test_many_counts_a_second_correct_no_faster_than_few(per_s: float) -> None:
    occupancy = Occupancy(BEGIN_S, people=100, sd=10)
    count = AreaCount(people=60, sd=10, seen_share=1)
    for _ in range(round(10 * per_s)):
        occupancy = _after(1 / per_s, occupancy, count=count)
    # Within the time that counts are alike, all of them weigh as one: half of the way.
    assert occupancy.people == pytest.approx(80, abs=0.5)


def test_a_count_of_a_part_does_not_speak_for_the_area() -> None:
    assert _after(10, count=AreaCount(people=5, sd=2, seen_share=0.79)).people == 100
    assert _after(10, count=AreaCount(people=5, sd=2, seen_share=0.8)).people < 95


def test_what_is_not_seen_makes_a_count_less_sure() -> None:
    people, sd = AreaCount(people=90, sd=3, seen_share=0.9).of_all
    assert people == pytest.approx(100)
    assert sd == pytest.approx(np.hypot(3 / 0.9, 10))


def test_gates_that_nobody_watches_make_it_unsure() -> None:
    assert _after(60, watched=False).sd == pytest.approx(5 + 30)
    assert _after(60).sd == 5


def test_more_go_out_than_were_in() -> None:
    occupancy = _after(1, out=250)
    assert occupancy.people == 0
    assert _after(1, occupancy, into=3).people == 3
    assert occupancy.sd > 5


def test_a_clock_set_back_loses_nobody() -> None:
    back = _after(-3600, into=4, out=1, count=AreaCount(people=10, sd=1, seen_share=1))
    assert back.people == 103
    assert back.at_s == BEGIN_S - 3600
    assert _after(0, back, into=2).people == 105
    assert _after(-60, watched=False).sd == START.sd


@given(
    st.lists(
        st.tuples(
            st.floats(0, 100), st.integers(0, 30), st.integers(0, 60), st.floats(0, 300) | st.none()
        ),
        max_size=30,
    )
)
def test_it_is_never_negative_and_its_error_never_nothing(
    steps: list[tuple[float, int, int, float | None]],
) -> None:
    occupancy = START
    for seconds, into, out, people in steps:
        count = None if people is None else AreaCount(people=people, sd=4, seen_share=0.9)
        occupancy = _after(seconds, occupancy, into=into, out=out, count=count)
        assert occupancy.people >= 0
        assert 0 < occupancy.sd < 1000


@pytest.mark.parametrize(
    ("into", "out", "seconds"), [(-1, 0, 1), (0, -1, 1), (np.nan, 0, 1), (0, 0, np.inf)]
)
def test_crossings_that_make_no_sense_are_refused(into: float, out: float, seconds: float) -> None:
    with pytest.raises(BadInput, match="expected finite numbers from 0 up"):
        _after(seconds, into=into, out=out)


@pytest.mark.parametrize(
    ("people", "sd", "share"), [(-1, 1, 1), (1, 0, 1), (np.nan, 1, 1), (1, 1, 1.1), (1, 1, np.nan)]
)
def test_a_count_that_makes_no_sense_is_refused(people: float, sd: float, share: float) -> None:
    with pytest.raises(BadInput, match="occupancy"):
        AreaCount(people=people, sd=sd, seen_share=share)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"crossing_sd": 0.0}, "crossing_sd of 0.0"),
        ({"alike_s": float("inf")}, "alike_s of inf"),
        ({"min_seen_share": 1.5}, "min_seen_share of 1.5"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(changed: dict[str, float], named: str) -> None:
    with pytest.raises(BadInput, match=named):
        OccupancyRule(**changed)


@pytest.mark.parametrize(("people", "sd"), [(-1.0, 1.0), (1.0, -1.0), (np.nan, 1.0)])
def test_a_start_that_makes_no_sense_is_refused(people: float, sd: float) -> None:
    with pytest.raises(BadInput, match="people from 0 up"):
        Occupancy(at_s=BEGIN_S, people=people, sd=sd)
