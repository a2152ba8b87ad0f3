"""Our data as ultralytics reads it: one square a head, held-out pictures apart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

from crowdsafe.errors import BadInput
from crowdsafe.training.commands import app
from crowdsafe.training.data import read_datasets
from crowdsafe.training.yolo_folder import write_yolo_folder

MakeFolder = Callable[..., Path]


def test_pictures_and_boxes(make_folder: MakeFolder, tmp_path: Path) -> None:
    datasets = read_datasets(make_folder(count=12))
    out = tmp_path / "yolo"
    data = yaml.safe_load(write_yolo_folder(datasets, out).read_text(encoding="utf-8"))
    assert data["names"] == {0: "head"}
    assert len(list((out / data["train"]).iterdir())) == 11
    assert [path.name for path in (out / data["val"]).iterdir()] == ["fair_picture_009.png"]
    (picture,) = datasets[0].held_out()
    rows = np.loadtxt(out / "labels" / "val" / "fair_picture_009.txt")
    assert rows.shape == (3, 5)
    assert rows[:, 0].tolist() == [0, 0, 0]
    inside = 1
    centre_px = rows[inside, 1:3] * (picture.width_px, picture.height_px)
    assert centre_px == pytest.approx(picture.heads_px[inside], abs=0.01)
    assert rows[inside, 3] * picture.width_px == pytest.approx(picture.sizes_px[inside], abs=0.01)
    assert (rows[:, 1:3] - rows[:, 3:] / 2 > -1e-5).all()
    assert (rows[:, 1:3] + rows[:, 3:] / 2 < 1 + 1e-5).all()


def test_a_folder_in_use_is_left_alone(make_folder: MakeFolder, tmp_path: Path) -> None:
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "mine.txt").write_text("mine")
    with pytest.raises(BadInput, match="is not empty; expected a new folder"):
        write_yolo_folder(read_datasets(make_folder()), tmp_path / "used")
    assert [path.name for path in (tmp_path / "used").iterdir()] == ["mine.txt"]


def test_prepare_writes_it(make_folder: MakeFolder, tmp_path: Path) -> None:
    out = tmp_path / "yolo"
    result = CliRunner().invoke(app, ["prepare", "--data", str(make_folder()), "--yolo", str(out)])
    assert result.exit_code == 0, result.output
    assert (out / "data.yaml").is_file()
