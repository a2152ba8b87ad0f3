"""What the page draws: the grid of the cells, the counting lines and the cameras' ground."""

from dataclasses import replace

import numpy as np
import pytest
from shapely.geometry import Polygon

from crowdsafe.contract.edge_messages import Hello
from crowdsafe.contract.frame import SiteFrame
from crowdsafe.contract.site import Site, SiteLine
from crowdsafe.contract.words import Text
from crowdsafe.hub.service import Hub
from crowdsafe.hub.site_view import grid_info
from crowdsafe.hub.store import Store
from crowdsafe.settings import HubSettings
from tests.hub.conftest import CAMERA, WORKER


@pytest.mark.parametrize("origin", [(9.18, 48.78), (-0.97, 51.44), (24.9, 69.9), (174.8, -41.3)])
def test_straight_degrees_are_within_a_decimetre_over_200_m(origin: tuple[float, float]) -> None:
    frame = SiteFrame(origin=origin)
    grid = grid_info(frame, peak_radius_m=1.5)
    along = np.arange(-400, 401, 100)
    cells = np.stack(np.meshgrid(along, along), axis=-1).reshape(-1, 2)
    drawn = np.array(grid.origin) + cells @ np.array([grid.east, grid.north])
    error_m = np.hypot(*(frame.to_metres(drawn) - cells * grid.cell_m).T)
    assert error_m.max() < 0.1


def _with_lines(site: Site) -> Site:
    name = Text(de="Tor", en="gate")
    line = SiteLine("gate", name, np.array([[0.0, 0.0], [3.0, 4.0], [3.0, 8.0]]), "junction")
    return replace(site, lines=(line,))


def test_a_counting_line_is_told_with_its_way_and_zone(
    site: Site, settings: HubSettings, store: Store
) -> None:
    snapshot = Hub(_with_lines(site), settings, store).pages.snapshot()
    (line,) = snapshot.lines
    assert (line.id, line.zone_id, line.length_m) == ("gate", "junction", 9.0)
    assert site.frame.to_metres(line.ends) == pytest.approx(
        np.array([[0, 0], [3, 4], [3, 8]]), abs=0.01
    )
    (state,) = snapshot.line_states
    assert (state.line_id, state.counted_at_s) == ("gate", None)


def _view_m2(hub: Hub) -> float:
    (camera,) = hub.pages.snapshot().cameras
    return float(Polygon(hub.site.frame.to_metres(camera.view)).area)


def test_a_camera_is_drawn_over_the_ground_on_which_it_counts(
    site: Site, settings: HubSettings, store: Store
) -> None:
    heads_m2 = _view_m2(Hub(site, settings, store))
    feet = Hello(worker=WORKER, version="0", detector="d", camera_ids=(CAMERA,), height_m=0.0)
    hub = Hub(site, settings, store)
    hub.hear_hello(feet, connection=1)
    assert _view_m2(hub) != pytest.approx(heads_m2, rel=0.01)
    (camera,) = site.cameras
    width, height = camera.camera.image_size_px
    left = ((0.0, 0.0), (width / 2, 0.0), (width / 2, float(height)), (0.0, float(height)))
    masked = replace(site, cameras=(replace(camera, masks_px=(left,)),))
    assert _view_m2(Hub(masked, settings, store)) < 0.8 * heads_m2
    coarse = replace(site, cameras=(replace(camera, min_px_per_m=40.0),))
    assert _view_m2(Hub(coarse, settings, store)) < 0.8 * heads_m2
