"""Reading training folders, and one clear sentence for each thing wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crowdsafe.errors import BadInput
from crowdsafe.training.data import load_rgb, read_dataset, read_datasets

MakeFolder = Callable[..., Path]
WIDTH_PX, HEIGHT_PX = 96, 64


def test_a_folder_is_read(make_folder: MakeFolder) -> None:
    dataset = read_dataset(make_folder())
    assert dataset.name == "fair"
    assert len(dataset.pictures) == 12
    picture = dataset.pictures[0]
    assert picture.heads_px.tolist() == [[10.0, 12.0], [30.5, 40.0], [80.0, 60.0]]
    assert picture.sizes_px.shape == (3,)
    assert load_rgb(picture).shape == (HEIGHT_PX, WIDTH_PX, 3)


def test_every_tenth_picture_by_name_is_held_out(make_folder: MakeFolder) -> None:
    dataset = read_dataset(make_folder(count=25))
    held_out = [picture.path.name for picture in dataset.held_out()]
    assert held_out == ["picture_009.png", "picture_019.png"]
    trained = {picture.path.name for picture in dataset.training()}
    assert len(trained) == 23
    assert trained.isdisjoint(held_out)


def test_a_folder_of_folders_is_read(make_folder: MakeFolder) -> None:
    root = make_folder("a").parent
    make_folder("b")
    assert [dataset.name for dataset in read_datasets(root)] == ["a", "b"]
    assert [dataset.name for dataset in read_datasets(root / "a")] == ["a"]


def test_points_at_the_edge_are_moved_in(make_folder: MakeFolder) -> None:
    folder = make_folder(changes={"heads": [[-1.0, 5.0], [WIDTH_PX + 1.5, 5.0]]})
    assert read_dataset(folder).pictures[0].heads_px.tolist() == [[0.0, 5.0], [WIDTH_PX, 5.0]]


def test_a_picture_may_have_no_heads(make_folder: MakeFolder) -> None:
    picture = read_dataset(make_folder(changes={"heads": []})).pictures[0]
    assert picture.heads_px.shape == (0, 2)
    assert picture.sizes_px.shape == (0,)


def test_one_stray_among_many_points_is_left_out_and_told(make_folder: MakeFolder) -> None:
    heads = [[10.0, 12.0]] * 300 + [[400.0, 12.0]]
    picture = read_dataset(make_folder(changes={"heads": heads})).pictures[0]
    assert len(picture.heads_px) == 300
    assert len(picture.strays) == 1
    assert "heads[300] is [400.0, 12.0]" in picture.strays[0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"width": 0}, ["field width is 0", "above 0"]),
        ({"width": "96"}, ["field width is '96'", "whole number"]),
        ({"height": True}, ["field height is True"]),
        ({"heads": None}, ["field heads is None", "list of [x, y]"]),
        ({"heads": [[1.0]]}, ["heads[0] is [1.0]", "[x, y]"]),
        ({"heads": [[1.0, "2"]]}, ["heads[0]", "finite numbers"]),
        ({"heads": [[float("nan"), 2.0]]}, ["heads[0] is [nan, 2.0]", "finite numbers"]),
        ({"heads": [[-40.0, 2.0]]}, ["heads[0] is [-40.0, 2.0]", "inside the picture"]),
        ({"heads": [[10.0, 65.0], [10.0, 90.0]]}, ["heads[1] is [10.0, 90.0]", "y <= 64"]),
    ],
)
def test_wrong_fields_are_named(
    make_folder: MakeFolder, changes: dict[str, Any], words: list[str]
) -> None:
    folder = make_folder(changes=changes)
    with pytest.raises(BadInput) as caught:
        read_dataset(folder)
    message = str(caught.value)
    assert "points.json" in message
    assert "'picture_000.png'" in message
    for word in words:
        assert word in message


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such folder"):
        read_datasets(tmp_path / "nowhere")


def test_a_folder_without_points_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"neither it nor a folder in it holds points\.json"):
        read_datasets(tmp_path)
    with pytest.raises(BadInput, match=r"points\.json: file not found"):
        read_dataset(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", "{}"])
def test_points_that_are_no_object_are_refused(make_folder: MakeFolder, text: str) -> None:
    folder = make_folder()
    (folder / "points.json").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=r"not JSON|expected an object"):
        read_dataset(folder)


def test_a_missing_picture_is_named(make_folder: MakeFolder) -> None:
    folder = make_folder()
    (folder / "images" / "picture_003.png").unlink()
    with pytest.raises(BadInput, match=r"'picture_003\.png': picture not found"):
        read_dataset(folder)


@pytest.mark.parametrize("content", [b"", b"not a picture"])
def test_a_corrupt_picture_is_named(make_folder: MakeFolder, content: bytes) -> None:
    folder = make_folder()
    (folder / "images" / "picture_000.png").write_bytes(content)
    with pytest.raises(BadInput, match=r"picture_000\.png: not a readable picture"):
        load_rgb(read_dataset(folder).pictures[0])


def test_a_picture_of_another_size_is_named(make_folder: MakeFolder) -> None:
    folder = make_folder(changes={"width": WIDTH_PX + 10})
    with pytest.raises(BadInput, match="the picture is 96x64 px; expected 106x64"):
        load_rgb(read_dataset(folder).pictures[0])


def test_pictures_are_read_as_rgb(make_folder: MakeFolder) -> None:
    import cv2

    folder = make_folder()
    red_bgr = np.zeros((HEIGHT_PX, WIDTH_PX, 3), dtype=np.uint8)
    red_bgr[:, :, 2] = 255
    cv2.imwrite(str(folder / "images" / "picture_000.png"), red_bgr)
    assert load_rgb(read_dataset(folder).pictures[0])[0, 0].tolist() == [255, 0, 0]
