"""Small made-up training folders."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

# torch is too heavy for every test run: `make test-train` has it, in an environment of its own.
collect_ignore = [] if importlib.util.find_spec("torch") else ["test_network.py"]

WIDTH_PX = 96
HEIGHT_PX = 64

MakeFolder = Callable[..., Path]


@pytest.fixture
def make_folder(tmp_path: Path) -> MakeFolder:
    """A function that writes a data folder of `count` pictures with three heads each."""
    return folder_maker(tmp_path)


def folder_maker(parent: Path) -> MakeFolder:
    """The same for tests that share a folder."""

    def make(name: str = "fair", count: int = 12, changes: dict[str, Any] | None = None) -> Path:
        folder = parent / name
        (folder / "images").mkdir(parents=True)
        rng = np.random.default_rng(1)
        entries: dict[str, Any] = {}
        for number in range(count):
            pixels = rng.integers(0, 256, size=(HEIGHT_PX, WIDTH_PX, 3), dtype=np.uint8)
            file_name = f"picture_{number:03d}.png"
            cv2.imwrite(str(folder / "images" / file_name), pixels)
            entries[file_name] = {
                "width": WIDTH_PX,
                "height": HEIGHT_PX,
                "heads": [[10.0, 12.0], [30.5, 40.0], [80.0, 60.0]],
            }
        entries["picture_000.png"].update(changes or {})
        (folder / "points.json").write_text(json.dumps(entries), encoding="utf-8")
        return folder

    return make
