"""The queue for looks, simulated on a clock that runs as fast as it can."""

import heapq
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, inf, isfinite, nan

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from crowdsafe.domain.budget import FLOOR, MOST_URGENT, Budget, Demand, fair_shares, urgency
from crowdsafe.errors import BadInput

FRUIN_PPM2 = (1.08, 2.17, 3.57)


@dataclass(frozen=True)
class Cam:
    """A camera of the simulation: ``shows`` says when its stream has pictures."""

    asked_per_s: float = 2.0
    cost_s: float = 0.1
    urgency: float = 0.0
    frames_per_s: float = 25.0
    shows: Callable[[float], bool] = lambda _t_s: True
    joins_s: float = 0.0
    leaves_s: float = inf


@dataclass
class Looks:
    """When each camera's looks began, and how long threads were kept."""

    begun_s: dict[str, list[float]]
    busy_s: float

    def per_s(self, camera_id: str, from_s: float, to_s: float) -> float:
        return sum(from_s <= t < to_s for t in self.begun_s[camera_id]) / (to_s - from_s)

    def longest_wait_s(self, camera_id: str, from_s: float, to_s: float) -> float:
        inside = [t for t in self.begun_s[camera_id] if from_s <= t < to_s]
        return max(b - a for a, b in pairwise([from_s, *inside, to_s]))


def simulate(
    cams: dict[str, Cam], *, threads: int, span_s: float, budget: Budget | None = None
) -> Looks:
    """Let cameras and threads run for ``span_s``."""
    budget = budget or Budget(threads=threads)
    events: list[tuple[float, int, str, str]] = []
    numbers = iter(range(10**9))

    def plan(t_s: float, what: str, camera_id: str) -> None:
        heapq.heappush(events, (t_s, next(numbers), what, camera_id))

    for number, (camera_id, cam) in enumerate(cams.items()):
        plan(cam.joins_s, "join", camera_id)
        plan(cam.joins_s + 0.003 * number, "picture", camera_id)
        plan(cam.leaves_s, "leave", camera_id)
    pictures: dict[str, float] = {}
    busy: set[str] = set()
    looks = Looks(defaultdict(list), 0.0)
    while events and events[0][0] < span_s:
        now_s, _, what, camera_id = heapq.heappop(events)
        cam = cams[camera_id]
        if what == "join":
            budget.join(camera_id, asked_per_s=cam.asked_per_s, now_s=now_s)
        elif what == "leave":
            budget.leave(camera_id)
            pictures.pop(camera_id, None)
        elif what == "picture" and now_s < cam.leaves_s:
            if cam.shows(now_s):
                pictures[camera_id] = now_s
            plan(now_s + 1 / cam.frames_per_s, "picture", camera_id)
        elif what == "looked":
            busy.discard(camera_id)
            budget.looked(camera_id, took_s=cam.cost_s, urgency=cam.urgency)
        while len(busy) < threads:
            free = {each: at_s for each, at_s in pictures.items() if each not in busy}
            chosen = budget.choose(free, now_s=now_s)
            if chosen is None:
                break
            del pictures[chosen]
            busy.add(chosen)
            looks.begun_s[chosen].append(now_s)
            looks.busy_s += cams[chosen].cost_s
            plan(now_s + cams[chosen].cost_s, "looked", chosen)
    return looks


def test_with_time_enough_each_camera_gets_what_was_asked_for() -> None:
    cams = {f"c{n}": Cam(asked_per_s=rate) for n, rate in enumerate([0.5, 1, 2, 2, 4])}
    looks = simulate(cams, threads=1, span_s=61)
    for camera_id, cam in cams.items():
        assert looks.per_s(camera_id, 1, 61) == pytest.approx(cam.asked_per_s, abs=0.04)


@pytest.mark.parametrize("frames_per_s", [7.0, 2.0, 2.1])
def test_slow_streams_are_looked_at_as_often_as_asked(frames_per_s: float) -> None:
    looks = simulate({"slow": Cam(frames_per_s=frames_per_s)}, threads=1, span_s=61)
    assert looks.per_s("slow", 1, 61) == pytest.approx(2.0, abs=0.04)


def test_a_stream_slower_than_asked_gives_each_picture_once() -> None:
    looks = simulate({"slow": Cam(frames_per_s=1.0)}, threads=1, span_s=61)
    assert looks.per_s("slow", 1, 61) == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("threads", [1, 2])
def test_overload_takes_the_same_share_from_all_whatever_they_ask_and_cost(threads: int) -> None:
    cams = {
        "cheap": Cam(cost_s=0.05),
        "dear": Cam(cost_s=0.25),
        "seldom": Cam(asked_per_s=0.5),
        "often": Cam(asked_per_s=6.0),
        **{f"other{n}": Cam(cost_s=0.1 * threads) for n in range(8)},
    }
    asked = sum(cam.asked_per_s * cam.cost_s for cam in cams.values())
    looks = simulate(cams, threads=threads, span_s=300)
    assert looks.busy_s == pytest.approx(threads * 300, rel=0.01)
    for camera_id, cam in cams.items():
        share = looks.per_s(camera_id, 20, 300) / cam.asked_per_s
        assert share == pytest.approx(threads / asked, rel=0.05), camera_id


def test_an_urgent_camera_gets_twice_as_many_where_there_is_time() -> None:
    cams = {"urgent": Cam(urgency=1.0), "half": Cam(urgency=0.5), "calm": Cam()}
    looks = simulate(cams, threads=1, span_s=101)
    assert looks.per_s("urgent", 1, 101) == pytest.approx(4.0, abs=0.1)
    assert looks.per_s("half", 1, 101) == pytest.approx(3.0, abs=0.1)
    assert looks.per_s("calm", 1, 101) == pytest.approx(2.0, abs=0.05)


def test_calm_cameras_give_way_but_not_below_the_floor() -> None:
    cams = {"urgent": Cam(urgency=1.0), **{f"calm{n}": Cam() for n in range(4)}}
    for threads_needed, calm, urgent in (
        # Both in the same share of what they want: 4 calm at 2/s and one at 4/s, at 0.1 s each.
        (1.2, 1.0, 2.0),
        (0.9, 0.75, 1.5),
        # At the floor: the urgent one has what is left.
        (0.5, 0.5, 0.5),
        (0.55, 0.5, 0.75),
        # Under it: all alike.
        (0.3, 0.3, 0.3),
    ):
        slower = {
            camera_id: Cam(urgency=cam.urgency, cost_s=0.1 / threads_needed)
            for camera_id, cam in cams.items()
        }
        looks = simulate(slower, threads=1, span_s=300)
        of_urgent = looks.per_s("urgent", 20, 300) / 2.0
        assert of_urgent == pytest.approx(urgent, rel=0.05), threads_needed
        for number in range(4):
            of_calm = looks.per_s(f"calm{number}", 20, 300) / 2.0
            assert of_calm == pytest.approx(calm, rel=0.05), threads_needed


def test_a_camera_without_pictures_holds_up_nobody_and_saves_up_nothing() -> None:
    cams = {
        "stalls": Cam(shows=lambda t_s: not 20 <= t_s < 80),
        **{f"c{n}": Cam() for n in range(9)},
    }
    looks = simulate(cams, threads=1, span_s=120)
    assert looks.per_s("stalls", 20.5, 80) == 0
    for number in range(9):
        assert looks.per_s(f"c{number}", 25, 80) == pytest.approx(10 / 9, rel=0.05)
        # Nobody waits longer when it is back than anybody waited before it went.
        assert looks.longest_wait_s(f"c{number}", 80, 120) <= 1.21
    assert looks.per_s("stalls", 80, 85) <= 1.4
    assert looks.per_s("stalls", 85, 120) == pytest.approx(1.0, rel=0.1)


def test_who_joins_is_level_with_the_others_and_who_leaves_makes_room() -> None:
    cams = {
        **{f"c{n}": Cam() for n in range(9)},
        "late": Cam(joins_s=50),
        "gone": Cam(leaves_s=50),
    }
    looks = simulate(cams, threads=1, span_s=100)
    assert looks.per_s("late", 50, 52) <= 1.5
    assert looks.per_s("late", 52, 100) == pytest.approx(1.0, rel=0.05)
    assert looks.per_s("gone", 50, 100) == 0
    for number in range(9):
        assert looks.per_s(f"c{number}", 5, 50) == pytest.approx(1.0, rel=0.05)
        assert looks.per_s(f"c{number}", 50, 100) == pytest.approx(1.0, rel=0.05)


def test_after_an_overload_nobody_makes_up_for_more_than_one_look() -> None:
    cams = {f"c{n}": Cam(leaves_s=60 if n else inf) for n in range(10)}
    looks = simulate(cams, threads=1, span_s=120)
    assert looks.per_s("c0", 60, 62) <= 3
    assert looks.per_s("c0", 62, 120) == pytest.approx(2.0, rel=0.03)


_CAMS = st.builds(
    Cam,
    asked_per_s=st.floats(0.5, 5.0),
    cost_s=st.floats(0.02, 0.4),
    urgency=st.sampled_from([0.0, 0.3, 1.0]),
    frames_per_s=st.sampled_from([12.5, 25.0, 50.0]),
)


@settings(max_examples=60)
@given(fleet=st.lists(_CAMS, min_size=1, max_size=12), threads=st.integers(1, 3))
def test_nobody_starves_and_nobody_gets_more_than_it_wants(fleet: list[Cam], threads: int) -> None:
    cams = {f"c{n:02}": cam for n, cam in enumerate(fleet)}
    span_s = 60.0
    looks = simulate(cams, threads=threads, span_s=span_s)
    dearest_s = max(cam.cost_s for cam in fleet)
    for camera_id, cam in cams.items():
        others_s = sum(
            (1 + ceil(other.asked_per_s / cam.asked_per_s * MOST_URGENT / FLOOR)) * other.cost_s
            for other_id, other in cams.items()
            if other_id != camera_id
        )
        # Its own period, the others' looks between two of its own, and what ran already.
        bound_s = 1 / cam.asked_per_s + others_s / threads + 2 * dearest_s + 0.1
        assert looks.longest_wait_s(camera_id, 0, span_s) <= bound_s
        most = cam.asked_per_s * (1 + (MOST_URGENT - 1) * cam.urgency) * span_s
        assert len(looks.begun_s[camera_id]) <= most + 3


@settings(max_examples=40)
@given(
    asked=st.lists(st.floats(0.5, 5.0), min_size=2, max_size=10),
    costs_s=st.lists(st.floats(0.05, 0.25), min_size=10, max_size=10),
    urgent=st.sampled_from([0.0, 1.0]),
)
def test_alike_cameras_get_alike_shares_in_any_overload(
    asked: list[float], costs_s: list[float], urgent: float
) -> None:
    cams = {
        f"c{n}": Cam(asked_per_s=rate, cost_s=cost_s, urgency=urgent)
        for n, (rate, cost_s) in enumerate(zip(asked, costs_s, strict=False))
    }
    load = sum(cam.asked_per_s * cam.cost_s for cam in cams.values())
    # One camera alone cannot keep two threads busy, nor be looked at while it is looked at.
    assume(load > 1.3)
    span_s = 200.0
    looks = simulate(cams, threads=1, span_s=span_s)
    wished = load * (1 + urgent)
    for camera_id, cam in cams.items():
        expected = cam.asked_per_s * (1 + urgent) * min(1.0, 1 / wished) * span_s
        assert len(looks.begun_s[camera_id]) == pytest.approx(expected, rel=0.06, abs=4)


def test_the_longest_waiting_comes_first_among_equals() -> None:
    budget = Budget(threads=1)
    for camera_id in ("b", "a", "c"):
        budget.join(camera_id, asked_per_s=2, now_s=0)
    pictures = {"c": 0.0, "b": 0.0, "a": 0.0}
    chosen = []
    for step in range(6):
        turn = budget.choose(dict.fromkeys(pictures, 10.0 * step), now_s=10.0 * step)
        assert turn is not None
        chosen.append(turn)
        budget.looked(turn, took_s=0.1, urgency=0)
    assert chosen == ["a", "b", "c", "a", "b", "c"]


def test_a_picture_before_its_time_is_not_looked_at() -> None:
    budget = Budget(threads=1)
    budget.join("mast", asked_per_s=2, now_s=0)
    assert budget.choose({"mast": 0.0}, now_s=0.0) == "mast"
    budget.looked("mast", took_s=0.1, urgency=0)
    assert budget.choose({"mast": 0.4}, now_s=0.6) is None
    assert not budget.is_due("mast", picture_at_s=0.49)
    assert budget.is_due("mast", picture_at_s=0.5)
    assert budget.choose({"mast": 0.52}, now_s=0.6) == "mast"


def test_who_left_is_passed_over() -> None:
    budget = Budget(threads=1)
    budget.join("mast", asked_per_s=2, now_s=0)
    assert budget.choose({"mast": 0.0}, now_s=0.0) == "mast"
    budget.leave("mast")
    budget.looked("mast", took_s=0.1, urgency=1)
    budget.leave("mast")
    assert budget.choose({"mast": 9.0}, now_s=9.0) is None
    assert budget.achieved_per_s("mast", now_s=9.0) == 0
    budget.join("mast", asked_per_s=1, now_s=9.0)
    assert budget.shares() == {"mast": 1.0}


def test_the_achieved_rate_is_that_of_the_last_seconds() -> None:
    budget = Budget(threads=1)
    budget.join("mast", asked_per_s=2, now_s=0)
    for step in range(60):
        assert budget.achieved_per_s("mast", now_s=step / 2) == pytest.approx(2, rel=0.1)
        budget.choose({"mast": step / 2}, now_s=step / 2)
    assert budget.achieved_per_s("mast", now_s=29.75) == pytest.approx(2, rel=0.06)
    for step in range(60):
        budget.choose({"mast": 30.0 + step}, now_s=30.0 + step)
    assert budget.achieved_per_s("mast", now_s=89.5) == pytest.approx(1, rel=0.06)
    assert budget.achieved_per_s("mast", now_s=119.0) < 0.01


def test_costs_are_learned_and_guessed_from_the_others_before() -> None:
    budget = Budget(threads=1)
    for camera_id in ("a", "b", "c"):
        budget.join(camera_id, asked_per_s=2, now_s=0)
    assert budget.shares() == {"a": 1, "b": 1, "c": 1}
    budget.looked("a", took_s=0.5, urgency=0)
    assert budget.shares() == pytest.approx({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3})
    for _ in range(30):
        budget.looked("a", took_s=0.1, urgency=0)
    assert budget.shares() == {"a": 1, "b": 1, "c": 1}


@pytest.mark.parametrize("threads", [0.0, -1.0, nan, inf])
def test_a_budget_of_nothing_is_refused(threads: float) -> None:
    with pytest.raises(BadInput, match="expected a number above 0"):
        Budget(threads=threads)


@pytest.mark.parametrize("asked_per_s", [0.0, -2.0, nan, inf])
def test_a_rate_that_is_none_is_refused(asked_per_s: float) -> None:
    with pytest.raises(BadInput, match=f"'mast' asks for {asked_per_s} looks a second"):
        Budget(threads=1).join("mast", asked_per_s=asked_per_s, now_s=0)


def test_who_joins_twice_is_refused() -> None:
    budget = Budget(threads=1)
    budget.join("mast", asked_per_s=2, now_s=0)
    with pytest.raises(BadInput, match="'mast' joins twice"):
        budget.join("mast", asked_per_s=2, now_s=1)


@pytest.mark.parametrize(("took_s", "urgent"), [(-0.1, 0), (nan, 0), (0.1, 1.2), (0.1, nan)])
def test_a_look_of_impossible_numbers_is_refused(took_s: float, urgent: float) -> None:
    budget = Budget(threads=1)
    budget.join("mast", asked_per_s=2, now_s=0)
    with pytest.raises(BadInput, match="a look of camera 'mast'"):
        budget.looked("mast", took_s=took_s, urgency=urgent)


_DEMANDS = st.lists(
    st.builds(Demand, load=st.floats(0.0, 3.0), urgency=st.floats(0.0, 1.0)), max_size=12
)


@given(demands=_DEMANDS, threads=st.floats(0.1, 8.0))
def test_shares_use_what_there_is_and_keep_the_floor(demands: list[Demand], threads: float) -> None:
    shares = fair_shares(demands, threads=threads)
    used = sum(each.load * share for each, share in zip(demands, shares, strict=True))
    wished = sum(each.load * each.wish for each in demands)
    assert used == pytest.approx(min(threads, wished), rel=1e-6)
    even = threads / max(1e-9, sum(each.load for each in demands))
    for each, share in zip(demands, shares, strict=True):
        assert isfinite(share)
        assert min(FLOOR, even) - 1e-9 <= share <= each.wish + 1e-9
    by_urgency = sorted(zip(demands, shares, strict=True), key=lambda pair: pair[0].urgency)
    for (_, calmer), (_, more_urgent) in pairwise(by_urgency):
        assert more_urgent >= calmer - 1e-9


@pytest.mark.parametrize(
    ("density_ppm2", "expected"),
    [
        (0.0, 0.0),
        (0.5 * 1.08, 0.0),
        (0.6 * 1.08, 0.5),
        (0.7 * 1.08, 1.0),
        (1.08, 1.0),
        (1.1 * 1.08, 1.0),
        (1.2 * 1.08, 0.5),
        (0.7 * 2.17, 1.0),
        (2.17, 1.0),
        (3.57, 1.0),
        (9.0, 1.0),
    ],
)
def test_urgency_rises_towards_a_threshold_and_stays_above_the_highest(
    density_ppm2: float, expected: float
) -> None:
    assert urgency(density_ppm2, begins_ppm2=FRUIN_PPM2) == pytest.approx(expected)


@given(density_ppm2=st.floats(0.0, 20.0))
def test_urgency_has_no_jumps(density_ppm2: float) -> None:
    here = urgency(density_ppm2, begins_ppm2=FRUIN_PPM2)
    assert 0 <= here <= 1
    # The steepest flank rises by 1 over a fifth of the lowest threshold.
    assert urgency(density_ppm2 + 1e-3, begins_ppm2=FRUIN_PPM2) == pytest.approx(here, abs=6e-3)


def test_a_zone_without_thresholds_is_never_urgent() -> None:
    assert urgency(5.0, begins_ppm2=()) == 0


@pytest.mark.parametrize(
    ("density_ppm2", "begins_ppm2"), [(nan, FRUIN_PPM2), (1.0, (0.0, 1.0, 2.0)), (1.0, (inf,))]
)
def test_urgency_refuses_what_is_no_density(
    density_ppm2: float, begins_ppm2: tuple[float, ...]
) -> None:
    with pytest.raises(BadInput, match="expected finite numbers and thresholds above 0"):
        urgency(density_ppm2, begins_ppm2=begins_ppm2)
