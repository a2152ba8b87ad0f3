"""Detections of one picture to zone readings. Pure: no clock, no picture, no model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crowdsafe.contract.messages import Observation, ZoneReading
from crowdsafe.domain.density import CountError, VisibleZone, visible_zone, zone_density
from crowdsafe.domain.geometry import GroundCamera, Points
from crowdsafe.domain.head_view import HeadView
from crowdsafe.domain.zones import Zone
from crowdsafe.edge.detections import Detections, Kind, WeightedPoints
from crowdsafe.errors import BadInput

# Pictures of another shape than the calibrated one show another piece of ground.
_MAX_ASPECT_ERROR = 0.01


@dataclass(frozen=True)
class Observer:
    """One camera's view of the zones, worked out once.

    Attributes:
        camera: its calibration.
        zones: all zones of the site, and how much of each this camera sees.
        height_m: height over ground of what the detector finds: 0 for feet, else of heads.
        view: where heads can be in its pictures, for the detector.
        count_error: of the detector.
    """

    camera_id: str
    camera: GroundCamera
    zones: tuple[VisibleZone, ...]
    height_m: float
    view: HeadView
    count_error: CountError


def observer(
    *,
    camera_id: str,
    camera: GroundCamera,
    zones: Sequence[Zone],
    kind: Kind,
    head_height_m: float,
    range_m: float,
    count_error: CountError,
) -> Observer:
    """Work out what a camera sees of each zone.

    Args:
        camera_id: which camera.
        camera: its calibration.
        zones: all zones of the site.
        kind: heads are projected from ``head_height_m``, bodies from their feet.
        head_height_m: height of a head over the ground.
        range_m: ground farther away counts as not seen.
        count_error: of the detector.
    """
    height_m = head_height_m if kind == "head" else 0.0
    seen = camera.view_polygon(height_m=height_m, range_m=range_m)
    return Observer(
        camera_id=camera_id,
        camera=camera,
        zones=tuple(visible_zone(zone=zone, view=seen) for zone in zones),
        height_m=height_m,
        view=HeadView(camera=camera, height_m=height_m, range_m=range_m),
        count_error=count_error,
    )


def refuse_other_aspect(observer: Observer, picture_size_px: tuple[int, int]) -> None:
    """Raise BadInput when pictures of this size do not fit the camera's calibration."""
    width, height = picture_size_px
    calibrated_width, calibrated_height = observer.camera.image_size_px
    aspect, calibrated = width / height, calibrated_width / calibrated_height
    if abs(aspect / calibrated - 1) > _MAX_ASPECT_ERROR:
        raise BadInput(
            f"camera '{observer.camera_id}': its picture is {width} × {height} px, but its "
            f"calibration was made for {calibrated_width} × {calibrated_height} px"
        )


def ground_points(
    observer: Observer, detections: Detections, picture_size_px: tuple[int, int]
) -> tuple[Points, WeightedPoints]:
    """Return where people stand and how many each point stands for.

    Args:
        observer: of the camera.
        detections: in px of a picture of ``picture_size_px``, which may be the calibrated picture
            in another resolution.
        picture_size_px: width and height.

    Returns:
        (n, 2) ground points in metres, NaN above the horizon, and the n points in the picture.
    """
    found = detections.weighted_points()
    width, height = picture_size_px
    calibrated_width, calibrated_height = observer.camera.image_size_px
    to_calibrated = np.array([calibrated_width / width, calibrated_height / height])
    ground = observer.camera.to_ground(found.xy_px * to_calibrated, height_m=observer.height_m)
    return ground, found


def zone_reading(visible: VisibleZone, *, count: float, count_sd: float) -> ZoneReading:
    """Return the reading of a zone in whose seen part so many people were counted."""
    density = zone_density(visible=visible, count=count, count_sd=count_sd)
    return ZoneReading(
        zone_id=density.zone_id,
        count=density.count,
        count_sd=density.count_sd,
        density_ppm2=density.density_ppm2,
        density_sd_ppm2=density.density_sd_ppm2,
        seen_share=density.seen_share,
    )


def observe(
    observer: Observer,
    detections: Detections,
    *,
    picture_size_px: tuple[int, int],
    seq: int,
    captured_at_s: float,
    analysis_ms: float,
    frames_dropped: int,
) -> Observation:
    """Turn detections into a reading of each zone.

    Args:
        observer: of the camera.
        detections: of one picture.
        picture_size_px: its width and height.
        seq: running number of the observation.
        captured_at_s: when the picture was taken, seconds since 1970 UTC.
        analysis_ms: how long the detector took.
        frames_dropped: due pictures that were skipped so far.

    Raises:
        BadInput: the picture's shape does not fit the calibration.
    """
    refuse_other_aspect(observer, picture_size_px)
    ground, found = ground_points(observer, detections, picture_size_px)
    away = ground - np.array(observer.camera.position_m)
    # What is beyond the range is no seen part of a zone, so nobody there counts for it either.
    near = np.hypot(away[:, 0], away[:, 1]) <= observer.view.range_m
    readings = []
    for visible in observer.zones:
        inside = near & visible.zone.contains(ground) & (visible.seen_m2 > 0)
        count, crowded = found.total(inside)
        sd = observer.count_error.sd(count, crowded)
        readings.append(zone_reading(visible, count=count, count_sd=sd))
    return Observation(
        camera_id=observer.camera_id,
        seq=seq,
        captured_at_s=captured_at_s,
        analysis_ms=analysis_ms,
        frames_dropped=frames_dropped,
        people_in_view=found.total()[0],
        zones=tuple(readings),
    )
