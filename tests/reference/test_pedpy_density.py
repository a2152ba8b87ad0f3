"""Densities against PedPy's own, computed here on the same points.

PedPy (Forschungszentrum Jülich, https://pedpy.readthedocs.io) is the field's reference for
measuring pedestrians. Four crowds with fixed seeds: sparse, dense, one that hugs the edge of the
ground (and so two sides of the area), and one in a knot. The formulas are the same, so the results
agree within rounding (1e-9); where a polygon of many corners stands for PedPy's circle, the test
says how near it is.
"""

from math import pi

import numpy as np
import pandas
import pytest
import shapely
from pedpy import (
    Cutoff,
    MeasurementArea,
    TrajectoryData,
    WalkableArea,
    compute_classic_density,
    compute_individual_voronoi_polygons,
    compute_voronoi_density,
)
from shapely.geometry import Polygon

from crowdsafe.domain.camera.geometry import Points
from crowdsafe.domain.camera.visible import VisibleGround, ZonesInView, zones_in_view
from crowdsafe.domain.crowd.density import CountError, zone_density
from crowdsafe.domain.crowd.peak import Peak, peak_search
from crowdsafe.domain.crowd.voronoi import voronoi_cells, voronoi_density
from crowdsafe.domain.crowd.zones import Zone

GROUND = Polygon([(0, 0), (18, 0), (18, 9), (11, 14), (0, 12)])
AREA = Polygon([(0, 0), (10, 0), (12.5, 7), (0, 9.5)])
SAME = 1e-9
RADIUS_M = 1.5
EXACT = CountError(constant=0.0, sqrt=0.0, relative=0.0)


def _on_ground(points: Points) -> Points:
    chosen: Points = points[shapely.contains_xy(GROUND, points)]
    return chosen


def _crowds() -> dict[str, Points]:
    generator = np.random.default_rng(2024)
    edge = shapely.line_interpolate_point(
        GROUND.exterior, generator.uniform(0, GROUND.exterior.length, 400)
    )
    hugging = shapely.get_coordinates(edge) + generator.normal(0, 0.3, (400, 2))
    return {
        "sparse": _on_ground(generator.uniform((0, 0), (18, 14), (25, 2))),
        "dense": _on_ground(generator.uniform((0, 0), (18, 14), (900, 2))),
        "at the edge": _on_ground(hugging),
        "knot": _on_ground(generator.normal((7, 5), (0.8, 1.1), (150, 2))),
    }


CROWDS = _crowds()
every_crowd = pytest.mark.parametrize("crowd", CROWDS.values(), ids=CROWDS.keys())


def _trajectories(people: Points) -> TrajectoryData:
    frame = pandas.DataFrame(
        {"id": np.arange(len(people)), "frame": 0, "x": people[:, 0], "y": people[:, 1]}
    )
    return TrajectoryData(data=frame, frame_rate=2.0)


def _pedpy_classic(people: Points, area: Polygon) -> float:
    density = compute_classic_density(
        traj_data=_trajectories(people), measurement_area=MeasurementArea(area)
    )
    return float(density.density.iloc[0])


def _view() -> ZonesInView:
    return zones_in_view(zones=[Zone("area", AREA)], ground=VisibleGround(GROUND))


def _peak(people: Points, view: ZonesInView) -> Peak:
    counted = people[view.contain(people).any(axis=0)]
    (peak,) = peak_search(view, radius_m=RADIUS_M).peaks(
        counted,
        people=np.ones(len(counted)),
        crowded=np.zeros(len(counted)),
        count_error=EXACT,
    )
    assert peak is not None
    return peak


def test_the_crowds_are_as_different_as_they_say() -> None:
    numbers = {name: len(people) for name, people in CROWDS.items()}
    assert numbers["sparse"] < 25 < 100 < numbers["knot"] < numbers["dense"]
    edge_m = shapely.distance(GROUND.exterior, shapely.points(CROWDS["at the edge"]))
    assert np.median(edge_m) < 0.3


@every_crowd
def test_mean_density_is_pedpys_classic_density(crowd: Points) -> None:
    view = _view()
    count = float(np.count_nonzero(view.contain(crowd)[0]))
    ours = zone_density(visible=view.zones[0], count=count, count_sd=0.0)
    assert ours.density_ppm2 == pytest.approx(_pedpy_classic(crowd, AREA), rel=SAME)


@every_crowd
def test_mean_density_of_the_seen_part_is_pedpys_of_that_part(crowd: Points) -> None:
    seen = shapely.Point(6, 5).buffer(3.5)
    view = zones_in_view(zones=[Zone("area", AREA)], ground=VisibleGround(seen))
    count = float(np.count_nonzero(view.contain(crowd)[0]))
    ours = zone_density(visible=view.zones[0], count=count, count_sd=0.0)
    theirs = _pedpy_classic(crowd, shapely.intersection(AREA, seen))
    assert ours.density_ppm2 == pytest.approx(theirs, rel=SAME)


@every_crowd
@pytest.mark.parametrize("cut_off_m", [None, 0.4, 1.0])
def test_voronoi_density_is_pedpys(crowd: Points, cut_off_m: float | None) -> None:
    # Our circles have 64 corners, which is 16 in a quarter; PedPy's have 12 unless told.
    cut_off = None if cut_off_m is None else Cutoff(radius=cut_off_m, quad_segments=16)
    individual = compute_individual_voronoi_polygons(
        traj_data=_trajectories(crowd), walkable_area=WalkableArea(GROUND), cut_off=cut_off
    )
    density, _ = compute_voronoi_density(
        individual_voronoi_data=individual, measurement_area=MeasurementArea(AREA)
    )
    ours = voronoi_density(crowd, area=AREA, ground=GROUND, cut_off_m=cut_off_m)
    assert ours > 0
    assert ours == pytest.approx(float(density.density.iloc[0]), rel=SAME)
    cells = voronoi_cells(crowd, ground=GROUND, cut_off_m=cut_off_m)
    np.testing.assert_allclose(1 / shapely.area(cells), individual.density, rtol=SAME)


@every_crowd
def test_voronoi_density_around_an_obstacle_is_pedpys(crowd: Points) -> None:
    ground = GROUND - shapely.box(6, 3, 8, 6)
    around = crowd[shapely.contains_xy(ground, crowd)]
    individual = compute_individual_voronoi_polygons(
        traj_data=_trajectories(around), walkable_area=WalkableArea(ground)
    )
    density, _ = compute_voronoi_density(
        individual_voronoi_data=individual, measurement_area=MeasurementArea(AREA)
    )
    ours = voronoi_density(around, area=AREA, ground=ground)
    assert ours == pytest.approx(float(density.density.iloc[0]), rel=SAME)


@every_crowd
def test_the_peak_is_pedpys_classic_density_in_a_disc(crowd: Points) -> None:
    """PedPy measures in the disc's part of the zone, by a circle of 4096 corners.

    Its area is 4e-7 smaller than the circle's: hence 1e-6 instead of rounding. Less than half of a
    disc counts as half of one.
    """
    peak = _peak(crowd, _view())
    disc = shapely.Point(peak.at_m).buffer(RADIUS_M, quad_segs=1024)
    measured = shapely.intersection(disc, AREA)
    theirs = _pedpy_classic(crowd, measured) * min(1.0, measured.area / (pi * RADIUS_M**2 / 2))
    assert peak.people > 0
    assert peak.density_ppm2 == pytest.approx(theirs, rel=1e-6)


@every_crowd
def test_no_disc_that_pedpy_measures_around_a_person_is_denser_by_much(crowd: Points) -> None:
    """The lattice's centres are up to 0.18 m from the densest place: a person or two are missed."""
    inside = _on_ground(crowd)[shapely.contains_xy(AREA, _on_ground(crowd))]
    peak = _peak(crowd, _view())
    for person in inside[:: max(1, len(inside) // 20)]:
        disc = shapely.intersection(shapely.Point(person).buffer(RADIUS_M, quad_segs=64), AREA)
        if disc.area > pi * RADIUS_M**2 / 2:
            assert _pedpy_classic(crowd, disc) < 1.1 * peak.density_ppm2 + 0.15
