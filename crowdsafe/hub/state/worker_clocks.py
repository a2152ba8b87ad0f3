"""How far the workers' clocks are from the hub's."""

from crowdsafe.contract.edge_messages import Stamped
from crowdsafe.domain.clock_offset import ClockOffset, Stamp, step_clock


class WorkerClocks:
    """One clock for each worker, from the stamps on its messages."""

    def __init__(self) -> None:
        self._clocks: dict[str, ClockOffset] = {}

    def hear(self, worker: str, message: Stamped, *, now_s: float) -> float:
        """Note when a message left and came in; return what to add to the worker's times.

        A worker that stamps nothing is taken to have the hub's time.
        """
        clock = self._clocks.get(worker, ClockOffset())
        if message.sent_at_s is not None:
            clock = step_clock(clock, Stamp(message.sent_at_s, now_s, message.ticks_s))
            self._clocks[worker] = clock
        return clock.offset_s or 0.0
