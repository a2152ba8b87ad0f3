"""Who crossed a counting line, since the hub began and in the last minute."""

from bisect import insort
from collections import deque
from dataclasses import dataclass, field
from operator import itemgetter

from crowdsafe.contract.page_messages import LineState
from crowdsafe.contract.readings import LineReading

_OVER_S = 60.0
_LEAST_S = 10.0
"""After less time a flow in a minute would be made of one or two people."""


@dataclass
class LineTally:
    """The crossings of one line, as one camera counts them.

    Attributes:
        counted_at_s: newest moment up to which anybody counted.
    """

    line_id: str
    counted_at_s: float | None = None
    _into: float = 0.0
    _out: float = 0.0
    _recent: deque[tuple[float, LineReading]] = field(default_factory=deque)

    def add(self, reading: LineReading, *, at_s: float) -> None:
        """Add what was counted up to a moment, which may come late."""
        self._into += reading.into
        self._out += reading.out
        if self.counted_at_s is None or at_s > self.counted_at_s:
            self.counted_at_s = at_s
        insort(self._recent, (at_s, reading), key=itemgetter(0))
        while self._recent[0][0] <= self.counted_at_s - _OVER_S:
            self._recent.popleft()

    def state(self, *, now_s: float, unknown_after_s: float) -> LineState:
        """Return what is known; a flow only while it is being counted."""
        span_s = sum(reading.span_s for _, reading in self._recent)
        fresh = self.counted_at_s is not None and now_s - self.counted_at_s <= unknown_after_s
        per_min = 60.0 / span_s if fresh and span_s >= _LEAST_S else None
        into = sum(reading.into for _, reading in self._recent)
        out = sum(reading.out for _, reading in self._recent)
        return LineState(
            line_id=self.line_id,
            into_per_min=None if per_min is None else into * per_min,
            out_per_min=None if per_min is None else out * per_min,
            into=self._into,
            out=self._out,
            counted_at_s=self.counted_at_s,
        )
