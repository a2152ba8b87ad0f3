"""Evenings whose truth is known, and what cameras send of them."""

from itertools import islice, pairwise

import numpy as np
import pytest

from crowdsafe.contract.thresholds import Limits, Thresholds
from crowdsafe.errors import BadInput
from crowdsafe.hub.state.hub_state import HubState
from crowdsafe.simulation.evening_plan import APART_S
from crowdsafe.simulation.evening_site import FAILING, PLACES
from crowdsafe.simulation.evening_truth import Array
from crowdsafe.simulation.evenings import (
    BEGIN_S,
    STEADY_S,
    Arrival,
    Evenings,
    evenings,
    observations,
)

HOURS = 8.0


@pytest.fixture(scope="module")
def night() -> Evenings:
    return evenings(hours=HOURS, seed=1)


@pytest.fixture(scope="module")
def busy_hour(night: Evenings) -> tuple[Arrival, ...]:
    """Half an hour of a busy evening."""
    each_s = len(night.site.cameras)
    return tuple(islice(observations(night, from_s=9000), 1800 * each_s))


def _first_over(truth: Array, limit: float, from_s: float) -> float | None:
    over = np.flatnonzero(truth[int(from_s) :] >= limit)
    return None if not len(over) else float(from_s + over[0])


def test_the_same_seed_gives_the_same_evenings_and_another_others() -> None:
    first, same, other = (evenings(hours=2, seed=seed) for seed in (4, 4, 5))
    assert first.plan == same.plan
    for zone_id, truth in first.zones.items():
        assert np.array_equal(truth.density_ppm2, same.zones[zone_id].density_ppm2)
    assert not np.array_equal(first.zones["gate"].density_ppm2, other.zones["gate"].density_ppm2)
    assert list(islice(observations(first), 500)) == list(islice(observations(same), 500))


@pytest.mark.parametrize("hours", [0.0, 1.9, 169.0, float("nan"), float("inf")])
def test_hours_without_an_evening_are_refused(hours: float) -> None:
    with pytest.raises(BadInput, match="expected 2 to 168"):
        evenings(hours=hours)


def test_every_zone_has_a_truth_for_every_second(night: Evenings) -> None:
    assert set(night.zones) == {zone.zone.id for zone in night.site.zones}
    for truth in night.zones.values():
        for name, values in vars(truth).items():
            if name != "place":
                assert values.shape == (HOURS * 3600,), name
                assert np.isfinite(values).all(), name
                assert (values >= 0).all(), name
        assert (truth.peak_ppm2 >= truth.density_ppm2).all()


def test_calm_zones_stay_five_errors_below_every_limit(night: Evenings) -> None:
    thresholds, limits = Thresholds(), Limits()
    assert limits.peak_ppm2 is not None
    assert limits.pressure_per_s2 is not None
    assert len(night.calm_ids) == 7
    for zone_id in night.calm_ids:
        truth = night.zones[zone_id]
        below = thresholds.tight_ppm2 - truth.density_ppm2
        assert (below > 5 * truth.density_sd_ppm2).all(), zone_id
        assert (limits.peak_ppm2 - truth.peak_ppm2 > 5 * truth.peak_sd_ppm2).all(), zone_id
        assert truth.pressure_per_s2.max() < limits.pressure_per_s2 / 2, zone_id


def test_rises_cross_their_limit_when_they_should_one_at_a_time(night: Evenings) -> None:
    tight = Thresholds().tight_ppm2
    crossed_s = []
    for push in night.plan.pushes:
        place = night.zones[push.place_id].place
        if push.quantity != "density" or place.kind != "rise" or push.to < tight:
            continue
        at_s = _first_over(night.zones[push.place_id].density_ppm2, tight, push.begins_s)
        assert at_s is not None, push
        assert at_s < push.ends_s, push
        crossed_s.append(at_s)
    assert len(crossed_s) >= 8
    assert min(b - a for a, b in pairwise(sorted(crossed_s))) > 0.8 * APART_S


def test_false_starts_stop_below_the_limit(night: Evenings) -> None:
    tight = Thresholds().tight_ppm2
    low = [
        push
        for push in night.plan.pushes
        if push.quantity == "density"
        and push.to < tight
        and night.zones[push.place_id].place.kind == "rise"
    ]
    assert len(low) >= 5
    for push in low:
        span = slice(int(push.begins_s), int(push.ends_s))
        truth = night.zones[push.place_id]
        assert (truth.density_ppm2[span] < tight - 2 * truth.density_sd_ppm2[span]).all(), push


def test_crossings_are_of_seconds_and_of_many_minutes() -> None:
    tight = Thresholds().tight_ppm2
    lengths_s: list[int] = []
    for truth in evenings(hours=24, seed=1).zones.values():
        if truth.place.kind == "rise":
            over = np.concatenate([[0], truth.density_ppm2 >= tight, [0]])
            edges = np.flatnonzero(np.diff(over.astype(int)))
            lengths_s += (edges[1::2] - edges[::2]).tolist()
    assert any(5 <= length < 12 for length in lengths_s)
    assert max(lengths_s) > 3000


def test_who_came_less_who_went_is_how_many_more_there_are(night: Evenings) -> None:
    truth = night.zones["gate"]
    people = truth.density_ppm2 * truth.place.area_m2
    assert np.allclose(people[0] + np.cumsum(truth.into - truth.out), people)


def test_what_is_sent_is_what_the_hub_expects(night: Evenings) -> None:
    state = HubState(night.site, unknown_after_s=5.0, max_clock_ahead_s=2.0, now_s=BEGIN_S)
    for arrival in islice(observations(night), 40):
        state.apply(arrival.observation, now_s=arrival.at_s, worker="edge")
    for zone in night.site.zones:
        assert state.zone_state(zone.zone.id).level == "clear", zone.zone.id
        assert state.zone_state(zone.zone.id).seen_share == pytest.approx(1.0, abs=1e-3)
    for camera in night.site.cameras:
        assert state.camera_state(camera.id).detail == "", "both have the same calibration"
    assert state.zone_state("stage").camera_ids


def test_it_comes_in_order_soon_after_it_was_captured(busy_hour: tuple[Arrival, ...]) -> None:
    for before, after in pairwise(busy_hour):
        assert before.at_s <= after.at_s
    for arrival in busy_hour:
        assert 0 < arrival.at_s - arrival.observation.captured_at_s < 0.3


def test_readings_are_off_by_what_they_say_and_late_by_half_a_median(
    night: Evenings, busy_hour: tuple[Arrival, ...]
) -> None:
    off: list[float] = []
    for arrival in busy_hour:
        told_at_s = arrival.observation.captured_at_s - BEGIN_S - STEADY_S / 2
        for reading in arrival.observation.zones:
            if reading.zone_id in ("bar", "carousel", "tent") and reading.seen_share > 0.99:
                truth = night.zones[reading.zone_id].density_ppm2
                true = np.interp(told_at_s, np.arange(len(truth)), truth)
                assert reading.density_ppm2 is not None
                assert reading.density_sd_ppm2 is not None
                off.append((reading.density_ppm2 - true) / reading.density_sd_ppm2)
    deviations = np.abs(off)
    assert np.mean(deviations < 1) == pytest.approx(0.68, abs=0.06)
    assert np.mean(deviations < 2) == pytest.approx(0.95, abs=0.03)
    assert deviations.max() > 5, "outliers are there"


def test_errors_of_a_second_and_the_next_are_alike(busy_hour: tuple[Arrival, ...]) -> None:
    told = [
        reading.count
        for arrival in busy_hour
        for reading in arrival.observation.zones
        if reading.zone_id == "meadow"
    ]
    steps = np.diff(told)
    assert np.corrcoef(told[:-1], told[1:])[0, 1] > 0.6
    assert np.corrcoef(steps[:-1], steps[1:])[0, 1] < 0, "and are no mere random walk"


def test_outliers_are_single_readings() -> None:
    night = evenings(hours=2, seed=2)
    place = next(place for place in PLACES if place.outliers_per_min > 0.1)
    told = np.array(
        [
            reading.count
            for arrival in islice(observations(night, from_s=3600), 20_000)
            for reading in arrival.observation.zones
            if reading.zone_id == place.id
        ]
    )
    around = np.median(np.lib.stride_tricks.sliding_window_view(told, 21), axis=1)
    wrong = np.flatnonzero(told[10:-10] > 1.5 * around)
    per_min = len(wrong) / (len(told) / 60)
    assert per_min == pytest.approx(place.outliers_per_min, rel=0.5)


def test_one_camera_drops_out_when_planned() -> None:
    night = evenings(hours=2, seed=1)
    gaps = []
    last_s = None
    for arrival in observations(night):
        if arrival.observation.camera_id == FAILING:
            at_s = arrival.observation.captured_at_s - BEGIN_S
            if last_s is not None and at_s - last_s > 1.5:
                gaps.append(at_s - last_s)
            last_s = at_s
    off_s = [to_s - from_s for from_s, to_s in night.plan.off_s]
    assert gaps == pytest.approx(off_s, abs=1.1)
    assert min(gaps) < 5 < max(gaps)


def test_two_ways_and_dense_places_are_there(night: Evenings) -> None:
    assert np.median(night.zones["walkway"].counter_flow_share) > 0.4
    rows = night.zones["front-rows"]
    assert rows.peak_ppm2.max() > 4.9
    assert rows.density_ppm2.max() < 1.3


def test_twice_as_many_pictures_show_the_same_truth() -> None:
    night = evenings(hours=2, seed=3)
    cameras = len(night.site.cameras)
    arrivals = tuple(islice(observations(night, per_s=2.0), 600 * cameras))
    assert arrivals[-1].at_s - BEGIN_S == pytest.approx(300, abs=1.5)
    lines = [line for arrival in arrivals for line in arrival.observation.lines]
    assert {line.span_s for line in lines} == {0.5}
