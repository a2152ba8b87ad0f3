"""What the health measures of a recording are, how near they come to a limit, and what they cost.

Prints, for a recording as it is and re-encoded, blurred, dimmed and so on, the extremes of each
measure and which states were named; then the processor time of one picture by size.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np

from crowdsafe.domain.health.picture_health import HealthState, step_health
from crowdsafe.edge.detections import Picture
from crowdsafe.edge.health.watch import PictureWatch
from crowdsafe.edge.source import recording
from crowdsafe.resources import resource

Change = Callable[[Picture, float], Picture]


def _brightness(factor: float) -> Change:
    return lambda picture, _: np.asarray(picture * factor, dtype=np.uint8)


def _blur(sigma_px: float) -> Change:
    return lambda picture, _: np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma_px), np.uint8)


def _veil(share: float) -> Change:
    return lambda picture, _: np.asarray(picture * (1 - share) + 170 * share, dtype=np.uint8)


def _shift(dx_px: float) -> Change:
    def change(picture: Picture, _: float) -> Picture:
        matrix = np.array([[1.0, 0.0, dx_px], [0.0, 1.0, 0.0]])
        size_px = (picture.shape[1], picture.shape[0])
        moved = cv2.warpAffine(picture, matrix, size_px, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(moved, dtype=np.uint8)

    return change


def _sway(amplitude_px: float) -> Change:
    return lambda picture, t_s: _shift(amplitude_px * float(np.sin(2.3 * t_s)))(picture, t_s)


CHANGES: dict[str, Change] = {
    "as recorded": lambda picture, _: picture,
    "black": lambda picture, _: np.zeros_like(picture),
    "brightness × 0.5": _brightness(0.5),
    "brightness × 0.15": _brightness(0.15),
    "blur 1 px": _blur(1.0),
    "blur 1.5 px": _blur(1.5),
    "blur 3 px": _blur(3.0),
    "veil 0.7": _veil(0.7),
    "veil 0.9": _veil(0.9),
    "sway 1.5 px": _sway(1.5),
    "sway 6 px": _sway(6.0),
    "shift 4.5 px": _shift(4.5),
    "shift 12 px": _shift(12.0),
    "shift 60 px": _shift(60.0),
}


def course(
    video: Path, *, every: int, change: Change, from_s: float
) -> Iterator[tuple[float, HealthState]]:
    """Yield time and health, the change set in at ``from_s``."""
    watch, state = PictureWatch(), HealthState()
    for frame in recording(video, every=every):
        changed = frame.picture
        if frame.t_s >= from_s:
            changed = change(frame.picture, frame.t_s)
        measures = watch.step(changed, captured_at_s=frame.t_s)
        state = step_health(state, measures, at_s=frame.t_s)
        yield frame.t_s, state


def print_course(name: str, states: list[tuple[float, HealthState]], from_s: float) -> None:
    """Print the extremes since ``from_s`` and after how long which state was named first."""
    named: dict[str, float] = {}
    for t_s, state in states:
        named.setdefault(state.name, t_s - from_s)
    measures = [state.measures for t_s, state in states if t_s >= from_s and state.measures]
    values: dict[str, list[float | None]] = {
        "shift px": [m.shift.size_px(m.size_px) if m.shift else None for m in measures],
        "found": [m.found_share for m in measures],
        "sharpness": [m.sharpness_ratio for m in measures],
        "veiled": [m.veiled_share for m in measures],
        "white": [m.clipped_share for m in measures],
        "brightest": [m.brightest_level for m in measures],
        "one colour": [m.one_colour_share for m in measures],
        "difference": [m.difference for m in measures],
        "changed": [m.changed_share for m in measures],
        "moving": [m.moving_share for m in measures],
    }
    found = ", ".join(f"{state} {at_s:+.1f} s" for state, at_s in named.items() if state != "ok")
    print(f"{name}: {found or 'never flagged'}")
    for what, each in values.items():
        known = [value for value in each if value is not None]
        if known:
            print(f"    {what:10s} {min(known):8.3f} to {max(known):8.3f}")


def print_cost(video: Path) -> None:
    """Print the processor time of a picture for several sizes."""
    cv2.setNumThreads(1)
    pictures = [frame.picture for frame in recording(video, every=5)][:60]
    for size_px in ((768, 576), (1280, 720), (1920, 1080)):
        scaled = [np.asarray(cv2.resize(picture, size_px), dtype=np.uint8) for picture in pictures]
        watch, state = PictureWatch(), HealthState()
        spent_ms = []
        for number, picture in enumerate(scaled):
            begun_s = time.process_time()
            measures = watch.step(picture, captured_at_s=number / 2)
            state = step_health(state, measures, at_s=number / 2)
            spent_ms.append(1000 * (time.process_time() - begun_s))
        usual = np.median(spent_ms[10:])
        print(f"{size_px[0]} × {size_px[1]}: {usual:.2f} ms, at most {max(spent_ms):.1f} ms")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "video", type=Path, nargs="?", default=resource("sample_videos/pets2009_s2l1_view001.mp4")
    )
    parser.add_argument("--every", type=int, default=5)
    parser.add_argument("--from-s", type=float, default=10.0)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    for name, change in CHANGES.items():
        states = list(course(given.video, every=given.every, change=change, from_s=given.from_s))
        print_course(name, states, given.from_s)
    print_cost(given.video)


if __name__ == "__main__":
    main()
