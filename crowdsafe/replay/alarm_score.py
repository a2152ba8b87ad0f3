"""Alarms of a run beside what was true: found, late, false, repeated, and how many at once.

A limit is crossed clearly where the truth is at least two standard deviations of a measurement over
it for 5 s; where it is over the limit for as long but nearer, it grazes it, and whether an alarm
comes is chance. An alarm is true where the truth reached its limit just before, at the limit where
it came within two standard deviations of it, else false.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from crowdsafe.replay.limit_crossings import Crossing, Watched, crossings

Truth = Literal["true", "at_limit", "false"]

TEN_MIN_S = 600.0

_NEAR_SD = -2.0
# An alarm is about what was up to so long before it, beside its delay.
_BEFORE_S = 15.0
_LEAD_OVER_S = 900.0
_MOST = 5


@dataclass(frozen=True)
class AlarmStep:
    """Something happened to an alarm.

    Attributes:
        at_s: when, in seconds since the truth begins.
        alarm_id: its number.
        subject_id: zone or camera.
        cause: what it is about.
        grade: how bad it is.
        present: its cause is there.
        calls: it called the operator.
        again: it called before, and not because it became worse.
    """

    at_s: float
    alarm_id: int
    subject_id: str
    cause: str
    grade: int
    present: bool
    calls: bool
    again: bool = False


@dataclass(frozen=True)
class Row:
    """One cause and grade over the whole site.

    Attributes:
        clear: crossings that had to be found.
        found: of those, with an alarm that came in time or was there.
        standing: of those, with an alarm that was there before.
        late: with one that came, but too late.
        missed: with none.
        delays_s: from the clear crossing to the alarm, of those found that it was not there for.
        grazing: crossings that only grazed.
        grazing_found: of those, with an alarm.
        calls: by what was true.
    """

    cause: str
    grade: int
    clear: int
    found: int
    standing: int
    late: int
    missed: int
    delays_s: tuple[float, ...]
    grazing: int
    grazing_found: int
    calls: dict[Truth, int]


@dataclass(frozen=True)
class Miss:
    """A clear crossing that got no alarm in time; ``delay_s`` None: it got none at all."""

    subject_id: str
    cause: str
    grade: int
    crossing: Crossing
    delay_s: float | None


@dataclass(frozen=True)
class AlarmScore:
    """How the alarms of a run did.

    Attributes:
        rows: by cause and grade.
        misses: what was late or missed.
        calls: how often the operator was called.
        calls_10_min: most calls in any 10 minutes, and their mean.
        crossed_10_min: most zones and cameras in which something was clearly crossed, in any 10
            minutes; what follows in the same one within 10 minutes is still the same event.
        repeats: calls of an alarm within 10 minutes of its last call that were not for the worse.
        most_repeats: most of those of one cause and zone or camera.
        most_calls: those that called most, as zone or camera, cause and calls.
        calm_calls: calls in zones in which nothing was near a limit.
        leads_s: from the first alarm of a zone to its clear crossing of grade 3; 0: none before.
        false_steps: the calls that were false.
    """

    rows: tuple[Row, ...]
    misses: tuple[Miss, ...]
    calls: int
    calls_10_min: tuple[int, float]
    crossed_10_min: int
    repeats: int
    most_repeats: int
    most_calls: tuple[tuple[str, str, int], ...]
    calm_calls: int
    leads_s: tuple[float, ...]
    false_steps: tuple[AlarmStep, ...]


def score_alarms(
    watched: Sequence[Watched],
    steps: Sequence[AlarmStep],
    *,
    seconds: float,
    calm_ids: Collection[str],
) -> AlarmScore:
    """Hold the alarms of a run against what was true.

    Args:
        watched: every limit that can raise an alarm.
        steps: of all alarms, in the order in which they came.
        seconds: how long the run was.
        calm_ids: zones in which nothing was near a limit.
    """
    presence = _presence(steps)
    rows: dict[tuple[str, int], list[Row]] = defaultdict(list)
    misses: list[Miss] = []
    began_s: dict[str, list[float]] = defaultdict(list)
    leads_s: list[float] = []
    false_steps: list[AlarmStep] = []
    for each in watched:
        row, missed, clear = _row(each, steps, presence, false_steps)
        rows[each.cause, each.grade].append(row)
        misses += missed
        if each.asked:
            began_s[each.subject_id] += [crossing.begins_s for crossing in clear]
        if each.cause == "density" and each.grade >= 3:
            leads_s += [_lead_s(each.subject_id, crossing, steps) for crossing in clear]
    called = [step for step in steps if step.calls]
    repeats = _repeats(called)
    return AlarmScore(
        rows=tuple(_sum(parts) for _, parts in sorted(rows.items())),
        misses=tuple(misses),
        calls=len(called),
        calls_10_min=(
            most_within([step.at_s for step in called], TEN_MIN_S),
            len(called) / seconds * TEN_MIN_S,
        ),
        crossed_10_min=most_within(
            [at_s for times_s in began_s.values() for at_s in _apart(times_s)], TEN_MIN_S
        ),
        repeats=sum(repeats.values()),
        most_repeats=max(repeats.values(), default=0),
        most_calls=tuple(
            (*key, calls)
            for key, calls in Counter((step.subject_id, step.cause) for step in called).most_common(
                _MOST
            )
        ),
        calm_calls=sum(step.subject_id in calm_ids for step in called),
        leads_s=tuple(leads_s),
        false_steps=tuple(false_steps),
    )


def most_within(times_s: Iterable[float], span_s: float) -> int:
    """Return how many of some times lie at most within a span."""
    ordered = np.sort(np.fromiter(times_s, dtype=np.float64))
    if not len(ordered):
        return 0
    ends = np.searchsorted(ordered, ordered + span_s, side="left")
    return int((ends - np.arange(len(ordered))).max())


def _apart(times_s: Iterable[float]) -> list[float]:
    """Return the times that are not within 10 minutes of one before."""
    kept: list[float] = []
    last_s = -np.inf
    for at_s in sorted(times_s):
        if at_s - last_s >= TEN_MIN_S:
            kept.append(at_s)
        last_s = at_s
    return kept


Presence = dict[tuple[str, str], list[tuple[float, int]]]


def _presence(steps: Sequence[AlarmStep]) -> Presence:
    """Return for each subject and cause from when on which grade was there, 0 for none."""
    presence: Presence = defaultdict(list)
    for step in steps:
        grade = step.grade if step.present else 0
        presence[step.subject_id, step.cause].append((step.at_s, grade))
    return presence


def _first_s(
    presence: Sequence[tuple[float, int]], *, grade: int, from_s: float, to_s: float
) -> float | None:
    """Return when an alarm of a grade was first there in a span, None for never."""
    there = 0
    for at_s, now in presence:
        if at_s > from_s and there >= grade:
            return from_s
        if at_s > to_s:
            return None
        if at_s > from_s and now >= grade:
            return at_s
        there = now
    return from_s if there >= grade else None


def _row(
    watched: Watched,
    steps: Sequence[AlarmStep],
    presence: Presence,
    false_steps: list[AlarmStep],
) -> tuple[Row, list[Miss], list[Crossing]]:
    course = presence.get((watched.subject_id, watched.cause), [])
    misses: list[Miss] = []
    clear: list[Crossing] = []
    delays_s: list[float] = []
    found = standing = late = missed = grazing = grazing_found = 0
    for crossing in crossings(watched) if watched.asked else ():
        to_s = crossing.ends_s + watched.within_s + _BEFORE_S
        if crossing.clear_s is None:
            if crossing.margin_sd >= 0:
                grazing += 1
                first_s = _first_s(course, grade=watched.grade, from_s=crossing.begins_s, to_s=to_s)
                grazing_found += first_s is not None
            continue
        clear.append(crossing)
        first_s = _first_s(course, grade=watched.grade, from_s=crossing.clear_s, to_s=to_s)
        delay_s = None if first_s is None else first_s - crossing.clear_s
        if delay_s is not None and delay_s <= watched.within_s:
            found += 1
            if delay_s == 0:
                standing += 1
            else:
                delays_s.append(delay_s)
            continue
        late += delay_s is not None
        missed += delay_s is None
        misses.append(Miss(watched.subject_id, watched.cause, watched.grade, crossing, delay_s))
    calls: dict[Truth, int] = {"true": 0, "at_limit": 0, "false": 0}
    for step in steps:
        same = (step.subject_id, step.cause) == (watched.subject_id, watched.cause)
        if not (step.calls and same and step.grade == watched.grade):
            continue
        truth = _truth(watched, step.at_s)
        calls[truth] += 1
        if truth == "false":
            false_steps.append(step)
    return (
        Row(
            cause=watched.cause,
            grade=watched.grade,
            clear=len(clear),
            found=found,
            standing=standing,
            late=late,
            missed=missed,
            delays_s=tuple(delays_s),
            grazing=grazing,
            grazing_found=grazing_found,
            calls=calls,
        ),
        misses,
        clear,
    )


def _truth(watched: Watched, at_s: float) -> Truth:
    first = max(0, int(at_s - watched.within_s - _BEFORE_S))
    last = int(at_s + watched.ahead_s) + 1
    nearest = float(watched.over_sd[first:last].max(initial=-np.inf))
    if nearest >= 0:
        return "true"
    return "at_limit" if nearest >= _NEAR_SD else "false"


def _lead_s(subject_id: str, crossing: Crossing, steps: Sequence[AlarmStep]) -> float:
    came_s = [
        step.at_s
        for step in steps
        if step.subject_id == subject_id
        and step.calls
        and crossing.begins_s - _LEAD_OVER_S <= step.at_s <= crossing.begins_s
    ]
    return crossing.begins_s - min(came_s, default=crossing.begins_s)


def _repeats(called: Sequence[AlarmStep]) -> dict[tuple[str, str], int]:
    last_s: dict[tuple[str, str], float] = {}
    repeats: dict[tuple[str, str], int] = defaultdict(int)
    for step in called:
        key = step.subject_id, step.cause
        if step.again and step.at_s - last_s.get(key, -np.inf) < TEN_MIN_S:
            repeats[key] += 1
        last_s[key] = step.at_s
    return repeats


def _sum(rows: Sequence[Row]) -> Row:
    return Row(
        cause=rows[0].cause,
        grade=rows[0].grade,
        clear=sum(row.clear for row in rows),
        found=sum(row.found for row in rows),
        standing=sum(row.standing for row in rows),
        late=sum(row.late for row in rows),
        missed=sum(row.missed for row in rows),
        delays_s=tuple(delay_s for row in rows for delay_s in row.delays_s),
        grazing=sum(row.grazing for row in rows),
        grazing_found=sum(row.grazing_found for row in rows),
        calls={
            "true": sum(row.calls["true"] for row in rows),
            "at_limit": sum(row.calls["at_limit"] for row in rows),
            "false": sum(row.calls["false"] for row in rows),
        },
    )
