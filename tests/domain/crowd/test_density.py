"""People over the area that is seen."""

import pytest
import shapely

from crowdsafe.domain.camera.visible import VisibleGround, visible_zone
from crowdsafe.domain.crowd.density import CountError, zone_density
from crowdsafe.domain.crowd.zones import Zone

ZONE = Zone("a", shapely.box(0, 0, 10, 10))
EXACT = CountError(constant=0.0, sqrt=0.0, relative=0.0)


def test_density_is_people_over_the_seen_part() -> None:
    visible = visible_zone(zone=ZONE, ground=VisibleGround(shapely.box(-5, -5, 4, 20)))
    error = CountError(constant=2.0, sqrt=0.0, relative=0.0)
    density = zone_density(visible=visible, count=60.0, count_sd=error.sd(60.0))
    assert density.density_ppm2 == pytest.approx(1.5)
    assert density.density_sd_ppm2 == pytest.approx(0.05)
    assert density.seen_share == pytest.approx(0.4)


def test_what_is_not_seen_has_no_density() -> None:
    visible = visible_zone(zone=ZONE, ground=VisibleGround(shapely.box(20, 20, 30, 30)))
    density = zone_density(visible=visible, count=0.0, count_sd=EXACT.sd(0.0))
    assert density.seen_share == 0
    assert density.density_ppm2 is None
    assert density.density_sd_ppm2 is None


def test_an_empty_zone_that_is_seen_has_density_zero() -> None:
    visible = visible_zone(zone=ZONE, ground=VisibleGround(shapely.box(0, 0, 10, 10)))
    assert visible.seen_share == 1
    assert zone_density(visible=visible, count=0.0, count_sd=EXACT.sd(0.0)).density_ppm2 == 0


def test_the_error_of_a_count_grows_as_its_formula() -> None:
    error = CountError(constant=3.0, sqrt=2.0, relative=0.1)
    assert error.sd(0.0) == 3.0
    assert error.sd(100.0) == pytest.approx((9 + 400 + 100) ** 0.5)


def test_the_interval_of_nobody_begins_at_nobody() -> None:
    error = CountError(constant=1.0, sqrt=0.0, relative=0.1)
    assert error.interval_90(0.0) == (0.0, pytest.approx(1.645))
    low, high = error.interval_90(100.0)
    assert (low + high) / 2 == pytest.approx(100.0)
    assert high - low == pytest.approx(2 * 1.645 * error.sd(100.0))
