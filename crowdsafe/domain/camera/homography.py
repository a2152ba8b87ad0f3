"""The homography from picture to ground, fitted to point pairs."""

from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crowdsafe.domain.crowd.points import Points, inverse
from crowdsafe.errors import BadInput

MIN_POINT_PAIRS = 4
_ON_LINE = 1e-4
"""Chosen: points nearer to a line than this share of their spread lie on it."""
_CONTRADICTION = 0.05
"""Chosen: pairs that share one point and differ by this share of the spread in the other."""
_ITERATIONS = 30


def mapped(matrix: Points, points: Points) -> tuple[Points, NDArray[np.float64]]:
    """Return points (n, 2) mapped by a (3, 3) homography and their divisors (n,)."""
    x, y = points[:, :1], points[:, 1:]
    homogeneous = x * matrix[:, 0] + y * matrix[:, 1] + matrix[:, 2]
    w = homogeneous[:, 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        return homogeneous[:, :2] / w[:, None], w


def homography_from_points(
    *,
    image_px: ArrayLike,
    ground_m: ArrayLike,
    image_tolerance_px: float = 0.0,
    ground_tolerance_m: float = 0.0,
) -> Points:
    """Fit the homography that takes picture points to ground points.

    Normalised direct linear transform, then the least sum of squared distances in the picture
    (clicks are wrong, measured ground points hardly): Hartley and Zisserman, Multiple View
    Geometry, 2nd edition, algorithm 4.2 and section 4.2.2 (transfer error in one image).

    Args:
        image_px: (n, 2) points in the picture, n >= 4; ideal px where the lens distorts.
        ground_m: (n, 2) the same points on the ground.
        image_tolerance_px: points nearer to a line, or to each other, count as on it or as one.
        ground_tolerance_m: the same on the ground.

    Returns:
        (3, 3) matrix H with [x·w, y·w, w] = H @ [u, v, 1], H[2, 2] = 1.

    Raises:
        BadInput: too few points, or points not finite, (nearly) on one line, repeated, or in two
            places at once.
    """
    image = np.asarray(image_px, dtype=np.float64)
    ground = np.asarray(ground_m, dtype=np.float64)
    _refuse_unusable(image, ground)
    _refuse_degenerate(image, tolerance=image_tolerance_px, name="picture", unit="px")
    _refuse_degenerate(ground, tolerance=ground_tolerance_m, name="ground", unit="m")
    to_unit_image, to_unit_ground = normaliser(image), normaliser(ground)
    unit_image = mapped(to_unit_image, image)[0]
    unit_ground = mapped(to_unit_ground, ground)[0]
    unit = _refined(_linear(unit_ground, unit_image), unit_ground, unit_image)
    matrix = inverse(unit @ to_unit_ground) @ to_unit_image
    corner = matrix[2, 2]
    # A picture whose corner (0, 0) lies on the horizon has no H[2, 2] to divide by.
    scale = corner if abs(corner) > 1e-12 * np.abs(matrix).max() else np.linalg.norm(matrix)
    return cast(Points, matrix / scale)


def _refuse_unusable(image: Points, ground: Points) -> None:
    if image.shape != ground.shape or image.ndim != 2 or image.shape[1:] != (2,):
        raise BadInput(
            f"point pairs: picture points of shape {image.shape} and ground points of shape "
            f"{ground.shape} do not pair up, expected (n, 2) each"
        )
    if len(image) < MIN_POINT_PAIRS:
        raise BadInput(f"point pairs: {len(image)} given, expected at least {MIN_POINT_PAIRS}")
    for name, points in (("picture", image), ("ground", ground)):
        if not np.isfinite(points).all():
            raise BadInput(f"point pairs: a {name} point is not a finite number")
    _refuse_two_places(image, ground, same="picture", other="ground", unit="m")
    _refuse_two_places(ground, image, same="ground", other="picture", unit="px")


def _refuse_two_places(one: Points, two: Points, *, same: str, other: str, unit: str) -> None:
    order = np.lexsort((one[:, 1], one[:, 0]))
    again = (np.diff(one[order], axis=0) == 0).all(axis=1)
    apart = np.hypot(*np.diff(two[order], axis=0).T)
    wrong = np.flatnonzero(again & (apart > _CONTRADICTION * np.ptp(two, axis=0).max()))
    if len(wrong):
        first, second = sorted(order[wrong[0] : wrong[0] + 2] + 1)
        raise BadInput(
            f"point pairs: pair {first} and pair {second} have the same {same} point, but {other} "
            f"points {apart[wrong[0]]:.3g} {unit} apart"
        )


def _refuse_degenerate(points: Points, *, tolerance: float, name: str, unit: str) -> None:
    if _degenerate(points, tolerance):
        nearly = f" (within {tolerance:g} {unit})" if tolerance else ""
        raise BadInput(
            f"point pairs: the {name} points lie on one line or repeat each other{nearly}, "
            "expected at least four of which no three are on a line"
        )


def _degenerate(points: Points, tolerance: float) -> bool:
    """Say whether no four of the points are in general position (no three on a line).

    That is the case exactly when one line holds all of them but one (or copies of one). Such a line
    runs through two of any three points that are not copies.
    """
    near = max(tolerance, _ON_LINE * float(np.ptp(points, axis=0).max()))
    first = points[np.argmax(_distances(points, points.mean(axis=0)))]
    second = points[np.argmax(_distances(points, first))]
    if np.hypot(*(second - first)) <= near:
        return True
    third = points[np.argmax(_off_line(points, first, second))]
    for start, end in ((first, second), (first, third), (second, third)):
        if np.hypot(*(end - start)) <= near:
            return True
        off = points[_off_line(points, start, end) > near]
        if len(off) == 0 or _distances(off, off[0]).max() <= near:
            return True
    return False


def _distances(points: Points, point: Points) -> NDArray[np.float64]:
    distances: NDArray[np.float64] = np.hypot(points[:, 0] - point[0], points[:, 1] - point[1])
    return distances


def _off_line(points: Points, start: Points, end: Points) -> NDArray[np.float64]:
    along, rest = end - start, points - start
    across = along[0] * rest[:, 1] - along[1] * rest[:, 0]
    return cast(NDArray[np.float64], np.abs(across) / np.hypot(*along))


def normaliser(points: Points) -> Points:
    """Return the (3, 3) similarity that takes points to their middle at 0 and mean radius √2."""
    centre = points.mean(axis=0)
    scale = np.sqrt(2.0) / np.linalg.norm(points - centre, axis=1).mean()
    return np.array(
        [[scale, 0.0, -scale * centre[0]], [0.0, scale, -scale * centre[1]], [0.0, 0.0, 1.0]]
    )


def _linear(source: Points, target: Points) -> Points:
    """Return the homography of the least algebraic distance."""
    n = len(source)
    homogeneous = np.column_stack([source, np.ones(n)])
    design = np.zeros((2 * n, 9))
    design[0::2, 0:3] = homogeneous
    design[0::2, 6:9] = -target[:, :1] * homogeneous
    design[1::2, 3:6] = homogeneous
    design[1::2, 6:9] = -target[:, 1:] * homogeneous
    _, singular_values, rows = np.linalg.svd(design, full_matrices=n == MIN_POINT_PAIRS)
    if singular_values[7] < 1e-9 * singular_values[0]:
        raise BadInput("point pairs: they do not fix one homography (three on a line or repeated)")
    return cast(Points, rows[-1].reshape(3, 3))


def transfer_slope(matrix: Points, source: Points) -> NDArray[np.float64]:
    """Return the (2n, 9) derivative of the mapped points by the entries of the homography."""
    target, w = mapped(matrix, source)
    part = np.column_stack([source, np.ones(len(source))]) / w[:, None]
    slope = np.zeros((2 * len(source), 9))
    slope[0::2, 0:3] = slope[1::2, 3:6] = part
    slope[0::2, 6:9] = -target[:, :1] * part
    slope[1::2, 6:9] = -target[:, 1:] * part
    return slope


def _refined(matrix: Points, source: Points, target: Points) -> Points:
    """Return the homography of the least squared distance, by Gauss and Newton with halved steps.

    The step is the shortest of all that do the same, as the scale of a homography is free.
    """

    def off(at: Points) -> NDArray[np.float64]:
        return (mapped(at, source)[0] - target).ravel()

    matrix = matrix / np.linalg.norm(matrix)
    left = off(matrix)
    for _ in range(_ITERATIONS):
        before = left @ left
        if not np.isfinite(before) or before < 1e-24:
            return matrix
        step = np.linalg.lstsq(transfer_slope(matrix, source), -left, rcond=1e-12)[0]
        for halved in range(_ITERATIONS):
            further = matrix + 0.5**halved * step.reshape(3, 3)
            after = off(further)
            if after @ after < before:
                break
        else:
            return matrix
        matrix, left = further / np.linalg.norm(further), after
        if before - after @ after < 1e-12 * before:
            return matrix
    return matrix
