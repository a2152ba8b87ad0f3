"""Which edge workers are connected, and which cameras hang on them."""

from collections.abc import Iterable

WORKER_AWAY = "worker_away"


class WorkerLinks:
    """The workers that have said hello since the hub began."""

    def __init__(self) -> None:
        self._connections: dict[str, set[int]] = {}
        self._lost_at_s: dict[str, float | None] = {}
        self._saw: dict[str, frozenset[str]] = {}
        self._worker_of: dict[str, str] = {}

    def connect(self, worker: str, connection: int, *, camera_ids: Iterable[str]) -> None:
        """Note a worker's hello on a connection."""
        self._connections.setdefault(worker, set()).add(connection)
        self._lost_at_s[worker] = None
        self._saw[worker] = frozenset(camera_ids)
        self._worker_of |= dict.fromkeys(self._saw[worker], worker)
        for other, lost_at_s in tuple(self._lost_at_s.items()):
            if lost_at_s is not None and self._is_replaced(other):
                del self._lost_at_s[other], self._saw[other]

    def _is_replaced(self, worker: str) -> bool:
        """Whether others have taken over all that it saw: it is not missed then."""
        saw = self._saw.get(worker)
        return bool(saw) and not self.cameras_of(worker)

    def miss(self, worker: str, *, since_s: float) -> None:
        """Note that a worker which was there before the hub began has not come back yet."""
        self._lost_at_s.setdefault(worker, since_s)

    def lose(self, worker: str, connection: int, *, now_s: float) -> None:
        """Note that a connection has ended; a worker that came back has another by then."""
        connections = self._connections.get(worker, set())
        connections.discard(connection)
        if not connections and self._lost_at_s.get(worker, now_s) is None:
            self._lost_at_s[worker] = now_s

    def knows(self, worker: str) -> bool:
        """Say whether a worker was ever connected, and has not been replaced since."""
        return worker in self._lost_at_s

    def away(self, *, now_s: float) -> tuple[tuple[str, float | None], ...]:
        """Return each worker and for how long it has been away, None while it is connected."""
        return tuple(
            (worker, None if lost_at_s is None else now_s - lost_at_s)
            for worker, lost_at_s in self._lost_at_s.items()
        )

    def cameras_of(self, worker: str) -> frozenset[str]:
        """Return the cameras that a worker said hello for, and no other since."""
        return frozenset(each for each, name in self._worker_of.items() if name == worker)

    def why_away(self, camera_id: str) -> str | None:
        """Return why a camera's own alarms say nothing: its worker is away, which has its own."""
        worker = self._worker_of.get(camera_id)
        if worker is None or self._lost_at_s[worker] is None:
            return None
        return WORKER_AWAY
