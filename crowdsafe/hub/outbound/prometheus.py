"""What the hub tells Prometheus: the crowd, the cameras, the alarms, and how the hub itself is.

What is not known has no sample, never a 0.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import get_args

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from crowdsafe.contract.alarms import Alarm, AlarmLoad, AlarmStateName
from crowdsafe.contract.page_messages import (
    CameraHealthName,
    CameraState,
    LevelName,
    ZoneState,
)
from crowdsafe.domain.alarm.cause import Priority

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_LEVELS: tuple[str, ...] = get_args(LevelName)
_HEALTHS: tuple[str, ...] = tuple(
    name for part in get_args(CameraHealthName) for name in get_args(part)
)
_ALARM_STATES: tuple[str, ...] = get_args(AlarmStateName)
_PRIORITIES: tuple[str, ...] = get_args(Priority)
_LOADS: tuple[str, ...] = get_args(AlarmLoad.model_fields["name"].annotation)


@dataclass(frozen=True)
class TargetFigures:
    """How delivery to one target goes.

    Attributes:
        waiting: messages that are not delivered yet.
        oldest_at_s: when the oldest of them was made; None: none waits.
        delivered, failed, given_up: attempts and messages since the hub began.
    """

    target_id: str
    waiting: int
    oldest_at_s: float | None
    delivered: int
    failed: int
    given_up: int


@dataclass(frozen=True)
class Figures:
    """All that is told.

    Attributes:
        refused: observations that were not taken, by reason.
        loop_lag_s: how late the event loop was when it was last looked at.
    """

    now_s: float
    version: str
    zones: Iterable[ZoneState] = ()
    cameras: Iterable[CameraState] = ()
    alarms: Iterable[Alarm] = ()
    load: AlarmLoad | None = None
    targets: Iterable[TargetFigures] = ()
    taken: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    loop_lag_s: float | None = None


def render(figures: Figures) -> bytes:
    """Return the figures in Prometheus' text format; its media type is ``CONTENT_TYPE``."""
    registry = CollectorRegistry()
    registry.register(_Once(figures))
    return generate_latest(registry)


class _Once(Collector):
    """Gives the figures of one moment."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def describe(self) -> Iterable[Metric]:
        """Say nothing beforehand: the registry is of one reading only."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Give all metrics."""
        figures = self._figures
        yield _gauge("hub_info", "The hub's version.", ["version"], [([figures.version], 1)])
        yield from _zone_metrics(tuple(figures.zones), now_s=figures.now_s)
        yield from _camera_metrics(tuple(figures.cameras), now_s=figures.now_s)
        yield from _alarm_metrics(tuple(figures.alarms), figures.load)
        yield from _target_metrics(tuple(figures.targets), now_s=figures.now_s)
        yield _counter("observations_taken", "Observations taken.", [], [([], figures.taken)])
        yield _counter(
            "observations_refused",
            "Observations refused, by reason.",
            ["reason"],
            [([reason], count) for reason, count in sorted(figures.refused.items())],
        )
        yield _gauge(
            "event_loop_lag_seconds",
            "How late the event loop was when it was last looked at.",
            [],
            [([], figures.loop_lag_s)],
        )


_Sample = tuple[list[str], float | None]


def _zone_metrics(zones: tuple[ZoneState, ...], *, now_s: float) -> Iterator[Metric]:
    def of_zones(name: str, text: str, values: Iterable[float | None]) -> Metric:
        samples: list[_Sample] = [
            ([zone.zone_id], value) for zone, value in zip(zones, values, strict=True)
        ]
        return _gauge(name, text, ["zone"], samples)

    yield of_zones(
        "zone_density_ppm2", "Persons per square metre.", [each.density_ppm2 for each in zones]
    )
    yield of_zones(
        "zone_density_sd_ppm2",
        "Standard deviation of the density.",
        [each.density_sd_ppm2 for each in zones],
    )
    yield of_zones(
        "zone_peak_ppm2", "Density at the densest place.", [each.peak_ppm2 for each in zones]
    )
    yield of_zones("zone_people", "People in what is seen.", [each.count for each in zones])
    yield of_zones(
        "zone_seen_share", "Share of the zone that is seen.", [each.seen_share for each in zones]
    )
    yield of_zones(
        "zone_value_age_seconds",
        "Time since the newest picture of it.",
        [_age_s(each.captured_at_s, now_s) for each in zones],
    )
    yield _one_hot(
        "zone_level",
        "1 for the level that the zone has.",
        "zone",
        "level",
        _LEVELS,
        {each.zone_id: each.level for each in zones},
    )


def _camera_metrics(cameras: tuple[CameraState, ...], *, now_s: float) -> Iterator[Metric]:
    yield _one_hot(
        "camera_health",
        "1 for the health that the camera has.",
        "camera",
        "health",
        _HEALTHS,
        {each.camera_id: each.health for each in cameras},
    )
    yield _gauge(
        "camera_analysed_per_second",
        "Pictures analysed a second.",
        ["camera"],
        [([each.camera_id], each.analysed_per_s) for each in cameras],
    )
    yield _gauge(
        "camera_value_age_seconds",
        "Time since its newest picture.",
        ["camera"],
        [([each.camera_id], _age_s(each.captured_at_s, now_s)) for each in cameras],
    )


def _alarm_metrics(alarms: tuple[Alarm, ...], load: AlarmLoad | None) -> Iterator[Metric]:
    counts = Counter((alarm.state, alarm.priority) for alarm in alarms)
    yield _gauge(
        "alarms",
        "Alarms by state and priority.",
        ["state", "priority"],
        [
            ([state, priority], counts[(state, priority)])  # type: ignore[index]
            for state in _ALARM_STATES
            for priority in _PRIORITIES
        ],
    )
    if load is None:
        return
    yield _gauge(
        "alarm_load",
        "Alarms that called, in the last so many minutes.",
        ["minutes"],
        [(["10"], load.last_10_min), (["60"], load.last_hour)],
    )
    yield _gauge(
        "alarm_load_per_operator",
        "Alarms in 10 minutes for each operator on duty.",
        [],
        [([], load.per_operator_10_min)],
    )
    yield _one_hot(
        "alarm_load_state", "1 for how the load is.", None, "load", _LOADS, {"": load.name}
    )


def _target_metrics(targets: tuple[TargetFigures, ...], *, now_s: float) -> Iterator[Metric]:
    yield _gauge(
        "outbox_waiting",
        "Messages that are not delivered yet.",
        ["target"],
        [([each.target_id], each.waiting) for each in targets],
    )
    yield _gauge(
        "outbox_oldest_age_seconds",
        "How long the oldest waits; 0: none does.",
        ["target"],
        [([each.target_id], _age_s(each.oldest_at_s, now_s) or 0.0) for each in targets],
    )
    yield _counter(
        "outbox_delivered",
        "Messages delivered.",
        ["target"],
        [([each.target_id], each.delivered) for each in targets],
    )
    yield _counter(
        "outbox_failed",
        "Attempts that failed.",
        ["target"],
        [([each.target_id], each.failed) for each in targets],
    )
    yield _counter(
        "outbox_given_up",
        "Messages given up.",
        ["target"],
        [([each.target_id], each.given_up) for each in targets],
    )


def _age_s(at_s: float | None, now_s: float) -> float | None:
    return None if at_s is None else max(0.0, now_s - at_s)


def _one_hot(
    name: str,
    text: str,
    label: str | None,
    choice: str,
    choices: tuple[str, ...],
    chosen: Mapping[str, str],
) -> Metric:
    labels = [choice] if label is None else [label, choice]
    samples: list[_Sample] = [
        ([each] if label is None else [who, each], float(each == what))
        for who, what in chosen.items()
        for each in choices
    ]
    return _gauge(name, text, labels, samples)


def _gauge(name: str, text: str, labels: list[str], samples: Iterable[_Sample]) -> Metric:
    family = GaugeMetricFamily(f"crowdsafe_{name}", text, labels=labels)
    for values, sample in samples:
        if sample is not None:
            family.add_metric(values, sample)
    return family


def _counter(name: str, text: str, labels: list[str], samples: Iterable[_Sample]) -> Metric:
    family = CounterMetricFamily(f"crowdsafe_{name}", text, labels=labels)
    for values, sample in samples:
        if sample is not None:
            family.add_metric(values, sample)
    return family
