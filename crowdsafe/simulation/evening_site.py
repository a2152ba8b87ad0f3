"""A fair of 20 zones and 13 cameras, built for evenings whose truth is known.

What a zone is like is said here; what happens in it, in :mod:`crowdsafe.simulation.evening_plan`.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from shapely.geometry import box

from crowdsafe.contract.frame import SiteFrame
from crowdsafe.contract.site import Site, SiteCamera, SiteLine, SiteZone
from crowdsafe.contract.thresholds import Limits, Thresholds
from crowdsafe.contract.words import Text
from crowdsafe.domain.alarm.levels import LevelRule
from crowdsafe.domain.camera.geometry import GroundCamera
from crowdsafe.domain.crowd.zones import Zone

Kind = Literal["calm", "hover", "rise"]
"""``calm``: nothing ever comes near a limit. ``hover``: it stays about one for hours. ``rise``:
from well below a limit to above it and back."""

HEAD_M = 1.7
CAMERA_M = 12.0
PX_PER_M = 20.0
_COLUMNS = 4
_PITCH_M = (30.0, 24.0)
_ORIGIN = (7.15, 51.55)


@dataclass(frozen=True)
class Place:
    """What a zone is like.

    Attributes:
        id: of the zone.
        kind: what can happen in it.
        size_m: east and north.
        quiet_ppm2: density in the quiet hours.
        busy_ppm2: density of an evening on which nothing happens.
        contrast: local peak over mean density.
        two_way: people walk both ways, always.
        gated: two counting lines hold all who come and go.
        outliers_per_min: readings that are plainly wrong, one at a time.
    """

    id: str
    kind: Kind
    size_m: tuple[float, float]
    quiet_ppm2: float
    busy_ppm2: float
    contrast: float = 1.3
    two_way: bool = False
    gated: bool = False
    outliers_per_min: float = 0.03

    @property
    def area_m2(self) -> float:
        """Size in m²."""
        return self.size_m[0] * self.size_m[1]


PLACES = (
    Place("meadow", "calm", (24, 18), 0.05, 0.35),
    Place("car-park", "calm", (24, 18), 0.02, 0.15),
    Place("benches", "calm", (15, 10), 0.2, 1.15),
    Place("pier", "calm", (20, 6), 0.1, 0.8),
    Place("first-aid", "calm", (10, 8), 0.05, 0.5),
    Place("walkway", "calm", (24, 6), 0.15, 1.4, two_way=True),
    Place("carousel", "calm", (14, 14), 0.1, 1.0, outliers_per_min=0.5),
    Place("bar", "hover", (12, 10), 0.2, 1.3),
    Place("food-lane", "hover", (20, 6), 0.2, 1.3),
    Place("big-wheel", "hover", (14, 12), 0.1, 1.2),
    Place("tent", "hover", (18, 15), 0.1, 1.2),
    Place("front-rows", "hover", (16, 8), 0.05, 1.0, contrast=2.6),
    Place("gate", "rise", (8, 6), 0.2, 1.1, gated=True),
    Place("bridge", "rise", (5, 12), 0.2, 1.2),
    Place("square", "rise", (22, 16), 0.1, 1.0, gated=True),
    Place("stage", "rise", (18, 14), 0.05, 1.35, contrast=2.2),
    Place("alley", "rise", (20, 4), 0.2, 1.3),
    Place("plaza", "rise", (16, 14), 0.1, 1.0),
    Place("station", "rise", (12, 10), 0.2, 1.2),
    Place("canal", "rise", (20, 5), 0.1, 0.9),
)
FAILING = "mast-canal"
"""The camera that drops out; nobody else sees its zone."""

# Zones in one picture; "roof" cameras see the western part of zones that others see whole.
_MASTS = (
    ("meadow", "car-park"),
    ("benches", "pier"),
    ("first-aid", "walkway"),
    ("carousel", "bar"),
    ("food-lane", "big-wheel"),
    ("tent", "front-rows"),
    ("gate", "bridge"),
    ("square",),
    ("stage",),
    ("alley", "plaza"),
    ("station",),
    ("canal",),
)
_ROOFS = {"stage": 0.6}


def evening_site(*, thresholds: Thresholds, limits: Limits) -> Site:
    """Return the site; every zone has the same thresholds and limits.

    Only where people always walk both ways no alarm of counter-flow is asked for.
    """
    zones = tuple(_zone(place, number, thresholds, limits) for number, place in enumerate(PLACES))
    corner_m = {place.id: _corner_m(number) for number, place in enumerate(PLACES)}
    sizes_m = {place.id: place.size_m for place in PLACES}
    cameras = [
        _camera(f"mast-{names[0]}", [(corner_m[each], sizes_m[each]) for each in names])
        for names in _MASTS
    ]
    for name, share in _ROOFS.items():
        width_m, depth_m = sizes_m[name]
        cameras.append(_camera(f"roof-{name}", [(corner_m[name], (share * width_m, depth_m))]))
    lines = tuple(
        _line(place, corner_m[place.id], way) for place in PLACES if place.gated for way in (0, 1)
    )
    return Site(
        id="evenings",
        name=_text("evenings"),
        timezone="Europe/Berlin",
        frame=SiteFrame(origin=_ORIGIN),
        zones=zones,
        lines=lines,
        plan=(),
        cameras=tuple(cameras),
    )


def _text(name: str) -> Text:
    return Text(de=name, en=name)


def _corner_m(number: int) -> tuple[float, float]:
    return number % _COLUMNS * _PITCH_M[0], number // _COLUMNS * _PITCH_M[1]


def _zone(place: Place, number: int, thresholds: Thresholds, limits: Limits) -> SiteZone:
    (west_m, south_m), (width_m, depth_m) = _corner_m(number), place.size_m
    return SiteZone(
        zone=Zone(place.id, box(west_m, south_m, west_m + width_m, south_m + depth_m)),
        name=_text(place.id),
        thresholds=thresholds,
        thresholds_reason=_text("simulation"),
        rule=LevelRule(
            begins_ppm2=(thresholds.busy_ppm2, thresholds.tight_ppm2, thresholds.critical_ppm2),
            hysteresis_ppm2=thresholds.hysteresis_ppm2,
            rise_s=thresholds.rise_s,
            fall_s=thresholds.fall_s,
        ),
        min_seen_share=0.3,
        limits=limits.model_copy(update={"counter_flow_share": None}) if place.two_way else limits,
    )


def _line(place: Place, corner_m: tuple[float, float], way: int) -> SiteLine:
    """Return the southern or the northern edge, the zone to the right of it."""
    (west_m, south_m), (width_m, depth_m) = corner_m, place.size_m
    y_m = south_m if way == 0 else south_m + depth_m
    ends = [(west_m + width_m, y_m), (west_m, y_m)]
    return SiteLine(
        id=f"{place.id}-{'south' if way == 0 else 'north'}",
        name=_text(place.id),
        points_m=np.array(ends if way == 0 else ends[::-1], dtype=np.float64),
        into_zone=place.id,
    )


def _camera(name: str, views: list[tuple[tuple[float, float], tuple[float, float]]]) -> SiteCamera:
    """Return a camera that looks straight down on rectangles (corner, size)."""
    west_m = min(corner[0] for corner, _ in views)
    south_m = min(corner[1] for corner, _ in views)
    east_m = max(corner[0] + size[0] for corner, size in views)
    north_m = max(corner[1] + size[1] for corner, size in views)
    middle_m = ((west_m + east_m) / 2, (south_m + north_m) / 2)
    # What is higher shows as if it were farther away.
    farther = CAMERA_M / (CAMERA_M - HEAD_M)
    to_heads = np.array([[1 / PX_PER_M, 0, west_m], [0, -1 / PX_PER_M, north_m], [0, 0, 1]])
    heads_to_ground = np.array(
        [
            [farther, 0, middle_m[0] * (1 - farther)],
            [0, farther, middle_m[1] * (1 - farther)],
            [0, 0, 1],
        ]
    )
    size_px = (round((east_m - west_m) * PX_PER_M), round((north_m - south_m) * PX_PER_M))
    camera = GroundCamera(heads_to_ground @ to_heads, middle_m, CAMERA_M, size_px)
    return SiteCamera(name, _text(name), camera, range_m=200.0)
