"""How many people are in a zone that has counting lines."""

from collections.abc import Sequence

from crowdsafe.domain.crowd.fusion import FusedReading
from crowdsafe.domain.crowd.occupancy import AreaCount, Occupancy, step_occupancy
from crowdsafe.hub.state.line_record import LineRecord

# A count told without an error is not without one.
_LEAST_SD = 0.1


class Inside:
    """One zone's sum of crossings, held by its counts. It begins with the first count."""

    def __init__(self, lines: Sequence[LineRecord]) -> None:
        self._lines = tuple(lines)
        self._occupancy: Occupancy | None = None
        self._into = 0.0
        self._out = 0.0

    def cross(self, *, into: float, out: float) -> None:
        """Note who crossed a line, for the next step."""
        self._into += into
        self._out += out

    def step(self, *, fused: FusedReading | None, now_s: float) -> None:
        """Take crossings and, where there is one, a new count of the zone into account."""
        count = None
        if fused is not None:
            count = AreaCount(
                people=fused.count,
                sd=max(fused.count_sd, _LEAST_SD),
                seen_share=fused.seen_share,
            )
        at_s = now_s if fused is None else fused.at_s
        into, out, self._into, self._out = self._into, self._out, 0.0, 0.0
        if self._occupancy is None:
            if count is not None:
                people, sd = count.of_all
                self._occupancy = Occupancy(at_s=at_s, people=people, sd=sd)
            return
        self._occupancy = step_occupancy(
            self._occupancy,
            at_s=at_s,
            into=into,
            out=out,
            watched=all(line.is_fresh(now_s=now_s) for line in self._lines),
            count=count,
        )

    @property
    def people(self) -> tuple[float, float] | None:
        """Number and its standard deviation; None before anybody counted on a line."""
        if self._occupancy is None or not any(line.is_counted for line in self._lines):
            return None
        return self._occupancy.people, self._occupancy.sd
