"""People in still pictures."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2

from crowdsafe.edge.detections import Picture
from crowdsafe.edge.detector.base import Detector
from crowdsafe.edge.observe import Observer, refuse_other_aspect
from crowdsafe.edge.still import pictures_in, read_still
from crowdsafe.errors import BadInput
from crowdsafe.replay.overlay import Caption, overlay


@dataclass(frozen=True)
class Counted:
    """The people in one picture.

    Attributes:
        interval_90: the ends between which the true number lies in nine of ten pictures.
        ms: the detector's time.
    """

    file: Path
    count: float
    interval_90: tuple[float, float]
    ms: float


@dataclass(frozen=True)
class Refused:
    """What could not be counted, and a sentence that names it and says why."""

    path: Path
    sentence: str


def pictures_at(paths: Sequence[Path]) -> tuple[tuple[Path, ...], tuple[Refused, ...]]:
    """Return the pictures that paths stand for: a folder for those directly in it.

    What is no folder is taken for a picture until it is read.

    Returns:
        The pictures in the paths' order, and the folders that give none.
    """
    pictures: list[Path] = []
    refused: list[Refused] = []
    for path in paths:
        try:
            pictures.extend(pictures_in(path) if _is_folder(path) else (path,))
        except BadInput as error:
            refused.append(Refused(path, str(error)))
    return tuple(pictures), tuple(refused)


def count_pictures(
    files: Sequence[Path],
    *,
    detector: Detector,
    observer: Observer | None = None,
    drawings: Path | None = None,
) -> Iterator[Counted | Refused]:
    """Yield the people in each picture, or why they could not be counted, in the files' order.

    Args:
        files: the pictures.
        detector: any.
        observer: of the camera that took all of them, which gives the detector its view; None
            where nothing is known of it.
        drawings: a folder, made where it is missing, for a PNG drawing of each picture by what it
            was counted.

    Raises:
        BadInput: a drawing cannot be written, or would lie beside a picture.
    """
    outs = None if drawings is None else _drawing_paths(files, drawings)
    for number, file in enumerate(files):
        try:
            picture = _fitting(file, observer)
        except BadInput as error:
            yield Refused(file, str(error))
            continue
        begun_s = time.perf_counter()
        detections = detector.detect(picture, None if observer is None else observer.view)
        ms = 1000 * (time.perf_counter() - begun_s)
        count, crowded = detections.weighted_points().total()
        interval = detector.count_error.interval_90(count, crowded)
        if outs is not None:
            caption = Caption(people=count, interval_90=interval, detector=detector.name)
            _write_png(overlay(picture, detections, caption), outs[number])
        yield Counted(file=file, count=count, interval_90=interval, ms=ms)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        # Whoever reads it says why it cannot be.
        return False


def _fitting(file: Path, observer: Observer | None) -> Picture:
    picture = read_still(file)
    if observer is not None:
        try:
            refuse_other_aspect(observer, (picture.shape[1], picture.shape[0]))
        except BadInput as error:
            raise BadInput(f"{file}: {error}") from None
    return picture


def _drawing_paths(files: Sequence[Path], folder: Path) -> list[Path]:
    """Return a path for each file's drawing, no two alike, in a folder that is there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"{folder}: cannot be made a folder ({error.strerror})") from None
    taken: set[str] = set()
    paths = []
    for file in files:
        if _is_same(file.parent, folder):
            raise BadInput(
                f"{folder}: {file.name}, which is to be counted, lies in it; "
                "expected another folder for the drawings"
            )
        stem, number = file.stem, 1
        # Some file systems do not tell upper from lower case.
        while stem.casefold() in taken:
            number += 1
            stem = f"{file.stem}-{number}"
        taken.add(stem.casefold())
        paths.append(folder / f"{stem}.png")
    return paths


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        # What is not there is no folder of drawings.
        return False


def _write_png(drawing: Picture, path: Path) -> None:
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(cv2.imencode(".png", drawing)[1].tobytes())
        part.replace(path)
    except OSError as error:
        raise BadInput(f"{path}: cannot be written ({error.strerror})") from None
    finally:
        part.unlink(missing_ok=True)
