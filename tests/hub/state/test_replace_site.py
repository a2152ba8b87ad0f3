"""Another revision of the site while alarms stand: what holds on, what begins anew, what ends."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from crowdsafe.contract.edge_messages import Hello
from crowdsafe.contract.site import Site, SiteCamera, SiteZone
from crowdsafe.contract.thresholds import Limits
from crowdsafe.contract.words import Text
from crowdsafe.domain.alarm.alarm import AlarmEvent, AlarmState
from crowdsafe.domain.alarm.levels import LevelRule
from crowdsafe.domain.crowd.zones import Zone
from crowdsafe.errors import BadInput
from crowdsafe.hub.state.changes import Changes
from crowdsafe.hub.state.hub_state import HubState
from tests.hub.state.test_hub_state import (
    BEGIN_S,
    SITE,
    UNKNOWN_AFTER_S,
    Course,
    _crossed,
    _observation,
    _reading,
    _zone,
)

# The roof's camera sees the hall only: a sheet hangs before the rest.
ROOF = replace(
    SITE.cameras[1], masks_px=(((0.0, 380.0), (120.0, 380.0), (120.0, 600.0), (0.0, 600.0)),)
)
FIRST = replace(SITE, cameras=(SITE.cameras[0], ROOF))


def _course(site: Site = FIRST) -> Course:
    state = HubState(
        site, unknown_after_s=UNKNOWN_AFTER_S, max_clock_ahead_s=2.0, now_s=BEGIN_S, revision=1
    )
    return Course(state)


def _hold(
    course: Course, seconds: range, density: float, *, revision: int = 1, roof: bool = True
) -> None:
    for at_s in seconds:
        readings = (_reading(density), _reading(0.1, zone="hall"))
        course.apply(at_s, _observation(at_s, *readings, revision=revision))
        if roof:
            hall = _reading(0.1, zone="hall", camera="roof")
            course.apply(at_s, _observation(at_s, hall, camera="roof", revision=revision))


def _publish(course: Course, at_s: float, site: Site, *, revision: int = 2) -> Changes:
    now_s = BEGIN_S + at_s
    records = course.state.prepare(site, now_s=now_s)
    changes = course.state.replace_site(records, revision=revision, now_s=now_s)
    for change in changes.alarms:
        if change.event is not None:
            course.events.append((at_s, change.id, change.event))
    return changes


def _gate(change: Callable[[SiteZone], SiteZone], site: Site = FIRST) -> Site:
    return replace(site, zones=(change(site.zones[0]), site.zones[1]))


def _wider(zone: SiteZone) -> SiteZone:
    return replace(zone, zone=Zone(zone.zone.id, zone.zone.polygon.buffer(1, join_style="mitre")))


def _lower(zone: SiteZone) -> SiteZone:
    rule = LevelRule(begins_ppm2=(0.5, 1, 1.5), hysteresis_ppm2=0.2, rise_s=3.0, fall_s=4.0)
    return replace(zone, rule=rule)


def _renamed(zone: SiteZone) -> SiteZone:
    return replace(zone, name=Text(de="Tor", en="Gate"), thresholds_reason=Text(de="r", en="r"))


def _farther(camera: SiteCamera) -> SiteCamera:
    return replace(camera, range_m=camera.range_m - 1)


def test_what_is_the_same_holds_on() -> None:
    course = _course()
    _hold(course, range(1, 6), 2.5)
    before = course.state.zone_state("gate")
    history = course.state.history("gate")
    _publish(course, 5.5, FIRST)
    assert course.state.zone_state("gate") == before
    assert course.state.history("gate") == history
    assert (course.level(), course.level("hall")) == ("tight", "clear")
    _hold(course, range(6, 9), 2.5, revision=2)
    assert course.events == [(3, 1, AlarmEvent.RAISED)]


def test_another_name_changes_nothing_that_is_measured() -> None:
    course = _course()
    _hold(course, range(1, 6), 2.5)
    _publish(course, 5.5, _gate(_renamed))
    assert course.level() == "tight"
    _hold(course, range(6, 9), 2.5, revision=2)
    assert course.events == [(3, 1, AlarmEvent.RAISED)]


@pytest.mark.parametrize("change", [_wider, _lower])
def test_a_zone_that_is_another_is_unknown_and_its_alarm_stands(
    change: Callable[[SiteZone], SiteZone],
) -> None:
    course = _course()
    _hold(course, range(1, 6), 2.5)
    course.acknowledge(5)
    changes = _publish(course, 5.5, _gate(change))
    assert "gate" in changes.zones
    assert changes.levels == {"gate"}
    assert (course.level(), course.level("hall")) == ("unknown", "clear")
    assert course.state.zone_state("gate").density_ppm2 is None
    assert course.state.history("gate").points == ()
    # The crowd is still there: the alarm neither ends nor asks again while it is measured anew.
    _hold(course, range(6, 12), 2.5, revision=2)
    assert course.level() in ("tight", "critical")
    ((_, alarm),) = course.state.alarms.items()
    assert (alarm.cause, alarm.present) == ("density", True)
    assert AlarmEvent.RETURNED not in [event for _, _, event in course.events]
    assert AlarmEvent.ENDED not in [event for _, _, event in course.events]


def test_a_higher_threshold_lets_the_alarm_go_after_its_delay() -> None:
    course = _course()
    _hold(course, range(1, 6), 2.5)
    course.acknowledge(5)
    higher = LevelRule(begins_ppm2=(3, 4, 5), hysteresis_ppm2=0.2, rise_s=3.0, fall_s=4.0)
    _publish(course, 5.5, _gate(lambda zone: replace(zone, rule=higher)))
    _hold(course, range(6, 10), 2.5, revision=2)
    assert course.level() == "tight"
    _hold(course, range(10, 12), 2.5, revision=2)
    assert course.level() == "clear"
    assert [event for _, _, event in course.events][-1] is AlarmEvent.ENDED


def test_a_camera_that_is_another_makes_only_what_it_sees_unknown() -> None:
    course = _course()
    _hold(course, range(1, 4), 0.5)
    _publish(course, 3.5, replace(FIRST, cameras=(FIRST.cameras[0], _farther(ROOF))))
    assert (course.level(), course.level("hall")) == ("clear", "unknown")
    assert course.state.camera_state("mast").captured_at_s == BEGIN_S + 3
    assert course.state.camera_state("roof").captured_at_s is None
    _hold(course, range(4, 6), 0.5, revision=2)
    assert (course.level(), course.level("hall")) == ("clear", "clear")


def test_a_camera_that_is_gone_makes_what_it_saw_unknown() -> None:
    course = _course()
    _hold(course, range(1, 4), 0.5)
    _publish(course, 3.5, replace(FIRST, cameras=FIRST.cameras[:1]))
    assert (course.level(), course.level("hall")) == ("clear", "unknown")
    _hold(course, range(4, 6), 0.5, revision=2, roof=False)
    assert course.level("hall") == "clear"
    assert course.state.zone_state("hall").camera_ids == ("mast",)


def test_a_new_camera_makes_only_what_it_sees_unknown() -> None:
    course = _course(replace(FIRST, cameras=FIRST.cameras[:1]))
    _hold(course, range(1, 4), 0.5, roof=False)
    _publish(course, 3.5, FIRST)
    assert (course.level(), course.level("hall")) == ("clear", "unknown")
    assert course.state.camera_ids == ("mast", "roof")
    course.tick(3.5 + UNKNOWN_AFTER_S)
    silent = {alarm.subject_id for _, alarm in course.state.alarms.items()}
    # It has as long to be heard of as at the start.
    assert "roof" not in silent


def test_what_is_gone_ends_its_alarms() -> None:
    course = _course()
    _hold(course, range(1, 6), 2.5)
    course.acknowledge(5)
    without = replace(FIRST, zones=(FIRST.zones[1],), lines=FIRST.lines[1:])
    _publish(course, 5.5, without)
    assert course.events[-1] == (5.5, 1, AlarmEvent.ENDED)
    assert course.state.alarms.items() == ()
    assert course.state.zone_ids == ("hall",)


def test_an_alarm_that_nobody_saw_waits_for_somebody_though_its_zone_is_gone() -> None:
    course = _course()
    _hold(course, range(1, 6), 2.5)
    _publish(course, 5.5, replace(FIRST, zones=(FIRST.zones[1],), lines=FIRST.lines[1:]))
    ((_, alarm),) = course.state.alarms.items()
    assert (alarm.state, course.events[-1][2]) == (AlarmState.RETURNED, AlarmEvent.RETURNED)
    course.acknowledge(6)
    assert course.state.alarms.items() == ()


def test_a_limit_that_is_given_up_ends_its_alarm() -> None:
    limits = Limits(people=100.0, rise_s=0.0, fall_s=0.0)
    course = _course(_gate(lambda zone: replace(zone, limits=limits)))
    for at_s in range(1, 4):
        crossed = () if at_s == 1 else (_crossed(into=200.0),)
        course.apply(at_s, _observation(at_s, _reading(0.5), lines=crossed, revision=1))
        course.tick(at_s)
    assert "occupancy" in {alarm.cause for _, alarm in course.state.alarms.items()}
    given_up = limits.model_copy(update={"people": None})
    _publish(course, 3.5, _gate(lambda zone: replace(zone, limits=given_up)))
    course.state.alarms.acknowledge(1, by="night_shift", now_s=BEGIN_S + 4)
    assert "occupancy" not in {alarm.cause for _, alarm in course.state.alarms.items()}


def test_a_line_that_is_moved_counts_anew_and_its_zone_holds_on() -> None:
    course = _course()
    course.apply(1, _observation(1, _reading(0.5), revision=1))
    course.apply(2, _observation(2, _reading(0.5), lines=(_crossed(into=7),), revision=1))
    assert course.state.line_state("door", now_s=BEGIN_S + 2).into == 7
    assert course.state.zone_state("gate").inside is not None
    moved = replace(FIRST.lines[0], points_m=np.array([[0.0, 1.0], [10.0, 1.0]]))
    _publish(course, 2.5, replace(FIRST, lines=(moved, FIRST.lines[1])))
    assert course.level() == "clear"
    assert course.state.line_state("door", now_s=BEGIN_S + 3).into == 0
    assert course.state.zone_state("gate").inside is None
    course.apply(3, _observation(3, _reading(0.5), lines=(_crossed(into=2),), revision=2))
    assert course.state.line_state("door", now_s=BEGIN_S + 3).into == 2
    assert course.state.zone_state("gate").inside is not None


def test_an_observation_of_another_revision_changes_nothing_and_is_shown() -> None:
    course = _course()
    _hold(course, range(1, 4), 0.5)
    _publish(course, 3.5, FIRST)
    for at_s, revision in ((4, 1), (5, None), (6, 3)):
        crossed = (_crossed(into=9),)
        told = _observation(at_s, _reading(9.0), lines=crossed, revision=revision)
        course.apply(at_s, told)
    assert course.state.zone_state("gate").density_ppm2 == pytest.approx(0.5)
    assert course.state.line_state("door", now_s=BEGIN_S + 6).into == 0
    # Of a camera or zone that only the other one has, too.
    strange = _observation(7, _reading(1.0, zone="nowhere"), camera="gone", revision=1)
    assert course.apply(7, strange) == Changes()
    course.tick(4 + UNKNOWN_AFTER_S)
    assert course.level() == "unknown"
    mast = course.state.camera_state("mast")
    assert (mast.health, mast.detail) == (
        "old_revision",
        "its worker runs revision 3, revision 2 is published",
    )
    silent = [alarm for _, alarm in course.state.alarms.items() if alarm.subject_id == "mast"]
    assert [alarm.cause for alarm in silent] == ["silence"]
    assert "revision 3" in silent[0].evidence.detail
    _hold(course, range(10, 12), 0.5, revision=2)
    assert (course.level(), course.state.camera_state("mast").health) == ("clear", "ok")
    assert course.state.camera_state("mast").detail == ""


def test_an_observation_from_the_future_is_refused_whatever_its_revision() -> None:
    course = _course()
    with pytest.raises(BadInput, match="in the future"):
        course.state.apply(_observation(100, _reading(0.5), revision=9), now_s=BEGIN_S)


def test_a_hello_of_an_old_revision_may_name_cameras_that_are_gone() -> None:
    course = _course()
    hello = Hello(worker="w", version="0", detector="d", camera_ids=("mast", "gone"), revision=None)
    course.state.hear_hello(hello, now_s=BEGIN_S)
    current = hello.model_copy(update={"revision": 1})
    with pytest.raises(BadInput, match="'gone' is not a camera of this site"):
        course.state.hear_hello(current, now_s=BEGIN_S)


def test_a_hello_between_preparing_and_replacing_is_not_lost() -> None:
    course = _course()
    records = course.state.prepare(_gate(_wider), now_s=BEGIN_S)
    feet = Hello(worker="w", version="0", detector="d", camera_ids=("mast",), height_m=0.0)
    course.state.hear_hello(feet.model_copy(update={"revision": 1}), now_s=BEGIN_S)
    course.state.replace_site(records, revision=2, now_s=BEGIN_S)
    at_once = _course(_gate(_wider))
    at_once.state.hear_hello(feet.model_copy(update={"revision": 1}), now_s=BEGIN_S)
    for state, revision in ((course.state, 2), (at_once.state, 1)):
        state.apply(_observation(1, _reading(0.5), revision=revision), now_s=BEGIN_S + 1)
    assert course.state.zone_state("gate") == at_once.state.zone_state("gate")
    assert course.state.ground("mast").area_m2 == at_once.state.ground("mast").area_m2


def test_what_cannot_be_prepared_changes_nothing() -> None:
    course = _course()
    _hold(course, range(1, 4), 0.5)
    low = replace(FIRST.cameras[0], camera=replace(FIRST.cameras[0].camera, height_m=1.0))
    with pytest.raises(BadInput, match="camera 'mast'"):
        course.state.prepare(replace(FIRST, cameras=(low,)), now_s=BEGIN_S + 3)
    assert course.level() == "clear"
    assert course.state.revision == 1


def test_neighbours_are_those_of_the_new_zones() -> None:
    course = _course()
    near = replace(FIRST, zones=(FIRST.zones[0], _zone("hall", 12)))
    _publish(course, 1, near)
    assert course.state.alarms.neighbours["gate"] == {"hall"}
