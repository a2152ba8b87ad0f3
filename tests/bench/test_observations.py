"""Observations as text are observations."""

from pathlib import Path

import pytest

from crowdsafe.bench.observations import ObservationText
from crowdsafe.bench.site_files import BenchCamera, write_site
from crowdsafe.contract.edge_messages import EDGE_MESSAGE, Observation


@pytest.fixture
def camera(tmp_path: Path) -> BenchCamera:
    return write_site(tmp_path, cameras=1, zones_per_camera=3).cameras[0]


def _read(text: str) -> Observation:
    message = EDGE_MESSAGE.validate_json(text)
    assert isinstance(message, Observation)
    return message


@pytest.mark.parametrize("cells", [0, 12])
def test_the_hub_understands_them(camera: BenchCamera, cells: int) -> None:
    text = ObservationText(camera, cells=cells)
    read = _read(text.at(seq=7, captured_at_s=1e9 + 0.5, sent_at_s=1e9 + 0.75, ticks_s=3.5))
    assert (read.camera_id, read.seq, read.captured_at_s) == (camera.id, 7, 1e9 + 0.5)
    assert (read.sent_at_s, read.ticks_s, read.revision) == (1e9 + 0.75, 3.5, None)
    assert [zone.zone_id for zone in read.zones] == [zone.id for zone in camera.zones]
    for reading, zone in zip(read.zones, camera.zones, strict=True):
        assert reading.density_ppm2 is not None
        assert reading.count == pytest.approx(reading.density_ppm2 * zone.area_m2, rel=1e-2)
        assert len(reading.cells.people) == cells
        assert (reading.peak is None) == (reading.motion is None) == (cells == 0)


def test_values_change_and_differ_from_zone_to_zone(camera: BenchCamera) -> None:
    text = ObservationText(camera, cells=0)
    seen = {
        reading.density_ppm2
        for at_s in (1e9, 1e9 + 10)
        for reading in _read(text.at(seq=1, captured_at_s=at_s, sent_at_s=at_s, ticks_s=1)).zones
    }
    assert len(seen) == 2 * len(camera.zones)


def test_they_tell_the_revision_that_the_hub_named(camera: BenchCamera) -> None:
    text = ObservationText(camera, cells=0)
    text.of_revision(4)
    assert _read(text.at(seq=1, captured_at_s=1e9, sent_at_s=1e9, ticks_s=1)).revision == 4
