"""Still pictures of files, decoded by Pillow."""

import stat
import struct
import warnings
from pathlib import Path
from typing import BinaryIO, Final

import cv2
import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from crowdsafe.contract.model_file import PADDING_VALUE
from crowdsafe.edge.detections import Picture
from crowdsafe.errors import BadInput

MAX_PX: Final = 200_000_000
"""A picture of more px is refused by its header, before it is decoded."""
_FORMATS = ("AVIF", "BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP")
_EXPECTED = "a picture (JPEG, PNG, WebP, TIFF, BMP, AVIF or GIF)"
# The second line cannot be read, and is named one by one rather than passed over in silence.
_SUFFIXES = (
    *(".avif", ".bmp", ".gif", ".jfif", ".jpe", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"),
    *(".heic", ".heif", ".jp2"),
)
# What Pillow and its plugins raise on damaged files: their own list, and what 20,000 files that
# were damaged at random added to it.
_DAMAGED = (
    OSError,
    EOFError,
    IndexError,
    KeyError,
    MemoryError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
)
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SHOWN_BYTES = 12
_REASON_LETTERS = 160

# Pillow's own guard warns of pictures that are taken here; MAX_PX stands in its place.
Image.MAX_IMAGE_PIXELS = None


def pictures_in(folder: Path) -> tuple[Path, ...]:
    """Return what is named like a picture directly in a folder, sorted; no hidden files.

    Raises:
        BadInput: there is none, or the folder cannot be read.
    """
    try:
        inside = sorted(folder.iterdir())
    except OSError as error:
        raise BadInput(f"{folder}: cannot be read ({error.strerror})") from None
    pictures = tuple(
        path
        for path in inside
        if path.suffix.lower() in _SUFFIXES and not path.name.startswith(".")
    )
    if not pictures:
        raise BadInput(
            f"{folder}: holds no picture among its {len(inside)} entries, expected files that end "
            "in .jpg, .png or alike directly in it"
        )
    return pictures


def read_still(path: Path) -> Picture:
    """Decode one picture, turned as its EXIF data says.

    Grey becomes colour, 16 bits become 8, and what is transparent lets through the grey with which
    detectors fill up their input.

    Returns:
        (height, width, 3) in blue-green-red.

    Raises:
        BadInput: one sentence that names the file, what it is and what was expected.
    """
    try:
        _refuse_other_than_files(path)
        with path.open("rb") as file, warnings.catch_warnings():
            # Damage that Pillow gets over is no reason to print: the picture is counted.
            warnings.simplefilter("ignore")
            return _decoded(path, file)
    except FileNotFoundError:
        raise BadInput(f"{path}: there is no such file, expected {_EXPECTED}") from None
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror or error})") from None


def _refuse_other_than_files(path: Path) -> None:
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise BadInput(f"{path}: is a folder, expected {_EXPECTED}")
    if not stat.S_ISREG(status.st_mode):
        raise BadInput(f"{path}: is a pipe or device, expected {_EXPECTED}")
    if status.st_size == 0:
        raise BadInput(f"{path}: is empty (0 bytes), expected {_EXPECTED}")


def _decoded(path: Path, file: BinaryIO) -> Picture:
    try:
        image = Image.open(file, formats=_FORMATS)
    except UnidentifiedImageError:
        file.seek(0)
        begins = file.read(_SHOWN_BYTES)
        raise BadInput(
            f"{path}: is no picture, or its beginning is damaged (it begins with {begins!r}), "
            f"expected {_EXPECTED}"
        ) from None
    except _DAMAGED as error:
        raise BadInput(
            f"{path}: its beginning is damaged ({_reason(error)}), expected {_EXPECTED}"
        ) from None
    shown = f"{path}: is a {image.format} of {image.width} × {image.height} px"
    if image.width * image.height > MAX_PX:
        raise BadInput(f"{shown}, expected at most {MAX_PX // 1_000_000} megapixels")
    if image.mode in ("I", "F"):
        raise BadInput(f"{shown} with 32 bits a colour, expected 8 or 16")
    with image:
        try:
            # A phone's MPO holds one photograph and its previews.
            several = image.format != "MPO" and getattr(image, "is_animated", False)
            if not several:
                image.load()
                return _bgr(_upright(image))
        except _DAMAGED as error:
            raise BadInput(
                f"{shown}, but is damaged or cut off ({_reason(error)}), expected a whole picture"
            ) from None
    raise BadInput(
        f"{shown} with several pictures, expected a single one "
        "(`crowdsafe measure` takes recordings)"
    )


def _reason(error: BaseException) -> str:
    text = str(error) or type(error).__name__
    return text.splitlines()[0][:_REASON_LETTERS]


def _upright(image: Image.Image) -> Image.Image:
    try:
        turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except _DAMAGED:
        # The picture itself is whole.
        return image
    return image if turn is None else image.transpose(turn)


def _bgr(image: Image.Image) -> Picture:
    if image.mode.startswith("I;16"):
        high = (np.asarray(image) >> 8).astype(np.uint8)
        return np.asarray(cv2.cvtColor(high, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
    if image.has_transparency_data:
        image = _on_grey(image.convert("RGBA"))
    rgb = np.asarray(image.convert("RGB"), dtype=np.uint8)
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), dtype=np.uint8)


def _on_grey(rgba: Image.Image) -> Image.Image:
    ground = Image.new("RGB", rgba.size, (PADDING_VALUE,) * 3)
    ground.paste(rgba, mask=rgba.getchannel("A"))
    return ground
