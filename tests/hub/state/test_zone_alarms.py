"""Alarms of a zone beside its level, of workers and of what is outside, through the hub's state."""

import numpy as np
import pytest

from crowdsafe.contract.edge_messages import Hello
from crowdsafe.contract.readings import Motion, Peak
from crowdsafe.domain.alarm.alarm import AlarmEvent, AlarmState, Evidence
from crowdsafe.errors import BadInput
from crowdsafe.hub.state.changes import Changes
from tests.hub.state.test_hub_state import BEGIN_S, UNKNOWN_AFTER_S, Course

CROWDED = Peak(ppm2=6.0, sd_ppm2=0.3, at_m=(5.0, 5.0))
PUSHING = Motion(
    by="flow",
    people=100,
    speed_m_s=0.4,
    speed_sd_m_s=0.1,
    velocity_m_s=(0.3, 0.0),
    counter_flow_share=0.1,
    standing_share=0.2,
    stop_and_go_share=0.1,
    pressure_per_s2=0.05,
)


def _hold(course: Course, seconds: range, density: float, **more: object) -> None:
    """The zone and its camera, with ticks between, as the hub has it."""
    for second in seconds:
        course.see(second, density, **more)  # type: ignore[arg-type]
        course.see(second, 0.1, camera="roof", zone="hall")
        course.tick(second + 0.5)


def _standing(course: Course) -> dict[tuple[str, str], AlarmState]:
    return {
        (alarm.cause, alarm.subject_id): alarm.state for _, alarm in course.state.alarms.items()
    }


def test_a_crush_in_a_calm_mean_is_an_alarm_with_its_place_measured() -> None:
    course = Course()
    _hold(course, range(1, 20), 0.8, peak=CROWDED)
    assert _standing(course) == {("peak", "gate"): AlarmState.UNACKNOWLEDGED}
    ((_, alarm),) = course.state.alarms.items()
    assert (alarm.evidence.quantity, alarm.evidence.limit, alarm.priority) == (
        "peak_ppm2",
        5.0,
        "high",
    )
    assert alarm.evidence.value == pytest.approx(6.0, abs=0.5)
    assert alarm.evidence.value_sd is not None


def test_pressure_is_an_alarm_from_busy_on() -> None:
    course = Course()
    _hold(course, range(1, 20), 0.5, motion=PUSHING)
    assert _standing(course) == {}
    _hold(course, range(20, 40), 1.5, motion=PUSHING)
    assert ("pressure", "gate") in _standing(course)


def test_a_rise_is_set_aside_while_the_density_it_told_of_stands() -> None:
    course = Course()
    for second in range(1, 200):
        density = float(np.interp(second, [0, 30, 120, 150, 200], [0.3, 0.3, 3.3, 3.3, 3.3]))
        course.see(second, density)
        course.tick(second + 0.5)
    events = [
        (course.state.alarms.get(alarm_id).cause, event)
        for _, alarm_id, event in course.events
        if alarm_id in dict(course.state.alarms.items())
    ]
    assert ("rise", AlarmEvent.RAISED) in events
    assert ("rise", AlarmEvent.SUPPRESSED) in events
    first = events.index(("rise", AlarmEvent.RAISED))
    assert first < events.index(("density", AlarmEvent.RAISED))
    density = course.state.alarms.of("density", "gate")
    rise = course.state.alarms.of("rise", "gate")
    assert density is not None
    assert density.first_out_id is not None, "it is part of what began with the rise"
    assert rise is None or rise.state is AlarmState.SUPPRESSED


def test_a_zone_that_is_unknown_raises_and_ends_nothing() -> None:
    course = Course()
    _hold(course, range(1, 20), 0.8, peak=CROWDED)
    before = len(course.events)
    for second in range(20, 600):
        course.tick(second)
    assert course.state.alarms.of("peak", "gate") is not None
    assert {event for _, _, event in course.events[before:]} == {AlarmEvent.RAISED}, (
        "only the silence of the cameras"
    )


def _hello(course: Course, at_s: float, connection: int = 1) -> None:
    hello = Hello(worker="box", version="1", detector="d", camera_ids=("mast", "roof"))
    course._note(at_s, course.state.hear_hello(hello, now_s=BEGIN_S + at_s, connection=connection))


def _lose(course: Course, at_s: float, connection: int = 1) -> Changes:
    return course._note(
        at_s, course.state.lose_worker("box", now_s=BEGIN_S + at_s, connection=connection)
    )


def test_a_worker_that_is_away_is_one_alarm_and_not_one_of_each_camera() -> None:
    course = Course()
    _hello(course, 0)
    course.see(1, 0.4)
    course.see(1, 0.4, camera="roof")
    _lose(course, 2)
    for second in range(3, 30):
        course.tick(second)
    standing = _standing(course)
    assert standing[("worker", "box")] is AlarmState.UNACKNOWLEDGED
    assert standing[("silence", "mast")] is AlarmState.SUPPRESSED
    assert standing[("silence", "roof")] is AlarmState.SUPPRESSED
    assert course.level() == "unknown"
    _hello(course, 30, connection=2)
    course.tick(31)
    standing = _standing(course)
    assert standing[("worker", "box")] is AlarmState.RETURNED
    assert standing[("silence", "mast")] is AlarmState.UNACKNOWLEDGED, "it is still silent"


def test_a_worker_that_came_back_before_its_old_line_ended_is_there() -> None:
    course = Course()
    _hello(course, 0)
    _hello(course, 5, connection=2)
    _lose(course, 6)
    course.tick(6 + 2 * UNKNOWN_AFTER_S)
    assert ("worker", "box") not in _standing(course)


def test_what_is_outside_stands_until_it_is_named_no_more() -> None:
    course = Course()
    wind = {"wind": Evidence(grade=3, quantity="weather_level", value=3, limit=2)}

    def judge(at_s: float, evidence: dict[str, Evidence], unknown: tuple[str, ...] = ()) -> None:
        course._note(
            at_s,
            course.state.judge_outside("weather", evidence, unknown=unknown, now_s=BEGIN_S + at_s),
        )

    judge(1, wind)
    judge(2, {}, unknown=("wind",))
    assert _standing(course) == {("weather", "wind"): AlarmState.UNACKNOWLEDGED}
    judge(3, {})
    assert _standing(course) == {("weather", "wind"): AlarmState.RETURNED}


def test_out_of_service_needs_a_subject_of_the_site() -> None:
    course = Course()
    with pytest.raises(BadInput, match="'cellar' is nothing that 'silence' can be about"):
        course.state.take_out_of_service("silence", "cellar", reason="x", by="o", now_s=BEGIN_S)
    _hello(course, 0)
    change = course.state.take_out_of_service(
        "silence", "mast", reason="new lens", by="o", now_s=BEGIN_S
    )
    assert change.alarms[0].alarm.state is AlarmState.OUT_OF_SERVICE
    for second in range(1, 60):
        course.tick(second)
    assert _standing(course)[("silence", "mast")] is AlarmState.OUT_OF_SERVICE
    assert _standing(course)[("silence", "roof")] is AlarmState.UNACKNOWLEDGED


def test_a_rise_is_told_while_the_density_is_out_of_service() -> None:
    course = Course()
    course.state.take_out_of_service("density", "gate", reason="x", by="o", now_s=BEGIN_S)
    for second in range(1, 200):
        density = float(np.interp(second, [0, 30, 120, 150, 200], [0.3, 0.3, 3.3, 3.3, 3.3]))
        course.see(second, density)
        course.tick(second + 0.5)
    rise = course.state.alarms.of("rise", "gate")
    assert rise is not None
    assert rise.state in (AlarmState.UNACKNOWLEDGED, AlarmState.RETURNED)
    density_alarm = course.state.alarms.of("density", "gate")
    assert density_alarm is not None
    assert (density_alarm.state, density_alarm.present) == (AlarmState.OUT_OF_SERVICE, True)


def test_only_weather_that_stands_is_taken_out_of_service() -> None:
    course = Course()
    with pytest.raises(BadInput, match="'wind' is nothing that 'weather' can be about"):
        course.state.take_out_of_service("weather", "wind", reason="x", by="o", now_s=BEGIN_S)
    wind = {"wind": Evidence(grade=3, quantity="weather_level", value=3, limit=2)}
    course.state.judge_outside("weather", wind, now_s=BEGIN_S)
    changes = course.state.take_out_of_service(
        "weather", "wind", reason="x", by="o", now_s=BEGIN_S + 1
    )
    assert changes.alarms[0].alarm.state is AlarmState.OUT_OF_SERVICE


@pytest.mark.parametrize(
    ("density", "priority", "says"),
    [
        (0.5, "low", None),
        (1.5, "low", None),
        (2.5, "medium", ("zuletzt eng: x", "tight when last seen: x")),
        (3.5, "high", ("zuletzt kritisch: x", "critical when last seen: x")),
    ],
)
@pytest.mark.parametrize("why", ["silence", "picture"])
def test_a_camera_that_hides_a_tight_zone_is_as_urgent_as_that(
    density: float, priority: str, says: tuple[str, str] | None, why: str
) -> None:
    course = Course()
    _hold(course, range(1, 20), density)
    if why == "picture":
        course.see(20, density, picture="frozen")
    else:
        for second in range(20, 30):
            course.see(second, 0.1, camera="roof", zone="hall")
            course.tick(second + 0.5)
    alarm = course.state.alarms.of("silence" if why == "silence" else "picture", "mast")
    assert alarm is not None
    assert (alarm.priority, alarm.evidence.words) == (priority, says)
    course.see(31, density)
    gone = course.state.alarms.of(alarm.cause, "mast")
    assert gone is not None
    assert gone.state is AlarmState.RETURNED


def test_a_camera_whose_tight_zone_another_sees_is_not_urgent() -> None:
    course = Course()
    for second in range(1, 20):
        course.see(second, 2.5)
        course.see(second, 2.5, camera="roof")
        course.tick(second + 0.5)
    for second in range(20, 40):
        course.see(second, 2.5, camera="roof")
        course.tick(second + 0.5)
    alarm = course.state.alarms.of("silence", "mast")
    assert alarm is not None
    assert alarm.priority == "low"


def test_a_worker_that_hides_a_critical_zone_is_as_urgent_as_that() -> None:
    course = Course()
    _hello(course, 0)
    _hold(course, range(1, 20), 3.5)
    _lose(course, 20)
    course.tick(30)
    course.tick(31)
    alarm = course.state.alarms.of("worker", "box")
    assert alarm is not None
    assert (alarm.priority, alarm.evidence.grade) == ("high", 3)
    assert alarm.evidence.words == ("zuletzt kritisch: x", "critical when last seen: x")


def _restarted(course: Course, at_s: float) -> Course:
    new = Course()
    new.state.restore(
        alarms=course.state.alarms.items(),
        levels=(),
        history=(),
        next_alarm_id=50,
        now_s=BEGIN_S + at_s,
    )
    return new


def test_a_worker_that_is_away_while_the_hub_begins_anew_is_still_missed() -> None:
    course = Course()
    _hello(course, 0)
    _lose(course, 1)
    course.tick(1 + UNKNOWN_AFTER_S + 1)
    new = _restarted(course, 10)
    for second in range(10, 20):
        new.tick(second)
    assert _standing(new)[("worker", "box")] is AlarmState.UNACKNOWLEDGED
    _hello(new, 20)
    new.tick(21)
    assert _standing(new)[("worker", "box")] is AlarmState.RETURNED
    again = _restarted(new, 30)
    again.tick(31)
    assert _standing(again)[("worker", "box")] is AlarmState.RETURNED
    again.tick(30 + UNKNOWN_AFTER_S + 1)
    assert _standing(again)[("worker", "box")] is AlarmState.UNACKNOWLEDGED, "it did not come back"


def test_a_worker_whose_cameras_another_took_over_is_not_missed() -> None:
    course = Course()
    _hello(course, 0)
    _lose(course, 1)
    course.tick(1 + UNKNOWN_AFTER_S + 1)
    assert _standing(course)[("worker", "box")] is AlarmState.UNACKNOWLEDGED

    def hear(camera_ids: tuple[str, ...], at_s: float, connection: int) -> None:
        hello = Hello(worker="new", version="1", detector="d", camera_ids=camera_ids)
        now_s = BEGIN_S + at_s
        course._note(at_s, course.state.hear_hello(hello, now_s=now_s, connection=connection))
        course.tick(at_s + 1)

    hear(("mast",), 10, 2)
    assert _standing(course)[("worker", "box")] is AlarmState.UNACKNOWLEDGED
    hear(("mast", "roof"), 12, 3)
    assert _standing(course)[("worker", "box")] is AlarmState.RETURNED
