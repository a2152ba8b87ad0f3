"""Training data: folders of pictures with a `points.json` of head points.

A folder holds `points.json` and `images/`. `points.json` maps a file name to
`{"width": px, "height": px, "heads": [[x, y], ...]}`, in pixels of that picture.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from crowdsafe.errors import BadInput
from crowdsafe.training.head_sizes import head_sizes_px

POINTS_FILE = "points.json"
IMAGES_FOLDER = "images"
HOLD_OUT_EVERY = 10
"""Every tenth picture by sorted name is held out of training, to choose thresholds on."""
OUTSIDE_TOLERANCE_PX = 2.0
"""Annotators click a head at the very edge a little outside; such points are moved in."""
MAX_OUTSIDE_SHARE = 0.005
"""Stray clicks outside their picture are left out up to this share of a folder's points; more
means that the coordinates are wrong (x and y swapped, another scale), which is an error."""


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture on disk with its head points.

    heads_px: (n, 2) x and y in the picture; sizes_px: (n,) head side lengths; strays: for each
    point outside the picture, which is left out, a sentence saying where it is.
    """

    path: Path
    width_px: int
    height_px: int
    heads_px: NDArray[np.float32]
    sizes_px: NDArray[np.float32]
    strays: tuple[str, ...] = ()

    @property
    def long_side_px(self) -> int:
        """The longer side of the picture in px."""
        return max(self.width_px, self.height_px)


@dataclass(frozen=True)
class Dataset:
    """A folder's pictures, sorted by name."""

    name: str
    pictures: tuple[Picture, ...]

    def training(self) -> tuple[Picture, ...]:
        """The pictures to train on: all but every tenth."""
        return tuple(
            picture
            for number, picture in enumerate(self.pictures)
            if number % HOLD_OUT_EVERY != HOLD_OUT_EVERY - 1
        )

    def held_out(self) -> tuple[Picture, ...]:
        """Every tenth picture, never trained on."""
        return self.pictures[HOLD_OUT_EVERY - 1 :: HOLD_OUT_EVERY]


def read_datasets(root: Path) -> tuple[Dataset, ...]:
    """Read `root` itself if it holds a points.json, else each folder in it that does.

    Raises BadInput if there is none, or for the first thing wrong in one of them.
    """
    if not root.is_dir():
        raise BadInput(f"{root}: no such folder; expected one with {POINTS_FILE} in it")
    if (root / POINTS_FILE).is_file():
        return (read_dataset(root),)
    folders = sorted(path.parent for path in root.glob(f"*/{POINTS_FILE}"))
    if not folders:
        raise BadInput(
            f"{root}: neither it nor a folder in it holds {POINTS_FILE}; "
            f"expected {POINTS_FILE} beside a folder {IMAGES_FOLDER}"
        )
    return tuple(read_dataset(folder) for folder in folders)


def read_dataset(folder: Path) -> Dataset:
    """Read one folder's points and check them and that the pictures exist.

    Raises BadInput naming file, picture, field and value for the first thing wrong.
    """
    points_path = folder / POINTS_FILE
    if not points_path.is_file():
        raise BadInput(f"{points_path}: file not found; expected head points for each picture")
    try:
        entries = json.loads(points_path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{points_path}: not JSON ({error})") from error
    if not isinstance(entries, dict) or not entries:
        raise BadInput(
            f"{points_path}: expected an object with at least one picture's file name as key"
        )
    pictures = tuple(_read_picture(points_path, name, entries[name]) for name in sorted(entries))
    strays = [stray for picture in pictures for stray in picture.strays]
    points = sum(len(picture.heads_px) for picture in pictures) + len(strays)
    if len(strays) > MAX_OUTSIDE_SHARE * points:
        more = f" ({len(strays)} of {points} points are outside)" if len(strays) > 1 else ""
        raise BadInput(strays[0] + more)
    return Dataset(name=folder.resolve().name, pictures=pictures)


def _read_picture(points_path: Path, name: str, entry: object) -> Picture:
    where = f"{points_path}: picture {name!r}"
    if not isinstance(entry, dict):
        raise BadInput(f"{where}: value {entry!r}; expected an object with width, height, heads")
    path = points_path.parent / IMAGES_FOLDER / name
    if Path(name).name != name or not path.is_file():
        raise BadInput(f"{where}: picture not found; expected it at {path}")
    width_px, height_px = (_side(where, entry, field) for field in ("width", "height"))
    heads = entry.get("heads")
    if not isinstance(heads, list):
        raise BadInput(f"{where}: field heads is {heads!r}; expected a list of [x, y]")
    inside: list[tuple[float, float]] = []
    strays: list[str] = []
    for number, head in enumerate(heads):
        x_px, y_px = _point(f"{where}: field heads[{number}] is {head!r}", head)
        slack_px = OUTSIDE_TOLERANCE_PX
        if -slack_px <= x_px <= width_px + slack_px and -slack_px <= y_px <= height_px + slack_px:
            inside.append((min(max(x_px, 0.0), width_px), min(max(y_px, 0.0), height_px)))
        else:
            strays.append(
                f"{where}: field heads[{number}] is {head!r}; "
                f"expected 0 <= x <= {width_px} and 0 <= y <= {height_px} (inside the picture)"
            )
    points = np.array(inside, dtype=np.float32).reshape(-1, 2)
    return Picture(
        path=path,
        width_px=width_px,
        height_px=height_px,
        heads_px=points,
        sizes_px=head_sizes_px(heads_px=points, width_px=width_px, height_px=height_px),
        strays=tuple(strays),
    )


def _side(where: str, entry: dict[str, object], field: str) -> int:
    value = entry.get(field)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise BadInput(
            f"{where}: field {field} is {value!r}; expected a whole number of px above 0"
        )
    return value


def _point(field: str, head: object) -> tuple[float, float]:
    if not isinstance(head, list) or len(head) != 2:
        raise BadInput(f"{field}; expected [x, y]")
    for value in head:
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            raise BadInput(f"{field}; expected two finite numbers")
    return float(head[0]), float(head[1])


def load_rgb(picture: Picture) -> NDArray[np.uint8]:
    """Decode a picture to (H, W, 3) RGB.

    Raises BadInput if it cannot be decoded or is not as large as points.json says.
    """
    try:
        encoded = np.fromfile(picture.path, dtype=np.uint8)
    except OSError as error:
        raise BadInput(f"{picture.path}: cannot be read ({error.strerror})") from error
    bgr = cv2.imdecode(encoded, cv2.IMREAD_COLOR) if encoded.size else None
    if bgr is None:
        raise BadInput(f"{picture.path}: not a readable picture; expected JPEG or PNG")
    height_px, width_px = bgr.shape[:2]
    if (width_px, height_px) != (picture.width_px, picture.height_px):
        raise BadInput(
            f"{picture.path}: the picture is {width_px}x{height_px} px; expected "
            f"{picture.width_px}x{picture.height_px} px as {POINTS_FILE} says"
        )
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8)
