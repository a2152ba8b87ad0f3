"""Alarms on simulated evenings, 24 h of 20 zones by default: found, late, false, and how many.

The hub's own state takes every observation that simulated cameras would send, and time passes as
it does in the hub; somebody acknowledges each alarm after a while. What it raised is held against
the truth (see ``crowdsafe.replay.alarm_score``). The last lines are the numbers that are asked for.
"""

import argparse
from dataclasses import dataclass, field
from statistics import median
from time import process_time

import numpy as np
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from crowdsafe.contract.site import SiteZone
from crowdsafe.contract.thresholds import Limits, Thresholds
from crowdsafe.domain.alarm.alarm import CALLS, AlarmState
from crowdsafe.domain.alarm.cause import Cause
from crowdsafe.hub.state.changes import AlarmChange
from crowdsafe.hub.state.hub_state import HubState
from crowdsafe.replay.alarm_score import AlarmScore, AlarmStep, Row, score_alarms
from crowdsafe.replay.limit_crossings import Array, Watched
from crowdsafe.simulation.evening_site import FAILING
from crowdsafe.simulation.evening_truth import ZoneTruth
from crowdsafe.simulation.evenings import BEGIN_S, Evenings, evenings, observations

UNKNOWN_AFTER_S = 5.0
# As the hub does.
TICK_EVERY_S = 0.5
# Beside its own delay an alarm may be so late.
LATE_S = 2.0
ACKNOWLEDGED_AFTER_S = 30.0
OPERATOR = "operator"
# Of a slope of a minute, a share and a pressure.
RISE_SD, COUNTER_SD, PRESSURE_SD = 0.1, 0.04, 0.004


@dataclass
class Run:
    """A hub state that lives through evenings, and all that its alarms did."""

    state: HubState
    steps: list[AlarmStep] = field(default_factory=list)
    open_since_s: dict[int, float] = field(default_factory=dict)
    called: dict[int, int] = field(default_factory=dict)

    def note(self, changes: tuple[AlarmChange, ...], *, now_s: float) -> None:
        """Keep what happened to alarms."""
        for change in changes:
            alarm = change.alarm
            if change.event is None:
                continue
            waits = alarm.state in (AlarmState.UNACKNOWLEDGED, AlarmState.RETURNED)
            if not waits:
                self.open_since_s.pop(change.id, None)
            elif change.id not in self.open_since_s:
                self.open_since_s[change.id] = now_s
            calls = change.event in CALLS and alarm.state is AlarmState.UNACKNOWLEDGED
            grade = alarm.evidence.grade
            self.steps.append(
                AlarmStep(
                    at_s=now_s - BEGIN_S,
                    alarm_id=change.id,
                    subject_id=alarm.subject_id,
                    cause=alarm.cause,
                    grade=grade,
                    present=alarm.present,
                    calls=calls,
                    again=self.called.get(change.id, grade) >= grade,
                )
            )
            if calls:
                self.called[change.id] = grade

    def tick(self, *, now_s: float) -> None:
        """Let time pass; somebody acknowledges what has waited for long enough."""
        self.note(self.state.tick(now_s=now_s).alarms, now_s=now_s)
        for alarm_id, since_s in list(self.open_since_s.items()):
            if now_s - since_s >= ACKNOWLEDGED_AFTER_S:
                change = self.state.alarms.acknowledge(alarm_id, by=OPERATOR, now_s=now_s)
                self.note((change,), now_s=now_s)


def live_through(night: Evenings, *, per_s: float) -> tuple[Run, float]:
    """Return what the alarms did, and the processor seconds of the hub's state."""
    run = Run(
        HubState(night.site, unknown_after_s=UNKNOWN_AFTER_S, max_clock_ahead_s=2.0, now_s=BEGIN_S)
    )
    taken_s = 0.0
    next_s = BEGIN_S + TICK_EVERY_S
    with Progress(transient=True) as progress:
        task = progress.add_task("evenings", total=night.plan.seconds)
        for arrival in observations(night, per_s=per_s):
            began_s = process_time()
            while next_s <= arrival.at_s:
                run.tick(now_s=next_s)
                next_s += TICK_EVERY_S
                if (next_s - BEGIN_S) % 60 == 0:
                    progress.update(task, completed=next_s - BEGIN_S)
            changes = run.state.apply(arrival.observation, now_s=arrival.at_s, worker="edge")
            run.note(changes.alarms, now_s=arrival.at_s)
            taken_s += process_time() - began_s
    return run, taken_s


def watched_of(night: Evenings) -> list[Watched]:
    """Return every limit of the site and the truth beside it."""
    watched = [each for zone in night.site.zones for each in _of_zone(zone, night.zones)]
    silent_s = np.zeros(night.plan.seconds)
    for from_s, to_s in night.plan.off_s:
        span = slice(int(from_s), int(to_s) + 1)
        silent_s[span] = np.arange(night.plan.seconds)[span] - from_s
    watched.append(
        Watched(
            subject_id=FAILING,
            cause="silence",
            grade=1,
            # A camera of one picture a second is a second late by itself.
            over_sd=silent_s - UNKNOWN_AFTER_S,
            ended=silent_s == 0,
            within_s=LATE_S,
            fall_s=5.0,
        )
    )
    return watched


def _of_zone(zone: SiteZone, truths: dict[str, ZoneTruth]) -> list[Watched]:
    truth, rule, asked = truths[zone.zone.id], zone.thresholds, zone.limits
    density = truth.density_ppm2
    watched = [
        Watched(
            subject_id=zone.zone.id,
            cause="density",
            grade=grade,
            over_sd=(density - limit) / truth.density_sd_ppm2,
            ended=density < limit - rule.hysteresis_ppm2,
            within_s=rule.rise_s + LATE_S,
            fall_s=rule.fall_s,
        )
        for grade, limit in ((2, rule.tight_ppm2), (3, rule.critical_ppm2))
    ]
    busy = density >= rule.busy_ppm2
    values: dict[Cause, tuple[Array, Array | float]] = {
        "peak": (truth.peak_ppm2, truth.peak_sd_ppm2),
        "pressure": (np.where(busy, truth.pressure_per_s2, 0.0), PRESSURE_SD),
        "counter_flow": (np.where(busy, truth.counter_flow_share, 0.0), COUNTER_SD),
        "rise": (_slope_per_min(density), RISE_SD),
    }
    for cause, (value, sd) in values.items():
        limit = zone.zone_limits.limits.get(cause)
        if limit is None:
            continue
        watched.append(
            Watched(
                subject_id=zone.zone.id,
                cause=cause,
                grade=1,
                over_sd=(value - limit.begins) / sd,
                ended=value < limit.begins - limit.hysteresis,
                within_s=asked.rise_s + LATE_S,
                fall_s=asked.fall_s,
                ahead_s=0.0,
                # A rise that has brought the density to its limit is no alarm any more.
                asked=cause != "rise",
            )
        )
    if asked.forecast_min is not None:
        watched.append(
            Watched(
                subject_id=zone.zone.id,
                cause="forecast",
                grade=1,
                over_sd=(density - rule.tight_ppm2) / truth.density_sd_ppm2,
                ended=density < rule.tight_ppm2 - rule.hysteresis_ppm2,
                within_s=0.0,
                fall_s=asked.fall_s,
                ahead_s=2 * 60 * asked.forecast_min,
                asked=False,
            )
        )
    return watched


def _slope_per_min(density: Array) -> Array:
    slope = np.zeros_like(density)
    slope[60:] = density[60:] - density[:-60]
    return slope


def print_score(score: AlarmScore, *, hours: float, taken_s: float) -> None:
    """Print the tables, and the numbers that are asked for."""
    console = Console(width=120)
    table = Table(title=f"Alarms of {hours:g} h over 20 zones")
    for name in ("cause", "grade", "true", "found", "stood", "late", "missed", "delay p50/max s"):
        table.add_column(name, justify="left" if name == "cause" else "right")
    for name in ("grazes", "found", "calls", "at limit", "false"):
        table.add_column(name, justify="right")
    for row in score.rows:
        table.add_row(*_cells(row))
    console.print(table)
    for miss in score.misses:
        crossing = miss.crossing
        how = "missed" if miss.delay_s is None else f"{miss.delay_s:.1f} s late"
        console.print(
            f"{how}: {miss.subject_id} {miss.cause} {miss.grade} at {crossing.begins_s:.0f} s, "
            f"clear at {crossing.clear_s:.0f} s, till {crossing.ends_s:.0f} s, "
            f"{crossing.margin_sd:.1f} sd over"
        )
    for step in score.false_steps:
        console.print(f"false: {step.subject_id} {step.cause} {step.grade} at {step.at_s:.0f} s")
    most, mean = score.calls_10_min
    console.print(f"calls: {score.calls}, in 10 minutes {mean:.2f} in the mean, {most} at most")
    console.print(f"zones with a true crossing in 10 minutes: {score.crossed_10_min} at most")
    most_calls = ", ".join(f"{each} {cause} {calls}" for each, cause, calls in score.most_calls)
    console.print(f"most calls: {most_calls or 'none'}")
    console.print(f"calls again within 10 minutes: {score.repeats}, of one {score.most_repeats}")
    if score.leads_s:
        console.print(
            f"lead before critical: {median(score.leads_s):.0f} s in the median, "
            f"{min(score.leads_s):.0f} s at least"
        )
    asked = [row for row in score.rows if row.clear]
    found, clear = sum(row.found for row in asked), sum(row.clear for row in asked)
    console.print(f"hub state: {taken_s:.0f} s of processor time")
    console.print(f"calls in calm zones: {score.calm_calls} (asked for: 0)")
    console.print(f"alarms in 10 minutes: {mean:.2f} (asked for: at most 1)")
    console.print(f"true crossings found in time: {found} of {clear} (asked for: all)")


def _cells(row: Row) -> list[str]:
    delays = f"{median(row.delays_s):.1f} / {max(row.delays_s):.1f}" if row.delays_s else "–"
    counts = (row.clear, row.found, row.standing, row.late, row.missed)
    calls = row.calls
    return [
        row.cause,
        str(row.grade),
        *(str(count) for count in counts),
        delays,
        str(row.grazing),
        str(row.grazing_found),
        str(sum(calls.values())),
        str(calls["at_limit"]),
        str(calls["false"]),
    ]


def main() -> None:
    """Live through evenings and print how the alarms did."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--per-s", type=float, default=2.0, help="pictures a second of a camera")
    parser.add_argument("--seed", type=int, default=1)
    delays = Thresholds(), Limits()
    for name in ("rise_s", "fall_s"):
        for of, default in zip(("levels", "limits"), delays, strict=True):
            option = f"--{of}-{name.replace('_', '-')}"
            parser.add_argument(option, type=float, default=getattr(default, name))
    given = parser.parse_args()
    thresholds = Thresholds(rise_s=given.levels_rise_s, fall_s=given.levels_fall_s)
    limits = Limits(rise_s=given.limits_rise_s, fall_s=given.limits_fall_s)
    night = evenings(hours=given.hours, seed=given.seed, thresholds=thresholds, limits=limits)
    run, taken_s = live_through(night, per_s=given.per_s)
    score = score_alarms(
        watched_of(night), run.steps, seconds=night.plan.seconds, calm_ids=night.calm_ids
    )
    print_score(score, hours=given.hours, taken_s=taken_s)


if __name__ == "__main__":
    main()
