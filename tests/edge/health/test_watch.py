"""The sample clip with what befalls cameras, from pictures to named health."""

from collections.abc import Sequence
from itertools import islice

import cv2
import numpy as np
import pytest

from crowdsafe.domain.health.picture_health import HealthState, step_health
from crowdsafe.edge.detections import Picture
from crowdsafe.edge.health.reference import Reference
from crowdsafe.edge.health.watch import PictureWatch
from crowdsafe.edge.source import recording
from crowdsafe.errors import BadInput
from crowdsafe.resources import DEMO_CLIP, resource
from tests.edge.health.pictures import (
    EVERY_S,
    bird,
    blurred,
    box,
    clip,
    delay_s,
    encoded,
    from_half,
    healths,
    named,
    noisy,
    piece,
    turned,
    window,
)

NOTICED_S = 5.0


def test_the_whole_clip_is_never_flagged_and_far_from_every_limit() -> None:
    course = healths(clip())
    assert named(course) == {"ok"}
    known = [state.measures for state in course[10:] if state.measures is not None]
    shifts = [one.shift.size_px(one.size_px) for one in known if one.shift is not None]
    assert len(shifts) == len(known)
    assert max(shifts) < 0.5
    assert min(one.found_share or 0.0 for one in known) > 0.7
    assert min(one.sharpness_ratio or 0.0 for one in known) > 0.9
    assert max(one.veiled_share or 0.0 for one in known) < 0.1
    assert min(one.changed_share or 0.0 for one in known) > 0.3


@pytest.mark.parametrize("way", [(12.0, 0.0), (-12.0, 0.0), (0.0, 12.0), (8.0, -9.0), (70.0, 20.0)])
def test_a_shifted_camera_is_noticed_with_its_shift(way: tuple[float, float]) -> None:
    half = len(pictures := piece(20)) // 2
    # Some ways leave the picture: keep to what lies inside.
    shifted = [window(picture, way[0] / 2, way[1] / 2) for picture in pictures[half:]]
    course = healths(
        [*(window(picture, -way[0] / 2, -way[1] / 2) for picture in pictures[:half]), *shifted]
    )
    assert named(course[:half]) == {"ok"}
    assert delay_s(course, "moved", change_at_s=half * EVERY_S) <= NOTICED_S
    assert course[-1].name == "moved"
    assert not course[-1].believable
    assert course[-1].shift_px == pytest.approx(np.hypot(*way), abs=0.5 + 0.02 * np.hypot(*way))
    measures, detail = course[-1].measures, course[-1].detail
    assert measures is not None
    assert ((measures.found_share or 0.0) > 0.5) == (np.hypot(*way) < 24)
    assert detail is not None
    assert (detail.quantity, detail.limit) == ("shift_px", pytest.approx(4.0 / 768 * 704))


def test_a_rolled_and_a_zoomed_camera_have_moved() -> None:
    for angle_deg, zoom in ((2.0, 1.0), (0.0, 1.03)):
        pictures, at_s = from_half(
            [turned(picture, 0.0) for picture in piece(16)], lambda picture: picture
        )
        half = len(pictures) // 2
        rolled = [turned(picture, angle_deg, zoom) for picture in piece(16)[half:]]
        course = healths([*pictures[:half], *rolled])
        assert delay_s(course, "moved", change_at_s=at_s) <= NOTICED_S, (angle_deg, zoom)


def test_a_camera_turned_elsewhere_has_moved_by_nobody_knows_how_much() -> None:
    pictures, at_s = from_half(piece(26), lambda picture: picture[:, ::-1].copy())
    course = healths(pictures)
    assert 10.0 <= delay_s(course, "moved", change_at_s=at_s) <= 12.0
    detail = course[-1].detail
    assert detail is not None
    assert detail.quantity == "not_found_s"
    assert course[-1].measures is not None
    assert course[-1].measures.shift is None


def test_a_frozen_picture_is_noticed_and_ends_with_the_first_living_one() -> None:
    living = piece(30)
    pictures = [*living[:20], *[living[19]] * 20, *living[40:]]
    course = healths(pictures)
    assert delay_s(course, "frozen", change_at_s=9.5) <= NOTICED_S
    assert {state.name for state in course[28:40]} == {"frozen"}
    assert course[-1].name == "ok"


def test_a_hung_camera_whose_encoder_still_works_is_frozen() -> None:
    # A minute in which somebody always walks, then the sensor hangs.
    end = 130
    raw = [*clip()[:end], *[clip()[end]] * 20]
    small = [np.asarray(cv2.resize(picture, (384, 288)), dtype=np.uint8) for picture in raw]
    options = {"b": "60k", "maxrate": "60k", "bufsize": "120k", "g": "5", "preset": "veryfast"}
    course = healths(encoded(small, per_s=2, every=1, options=options))
    still = [state.measures.changed_share for state in course[-19:] if state.measures is not None]
    assert min(share or 0.0 for share in still) > 0.05
    assert delay_s(course, "frozen", change_at_s=end * EVERY_S) <= NOTICED_S
    assert course[-1].name == "frozen"


@pytest.mark.parametrize(
    "options",
    [
        {"crf": "23", "preset": "veryfast", "g": "20"},
        {"crf": "20", "preset": "ultrafast"},
        {"crf": "31", "preset": "veryfast", "g": "50"},
    ],
)
def test_a_hung_camera_is_frozen_whatever_the_encoder_makes_of_it(
    options: dict[str, str],
) -> None:
    """Six seconds of life are enough to know that it lived."""
    frames = islice(recording(resource(DEMO_CLIP), every=1), 60)
    living = [frame.picture for frame in frames]
    raw = [*living, *[living[-1]] * 100]
    course = healths(encoded(raw, per_s=10, every=5, options=options))
    assert delay_s(course, "frozen", change_at_s=5.9) <= NOTICED_S
    assert course[-1].name == "frozen"


@pytest.mark.parametrize(
    "colour", [(0, 0, 0), (8, 10, 9), (200, 40, 20), (128, 128, 128), (0, 160, 0)]
)
def test_a_black_or_one_coloured_picture_is_noticed(colour: tuple[int, int, int]) -> None:
    pictures, at_s = from_half(piece(20), lambda picture: np.full_like(picture, colour))
    course = healths(pictures)
    assert delay_s(course, "dark", change_at_s=at_s) <= NOTICED_S
    assert course[-1].name == "dark"
    assert "frozen" not in named(course)


def test_a_lens_cap_with_sensor_noise_and_a_text_without_signal_are_dark() -> None:
    chance = np.random.default_rng(0)

    def capped(picture: Picture) -> Picture:
        return np.abs(chance.normal(6.0, 3.0, picture.shape)).astype(np.uint8)

    def no_signal(picture: Picture) -> Picture:
        result = np.full_like(picture, (180, 30, 10))
        cv2.putText(result, "NO SIGNAL", (250, 300), cv2.FONT_HERSHEY_SIMPLEX, 1.5, (255,) * 3, 3)
        return result

    for change in (capped, no_signal):
        pictures, at_s = from_half(piece(16), change)
        assert delay_s(healths(pictures), "dark", change_at_s=at_s) <= NOTICED_S


def test_sun_plastic_and_a_lens_fully_out_of_focus_blind() -> None:
    rows, columns = np.mgrid[0:576, 0:768]
    glow = 400.0 * np.exp(-((rows - 250) ** 2 + (columns - 350) ** 2) / (2 * 220.0**2))[..., None]

    def sun(picture: Picture) -> Picture:
        return np.clip(picture + glow, 0, 255).astype(np.uint8)

    def plastic(picture: Picture) -> Picture:
        return (0.08 * picture + 150).astype(np.uint8)

    quantities = []
    for change in (sun, plastic, lambda picture: blurred(picture, 3.5)):
        pictures, at_s = from_half(piece(24), change)
        course = healths(pictures)
        assert delay_s(course, "blinded", change_at_s=at_s) <= 8.0
        assert course[-1].name == "blinded"
        assert course[-1].detail is not None
        quantities.append(course[-1].detail.quantity)
    assert quantities == ["clipped_share", "veiled_share", "sharpness_ratio"]


def test_rain_or_dirt_on_the_lens_is_unsharp_and_still_believed() -> None:
    pictures, at_s = from_half(piece(24), lambda picture: blurred(picture, 1.5))
    course = healths(pictures)
    assert 3.0 <= delay_s(course, "unsharp", change_at_s=at_s) <= 8.0
    assert named(course) == {"ok", "unsharp"}
    assert course[-1].believable
    assert course[-1].lower_bound
    assert course[-1].sd_factor == 3.0


def test_a_white_sky_is_no_glare_where_the_reference_has_it_too() -> None:
    def under_sky(picture: Picture) -> Picture:
        result = picture.copy()
        result[:250] = 254
        return result

    assert named(healths([under_sky(picture) for picture in piece(16)])) == {"ok"}
    pictures, _ = from_half(piece(24), under_sky)
    assert healths(pictures)[-1].name == "blinded"


def test_a_large_bird_that_passes_is_none_of_the_states() -> None:
    pictures = [
        bird(picture, share=(number * EVERY_S - 8.0) / 2.0)
        for number, picture in enumerate(piece(24))
    ]
    assert np.abs(pictures[18].astype(int) - piece(24)[18]).max() > 100
    assert named(healths(pictures)) == {"ok"}


def test_a_lorry_that_hides_most_of_the_view_for_seconds_is_none_of_the_states() -> None:
    pictures = []
    for number, picture in enumerate(piece(30)):
        left = (number * EVERY_S - 10.0) / 8.0 * 2 * 768 - 768
        pictures.append(box(picture, left=left, width_px=690, top=30, colour=(60, 90, 200)))
    assert named(healths(pictures)) == {"ok"}


def test_a_mast_in_the_wind_sways_and_has_not_moved() -> None:
    for amplitude_px, rate in ((1.5, 2.3), (5.0, 2.0)):
        pictures = [
            window(picture, amplitude_px * np.sin(rate * number), 0.4 * np.cos(3 * number))
            for number, picture in enumerate(piece(30))
        ]
        course = healths(pictures)
        assert named(course) == {"ok"}, amplitude_px
        sways = [state.sway_px for state in course if state.sway_px is not None]
        assert 0.6 * amplitude_px < max(sways) < 3 * amplitude_px


def test_light_that_falls_by_half_or_to_a_sixth_is_none_of_the_states() -> None:
    for left_over in (0.5, 0.15):
        pictures = [
            (picture * (1.0 - (1.0 - left_over) * min(1.0, number * EVERY_S / 30.0))).astype(
                np.uint8
            )
            for number, picture in enumerate(piece(40))
        ]
        assert named(healths(pictures)) == {"ok"}


@pytest.mark.parametrize(
    "options",
    [
        {"crf": "45", "g": "40", "preset": "veryfast"},
        {"b": "60k", "maxrate": "60k", "bufsize": "60k", "g": "50", "preset": "veryfast"},
    ],
)
def test_a_low_bit_rate_is_none_of_the_states(options: dict[str, str]) -> None:
    pictures = encoded(piece(24), per_s=2, every=1, options=options)
    assert named(healths(pictures)) == {"ok"}


@pytest.mark.parametrize("crf", ["23", "40"])
def test_a_quiet_scene_from_a_real_encoder_is_not_frozen(crf: str) -> None:
    options = {"crf": crf, "g": "24", "preset": "veryfast"}
    scene = noisy(clip()[0][150:438, 200:584], sigma=2.0, pictures=120)
    course = healths(encoded(scene, per_s=4, every=2, options=options))
    assert named(course) == {"ok"}
    # At the low rate it does stand still for longer than a lively scene may.
    same_s = longest_s = 0.0
    for state in course:
        assert state.measures is not None
        same_s = same_s + EVERY_S if state.measures.changed_share == 0 else 0.0
        longest_s = max(longest_s, same_s)
    assert (longest_s > 3.0) == (crf == "40")


def test_a_crowd_that_fills_the_view_slowly_is_no_move() -> None:
    chance = np.random.default_rng(2)
    pictures = []
    for number, picture in enumerate(piece(40)):
        hidden = picture.copy()
        for row in range(0, 576, 24):
            for column in range(0, 768, 24):
                if (row * 31 + column * 17) % 150 < 2 * number:
                    hidden[row : row + 24, column : column + 24] = chance.integers(0, 255, 3)
        pictures.append(hidden)
    course = healths(pictures)
    assert course[-1].measures is not None
    assert course[-1].measures.shift is None
    assert "moved" not in named(course)


def test_a_stored_calibration_picture_is_what_is_compared_with() -> None:
    reference = Reference.from_picture(window(clip()[0], 0.0))
    same = healths([window(picture, 0.0) for picture in piece(8, from_s=40)], reference=reference)
    assert named(same) == {"ok"}
    reference = Reference.from_picture(window(clip()[0], 0.0))
    moved = healths([window(picture, 9.0) for picture in piece(8, from_s=40)], reference=reference)
    assert delay_s(moved, "moved", change_at_s=0.0) <= NOTICED_S
    assert moved[-1].shift_px == pytest.approx(9.0, abs=0.5)


def test_without_a_match_from_the_start_the_camera_has_moved_unless_the_light_differs() -> None:
    elsewhere = [picture[:, ::-1].copy() for picture in piece(18)]
    course = healths(elsewhere, reference=Reference.from_picture(clip()[0]), every_s=1.0)
    assert 30.0 <= 2 * delay_s(course, "moved", change_at_s=0.0) <= 32.0
    by_night = [(picture * 0.3).astype(np.uint8) for picture in elsewhere]
    course = healths(by_night, reference=Reference.from_picture(clip()[0]), every_s=1.0)
    assert "moved" not in named(course)


def test_another_resolution_keeps_the_reference_and_scales_the_shift() -> None:
    pictures = [window(picture, 0.0) for picture in piece(12)]
    larger = [
        np.asarray(cv2.resize(window(picture, 12.0), (1056, 792)), dtype=np.uint8)
        for picture in piece(12, from_s=12)
    ]
    smaller = [
        np.asarray(
            cv2.resize(window(picture, 0.0), (352, 264), interpolation=cv2.INTER_AREA), np.uint8
        )
        for picture in piece(12, from_s=24)
    ]
    course = healths([*pictures, *smaller, *larger])
    assert named(course[:48]) == {"ok"}
    assert course[-1].name == "moved"
    assert course[-1].shift_px == pytest.approx(18.0, abs=0.7)


def test_another_shape_starts_a_new_reference_and_is_refused_with_a_stored_one() -> None:
    narrow = [picture[:, 100:600].copy() for picture in piece(12, from_s=12)]
    watch = PictureWatch()
    for number, picture in enumerate(piece(12)):
        watch.step(picture, captured_at_s=number * EVERY_S)
    assert watch.has_reference
    first = watch.step(narrow[0], captured_at_s=12.0)
    assert not watch.has_reference
    assert (first.difference, first.sharpness_ratio, first.found_share) == (None, None, None)
    for number, picture in enumerate(narrow[1:]):
        again = watch.step(picture, captured_at_s=12.5 + number * EVERY_S)
    assert watch.has_reference
    assert again.shift is not None
    assert again.shift.size_px(again.size_px) < 0.5
    stored = PictureWatch(Reference.from_picture(clip()[0]))
    with pytest.raises(BadInput, match=r"500 × 576 px, but the calibration picture is 768 × 576"):
        stored.step(narrow[0], captured_at_s=0.0)
    stored.step(clip()[1], captured_at_s=0.5)


def test_no_reference_is_made_of_dark_pictures_or_while_the_camera_is_turned() -> None:
    watch = PictureWatch()
    for number, picture in enumerate(piece(5)):
        watch.step((picture * 0.1).astype(np.uint8), captured_at_s=number * EVERY_S)
    assert not watch.has_reference
    for number, picture in enumerate(piece(5)):
        watch.step(window(picture, 6.0 * number), captured_at_s=10 + number * EVERY_S)
    assert not watch.has_reference
    for number, picture in enumerate(piece(5)):
        watch.step(window(picture, 30.0), captured_at_s=20 + number * EVERY_S)
    assert watch.has_reference


def test_grey_tiny_and_thin_pictures_are_measured() -> None:
    grey = [np.repeat(picture[:, :, 1:2], 3, axis=2) for picture in piece(10)]
    course = healths(grey)
    assert named(course) == {"ok"}
    assert course[-1].measures is not None
    assert course[-1].measures.shift is not None
    for shape in ((1, 1, 3), (1, 4000, 3), (3000, 2, 3), (40, 40, 3)):
        chance = np.random.default_rng(1)
        pictures = [chance.integers(0, 255, shape).astype(np.uint8) for _ in range(12)]
        assert not {"moved", "unsharp"} & named(healths(pictures)), shape


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((0, 0, 3), np.uint8),
        np.zeros((48, 64), np.uint8),
        np.zeros((48, 64, 4), np.uint8),
        np.zeros((48, 64, 3), np.float32),
    ],
)
def test_what_is_no_picture_is_refused(wrong: Picture) -> None:
    with pytest.raises(BadInput, match=r"expected \(height, width, 3\) bytes"):
        PictureWatch().step(wrong, captured_at_s=0.0)


def test_a_bare_reference_is_refused() -> None:
    with pytest.raises(BadInput, match=r"reference picture: 0 landmarks"):
        Reference.from_picture(np.full((576, 768, 3), 90, np.uint8))


def test_time_that_jumps_back_or_repeats_flags_nothing_and_stops_nothing() -> None:
    watch, state, states = PictureWatch(), HealthState(), []
    times = [number * EVERY_S for number in range(20)]
    times += [2.0 + number * EVERY_S for number in range(20)]
    times += [times[-1]] * 3
    times += [times[-1] + number * EVERY_S for number in range(1, 17)]
    for at_s, picture in zip(times, clip(), strict=False):
        dx_px = 0.0 if len(states) < 43 else 12.0
        measures = watch.step(window(picture, dx_px), captured_at_s=at_s)
        state = step_health(state, measures, at_s=at_s)
        states.append(state)
    assert named(states[:43]) == {"ok"}
    assert states[-1].name == "moved"


def _stalls_go_up(pictures: Sequence[Picture]) -> list[Picture]:
    """Stalls one after the other, until next to nothing of the first picture is left."""
    chance = np.random.default_rng(5)
    corners = [(row, column) for row in range(0, 576, 64) for column in range(0, 768, 96)]
    colours = chance.integers(0, 255, (len(corners), 4, 6, 3)).astype(np.uint8)
    stalls = list(zip(corners, colours, strict=True))
    order = chance.permutation(len(stalls))
    result = []
    for number, picture in enumerate(pictures):
        share = min(0.97, 1.2 * number / len(pictures))
        built = picture.copy()
        for which in order[: round(share * len(stalls))]:
            (row, column), colour = stalls[which]
            built[row : row + 64, column : column + 96] = cv2.resize(
                colour, (96, 64), interpolation=cv2.INTER_NEAREST
            )
        result.append(built)
    return result


def test_a_creep_is_not_followed_although_the_scene_is_built_over() -> None:
    steps, every_s = 70, 9.0
    scenes = _stalls_go_up(clip()[:steps])

    def course(creep_px: float, begin_px: float = 0.0) -> list[HealthState]:
        seen = [
            window(scene, begin_px + creep_px * number / steps)
            for number, scene in enumerate(scenes)
        ]
        reference = Reference.from_picture(window(clip()[0], 0.0))
        return healths(seen, reference=reference, every_s=every_s)

    still = course(0.0)
    assert named(still) == {"ok"}
    assert still[-1].shift_px is not None
    assert still[-1].shift_px < 0.7
    crept = course(6.0)
    assert crept[-1].name == "moved"
    assert crept[-1].shift_px == pytest.approx(6.0, abs=0.8)
    # Of a camera that has moved nothing new is learned: how it looks from there is not believed.
    moved = course(0.0, begin_px=9.0)
    assert moved[-1].name == "moved"
    assert moved[-1].shift_px is None
