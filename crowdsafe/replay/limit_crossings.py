"""Where the truth went over a limit: clearly, or only grazing it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter1d  # type: ignore[import-untyped]

from crowdsafe.errors import BadInput

Array = NDArray[np.float64]

HELD_S = 5
"""A crossing of so many seconds has to be found."""

# Less than this an error of the measurement hides as often as not, for as long as it lasts.
_CLEAR_SD = 2.0


@dataclass(frozen=True, eq=False)
class Watched:
    """A limit of a zone or camera, and how far the truth was from it in every second.

    Attributes:
        subject_id: the zone or camera.
        cause: of the alarm.
        grade: of the alarm at least, when the limit is crossed.
        over_sd: (seconds,) truth less limit, in standard deviations of a measurement.
        ended: (seconds,) whether the truth is below where the alarm ends.
        within_s: an alarm has to come so long after a clear crossing began.
        fall_s: and ends so long after what it was about.
        ahead_s: an alarm that says what comes is true when it comes so soon.
        asked: whether crossings have to be found, or only false alarms are looked for.
    """

    subject_id: str
    cause: str
    grade: int
    over_sd: Array
    ended: NDArray[np.bool_]
    within_s: float
    fall_s: float
    ahead_s: float = 0.0
    asked: bool = True

    def __post_init__(self) -> None:
        if self.over_sd.shape != self.ended.shape or self.over_sd.ndim != 1:
            raise BadInput(
                f"watched: over_sd {self.over_sd.shape}, ended {self.ended.shape}, expected one "
                "value a second in each"
            )
        if not np.isfinite(self.over_sd).all():
            raise BadInput(f"watched: '{self.subject_id}' {self.cause}: a value is not finite")


@dataclass(frozen=True)
class Crossing:
    """The truth went over a limit.

    Attributes:
        begins_s: when it was first over it.
        clear_s: since when it was clearly over it for 5 s; None: never.
        ends_s: when it was over it for the last time.
        margin_sd: by so much it was over it for 5 s; below 0 when for less.
    """

    begins_s: float
    clear_s: float | None
    ends_s: float
    margin_sd: float


def crossings(watched: Watched) -> tuple[Crossing, ...]:
    """Return all stretches of a limit's being crossed.

    One ends where the truth stays for the fall delay below where the alarm ends.
    """
    over = watched.over_sd >= 0
    if not over.any():
        return ()
    # Of HELD_S seconds from each on, the least.
    held = minimum_filter1d(
        watched.over_sd, HELD_S + 1, origin=-((HELD_S + 1) // 2), mode="constant", cval=-np.inf
    )
    found = []
    for first, last in _stretches(over, watched.ended, fall_s=watched.fall_s):
        of_stretch = held[first : last + 1]
        clear = np.flatnonzero(of_stretch >= _CLEAR_SD)
        found.append(
            Crossing(
                begins_s=float(first),
                clear_s=float(first + clear[0]) if len(clear) else None,
                ends_s=float(last),
                margin_sd=float(of_stretch.max()),
            )
        )
    return tuple(found)


def _stretches(
    over: NDArray[np.bool_], ended: NDArray[np.bool_], *, fall_s: float
) -> list[tuple[int, int]]:
    """Return first and last second of stretches, those between which it did not end as one."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], over, [False]]).astype(np.int8)))
    runs = edges.reshape(-1, 2)
    merged: list[tuple[int, int]] = []
    for first, after in runs.tolist():
        if merged and not _ended_for(ended[merged[-1][1] + 1 : first], fall_s):
            merged[-1] = (merged[-1][0], after - 1)
        else:
            merged.append((first, after - 1))
    return merged


def _ended_for(ended: NDArray[np.bool_], fall_s: float) -> bool:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], ended, [False]]).astype(np.int8)))
    lengths = edges[1::2] - edges[::2]
    return bool(len(lengths)) and bool(lengths.max() > fall_s)
