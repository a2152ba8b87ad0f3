"""Calibrations by Tsai's method, as PETS and others publish them in XML, world in millimetres.

Tsai, A versatile camera calibration technique, IEEE Journal of Robotics and Automation 3(4) (1987),
with the rotation of Willson's implementation: R = Rz·Ry·Rx, camera = R·world + T. The sensor's
coordinates are Xd = (u − cx)·dpx/sx and Yd = (v − cy)·dpy in mm, the ideal ones
(Xd, Yd)·(1 + κ₁·(Xd² + Yd²)).
"""

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from crowdsafe.contract.calibration import CalibrationFile
from crowdsafe.contract.strict import first_problem
from crowdsafe.errors import BadInput

_MAX_BYTES = 64_000
_M_PER_MM = 1e-3
_MAX_ASPECT_ERROR = 0.01
_MAX_SIDE_PX = 20_000


def read_tsai(path: Path, *, image_size_px: tuple[int, int] | None) -> CalibrationFile:
    """Read a Tsai calibration.

    Args:
        path: XML with the elements Geometry (dpx, dpy, and width and height if known), Intrinsic
            (focal, kappa1, cx, cy, sx) and Extrinsic (tx, ty, tz, rx, ry, rz in radians).
        image_size_px: width and height of the pictures to use; without it the file's own. Of
            another resolution, the numbers in px are scaled.

    Raises:
        BadInput: one sentence that names the file, the number and what is wrong.
    """
    try:
        root = _parsed(path)
        numbers = {
            element: {name: _number(root, element, name) for name in names}
            for element, names in (
                ("Geometry", ("dpx", "dpy")),
                ("Intrinsic", ("focal", "kappa1", "cx", "cy", "sx")),
                ("Extrinsic", ("tx", "ty", "tz", "rx", "ry", "rz")),
            )
        }
        file = _converted(root, numbers, image_size_px)
        file.calibrated()
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from None
    return file


def write_calibration(file: CalibrationFile, path: Path) -> None:
    """Write a calibration file.

    Raises:
        BadInput: it cannot be written there.
    """
    content = file.model_dump(mode="json", exclude_none=True, exclude_unset=True)
    try:
        path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path}: cannot be written ({error.strerror})") from None


def _parsed(path: Path) -> ElementTree.Element:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise BadInput(f"larger than {_MAX_BYTES // 1000} kB, not read")
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise BadInput("there is no such file") from None
    except UnicodeDecodeError:
        raise BadInput("is not UTF-8 text, expected XML") from None
    except OSError as error:
        raise BadInput(f"cannot be read ({error.strerror})") from None
    # Entities are declared in a document type: without one there is nothing to blow up.
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise BadInput("has a document type, expected plain XML without one")
    try:
        return ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError) as error:
        raise BadInput(f"is not valid XML ({error})") from None


def _number(root: ElementTree.Element, element: str, name: str) -> float:
    found = root.find(element)
    text = None if found is None else found.get(name)
    if text is None:
        raise BadInput(f"{element} {name} is missing, expected a Tsai calibration")
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        raise BadInput(f"{element} {name}: {text!r}, expected a number")
    return value


def _size_px(
    root: ElementTree.Element, wanted: tuple[int, int] | None
) -> tuple[tuple[int, int], tuple[float, float]]:
    """Return the size to use and by how much it is larger than the file's, in each direction."""
    geometry = root.find("Geometry")
    if geometry is None or geometry.get("width") is None or geometry.get("height") is None:
        if wanted is None:
            raise BadInput("Geometry width and height are missing, give --image-size")
        return wanted, (1.0, 1.0)
    own = (_number(root, "Geometry", "width"), _number(root, "Geometry", "height"))
    if not all(1 <= side <= _MAX_SIDE_PX and side == round(side) for side in own):
        raise BadInput(f"Geometry: {own[0]:g} × {own[1]:g} px, expected a picture's size")
    size = wanted or (round(own[0]), round(own[1]))
    larger = (size[0] / own[0], size[1] / own[1])
    if abs(larger[0] / larger[1] - 1.0) > _MAX_ASPECT_ERROR:
        raise BadInput(
            f"is made for {own[0]:g} × {own[1]:g} px, which is another shape than the "
            f"{size[0]} × {size[1]} px asked for"
        )
    return size, larger


def _converted(
    root: ElementTree.Element,
    numbers: dict[str, dict[str, float]],
    image_size_px: tuple[int, int] | None,
) -> CalibrationFile:
    geometry, intrinsic, extrinsic = (
        numbers[element] for element in ("Geometry", "Intrinsic", "Extrinsic")
    )
    for element, name in (
        ("Geometry", "dpx"),
        ("Geometry", "dpy"),
        ("Intrinsic", "focal"),
        ("Intrinsic", "sx"),
    ):
        if not numbers[element][name] > 0:
            raise BadInput(f"{element} {name}: {numbers[element][name]:g}, expected more than 0")
    size, (wider, taller) = _size_px(root, image_size_px)
    focal_mm = intrinsic["focal"]
    name = (root.get("name") or "").strip()[:200]
    content = {
        "image_size_px": size,
        "intrinsics": {
            "focal_px": (
                wider * focal_mm * intrinsic["sx"] / geometry["dpx"],
                taller * focal_mm / geometry["dpy"],
            ),
            "centre_px": (wider * intrinsic["cx"], taller * intrinsic["cy"]),
            "lens": {"model": "tsai", "kappa1": intrinsic["kappa1"] * focal_mm**2},
        },
        "pose": {
            "rotation": _rotation(extrinsic["rx"], extrinsic["ry"], extrinsic["rz"]).tolist(),
            "translation_m": [_M_PER_MM * extrinsic[axis] for axis in ("tx", "ty", "tz")],
        },
        "source": "Tsai calibration, taken over by crowdsafe calibrate import-tsai",
    }
    if name:
        content["name"] = {"de": name, "en": name}
    try:
        return CalibrationFile.model_validate(content)
    except ValidationError as error:
        raise BadInput(first_problem(error)) from None


def _rotation(x: float, y: float, z: float) -> NDArray[np.float64]:
    (sx, sy, sz), (cx, cy, cz) = np.sin([x, y, z]), np.cos([x, y, z])
    about_x = np.array([[1.0, 0.0, 0.0], [0.0, cx, -sx], [0.0, sx, cx]])
    about_y = np.array([[cy, 0.0, sy], [0.0, 1.0, 0.0], [-sy, 0.0, cy]])
    about_z = np.array([[cz, -sz, 0.0], [sz, cz, 0.0], [0.0, 0.0, 1.0]])
    rotation: NDArray[np.float64] = about_z @ about_y @ about_x
    return rotation
