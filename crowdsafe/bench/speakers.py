"""Which cameras speak for a part of each zone, as the hub will work it out."""

from crowdsafe.bench.site_files import BenchSite
from crowdsafe.contract.site import read_site
from crowdsafe.domain.camera.visible import visible_ground
from crowdsafe.domain.crowd.patches import ownership, sight, zone_patches

_HEAD_HEIGHT_M = 1.7


def speakers(site: BenchSite) -> dict[str, tuple[str, ...]]:
    """Return the ids of the cameras that speak for a part of each zone."""
    alone = {zone.id: 0 for zone in site.zones}
    for camera in site.cameras:
        for zone in camera.zones:
            alone[zone.id] += 1
    if set(alone.values()) == {1}:
        return {zone.id: (camera.id,) for camera in site.cameras for zone in camera.zones}
    read = read_site(site.folder)
    cameras = {each.id: each for each in read.cameras}
    grounds = {
        each.id: visible_ground(camera=each.camera, height_m=_HEAD_HEIGHT_M, range_m=each.range_m)
        for each in read.cameras
    }
    seen_by: dict[str, list[str]] = {zone.id: [] for zone in site.zones}
    for camera in site.cameras:
        for zone in camera.zones:
            seen_by[zone.id].append(camera.id)
    found = {}
    for each in read.zones:
        patches = zone_patches(each.zone)
        sights = [
            sight(
                patches,
                camera_id=camera_id,
                camera=cameras[camera_id].camera,
                height_m=_HEAD_HEIGHT_M,
                ground=grounds[camera_id],
            )
            for camera_id in seen_by[each.zone.id]
        ]
        found[each.zone.id] = tuple(ownership(patches, sights).holdings)
    return found
