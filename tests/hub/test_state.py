"""What the hub makes of observations and of silence, on recorded time."""

from typing import Any

import pytest

from crowdsafe.contract.messages import CameraStatus, Hello, Observation, ZoneReading
from crowdsafe.contract.site import Site
from crowdsafe.domain.alarms import AlarmEvent, WrongAlarmState
from crowdsafe.errors import BadInput
from crowdsafe.hub.state import Changes, HubState, UnknownAlarm
from tests.hub.conftest import CAMERA

_T0 = 1000.0
_ABOVE, _BELOW = 0.09, 0.01


@pytest.fixture
def state(site: Site) -> HubState:
    return _state(site)


def _state(site: Site) -> HubState:
    return HubState(site, unknown_after_s=5.0, max_clock_ahead_s=2.0, now_s=_T0)


def _observation(at_s: float, density_ppm2: float | None = _BELOW, **changes: Any) -> Observation:
    share = changes.pop("seen_share", 0.0 if density_ppm2 is None else 1.0)
    reading = ZoneReading(
        zone_id=changes.pop("zone_id", "junction"),
        count=64 * (density_ppm2 or 0),
        count_sd=0.5,
        density_ppm2=density_ppm2,
        density_sd_ppm2=None if density_ppm2 is None else 0.01,
        seen_share=share,
    )
    values: dict[str, Any] = {
        "camera_id": CAMERA,
        "seq": int(at_s * 1000),
        "captured_at_s": at_s,
        "analysis_ms": 10.0,
        "frames_dropped": 0,
        "people_in_view": 1.0,
        "zones": (reading,),
        **changes,
    }
    return Observation(**values)


def _play(state: HubState, densities: list[float], *, from_s: float) -> list[AlarmEvent]:
    """Apply one density each half second, tick between, and return what happened to alarms."""
    events: list[AlarmEvent] = []
    for number, density in enumerate(densities):
        now_s = from_s + number / 2
        changes = state.apply(_observation(now_s, density), now_s=now_s) | state.tick(now_s=now_s)
        events += [change.event for change in changes.alarms if change.event is not None]
    return events


def test_a_zone_is_unknown_until_a_camera_shows_it(state: HubState) -> None:
    assert state.zone_state("junction").level == "unknown"
    assert state.zone_state("junction").unknown_reason == "no_camera"
    changes = state.apply(_observation(_T0), now_s=_T0)
    assert "junction" in changes.zones
    assert state.zone_state("junction").level == "clear"
    assert state.zone_state("junction").density_ppm2 == _BELOW


def test_the_way_of_an_alarm_from_rise_to_cleared(state: HubState) -> None:
    events = _play(state, [_BELOW] * 4 + [_ABOVE] * 8, from_s=_T0)
    assert events == [AlarmEvent.RAISED]
    ((alarm_id, alarm),) = state.open_alarms()
    assert alarm.evidence.value_ppm2 == _ABOVE
    assert alarm.evidence.threshold_ppm2 == 0.07
    changes = state.acknowledge(alarm_id, by="olga", now_s=_T0 + 6)
    assert changes.alarms[0].event is AlarmEvent.ACKNOWLEDGED
    with pytest.raises(WrongAlarmState):
        state.acknowledge(alarm_id, by="olga", now_s=_T0 + 6)
    assert _play(state, [_BELOW] * 12, from_s=_T0 + 7) == [AlarmEvent.CLEARED]
    assert state.open_alarms() == ()
    with pytest.raises(UnknownAlarm, match=f"alarm {alarm_id}: is not open"):
        state.acknowledge(alarm_id, by="olga", now_s=_T0 + 20)


def test_an_outlier_raises_nothing_and_hovering_raises_once(state: HubState) -> None:
    assert _play(state, ([_BELOW] * 4 + [5.0] * 2) * 10, from_s=_T0) == []
    hovering = [_ABOVE] * 5 + [0.0701, 0.0699] * 60
    assert _play(state, hovering, from_s=_T0 + 100) == [AlarmEvent.RAISED]


def test_silence_makes_a_zone_unknown_and_keeps_its_last_value_and_its_alarm(
    state: HubState,
) -> None:
    _play(state, [_ABOVE] * 8, from_s=_T0)
    last_s = _T0 + 3.5
    assert state.tick(now_s=last_s + 5.0) == Changes()
    assert state.zone_state("junction").level == "tight"
    changes = state.tick(now_s=last_s + 5.01)
    assert "junction" in changes.zones
    silent = state.zone_state("junction")
    assert (silent.level, silent.unknown_reason) == ("unknown", "silent")
    assert (silent.density_ppm2, silent.captured_at_s) == (_ABOVE, last_s)
    causes = {alarm.cause for _, alarm in state.open_alarms()}
    assert causes == {"density", "silence"}, "silence clears nothing, and is said itself"
    for later_s in (60.0, 600.0):
        assert state.tick(now_s=last_s + later_s).alarms == ()
    # Back, and empty: first now the density alarm may return.
    events = _play(state, [_BELOW] * 12, from_s=last_s + 700)
    assert events == [AlarmEvent.RETURNED, AlarmEvent.RETURNED]


def test_a_camera_that_never_came_raises_silence_too(state: HubState) -> None:
    assert state.tick(now_s=_T0 + 5.0).alarms == ()
    (change,) = state.tick(now_s=_T0 + 5.1).alarms
    assert (change.alarm.cause, change.alarm.subject_id) == ("silence", CAMERA)
    assert state.camera_state(CAMERA).health == "silent"


def test_what_a_worker_says_of_a_stream_is_shown(state: HubState) -> None:
    hello = Hello(worker="w", version="0", detector="heads", camera_ids=(CAMERA,))
    state.hear_hello(hello, now_s=_T0)
    status = CameraStatus(camera_id=CAMERA, at_s=_T0, status="lost", detail="refused")
    state.hear_status(status, now_s=_T0)
    seen = state.camera_state(CAMERA)
    assert (seen.health, seen.detail, seen.detector) == ("lost", "refused", "heads")
    state.apply(_observation(_T0 + 1), now_s=_T0 + 1)
    assert state.camera_state(CAMERA).health == "ok"


def test_a_late_observation_changes_nothing(state: HubState) -> None:
    state.apply(_observation(_T0 + 10, 0.03), now_s=_T0 + 10)
    assert state.apply(_observation(_T0 + 9, 0.05), now_s=_T0 + 11) == Changes()
    assert state.zone_state("junction").density_ppm2 == 0.03


def test_an_old_backlog_does_not_make_a_zone_look_alive(state: HubState) -> None:
    state.apply(_observation(_T0 - 60), now_s=_T0)
    assert state.zone_state("junction").level == "unknown"


def test_a_zone_that_is_seen_too_little_is_unknown(state: HubState) -> None:
    for share, reason in ((0.2, "not_seen"), (0.0, "not_seen")):
        density = None if share == 0 else _BELOW
        at_s = _T0 + share
        state.apply(_observation(at_s, density, seen_share=share), now_s=at_s)
        zone = state.zone_state("junction")
        assert (zone.level, zone.unknown_reason) == ("unknown", reason)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"camera_id": "x"}, "camera_id: 'x' is not a camera of this site"),
        ({"zone_id": "x"}, "zones: 'x' is not a zone of this site"),
        ({"seen_share": 0.0}, "expected null exactly for 0"),
    ],
)
def test_what_cannot_be_true_is_refused_and_changes_nothing(
    state: HubState, changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        state.apply(_observation(_T0, **changes), now_s=_T0)
    assert state.zone_state("junction").level == "unknown"


def test_the_future_is_refused(state: HubState) -> None:
    state.apply(_observation(_T0 + 2.0), now_s=_T0)
    with pytest.raises(BadInput, match=r"3\.0 s in the future, expected at most 2 s"):
        state.apply(_observation(_T0 + 3.0), now_s=_T0)


def test_a_zone_twice_in_one_observation_is_refused(state: HubState) -> None:
    twice = _observation(_T0)
    with pytest.raises(BadInput, match="'junction' is there twice"):
        state.apply(twice.model_copy(update={"zones": twice.zones * 2}), now_s=_T0)


def test_a_restart_takes_up_alarms_levels_and_history(site: Site, state: HubState) -> None:
    _play(state, [_ABOVE] * 8, from_s=_T0)
    again = _state(site)
    again.restore(
        alarms=state.open_alarms(),
        levels=[
            ("junction", state.level_state("junction")),
            ("gone_zone", state.level_state("junction")),
        ],
        history=[("junction", _T0, _ABOVE)],
        next_alarm_id=2,
    )
    assert again.zone_state("junction").level == "unknown", "until a camera shows it"
    assert again.open_alarms() == state.open_alarms()
    assert len(again.history("junction").points) == 1
    assert _play(again, [_ABOVE] * 4, from_s=_T0 + 10) == [], "no second alarm"
    assert again.zone_state("junction").level == "tight"


def test_the_same_inputs_give_the_same_outputs(site: Site) -> None:
    densities = [_BELOW, _ABOVE, 0.2, _ABOVE] * 30
    runs = []
    for _ in range(2):
        state = _state(site)
        events = _play(state, densities, from_s=_T0)
        runs.append((events, state.zone_state("junction"), state.open_alarms()))
    assert runs[0] == runs[1]
