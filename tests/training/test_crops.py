"""Random crops: repeatable, of the right shape, and some of them empty."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from crowdsafe.errors import BadInput
from crowdsafe.training.crops import CropSource
from crowdsafe.training.data import read_datasets
from crowdsafe.training.recipe import Recipe

MakeFolder = Callable[..., Path]


def test_a_step_draws_the_same_crops_in_every_run(make_folder: MakeFolder) -> None:
    datasets = read_datasets(make_folder())
    recipe = Recipe(crop_px=64, long_side_px=(80, 160))
    first, again = (CropSource(datasets, recipe).batch(7) for _ in range(2))
    other = CropSource(datasets, recipe).batch(8)
    assert len(first) == recipe.batch_pictures
    for one, two, three in zip(first, again, other, strict=True):
        assert one.image.shape == (64, 64, 3)
        assert one.image.dtype == np.uint8
        assert np.array_equal(one.image, two.image)
        assert not np.array_equal(one.image, three.image)


def test_emptied_crops_have_no_heads(make_folder: MakeFolder) -> None:
    recipe = Recipe(crop_px=64, long_side_px=(80, 160), empty_share=1.0, batch_pictures=12)
    for sample in CropSource(read_datasets(make_folder()), recipe).batch(0):
        assert len(sample.targets.cells) == 0
        assert sample.targets.density.sum() == 0.0


def test_shares_choose_the_folder(make_folder: MakeFolder) -> None:
    root = make_folder("busy").parent
    empty = make_folder("empty")
    text = (empty / "points.json").read_text(encoding="utf-8")
    heads = "[[10.0, 12.0], [30.5, 40.0], [80.0, 60.0]]"
    (empty / "points.json").write_text(text.replace(heads, "[]"), encoding="utf-8")
    recipe = Recipe(
        crop_px=96, long_side_px=(96, 96), shares={"busy": 0.0, "empty": 1.0}, batch_pictures=20
    )
    samples = CropSource(read_datasets(root), recipe).batch(0)
    assert all(len(sample.targets.cells) == 0 for sample in samples)


def test_pictures_of_nobody_alone_teach_nothing(make_folder: MakeFolder) -> None:
    folder = make_folder(count=2)
    points = folder / "points.json"
    entries = json.loads(points.read_text(encoding="utf-8"))
    for entry in entries.values():
        entry["heads"] = []
    points.write_text(json.dumps(entries), encoding="utf-8")
    with pytest.raises(BadInput, match="fair: no training picture has a head point"):
        CropSource(read_datasets(folder), Recipe(crop_px=64))
    beside = make_folder("busy", count=2)
    CropSource(read_datasets(beside.parent), Recipe(crop_px=64))


def test_things_that_look_like_heads_are_not_marked(make_folder: MakeFolder) -> None:
    datasets = read_datasets(make_folder())
    plain = Recipe(crop_px=64, long_side_px=(80, 160), furniture_share=0.0)
    furnished = plain.model_copy(update={"furniture_share": 1.0})
    changed = False
    for one, other in zip(
        CropSource(datasets, plain).batch(3)[:1],
        CropSource(datasets, furnished).batch(3)[:1],
        strict=True,
    ):
        assert np.array_equal(one.targets.heat, other.targets.heat)
        assert np.array_equal(one.targets.density, other.targets.density)
        changed |= not np.array_equal(one.image, other.image)
    assert changed
