"""Everything stops at once, or people leave one by one."""

from dataclasses import replace

from crowdsafe.domain.health.health_rule import HealthRule
from crowdsafe.domain.health.picture_measures import PictureMeasures
from crowdsafe.domain.health.stop import Stop, interrupted_stop, step_stop, stop_sign

RULE = HealthRule()
PICTURE = PictureMeasures(
    captured_at_s=0.0,
    size_px=(768, 576),
    difference=20.0,
    changed_share=0.6,
    moving_share=0.05,
    mean_level=90.0,
    brightest_level=210.0,
    one_colour_share=0.01,
    clipped_share=0.0,
)


def _play(*scenes: tuple[float, float, float], stop: Stop | None = None) -> tuple[Stop, float]:
    """Scenes of (seconds, changed share, moving share) at 2 pictures/s, and the time at the end."""
    stop = stop or Stop()
    at_s = stop.recent[-1][0] if stop.recent else 0.0
    for seconds, changed, moving in scenes:
        for _ in range(round(2 * seconds)):
            at_s += 0.5
            measures = replace(PICTURE, changed_share=changed, moving_share=moving)
            stop = step_stop(stop, measures, at_s=at_s, rule=RULE)
    return stop, at_s


def test_a_hung_camera_is_noticed_after_three_seconds() -> None:
    stop, at_s = _play((6, 0.6, 0.05), (2.5, 0.1, 0.0))
    assert stop_sign(stop, at_s=at_s, rule=RULE) is None
    stop, at_s = _play((0.5, 0.1, 0.0), stop=stop)
    sign = stop_sign(stop, at_s=at_s, rule=RULE)
    assert sign is not None
    assert (sign.quantity, sign.value) == ("same_picture_s", 3.0)


def test_key_frames_of_a_hung_camera_do_not_make_it_live() -> None:
    stop, at_s = _play((6, 0.6, 0.05), (4, 0.0, 0.0), (0.5, 1.0, 0.0), (30, 0.0, 0.0))
    assert stop_sign(stop, at_s=at_s, rule=RULE) is not None


def test_it_lives_when_something_moves() -> None:
    stop, at_s = _play((6, 0.6, 0.05), (4, 0.1, 0.0), (0.5, 0.6, 0.05))
    assert stop_sign(stop, at_s=at_s, rule=RULE) is None


def test_who_leaves_leaves_the_noise_behind() -> None:
    stop, at_s = _play((20, 0.6, 0.05), (30, 0.5, 0.0))
    assert stop_sign(stop, at_s=at_s, rule=RULE) is None


def test_people_who_leave_one_by_one_are_no_stop() -> None:
    stop, at_s = _play((10, 0.3, 0.05), (1.0, 0.2, 0.01), (30, 0.0, 0.0))
    assert stop_sign(stop, at_s=at_s, rule=RULE) is None


def test_a_scene_that_was_never_busy_says_nothing() -> None:
    stop, at_s = _play((10, 0.3, 0.0), (30, 0.0, 0.0))
    assert stop_sign(stop, at_s=at_s, rule=RULE) is None


def test_what_was_before_a_gap_is_forgotten() -> None:
    stop, _ = _play((6, 0.6, 0.05))
    stop, at_s = _play((10, 0.1, 0.0), stop=interrupted_stop(stop))
    assert stop_sign(stop, at_s=at_s, rule=RULE) is None


def test_a_picture_without_one_before_begins_anew() -> None:
    stop, _ = _play((6, 0.6, 0.05))
    nothing = replace(PICTURE, changed_share=None, moving_share=None)
    assert step_stop(stop, nothing, at_s=99.0, rule=RULE) == Stop()
