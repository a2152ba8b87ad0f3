"""The truth of one zone of an evening, second by second."""

from dataclasses import dataclass
from math import exp, pi, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter  # type: ignore[import-untyped]

from crowdsafe.simulation.crowd import FREE_SPEED_M_S
from crowdsafe.simulation.evening_plan import Plan, Push, count_sd, dusk_of
from crowdsafe.simulation.evening_site import Place

Array = NDArray[np.float64]

# People come and go: the truth itself sways by so much of itself, in such times.
_SWAY, _SWAY_S = 0.04, 60.0
# Slow swings of what stays at a limit.
_SLOW_S = 240.0
# Persons who come and go per metre of edge and minute on the busiest evening.
_THROUGH_PER_M_MIN = 6.0


@dataclass(frozen=True, eq=False)
class ZoneTruth:
    """How it was in one zone, (seconds,) each; second 0 is ``BEGIN_S``.

    Attributes:
        place: the zone.
        density_ppm2: mean.
        density_sd_ppm2: how far off a camera that sees all of it would be.
        peak_ppm2: in its densest disc.
        peak_sd_ppm2: how far off a camera would be.
        speed_m_s: mean of the people's speeds.
        counter_flow_share: part of them against the main direction.
        pressure_per_s2: highest local density times variance of velocity.
        into: (seconds,) who came in during the second up to it.
        out: who went out.
    """

    place: Place
    density_ppm2: Array
    density_sd_ppm2: Array
    peak_ppm2: Array
    peak_sd_ppm2: Array
    speed_m_s: Array
    counter_flow_share: Array
    pressure_per_s2: Array
    into: Array
    out: Array


def zone_truth(place: Place, plan: Plan, rng: np.random.Generator) -> ZoneTruth:
    """Return how a zone was, by what was planned and by chance."""
    t_s = np.arange(plan.seconds, dtype=np.float64)
    busy = _busy(t_s, plan)
    usual = place.quiet_ppm2 + (place.busy_ppm2 - place.quiet_ppm2) * busy
    usual = usual * np.exp(_SWAY * fading(len(t_s), _SWAY_S, rng))
    pushes = [push for push in plan.pushes if push.place_id == place.id]
    density = _pushed(usual, t_s, [each for each in pushes if each.quantity == "density"], rng)
    people = np.rint(density * place.area_m2)
    density = people / place.area_m2
    contrast = place.contrast * np.exp(0.05 * fading(len(t_s), 20.0, rng))
    peaks = [each for each in pushes if each.quantity == "peak"]
    peak = np.maximum(density, _pushed(density * contrast, t_s, peaks, rng))
    counter = _pushed(
        np.clip((0.45 if place.two_way else 0.05) + 0.02 * fading(len(t_s), 30.0, rng), 0, 0.5),
        t_s,
        [each for each in pushes if each.quantity == "counter_flow"],
        rng,
    )
    pressure = _pushed(
        0.002 + 0.001 * peak * np.exp(0.2 * fading(len(t_s), 20.0, rng)),
        t_s,
        [each for each in pushes if each.quantity == "pressure"],
        rng,
    )
    into, out = _crossings(place, people, busy, rng)
    return ZoneTruth(
        place=place,
        density_ppm2=density,
        density_sd_ppm2=count_sd(people) / place.area_m2,
        peak_ppm2=peak,
        peak_sd_ppm2=sd_of_peak(peak),
        speed_m_s=_speed(density),
        counter_flow_share=np.clip(counter, 0.0, 0.5),
        pressure_per_s2=np.maximum(pressure, 0.0),
        into=into,
        out=out,
    )


def _busy(t_s: Array, plan: Plan) -> Array:
    """Return how much of an evening it is, 0 to 1."""
    busy = np.zeros(len(t_s))
    for from_s, to_s in plan.evenings_s:
        shape = np.minimum(t_s - from_s, to_s - t_s) / dusk_of(from_s, to_s)
        busy = np.maximum(busy, _smooth(np.clip(shape, 0.0, 1.0)))
    return busy


def _pushed(usual: Array, t_s: Array, pushes: list[Push], rng: np.random.Generator) -> Array:
    course = usual.copy()
    for push in pushes:
        first, last = max(0, int(push.begins_s)), min(len(t_s), int(push.ends_s) + 2)
        at_s = t_s[first:last]
        way = np.minimum(at_s - push.begins_s, push.ends_s - at_s) / push.ramp_s
        way = np.clip(way, 0.0, 1.0)
        way = way if push.even else _smooth(way)
        to = push.to + push.sway * np.clip(fading(len(at_s), _SLOW_S, rng), -2.0, 2.0)
        course[first:last] = course[first:last] * (1 - way) + to * way
    return course


def _smooth(way: Array) -> Array:
    return way * way * (3 - 2 * way)


def fading(number: int, fades_s: float, rng: np.random.Generator, *, step_s: float = 1.0) -> Array:
    """Return (number,) normal values of variance 1, alike by exp(−time / fades_s)."""
    alike = exp(-step_s / fades_s)
    new = rng.standard_normal(number) * sqrt(1 - alike**2)
    new[0] /= sqrt(1 - alike**2)
    values: Array = lfilter([1.0], [1.0, -alike], new)
    return values


def _speed(density_ppm2: Array) -> Array:
    """Return walking speeds after Weidmann 1993, v = 1.34·(1 − exp(−1.913·(1/ρ − 1/5.4)))."""
    room_m2 = 1 / np.maximum(density_ppm2, 1e-3) - 1 / 5.4
    return np.maximum(0.02, FREE_SPEED_M_S * (1 - np.exp(-1.913 * room_m2)))


def sd_of_peak(peak_ppm2: Array) -> Array:
    """Return how far off a camera's peaks are, in discs of 1.5 m."""
    area_m2 = pi * 1.5**2
    return count_sd(peak_ppm2 * area_m2) / area_m2


def _crossings(
    place: Place, people: Array, busy: Array, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Return who came and went in each second; their difference is exactly that of the people."""
    more = np.diff(people, prepend=people[:1])
    edge_m = 2 * place.size_m[0]
    through = rng.poisson(_THROUGH_PER_M_MIN / 60 * edge_m / 2 * busy).astype(np.float64)
    return through + np.maximum(more, 0.0), through + np.maximum(-more, 0.0)
