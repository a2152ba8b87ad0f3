"""Whether a zone, line or camera of two revisions is the same for all that is measured."""

from dataclasses import replace

import numpy as np

from crowdsafe.contract.site import SiteCamera, SiteLine, SiteZone
from crowdsafe.domain.camera.geometry import CalibrationSpread, GroundCamera


def same_zone(before: SiteZone, after: SiteZone) -> bool:
    """Say whether at most the words about a zone differ."""
    reworded = replace(before, name=after.name, thresholds_reason=after.thresholds_reason)
    return reworded == after


def same_line(before: SiteLine, after: SiteLine) -> bool:
    """Say whether at most the name of a counting line differs."""
    return (before.id, before.into_zone) == (after.id, after.into_zone) and np.array_equal(
        before.points_m, after.points_m
    )


def same_view(before: SiteCamera, after: SiteCamera) -> bool:
    """Say whether a camera sees the same ground, with the same error."""
    return _same_camera(before.camera, after.camera) and (
        before.id,
        before.range_m,
        before.min_px_per_m,
        before.masks_px,
    ) == (after.id, after.range_m, after.min_px_per_m, after.masks_px)


def _same_camera(first: GroundCamera, second: GroundCamera) -> bool:
    return (
        np.array_equal(first.homography, second.homography)
        and np.array_equal(first.position_m, second.position_m)
        and first.height_m == second.height_m
        and first.image_size_px == second.image_size_px
        and first.lens == second.lens
        and first.residual_m == second.residual_m
        and _same_spread(first.spread, second.spread)
    )


def _same_spread(first: CalibrationSpread | None, second: CalibrationSpread | None) -> bool:
    if first is None or second is None:
        return first is second
    return np.array_equal(first.homographies, second.homographies) and np.array_equal(
        first.positions_m, second.positions_m
    )
