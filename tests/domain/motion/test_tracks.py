"""Anonymous tracks: who is followed, with which velocity, and when one is forgotten."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowdsafe.domain.crowd.points import Points
from crowdsafe.domain.motion.tracks import TRACK_RULE, TrackRule, Tracks, no_tracks, step_tracks
from crowdsafe.errors import BadInput

BEGIN_S = 1_764_000_000.137
SD_M = 0.05


def _followed(
    pictures: Iterable[tuple[float, Points]], *, sd_m: float = SD_M, tracks: Tracks | None = None
) -> list[Tracks]:
    """Return the tracks after each picture of (seconds, places)."""
    result = []
    tracks = no_tracks() if tracks is None else tracks
    for at_s, points_m in pictures:
        tracks = step_tracks(tracks, points_m=points_m, at_s=BEGIN_S + at_s, position_sd_m=sd_m)
        result.append(tracks)
    return result


def _walk(*starts: tuple[float, float], v: tuple[float, float], at_s: float) -> Points:
    return np.array(starts, dtype=np.float64) + np.array(v) * at_s


def _rows(per_s: float, *, seconds: float, speed_m_s: float = 1.0) -> list[tuple[float, Points]]:
    """Four rows of people a metre apart, two to the east and two to the west."""
    x, y = (each.ravel() for each in np.meshgrid(np.arange(8.0), np.arange(4.0)))
    speed = np.where(y < 2, speed_m_s, -speed_m_s)
    times = np.arange(0, seconds, 1 / per_s)
    return [(float(t), np.column_stack([x + speed * t, y])) for t in times]


def _persons(tracks: Tracks) -> dict[int, int]:
    """Track number → index of the point that it has now."""
    seen = tracks.point >= 0
    return dict(zip(tracks.number[seen].tolist(), tracks.point[seen].tolist(), strict=True))


def _switches(followed: list[Tracks]) -> int:
    """How often a track went on with another person; points keep their order."""
    owner: dict[int, int] = {}
    count = 0
    for tracks in followed:
        for number, person in _persons(tracks).items():
            count += owner.setdefault(number, person) != person
            owner[number] = person
    return count


# --- following -----------------------------------------------------------------------------


@pytest.mark.parametrize("per_s", [2, 5, 10, 25])
def test_a_walker_keeps_number_and_velocity(per_s: int) -> None:
    pictures = [(n / per_s, _walk((3, 4), v=(1.2, -0.5), at_s=n / per_s)) for n in range(4 * per_s)]
    followed = _followed(pictures)
    assert {tracks.number.tolist()[0] for tracks in followed} == {0}
    assert [len(tracks) for tracks in followed] == [1] * len(pictures)
    assert followed[-1].measured.tolist() == [True]
    np.testing.assert_allclose(followed[-1].velocity_m_s, [[1.2, -0.5]], atol=0.02)
    np.testing.assert_allclose(followed[-1].place_m, pictures[-1][1], atol=0.02)


def test_people_a_metre_apart_in_opposite_rows_are_not_mixed_up() -> None:
    followed = _followed(_rows(10, seconds=3))
    assert _switches(followed) == 0
    assert len(followed[-1]) == 32
    np.testing.assert_allclose(np.abs(followed[-1].velocity_m_s[:, 0]), 1.0, atol=0.05)


def test_at_two_pictures_a_second_a_measured_velocity_tells_a_row_apart() -> None:
    """Without it a row that moves on by more than half of its spacing seems to walk backwards."""
    rng = np.random.default_rng(1)
    alone, helped = no_tracks(), no_tracks()
    with_velocity = []
    for at_s, points in _rows(2, seconds=8, speed_m_s=1.34):
        velocity = np.where(points[:, 1:] < 2, 1.34, -1.34) * [1.0, 0.0]
        alone = step_tracks(alone, points_m=points, at_s=BEGIN_S + at_s, position_sd_m=SD_M)
        helped = step_tracks(
            helped,
            points_m=points,
            at_s=BEGIN_S + at_s,
            position_sd_m=SD_M,
            velocity_m_s=velocity + rng.normal(0, 0.4, velocity.shape),
            velocity_sd_m_s=0.4,
        )
        with_velocity.append(helped)
    assert _switches(with_velocity) == 0
    error = helped.velocity_m_s[:, 0] - np.where(helped.place_m[:, 1] < 1.5, 1.34, -1.34)
    assert np.sqrt((error**2).mean()) < 0.15
    assert abs(alone.velocity_m_s[alone.place_m[:, 1] < 1.5, 0].mean() - 1.34) > 1.0


def test_two_who_pass_each_other_keep_their_ways() -> None:
    pictures = []
    for n in range(40):
        at_s = n / 5
        both = [_walk((0, 0), v=(1.3, 0), at_s=at_s), _walk((10, 0.4), v=(-1.3, 0), at_s=at_s)]
        pictures.append((at_s, np.vstack(both)))
    assert _switches(_followed(pictures)) == 0


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32), order=st.permutations(range(9)))
def test_the_order_of_points_means_nothing(seed: int, order: list[int]) -> None:
    noise = np.random.default_rng(seed).uniform(-0.1, 0.1, (20, 9, 2))
    x, y = (each.ravel() for each in np.meshgrid(np.arange(3) * 2.0, np.arange(3) * 2.0))
    start = np.column_stack([x, y])
    straight = [(n / 5, start + [0.2 * n, 0.0] + noise[n]) for n in range(20)]
    mixed = [(at_s, points[order]) for at_s, points in straight]
    one, other = _followed(straight)[-1], _followed(mixed)[-1]
    where = np.lexsort(one.place_m.round(6).T), np.lexsort(other.place_m.round(6).T)
    np.testing.assert_allclose(one.place_m[where[0]], other.place_m[where[1]], atol=1e-9)
    np.testing.assert_allclose(one.velocity_m_s[where[0]], other.velocity_m_s[where[1]], atol=1e-9)


def test_the_stated_error_of_a_velocity_is_about_the_true_one() -> None:
    rng = np.random.default_rng(5)
    start, speed = rng.uniform(0, 200, (300, 2)), rng.normal(0, 0.8, (300, 2))
    sd_m = 0.1
    pictures = [
        (n / 4, start + speed * n / 4 + rng.normal(0, sd_m, start.shape)) for n in range(16)
    ]
    tracks = _followed(pictures, sd_m=sd_m)[-1]
    told = tracks.measured
    error = tracks.velocity_m_s[told] - speed[tracks.point[told]]
    stated = tracks.velocity_sd_m_s[told][:, None]
    # Straight walkers never use the room that the filter leaves for those who turn.
    assert 0.5 < np.sqrt(((error / stated) ** 2).mean()) < 1.0


def test_a_measured_velocity_tells_at_once_that_somebody_stopped() -> None:
    walking = _followed((n / 2, _walk((0, 0), v=(1.3, 0), at_s=n / 2)) for n in range(6))[-1]
    stopped = {"points_m": np.array([[3.3, 0.0]]), "at_s": BEGIN_S + 3, "position_sd_m": 0.3}
    guessed = step_tracks(walking, **stopped)  # type: ignore[arg-type]
    measured = step_tracks(
        walking,
        velocity_m_s=np.array([[0.0, 0.0]]),
        velocity_sd_m_s=0.1,
        **stopped,  # type: ignore[arg-type]
    )
    assert guessed.velocity_m_s[0, 0] > 0.7
    assert measured.velocity_m_s[0, 0] < 0.25


# --- births and deaths ---------------------------------------------------------------------


def test_a_velocity_counts_from_the_third_picture_and_not_before_its_time() -> None:
    slow = _followed((n / 2, _walk((0, 0), v=(1, 0), at_s=n / 2)) for n in range(4))
    assert [tracks.settled.tolist() for tracks in slow] == [[False], [False], [True], [True]]
    fast = _followed((n / 10, _walk((0, 0), v=(1, 0), at_s=n / 10)) for n in range(6))
    assert [tracks.settled.tolist() for tracks in fast] == [[False]] * 4 + [[True]] * 2


@pytest.mark.parametrize(("unseen_s", "same"), [(0.5, True), (1.5, True), (1.6, False)])
def test_who_is_hidden_for_a_moment_is_the_same_and_for_long_somebody_new(
    unseen_s: float, same: bool
) -> None:
    v = (1.0, 0.3)
    before = [(n / 2, _walk((0, 0), v=v, at_s=n / 2)) for n in range(6)]
    gap = [(2.5 + s, np.empty((0, 2))) for s in np.arange(0.25, unseen_s - 0.01, 0.25)]
    after_s = 2.5 + unseen_s
    tracks = _followed([*before, *gap, (after_s, _walk((0, 0), v=v, at_s=after_s))])[-1]
    assert tracks.number.tolist() == ([0] if same else [1])
    assert tracks.settled.tolist() == [same]


def test_a_hidden_person_is_carried_on_but_tells_no_velocity() -> None:
    before = [(n / 5, _walk((0, 0), v=(1, 0), at_s=n / 5)) for n in range(10)]
    tracks = _followed([*before, (2.8, np.empty((0, 2)))])[-1]
    np.testing.assert_allclose(tracks.place_m, [[2.8, 0]], atol=0.05)
    assert tracks.point.tolist() == [-1]
    assert not tracks.measured.any()


@pytest.mark.parametrize(("limit_m_s", "numbers"), [(3.0, [0]), (1.5, [0, 1])])
def test_nobody_is_faster_than_the_highest_speed(limit_m_s: float, numbers: list[int]) -> None:
    run = [(0.0, np.array([[0.0, 0.0]])), (0.5, np.array([[1.1, 0.0]]))]
    rule = TrackRule(max_speed_m_s=limit_m_s)
    assert _followed(run, tracks=no_tracks(rule))[-1].number.tolist() == numbers


def test_a_jump_is_somebody_else() -> None:
    jump = [(0.0, np.array([[0.0, 0.0]])), (0.5, np.array([[2.5, 0.0]]))]
    assert _followed(jump)[-1].number.tolist() == [0, 1]


def test_each_point_has_one_track() -> None:
    rng = np.random.default_rng(2)
    for tracks in _followed((n / 5, rng.uniform(0, 5, (60, 2))) for n in range(20)):
        assert sorted(tracks.point[tracks.point >= 0].tolist()) == list(range(60))
        assert len(set(tracks.number.tolist())) == len(tracks)


# --- time ----------------------------------------------------------------------------------


def test_dropped_pictures_change_no_velocity() -> None:
    times = np.cumsum([0, 0.1, 0.1, 0.7, 0.1, 0.4, 0.1, 1.2, 0.3])
    tracks = _followed((float(t), _walk((0, 0), (9, 9), v=(0.9, 0.4), at_s=t)) for t in times)[-1]
    assert tracks.number.tolist() == [0, 1]
    np.testing.assert_allclose(tracks.velocity_m_s, [[0.9, 0.4]] * 2, atol=0.05)


def test_a_clock_set_back_forgets_all_and_gives_no_number_twice() -> None:
    before = _followed((n / 5, _walk((0, 0), v=(1, 0), at_s=n / 5)) for n in range(10))[-1]
    after = _followed([(-3600.0, np.array([[1.8, 0.0]]))], tracks=before)[-1]
    assert after.number.tolist() == [1]
    assert after.at_s == BEGIN_S - 3600
    assert not after.settled.any()


@pytest.mark.parametrize("later_s", [0.0, 1e-4])
def test_a_repeated_picture_is_ignored_and_hands_no_way_on_twice(later_s: float) -> None:
    pictures = [(n / 2, _walk((0, 0), v=(1.2, 0), at_s=n / 2)) for n in range(5)]
    before = _followed(pictures)[-1]
    assert (before.way_m[:, 0] != before.way_m[:, 1]).any()
    after = _followed([(2.0 + later_s, np.array([[7.0, 7.0]]))], tracks=before)[-1]
    assert after.number.tolist() == before.number.tolist()
    assert after.at_s == before.at_s
    np.testing.assert_array_equal(after.way_m[:, 0], before.way_m[:, 1])
    np.testing.assert_array_equal(after.way_m[:, 1], before.way_m[:, 1])


# --- ways ----------------------------------------------------------------------------------


def test_the_strides_of_a_way_join_from_its_first_sight_on() -> None:
    rng = np.random.default_rng(3)
    pictures = [
        (n / 10, _walk((0, 0), v=(1.1, 0.2), at_s=n / 10) + rng.normal(0, SD_M, (1, 2)))
        for n in range(60)
    ]
    strides = [
        tracks.way_m[0]
        for tracks in _followed(pictures)
        if (tracks.way_m[0, 0] != tracks.way_m[0, 1]).any()
    ]
    np.testing.assert_array_equal(strides[0][0], pictures[0][1][0])
    for earlier, later in pairwise(strides):
        np.testing.assert_array_equal(earlier[1], later[0])
    lengths = [np.hypot(*(stride[1] - stride[0])) for stride in strides]
    assert min(lengths) >= TRACK_RULE.stride_m
    assert sum(lengths) == pytest.approx(np.hypot(1.1, 0.2) * 5.9, abs=0.7)


def test_a_way_is_handed_on_once_the_track_is_no_accident() -> None:
    followed = _followed((n / 2, _walk((0, 0), v=(1.3, 0), at_s=n / 2)) for n in range(3))
    for tracks in followed[:2]:
        np.testing.assert_array_equal(tracks.way_m[:, 0], tracks.way_m[:, 1])
    np.testing.assert_allclose(followed[2].way_m, [[[0, 0], [1.3, 0]]], atol=0.05)


def test_somebody_who_stands_and_sways_goes_nowhere() -> None:
    rng = np.random.default_rng(4)
    sd_m = 0.12
    pictures = [(n / 5, np.array([[2.0, 3.0]]) + rng.normal(0, sd_m, (1, 2))) for n in range(600)]
    for tracks in _followed(pictures, sd_m=sd_m):
        np.testing.assert_array_equal(tracks.way_m[:, 0], tracks.way_m[:, 1])
    assert np.hypot(*tracks.velocity_m_s[0]) < 3 * tracks.velocity_sd_m_s[0]


# --- input ---------------------------------------------------------------------------------


def test_tracks_that_were_given_stay_as_they_are() -> None:
    before = _followed(_rows(5, seconds=2))[-1]
    copy = replace(
        before, **{k: v.copy() for k, v in vars(before).items() if isinstance(v, np.ndarray)}
    )
    step_tracks(before, points_m=_rows(5, seconds=3)[-1][1], at_s=BEGIN_S + 2, position_sd_m=SD_M)
    for name, value in vars(copy).items():
        np.testing.assert_array_equal(getattr(before, name), value)


def test_points_above_the_horizon_are_nobody() -> None:
    points = np.array([[np.nan, np.nan], [1.0, 2.0], [3.0, np.nan], [np.inf, 0.0]])
    sd_m = [np.nan, 0.1, 0.1, np.inf]
    tracks = step_tracks(no_tracks(), points_m=points, at_s=BEGIN_S, position_sd_m=sd_m)
    assert tracks.point.tolist() == [1]
    empty = step_tracks(tracks, points_m=np.empty((0, 2)), at_s=BEGIN_S + 1, position_sd_m=[])
    assert len(empty) == 1


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"at_s": np.nan}, "nan s"),
        ({"position_sd_m": 0.0}, "position_sd_m from 0.0"),
        ({"position_sd_m": [0.1, np.inf]}, "to inf"),
        ({"position_sd_m": [0.1]}, r"position_sd_m of shape \(1,\)"),
        ({"points_m": np.zeros((2, 3))}, r"shape \(2, 3\)"),
        ({"velocity_m_s": np.zeros((1, 2))}, r"velocities of shape \(1, 2\)"),
        ({"velocity_m_s": np.zeros((2, 2)), "velocity_sd_m_s": 0.0}, "velocity_sd_m_s"),
    ],
)
def test_what_makes_no_sense_is_refused(changed: dict[str, object], named: str) -> None:
    given = {"points_m": np.zeros((2, 2)), "at_s": BEGIN_S, "position_sd_m": 0.1, **changed}
    with pytest.raises(BadInput, match=named):
        step_tracks(no_tracks(), **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"max_speed_m_s": 0.0}, "max_speed_m_s of 0.0"),
        ({"lost_after_s": float("nan")}, "lost_after_s of nan"),
        ({"missed_share": 1.0}, "missed_share of 1.0"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(changed: dict[str, float], named: str) -> None:
    with pytest.raises(BadInput, match=named):
        TrackRule(**changed)  # type: ignore[arg-type]
