"""What raises an alarm of a zone beside its levels: peak, rise, forecast, motion, people."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crowdsafe.domain.alarm.cause import Cause
from crowdsafe.domain.alarm.latch import Latch, Limit, interrupt_latch, step_latch
from crowdsafe.domain.alarm.levels import Level

# A peak or a pressure hovers more than a mean: it is of few people.
_HYSTERESIS_SHARE = 0.15
# A time to the limit ends as a cause when it has grown by about this much.
_FORECAST_ENDS_SHARE = 0.4
_MIN_PER_H = 60.0
# A slope of a minute and what is to come in minutes need no haste: it only makes them nervous.
_SLOW: frozenset[Cause] = frozenset({"rise", "forecast"})
_SLOW_RISE_S = 20.0


@dataclass(frozen=True)
class ZoneValues:
    """What was measured of a zone; None for what cannot be told.

    Attributes:
        density_ppm2: mean density.
        level: by its levels.
        minutes_to_tight: likely time until it is tight, by a forecast that is useful.
        people: in it, by counting lines where it has them.
    """

    density_ppm2: float
    level: Level
    peak_ppm2: float | None = None
    rise_ppm2_per_min: float | None = None
    minutes_to_tight: float | None = None
    pressure_per_s2: float | None = None
    counter_flow_share: float | None = None
    people: float | None = None


@dataclass(frozen=True)
class ZoneLimits:
    """The limits of a zone; a cause that is not named raises nothing.

    Attributes:
        limits: by cause. That of ``forecast`` is in 1/h, so that sooner is higher.
        rising_from_ppm2: below this density a rise is of no concern.
    """

    limits: Mapping[Cause, Limit]
    rising_from_ppm2: float


@dataclass(frozen=True)
class ZoneWatch:
    """The latches of the causes, and since when each is on."""

    latches: Mapping[Cause, Latch] = field(default_factory=dict)

    def is_on(self, cause: Cause) -> bool:
        """Whether a cause is there."""
        return self.latches.get(cause, Latch()).on

    def held_s(self, cause: Cause) -> float:
        """For how long a cause had held before it was taken for there."""
        return self.latches.get(cause, Latch()).held_s


def zone_limits(
    *,
    peak_ppm2: float | None,
    rise_ppm2_per_min: float | None,
    forecast_min: float | None,
    pressure_per_s2: float | None,
    counter_flow_share: float | None,
    people: float | None,
    busy_ppm2: float,
    rise_s: float,
    fall_s: float,
) -> ZoneLimits:
    """Return the limits of a zone; None leaves a cause out."""
    given: dict[Cause, float | None] = {
        "peak": peak_ppm2,
        "rise": rise_ppm2_per_min,
        "pressure": pressure_per_s2,
        "counter_flow": counter_flow_share,
        "occupancy": people,
        "forecast": None if forecast_min is None else _MIN_PER_H / forecast_min,
    }
    hysteresis = dict.fromkeys(given, _HYSTERESIS_SHARE) | {"forecast": _FORECAST_ENDS_SHARE}
    limits = {
        cause: Limit(
            begins=begins,
            hysteresis=hysteresis[cause] * begins,
            rise_s=max(rise_s, _SLOW_RISE_S) if cause in _SLOW else rise_s,
            fall_s=fall_s,
            soonest_share=1.0 if cause in _SLOW else 0.5,
        )
        for cause, begins in given.items()
        if begins is not None
    }
    return ZoneLimits(limits=limits, rising_from_ppm2=busy_ppm2 / 2)


def step_watch(
    watch: ZoneWatch, *, values: ZoneValues, limits: ZoneLimits, now_s: float
) -> ZoneWatch:
    """Take what was measured of a zone into account.

    Pressure and counter-flow are of concern from BUSY on, a rise from half of it. What cannot be
    told counts as not there: only the whole zone's being unknown stops the clock.
    """
    return ZoneWatch(
        latches={
            cause: step_latch(
                watch.latches.get(cause, Latch()),
                value=_value(cause, values, rising_from_ppm2=limits.rising_from_ppm2),
                limit=limit,
                now_s=now_s,
            )
            for cause, limit in limits.limits.items()
        }
    )


def interrupt_watch(watch: ZoneWatch) -> ZoneWatch:
    """Forget the delays that are running: nobody knows what happened while no picture came."""
    return ZoneWatch(
        latches={cause: interrupt_latch(latch) for cause, latch in watch.latches.items()}
    )


def is_at_rest(watch: ZoneWatch) -> bool:
    """Say whether no cause is there, and none is about to be."""
    return not any(latch.on or latch.runs for latch in watch.latches.values())


def anything_begins(values: ZoneValues, limits: ZoneLimits) -> bool:
    """Say whether a value reaches its limit; if none does, a watch at rest stays as it is."""
    return any(
        _value(cause, values, rising_from_ppm2=limits.rising_from_ppm2) >= limit.begins
        for cause, limit in limits.limits.items()
    )


def _value(cause: Cause, values: ZoneValues, *, rising_from_ppm2: float) -> float:
    value: float | None = None
    if cause == "peak":
        value = values.peak_ppm2
    elif cause == "occupancy":
        value = values.people
    elif cause == "rise":
        value = values.rise_ppm2_per_min if values.density_ppm2 >= rising_from_ppm2 else None
    elif cause == "forecast":
        minutes = values.minutes_to_tight
        value = None if minutes is None else _MIN_PER_H / max(minutes, 1 / _MIN_PER_H)
    elif values.level >= Level.BUSY:
        value = values.pressure_per_s2 if cause == "pressure" else values.counter_flow_share
    return value or 0.0
