"""Forecasts on simulated evenings: errors, bands, time to the limit, and alarms that come of it.

The hub's own forecasts of 24 h of 20 zones, beside no change (persistence) and a straight line
through the last minutes. With ``--learn`` it prints what ``domain/forecast/prior.py`` holds, from
evenings of other seeds: the bands, and how good forecasts were.
"""

import argparse
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter

import numpy as np
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from crowdsafe.domain.alarm.latch import Latch, Limit, step_latch
from crowdsafe.domain.forecast.course import STEP_S
from crowdsafe.domain.forecast.outlook import HORIZONS_MIN, Band
from crowdsafe.domain.forecast.rise import WINDOWS_MIN
from crowdsafe.domain.forecast.skill import Verification
from crowdsafe.hub.state.forecast_skill import ForecastSkill, Kind
from crowdsafe.hub.state.zone_forecast import ZoneForecast
from crowdsafe.replay.limit_crossings import Watched, crossings
from crowdsafe.simulation.evenings import BEGIN_S, Evenings, evenings, observations

LEARNED_FROM = (11, 12)
# The straight line goes through so much of the course.
LINE_MIN = 4.0
# As the alarm engine has it by default.
CALLS_FROM_MIN, RISE_S, FALL_S = 5.0, 10.0, 30.0
NEVER_MIN = 20.0
SLOW_S = 240.0


@dataclass(frozen=True)
class Verified:
    """What came of one forecast, and of the straight line at the same time."""

    kind: Kind
    verification: Verification
    line_ppm2: float
    shown: bool


@dataclass
class Line:
    """The course of a zone, one value a step, and least squares lines through it."""

    values: list[float] = field(default_factory=list)
    _reading: list[float] = field(default_factory=list)
    _step: int = 0

    def take(self, at_s: float, density_ppm2: float) -> None:
        """Take a reading."""
        step = int(at_s // STEP_S)
        if step != self._step and self._reading:
            self.values.append(median(self._reading))
            self._reading = []
        self._step = step
        self._reading.append(density_ppm2)

    def fit(self, steps_ago: int = 0) -> tuple[float, float] | None:
        """Return value and slope per minute at the end of the line of some steps ago."""
        points = round(LINE_MIN * 60 / STEP_S)
        end = len(self.values) - steps_ago
        if end < points:
            return None
        t_min = (np.arange(points) - points + 1) * STEP_S / 60
        slope, value = np.polyfit(t_min, self.values[end - points : end], 1)
        return float(value), float(slope)

    def ahead(self, steps_ago: int, minutes: float) -> float:
        """Return what the line of some steps ago said for so many minutes later."""
        fitted = self.fit(steps_ago)
        if fitted is None:
            return self.values[max(0, len(self.values) - 1 - steps_ago)]
        return fitted[0] + minutes * fitted[1]

    def minutes_to(self, limit_ppm2: float) -> float | None:
        """Return when the line reaches a limit, None for not within 10 minutes."""
        fitted = self.fit()
        if fitted is None or fitted[0] >= limit_ppm2 or fitted[1] <= 0:
            return None
        minutes = (limit_ppm2 - fitted[0]) / fitted[1]
        return minutes if minutes <= HORIZONS_MIN[-1] else None


class Recorder(ForecastSkill):
    """Notes every verification beside what it does with it."""

    def __init__(self, *, unit_bands: bool) -> None:
        super().__init__()
        self.unit_bands = unit_bands
        self.verified: list[Verified] = []
        self.lines: dict[str, Line] = {}

    def verify(self, zone_id: str, kind: Kind, verification: Verification) -> None:
        """Note it, with the straight line of when it was made."""
        steps_ago = round(HORIZONS_MIN[kind[1]] * 60 / STEP_S)
        line = self.lines[zone_id].ahead(steps_ago, HORIZONS_MIN[kind[1]])
        shown = self.is_useful(zone_id, kind)
        self.verified.append(Verified(kind, verification, line, shown))
        super().verify(zone_id, kind, verification)

    def band(self, lasted: int) -> Band:
        """Return bands of one unit when they are still to be learned."""
        if self.unit_bands:
            ones = (1.0,) * len(HORIZONS_MIN)
            return Band(below=tuple(-each for each in ones), above=ones)
        return super().band(lasted)


@dataclass
class Caller:
    """Calls when a time to the limit has been short for long enough."""

    latch: Latch = field(default_factory=Latch)
    called_s: list[float] = field(default_factory=list)

    def step(self, minutes: float | None, *, at_s: float, over: bool) -> None:
        """Take the time to the limit of now."""
        begins = 60 / CALLS_FROM_MIN
        limit = Limit(begins=begins, hysteresis=0.4 * begins, rise_s=RISE_S, fall_s=FALL_S)
        value = 0.0 if minutes is None or over else 60 / max(minutes, 1 / 60)
        before = self.latch.on
        self.latch = step_latch(self.latch, value=value, limit=limit, now_s=at_s)
        if self.latch.on and not before:
            self.called_s.append(at_s)


@dataclass
class Course:
    """All that was said of one zone.

    Attributes:
        said: at each step (time, earliest, likely, latest or None) of what was shown.
        line_said: (time, minutes) of the straight line.
    """

    line: Line = field(default_factory=Line)
    caller: Caller = field(default_factory=Caller)
    line_caller: Caller = field(default_factory=Caller)
    said: list[tuple[float, float, float, float | None]] = field(default_factory=list)
    line_said: list[tuple[float, float]] = field(default_factory=list)


def live_through(night: Evenings, skill: Recorder) -> tuple[dict[str, Course], list[float]]:
    """Return what was said of each zone, and the seconds that each reading took."""
    zones = {zone.zone.id: zone for zone in night.site.zones}
    gated = {line.into_zone for line in night.site.lines}
    courses = {zone_id: Course() for zone_id in zones}
    forecasts = {
        zone_id: ZoneForecast(
            zone_id,
            limit_ppm2=zone.thresholds.tight_ppm2,
            area_m2=zone.zone.area_m2,
            skill=skill,
        )
        for zone_id, zone in zones.items()
    }
    skill.lines = {zone_id: course.line for zone_id, course in courses.items()}
    line_zones = {line.id: line.into_zone for line in night.site.lines}
    took_s: list[float] = []
    with Progress(transient=True) as progress:
        task = progress.add_task("evenings", total=night.plan.seconds)
        for number, arrival in enumerate(observations(night)):
            if number % 5000 == 0:
                progress.update(task, completed=arrival.at_s - BEGIN_S)
            observation = arrival.observation
            at_s = observation.captured_at_s
            for crossed in observation.lines:
                forecasts[line_zones[crossed.line_id] or ""].cross(
                    into=crossed.into, out=crossed.out
                )
            for reading in observation.zones:
                if reading.seen_share < 0.99 or reading.density_ppm2 is None:
                    continue
                zone_id = reading.zone_id
                course, forecast = courses[zone_id], forecasts[zone_id]
                steps = len(course.line.values)
                course.line.take(at_s, reading.density_ppm2)
                began_s = perf_counter()
                forecast.take(
                    at_s=at_s,
                    density_ppm2=reading.density_ppm2,
                    sd_ppm2=reading.density_sd_ppm2 or 0.0,
                    lines_watched=zone_id in gated,
                )
                took_s.append(perf_counter() - began_s)
                limit_ppm2 = zones[zone_id].thresholds.tight_ppm2
                _note(
                    course,
                    forecast,
                    at_s=at_s - BEGIN_S,
                    limit_ppm2=limit_ppm2,
                    over=reading.density_ppm2 >= limit_ppm2,
                    new=len(course.line.values) > steps,
                )
    return courses, took_s


def _note(
    course: Course,
    forecast: ZoneForecast,
    *,
    at_s: float,
    limit_ppm2: float,
    over: bool,
    new: bool,
) -> None:
    minutes = forecast.minutes_to_limit if forecast.useful else None
    course.caller.step(None if minutes is None else minutes.likely_min, at_s=at_s, over=over)
    if new:
        if minutes is not None:
            course.said.append((at_s, minutes.earliest_min, minutes.likely_min, minutes.latest_min))
        by_line = course.line.minutes_to(limit_ppm2)
        course.line_said.append((at_s, NEVER_MIN if by_line is None else by_line))
    if course.line_said:
        said = course.line_said[-1][1]
        course.line_caller.step(None if said >= NEVER_MIN else said, at_s=at_s, over=over)


def learn(nights: list[list[Verified]]) -> None:
    """Print bands and tallies."""
    verified = [each for night in nights for each in night]
    print("BANDS:")
    for lasted in range(len(WINDOWS_MIN)):
        ends = []
        for place in range(len(HORIZONS_MIN)):
            units = _units(verified, (lasted, place))
            ends.append(np.quantile(units, [0.05, 0.95]))
        below = tuple(round(float(each[0]), 1) for each in ends)
        above = tuple(round(float(each[1]), 1) for each in ends)
        print(f"    Band(below={below}, above={above}),")
    print("errors of the forecast and of no change, number:")
    for lasted in range(len(WINDOWS_MIN)):
        for place in range(len(HORIZONS_MIN)):
            of_kind = [each.verification for each in verified if each.kind == (lasted, place)]
            forecast = np.mean([abs(each.expected_ppm2 - each.came_ppm2) for each in of_kind])
            unchanged = np.mean([abs(each.before_ppm2 - each.came_ppm2) for each in of_kind])
            print(f"    ({lasted}, {place}): ({forecast:.3f}, {unchanged:.3f}),  # {len(of_kind)}")


def _units(verified: list[Verified], kind: Kind) -> list[float]:
    units = []
    for each in verified:
        if each.kind == kind:
            low, high = each.verification.band_ppm2
            off = each.verification.came_ppm2 - each.verification.expected_ppm2
            units.append(2 * off / (high - low))
    return units


def print_errors(console: Console, verified: list[Verified]) -> None:
    """Print errors and coverage by kind."""
    table = Table(title="Clear rises: mean error in p/m² after some minutes")
    for name in ("rising for", "ahead", "number", "forecast", "no change", "line", "skill"):
        table.add_column(name, justify="right")
    for name in ("shown", "in band"):
        table.add_column(name, justify="right")
    for kind in sorted({each.kind for each in verified}):
        of_kind = [each for each in verified if each.kind == kind]
        values = [each.verification for each in of_kind]
        forecast = float(np.mean([abs(v.expected_ppm2 - v.came_ppm2) for v in values]))
        unchanged = float(np.mean([abs(v.before_ppm2 - v.came_ppm2) for v in values]))
        line = float(np.mean([abs(e.line_ppm2 - e.verification.came_ppm2) for e in of_kind]))
        table.add_row(
            f"{WINDOWS_MIN[kind[0]]:g} min",
            f"{HORIZONS_MIN[kind[1]]:g} min",
            str(len(of_kind)),
            f"{forecast:.2f}",
            f"{unchanged:.2f}",
            f"{line:.2f}",
            f"{1 - forecast / unchanged:+.2f}",
            f"{np.mean([each.shown for each in of_kind]):.0%}",
            f"{np.mean([v.in_band for v in values]):.0%}",
        )
    console.print(table)
    console.print(f"in the band, all: {np.mean([e.verification.in_band for e in verified]):.1%}")


def print_times(console: Console, night: Evenings, courses: dict[str, Course]) -> None:
    """Print how far times to the limit were off, and what alarms would come of them."""
    off: list[float] = []
    line_off: list[float] = []
    in_band: list[bool] = []
    came = shown = open_ended = line_came = line_shown = 0
    events: dict[str, list[float]] = defaultdict(list)
    for zone in night.site.zones:
        truth = night.zones[zone.zone.id]
        limit_ppm2 = zone.thresholds.tight_ppm2
        over_s = np.flatnonzero(truth.density_ppm2 >= limit_ppm2)
        course = courses[zone.zone.id]
        for at_s, earliest, likely, latest in course.said:
            true_min = _minutes_until(over_s, at_s)
            shown += 1
            in_band.append(earliest <= true_min + 0.2 and (latest is None or true_min <= latest))
            open_ended += latest is None
            if true_min <= HORIZONS_MIN[-1]:
                came += 1
                off.append(abs(likely - true_min))
        for at_s, minutes in course.line_said:
            if minutes >= NEVER_MIN:
                continue
            true_min = _minutes_until(over_s, at_s)
            line_shown += 1
            if true_min <= HORIZONS_MIN[-1]:
                line_came += 1
                line_off.append(abs(minutes - true_min))
        events[zone.zone.id] = [
            crossing.begins_s
            for crossing in crossings(
                Watched(
                    subject_id=zone.zone.id,
                    cause="density",
                    grade=2,
                    over_sd=(truth.density_ppm2 - limit_ppm2) / truth.density_sd_ppm2,
                    ended=truth.density_ppm2 < limit_ppm2 - zone.thresholds.hysteresis_ppm2,
                    within_s=0.0,
                    fall_s=FALL_S,
                )
            )
            if crossing.margin_sd >= 0
        ]
    console.print(
        f"time to the limit, shown {shown} times: {came / max(1, shown):.0%} came within 10 min, "
        f"off by {median(off or [0.0]):.1f} min in the median, {np.mean(off or [0.0]):.1f} in the "
        f"mean; in its band {np.mean(in_band or [True]):.0%}, without a latest time "
        f"{open_ended / max(1, shown):.0%}"
    )
    console.print(
        f"straight line, {line_shown} times: {line_came / max(1, line_shown):.0%} came, off by "
        f"{median(line_off or [0.0]):.1f} min in the median, {np.mean(line_off or [0.0]):.1f} in "
        "the mean"
    )
    slow = _slow(night, events)
    for name, called in (
        ("forecast", {each: course.caller.called_s for each, course in courses.items()}),
        ("straight line", {each: course.line_caller.called_s for each, course in courses.items()}),
    ):
        _print_calls(console, name, called, events, slow, hours=night.plan.seconds / 3600)


def _minutes_until(over_s: np.ndarray, at_s: float) -> float:
    place = int(np.searchsorted(over_s, at_s))
    return float("inf") if place == len(over_s) else (float(over_s[place]) - at_s) / 60


def _slow(night: Evenings, events: dict[str, list[float]]) -> set[tuple[str, float]]:
    """Return the crossings whose rise took so long that it could be seen coming."""
    return {
        (zone_id, at_s)
        for zone_id, times_s in events.items()
        for at_s in times_s
        for push in night.plan.pushes
        if push.place_id == zone_id
        and push.quantity == "density"
        and push.ramp_s >= SLOW_S
        and push.begins_s + SLOW_S <= at_s <= push.begins_s + push.ramp_s + 60
    }


def _print_calls(
    console: Console,
    name: str,
    called: dict[str, list[float]],
    events: dict[str, list[float]],
    slow: set[tuple[str, float]],
    *,
    hours: float,
) -> None:
    within_s = 60 * HORIZONS_MIN[-1]
    calls = false = 0
    leads_min: list[float] = []
    found: set[tuple[str, float]] = set()
    for zone_id, times_s in called.items():
        for at_s in times_s:
            calls += 1
            place = bisect_left(events[zone_id], at_s - 30)
            if place == len(events[zone_id]) or events[zone_id][place] - at_s > within_s:
                false += 1
                continue
            crossed_s = events[zone_id][place]
            if (zone_id, crossed_s) not in found and crossed_s > at_s:
                found.add((zone_id, crossed_s))
                leads_min.append((crossed_s - at_s) / 60)
    total = sum(len(times_s) for times_s in events.values())
    console.print(
        f"{name}, called at {CALLS_FROM_MIN:g} min: {calls} calls, {false} false "
        f"({false / hours:.2f} an hour over the site); foretold {len(found)} of {total} crossings, "
        f"{len(found & slow)} of the {len(slow)} after a rise of {SLOW_S / 60:g} min and more; "
        f"lead {median(leads_min or [0.0]):.1f} min in the median"
    )


def main() -> None:
    """Live through evenings and print how good the forecasts were."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--learn", action="store_true", help="print what prior.py is to hold")
    given = parser.parse_args()
    if given.learn:
        nights = []
        for seed in LEARNED_FROM:
            recorder = Recorder(unit_bands=True)
            live_through(evenings(hours=given.hours, seed=seed), recorder)
            nights.append(recorder.verified)
        learn(nights)
        return
    night = evenings(hours=given.hours, seed=given.seed)
    recorder = Recorder(unit_bands=False)
    courses, took_s = live_through(night, recorder)
    console = Console(width=110)
    print_errors(console, recorder.verified)
    print_times(console, night, courses)
    took_us = 1e6 * np.array(took_s)
    console.print(
        f"a reading takes {took_us.mean():.0f} µs in the mean, "
        f"{np.quantile(took_us, 0.99):.0f} µs in 99 %"
    )


if __name__ == "__main__":
    main()
