"""A counting line, and the one camera that counts on it."""

from crowdsafe.contract.page_messages import LineState
from crowdsafe.contract.readings import LineReading
from crowdsafe.contract.site import SiteLine
from crowdsafe.hub.state.line_tally import LineTally


class LineRecord:
    """One line. Who crosses it before two cameras is counted by the first that reports it."""

    def __init__(self, line: SiteLine, *, unknown_after_s: float) -> None:
        self.line = line
        self._unknown_after_s = unknown_after_s
        self._tally = LineTally(line.id)
        self._camera_id: str | None = None
        self._was_fresh = False

    def take(self, reading: LineReading, *, camera_id: str, at_s: float, now_s: float) -> bool:
        """Count who crossed, unless another camera does; say whether they were counted.

        What was counted during a short break of the connection comes late and counts; what is
        older than that was bridged by counts of the area.
        """
        if self._camera_id != camera_id and self.is_fresh(now_s=now_s):
            return False
        counted_at_s = self._tally.counted_at_s
        if counted_at_s is not None and at_s < counted_at_s - self._unknown_after_s:
            return False
        self._camera_id = camera_id
        self._tally.add(reading, at_s=at_s)
        self._was_fresh = self.is_fresh(now_s=now_s)
        return True

    def leave(self, camera_id: str) -> None:
        """Let another camera count: this one is not to be believed."""
        if self._camera_id == camera_id:
            self._camera_id = None

    @property
    def is_counted(self) -> bool:
        """Whether anybody ever counted on it."""
        return self._tally.counted_at_s is not None

    def is_fresh(self, *, now_s: float) -> bool:
        """Say whether a camera counts on it now."""
        counted_at_s = self._tally.counted_at_s
        heard = counted_at_s is not None and now_s - counted_at_s <= self._unknown_after_s
        return heard and self._camera_id is not None

    def tick(self, *, now_s: float) -> bool:
        """Let time pass; say whether its flow became unknown."""
        fell_silent = self._was_fresh and not self.is_fresh(now_s=now_s)
        self._was_fresh = self.is_fresh(now_s=now_s)
        return fell_silent

    def state(self, *, now_s: float) -> LineState:
        """Return it for the page."""
        return self._tally.state(now_s=now_s, unknown_after_s=self._unknown_after_s)
