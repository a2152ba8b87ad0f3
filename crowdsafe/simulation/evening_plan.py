"""What happens on the evenings, and when: rises of all speeds, false starts, hours at a limit.

What crosses a limit begins one at a time over the whole site, so that more alarms than that are
the alarms' own doing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from crowdsafe.contract.thresholds import Limits, Thresholds
from crowdsafe.errors import BadInput
from crowdsafe.simulation.evening_site import PLACES, Place

Quantity = Literal["density", "peak", "pressure", "counter_flow"]

APART_S = 840.0
"""Between two things that cross a limit somewhere on the site."""

_LEAST_HOURS = 2.0
_DUSK_S = 2400.0
# Where no alarm is asked for, the crowd goes to these.
_PEAK_PPM2, _PRESSURE_PER_S2, _COUNTER_FLOW = 5.0, 0.02, 0.35
# A period of quiet and evening: so much of it is evening, dusk and dawn included.
_PERIOD_HOURS = 8.0
_EVENING = (0.15, 0.9)


@dataclass(frozen=True)
class Push:
    """Something rises from what it was to a value, stays there, and goes back.

    Attributes:
        place_id: the zone.
        quantity: what rises.
        begins_s: when it leaves what it was.
        ramp_s: how long it takes to get there, and as long to go back.
        hold_s: how long it stays.
        to: the value, in p/m² (density, peak), 1/s² (pressure) or as a share (counter-flow).
        sway: standard deviation of the slow swings about the value while it stays.
        even: it rises evenly, else slowly first and last.
    """

    place_id: str
    quantity: Quantity
    begins_s: float
    ramp_s: float
    hold_s: float
    to: float
    sway: float = 0.0
    even: bool = True

    @property
    def ends_s(self) -> float:
        """When all is as before."""
        return self.begins_s + 2 * self.ramp_s + self.hold_s


@dataclass(frozen=True)
class Plan:
    """All that happens.

    Attributes:
        seconds: how long it lasts.
        evenings_s: from dusk to dawn of each.
        pushes: by when they begin.
        off_s: spans in which the camera that fails sends nothing.
    """

    seconds: int
    evenings_s: tuple[tuple[float, float], ...]
    pushes: tuple[Push, ...]
    off_s: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class _Rise:
    """A ramp from well below to over a limit, and for how long it is at least 1 sd over it."""

    ramp_s: float
    over_s: float
    margin_sd: float
    critical: bool = False
    quantity: Quantity = "density"


_RISES = (
    _Rise(2, 5, 4.0),
    _Rise(600, 300, 3.0),
    _Rise(20, 15, 3.0),
    _Rise(1500, 900, 4.0),
    _Rise(60, 60, 5.0, critical=True),
    _Rise(5, 8, 2.5),
    _Rise(300, 120, 2.0),
    _Rise(40, 120, 5.0, quantity="peak"),
    _Rise(900, 600, 6.0),
    _Rise(2, 6, 3.0),
    _Rise(600, 300, 3.0, critical=True),
    _Rise(120, 60, 2.5),
    _Rise(30, 60, 4.0, quantity="counter_flow"),
    _Rise(2700, 3600, 4.0),
    _Rise(10, 10, 3.0),
    _Rise(4, 30, 4.0, critical=True),
    _Rise(45, 30, 2.0),
    _Rise(30, 45, 4.0, quantity="pressure"),
    _Rise(1800, 900, 3.0, critical=True),
    _Rise(180, 5, 1.6),
)
# Against the stream walks somebody only where there is one.
_WALKED_PPM2 = 1.2
_OFF_S = (12.0, 60.0, 300.0, 1500.0)
_BLINK_S = 3.0


def lively_plan(*, hours: float, thresholds: Thresholds, limits: Limits, seed: int) -> Plan:
    """Return what happens in some hours, the same for the same arguments.

    Raises:
        BadInput: fewer than 2 hours or more than a week.
    """
    if not _LEAST_HOURS <= hours <= 168:
        raise BadInput(f"evenings: {hours} hours, expected {_LEAST_HOURS:g} to 168")
    rng = np.random.default_rng((seed, 1))
    seconds = round(hours * 3600)
    spans = _evenings(seconds)
    writer = _Writer(thresholds, limits, rng)
    for begins_s, ends_s in spans:
        dusk_s = dusk_of(begins_s, ends_s)
        for slot_s in np.arange(begins_s + dusk_s, ends_s - dusk_s, APART_S):
            writer.fill(float(slot_s), ends_s=ends_s)
        writer.blink(begins_s, ends_s)
    return Plan(
        seconds=seconds,
        evenings_s=spans,
        pushes=tuple(sorted(writer.pushes, key=lambda push: (push.begins_s, push.place_id))),
        off_s=tuple(sorted(writer.off_s)),
    )


def dusk_of(begins_s: float, ends_s: float) -> float:
    """Return how long it takes until an evening is as busy as it gets, and as long to its end."""
    return min(_DUSK_S, (ends_s - begins_s) / 6)


def _evenings(seconds: int) -> tuple[tuple[float, float], ...]:
    periods = max(1, round(seconds / 3600 / _PERIOD_HOURS))
    length_s = seconds / periods
    return tuple(
        ((period + _EVENING[0]) * length_s, (period + _EVENING[1]) * length_s)
        for period in range(periods)
    )


class _Writer:
    """Gives each slot the next thing, and each thing the next zone that is free."""

    def __init__(self, thresholds: Thresholds, limits: Limits, rng: np.random.Generator) -> None:
        self.pushes: list[Push] = []
        self.off_s: list[tuple[float, float]] = []
        self._thresholds = thresholds
        self._limits = limits
        self._rng = rng
        self._rises = cycle(_RISES)
        self._offs = cycle(_OFF_S)
        self._free_from_s: dict[str, float] = {}
        self._slots = 0
        rising = [place for place in PLACES if place.kind == "rise"]
        self._turn: Iterator[Place] = cycle(rising)
        self._rising = len(rising)
        self._hovering: set[tuple[str, float]] = set()

    def fill(self, slot_s: float, *, ends_s: float) -> None:
        """Let one thing cross its limit at a time, and beside it something that crosses none."""
        self._slots += 1
        if self._slots % 9 == 4:
            self.off_s.append((slot_s, slot_s + next(self._offs)))
        elif not self._hover(slot_s, ends_s=ends_s):
            self._rise(next(self._rises), slot_s, ends_s=ends_s)
        self._false_start(slot_s + APART_S / 2, ends_s=ends_s)

    def blink(self, begins_s: float, ends_s: float) -> None:
        """Let the failing camera miss a few pictures now and then."""
        for at_s in np.arange(begins_s + 500.0, ends_s, 900.0):
            if not any(from_s - 20 <= at_s <= to_s + 20 for from_s, to_s in self.off_s):
                self.off_s.append((float(at_s), float(at_s) + _BLINK_S))

    def _hover(self, slot_s: float, *, ends_s: float) -> bool:
        """Bring the next zone that hovers to its limit, where it stays until dawn."""
        for place in PLACES:
            if place.kind != "hover" or (place.id, ends_s) in self._hovering:
                continue
            if self._slots % 2:
                return False
            self._hovering.add((place.id, ends_s))
            ramp_s = 1200.0
            hold_s = ends_s - slot_s - 2 * ramp_s
            if hold_s > 600:
                self.pushes.append(self._hovering_push(place, slot_s - ramp_s, ramp_s, hold_s))
            return hold_s > 600
        return False

    def _hovering_push(self, place: Place, begins_s: float, ramp_s: float, hold_s: float) -> Push:
        tight, critical = self._thresholds.tight_ppm2, self._thresholds.critical_ppm2
        quantity: Quantity = "density"
        match place.id:
            case "bar":
                to, sway = tight - 1.5 * sd_ppm2(place, tight), 0.3
            case "food-lane":
                to, sway = tight, 0.8
            case "big-wheel":
                to, sway = critical, 0.8
            case "tent":
                to, sway = self._thresholds.busy_ppm2, 0.8
            case _:
                quantity, to, sway = "peak", self._limits.peak_ppm2 or _PEAK_PPM2, 0.5
        error = peak_sd_ppm2(to) if quantity == "peak" else sd_ppm2(place, to)
        return Push(place.id, quantity, begins_s, ramp_s, hold_s, to, sway * error)

    def _rise(self, rise: _Rise, slot_s: float, *, ends_s: float) -> None:
        for _ in range(self._rising):
            place = next(self._turn)
            if (rise.quantity in ("peak", "pressure")) != (place.id == "stage"):
                continue
            if rise.quantity == "counter_flow" and place.busy_ppm2 < _WALKED_PPM2:
                continue
            push = self._rising_push(rise, place, slot_s)
            if push.begins_s >= self._free_from_s.get(place.id, 0.0) and push.ends_s <= ends_s:
                self.pushes.append(push)
                self._free_from_s[place.id] = push.ends_s + 120.0
                return

    def _rising_push(self, rise: _Rise, place: Place, slot_s: float) -> Push:
        base, limit, error, limits = place.busy_ppm2, 0.0, 0.0, self._limits
        match rise.quantity:
            case "density":
                limit = (
                    self._thresholds.critical_ppm2 if rise.critical else self._thresholds.tight_ppm2
                )
                error = sd_ppm2(place, limit)
            case "peak":
                base, limit = base * place.contrast, limits.peak_ppm2 or _PEAK_PPM2
                error = peak_sd_ppm2(limit)
            case "pressure":
                base, limit = 0.004, limits.pressure_per_s2 or _PRESSURE_PER_S2
                error = 0.2 * limit
            case "counter_flow":
                base, limit = 0.05, limits.counter_flow_share or _COUNTER_FLOW
                error = 0.04
        to = limit + rise.margin_sd * error
        over = (to - limit - error) / (to - base)
        first = self._thresholds.tight_ppm2 if rise.quantity == "density" else limit
        return Push(
            place_id=place.id,
            quantity=rise.quantity,
            begins_s=slot_s - (first - base) / (to - base) * rise.ramp_s,
            ramp_s=rise.ramp_s,
            hold_s=max(0.0, rise.over_s - 2 * over * rise.ramp_s),
            to=to,
            sway=0.3 * error if rise.over_s >= 300 else 0.0,
            even=bool(self._rng.random() < 0.6),
        )

    def _false_start(self, at_s: float, *, ends_s: float) -> None:
        """Let a free zone rise as if it would cross, and stop well below."""
        rising = [place for place in PLACES if place.kind == "rise" and place.id != "stage"]
        place = rising[int(self._rng.integers(len(rising)))]
        tight = self._thresholds.tight_ppm2
        to = tight - float(self._rng.uniform(3.5, 7.0)) * sd_ppm2(place, tight)
        ramp_s = float(self._rng.choice([120.0, 300.0, 600.0, 1200.0]))
        push = Push(place.id, "density", at_s, ramp_s, 120.0, to)
        if at_s >= self._free_from_s.get(place.id, 0.0) and push.ends_s <= ends_s:
            self.pushes.append(push)
            self._free_from_s[place.id] = push.ends_s + 120.0


def sd_ppm2(place: Place, density_ppm2: float) -> float:
    """Return how far off a camera's mean density of a whole zone is."""
    return float(count_sd(np.array([density_ppm2 * place.area_m2]))[0]) / place.area_m2


def count_sd(count: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far off a camera's counts are: 0.3 of each person alone, 3 % of all together."""
    sd: NDArray[np.float64] = np.sqrt(0.25 + 0.09 * count + (0.03 * count) ** 2)
    return sd


def peak_sd_ppm2(peak_ppm2: float) -> float:
    """Return how far off a camera's peak is, in a disc of 1.5 m."""
    area_m2 = np.pi * 1.5**2
    return float(count_sd(np.array([peak_ppm2 * area_m2]))[0]) / float(area_m2)
