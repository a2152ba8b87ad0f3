"""Choosing settings from readings whose best settings are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from crowdsafe.errors import BadInput
from crowdsafe.training.data import Picture
from crowdsafe.training.predictor import Answer
from crowdsafe.training.readings import Reading, by_folder, model_counts
from crowdsafe.training.tuning import choose_size, cross_validated_mae, relative_error, tune


def reading(folder: str, people: int, scores: list[float], density_sum: float) -> Reading:
    heads = np.stack((np.arange(people) * 20.0, np.full(people, 50.0)), axis=1)
    picture = Picture(
        path=Path("picture.png"),
        width_px=1000,
        height_px=100,
        heads_px=heads.astype(np.float32),
        sizes_px=np.full(people, 10.0, dtype=np.float32),
    )
    boxes = np.zeros((len(scores), 4), dtype=np.float32)
    boxes[:, [0, 2]] = np.arange(len(scores))[:, None] * 20.0 + np.array([-5.0, 5.0])
    boxes[:, [1, 3]] = (45.0, 55.0)
    return Reading(
        folder, picture, Answer(np.array(scores, dtype=np.float32), boxes, density_sum, 1.0)
    )


@pytest.fixture
def readings() -> list[Reading]:
    """Heads score 0.6, other things 0.3; the density map says half of the truth."""
    return [
        reading("street", people, [0.6] * people + [0.3] * 7, people / 2)
        for people in (4, 9, 12, 20)
    ]


def test_the_threshold_parts_heads_from_other_things(readings: list[Reading]) -> None:
    choice = tune(readings, 1024)
    assert 0.3 < choice.score_threshold < 0.6
    assert choice.error == 0.0
    assert choice.count_from == "detector"
    assert choice.long_side_px == 1024


def test_counts_by_each_way(readings: list[Reading]) -> None:
    def counts(way: str) -> list[float]:
        return model_counts(
            readings[:2],
            count_from=way,  # type: ignore[arg-type]
            score_threshold=0.5,
            density_factor=2.0,
        ).tolist()

    assert counts("detector") == [4.0, 9.0]
    assert counts("density") == [4.0, 9.0]
    assert model_counts(readings[:1], count_from="mean", score_threshold=0.5).tolist() == [3.0]


def test_matches_of_a_reading(readings: list[Reading]) -> None:
    matches = readings[0].matches(0.5)
    assert (matches.precision, matches.recall) == (1.0, 1.0)
    assert readings[0].matches(0.2).found == 11


def test_density_counts_where_the_detector_is_clearly_worse() -> None:
    merged = [reading("crush", n, [0.6] * (n // 3 + n % 7), n / 1.2) for n in (60, 95, 130, 180)]
    choice = tune(merged, 1024)
    assert choice.count_from == "density"
    assert choice.density_factor == pytest.approx(1.2, abs=0.02)


def test_folders_weigh_the_same() -> None:
    both = [reading("few", 2, [], 0.0), reading("many", 100, [], 0.0)]
    assert relative_error(both, np.array([1.0, 100.0])) == pytest.approx(0.25)
    assert list(by_folder(both)) == ["few", "many"]


def test_a_larger_input_must_pay(readings: list[Reading]) -> None:
    worse = [reading("street", 10, [0.6] * 7, 7.0), reading("street", 20, [0.6] * 15, 15.0)]
    assert choose_size({1024: worse, 1280: readings}).long_side_px == 1280
    assert choose_size({1024: readings, 1280: readings}).long_side_px == 1024


def test_cross_validation_uses_the_other_half(readings: list[Reading]) -> None:
    assert cross_validated_mae(readings, 1024) == {"street": 0.0}


def test_nothing_to_choose_on_is_an_error() -> None:
    with pytest.raises(BadInput, match="no held-out pictures"):
        tune([], 1024)
