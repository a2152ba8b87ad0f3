"""What the hub knows, on recorded times: no clock, no store, no web."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
import shapely
from pydantic import BaseModel

from crowdsafe.contract.frame import SiteFrame
from crowdsafe.contract.messages import (
    CameraStatus,
    Hello,
    Observation,
    Text,
    Thresholds,
    ZoneReading,
)
from crowdsafe.contract.site import Site, SiteCamera, SiteZone
from crowdsafe.domain.alarms import AlarmEvent, AlarmState, WrongAlarmState
from crowdsafe.domain.geometry import GroundCamera
from crowdsafe.domain.levels import Level, LevelRule
from crowdsafe.domain.zones import Zone
from crowdsafe.errors import BadInput
from crowdsafe.hub.alarm_list import UnknownAlarm
from crowdsafe.hub.changes import Changes
from crowdsafe.hub.state import HubState

BEGIN_S = 1_700_000_000.0
UNKNOWN_AFTER_S = 5.0
NAME = Text(de="x", en="x")
CAMERA = GroundCamera(np.eye(3), (0.0, 0.0), 6.0, (640, 480))


def _zone(zone_id: str) -> SiteZone:
    return SiteZone(
        zone=Zone(zone_id, shapely.box(0, 0, 10, 10)),
        name=NAME,
        thresholds=Thresholds(),
        thresholds_reason=NAME,
        rule=LevelRule(begins_ppm2=(1, 2, 3), hysteresis_ppm2=0.2, rise_s=3.0, fall_s=4.0),
        min_seen_share=0.3,
    )


SITE = Site(
    id="site",
    name=NAME,
    timezone="Europe/Berlin",
    frame=SiteFrame(origin=(9.0, 49.0)),
    zones=(_zone("gate"), _zone("hall")),
    plan=(),
    cameras=tuple(SiteCamera(name, NAME, CAMERA, 50.0) for name in ("mast", "roof")),
)


def _reading(density: float | None, *, zone: str = "gate", share: float = 0.5) -> ZoneReading:
    return ZoneReading(
        zone_id=zone,
        count=0 if density is None else density * 100 * share,
        count_sd=1,
        density_ppm2=density,
        density_sd_ppm2=None if density is None else 0.1,
        seen_share=share,
    )


def _observation(at_s: float, *readings: ZoneReading, camera: str = "mast") -> Observation:
    return Observation(
        camera_id=camera,
        seq=int(at_s * 1000),
        captured_at_s=BEGIN_S + at_s,
        analysis_ms=10,
        frames_dropped=0,
        people_in_view=0,
        zones=readings,
    )


def _new() -> HubState:
    return HubState(SITE, unknown_after_s=UNKNOWN_AFTER_S, max_clock_ahead_s=2.0, now_s=BEGIN_S)


@dataclass
class Course:
    """A hub state on recorded time, and every alarm event it gave."""

    state: HubState = field(default_factory=_new)
    events: list[tuple[float, int, AlarmEvent]] = field(default_factory=list)

    def _note(self, at_s: float, changes: Changes) -> Changes:
        for change in changes.alarms:
            if change.event is not None:
                self.events.append((at_s, change.id, change.event))
        return changes

    def see(
        self, at_s: float, density: float | None, *, camera: str = "mast", share: float = 0.5
    ) -> Changes:
        seen = _observation(at_s, _reading(density, share=share), camera=camera)
        return self._note(at_s, self.state.apply(seen, now_s=BEGIN_S + at_s))

    def hold(self, seconds: Iterable[float], density: float) -> None:
        """One value a second; the roof's camera is there too, and sees the other zone."""
        for at_s in seconds:
            self.see(at_s, density)
            roof = _observation(at_s, _reading(0.1, zone="hall"), camera="roof")
            self._note(at_s, self.state.apply(roof, now_s=BEGIN_S + at_s))

    def tick(self, at_s: float) -> Changes:
        return self._note(at_s, self.state.tick(now_s=BEGIN_S + at_s))

    def acknowledge(self, at_s: float, alarm_id: int = 1) -> Changes:
        changes = self.state.acknowledge(alarm_id, by="night_shift", now_s=BEGIN_S + at_s)
        return self._note(at_s, changes)

    def level(self, zone: str = "gate") -> str:
        return self.state.zone_state(zone).level


def test_before_any_picture_a_zone_is_unknown_for_want_of_a_camera() -> None:
    course = Course()
    course.tick(0)
    state = course.state.zone_state("gate")
    assert (state.level, state.unknown_reason) == ("unknown", "no_camera")
    assert (state.density_ppm2, state.camera_id, state.captured_at_s) == (None, None, None)


def test_an_observation_is_the_zones_state() -> None:
    course = Course()
    changes = course.see(1, 0.4)
    state = course.state.zone_state("gate")
    assert (state.level, state.unknown_reason, state.camera_id) == ("clear", None, "mast")
    assert (state.density_ppm2, state.count, state.seen_share) == (0.4, 20, 0.5)
    assert state.captured_at_s == BEGIN_S + 1
    assert changes.zones == {"gate"}
    assert changes.cameras == {"mast"}


def test_an_alarm_from_raised_to_cleared() -> None:
    course = Course()
    course.hold(range(1, 6), 2.5)
    assert course.level() == "tight"
    course.acknowledge(6)
    course.hold(range(6, 12), 0.5)
    assert course.level() == "clear"
    assert course.events == [
        (4, 1, AlarmEvent.RAISED),
        (6, 1, AlarmEvent.ACKNOWLEDGED),
        (10, 1, AlarmEvent.CLEARED),
    ]
    assert course.state.open_alarms() == ()


def test_an_alarm_that_nobody_saw_returns_and_waits() -> None:
    course = Course()
    course.hold(range(1, 6), 2.5)
    course.hold(range(6, 60), 0.5)
    assert [event for _, _, event in course.events] == [AlarmEvent.RAISED, AlarmEvent.RETURNED]
    ((_, alarm),) = course.state.open_alarms()
    assert alarm.state is AlarmState.RETURNED
    course.acknowledge(61)
    assert course.state.open_alarms() == ()


def test_the_alarm_says_why_it_stands() -> None:
    course = Course()
    course.hold(range(1, 6), 2.5)
    ((_, alarm),) = course.state.open_alarms()
    assert (alarm.subject_id, alarm.cause, alarm.held_s) == ("gate", "density", 3.0)
    assert (alarm.evidence.level, alarm.evidence.threshold_ppm2) == (Level.TIGHT, 2)
    assert (alarm.evidence.camera_id, alarm.evidence.seen_share) == ("mast", 0.5)
    assert (alarm.raised_at_s, alarm.peak_ppm2) == (BEGIN_S + 4, 2.5)


def test_busy_raises_no_alarm_and_critical_asks_again() -> None:
    course = Course()
    course.hold(range(1, 10), 1.5)
    assert (course.level(), course.events) == ("busy", [])
    course.hold(range(10, 15), 2.5)
    course.acknowledge(15)
    course.hold(range(15, 20), 3.5)
    assert [event for _, _, event in course.events] == [
        AlarmEvent.RAISED,
        AlarmEvent.ACKNOWLEDGED,
        AlarmEvent.WORSENED,
    ]


def test_a_value_that_hovers_makes_one_alarm() -> None:
    course = Course()
    course.hold(range(1, 6), 2.1)
    for second in range(6, 300):
        course.hold([second], 2.0 + (0.15 if second % 2 else -0.15))
    assert [event for _, _, event in course.events] == [AlarmEvent.RAISED]


def test_silence_is_unknown_after_the_configured_time_exactly() -> None:
    course = Course()
    course.see(10, 0.4)
    course.tick(10 + UNKNOWN_AFTER_S)
    assert course.level() == "clear"
    changes = course.tick(10 + UNKNOWN_AFTER_S + 0.001)
    state = course.state.zone_state("gate")
    assert (state.level, state.unknown_reason) == ("unknown", "silent")
    assert state.level_since_s == BEGIN_S + 10 + UNKNOWN_AFTER_S + 0.001
    assert "gate" in changes.zones
    # The last value stays readable with its age.
    assert (state.density_ppm2, state.captured_at_s) == (0.4, BEGIN_S + 10)
    assert state.trend_ppm2_per_min is None
    assert course.tick(30).zones == frozenset()


@pytest.mark.parametrize("acknowledged", [False, True])
def test_silence_never_ends_an_alarm(acknowledged: bool) -> None:
    course = Course()
    course.hold(range(1, 6), 2.5)
    if acknowledged:
        course.acknowledge(5)
    before = dict(course.state.open_alarms())[1]
    for second in range(6, 3600, 10):
        course.tick(second)
    assert course.level() == "unknown"
    assert dict(course.state.open_alarms())[1] == before


def test_after_a_silence_the_level_goes_on_where_it_was() -> None:
    course = Course()
    course.hold(range(1, 6), 2.5)
    course.tick(100)
    course.see(101, 0.5)
    assert course.level() == "tight"
    course.hold(range(102, 106), 0.5)
    assert course.level() == "clear"


def test_after_a_silence_an_empty_zone_returns_both_alarms() -> None:
    course = Course()
    course.hold(range(1, 6), 2.5)
    for second in range(6, 700, 10):
        course.tick(second)
    assert [event for _, _, event in course.events] == [AlarmEvent.RAISED] * 3
    course.hold(range(700, 710), 0.5)
    causes = {alarm.cause for _, alarm in course.state.open_alarms()}
    assert causes == {"density", "silence"}
    assert [event for _, _, event in course.events[3:]] == [AlarmEvent.RETURNED] * 3


def test_high_values_before_and_after_a_silence_do_not_add_up() -> None:
    course = Course()
    course.see(1, 2.5)
    course.tick(50)
    course.see(51, 2.5)
    assert course.level() == "clear"


def test_each_silent_camera_has_one_alarm_of_its_own() -> None:
    course = Course()
    course.tick(UNKNOWN_AFTER_S)
    assert course.events == []
    for second in range(6, 20):
        course.tick(second)
    assert course.events == [(6, 1, AlarmEvent.RAISED), (6, 2, AlarmEvent.RAISED)]
    subjects = [(alarm.cause, alarm.subject_id) for _, alarm in course.state.open_alarms()]
    assert subjects == [("silence", "mast"), ("silence", "roof")]
    course.see(20, 0.1)
    assert course.events[-1] == (20, 1, AlarmEvent.RETURNED)
    assert course.state.camera_state("mast").health == "ok"
    assert course.state.camera_state("roof").health == "silent"


def test_a_late_observation_changes_nothing() -> None:
    course = Course()
    course.see(10, 0.4)
    before = course.state.zone_state("gate")
    for at_s in (10, 9):
        late = _observation(at_s, _reading(9.0))
        assert course.state.apply(late, now_s=BEGIN_S + 11) == Changes()
    assert course.state.zone_state("gate") == before


def test_an_observation_that_arrives_stale_makes_nothing_known() -> None:
    course = Course()
    old = _observation(1, _reading(9.0))
    course.state.apply(old, now_s=BEGIN_S + 1000)
    assert course.level() == "unknown"
    assert course.state.camera_state("mast").health == "silent"


@pytest.mark.parametrize(
    ("observation", "says"),
    [
        (
            _observation(2.5, _reading(1.0)),
            r"captured_at_s: 2\.5 s in the future, expected at most 2 s",
        ),
        (_observation(0, camera="cellar"), "camera_id: 'cellar' is not a camera of this site"),
        (_observation(0, _reading(1.0, zone="moon")), "zones: 'moon' is not a zone of this site"),
        (_observation(0, _reading(1.0), _reading(1.0)), "zones: 'gate' is there twice"),
        (_observation(0, _reading(None, share=0.5)), "expected null exactly for 0"),
        (_observation(0, _reading(1.0, share=0.0)), "expected null exactly for 0"),
    ],
)
def test_an_observation_that_cannot_be_true_is_refused_and_changes_nothing(
    observation: Observation, says: str
) -> None:
    course = Course()
    with pytest.raises(BadInput, match=says):
        course.state.apply(observation, now_s=BEGIN_S)
    assert course.level() == "unknown"
    assert course.state.camera_state("mast").captured_at_s is None


def test_a_clock_a_little_ahead_is_borne() -> None:
    course = Course()
    course.state.apply(_observation(2, _reading(0.5)), now_s=BEGIN_S)
    assert course.level() == "clear"


def test_two_cameras_over_one_zone_are_never_summed() -> None:
    course = Course()
    for second in range(1, 20):
        course.see(second, 1.5, camera="mast", share=0.9)
        course.see(second, 1.4, camera="roof", share=0.6)
        state = course.state.zone_state("gate")
        assert (state.density_ppm2, state.camera_id) == (1.5, "mast")
    assert course.level() == "busy"
    assert course.events == []


def test_when_the_owner_falls_silent_the_other_camera_takes_over() -> None:
    course = Course()
    course.see(1, 0.5, camera="mast", share=0.9)
    for second in range(1, 9):
        course.see(second, 0.2, camera="roof", share=0.6)
    state = course.state.zone_state("gate")
    assert (state.level, state.camera_id, state.density_ppm2) == ("clear", "roof", 0.2)
    course.see(9, 0.5, camera="mast", share=0.9)
    assert course.state.zone_state("gate").camera_id == "mast"


def test_a_zone_of_which_too_little_is_seen_is_unknown() -> None:
    course = Course()
    course.see(1, 2.5, share=0.29)
    state = course.state.zone_state("gate")
    assert (state.level, state.unknown_reason) == ("unknown", "not_seen")
    course.see(2, None, share=0.0)
    assert course.state.zone_state("gate").unknown_reason == "not_seen"
    course.see(3, 0.5, share=0.3)
    assert course.level() == "clear"


def test_a_camera_says_how_it_is() -> None:
    course = Course()
    hello = Hello(worker="edge", version="1", detector="heads", camera_ids=("mast",))
    assert course.state.hear_hello(hello, now_s=BEGIN_S).cameras == {"mast"}
    lost = CameraStatus(camera_id="mast", at_s=BEGIN_S, status="lost", detail="no route")
    course.state.hear_status(lost, now_s=BEGIN_S)
    state = course.state.camera_state("mast")
    assert (state.health, state.detail, state.detector) == ("lost", "no route", "heads")
    for half in range(2, 12):
        course.see(half / 2, 0.1)
    state = course.state.camera_state("mast")
    assert (state.health, state.detail, state.analysed_per_s) == ("ok", "", 2.0)


def test_words_about_a_camera_of_another_site_are_refused() -> None:
    state = _new()
    with pytest.raises(BadInput, match="'cellar' is not a camera of this site"):
        state.hear_hello(
            Hello(worker="edge", version="1", detector="d", camera_ids=("mast", "cellar")),
            now_s=BEGIN_S,
        )
    assert state.camera_state("mast").detector is None
    with pytest.raises(BadInput, match="'cellar' is not a camera of this site"):
        state.hear_status(
            CameraStatus(camera_id="cellar", at_s=BEGIN_S, status="lost"), now_s=BEGIN_S
        )


def test_only_an_open_alarm_is_acknowledged_and_only_once() -> None:
    course = Course()
    course.hold(range(1, 6), 2.5)
    with pytest.raises(UnknownAlarm, match="alarm 7: is not open"):
        course.acknowledge(6, alarm_id=7)
    course.acknowledge(6)
    with pytest.raises(WrongAlarmState, match="night_shift has acknowledged it already"):
        course.acknowledge(7)


def test_after_a_restart_alarms_levels_and_course_are_there_and_zones_unknown() -> None:
    course = Course()
    course.hold(range(1, 6), 2.5)
    course.acknowledge(6)
    old, new = course.state, _new()
    new.restore(
        alarms=old.open_alarms(),
        levels=[(zone, old.level_state(zone)) for zone in old.zone_ids],
        history=[
            ("gate", point.at_s, point.density_ppm2)
            for point in old.history("gate").points
            if point.density_ppm2 is not None
        ],
        next_alarm_id=2,
    )
    assert new.zone_state("gate").level == "unknown"
    assert new.open_alarms() == old.open_alarms()
    assert new.history("gate") == old.history("gate")
    again = Course(state=new)
    again.see(8, 2.5)
    assert again.level() == "tight"
    again.hold(range(9, 15), 0.5)
    assert again.events == [(13, 1, AlarmEvent.CLEARED)]
    again.hold(range(15, 20), 2.5)
    assert again.events[-1] == (18, 2, AlarmEvent.RAISED)


def test_what_was_kept_of_a_zone_that_is_gone_is_left_out() -> None:
    state = _new()
    kept = _new().level_state("gate")
    state.restore(
        alarms=(), levels=[("gone", kept)], history=[("gone", BEGIN_S, 1.0)], next_alarm_id=1
    )
    assert state.zone_ids == ("gate", "hall")


def test_an_alarm_of_a_zone_that_is_gone_ends_and_does_not_stand_for_ever() -> None:
    course = Course()
    course.hold(range(1, 6), 2.5)
    ((alarm_id, alarm),) = course.state.open_alarms()
    gone = replace(alarm, subject_id="gone")
    seen = replace(
        alarm, subject_id="gone_too", state=AlarmState.ACKNOWLEDGED, acknowledged_by="night_shift"
    )
    new = Course()
    new.state.restore(
        alarms=[(alarm_id, gone), (alarm_id + 1, seen)], levels=(), history=(), next_alarm_id=3
    )
    new.tick(1)
    new.tick(2)
    assert new.events == [(1, alarm_id, AlarmEvent.RETURNED), (1, alarm_id + 1, AlarmEvent.CLEARED)]


def test_the_trend_is_per_minute_and_needs_some_values() -> None:
    course = Course()
    course.see(0, 0.5)
    assert course.state.zone_state("gate").trend_ppm2_per_min is None
    for half in range(1, 60):
        course.see(half / 2, 0.5 + half / 2 * 0.01)
    assert course.state.zone_state("gate").trend_ppm2_per_min == pytest.approx(0.6)


def test_the_history_has_one_point_a_second_and_ten_minutes() -> None:
    course = Course()
    for quarter in range(4 * 700):
        course.see(quarter / 4, 0.5)
    points = course.state.history("gate").points
    assert 599 <= len(points) <= 602
    gaps = {b.at_s - a.at_s for a, b in itertools.pairwise(points)}
    assert gaps == {1.0}


def _replayed() -> list[BaseModel | Changes | tuple[object, ...]]:
    course = Course()
    outputs: list[BaseModel | Changes | tuple[object, ...]] = []
    generator = np.random.default_rng(11)
    for second in range(300):
        if second % 50 > 40:
            outputs.append(course.tick(second))
        else:
            camera = "mast" if generator.random() < 0.7 else "roof"
            density = float(generator.uniform(0, 4))
            outputs.append(course.see(second, density, camera=camera, share=0.6))
        for alarm_id, alarm in course.state.open_alarms():
            if second % 37 == 0 and alarm.state is not AlarmState.ACKNOWLEDGED:
                outputs.append(course.acknowledge(second, alarm_id))
        outputs += [course.state.zone_state("gate"), course.state.camera_state("mast")]
        outputs.append(course.state.open_alarms())
    return outputs


def test_the_same_recording_gives_the_same_states_and_alarms() -> None:
    assert _replayed() == _replayed()


def test_never_two_open_alarms_for_one_cause() -> None:
    for output in _replayed():
        if isinstance(output, tuple):
            subjects = [(alarm.cause, alarm.subject_id) for _, alarm in output]
            assert len(subjects) == len(set(subjects))
