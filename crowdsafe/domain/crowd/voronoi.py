"""Voronoi density: an area's density by the ground that is nearer to each person than to others.

The engineer's reference for comparison with published measurements, not the density of the alarms:
it needs every single person, and a person who is missed makes the neighbours' cells larger.
"""

from math import inf

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

from crowdsafe.domain.camera.geometry import Points, polygonal
from crowdsafe.errors import BadInput

Area = Polygon | MultiPolygon

# Corners of a quarter of the circle that cuts a cell off.
_CORNERS = 16


def voronoi_cells(
    ground_m: Points, *, ground: Area, cut_off_m: float | None = None
) -> NDArray[np.object_]:
    """Return the ground that is nearer to each person than to any other.

    Of a cell that the ground's outline cuts into pieces, the person has the piece with them.

    Args:
        ground_m: (n, 2) people on the ground, no two at the same place.
        ground: where people can be.
        cut_off_m: a cell reaches no farther than this, by a polygon of 64 corners; None: no end.

    Returns:
        (n,) polygons.

    Raises:
        BadInput: somebody is not on the ground or two are at the same place, or the cut-off is no
            length.
    """
    if cut_off_m is not None and not 0 < cut_off_m < inf:
        raise BadInput(f"cut_off_m: {cut_off_m}, expected more than 0")
    if not np.isfinite(ground_m).all():
        raise BadInput("Voronoi cells: a place is not a finite number")
    if len(np.unique(ground_m, axis=0)) < len(ground_m):
        raise BadInput("Voronoi cells: two people are at the same place")
    people = np.asarray(shapely.points(ground_m))
    if not shapely.covers(ground, people).all():
        raise BadInput("Voronoi cells: somebody is not on the ground, expected all on it")
    cells = np.asarray(
        shapely.get_parts(
            shapely.voronoi_polygons(shapely.multipoints(people), extend_to=ground, ordered=True)
        )
        if len(people) > 1
        else np.full(len(people), ground)
    )
    cells = shapely.intersection(cells, ground)
    if cut_off_m is not None:
        cells = shapely.intersection(cells, shapely.buffer(people, cut_off_m, quad_segs=_CORNERS))
    own = np.empty(len(people), dtype=np.object_)
    for number, (cell, person) in enumerate(zip(cells, people, strict=True)):
        pieces = shapely.get_parts(polygonal(cell))
        own[number] = pieces[np.argmin(shapely.distance(pieces, person))]
    return own


def voronoi_density(
    ground_m: Points, *, area: Area, ground: Area, cut_off_m: float | None = None
) -> float:
    """Return the Voronoi density of an area in persons per square metre.

    ρ = Σ |V_i ∩ A| ÷ |V_i| ÷ |A| with the cells V_i of :func:`voronoi_cells` (Steffen and
    Seyfried, Physica A 389, 2010). Who stands outside the area with a cell that reaches into it
    counts with that part of a person. Where area and ground are the same, it is people ÷ area.

    Args:
        ground_m: (n, 2) all people on the ground, not only those in the area.
        area: of which the density is.
        ground: where people can be.
        cut_off_m: as in :func:`voronoi_cells`.

    Raises:
        BadInput: as there, or the area is none.
    """
    if not area.area > 0:
        raise BadInput("Voronoi density: the area is 0 m², expected more")
    cells = voronoi_cells(ground_m, ground=ground, cut_off_m=cut_off_m)
    parts = shapely.area(shapely.intersection(cells, area)) / shapely.area(cells)
    return float(parts.sum() / area.area)
