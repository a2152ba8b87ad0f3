"""The made-up site: what its cameras see."""

from pathlib import Path

import pytest
import shapely

from crowdsafe.bench.site_files import write_site
from crowdsafe.bench.speakers import speakers
from crowdsafe.contract.site import read_site
from crowdsafe.errors import BadInput
from crowdsafe.hub.state.camera_record import HEAD_HEIGHT_M, ground_of


@pytest.mark.parametrize(
    ("cameras", "zones_per_camera", "cameras_per_zone"), [(4, 5, 1), (20, 5, 10), (2, 50, 1)]
)
def test_each_camera_sees_its_zones_whole_and_no_other(
    tmp_path: Path, cameras: int, zones_per_camera: int, cameras_per_zone: int
) -> None:
    made = write_site(
        tmp_path,
        cameras=cameras,
        zones_per_camera=zones_per_camera,
        cameras_per_zone=cameras_per_zone,
    )
    site = read_site(tmp_path)
    assert len(site.cameras) == cameras
    assert len(site.zones) == cameras * zones_per_camera // cameras_per_zone
    own = {camera.id: {zone.id for zone in camera.zones} for camera in made.cameras}
    for camera in site.cameras:
        ground = ground_of(camera, height_m=HEAD_HEIGHT_M).polygon
        for zone in site.zones:
            seen = shapely.intersection(ground, zone.zone.polygon).area / zone.zone.area_m2
            assert seen == pytest.approx(float(zone.zone.id in own[camera.id]), abs=1e-3)


def test_areas_are_those_that_are_read_again(tmp_path: Path) -> None:
    made = write_site(tmp_path, cameras=2, zones_per_camera=7)
    areas = {zone.zone.id: zone.zone.area_m2 for zone in read_site(tmp_path).zones}
    assert areas == pytest.approx({zone.id: zone.area_m2 for zone in made.zones}, rel=1e-3)


def test_only_who_speaks_for_a_part_of_a_zone_is_waited_for(tmp_path: Path) -> None:
    made = write_site(tmp_path, cameras=10, zones_per_camera=5, cameras_per_zone=10)
    found = speakers(made)
    assert found.keys() == {zone.id for zone in made.zones}
    every = {camera.id for camera in made.cameras}
    assert all(every.issuperset(names) and names for names in found.values())
    assert any(set(names) != every for names in found.values())


@pytest.mark.parametrize("numbers", [(0, 5, 1), (10, 0, 1), (10, 5, 0), (10, 5, 3), (22, 5, 11)])
def test_a_site_that_cannot_be_is_refused(tmp_path: Path, numbers: tuple[int, int, int]) -> None:
    cameras, zones_per_camera, cameras_per_zone = numbers
    with pytest.raises(BadInput, match="expected"):
        write_site(
            tmp_path,
            cameras=cameras,
            zones_per_camera=zones_per_camera,
            cameras_per_zone=cameras_per_zone,
        )
