"""What the hub keeps of a site's zones, cameras and lines, and what of it outlives a revision."""

from collections.abc import Mapping
from dataclasses import dataclass

import shapely

from crowdsafe.contract.sameness import same_line, same_view, same_zone
from crowdsafe.contract.site import Site, SiteCamera, SiteZone
from crowdsafe.domain.alarm.levels import interrupt
from crowdsafe.domain.alarm.neighbours import neighbours_of
from crowdsafe.errors import BadInput
from crowdsafe.hub.state.camera_record import HEAD_HEIGHT_M, CameraRecord, ground_of
from crowdsafe.hub.state.forecast_skill import ForecastSkill
from crowdsafe.hub.state.line_record import LineRecord
from crowdsafe.hub.state.zone_alarms import ZoneAlarms
from crowdsafe.hub.state.zone_record import ZoneRecord

# So near to a zone, ground that is seen may be counted to it.
_NEAR_M = 0.1


@dataclass(frozen=True)
class SiteRecords:
    """The records of one site.

    Attributes:
        site: the site.
        lines: by line id.
        cameras: by camera id.
        zones: by zone id.
        zone_alarms: by zone id.
        neighbours: by zone id, see :func:`neighbours_of`.
        heights_m: by camera id, over the ground, of what its detector finds: what zones see was
            worked out with these.
        skill: how good the forecasts of its zones are.
    """

    site: Site
    lines: dict[str, LineRecord]
    cameras: dict[str, CameraRecord]
    zones: dict[str, ZoneRecord]
    zone_alarms: dict[str, ZoneAlarms]
    neighbours: Mapping[str, frozenset[str]]
    heights_m: Mapping[str, float]
    skill: ForecastSkill


def first_records(site: Site, *, unknown_after_s: float, now_s: float) -> SiteRecords:
    """Return records of a site of which nothing is known.

    Raises:
        BadInput: a camera hangs lower than a head.
    """
    nothing = SiteRecords(site, {}, {}, {}, {}, {}, {}, ForecastSkill())
    return next_records(nothing, site, unknown_after_s=unknown_after_s, now_s=now_s)


def next_records(
    before: SiteRecords, site: Site, *, unknown_after_s: float, now_s: float
) -> SiteRecords:
    """Return the records of another revision of the site, made from those of the one before.

    A line or camera that is the same is the same record. So is a zone that is the same and that no
    camera sees that is not: it keeps its level, its course and its looks. All others begin anew.
    The records before are only read, in any thread, until :func:`settle`.

    Raises:
        BadInput: a camera hangs lower than a head.
    """
    lines = {
        line.id: known
        if (known := before.lines.get(line.id)) is not None and same_line(known.line, line)
        else LineRecord(line, unknown_after_s=unknown_after_s)
        for line in site.lines
    }
    cameras = {
        camera.id: _camera(before.cameras.get(camera.id), camera, now_s=now_s)
        for camera in site.cameras
    }
    heights_m = {camera_id: camera.height_m for camera_id, camera in cameras.items()}
    changed = [
        camera_id
        for camera_id in {*before.cameras, *cameras}
        if before.cameras.get(camera_id) is not cameras.get(camera_id)
    ]
    zones: dict[str, ZoneRecord] = {}
    zone_alarms: dict[str, ZoneAlarms] = {}
    for zone in site.zones:
        known_zone = before.zones.get(zone.zone.id)
        if known_zone is not None and _holds_on(known_zone, zone, cameras, changed):
            zones[zone.zone.id] = known_zone
            zone_alarms[zone.zone.id] = before.zone_alarms[zone.zone.id]
            continue
        record = ZoneRecord(
            zone,
            unknown_after_s=unknown_after_s,
            lines=[line for line in lines.values() if line.line.into_zone == zone.zone.id],
            skill=before.skill,
        )
        for camera in cameras.values():
            record.see_through(
                camera.camera.id, camera.camera.camera, camera.ground, height_m=camera.height_m
            )
        zones[zone.zone.id] = record
        zone_alarms[zone.zone.id] = ZoneAlarms(zone)
    return SiteRecords(
        site=site,
        lines=lines,
        cameras=cameras,
        zones=zones,
        zone_alarms=zone_alarms,
        neighbours=neighbours_of([zone.zone for zone in site.zones]),
        heights_m=heights_m,
        skill=before.skill,
    )


def settle(before: SiteRecords, after: SiteRecords) -> None:
    """Hand over from the records before what changes from one moment to the next.

    A zone that begins anew is unknown, but its level is latched as it was, as over a restart: a
    crowd does not go because somebody edits a threshold.
    """
    for line in after.site.lines:
        after.lines[line.id].line = line
    for camera in after.site.cameras:
        record, was = after.cameras[camera.id], before.cameras.get(camera.id)
        record.camera = camera
        if was is not None and was is not record:
            record.succeed(was)
    for zone in after.site.zones:
        zone_id = zone.zone.id
        record_of_zone, before_it = after.zones[zone_id], before.zones.get(zone_id)
        if before_it is record_of_zone:
            into = [each for each in after.lines.values() if each.line.into_zone == zone_id]
            record_of_zone.rename(zone, lines=into)
        elif before_it is not None:
            record_of_zone.level = interrupt(before_it.level)
            after.zone_alarms[zone_id].succeed(before.zone_alarms[zone_id])


def _camera(known: CameraRecord | None, camera: SiteCamera, *, now_s: float) -> CameraRecord:
    if known is not None and same_view(known.camera, camera):
        return known
    height_m = HEAD_HEIGHT_M if known is None else known.height_m
    try:
        ground = ground_of(camera, height_m=height_m)
    except BadInput:
        # That is for its worker to refuse, which cannot use it either.
        height_m = HEAD_HEIGHT_M
        ground = ground_of(camera, height_m=height_m)
    return CameraRecord(camera, expected_from_s=now_s, ground=ground, height_m=height_m)


def _holds_on(
    known: ZoneRecord,
    zone: SiteZone,
    cameras: Mapping[str, CameraRecord],
    changed: list[str],
) -> bool:
    if not same_zone(known.zone, zone):
        return False
    return not any(
        known.sees(camera_id)
        or (
            camera_id in cameras
            and shapely.dwithin(cameras[camera_id].ground.polygon, zone.zone.polygon, _NEAR_M)
        )
        for camera_id in changed
    )
