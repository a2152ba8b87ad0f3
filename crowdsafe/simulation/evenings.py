"""Evenings at a fair: the truth of every zone and second, and what cameras would send of it.

What a camera adds to the truth: its counts are off by their standard deviation, which it states,
part of that fading in seconds and part in minutes; it tells the median of the last seconds, so it
is late by half of them; single readings are plainly wrong; and one camera drops out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.ndimage import median_filter  # type: ignore[import-untyped]

from crowdsafe.contract.edge_messages import Observation, ZoneReading
from crowdsafe.contract.readings import LineReading, Motion, Peak
from crowdsafe.contract.site import Site
from crowdsafe.contract.thresholds import Limits, Thresholds
from crowdsafe.domain.camera.visible import visible_ground, visible_zone
from crowdsafe.simulation.crowd import FREE_SPEED_M_S
from crowdsafe.simulation.evening_plan import Plan, count_sd, lively_plan
from crowdsafe.simulation.evening_site import FAILING, HEAD_M, PLACES, Place, evening_site
from crowdsafe.simulation.evening_truth import Array, ZoneTruth, fading, sd_of_peak, zone_truth

BEGIN_S = 1_700_000_000.0
"""When the evenings begin, in seconds since 1970."""
STEADY_S = 2.5
"""The edge's readings are the median of so many seconds."""

# Share of an error's variance, and the time in which it fades to 1/e: people who come and go, and
# people who stand where they stand.
_FADES_S = ((0.6, 3.0), (0.4, 120.0))
_MISSED_CROSSINGS = 0.04
# With fewer people nothing is told of how they move.
_LEAST_MOVING = 5
# Pictures that are made at once.
_CHUNK = 500


@dataclass(frozen=True, eq=False)
class Evenings:
    """A site and all that was true on it.

    Attributes:
        site: its zones and cameras.
        plan: what was to happen.
        zones: the truth, by zone id.
        seed: of the truth and of what cameras make of it.
    """

    site: Site
    plan: Plan
    zones: dict[str, ZoneTruth]
    seed: int

    @property
    def calm_ids(self) -> tuple[str, ...]:
        """Return the zones in which nothing ever comes near a limit."""
        return tuple(each for each, zone in self.zones.items() if zone.place.kind == "calm")


@dataclass(frozen=True)
class Arrival:
    """An observation, and when it comes in at the hub."""

    at_s: float
    observation: Observation


def evenings(
    *,
    hours: float = 24.0,
    seed: int = 1,
    thresholds: Thresholds | None = None,
    limits: Limits | None = None,
) -> Evenings:
    """Return evenings, the same for the same arguments.

    Args:
        hours: how long; quiet and evening take turns, one evening in 8 hours.
        seed: of all that is by chance.
        thresholds: of every zone.
        limits: of what else is to be crossed.

    Raises:
        BadInput: fewer than 2 hours or more than a week.
    """
    thresholds, limits = thresholds or Thresholds(), limits or Limits()
    plan = lively_plan(hours=hours, thresholds=thresholds, limits=limits, seed=seed)
    zones = {
        place.id: zone_truth(place, plan, np.random.default_rng((seed, 2, number)))
        for number, place in enumerate(PLACES)
    }
    return Evenings(evening_site(thresholds=thresholds, limits=limits), plan, zones, seed)


# --- what cameras send -----------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _View:
    """What one camera tells of one zone, (pictures,) each."""

    place: Place
    share: float
    at_m: tuple[float, float]
    count: Array
    count_sd: Array
    peak: Array
    peak_sd: Array
    speed: Array
    counter: Array
    pressure: Array

    def readings(self, pictures: slice) -> Iterator[ZoneReading]:
        """Return what is told of some pictures, one after the other."""
        seen_m2 = self.place.area_m2 * self.share
        told = np.stack(
            [
                self.count,
                self.count_sd,
                self.peak,
                self.peak_sd,
                self.speed,
                self.counter,
                self.pressure,
            ]
        )
        for count, sd, peak, peak_sd, speed, counter, pressure in told[:, pictures].T.tolist():
            yield ZoneReading(
                zone_id=self.place.id,
                count=count,
                count_sd=sd,
                density_ppm2=min(50.0, count / seen_m2),
                density_sd_ppm2=sd / seen_m2,
                seen_share=self.share,
                peak=Peak(ppm2=peak, sd_ppm2=peak_sd, at_m=self.at_m),
                motion=None
                if count < _LEAST_MOVING
                else Motion(
                    by="tracks",
                    people=0.7 * count,
                    speed_m_s=speed,
                    speed_sd_m_s=0.05,
                    velocity_m_s=(speed * (1 - 2 * counter), 0.0),
                    counter_flow_share=counter,
                    standing_share=min(1.0, max(0.0, 1 - speed / FREE_SPEED_M_S)),
                    stop_and_go_share=None,
                    pressure_per_s2=pressure,
                ),
            )


def observations(
    evenings: Evenings, *, per_s: float = 1.0, from_s: float = 0.0
) -> Iterator[Arrival]:
    """Return what comes in from all cameras, in the order in which it comes in.

    Args:
        evenings: the truth.
        per_s: pictures a second of each camera.
        from_s: what was before is left out.
    """
    cameras = tuple(sorted(camera.id for camera in evenings.site.cameras))
    rng = np.random.default_rng((evenings.seed, 3))
    pictures = int(evenings.plan.seconds * per_s) - 1
    phases_s = rng.uniform(0.0, 0.7 / per_s, len(cameras))
    delays_s = rng.uniform(0.02, 0.2 / per_s, (pictures, len(cameras)))
    views = {
        camera_id: _views(
            evenings,
            camera_id,
            at_s=np.arange(pictures) / per_s + phases_s[number],
            rng=np.random.default_rng((evenings.seed, 4, number)),
        )
        for number, camera_id in enumerate(cameras)
    }
    lines = _line_counts(evenings, per_s=per_s, pictures=pictures)
    for first in range(int(from_s * per_s), pictures, _CHUNK):
        chunk = slice(first, min(first + _CHUNK, pictures))
        columns = [
            _column(
                camera_id,
                views[camera_id],
                lines.get(camera_id, ()),
                chunk,
                at_s=(np.arange(pictures)[chunk] / per_s + phases_s[number]),
                delay_s=delays_s[chunk, number],
                off_s=evenings.plan.off_s if camera_id == FAILING else (),
            )
            for number, camera_id in enumerate(cameras)
        ]
        for at_once in zip(*columns, strict=True):
            came = (arrival for arrival in at_once if arrival is not None)
            yield from sorted(came, key=lambda arrival: arrival.at_s)


def _column(
    camera_id: str,
    views: tuple[_View, ...],
    lines: Sequence[tuple[str, Array, Array]],
    chunk: slice,
    *,
    at_s: Array,
    delay_s: Array,
    off_s: Sequence[tuple[float, float]],
) -> Iterator[Arrival | None]:
    """Return what comes of some pictures of one camera, None for one that is not taken."""
    readings = zip(*(view.readings(chunk) for view in views), strict=True)
    off = np.zeros(len(at_s), dtype=bool)
    for from_s, to_s in off_s:
        off |= (at_s >= from_s) & (at_s < to_s)
    span_s = float(at_s[1] - at_s[0]) if len(at_s) > 1 else 1.0
    for step, zones in enumerate(readings):
        if off[step]:
            yield None
            continue
        captured_at_s = BEGIN_S + float(at_s[step])
        picture = chunk.start + step
        observation = Observation(
            camera_id=camera_id,
            seq=picture,
            captured_at_s=captured_at_s,
            analysis_ms=20.0,
            frames_dropped=0,
            people_in_view=sum(reading.count for reading in zones),
            lines=tuple(
                LineReading(
                    line_id=line_id,
                    into=float(into[picture]),
                    out=float(out[picture]),
                    span_s=span_s,
                )
                for line_id, into, out in lines
            ),
            zones=zones,
        )
        yield Arrival(captured_at_s + float(delay_s[step]), observation)


def _views(
    evenings: Evenings, camera_id: str, *, at_s: Array, rng: np.random.Generator
) -> tuple[_View, ...]:
    camera = next(each for each in evenings.site.cameras if each.id == camera_id)
    ground = visible_ground(
        camera=camera.camera,
        height_m=HEAD_M,
        range_m=camera.range_m,
        min_px_per_m=camera.min_px_per_m,
        masks_px=camera.masks_px,
    )
    seen = [visible_zone(zone=each.zone, ground=ground) for each in evenings.site.zones]
    return tuple(
        _view(
            evenings.zones[each.zone.id],
            share=min(1.0, each.seen_share),
            at_m=(each.zone.polygon.centroid.x, each.zone.polygon.centroid.y),
            at_s=at_s,
            rng=rng,
        )
        for each in seen
        if each.seen_share > 0.01
    )


def _view(
    truth: ZoneTruth,
    *,
    share: float,
    at_m: tuple[float, float],
    at_s: Array,
    rng: np.random.Generator,
) -> _View:
    number, step_s = len(at_s), float(at_s[1] - at_s[0])
    seen_m2 = truth.place.area_m2 * share
    count = _told(truth.density_ppm2, at_s) * seen_m2
    sd = count_sd(count)
    peak = _told(truth.peak_ppm2, at_s)
    peak_sd = sd_of_peak(peak)
    count = count + sd * _error(number, step_s, rng)
    peak = peak + peak_sd * _error(number, step_s, rng)
    wrong = rng.random(number) < truth.place.outliers_per_min * step_s / 60
    factor = np.where(wrong, rng.uniform(1.6, 4.0, number), 1.0)
    # A camera states the error of what it counted, not of what it should have.
    count = np.maximum(0.0, count * factor)
    return _View(
        place=truth.place,
        share=share,
        count=count,
        count_sd=count_sd(count),
        peak=np.clip(peak * factor, 0.0, 50.0),
        peak_sd=peak_sd,
        at_m=at_m,
        speed=np.maximum(0.0, _told(truth.speed_m_s, at_s) + 0.05 * _error(number, step_s, rng)),
        counter=np.clip(
            _told(truth.counter_flow_share, at_s) + 0.04 * _error(number, step_s, rng), 0.0, 0.5
        ),
        pressure=np.maximum(
            0.0,
            _told(truth.pressure_per_s2, at_s) * (1 + 0.2 * _error(number, step_s, rng)),
        ),
    )


def _told(truth: Array, at_s: Array) -> Array:
    """Return the median of the last seconds, taken from two pictures a second."""
    half = np.interp(np.arange(2 * len(truth) - 1) / 2, np.arange(len(truth)), truth)
    window = round(2 * STEADY_S)
    # The window ends at the picture: an origin of half of it.
    steady = median_filter(half, size=window, origin=window // 2, mode="nearest")
    told: Array = np.interp(at_s, np.arange(len(half)) / 2, steady)
    return told


def _error(number: int, step_s: float, rng: np.random.Generator) -> Array:
    error = np.zeros(number)
    for share, fades_s in _FADES_S:
        error += sqrt(share) * fading(number, fades_s, rng, step_s=step_s)
    return error


def _line_counts(
    evenings: Evenings, *, per_s: float, pictures: int
) -> dict[str, list[tuple[str, Array, Array]]]:
    """Return (line, into, out) for each camera; half of the people take each line."""
    rng = np.random.default_rng((evenings.seed, 5))
    counts: dict[str, list[tuple[str, Array, Array]]] = {}
    steps = (np.arange(evenings.plan.seconds) * per_s).astype(np.int64)
    for line in evenings.site.lines:
        if line.into_zone is None:
            continue
        truth = evenings.zones[line.into_zone]
        first = line is next(
            each for each in evenings.site.lines if each.into_zone == line.into_zone
        )
        flows = []
        for crossed in (truth.into, truth.out):
            half = np.floor(crossed / 2) if first else np.ceil(crossed / 2)
            found = rng.binomial(half.astype(np.int64), 1 - _MISSED_CROSSINGS)
            counted = np.bincount(steps, weights=found, minlength=pictures)
            flows.append(counted.astype(np.float64))
        # The one camera of a gated zone sees its edges.
        camera_id = next(
            camera.id for camera in evenings.site.cameras if camera.id.endswith(line.into_zone)
        )
        counts.setdefault(camera_id, []).append((line.id, flows[0], flows[1]))
    return counts
