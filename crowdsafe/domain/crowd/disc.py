"""How much of a disc lies on a piece of ground."""

from math import pi

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

from crowdsafe.domain.camera.geometry import Points
from crowdsafe.domain.crowd.zones import Outlines

# Centres on an edge or a corner are moved off it: on it, "inside" has no answer.
_OFF_THE_EDGE_M = np.array([1e-7, 0.618e-7])


def disc_areas(
    centres_m: Points, *, radius_m: float, ground: Polygon | MultiPolygon
) -> NDArray[np.float64]:
    """Return the area that discs have in common with a piece of ground, exactly.

    By Green's theorem it is π·r² where the centre is on the ground, and for the part p→q of each
    edge that is inside the disc, both relative to the centre and the ground to the left,

        ½·(p × q − r²·∠(p, q)),

    the triangle with the centre in place of the sector.

    Args:
        centres_m: (n, 2).
        radius_m: of all discs.
        ground: a valid area.

    Returns:
        (n,) in square metres.
    """
    centres = centres_m + _OFF_THE_EDGE_M
    on_ground = Outlines([ground]).contain(centres)[0]
    starts, ends = _edges(ground)
    lines = np.asarray(shapely.linestrings(np.stack([starts, ends], axis=1)))
    tree = shapely.STRtree(lines)
    disc, edge = tree.query(shapely.points(centres), predicate="dwithin", distance=radius_m)
    start, way = starts[edge] - centres[disc], (ends - starts)[edge]
    # |start + t·way| = r at t = (−b ± √(b² − a·c)) / a.
    a, b = (way**2).sum(axis=1), (start * way).sum(axis=1)
    c = (start**2).sum(axis=1) - radius_m**2
    root = np.sqrt(np.maximum(0.0, b**2 - a * c))
    into, out = np.clip((-b - root) / a, 0.0, 1.0), np.clip((-b + root) / a, 0.0, 1.0)
    p, q = start + into[:, None] * way, start + out[:, None] * way
    cross = p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0]
    angle = np.arctan2(cross, (p * q).sum(axis=1))
    cut = np.bincount(disc, weights=(cross - radius_m**2 * angle) / 2, minlength=len(centres))
    areas: NDArray[np.float64] = np.maximum(0.0, pi * radius_m**2 * on_ground + cut)
    return areas


def _edges(ground: Polygon | MultiPolygon) -> tuple[Points, Points]:
    """Return the ends (n, 2) of all edges, the ground to their left."""
    starts, ends = [np.zeros((0, 2))], [np.zeros((0, 2))]
    for part in shapely.get_parts(ground):
        for ring in shapely.get_rings(shapely.orient_polygons(part)):
            coordinates = shapely.get_coordinates(ring)
            starts.append(coordinates[:-1])
            ends.append(coordinates[1:])
    start, end = np.concatenate(starts), np.concatenate(ends)
    some = (start != end).any(axis=1)
    return start[some], end[some]
