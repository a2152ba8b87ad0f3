"""The site frame: metres east and north of an origin, and its longitude and latitude."""

import numpy as np
from numpy.typing import ArrayLike
from pyproj import Proj
from shapely.geometry import Polygon

from crowdsafe.contract.page_messages import LonLat
from crowdsafe.domain.camera.geometry import Points

_PLACES = 8
"""Decimals of a degree that are written: about a millimetre."""


class SiteFrame:
    """Azimuthal equidistant projection (WGS 84 ellipsoid) about the site's origin.

    Within 5 km of the origin its distances are true to well under a millimetre per metre.
    """

    def __init__(self, *, origin: LonLat) -> None:
        self.origin = origin
        self._proj = Proj(proj="aeqd", lon_0=origin[0], lat_0=origin[1], ellps="WGS84")

    def to_metres(self, lonlat: ArrayLike) -> Points:
        """Project (n, 2) longitude and latitude in degrees to (n, 2) metres east and north."""
        points = np.asarray(lonlat, dtype=np.float64).reshape(-1, 2)
        x, y = self._proj(points[:, 0], points[:, 1])
        return np.column_stack([x, y])

    def to_lonlat(self, metres: ArrayLike) -> tuple[LonLat, ...]:
        """Project (n, 2) metres east and north to longitude and latitude in degrees."""
        points = np.asarray(metres, dtype=np.float64).reshape(-1, 2)
        lon, lat = self._proj(points[:, 0], points[:, 1], inverse=True)
        return tuple(
            (round(float(a), _PLACES), round(float(b), _PLACES))
            for a, b in zip(lon, lat, strict=True)
        )

    def rings(self, polygon: Polygon) -> tuple[tuple[LonLat, ...], ...]:
        """Return a polygon in metres as GeoJSON rings, the outer one first."""
        return tuple(
            self.to_lonlat(np.asarray(ring.coords)[:, :2])
            for ring in (polygon.exterior, *polygon.interiors)
        )
