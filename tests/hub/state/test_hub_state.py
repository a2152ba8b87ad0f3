"""What the hub knows, on recorded times: no clock, no store, no web."""

import itertools
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
import shapely
from pydantic import BaseModel

from crowdsafe.contract.edge_messages import CameraStatus, Hello, Observation, ZoneReading
from crowdsafe.contract.frame import SiteFrame
from crowdsafe.contract.readings import (
    Cells,
    LineReading,
    Motion,
    Peak,
    PictureHealth,
    PictureHealthName,
)
from crowdsafe.contract.site import Site, SiteCamera, SiteLine, SiteZone
from crowdsafe.contract.thresholds import Thresholds
from crowdsafe.contract.words import Text
from crowdsafe.domain.alarm.alarm import AlarmEvent, AlarmState, WrongAlarmState
from crowdsafe.domain.alarm.levels import Level, LevelRule
from crowdsafe.domain.camera.geometry import GroundCamera
from crowdsafe.domain.crowd.zones import Zone
from crowdsafe.errors import BadInput
from crowdsafe.hub.state.alarm_list import UnknownAlarm
from crowdsafe.hub.state.changes import Changes
from crowdsafe.hub.state.hub_state import HubState

BEGIN_S = 1_700_000_000.0
UNKNOWN_AFTER_S = 5.0
NAME = Text(de="x", en="x")
HEIGHT_M = 6.0
HEAD_M = 1.7


def _camera(name: str, *, west_m: float, east_m: float, px_per_m: float = 20.0) -> SiteCamera:
    """A camera in whose picture heads show that stand from west to east, and 0 to 30 m north."""
    size_px = (round((east_m - west_m) * px_per_m), round(30 * px_per_m))
    # What is higher shows as if it were farther away.
    farther = HEIGHT_M / (HEIGHT_M - HEAD_M)
    position_m = ((west_m + east_m) / 2, 15.0)
    heads_to_ground = np.array(
        [
            [farther, 0, position_m[0] * (1 - farther)],
            [0, farther, position_m[1] * (1 - farther)],
            [0, 0, 1],
        ]
    )
    to_heads = np.array([[1 / px_per_m, 0, west_m], [0, -1 / px_per_m, 30], [0, 0, 1]])
    camera = GroundCamera(heads_to_ground @ to_heads, position_m, HEIGHT_M, size_px)
    return SiteCamera(name, NAME, camera, 50.0)


def _zone(zone_id: str, south_m: float) -> SiteZone:
    return SiteZone(
        zone=Zone(zone_id, shapely.box(0, south_m, 10, south_m + 10)),
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
    zones=(_zone("gate", 0), _zone("hall", 20)),
    lines=(
        SiteLine("door", NAME, np.array([[0.0, 0.0], [10.0, 0.0]]), "gate"),
        SiteLine("path", NAME, np.array([[0.0, 15.0], [10.0, 15.0]]), None),
    ),
    plan=(),
    # The mast sees nine tenths of each zone, the roof six, less finely.
    cameras=(
        _camera("mast", west_m=0, east_m=9, px_per_m=40),
        _camera("roof", west_m=4, east_m=10),
    ),
)
SHARES = {"mast": 0.9, "roof": 0.6, "tree": 0.2}


def _reading(
    density: float | None,
    *,
    zone: str = "gate",
    camera: str = "mast",
    share: float | None = None,
    **more: Any,
) -> ZoneReading:
    share = SHARES[camera] if share is None else share
    return ZoneReading(
        zone_id=zone,
        count=0 if density is None else density * 100 * share,
        count_sd=1,
        density_ppm2=density,
        density_sd_ppm2=None if density is None else 0.1,
        seen_share=share,
        **more,
    )


def _observation(
    at_s: float, *readings: ZoneReading, camera: str = "mast", **more: Any
) -> Observation:
    return Observation(
        camera_id=camera,
        seq=int(at_s * 1000),
        captured_at_s=BEGIN_S + at_s,
        analysis_ms=10,
        frames_dropped=0,
        people_in_view=0,
        zones=readings,
        **more,
    )


def _crossed(line: str = "door", *, into: float = 0.0, out: float = 0.0) -> LineReading:
    return LineReading(line_id=line, into=into, out=out, span_s=1.0)


def _new(site: Site = SITE) -> HubState:
    return HubState(site, unknown_after_s=UNKNOWN_AFTER_S, max_clock_ahead_s=2.0, now_s=BEGIN_S)


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
        self,
        at_s: float,
        density: float | None,
        *,
        camera: str = "mast",
        picture: PictureHealthName = "ok",
        share: float | None = None,
        **more: Any,
    ) -> Changes:
        reading = _reading(density, camera=camera, share=share, **more)
        health = PictureHealth(name=picture, since_s=BEGIN_S + at_s - 4)
        return self.apply(at_s, _observation(at_s, reading, camera=camera, picture=health))

    def apply(self, at_s: float, observation: Observation) -> Changes:
        return self._note(at_s, self.state.apply(observation, now_s=BEGIN_S + at_s))

    def hold(self, seconds: Iterable[float], density: float) -> None:
        """One value a second; the roof's camera is there too, and sees the other zone."""
        for at_s in seconds:
            self.see(at_s, density)
            hall = _reading(0.1, zone="hall", camera="roof")
            self.apply(at_s, _observation(at_s, hall, camera="roof"))

    def tick(self, at_s: float) -> Changes:
        return self._note(at_s, self.state.tick(now_s=BEGIN_S + at_s))

    def acknowledge(self, at_s: float, alarm_id: int = 1) -> Changes:
        change = self.state.alarms.acknowledge(alarm_id, by="night_shift", now_s=BEGIN_S + at_s)
        return self._note(at_s, Changes(alarms=(change,)))

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
    told = (state.density_ppm2, state.count, state.seen_share)
    assert told == pytest.approx((0.4, 36, 0.9))
    assert state.camera_ids == ("mast",)
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
        (3, 1, AlarmEvent.RAISED),
        (6, 1, AlarmEvent.ACKNOWLEDGED),
        (10, 1, AlarmEvent.ENDED),
    ]
    assert course.state.alarms.items() == ()


def test_an_alarm_that_nobody_saw_returns_and_waits() -> None:
    course = Course()
    course.hold(range(1, 6), 2.5)
    course.hold(range(6, 60), 0.5)
    assert [event for _, _, event in course.events] == [AlarmEvent.RAISED, AlarmEvent.RETURNED]
    ((_, alarm),) = course.state.alarms.items()
    assert alarm.state is AlarmState.RETURNED
    course.acknowledge(61)
    assert course.state.alarms.items() == ()


def test_the_alarm_says_why_it_stands() -> None:
    course = Course()
    course.hold(range(1, 6), 2.5)
    ((_, alarm),) = course.state.alarms.items()
    assert (alarm.subject_id, alarm.cause, alarm.held_s) == ("gate", "density", 2.0)
    assert (alarm.evidence.grade, alarm.evidence.quantity, alarm.evidence.limit) == (
        Level.TIGHT,
        "density_ppm2",
        2,
    )
    assert alarm.evidence.camera_id == "mast"
    assert alarm.evidence.seen_share == pytest.approx(0.9)
    assert alarm.raised_at_s == BEGIN_S + 3
    assert alarm.worst == pytest.approx(2.5)


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
    assert state.density_ppm2 == pytest.approx(0.4)
    assert state.captured_at_s == BEGIN_S + 10
    assert state.trend_ppm2_per_min is None
    assert course.tick(30).zones == frozenset()


@pytest.mark.parametrize("acknowledged", [False, True])
def test_silence_never_ends_an_alarm(acknowledged: bool) -> None:
    course = Course()
    course.hold(range(1, 6), 2.5)
    if acknowledged:
        course.acknowledge(5)
    before = dict(course.state.alarms.items())[1]
    for second in range(6, 3600, 10):
        course.tick(second)
    assert course.level() == "unknown"
    assert dict(course.state.alarms.items())[1] == before


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
    causes = {alarm.cause for _, alarm in course.state.alarms.items()}
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
    subjects = [(alarm.cause, alarm.subject_id) for _, alarm in course.state.alarms.items()]
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
        (_observation(0, lines=(_crossed("moat"),)), "lines: 'moat' is not a counting line"),
        (_observation(0, lines=(_crossed(), _crossed())), "lines: 'door' is there twice"),
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
        course.see(second, 1.5, camera="mast")
        course.see(second, 1.5, camera="roof")
    state = course.state.zone_state("gate")
    assert (state.camera_id, state.camera_ids) == ("mast", ("mast", "roof"))
    assert state.seen_share == pytest.approx(1.0)
    assert state.count == pytest.approx(150, rel=0.02)
    assert state.density_ppm2 == pytest.approx(1.5, rel=0.02)
    assert course.level() == "busy"
    assert course.events == []


def test_when_the_owner_falls_silent_the_other_camera_takes_over() -> None:
    course = Course()
    course.see(1, 0.5, camera="mast")
    for second in range(1, 9):
        course.see(second, 0.2, camera="roof")
    state = course.state.zone_state("gate")
    assert (state.level, state.camera_ids) == ("clear", ("roof",))
    assert state.density_ppm2 == pytest.approx(0.2)
    course.see(9, 0.5, camera="mast")
    assert course.state.zone_state("gate").camera_id == "mast"


def test_a_camera_takes_over_without_a_dip() -> None:
    course = Course()
    for second in range(1, 30):
        course.see(second, 2.5, camera="mast", picture="frozen" if 10 <= second < 20 else "ok")
        course.see(second, 2.5, camera="roof")
        density = course.state.zone_state("gate").density_ppm2
        assert density == pytest.approx(2.5, rel=0.03)
        if second > 5:
            assert course.level() == "tight"
        cameras = course.state.zone_state("gate").camera_ids
        assert cameras == (("roof",) if 10 <= second < 20 else ("mast", "roof"))
    # The density once; the camera that froze, and that it is well again.
    assert [(at_s, event) for at_s, _, event in course.events] == [
        (3, AlarmEvent.RAISED),
        (10, AlarmEvent.RAISED),
        (20, AlarmEvent.RETURNED),
    ]


def _site_with_a_tree() -> Site:
    tree = _camera("tree", west_m=0, east_m=2)
    return replace(SITE, cameras=(tree, *SITE.cameras))


def test_a_zone_of_which_too_little_is_seen_is_unknown() -> None:
    course = Course(_new(_site_with_a_tree()))
    course.see(1, 2.5, camera="tree")
    state = course.state.zone_state("gate")
    assert (state.level, state.unknown_reason) == ("unknown", "not_seen")
    assert state.seen_share == pytest.approx(0.2)
    course.see(2, None, camera="tree", share=0.0)
    assert course.state.zone_state("gate").unknown_reason == "not_seen"
    course.see(3, 0.5, camera="roof")
    assert course.level() == "clear"


def test_a_camera_that_by_its_calibration_sees_nothing_of_a_zone_does_not_count() -> None:
    away = _camera("mast", west_m=40, east_m=50)
    course = Course(_new(replace(SITE, cameras=(away, SITE.cameras[1]))))
    course.see(1, 2.5)
    state = course.state.zone_state("gate")
    assert (state.level, state.unknown_reason, state.density_ppm2) == ("unknown", "not_seen", None)
    course.see(2, 0.3, camera="roof")
    assert course.state.zone_state("gate").camera_ids == ("roof",)


@pytest.mark.parametrize("name", ["frozen", "dark", "blinded", "moved"])
def test_a_picture_that_is_not_believed_is_as_loud_as_a_silent_camera(
    name: PictureHealthName,
) -> None:
    course = Course()
    course.see(1, 0.4)
    changes = course.see(2, 0.4, picture=name)
    state = course.state.zone_state("gate")
    assert (state.level, state.unknown_reason) == ("unknown", name)
    assert state.density_ppm2 == pytest.approx(0.4), "the last value stays readable"
    assert (course.state.zone_cells("gate"), state.doubt) == (Cells(), None)
    assert {"gate"} <= changes.zones
    assert course.state.camera_state("mast").health == name
    assert course.events == [(2, 1, AlarmEvent.RAISED)]
    ((_, alarm),) = course.state.alarms.items()
    assert (alarm.cause, alarm.subject_id, alarm.held_s) == ("picture", "mast", 4.0)
    course.see(3, 0.4, picture=name)
    course.see(4, 0.4)
    assert course.level() == "clear"
    assert course.events[1:] == [(4, 1, AlarmEvent.RETURNED)]


def test_a_frozen_camera_that_falls_silent_is_one_alarm_and_silent() -> None:
    course = Course()
    course.see(1, 0.4, picture="frozen")
    course.see(1, 0.4, camera="roof")
    for second in range(2, 20):
        course.tick(second)
    assert [event for _, _, event in course.events] == [AlarmEvent.RAISED] * 2
    assert course.state.camera_state("mast").health == "silent"
    state = course.state.zone_state("gate")
    assert state.unknown_reason == "silent"
    assert state.level_since_s == BEGIN_S + 7


def test_a_frozen_picture_without_readings_speaks_for_no_zone() -> None:
    course = Course()
    course.see(1, 0.4)
    course.apply(2, _observation(2, picture=PictureHealth(name="frozen")))
    assert course.state.zone_state("gate").unknown_reason == "frozen"
    assert course.state.zone_state("hall").unknown_reason == "frozen"


@pytest.mark.parametrize("name", ["unsharp", "saturated", "overloaded"])
def test_a_doubt_is_told_and_the_zone_stays_known(name: PictureHealthName) -> None:
    course = Course()
    course.see(1, 0.4, picture=name)
    state = course.state.zone_state("gate")
    assert (state.level, state.unknown_reason, state.doubt) == ("clear", None, name)
    assert course.state.camera_state("mast").health == name
    assert course.events == []
    course.see(2, 0.4)
    assert course.state.zone_state("gate").doubt is None


def test_an_unsharp_camera_leaves_to_others_what_they_see_as_well() -> None:
    course = Course()
    course.see(1, 0.4, picture="unsharp")
    course.see(1, 0.4, camera="roof")
    state = course.state.zone_state("gate")
    assert (state.camera_ids, state.doubt) == (("roof", "mast"), None)


def test_the_shift_of_a_moved_camera_is_told() -> None:
    course = Course()
    moved = PictureHealth(name="moved", since_s=BEGIN_S, shift_px=12.0, shift_m=0.9)
    course.apply(1, _observation(1, _reading(0.4), picture=moved))
    state = course.state.camera_state("mast")
    assert (state.health, state.shift_px, state.shift_m) == ("moved", 12.0, 0.9)


@pytest.mark.parametrize("wrong_s", [-3600.0, 3600.0])
def test_a_clock_that_is_an_hour_off_does_not_silence_a_camera(wrong_s: float) -> None:
    course = Course()
    for second in range(1, 30):
        off_s = wrong_s if second >= 10 else 0.0
        seen = _observation(
            second, _reading(0.4), sent_at_s=BEGIN_S + second + 0.3 + off_s, ticks_s=50.3 + second
        ).model_copy(update={"captured_at_s": BEGIN_S + second + off_s})
        course.state.apply(seen, now_s=BEGIN_S + second + 0.32, worker="edge")
        assert course.level() == "clear"
        captured_at_s = course.state.camera_state("mast").captured_at_s
        assert captured_at_s == pytest.approx(BEGIN_S + second + 0.02, abs=1e-3)
    assert course.events == []


def test_what_was_captured_long_before_it_was_sent_is_old_whatever_the_clock() -> None:
    course = Course()
    seen = _observation(1, _reading(9.0), sent_at_s=BEGIN_S + 600.0, ticks_s=700.0)
    course.state.apply(seen, now_s=BEGIN_S + 4200.0, worker="edge")
    assert course.level() == "unknown"


def test_the_page_gets_cells_peak_and_motion() -> None:
    motion = Motion(
        by="tracks",
        people=5,
        speed_m_s=1.2,
        speed_sd_m_s=0.1,
        velocity_m_s=(0.8, 0.9),
        counter_flow_share=0.0,
        standing_share=0.1,
        stop_and_go_share=None,
        pressure_per_s2=None,
    )
    course = Course()
    course.see(
        1,
        0.1,
        motion=motion,
        peak=Peak(ppm2=2.0, sd_ppm2=0.3, at_m=(3.0, 4.0)),
        cells=Cells(columns=(4, 5), rows=(7, 7), people=(1.0, 2.0)),
    )
    state = course.state.zone_state("gate")
    assert state.motion == motion
    assert (state.peak_ppm2, state.peak_sd_ppm2) == (2.0, 0.3)
    assert state.peak_at == SITE.frame.to_lonlat([(3.0, 4.0)])[0]
    cells = course.state.zone_cells("gate")
    assert (cells.columns, cells.rows) == ((4, 5), (7, 7))
    # The count is 9; how it is spread comes from the cells.
    assert cells.people == pytest.approx((3.0, 6.0))


def test_cells_of_another_size_are_put_into_the_sites_grid() -> None:
    course = Course()
    cells = Cells(columns=(2,), rows=(3,), people=(9.0,))
    course.apply(1, _observation(1, _reading(0.1, cells=cells), cell_m=1.0))
    told = course.state.zone_cells("gate")
    assert (told.columns, told.rows, told.people) == ((5,), (7,), (9.0,))


def test_two_calibrations_that_contradict_each_other_are_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    course = Course()
    with caplog.at_level(logging.WARNING):
        for second in range(1, 5):
            course.see(second, 0.4, share=0.5)
    detail = course.state.camera_state("mast").detail
    assert detail == (
        "zone 'gate': the worker sees 50% of it, by the hub's calibration it is 90%; "
        "give both the same site folder"
    )
    assert course.level() == "clear", "it is told, not refused"
    assert len(caplog.records) == 1
    course.see(5, 0.4)
    assert course.state.camera_state("mast").detail == ""


def test_a_worker_that_finds_feet_sees_other_ground() -> None:
    course = Course()
    feet = Hello(worker="edge", version="1", detector="d", camera_ids=("roof",), height_m=0.0)
    before_m2 = course.state.ground("roof").area_m2
    course.see(1, 0.4, camera="roof")
    course.state.hear_hello(feet, now_s=BEGIN_S + 1)
    assert course.state.ground("roof").area_m2 == pytest.approx(before_m2 * (6 / 4.3) ** 2)
    course.see(2, 0.4, camera="roof")
    share = course.state.zone_state("gate").seen_share
    assert share == pytest.approx((10 - 7 + 3 * 6 / 4.3) / 10, abs=1e-3)
    assert "by the hub's calibration it is 72%" in course.state.camera_state("roof").detail


def test_a_height_above_the_camera_is_refused_and_changes_nothing() -> None:
    state = _new()
    high = Hello(worker="edge", version="1", detector="d", camera_ids=("mast",), height_m=7.0)
    with pytest.raises(BadInput, match="camera 'mast': height over ground: 7"):
        state.hear_hello(high, now_s=BEGIN_S)
    assert state.camera_state("mast").detector is None


# --- counting lines --------------------------------------------------------------------------


def test_a_line_is_counted_by_one_camera() -> None:
    course = Course()
    for second in range(1, 31):
        for camera in ("roof", "mast"):
            lines = (_crossed(into=2, out=1),)
            changes = course.apply(second, _observation(second, camera=camera, lines=lines))
            assert changes.lines == ({"door"} if camera == "roof" else frozenset())
    state = course.state.line_state("door", now_s=BEGIN_S + 30)
    assert (state.into, state.out) == (60, 30)
    assert (state.into_per_min, state.out_per_min) == pytest.approx((120, 60))
    assert course.state.line_state("path", now_s=BEGIN_S + 30).counted_at_s is None


@pytest.mark.parametrize("how", ["silent", "frozen"])
def test_another_camera_counts_on_when_the_first_fails(how: str) -> None:
    course = Course()
    for second in range(1, 31):
        if second <= 10:
            course.apply(second, _observation(second, camera="roof", lines=(_crossed(into=1),)))
        elif how == "frozen":
            frozen = PictureHealth(name="frozen")
            lines = (_crossed(into=50),)
            course.apply(second, _observation(second, camera="roof", lines=lines, picture=frozen))
        course.apply(second, _observation(second, camera="mast", lines=(_crossed(into=1),)))
    # Nobody counted until the first was known to be silent.
    into = course.state.line_state("door", now_s=BEGIN_S + 30).into
    assert into == (30 if how == "frozen" else 25)


def test_a_line_on_which_nobody_counts_any_more_is_told() -> None:
    course = Course()
    for second in range(1, 21):
        course.apply(second, _observation(second, lines=(_crossed(into=1),)))
    assert course.tick(25).lines == frozenset()
    assert course.tick(25.5).lines == {"door"}
    assert course.tick(26).lines == frozenset()
    state = course.state.line_state("door", now_s=BEGIN_S + 26)
    assert (state.into, state.into_per_min) == (20, None)


def test_crossings_in_a_picture_that_came_late_count_once() -> None:
    course = Course()
    late = _observation(2, lines=(_crossed(into=5),))
    course.apply(3, _observation(3, lines=(_crossed(into=1),)))
    course.apply(4, late)
    course.apply(5, late)
    assert course.state.line_state("door", now_s=BEGIN_S + 5).into == 6
    assert course.state.camera_state("mast").captured_at_s == BEGIN_S + 3


def test_who_is_inside_follows_lines_and_counts() -> None:
    course = Course()
    assert course.state.zone_state("gate").inside is None
    for second in range(1, 61):
        gate = _reading(0.5 + 0.02 * second, camera="roof")
        mast = _reading(0.5 + 0.02 * second)
        course.apply(second, _observation(second, gate, camera="roof"))
        course.apply(second, _observation(second, mast, lines=(_crossed(into=3, out=1),)))
    state = course.state.zone_state("gate")
    assert state.inside == pytest.approx(170, abs=5)
    assert state.inside_sd is not None
    assert 0 < state.inside_sd < 5
    assert course.state.zone_state("hall").inside is None


def test_who_is_inside_is_less_sure_while_nobody_watches() -> None:
    course = Course()
    for second in range(1, 11):
        course.apply(second, _observation(second, _reading(0.5), lines=(_crossed(),)))
    before = course.state.zone_state("gate")
    for second in range(11, 60):
        course.tick(second)
    after = course.state.zone_state("gate")
    assert after.inside == before.inside
    assert before.inside_sd is not None
    assert after.inside_sd is not None
    assert after.inside_sd > before.inside_sd + 15


# --- workers and people ----------------------------------------------------------------------


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
    course.state.hear_status(lost.model_copy(update={"at_s": BEGIN_S + 6}), now_s=BEGIN_S + 6)
    assert course.state.camera_state("mast").health == "lost", "newer than the last picture"


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
    with pytest.raises(UnknownAlarm, match="alarm 7: does not stand"):
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
        alarms=old.alarms.items(),
        levels=[(zone, old.level_state(zone)) for zone in old.zone_ids],
        history=[
            ("gate", point.at_s, point.density_ppm2)
            for point in old.history("gate").points
            if point.density_ppm2 is not None
        ],
        next_alarm_id=2,
        now_s=BEGIN_S + 100,
    )
    assert new.zone_state("gate").level == "unknown"
    assert new.alarms.items() == old.alarms.items()
    assert new.history("gate") == old.history("gate")
    again = Course(state=new)
    again.see(8, 2.5)
    assert again.level() == "tight"
    again.hold(range(9, 15), 0.5)
    assert again.events == [(13, 1, AlarmEvent.ENDED)]
    again.hold(range(15, 20), 2.5)
    assert again.events[-1] == (17, 1, AlarmEvent.CAME_BACK)


def test_what_was_kept_of_a_zone_that_is_gone_is_left_out() -> None:
    state = _new()
    kept = _new().level_state("gate")
    state.restore(
        alarms=(),
        levels=[("gone", kept)],
        history=[("gone", BEGIN_S, 1.0)],
        next_alarm_id=1,
        now_s=BEGIN_S + 100,
    )
    assert state.zone_ids == ("gate", "hall")


def test_an_alarm_of_a_zone_that_is_gone_ends_and_does_not_stand_for_ever() -> None:
    course = Course()
    course.hold(range(1, 6), 2.5)
    ((alarm_id, alarm),) = course.state.alarms.items()
    gone = replace(alarm, subject_id="gone")
    seen = replace(
        alarm, subject_id="gone_too", state=AlarmState.ACKNOWLEDGED, acknowledged_by="night_shift"
    )
    new = Course()
    new.state.restore(
        alarms=[(alarm_id, gone), (alarm_id + 1, seen)],
        levels=(),
        history=(),
        next_alarm_id=3,
        now_s=BEGIN_S + 100,
    )
    new.tick(1)
    new.tick(2)
    assert new.events == [(1, alarm_id, AlarmEvent.RETURNED), (1, alarm_id + 1, AlarmEvent.ENDED)]


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
            outputs.append(course.see(second, density, camera=camera))
        for alarm_id, alarm in course.state.alarms.items():
            if second % 37 == 0 and alarm.state is not AlarmState.ACKNOWLEDGED:
                outputs.append(course.acknowledge(second, alarm_id))
        outputs += [course.state.zone_state("gate"), course.state.camera_state("mast")]
        outputs.append(course.state.alarms.items())
    return outputs


def test_the_same_recording_gives_the_same_states_and_alarms() -> None:
    assert _replayed() == _replayed()


def test_never_two_open_alarms_for_one_cause() -> None:
    for output in _replayed():
        if isinstance(output, tuple):
            subjects = [(alarm.cause, alarm.subject_id) for _, alarm in output]
            assert len(subjects) == len(set(subjects))
