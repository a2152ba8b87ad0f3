"""Choosing settings from readings whose best settings are known."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsafe.domain.crowd.hand_over import HandOver
from crowdsafe.errors import BadInput
from crowdsafe.training.readings import Reading, by_folder
from crowdsafe.training.search import HeldOut, relative_error
from crowdsafe.training.tuning import choose_size, cross_validate, tune
from tests.training.readings import reading


@pytest.fixture
def readings() -> list[Reading]:
    """Heads score 0.6, other things 0.3; the density map says half of the truth."""
    return [
        reading("street", people, [0.6] * people + [0.3] * 7, people / 2)
        for people in (4, 9, 12, 20)
    ]


def threshold_at(hand_over: HandOver, crowding: float) -> float:
    scores = np.arange(0.0, 1.0, 0.001)
    accepted = hand_over.accepts(scores, np.full_like(scores, crowding))
    return float(scores[accepted].min())


def test_the_threshold_parts_heads_from_other_things(readings: list[Reading]) -> None:
    choice = tune(HeldOut(readings), 1024)
    # The factor scales the crowding too, which is 1 in the readings.
    assert 0.3 < threshold_at(choice.hand_over, choice.density_factor) <= 0.6
    assert choice.density_factor == pytest.approx(1.5, abs=0.02)
    assert choice.long_side_px == 1024
    assert choice.cost == pytest.approx(0.0, abs=0.06)


def test_of_what_costs_the_same_the_surest_is_chosen(readings: list[Reading]) -> None:
    hand_over = tune(HeldOut(readings), 1024).hand_over
    assert threshold_at(hand_over, 0.3) > 0.5


def test_things_that_no_picture_had_count_too() -> None:
    """A third of the heads score as little as things that are painted in."""
    scores = {people: [0.8, 0.8, 0.4] * (people // 3) for people in (6, 9, 12, 21)}
    plain = [reading("street", n, each, 0.0) for n, each in scores.items()]
    furnished = [reading("street", n, each + [0.5] * 60, 0.0) for n, each in scores.items()]
    trusting = tune(HeldOut(plain), 1024)
    wary = tune(HeldOut(plain, furnished), 1024)
    assert threshold_at(trusting.hand_over, trusting.density_factor) < 0.45
    assert threshold_at(wary.hand_over, wary.density_factor) > 0.45


def test_the_density_counts_where_heads_are_missed() -> None:
    crush = [
        reading("crush", n, [0.6] * (n // 3 + n % 7), n / 1.2, crowding=6.0)
        for n in (60, 95, 130, 180)
    ]
    choice = tune(HeldOut(crush), 1024)
    assert choice.hand_over.density_share == 1.0
    assert choice.density_factor == pytest.approx(1.2, abs=0.02)


def test_one_hand_over_serves_the_open_and_the_crush() -> None:
    """Nobody is told which is which: only the crowding says it."""
    alone = [reading("open", n, [0.6] * n, n * 2.0, crowding=0.3) for n in (2, 5, 7, 9)]
    crush = [
        reading("crush", n, [0.6] * (n // 3 + n % 7), float(n), crowding=8.0)
        for n in (60, 95, 130, 180)
    ]
    choice = tune(HeldOut([*alone, *crush]), 1024, density_factor=1.0)
    assert choice.hand_over.share(np.array([0.3]))[0] < 0.1
    assert choice.hand_over.share(np.array([8.0]))[0] > 0.8


def test_folders_weigh_the_same() -> None:
    both = [reading("few", 2, [], 0.0), reading("many", 100, [], 0.0)]
    assert relative_error(both, np.array([1.0, 100.0])) == pytest.approx(0.25)
    assert list(by_folder(both)) == ["few", "many"]


def test_a_larger_input_must_pay(readings: list[Reading]) -> None:
    worse = [reading("street", 10, [0.6] * 7, 7.0), reading("street", 20, [0.6] * 15, 15.0)]
    assert choose_size({1024: HeldOut(worse), 1280: HeldOut(readings)}).long_side_px == 1280
    assert choose_size({1024: HeldOut(readings), 1280: HeldOut(readings)}).long_side_px == 1024


def test_cross_validation_uses_the_other_half(readings: list[Reading]) -> None:
    crossed = cross_validate(HeldOut(readings), 1024)
    assert list(crossed) == ["street"]
    assert crossed["street"].mae < 1.0
    assert crossed["street"].coverage == 1.0


def test_nothing_to_choose_on_is_an_error() -> None:
    with pytest.raises(BadInput, match="no held-out pictures"):
        tune(HeldOut([]), 1024)
