"""`crowdsafe calibrate`: what a calibration is worth, and calibrations from elsewhere.

Everything heavy is imported inside the command that needs it: help comes at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crowdsafe.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crowdsafe.calibration.error_map import Picture
    from crowdsafe.calibration.feet import FeetError
    from crowdsafe.calibration.summary import ErrorAt, ZoneError
    from crowdsafe.domain.camera.calibration import Calibration

app = typer.Typer(help="Look at a camera's calibration.", no_args_is_help=True)

_OUT = Console()
_HEAD_HEIGHT_M = 1.7
_MESH_OF_TABLE = 96
_MESH_OF_MAP = 320
_MAX_ASPECT_ERROR = 0.01


@app.command()
def check(
    calibration: Annotated[Path, typer.Argument(help="The camera's calibration file.")],
    zones: Annotated[
        Path | None, typer.Option(help="A GeoJSON file with zones: prints the error in each.")
    ] = None,
    local_metres: Annotated[
        bool,
        typer.Option("--local-metres", help="The zones are in the calibration's metres already."),
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="A PNG to write: the error across the picture.")
    ] = None,
    head_height_m: Annotated[
        float, typer.Option(help="Height of a head over the ground; 0 for feet.")
    ] = _HEAD_HEIGHT_M,
    pixel_error_px: Annotated[
        float,
        typer.Option(min=0.0, help="How far off a detection is in the calibrated picture."),
    ] = 1.0,
    video: Annotated[
        Path | None, typer.Option(help="A recording of the camera, whose first picture is drawn.")
    ] = None,
    people: Annotated[
        Path | None,
        typer.Option(
            help="CSV of known feet, columns foot_u, foot_v (px) and X_m, Y_m: prints their error."
        ),
    ] = None,
) -> None:
    """Say where a camera hangs, how far off people are on the ground, and what looks wrong."""
    from crowdsafe.calibration.error_field import error_field
    from crowdsafe.calibration.feet import feet_error, read_feet
    from crowdsafe.calibration.summary import errors_near_and_far, remarks, zone_errors
    from crowdsafe.contract.calibration import read_calibrated
    from crowdsafe.contract.site import read_zones

    file, calibrated = read_calibrated(calibration)
    camera = calibrated.camera
    known_zones = () if zones is None else read_zones(zones, local_metres=local_metres)
    picture = None if video is None else _first_picture(video, camera.image_size_px)
    feet = None if people is None else read_feet(people)
    field = error_field(
        camera,
        file,
        height_m=head_height_m,
        pixel_sd_px=pixel_error_px,
        longer_side=_MESH_OF_TABLE if out is None else _MESH_OF_MAP,
    )
    errors = errors_near_and_far(
        camera, field, head_height_m=head_height_m, pixel_sd_px=pixel_error_px
    )
    _print_camera(calibrated)
    _print_pairs(calibrated)
    _print_errors(errors, head_height_m=head_height_m, pixel_error_px=pixel_error_px)
    if known_zones:
        _print_zones(
            zone_errors(
                camera,
                file,
                known_zones,
                head_height_m=head_height_m,
                pixel_sd_px=pixel_error_px,
            )
        )
    if feet is not None:
        _print_feet(feet_error(camera, feet))
    for remark in remarks(calibrated, file, field):
        _say(remark)
    if out is not None:
        what = f"from the head at {head_height_m:g} m" if head_height_m else "from the feet"
        title = f"How far off a person is on the ground, {what} (root mean square)"
        from crowdsafe.calibration.error_map import error_map

        drawing = error_map(
            calibrated, file, field, picture=picture, zones=known_zones, title=title
        )
        _write_png(drawing, out)
        _say(f"{out}: written")


@app.command("import-tsai")
def import_tsai(
    xml: Annotated[
        Path, typer.Argument(help="Tsai calibration as PETS publishes it, world in mm.")
    ],
    out: Annotated[Path, typer.Option(help="The calibration file to write.")],
    image_size: Annotated[
        str | None,
        typer.Option(
            metavar="WxH", help="Size of the camera's pictures in px, if it is not the file's own."
        ),
    ] = None,
) -> None:
    """Turn a Tsai calibration into a calibration file with lens and pose."""
    from crowdsafe.calibration.tsai import read_tsai, write_calibration

    size_px = None if image_size is None else _size(image_size)
    file = read_tsai(xml, image_size_px=size_px)
    write_calibration(file, out)
    _print_camera(file.calibrated())
    _say(f"{out}: written")


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal() and 0 < len(text) <= 11):
        raise BadInput(f"--image-size: {text!r}, expected width and height as 1920x1080")
    size = int(width), int(height)
    if 0 in size:
        raise BadInput(f"--image-size: {text!r}, expected more than 0 px")
    return size


def _first_picture(video: Path, image_size_px: tuple[int, int]) -> Picture:
    from crowdsafe.edge.source import recording

    frame = next(recording(video))
    width, height = frame.size_px
    if abs(width / height / (image_size_px[0] / image_size_px[1]) - 1.0) > _MAX_ASPECT_ERROR:
        raise BadInput(
            f"{video}: its pictures are {width} × {height} px, but the calibration was made for "
            f"{image_size_px[0]} × {image_size_px[1]} px"
        )
    return frame.picture[..., ::-1].copy()


def _write_png(drawing: Picture, path: Path) -> None:
    from PIL import Image

    try:
        Image.fromarray(drawing).save(path, format="PNG")
    except OSError as error:
        raise BadInput(f"{path}: cannot be written ({error.strerror})") from None


def _say(sentence: str) -> None:
    _OUT.print(Text(sentence), soft_wrap=True)


def _print_camera(calibration: Calibration) -> None:
    camera, pose = calibration.camera, calibration.pose
    width, height = camera.image_size_px
    x_m, y_m = camera.position_m
    how = "given" if calibration.position_given else "estimated"
    if calibration.height_sd_m is not None:
        how = f"estimated, ± {calibration.height_sd_m:.2f} m"
    _say(
        f"camera: picture {width} × {height} px, {camera.height_m:.2f} m high over "
        f"({x_m:.2f}, {y_m:.2f}) m ({how})"
    )
    if pose is None or calibration.focal_px is None:
        _say("focal length and direction: not to be told from this calibration")
        return
    fx, fy = calibration.focal_px
    focal = f"{fx:.0f} px" if abs(fx - fy) < 0.5 else f"{fx:.0f} × {fy:.0f} px"
    given = "given" if camera.lens is not None else "estimated"
    _say(
        f"focal length {focal} ({given}), looks {pose.tilt_deg:.1f}° down, {pose.pan_deg:.1f}° "
        f"clockwise from north, rolled by {pose.roll_deg:.1f}°"
    )


def _print_pairs(calibration: Calibration) -> None:
    fit = calibration.fit
    if fit is None:
        return
    table = Table(box=SIMPLE, title="point pairs")
    headings = ["pair", "off, px", "off, m"] + (
        ["left out, m", "expected, m"] if fit.checked else []
    )
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    for number, (off_px, off_m) in enumerate(
        zip(fit.residuals_px, fit.residuals_m, strict=True), start=1
    ):
        row = [str(number), f"{off_px:.1f}", f"{off_m:.3f}"]
        if fit.checked:
            left_out = fit.left_out
            row += [f"{metres[number - 1]:.3f}" for metres in (left_out.off_m, left_out.expected_m)]
        table.add_row(*row)
    _OUT.print(table)
    _say(
        f"root mean square {fit.rms_m:.3f} m on the ground; clicks are taken to be "
        f"{fit.click_sd_px:.1f} px off"
    )


def _print_errors(
    errors: Sequence[ErrorAt], *, head_height_m: float, pixel_error_px: float
) -> None:
    table = Table(
        box=SIMPLE,
        title="how far off people are on the ground, m (root mean square)",
        caption=f"heads at {head_height_m:g} m, detections {pixel_error_px:g} px off",
    )
    headings = ("away", "px/m", "by px", "by height", "by calibration", "heads", "feet")
    for heading in ("", *headings):
        table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    for error in errors:
        parts = (error.pixels_m, error.height_m, error.calibration_m, error.heads_m, error.feet_m)
        table.add_row(
            error.where,
            f"{error.distance_m:.1f} m",
            f"{error.px_per_m:.0f}",
            *(f"{part:.2f}" for part in parts),
        )
    _OUT.print(table)


def _print_zones(errors: Sequence[ZoneError]) -> None:
    table = Table("zone", box=SIMPLE, title="heads in the zones")
    for heading in ("mean m", "worst m"):
        table.add_column(heading, justify="right", no_wrap=True)
    for error in errors:
        if error.mean_m is None or error.worst_m is None:
            table.add_row(error.zone_id, "not seen", "")
        else:
            table.add_row(error.zone_id, f"{error.mean_m:.2f}", f"{error.worst_m:.2f}")
    _OUT.print(table)


def _print_feet(error: FeetError) -> None:
    besides = f"; {error.nowhere} above the horizon" if error.nowhere else ""
    _say(
        f"known feet: {error.people}, off by {error.mean_m:.5f} m on average, "
        f"{error.p95_m:.5f} m at the 95th percentile, {error.max_m:.5f} m at most{besides}"
    )
