"""Heads hand over to density without a step, and never count anybody twice for it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdsafe.domain.crowd.hand_over import HandOver, heads_only

_HAND_OVERS = st.builds(
    HandOver,
    open_threshold=st.floats(0.01, 0.99),
    crowd_threshold=st.floats(0.01, 0.99),
    middle_people=st.floats(1e-6, 1e6),
    steepness=st.floats(0.01, 20.0),
    density_share=st.floats(0.0, 1.0),
)
_CROWDING = st.floats(0.0, 1e9)
_HALF = HandOver(0.4, 0.2, middle_people=0.5, steepness=4.0, density_share=0.8)


@pytest.mark.parametrize(
    ("crowding", "crowdedness"),
    [(0.0, 0.0), (0.25, 1 / 17), (0.5, 0.5), (1.0, 16 / 17), (1e9, 1.0), (-1e-9, 0.0)],
)
def test_known_answers(crowding: float, crowdedness: float) -> None:
    at = np.array([crowding])
    assert _HALF.crowdedness(at)[0] == pytest.approx(crowdedness, abs=1e-12)
    assert _HALF.share(at)[0] == pytest.approx(0.8 * crowdedness, abs=1e-12)


def test_the_threshold_goes_from_the_open_to_the_crowd_one() -> None:
    crowding = np.array([0.0, 0.0, 0.5, 0.5, 1e9, 1e9])
    score = np.array([0.401, 0.399, 0.301, 0.299, 0.201, 0.199])
    assert _HALF.accepts(score, crowding).tolist() == [True, False] * 3


@given(hand_over=_HAND_OVERS, crowding=_CROWDING)
def test_a_share_is_a_share(hand_over: HandOver, crowding: float) -> None:
    share = hand_over.share(np.array([crowding]))[0]
    assert 0.0 <= share <= hand_over.density_share


@given(hand_over=_HAND_OVERS)
def test_where_nobody_is_density_says_nothing(hand_over: HandOver) -> None:
    assert hand_over.share(np.zeros((2, 3))).tolist() == [[0.0] * 3] * 2


@given(hand_over=_HAND_OVERS, less=_CROWDING, more=_CROWDING)
def test_a_denser_crowd_is_not_counted_less_by_density(
    hand_over: HandOver, less: float, more: float
) -> None:
    ordered = hand_over.share(np.sort([less, more]))
    assert ordered[0] <= ordered[1]


@given(hand_over=_HAND_OVERS, crowding=_CROWDING, low=st.floats(0.0, 1.0), high=st.floats(0.0, 1.0))
def test_a_better_score_is_not_refused_where_a_worse_one_counts(
    hand_over: HandOver, crowding: float, low: float, high: float
) -> None:
    worse, better = hand_over.accepts(np.sort([low, high]), np.array([crowding, crowding]))
    assert better or not worse


@given(crowding=_CROWDING, score=st.floats(0.0, 1.0), threshold=st.floats(0.01, 0.99))
def test_heads_only_counts_every_head_from_its_score_on(
    crowding: float, score: float, threshold: float
) -> None:
    alone = heads_only(threshold)
    at = np.array([crowding])
    assert alone.accepts(np.array([score]), at)[0] == (score >= threshold)
    assert alone.share(at)[0] == 0.0


@given(
    hand_over=_HAND_OVERS,
    crowding=_CROWDING,
)
def test_a_person_seen_by_both_is_one_person(hand_over: HandOver, crowding: float) -> None:
    share = hand_over.share(np.array([crowding]))[0]
    by_head, by_density = 1.0 - share, share
    assert by_head >= 0.0
    assert by_head + by_density == pytest.approx(1.0)


def test_the_hand_over_has_no_step() -> None:
    crowding = np.linspace(0.0, 3.0, 3001)
    assert np.abs(np.diff(_HALF.share(crowding))).max() < 0.01
