"""People over the area that is seen."""

import pytest
from shapely.geometry import Polygon, box

from crowdsafe.domain.density import CountError, visible_zone, zone_density
from crowdsafe.domain.zones import Zone

_ZONE = Zone("gate", box(0, 0, 10, 4))
_ERROR = CountError(constant=0.5, sqrt=0.3, relative=0.1)


def test_the_density_is_over_what_is_seen_not_over_the_zone() -> None:
    visible = visible_zone(zone=_ZONE, view=box(-5, -5, 5, 5))
    density = zone_density(visible=visible, count=30, error=_ERROR)
    assert density.seen_share == pytest.approx(0.5)
    assert density.density_ppm2 == pytest.approx(30 / 20)
    assert density.count_sd == pytest.approx((0.25 + 0.09 * 30 + 9) ** 0.5)
    assert density.density_sd_ppm2 == pytest.approx(density.count_sd / 20)


@pytest.mark.parametrize(
    "view", [Polygon(), box(20, 20, 30, 30), box(-1, 0, 0, 4), box(0, 0, 0.05, 4)]
)
def test_what_nobody_sees_has_no_density(view: Polygon) -> None:
    density = zone_density(visible=visible_zone(zone=_ZONE, view=view), count=0, error=_ERROR)
    assert (density.density_ppm2, density.density_sd_ppm2, density.seen_share) == (None, None, 0)


def test_an_empty_zone_that_is_seen_is_empty_and_not_sure() -> None:
    density = zone_density(
        visible=visible_zone(zone=_ZONE, view=box(-5, -5, 15, 15)), count=0, error=_ERROR
    )
    assert density.density_ppm2 == 0
    assert density.count_sd == 0.5
