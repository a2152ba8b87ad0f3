"""Files to pictures: every kind of picture is read, anything else is refused in one sentence."""

import io
import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ExifTags, Image

from crowdsafe.edge.still import pictures_in, read_still
from crowdsafe.errors import BadInput

_RGB = np.random.default_rng(7).integers(0, 256, (20, 30, 3)).astype(np.uint8)
_GREY = 114


def _encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _read(tmp_path: Path, content: bytes, name: str = "picture") -> NDArray[np.uint8]:
    path = tmp_path / name
    path.write_bytes(content)
    return read_still(path)


def _refused(path: Path) -> str:
    with pytest.raises(BadInput) as refused:
        read_still(path)
    sentence = str(refused.value)
    assert sentence.startswith(f"{path}: ")
    assert "\n" not in sentence
    return sentence.removeprefix(f"{path}: ")


def _png(width: int, height: int) -> bytes:
    """Return the beginning of a PNG, whose header says any size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0"))


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
def test_colours_come_as_blue_green_red(tmp_path: Path, kind: str) -> None:
    read = _read(tmp_path, _encoded(Image.fromarray(_RGB), kind))
    assert read.dtype == np.uint8
    assert read.flags.c_contiguous
    assert np.array_equal(read, _RGB[..., ::-1])


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF", "GIF", "MPO"])
def test_formats_that_lose_are_read_as_well(tmp_path: Path, kind: str) -> None:
    orange = Image.new("RGB", (30, 20), (250, 130, 20))
    # A phone's file of several pictures is its photograph and previews of it.
    options = {"save_all": True, "append_images": [orange]} if kind == "MPO" else {}
    read = _read(tmp_path, _encoded(orange, kind, **options))
    assert read.shape == (20, 30, 3)
    assert np.abs(read.astype(int) - [20, 130, 250]).max() <= 12


def test_grey_and_16_bits_become_8_bits_of_colour(tmp_path: Path) -> None:
    grey = _RGB[..., 0]
    expected = np.repeat(grey[..., None], 3, axis=2)
    deep = grey.astype(np.uint16) * 257
    for content in (
        _encoded(Image.fromarray(grey), "PNG"),
        _encoded(Image.fromarray(deep), "PNG"),
        _encoded(Image.fromarray(deep), "TIFF"),
        _encoded(Image.frombytes("I;16B", (30, 20), deep.astype(">u2").tobytes()), "TIFF"),
    ):
        assert np.array_equal(_read(tmp_path, content), expected)
    colour = cv2.imencode(".png", _RGB[..., ::-1].astype(np.uint16) * 257)[1].tobytes()
    assert np.array_equal(_read(tmp_path, colour), _RGB[..., ::-1])


def test_what_is_transparent_is_the_grey_around_pictures(tmp_path: Path) -> None:
    alpha = np.full((20, 30), 255, dtype=np.uint8)
    alpha[:, :10] = 0
    expected = _RGB[..., ::-1].copy()
    expected[:, :10] = _GREY
    rgba = Image.fromarray(np.dstack([_RGB, alpha]))
    assert np.array_equal(_read(tmp_path, _encoded(rgba, "PNG")), expected)
    with_grey = Image.fromarray(np.dstack([_RGB[..., 0], alpha]))
    assert (_read(tmp_path, _encoded(with_grey, "PNG"))[:, :10] == _GREY).all()
    palette = Image.new("P", (2, 1))
    palette.putpalette([255, 0, 0, 0, 0, 255])
    palette.putpixel((1, 0), 1)
    read = _read(tmp_path, _encoded(palette, "PNG", transparency=0))
    assert read.tolist() == [[[_GREY] * 3, [255, 0, 0]]]


def test_one_px_is_a_picture(tmp_path: Path) -> None:
    read = _read(tmp_path, _encoded(Image.new("1", (1, 1), 1), "PNG"))
    assert read.tolist() == [[[255, 255, 255]]]


@pytest.mark.parametrize(
    ("turn", "rotated_by_90"),
    [(1, 0), (2, 0), (3, 2), (4, 2), (5, 1), (6, 3), (7, 3), (8, 1)],
)
def test_a_picture_is_turned_as_its_camera_was_held(
    tmp_path: Path, turn: int, rotated_by_90: int
) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = turn
    stored = _RGB[..., ::-1]
    # Even numbers up to 4 and odd ones from 5 on are mirrored.
    mirrored = turn in (2, 4, 5, 7)
    expected = np.rot90(stored[:, ::-1] if mirrored else stored, rotated_by_90)
    for kind in ("PNG", "TIFF"):
        read = _read(tmp_path, _encoded(Image.fromarray(_RGB), kind, exif=exif))
        assert np.array_equal(read, expected), kind


@pytest.mark.parametrize("exif", [b"MM\0*\0\0\0\x08\0\x02\x01\x12", b"no EXIF at all"])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_damaged_exif_data_spoil_no_picture(tmp_path: Path, kind: str, exif: bytes) -> None:
    content = _encoded(Image.fromarray(_RGB), kind, exif=b"Exif\0\0" + exif)
    assert _read(tmp_path, content).shape == (20, 30, 3)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "AVIF"])
def test_a_picture_that_is_cut_off_is_refused(tmp_path: Path, kind: str) -> None:
    whole = _encoded(Image.fromarray(_RGB), kind)
    path = tmp_path / "cut"
    for share in (0.02, 0.5, 0.9):
        path.write_bytes(whole[: max(1, int(share * len(whole)))])
        assert "expected a" in _refused(path)
    if kind == "JPEG":
        assert _refused(path).startswith("is a JPEG of 30 × 20 px, but is damaged or cut off (")


def test_a_damaged_picture_is_refused(tmp_path: Path) -> None:
    whole = bytearray(_encoded(Image.fromarray(_RGB), "PNG"))
    path = tmp_path / "a.png"
    body = whole[:]
    body[len(whole) // 2] ^= 0xFF
    path.write_bytes(body)
    assert _refused(path).startswith("is a PNG of 30 × 20 px, but is damaged or cut off (")
    whole[1] ^= 0xFF
    path.write_bytes(whole)
    assert "its beginning is damaged (it begins with b'\\x89" in _refused(path)


def test_what_is_no_picture_is_refused_with_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    assert _refused(path).startswith("there is no such file, expected a picture (JPEG,")
    path.write_bytes(b"")
    assert _refused(path).startswith("is empty (0 bytes), expected a picture")
    path.write_text("hello world")
    assert "(it begins with b'hello world'), expected a picture" in _refused(path)
    path.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    assert "ftypheic" in _refused(path)
    path.unlink()
    path.mkdir()
    assert _refused(path).startswith("is a folder, expected a picture")
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    assert _refused(pipe).startswith("is a pipe or device, expected a picture")
    loop = tmp_path / "loop.jpg"
    loop.symlink_to(loop)
    assert _refused(loop).startswith("cannot be read (Too many levels of symbolic links)")


@contextmanager
def _nobody_may_read(path: Path) -> Iterator[None]:
    """Take the right to read a file away, from the superuser too."""
    path.chmod(0)
    me = os.geteuid()
    if me == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(me)


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(_encoded(Image.fromarray(_RGB), "PNG"))
    with _nobody_may_read(path):
        assert _refused(path) == "cannot be read (Permission denied)"


def test_a_huge_picture_is_refused_by_its_header(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(_png(20_001, 10_000))
    assert _refused(path) == "is a PNG of 20001 × 10000 px, expected at most 200 megapixels"
    # As many as are allowed: now its missing px are the trouble.
    path.write_bytes(_png(2_000, 100))
    assert "is damaged or cut off" in _refused(path)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_a_film_is_no_still_picture(tmp_path: Path, kind: str) -> None:
    other = Image.fromarray(255 - _RGB)
    path = tmp_path / "a"
    path.write_bytes(_encoded(Image.fromarray(_RGB), kind, save_all=True, append_images=[other]))
    assert _refused(path).startswith(
        f"is a {kind} of 30 × 20 px with several pictures, expected a single one"
    )


def test_a_colour_of_32_bits_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    for pixels in (np.zeros((4, 5), np.float32), np.zeros((4, 5), np.int32)):
        Image.fromarray(pixels).save(path)
        assert _refused(path) == "is a TIFF of 5 × 4 px with 32 bits a colour, expected 8 or 16"


def test_a_folder_gives_its_pictures_sorted(tmp_path: Path) -> None:
    for name in ("b.JPG", "a.png", "c.heic", ".hidden.png", "points.json", "noext"):
        (tmp_path / name).write_text("x")
    (tmp_path / "d.jpg").mkdir()
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "e.png").write_text("x")
    assert [path.name for path in pictures_in(tmp_path)] == ["a.png", "b.JPG", "c.heic", "d.jpg"]


def test_a_folder_without_pictures_is_said(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(BadInput, match=r"holds no picture among its 1 entries, expected files"):
        pictures_in(tmp_path)
    with pytest.raises(BadInput, match="cannot be read"):
        pictures_in(tmp_path / "nowhere")
