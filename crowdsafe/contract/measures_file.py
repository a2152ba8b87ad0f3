"""Reading ``measures.json``, and checking it against the zones and gates of its site.

People who are held back must never be those inside the zone that the alarm is about: that would
seal its exit where the crush is, and pressure there only falls by people leaving at the front. See
docs/measures-playbook.md for where this is known from.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import shapely
from shapely.geometry import Polygon

from crowdsafe.contract.json_file import as_shape
from crowdsafe.contract.measures import Measure, MeasuresFile
from crowdsafe.domain.alarm.measure_choice import has_zone, worst_grade
from crowdsafe.domain.camera.geometry import Points
from crowdsafe.errors import BadInput

MEASURES_FILE = "measures.json"
# People who wait at a gate stand so far before it.
_BESIDE_M = (0.5, 1.0)
_ALONG = (0.25, 0.5, 0.75)


class Gate(Protocol):
    """A counting line: where it lies in metres, and the zone to its right."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def points_m(self) -> Points:
        """(n, 2) points."""

    @property
    def into_zone(self) -> str | None:
        """The zone that is entered where it is crossed to its right, where the file names it."""


def as_measures(
    path: Path, content: Any, *, zones: Mapping[str, Polygon], gates: Sequence[Gate]
) -> tuple[Measure, ...]:
    """Return the content of a measures file.

    Args:
        path: named in what is wrong.
        content: its JSON values.
        zones: the site's, in metres, by id.
        gates: the site's counting lines.

    Raises:
        BadInput: the first thing wrong, by file, measure, field and value, and how many more.
    """
    file = as_shape(path, content, MeasuresFile)
    by_id = {gate.id: gate for gate in gates}
    problems = [
        f"measures.{number} ('{measure.id}'): {problem}"
        for number, measure in enumerate(file.measures)
        for problem in _problems(measure, file, zones=zones, gates=by_id)
    ]
    _refuse(path, problems)
    return file.measures


def refuse_unready(
    path: Path,
    measures: Sequence[Measure],
    *,
    targets: Collection[str] | None = None,
    today: date | None = None,
) -> None:
    """Refuse measures that cannot be used here and now, though their file is right.

    Args:
        path: named in what is wrong.
        measures: of the site.
        targets: ids of the targets outside; None: not known, so not checked.
        today: at the site; None: not checked.

    Raises:
        BadInput: a target that is not there, or an approval of a day to come.
    """
    problems = []
    for number, measure in enumerate(measures):
        where = f"measures.{number} ('{measure.id}')"
        if targets is not None and measure.target is not None and measure.target not in targets:
            problems.append(f"{where}: target: '{measure.target}' is not in [[hub.targets]]")
        if today is not None and measure.approved_on > today:
            problems.append(
                f"{where}: approved_on: {measure.approved_on} is still to come, expected today or "
                "before"
            )
    _refuse(path, problems)


def _refuse(path: Path, problems: Sequence[str]) -> None:
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise BadInput(f"{path}: {problems[0]}{more}")


def _problems(
    measure: Measure, file: MeasuresFile, *, zones: Mapping[str, Polygon], gates: Mapping[str, Gate]
) -> Iterator[str]:
    if sum(other.id == measure.id for other in file.measures) > 1:
        yield "id: is there twice, expected once"
    yield from _fit_problems(measure, zones)
    yield from _word_problems(measure, file.max_display_chars)
    if measure.kind == "send" and not measure.team:
        yield "team: missing, expected who is sent"
    if measure.kind == "meter":
        yield from _gate_problems(measure, zones=zones, gates=gates)
    elif measure.gate is not None or measure.holds is not None:
        yield f"{'gate' if measure.gate else 'holds'}: only of kind 'meter', not '{measure.kind}'"


def _fit_problems(measure: Measure, zones: Mapping[str, Polygon]) -> Iterator[str]:
    """Say why it would never be offered, or not where it seems to be."""
    for field, values in (
        ("causes", measure.causes),
        ("zones", measure.zones),
        ("weather", measure.weather),
    ):
        if twice := next((each for each in values if values.count(each) > 1), None):
            yield f"{field}: '{twice}' is there twice, expected once"
    for zone_id in measure.zones:
        if zone_id not in zones:
            yield f"zones: '{zone_id}' is not a zone of this site"
    for cause in measure.causes:
        if measure.zones and not has_zone(cause):
            yield f"zones: alarms of '{cause}' have no zone, so it would not be offered for them"
        if measure.from_grade > worst_grade(cause):
            yield (
                f"from_grade: {measure.from_grade}, but alarms of '{cause}' get no worse than "
                f"{worst_grade(cause)}"
            )
    if measure.weather and "weather" not in measure.causes:
        yield f"weather: '{measure.weather[0]}', but its causes have no 'weather'"


def _word_problems(measure: Measure, max_display_chars: int) -> Iterator[str]:
    if measure.kind == "announce" and not measure.loudspeaker and not measure.display:
        yield "loudspeaker: missing, expected words for the loudspeaker or the display"
    for field, words in (("loudspeaker", measure.loudspeaker), ("display", measure.display)):
        if words and "de" not in words:
            yield f"{field}: has {', '.join(sorted(words))}, expected German ('de') too"
        for language, text in words.items():
            if not text.strip() or not text.isprintable():
                yield f"{field}.{language}: {text[:40]!r}, expected one line of words"
    for language, text in measure.display.items():
        if len(text) > max_display_chars:
            yield (
                f"display.{language}: {len(text)} characters, expected at most {max_display_chars}"
            )


def _gate_problems(
    measure: Measure, *, zones: Mapping[str, Polygon], gates: Mapping[str, Gate]
) -> Iterator[str]:
    if measure.gate is None or measure.holds is None:
        missing = "gate" if measure.gate is None else "holds"
        yield f"{missing}: missing, expected the gate and which direction is held back there"
        return
    gate = gates.get(measure.gate)
    if gate is None:
        yield f"gate: '{measure.gate}' is not a counting line of this site"
        return
    left, right = (_zones_beside(gate, zones, side=side) for side in (1.0, -1.0))
    if gate.into_zone is not None:
        right = right | {gate.into_zone}
    if not right:
        yield (
            f"holds: '{measure.holds}' of nothing: gate '{gate.id}' has no zone to its right, "
            "expected one, or its into_zone"
        )
        return
    waiting = left if measure.holds == "into" else right
    own = set(measure.zones or zones)
    if sealed := sorted(waiting & own):
        yield (
            f"holds: '{measure.holds}' at gate '{gate.id}' holds back people in '{sealed[0]}', "
            "which it is for: that seals the exit where the crush is; hold back upstream instead"
        )


def _zones_beside(gate: Gate, zones: Mapping[str, Polygon], *, side: float) -> frozenset[str]:
    """Return the zones along a gate on its left (side 1) or right (side -1)."""
    begins, ends = gate.points_m[:-1], gate.points_m[1:]
    step = ends - begins
    left = np.column_stack([-step[:, 1], step[:, 0]])
    left /= np.hypot(*left.T)[:, None]
    points = shapely.points(
        np.concatenate(
            [
                begins + along * step + side * beside_m * left
                for along in _ALONG
                for beside_m in _BESIDE_M
            ]
        )
    )
    return frozenset(
        zone_id for zone_id, polygon in zones.items() if shapely.contains(polygon, points).any()
    )
