"""Named states of a camera's health, by measures of pictures that are made up."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from math import cos, hypot, sin

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdsafe.domain.camera.geometry import GroundCamera
from crowdsafe.domain.health.health_rule import (
    NOT_BELIEVABLE,
    SD_FACTOR,
    SEVERITY,
    HealthName,
    HealthRule,
)
from crowdsafe.domain.health.picture_health import Crowding, HealthState, Load, step_health
from crowdsafe.domain.health.picture_measures import PictureMeasures, Shift, shift_m
from crowdsafe.errors import BadInput

SIZE_PX = (768, 576)
STILL = Shift(dx_px=0.1, dy_px=-0.05)
WELL = PictureMeasures(
    captured_at_s=0.0,
    size_px=SIZE_PX,
    difference=220.0,
    changed_share=0.8,
    moving_share=0.1,
    mean_level=110.0,
    brightest_level=210.0,
    one_colour_share=0.01,
    clipped_share=0.0,
    veiled_share=0.0,
    sharpness_ratio=1.0,
    light_ratio=1.0,
    found_share=0.9,
    shift=STILL,
)
DARK = replace(WELL, brightest_level=4.0, found_share=None, shift=None)
SAME = replace(WELL, difference=0.0, changed_share=0.0, moving_share=0.0)


def run(
    course: Iterable[PictureMeasures],
    *,
    every_s: float = 0.5,
    from_s: float = 0.0,
    state: HealthState | None = None,
    **more: object,
) -> list[HealthState]:
    """Step through pictures, picture n at from_s + n · every_s."""
    states, now = [], HealthState() if state is None else state
    for number, measures in enumerate(course):
        at_s = from_s + number * every_s
        now = step_health(now, replace(measures, captured_at_s=at_s), at_s=at_s, **more)  # type: ignore[arg-type]
        states.append(now)
    return states


def first_s(states: list[HealthState], name: HealthName, *, every_s: float = 0.5) -> float:
    """When it has that name first; infinite when never."""
    return next(
        (number * every_s for number, state in enumerate(states) if state.name == name),
        float("inf"),
    )


def test_what_is_well_is_ok_and_believed() -> None:
    state = run([WELL] * 40)[-1]
    assert (state.name, state.since_s, state.active, state.detail) == ("ok", 0.0, (), None)
    assert (state.believable, state.lower_bound, state.sd_factor) == (True, False, 1.0)
    assert state.shift_px == pytest.approx(hypot(0.1, 0.05))


@pytest.mark.parametrize(
    ("name", "change", "quantity", "within_s"),
    [
        ("frozen", {"difference": 0.0, "changed_share": 0.0, "moving_share": 0.0}, None, 4.0),
        ("dark", {"brightest_level": 12.0}, "brightest_level", 3.0),
        ("dark", {"one_colour_share": 0.97}, "one_colour_share", 3.0),
        ("blinded", {"clipped_share": 0.5}, "clipped_share", 7.0),
        ("blinded", {"clipped_share": 1.0, "one_colour_share": 1.0}, "clipped_share", 7.0),
        ("blinded", {"veiled_share": 0.7}, "veiled_share", 7.0),
        ("blinded", {"sharpness_ratio": 0.15}, "sharpness_ratio", 7.0),
        ("moved", {"shift": Shift(3.0, 4.0)}, "shift_px", 4.5),
        ("moved", {"shift": Shift(0.0, 0.0, turn=0.02)}, "shift_px", 4.5),
        ("moved", {"shift": Shift(0.0, 0.0, growth=-0.03)}, "shift_px", 4.5),
        ("moved", {"shift": None, "found_share": 0.05}, "not_found_s", 11.5),
        ("unsharp", {"sharpness_ratio": 0.4}, "sharpness_ratio", 7.0),
    ],
)
def test_a_state_begins_holds_and_ends(
    name: HealthName, change: dict[str, object], quantity: str | None, within_s: float
) -> None:
    bad = replace(WELL, **change)  # type: ignore[arg-type]
    states = run([*[WELL] * 40, *[bad] * 40, *[WELL] * 20])
    begun_s = first_s(states, name)
    assert 20.0 < begun_s <= 20.0 + within_s
    held = states[round(begun_s * 2) : 80]
    assert {state.name for state in held} == {name}
    assert {state.since_s for state in held} == {begun_s}
    assert held[-1].believable == (name not in NOT_BELIEVABLE)
    detail = held[-1].detail
    assert detail is not None
    assert detail.quantity == (quantity or "same_picture_s")
    # It ends some seconds after the signs do, and for good.
    assert states[80].name == name
    assert {state.name for state in states[-8:]} == {"ok"}


@pytest.mark.parametrize(
    "change",
    [
        {"brightest_level": 5.0},
        {"clipped_share": 0.9},
        {"veiled_share": 1.0},
        {"sharpness_ratio": 0.1},
        {"shift": Shift(40.0, 3.0)},
        {"shift": None, "found_share": 0.0},
    ],
)
def test_one_second_of_anything_is_nothing(change: dict[str, object]) -> None:
    bad = replace(WELL, **change)  # type: ignore[arg-type]
    states = run([*[WELL] * 20, *[bad] * 2, *[WELL] * 20, *[bad] * 2, *[WELL] * 10])
    assert {state.name for state in states} == {"ok"}


def test_the_most_severe_of_several_names_it_and_their_factors_multiply() -> None:
    crowding = [Crowding(highest=6.0, validated_to=5.0)]
    bad = replace(WELL, sharpness_ratio=0.3, shift=Shift(0.0, 9.0))
    state = run([*[WELL] * 10, *[bad] * 30], crowding=crowding)[-1]
    assert state.name == "moved"
    assert state.active == ("moved", "unsharp", "saturated")
    assert state.sd_factor == pytest.approx(SD_FACTOR["unsharp"] * SD_FACTOR["saturated"])
    assert state.lower_bound
    assert not state.believable


def test_a_black_picture_is_dark_and_not_frozen_although_it_repeats() -> None:
    black = replace(SAME, brightest_level=0.0, one_colour_share=1.0)
    states = run([*[WELL] * 10, *[black] * 60])
    assert {state.name for state in states[20:]} == {"dark"}
    assert states[-1].active == ("dark",)


# --- frozen ----------------------------------------------------------------------------------


def test_a_quiet_scene_that_stands_still_between_key_frames_is_not_frozen() -> None:
    anew = replace(SAME, difference=18.0, changed_share=1.0)
    states = run([*[WELL] * 3, *[anew, *[SAME] * 9] * 12])
    assert {state.name for state in states} == {"ok"}


def test_a_quiet_scene_is_frozen_only_after_long_and_then_never_as_long_again() -> None:
    anew = replace(SAME, difference=18.0, changed_share=1.0)
    states = run([*[anew, *[SAME] * 35] * 5])
    begun_s = first_s(states, "frozen")
    assert begun_s == pytest.approx(12.0, abs=0.6)
    # The next key frame shows that it sees, and how long quiet lasts with this camera.
    assert states[36].name == "ok"
    assert {state.name for state in states[36:]} == {"ok"}


def test_a_quiet_scene_in_which_single_px_change_is_not_frozen() -> None:
    barely = replace(SAME, difference=1.0, changed_share=1 / 432)
    states = run([*[SAME] * 4, *[barely, *[SAME] * 19] * 6])
    assert {state.name for state in states} == {"ok"}


def test_after_a_busy_minute_a_stop_is_a_failure_even_where_key_frames_change_it() -> None:
    anew = replace(SAME, difference=20.0, changed_share=1.0)
    refined = replace(SAME, difference=9.0, changed_share=0.4)
    hung = [refined, refined, refined, anew] * 10
    states = run([*[WELL] * 130, *hung, *[WELL] * 20])
    assert 65.0 < first_s(states, "frozen") <= 68.5
    assert {state.name for state in states[138:170]} == {"frozen"}
    assert states[-1].name == "ok"
    # Without that minute the same is taken for a scene that everybody left.
    assert {state.name for state in run([*[WELL] * 60, *hung])} == {"ok"}


def test_somebody_who_leaves_is_no_failure() -> None:
    leaving = [replace(WELL, moving_share=0.1 - 0.004 * number) for number in range(25)]
    left = replace(SAME, difference=6.0, changed_share=0.5)
    states = run([*[WELL] * 130, *leaving, *[left] * 80])
    assert {state.name for state in states} == {"ok"}


def test_a_time_stamp_that_stands_still_is_frozen() -> None:
    state = HealthState()
    names = []
    for number in range(40):
        at_s = number * 0.5
        measures = replace(WELL, captured_at_s=min(at_s, 10.0))
        state = step_health(state, measures, at_s=at_s)
        names.append(state.name)
    assert names.index("frozen") == 26
    assert state.detail is not None
    assert state.detail.quantity == "same_time_s"


# --- moved -----------------------------------------------------------------------------------


def test_four_px_at_768_is_the_limit_and_it_grows_with_the_picture() -> None:
    for size_px, dx_px, name in (
        ((768, 576), 3.9, "ok"),
        ((768, 576), 4.1, "moved"),
        ((1920, 1080), 9.8, "ok"),
        ((1920, 1080), 10.2, "moved"),
    ):
        shifted = replace(WELL, size_px=size_px, shift=Shift(dx_px, 0.0))
        assert run([shifted] * 20)[-1].name == name, (size_px, dx_px)


def test_a_shift_at_the_limit_does_not_flicker() -> None:
    quick = [replace(WELL, shift=Shift(4.0 + 0.3 * (-1) ** n, 0.0)) for n in range(40)]
    slow = [replace(WELL, shift=Shift(4.0 + 0.6 * (-1) ** (n // 20), 0.0)) for n in range(120)]
    states = run([*[replace(WELL, shift=Shift(4.2, 0.0))] * 20, *quick, *slow])
    changes = sum(before.name != after.name for before, after in pairwise(states))
    assert changes == 1


@given(amplitude_px=st.floats(0, 12), rate=st.floats(1.5, 4.7), phase=st.floats(0, 6.3))
def test_sway_about_the_old_place_is_reported_and_not_a_move(
    amplitude_px: float, rate: float, phase: float
) -> None:
    swinging = [
        replace(
            WELL,
            shift=Shift(
                amplitude_px * sin(rate * n + phase), 0.3 * amplitude_px * cos(rate * n + phase)
            ),
        )
        for n in range(80)
    ]
    states = run(swinging)
    assert {state.name for state in states} == {"ok"}
    assert states[-1].sway_px is not None
    assert states[-1].sway_px <= 2.1 * amplitude_px + 1e-6


def test_wild_estimates_that_do_not_agree_are_no_move() -> None:
    chance = np.random.default_rng(3)
    wild = [replace(WELL, shift=Shift(*chance.uniform(-90, 90, 2))) for _ in range(200)]
    assert {state.name for state in run(wild)} == {"ok"}


def test_a_background_hidden_by_and_by_is_no_move_and_a_moved_one_stays_moved_when_lost() -> None:
    lost = replace(WELL, found_share=0.02, shift=None)
    fading = [replace(WELL, found_share=0.9 - 0.02 * number) for number in range(40)]
    assert {state.name for state in run([*fading, *[lost] * 80])} == {"ok"}
    moved = replace(WELL, shift=Shift(30.0, 0.0))
    states = run([*[WELL] * 10, *[moved] * 10, *[lost] * 100])
    assert {state.name for state in states[20:]} == {"moved"}
    assert states[-1].shift_px is None


def test_a_background_never_found_has_moved_unless_the_light_explains_it() -> None:
    lost = replace(WELL, found_share=0.02, shift=None)
    assert first_s(run([lost] * 80), "moved") == pytest.approx(31.0, abs=0.6)
    night = replace(lost, light_ratio=0.2)
    assert {state.name for state in run([night] * 200)} == {"ok"}


def _camera() -> GroundCamera:
    # 8 m up, looking along +y and 30° down, 700 px focal length.
    focal_px, tilt = 700.0, np.deg2rad(30.0)
    right = np.array([1.0, 0.0, 0.0])
    down = np.array([0.0, -sin(tilt), -cos(tilt)])
    ahead = np.array([0.0, cos(tilt), -sin(tilt)])
    rotation = np.array([right, down, ahead])
    inner = np.array([[focal_px, 0, 384], [0, focal_px, 288], [0, 0, 1.0]])
    to_picture = inner @ np.column_stack(
        [rotation[:, 0], rotation[:, 1], rotation @ [0.0, 0.0, -8.0]]
    )
    return GroundCamera(
        homography=np.linalg.inv(to_picture) / np.linalg.inv(to_picture)[2, 2],
        position_m=(0.0, 0.0),
        height_m=8.0,
        image_size_px=SIZE_PX,
    )


def test_the_shift_in_metres_is_that_of_the_ground_at_the_lower_middle() -> None:
    camera = _camera()
    # Beside the picture's middle line a px is 1/f of the distance along the line of sight: at 144
    # px under the middle that is h / (sin 30° + 144/700 · cos 30°) deep.
    depth_m = 8.0 / (0.5 + 144 / 700 * cos(np.deg2rad(30)))
    sideways = shift_m(Shift(12.0, 0.0), camera=camera, picture_size_px=SIZE_PX)
    assert sideways == pytest.approx(12.0 * depth_m / 700.0, rel=1e-6)
    twice = shift_m(Shift(24.0, 0.0), camera=camera, picture_size_px=(1536, 1152))
    assert twice == pytest.approx(sideways, rel=1e-9)
    assert shift_m(Shift(0.0, -900.0), camera=camera, picture_size_px=SIZE_PX) is None
    state = run([replace(WELL, shift=Shift(12.0, 0.0))] * 10, camera=camera)[-1]
    assert state.shift_m == pytest.approx(sideways)
    assert state.shift_px == pytest.approx(12.0)


def test_a_limit_in_metres_also_flags_what_is_few_px() -> None:
    shifted = [replace(WELL, shift=Shift(3.0, 0.0))] * 20
    assert run(shifted, camera=_camera())[-1].name == "ok"
    state = run(shifted, camera=_camera(), rule=HealthRule(moved_m=0.04))[-1]
    assert state.name == "moved"
    assert state.detail is not None
    assert state.detail.quantity == "shift_m"


@given(
    dx=st.floats(-50, 50), dy=st.floats(-50, 50), growth=st.floats(-0.2, 0.2), turn=st.floats(-1, 1)
)
def test_the_size_of_a_shift_is_its_root_mean_square_over_the_picture(
    dx: float, dy: float, growth: float, turn: float
) -> None:
    shift = Shift(dx, dy, growth, turn)
    xs, ys = (np.arange(24) + 0.5) * 32.0, (np.arange(24) + 0.5) * 24.0
    each = [
        hypot(*shift.at_px((float(x), float(y)), picture_size_px=SIZE_PX)) ** 2
        for x in xs
        for y in ys
    ]
    assert shift.size_px(SIZE_PX) == pytest.approx(np.sqrt(np.mean(each)), rel=0.005, abs=1e-6)


# --- saturated and overloaded ----------------------------------------------------------------


def test_denser_than_validated_is_saturated_and_a_lower_bound() -> None:
    def crowded(highest: float) -> list[Crowding]:
        return [Crowding(1.0, 40.0), Crowding(highest, 5.0)]

    state = run([WELL] * 10, crowding=crowded(4.9))[-1]
    assert state.name == "ok"
    state = run([WELL] * 10, crowding=crowded(5.5), state=state, from_s=5.0)[-1]
    assert (state.name, state.believable, state.lower_bound) == ("saturated", True, True)
    assert state.sd_factor == SD_FACTOR["saturated"]
    assert state.detail is not None
    assert (state.detail.value, state.detail.limit) == (5.5, 5.0)
    state = run([WELL] * 20, crowding=crowded(4.6), state=state, from_s=10.0)[-1]
    assert state.name == "saturated"
    state = run([WELL] * 20, crowding=crowded(4.0), state=state, from_s=20.0)[-1]
    assert state.name == "ok"


def _loaded(
    *, every_s: float, drops: Callable[[int], int], pictures: int, asked_per_s: float = 2.0
) -> list[HealthState]:
    state, states = HealthState(), []
    for number in range(pictures):
        at_s = number * every_s
        load = Load(asked_per_s=asked_per_s, frames_dropped=drops(number))
        state = step_health(state, replace(WELL, captured_at_s=at_s), at_s=at_s, load=load)
        states.append(state)
    return states


def test_dropped_frames_and_a_low_rate_are_an_overload() -> None:
    assert _loaded(every_s=0.5, drops=lambda n: n // 20, pictures=80)[-1].name == "ok"
    dropping = _loaded(every_s=1.0, drops=lambda n: n, pictures=30)
    assert (dropping[-1].name, dropping[-1].believable) == ("overloaded", True)
    assert dropping[-1].detail is not None
    assert (dropping[-1].detail.quantity, dropping[-1].detail.value) == ("dropped_share", 0.5)
    slow = _loaded(every_s=0.8, drops=lambda n: 0, pictures=30)
    assert slow[-1].detail is not None
    assert slow[-1].detail.quantity == "analysed_share"
    assert slow[-1].detail.value == pytest.approx(0.625)
    very = _loaded(every_s=6.0, drops=lambda n: 11 * n, pictures=8)
    assert very[-1].name == "overloaded"


def test_a_stream_that_broke_off_and_a_worker_that_started_anew_are_no_overload() -> None:
    load = Load(asked_per_s=2.0, frames_dropped=7)
    state = run([WELL] * 20, load=load)[-1]
    for from_s in (15.0, 33.0, 90.0):
        states = run([WELL] * 10, state=state, from_s=from_s, load=load)
        assert {one.name for one in states} == {"ok"}
        state = states[-1]
    anew = Load(asked_per_s=2.0, frames_dropped=0)
    assert {one.name for one in run([WELL] * 30, state=state, from_s=95.0, load=anew)} == {"ok"}


# --- time ------------------------------------------------------------------------------------


def test_the_same_instant_stands_for_no_time() -> None:
    state = run([WELL] * 20)[-1]
    for _ in range(50):
        state = step_health(state, replace(DARK, captured_at_s=9.5), at_s=9.5)
    assert state.name == "ok"
    assert state.measures is not None
    assert state.measures.brightest_level == 4.0


def test_pictures_of_one_instant_are_not_counted_as_analysed() -> None:
    state = HealthState()
    load = Load(asked_per_s=2.0, frames_dropped=0)
    for number in range(60):
        at_s = float(number // 3)
        state = step_health(state, replace(WELL, captured_at_s=at_s), at_s=at_s, load=load)
    assert state.name == "overloaded"
    assert state.detail is not None
    assert state.detail.value == pytest.approx(0.5)


def test_a_clock_set_back_keeps_what_holds_and_starts_the_rest_anew() -> None:
    state = run([*[WELL] * 10, *[DARK] * 10])[-1]
    assert state.name == "dark"
    back = run([DARK] * 10, state=state, from_s=-500.0)
    assert {one.name for one in back} == {"dark"}
    assert back[-1].since_s == -500.0
    again = run([WELL] * 10, state=back[-1], from_s=-490.0)
    assert again[-1].name == "ok"
    # Three halves of a second before and after the jump are no three seconds.
    nearly = run([*[WELL] * 10, *[DARK] * 4])[-1]
    assert run([DARK] * 4, state=nearly, from_s=1.0)[-1].name == "ok"


def test_a_gap_counts_for_nothing() -> None:
    nearly = run([*[WELL] * 10, *[DARK] * 4])[-1]
    assert run([DARK] * 4, state=nearly, from_s=60.0)[-1].name == "ok"
    frozen = run([*[WELL] * 20, *[SAME] * 4])[-1]
    assert run([SAME] * 6, state=frozen, from_s=120.0)[-1].name == "ok"


@given(
    steps=st.lists(
        st.tuples(
            st.floats(-20, 20),
            st.sampled_from(
                [
                    WELL,
                    DARK,
                    SAME,
                    replace(WELL, shift=Shift(9.0, 9.0)),
                    replace(WELL, shift=None, found_share=0.0),
                    replace(WELL, sharpness_ratio=0.3),
                    replace(WELL, veiled_share=0.9),
                    replace(WELL, difference=None, changed_share=None, moving_share=None),
                    replace(
                        WELL, sharpness_ratio=None, veiled_share=None, found_share=None, shift=None
                    ),
                ]
            ),
            st.integers(0, 30),
        ),
        max_size=60,
    )
)
def test_whatever_comes_the_state_is_one_of_its_own(
    steps: list[tuple[float, PictureMeasures, int]],
) -> None:
    state, at_s = HealthState(), 1000.0
    for step_s, measures, dropped in steps:
        at_s += step_s
        state = step_health(
            state,
            replace(measures, captured_at_s=at_s),
            at_s=at_s,
            load=Load(2.0, dropped),
            crowding=[Crowding(float(dropped), 20.0)],
        )
        assert state.active == tuple(name for name in SEVERITY if name in state.active)
        assert state.name == (state.active[0] if state.active else "ok")
        assert state.believable == (not set(state.active) & NOT_BELIEVABLE)
        assert state.sd_factor >= 1.0
        assert state.since_s is not None
        assert state.since_s <= at_s
        assert (state.detail is None) == (state.name == "ok")


@given(
    every_s=st.floats(0.05, 9.0),
    shifts=st.lists(st.floats(-1.9, 1.9), min_size=30, max_size=60),
    ratios=st.lists(st.floats(0.55, 1.6), min_size=30, max_size=60),
)
def test_what_stays_within_the_limits_is_never_flagged(
    every_s: float, shifts: list[float], ratios: list[float]
) -> None:
    course = [
        replace(
            WELL, shift=Shift(dx, -dx), sharpness_ratio=ratio, found_share=0.3, veiled_share=0.4
        )
        for dx, ratio in zip(shifts, ratios, strict=False)
    ]
    assert {state.name for state in run(course, every_s=every_s)} == {"ok"}


# --- bad input -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: step_health(HealthState(), WELL, at_s=float("nan")), "a picture at nan s"),
        (lambda: Load(asked_per_s=0.0, frames_dropped=0), "asked for 0.0 pictures/s"),
        (lambda: Load(asked_per_s=float("inf"), frames_dropped=0), "asked for inf pictures/s"),
        (lambda: Load(asked_per_s=2.0, frames_dropped=-1), "-1 frames dropped"),
        (lambda: Crowding(highest=float("nan"), validated_to=5.0), "crowding nan"),
        (lambda: Crowding(highest=1.0, validated_to=0.0), "validated to 0.0"),
        (lambda: HealthRule(moved_share=0.0), "moved_share is 0.0"),
        (lambda: HealthRule(moved_m=float("nan")), "moved_m is nan"),
    ],
)
def test_bad_input_is_said_in_one_sentence(make: Callable[[], object], says: str) -> None:
    with pytest.raises(BadInput, match="expected") as refused:
        make()
    assert says in str(refused.value)
