"""What pages are told, without a connection and without a clock."""

import json
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any

import pytest

from crowdsafe.contract.alarms import Alarm, AlarmLoad
from crowdsafe.contract.page_columns import ZoneColumns
from crowdsafe.contract.page_messages import CameraState, Change, LineState, ZoneState
from crowdsafe.contract.people import Duty, Person
from crowdsafe.contract.readings import Cells
from crowdsafe.hub.page_feed import Page, PageFeed, unpacked
from crowdsafe.hub.state.zone_record import ZoneFigures

BEGIN_S = 1_764_000_000.0
FIGURES = ZoneFigures(
    known=True,
    is_close=False,
    captured_at_s=BEGIN_S,
    count=12.34,
    count_sd=1.26,
    density_ppm2=0.51234567,
    density_sd_ppm2=0.05,
    seen_share=1.0,
    peak_ppm2=1.236,
    trend_ppm2_per_min=None,
)


class _Source:
    """A state that a test turns as it likes."""

    def __init__(self) -> None:
        self.zone_ids = ("gate", "lawn", "stage")
        self.camera_ids = ("east", "west")
        self.line_ids = ("door",)
        self.figures = dict.fromkeys(self.zone_ids, FIGURES)
        self.marks: dict[str, Hashable] = {}
        self.health: Any = "ok"
        self.asked: list[str] = []
        self.alarmed: set[str] = set()

    def alarmed_zones(self) -> set[str]:
        return self.alarmed

    def zone_figures(self, zone_id: str) -> ZoneFigures:
        return self.figures[zone_id]

    def zone_mark(self, zone_id: str) -> Hashable:
        return self.marks.get(zone_id)

    def zone_state(self, zone_id: str) -> ZoneState:
        self.asked.append(zone_id)
        values: dict[str, Any] = dict.fromkeys(ZoneState.model_fields)
        values |= {"zone_id": zone_id, "level": "clear", "camera_ids": ()}
        return ZoneState.model_validate(values)

    def zone_cells(self, zone_id: str) -> Cells:
        return Cells(columns=(1,), rows=(2,), people=(0.5,))

    def camera_state(self, camera_id: str) -> CameraState:
        values: dict[str, Any] = dict.fromkeys(CameraState.model_fields)
        values |= {
            "camera_id": camera_id,
            "health": self.health,
            "detail": "",
            "frames_dropped": 0,
            "captured_at_s": BEGIN_S + 1 / 3,
            "analysed_per_s": 2.004,
        }
        return CameraState.model_validate(values)

    def line_state(self, line_id: str, *, now_s: float) -> LineState:
        values: dict[str, Any] = dict.fromkeys(LineState.model_fields)
        return LineState.model_validate({**values, "line_id": line_id, "into": 1, "out": 2})


class _Told:
    """A feed and the pages that it is told to; time goes on by a step of 0.2 s."""

    def __init__(self) -> None:
        self.source = _Source()
        self.feed = PageFeed(self.source)
        self.now_s = BEGIN_S
        self.snapshots = 0

    def page(self) -> Page:
        return Page(Person(name="night_shift", role="operator", rights=("look",)))

    def step(self, **noted: Any) -> bool:
        self.feed.note(**noted)
        self.now_s += 0.2
        return self.feed.close_step(now_s=self.now_s)

    def take(self, page: Page) -> list[dict[str, Any]]:
        assert page.is_behind(self.feed)
        messages = page.take(self.feed, self._snapshot, now_s=self.now_s)
        assert not page.is_behind(self.feed)
        return [json.loads(unpacked(each)) for each in messages]

    def change(self, page: Page) -> dict[str, Any]:
        (change,) = self.take(page)
        assert change["type"] == "change"
        return change

    def begun(self) -> Page:
        """A page that has its snapshot."""
        page = self.page()
        self.take(page)
        return page

    def _snapshot(self) -> Change:
        # What a snapshot holds is not the feed's business.
        self.snapshots += 1
        return Change(now_s=self.now_s, duty=Duty(name="snapshot", since_s=0))


@pytest.fixture
def told() -> _Told:
    told = _Told()
    told.step(zones=told.source.zone_ids, cameras=told.source.camera_ids)
    return told


def _zones(change: dict[str, Any]) -> tuple[list[str], list[int]]:
    """The zones that are told whole, and those in columns."""
    columns = change["zone_columns"]
    whole = [state["zone_id"] for state in change["zone_states"]]
    return whole, [] if columns is None else columns["zones"]


def test_a_page_begins_with_a_snapshot_and_goes_on_with_changes(told: _Told) -> None:
    page = told.page()
    (first,) = told.take(page)
    assert first["duty"]["name"] == "snapshot"
    assert not page.is_behind(told.feed)
    told.step(zones=["lawn"])
    assert _zones(told.change(page)) == ([], [1])


def test_pages_that_were_told_as_much_get_the_same_bytes(told: _Told) -> None:
    pages = [told.begun() for _ in range(50)]
    assert told.snapshots == 1
    told.step(zones=["gate", "stage"])
    sent = {page.take(told.feed, told._snapshot, now_s=told.now_s)[0] for page in pages}
    assert len({id(each) for each in sent}) == 1


def test_figures_come_rounded_in_columns(told: _Told) -> None:
    page = told.begun()
    told.source.figures["lawn"] = replace(
        FIGURES, captured_at_s=told.now_s - 0.05, trend_ppm2_per_min=-0.123
    )
    told.step(zones=["stage", "lawn"])
    change = told.change(page)
    assert change["zone_columns"] == {
        "zones": [1, 2],
        "captured_ago_ms": [250, 400],
        "count": [12.3, 12.3],
        "count_sd": [1.3, 1.3],
        "density_ppm2": [0.5123, 0.5123],
        "density_sd_ppm2": [0.05, 0.05],
        "peak_ppm2": [1.24, 1.24],
        "trend_ppm2_per_min": [-0.12, None],
    }
    assert Change.model_validate(change).now_s == told.now_s


def test_a_zone_that_differs_in_more_than_figures_is_told_whole(told: _Told) -> None:
    page = told.begun()
    told.source.marks["gate"] = "tight"
    told.step(zones=["gate", "lawn"])
    assert _zones(told.change(page)) == (["gate"], [1])
    told.step(zones=["gate", "lawn"])
    assert _zones(told.change(page)) == ([], [0, 1])


def test_a_zone_of_which_nothing_is_known_is_in_no_column(told: _Told) -> None:
    page = told.begun()
    told.source.figures["gate"] = replace(FIGURES, known=False)
    told.source.marks["gate"] = "silent"
    told.step(zones=["gate"])
    assert _zones(told.change(page)) == (["gate"], [])
    told.step(zones=["gate", "lawn"])
    assert _zones(told.change(page)) == ([], [1])


@pytest.mark.parametrize("why", ["tight", "alarm"])
def test_a_zone_to_look_at_closely_is_told_whole_once_a_second(told: _Told, why: str) -> None:
    if why == "tight":
        told.source.figures["gate"] = replace(FIGURES, is_close=True)
    else:
        told.source.alarmed = {"gate"}
    page = told.begun()
    whole = []
    for _ in range(20):
        told.step(zones=["gate"])
        whole.append(_zones(told.change(page))[0] == ["gate"])
    assert sum(whole) == 4


def test_a_slow_page_is_told_the_newest_of_everything_at_once(told: _Told) -> None:
    slow, quick = told.begun(), told.begun()
    for number in range(30):
        told.source.figures["lawn"] = replace(FIGURES, count=float(number))
        told.source.marks["gate"] = number
        told.step(zones=["lawn", "gate"])
        told.take(quick)
    change = told.change(slow)
    assert _zones(change) == (["gate"], [1])
    assert change["zone_columns"]["count"] == [29.0]
    told.step(zones=["lawn"])
    assert told.change(slow) == told.change(quick)


def test_a_zone_is_not_in_a_column_beside_its_whole_state(told: _Told) -> None:
    slow = told.begun()
    told.step(zones=["lawn"])
    told.source.marks["lawn"] = "tight"
    told.step(zones=["lawn"])
    told.step(zones=["lawn"])
    assert _zones(told.change(slow)) == (["lawn"], [])


def test_cameras_and_lines_are_told_now_and_then_and_a_cameras_health_at_once(
    told: _Told,
) -> None:
    page = told.begun()
    camera_steps, line_steps = [], []
    for number in range(25):
        told.step(cameras=["east"], lines=["door"], zones=["gate"])
        change = told.change(page)
        camera_steps += [number] * len(change["camera_states"])
        line_steps += [number] * len(change["line_states"])
    assert len(camera_steps) == 2
    assert len(line_steps) == 5
    told.source.health = "dark"
    told.step(cameras=["east"])
    (state,) = told.change(page)["camera_states"]
    assert (state["health"], state["captured_at_s"]) == ("dark", round(BEGIN_S + 1 / 3, 2))
    assert state["analysed_per_s"] == 2.0


def test_what_is_held_back_is_told_later(told: _Told) -> None:
    page = told.begun()
    told.step(lines=["door"])
    assert len(told.change(page)["line_states"]) == 1
    assert not told.step(lines=["door"])
    for _ in range(5):
        if told.step():
            break
    assert len(told.change(page)["line_states"]) == 1


def test_nothing_new_is_told_every_second(told: _Told) -> None:
    page = told.begun()
    closed = [told.step() for _ in range(15)]
    assert sum(closed) == 3
    change = told.change(page)
    assert _zones(change) == ([], [])
    assert change["now_s"] > BEGIN_S


def _alarm(alarm_id: int, *, state: str = "unacknowledged") -> Alarm:
    values: dict[str, Any] = dict.fromkeys(Alarm.model_fields)
    values |= {
        "id": alarm_id,
        "cause": "density",
        "subject_id": "gate",
        "state": state,
        "priority": "high",
        "grade": 2,
        "present": True,
        "first_raised_at_s": BEGIN_S,
        "raised_at_s": BEGIN_S,
        "called_at_s": BEGIN_S,
        "times": 1,
        "held_s": 5.0,
        "detail": "",
        "escalated": 0,
        "measures": (),
        "offers": (),
    }
    return Alarm.model_validate(
        {name: value for name, value in values.items() if name in Alarm.model_fields}
    )


def test_alarms_load_and_duty_are_told_at_once_and_the_newest_of_each(told: _Told) -> None:
    page = told.begun()
    load = AlarmLoad.model_validate(
        {
            "last_10_min": 1,
            "last_hour": 1,
            "operators": 1,
            "per_operator_10_min": 1,
            "name": "quiet",
            "high_share": 1,
            "medium_share": 0,
        }
    )
    assert told.step(alarms=[_alarm(1), _alarm(2)])
    assert told.step(alarms=[_alarm(1, state="acknowledged")])
    assert told.step(load=load)
    assert told.step(duty=Duty(name="late_shift", since_s=BEGIN_S))
    change = told.change(page)
    assert [(each["id"], each["state"]) for each in change["alarms"]] == [
        (1, "acknowledged"),
        (2, "unacknowledged"),
    ]
    assert change["load"]["name"] == "quiet"
    assert change["duty"]["name"] == "late_shift"
    told.step(zones=["gate"])
    after = told.change(page)
    assert (after["alarms"], after["load"], after["duty"]) == ([], None, None)


def test_alarms_that_ended_long_ago_are_forgotten_and_late_pages_begin_anew(told: _Told) -> None:
    late = told.begun()
    told.step(alarms=[_alarm(1, state="normal"), _alarm(2)])
    snapshots = told.snapshots
    for _ in range(600):
        told.step(zones=["gate"])
    assert set(told.feed._alarms) == {2}
    (message,) = told.take(late)
    assert message["duty"]["name"] == "snapshot"
    assert told.snapshots == snapshots + 1


def test_a_watched_zone_is_told_whole_each_time_to_whom_it_interests(told: _Told) -> None:
    page, other = told.begun(), told.begun()
    page.watch(zone_id="stage", cells=False)
    told.step(zones=["lawn"])
    change, whole = told.take(page)
    assert _zones(change) == ([], [1])
    assert _zones(whole) == (["stage"], [])
    assert len(told.take(other)) == 1
    page.watch(zone_id="nowhere", cells=False)
    told.step(zones=["lawn"])
    assert len(told.take(page)) == 1


def test_cells_are_told_once_a_second_to_whom_they_interest(told: _Told) -> None:
    page, other = told.begun(), told.begun()
    page.watch(zone_id=None, cells=True)
    told.step(zones=["lawn"])
    _, cells = told.take(page)
    # All of them first, whenever they changed.
    assert [each["zone_id"] for each in cells["zones"]] == ["gate", "lawn", "stage"]
    assert cells["zones"][0]["cells"] == {"columns": [1], "rows": [2], "people": [0.5]}
    assert len(told.take(other)) == 1
    later = []
    for _ in range(10):
        told.step(zones=["gate"])
        later += told.take(page)[1:]
    assert len(later) == 2
    assert all([each["zone_id"] for each in every["zones"]] == ["gate"] for every in later)


def test_another_site_lets_all_pages_begin_anew(told: _Told) -> None:
    page = told.begun()
    told.feed.note(zones=["gate"], cameras=["east"])
    told.source.zone_ids = ("square",)
    told.source.camera_ids = ("north",)
    told.source.figures = {"square": FIGURES}
    told.feed.begin_anew()
    (message,) = told.take(page)
    assert message["duty"]["name"] == "snapshot"
    # The last words about what is gone interest nobody.
    told.step(zones=["gate", "square"], cameras=["east"])
    assert _zones(told.change(page)) == (["square"], [])


@pytest.mark.parametrize("change", [lambda: {"count": (1.0,)}, lambda: {"zones": (0, 1)}])
def test_columns_of_different_lengths_are_none(change: Callable[[], dict[str, Any]]) -> None:
    with pytest.raises(ValueError, match="different lengths"):
        ZoneColumns.model_validate(change())
