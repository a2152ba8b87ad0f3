"""Our folders as ultralytics' trainer reads them, for its own YOLO11 and YOLOv5 shapes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import yaml

from crowdsafe.errors import BadInput
from crowdsafe.training.data import Dataset, Picture

DATA_FILE = "data.yaml"


def write_yolo_folder(
    datasets: Sequence[Dataset], folder: Path, on_picture: Callable[[], None] = lambda: None
) -> Path:
    """Write pictures and head boxes for `yolo detect train data=FOLDER/data.yaml`.

    Every tenth picture goes to `val`, as it is held out of our own training. The boxes are squares
    of the guessed head sizes, one class, `head`; a model exported to ONNX from such a run is told
    apart and counts heads on the edge.

    Returns:
        The path of data.yaml.

    Raises:
        BadInput: the folder is not empty, or cannot be written.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BadInput(f"{folder}: is not empty; expected a new folder")
    try:
        for dataset in datasets:
            for part, pictures in (("train", dataset.training()), ("val", dataset.held_out())):
                for picture in pictures:
                    _write(folder, part, dataset.name, picture)
                    on_picture()
        data_path = folder / DATA_FILE
        content = {
            "path": str(folder.resolve()),
            "train": "images/train",
            "val": "images/val",
            "names": {0: "head"},
        }
        data_path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{folder}: cannot be written ({error.strerror})") from error
    return data_path


def _write(folder: Path, part: str, dataset: str, picture: Picture) -> None:
    name = f"{dataset}_{picture.path.name}"
    image_path = folder / "images" / part / name
    label_path = (folder / "labels" / part / name).with_suffix(".txt")
    for path in (image_path, label_path):
        path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(picture.path, image_path)
    size_px = np.array([picture.width_px, picture.height_px], dtype=np.float64)
    half_px = picture.sizes_px[:, None] / 2
    low = np.clip((picture.heads_px - half_px) / size_px, 0.0, 1.0)
    high = np.clip((picture.heads_px + half_px) / size_px, 0.0, 1.0)
    rows = np.column_stack([(low + high) / 2, high - low])
    text = "".join(f"0 {x:.6f} {y:.6f} {width:.6f} {height:.6f}\n" for x, y, width, height in rows)
    label_path.write_text(text, encoding="utf-8")
