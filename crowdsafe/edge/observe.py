"""Detections of one picture to zone readings. Pure: no clock, no picture, no model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from crowdsafe.contract.edge_messages import Observation, ZoneReading
from crowdsafe.contract.readings import Cells as CellsMessage
from crowdsafe.contract.readings import Peak as PeakMessage
from crowdsafe.domain.camera.geometry import GroundCamera, Points
from crowdsafe.domain.camera.head_view import HeadView
from crowdsafe.domain.camera.visible import VisibleZone, ZonesInView, visible_ground, zones_in_view
from crowdsafe.domain.crowd.density import CountError, zone_density
from crowdsafe.domain.crowd.grid import CELL_M, Cells, cells_of_zones, joined
from crowdsafe.domain.crowd.peak import RADIUS_M, Peak, PeakSearch, peak_search
from crowdsafe.domain.crowd.zones import Zone
from crowdsafe.edge.density_ground import DensityGround
from crowdsafe.edge.detections import Detections, Kind, WeightedPoints
from crowdsafe.errors import BadInput

# Pictures of another shape than the calibrated one show another piece of ground.
_MAX_ASPECT_ERROR = 0.01
# Less of a person in a cell is not worth the bytes; what is left out is given to the others.
_LEAST_IN_CELL = 0.005
_CELL_PLACES = 4
# More people to a square metre than there is room for is no measurement.
_MOST_PPM2 = 50.0


@dataclass(frozen=True, eq=False)
class Observer:
    """One camera's view of the zones, worked out once.

    Attributes:
        camera: its calibration.
        in_view: all zones of the site, and how much of each this camera sees.
        height_m: height over ground of what the detector finds: 0 for feet, else of heads.
        view: where heads can be in its pictures, for the detector.
        count_error: of the detector.
        peak_search: of its zones.
        density_ground: under its density maps.
    """

    camera_id: str
    camera: GroundCamera
    in_view: ZonesInView
    height_m: float
    view: HeadView
    count_error: CountError
    peak_search: PeakSearch
    density_ground: DensityGround

    @property
    def zones(self) -> tuple[VisibleZone, ...]:
        """All zones of the site, and how much of each this camera sees."""
        return self.in_view.zones


def observer(
    *,
    camera_id: str,
    camera: GroundCamera,
    zones: Sequence[Zone],
    kind: Kind,
    head_height_m: float,
    range_m: float,
    count_error: CountError,
    min_px_per_m: float | None = None,
    masks_px: Sequence[ArrayLike] = (),
    peak_radius_m: float = RADIUS_M,
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
        min_px_per_m: ground with fewer px to a metre counts as not seen.
        masks_px: outlines in the calibrated picture of what hides people.
        peak_radius_m: of the disc in which the densest place is looked for.
    """
    height_m = head_height_m if kind == "head" else 0.0
    in_view = zones_in_view(
        zones=zones,
        ground=visible_ground(
            camera=camera,
            height_m=height_m,
            range_m=range_m,
            min_px_per_m=min_px_per_m or 0.0,
            masks_px=masks_px,
        ),
    )
    return Observer(
        camera_id=camera_id,
        camera=camera,
        in_view=in_view,
        height_m=height_m,
        view=HeadView(camera=camera, height_m=height_m, range_m=range_m),
        count_error=count_error,
        peak_search=peak_search(in_view, radius_m=peak_radius_m),
        density_ground=DensityGround(camera, in_view, height_m),
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
    to_calibrated = np.array(observer.camera.image_size_px) / np.array(picture_size_px)
    ground = observer.camera.to_ground(found.xy_px * to_calibrated, height_m=observer.height_m)
    return ground, found


def zone_reading(
    visible: VisibleZone,
    *,
    count: float,
    count_sd: float,
    peak: PeakMessage | None,
    cells: CellsMessage,
) -> ZoneReading:
    """Return the reading of a zone in whose seen part so many people were counted."""
    density = zone_density(visible=visible, count=count, count_sd=count_sd)
    return ZoneReading(
        zone_id=density.zone_id,
        count=density.count,
        count_sd=density.count_sd,
        density_ppm2=density.density_ppm2,
        density_sd_ppm2=density.density_sd_ppm2,
        seen_share=density.seen_share,
        peak=peak,
        cells=cells,
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
    inside = observer.in_view.contain(ground)
    by_heads = np.zeros(len(ground), dtype=np.bool_)
    by_heads[: len(detections.score)] = True
    heads = inside & by_heads
    density = observer.density_ground.spread(
        detections.density,
        detections.hand_over,
        to_calibrated=observer.camera.image_size_px[0] / picture_size_px[0],
    )
    roots = found.people * np.sqrt(found.crowding)
    counts = heads @ found.people + density.people
    crowded = heads @ roots + density.crowded
    somewhere = inside.any(axis=0)
    peaks = observer.peak_search.peaks(
        ground[somewhere],
        people=found.people[somewhere],
        crowded=roots[somewhere],
        count_error=observer.count_error,
    )
    cells = cells_of_zones(heads, ground, found.people)
    readings = [
        zone_reading(
            visible,
            count=float(count),
            count_sd=observer.count_error.sd(float(count), float(crowd)),
            peak=_peak_message(peak),
            cells=cells_message(joined([of_heads, of_density])),
        )
        for visible, count, crowd, peak, of_heads, of_density in zip(
            observer.zones, counts, crowded, peaks, cells, density.cells, strict=True
        )
    ]
    return Observation(
        camera_id=observer.camera_id,
        seq=seq,
        captured_at_s=captured_at_s,
        analysis_ms=analysis_ms,
        frames_dropped=frames_dropped,
        people_in_view=found.total()[0],
        cell_m=CELL_M,
        zones=tuple(readings),
    )


def cells_message(cells: Cells) -> CellsMessage:
    """Return cells as they are sent: crumbs left out, the sum kept."""
    kept = cells.people >= _LEAST_IN_CELL
    people = cells.people[kept]
    if len(people):
        people = people * (cells.people.sum() / people.sum())
    return CellsMessage(
        columns=tuple(cells.columns[kept].tolist()),
        rows=tuple(cells.rows[kept].tolist()),
        people=tuple(np.round(people, _CELL_PLACES).tolist()),
    )


def _peak_message(peak: Peak | None) -> PeakMessage | None:
    if peak is None:
        return None
    return PeakMessage(
        ppm2=min(peak.density_ppm2, _MOST_PPM2), sd_ppm2=peak.density_sd_ppm2, at_m=peak.at_m
    )
