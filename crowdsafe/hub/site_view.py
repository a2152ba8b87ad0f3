"""What does not change of a site while a page is open, as messages."""

import numpy as np
import shapely

from crowdsafe.contract.frame import SiteFrame
from crowdsafe.contract.page_messages import CameraInfo, GridInfo, LineInfo, SiteInfo, ZoneInfo
from crowdsafe.contract.site import Site
from crowdsafe.domain.camera.geometry import largest_polygon
from crowdsafe.domain.crowd.grid import CELL_M
from crowdsafe.hub.state.hub_state import HubState

# The grid's degrees are measured over this, to lose their rounding.
_GRID_OVER_M = 100.0


def site_info(site: Site) -> SiteInfo:
    """Return the place."""
    return SiteInfo(
        id=site.id,
        name=site.name,
        timezone=site.timezone,
        center=site.frame.origin,
        plan=site.plan,
    )


def zone_infos(site: Site) -> tuple[ZoneInfo, ...]:
    """Return what does not change of the zones."""
    frame = site.frame
    return tuple(
        ZoneInfo(
            id=each.zone.id,
            name=each.name,
            rings=frame.rings(each.zone.polygon),
            label_at=frame.to_lonlat(np.array(each.zone.polygon.representative_point().coords))[0],
            area_m2=each.zone.area_m2,
            thresholds=each.thresholds,
            thresholds_reason=each.thresholds_reason,
            limits=each.limits,
        )
        for each in site.zones
    )


def camera_infos(site: Site, state: HubState) -> tuple[CameraInfo, ...]:
    """Return what does not change of the cameras."""
    frame = site.frame
    infos = []
    for each in site.cameras:
        view = largest_polygon(shapely.simplify(state.ground(each.id).polygon, 0.1))
        ring = shapely.get_coordinates(view.exterior)
        infos.append(
            CameraInfo(
                id=each.id,
                name=each.name,
                position=frame.to_lonlat(np.array([each.camera.position_m]))[0],
                height_m=each.camera.height_m,
                view=frame.to_lonlat(ring),
            )
        )
    return tuple(infos)


def line_infos(site: Site) -> tuple[LineInfo, ...]:
    """Return what does not change of the counting lines."""
    return tuple(
        LineInfo(
            id=each.id,
            name=each.name,
            ends=site.frame.to_lonlat(each.points_m),
            length_m=each.length_m,
            zone_id=each.into_zone,
        )
        for each in site.lines
    )


def grid_info(frame: SiteFrame, *, peak_radius_m: float) -> GridInfo:
    """Return the site's grid as the page draws it, with straight degrees about the origin."""
    over_m = np.array([[1, 0], [-1, 0], [0, 1], [0, -1]]) * _GRID_OVER_M
    east, west, north, south = np.array(frame.to_lonlat(over_m))
    per_cell = CELL_M / (2 * _GRID_OVER_M)
    to_east, to_north = (east - west) * per_cell, (north - south) * per_cell
    return GridInfo(
        cell_m=CELL_M,
        peak_radius_m=peak_radius_m,
        origin=frame.origin,
        east=(float(to_east[0]), float(to_east[1])),
        north=(float(to_north[0]), float(to_north[1])),
    )
