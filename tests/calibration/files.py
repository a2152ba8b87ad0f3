"""Calibration files of one camera, written in the ways there are."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from crowdsafe.domain.crowd.points import Points
from tests.domain.camera.lens_camera import LensCamera

CAMERA = LensCamera(tilt_deg=20.0, pan_deg=0.0, size_px=(1280, 720))
GROUND = np.array([[-1.0, 8.0], [7.0, 9.0], [8.0, 22.0], [-4.0, 21.0], [3.0, 14.0], [2.0, 27.0]])


def posed(**changes: Any) -> dict[str, Any]:
    k1, k2, p1, p2, k3 = CAMERA.distortion
    return {
        "image_size_px": list(CAMERA.size_px),
        "intrinsics": {
            "focal_px": list(CAMERA.focal_px),
            "centre_px": list(CAMERA.centre_px),
            "lens": {"model": "brown_conrady", "k1": k1, "k2": k2, "p1": p1, "p2": p2, "k3": k3},
        },
        "pose": {
            "position_m": list(CAMERA.position_m),
            "pan_deg": CAMERA.pan_deg,
            "tilt_deg": CAMERA.tilt_deg,
            "roll_deg": CAMERA.roll_deg,
        },
        "range_m": 40.0,
        **changes,
    }


def clicked(
    how_many: int, *, sd_px: float = 1.0, ground: Points = GROUND, **changes: Any
) -> dict[str, Any]:
    """Point pairs with the lens, clicks off by ``sd_px``."""
    noise = np.random.default_rng(2).normal(0.0, 1.0, GROUND.shape)
    image = CAMERA.picture_of(GROUND, height_m=0.0) + sd_px * noise
    content = posed(
        points=[
            {"image_px": px.tolist(), "ground_m": m.tolist()}
            for px, m in zip(image[:how_many], ground[:how_many], strict=True)
        ],
        **changes,
    )
    del content["pose"]
    return content


def write(path: Path, content: dict[str, Any]) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path
