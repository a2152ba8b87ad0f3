"""Delays counted in steps of a millisecond: millions of them cost no memory."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_STEPS = 60_000


@dataclass(frozen=True)
class DelaySummary:
    """Percentiles in milliseconds; None without a delay."""

    number: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    most_ms: float | None


class Delays:
    """Delays of up to a minute; longer ones count as a minute."""

    def __init__(self) -> None:
        self._counts = np.zeros(_STEPS + 1, dtype=np.int64)

    def add(self, delays_s: NDArray[np.float64]) -> None:
        """Add some."""
        steps = np.clip(np.rint(delays_s * 1000), 0, _STEPS).astype(np.int64)
        np.add.at(self._counts, steps, 1)

    def add_one(self, delay_s: float) -> None:
        """Add one."""
        self._counts[min(_STEPS, max(0, round(delay_s * 1000)))] += 1

    def join(self, other: "Delays") -> None:
        """Add all of another."""
        self._counts += other._counts

    def clear(self) -> None:
        """Forget all so far."""
        self._counts[:] = 0

    def summary(self) -> DelaySummary:
        """Return what there was."""
        number = int(self._counts.sum())
        if not number:
            return DelaySummary(0, None, None, None, None)
        up_to = self._counts.cumsum()
        p50, p95, p99, most = (
            float(np.searchsorted(up_to, max(1.0, share * number)))
            for share in (0.5, 0.95, 0.99, 1.0)
        )
        return DelaySummary(number, p50, p95, p99, most)
