"""Flat evidence counts what the product's own path counts, picture by picture."""

from __future__ import annotations

import pytest

from crowdsafe.domain.crowd.hand_over import HandOver
from crowdsafe.training.evidence import evidence_of
from tests.training.readings import reading

READINGS = [
    reading("street", 3, [0.9, 0.4, 0.8, 0.3], 2.5, crowding=0.5),
    reading("street", 0, [], 0.0),
    reading("crush", 40, [0.5] * 21, 44.0, crowding=5.0),
]
HAND_OVER = HandOver(0.45, 0.35, middle_people=1.0, steepness=2.0, density_share=0.6)


def test_counts_and_crowding_are_those_of_the_detections() -> None:
    evidence = evidence_of(READINGS)
    expected = [each.found.counted_by(HAND_OVER).weighted_points().total() for each in READINGS]
    assert evidence.counts(HAND_OVER) == pytest.approx([count for count, _ in expected], rel=1e-5)
    assert evidence.crowded(HAND_OVER) == pytest.approx([m for _, m in expected], rel=1e-5)


def test_counts_for_many_shares_are_those_of_each() -> None:
    evidence = evidence_of(READINGS)
    hand_overs = [HAND_OVER, HandOver(0.2, 0.6, 1.0, 2.0, 0.0)]
    counts, (found, hits) = evidence.counts_by_share(hand_overs, (0.0, 0.6, 1.0))
    assert counts.shape == (2, 3, 3)
    assert counts[0, 1] == pytest.approx(evidence.counts(HAND_OVER))
    assert found[0].tolist() == [2.0, 0.0, 21.0]
    assert hits[1].tolist() == [3.0, 0.0, 0.0]


def test_a_density_factor_scales_people_and_crowding() -> None:
    twice = evidence_of(READINGS).scaled(2.0)
    assert twice.density_sums() == pytest.approx([5.0, 0.0, 88.0])
    assert twice.head_crowding[0] == pytest.approx(1.0)


def test_no_pictures_and_no_heads_are_no_problem() -> None:
    empty = evidence_of([reading("street", 2, [], 0.0)])
    assert empty.counts(HAND_OVER).tolist() == [0.0]
    assert evidence_of([]).counts(HAND_OVER).tolist() == []
