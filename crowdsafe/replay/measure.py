"""A recording to a table of readings, by the edge's own path."""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from crowdsafe.contract.edge_messages import Observation
from crowdsafe.edge.detector.base import Detector
from crowdsafe.edge.observe import Observer, observe
from crowdsafe.edge.source import recording
from crowdsafe.edge.steadiness import SteadyZones
from crowdsafe.errors import BadInput

COLUMNS = ("frame", "t_s", "zone_id", "count", "density_ppm2", "seen_share")


@dataclass(frozen=True)
class MeasuredFrame:
    """The readings of one picture of a recording."""

    index: int
    t_s: float
    observation: Observation


def measure(
    video: Path,
    *,
    observer: Observer,
    detector: Detector,
    every: int,
    steady_s: float = 0.0,
    one_scale: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Iterator[MeasuredFrame]:
    """Yield the readings of every ``every``-th picture.

    Recorded time stands for the clock, so the same recording gives the same readings.

    Args:
        video: the recording.
        observer: of its camera.
        detector: any.
        every: 1 for each picture.
        steady_s: as the edge worker's setting; 0 gives what each picture says by itself.
        one_scale: look at the whole picture at one scale, although the camera's view is known.
        progress: hears the index of each picture that was read.

    Raises:
        BadInput: the recording cannot be read or does not fit the calibration.
    """
    steady = SteadyZones(observer, steady_s=steady_s)
    view = None if one_scale else observer.view
    for frame in recording(video, every=every):
        detections = detector.detect(frame.picture, view)
        observation = observe(
            observer,
            detections,
            picture_size_px=frame.size_px,
            seq=frame.index,
            captured_at_s=frame.captured_at_s,
            analysis_ms=0.0,
            frames_dropped=0,
        )
        progress(frame.index)
        yield MeasuredFrame(index=frame.index, t_s=frame.t_s, observation=steady.step(observation))


def write_csv(frames: Iterable[MeasuredFrame], out: Path) -> int:
    """Write a row for each picture and zone; an unseen zone's density is left empty.

    The file appears only when all of it is written.

    Returns:
        How many rows were written.

    Raises:
        BadInput: the file cannot be written.
    """
    part = out.with_name(out.name + ".part")
    rows = 0
    try:
        with part.open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            table.writerow(COLUMNS)
            for frame in frames:
                for zone in frame.observation.zones:
                    density = zone.density_ppm2
                    table.writerow(
                        (
                            frame.index,
                            f"{frame.t_s:.3f}",
                            zone.zone_id,
                            f"{zone.count:.4g}",
                            "" if density is None else f"{density:.6f}",
                            f"{zone.seen_share:.4f}",
                        )
                    )
                    rows += 1
        part.replace(out)
    except OSError as error:
        raise BadInput(f"{out}: cannot be written ({error.strerror})") from None
    finally:
        part.unlink(missing_ok=True)
    return rows
