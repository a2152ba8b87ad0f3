"""What changed between two revisions of a site, in words and in data."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon

from crowdsafe.contract.calibration import CalibrationFile
from crowdsafe.contract.frame import SiteFrame
from crowdsafe.contract.measures import MeasuresFile
from crowdsafe.contract.site import FeatureMember, Site, SiteCamera, SiteMember
from crowdsafe.contract.site_change import (
    ChangedPart,
    SiteChange,
    changed,
    field_changes,
    size_de,
    size_en,
)
from crowdsafe.contract.site_document import PictureMark, SiteDocument

_CALIBRATION = (
    "image_size_px",
    "H_image_to_ground_m",
    "points",
    "pose",
    "intrinsics",
    "camera_position_m",
)


def site_changes(
    before: SiteDocument,
    after: SiteDocument,
    *,
    named: tuple[str, str] = ("before", "after"),
) -> tuple[SiteChange, ...]:
    """Return what changed, the site first, then zones, lines, cameras and measures by id.

    Raises:
        BadInput: one of them is no site.
    """
    first = before.to_site(pictures={}, named=named[0])
    second = after.to_site(pictures={}, named=named[1])
    changes = (
        *field_changes("site", "", _member(before), _member(after)),
        *_plan(before, after),
        *_zones(before, after, first, second),
        *_lines(before, after, first, second),
        *_cameras(before, after, first, second),
        *_measures(before, after),
    )
    if not changes and before.content_hash() != after.content_hash():
        return (
            changed(
                "site",
                "",
                "order",
                "nur die Reihenfolge oder etwas, das crowdsafe nicht liest, ist anders",
                "only the order, or what crowdsafe does not read, is different",
            ),
        )
    return changes


def _member(document: SiteDocument) -> dict[str, Any]:
    return SiteMember.model_validate(document.site["crowdsafe"]).model_dump(mode="json")


def _features(document: SiteDocument, kind: str) -> dict[str, dict[str, Any]]:
    """Return our members of all features of a kind, by id, with defaults."""
    found = {}
    for number, feature in enumerate(document.site["features"]):
        properties = feature.get("properties") or {}
        member = FeatureMember.model_validate(properties.get("crowdsafe", {}))
        if member.kind == kind:
            feature_id = str(feature.get("id", properties.get("id", number)))
            dumped = member.model_dump(mode="json", exclude={"kind", "what"})
            if member.name is None and "name" in properties:
                dumped["name"] = {"de": str(properties["name"]), "en": str(properties["name"])}
            found[feature_id] = dumped
    return found


def _shapes(document: SiteDocument, kind: str) -> list[Any]:
    return [
        (feature["geometry"], member)
        for feature in document.site["features"]
        if (member := (feature.get("properties") or {}).get("crowdsafe", {})).get("kind") == kind
    ]


def _plan(before: SiteDocument, after: SiteDocument) -> Iterator[SiteChange]:
    if _shapes(before, "boundary") != _shapes(after, "boundary"):
        yield changed(
            "plan", "", "boundary", "die Grenze des Geländes ist anders", "the site's edge changed"
        )
    first, second = _shapes(before, "plan"), _shapes(after, "plan")
    if first != second:
        yield changed(
            "plan",
            "",
            "shapes",
            f"{len(first)} → {len(second)} Formen, nicht alle gleich",
            f"{len(first)} → {len(second)} shapes, not all the same",
            before=len(first),
            after=len(second),
        )


def _by_id(
    part: ChangedPart,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    size: Callable[[str, bool], float | None] = lambda _id, _is_after: None,
) -> Iterator[SiteChange]:
    """Tell what came and went."""
    for thing_id in sorted(set(before) - set(after)):
        yield changed(
            part,
            thing_id,
            None,
            "entfernt",
            "removed",
            change="removed",
            before=size(thing_id, False),
        )
    for thing_id in sorted(set(after) - set(before)):
        yield changed(
            part, thing_id, None, "neu", "added", change="added", after=size(thing_id, True)
        )


def _both(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return sorted(set(before) & set(after))


def _zones(
    before: SiteDocument, after: SiteDocument, first: Site, second: Site
) -> Iterator[SiteChange]:
    told, tells = _features(before, "zone"), _features(after, "zone")
    was = {each.zone.id: each.zone.polygon for each in first.zones}
    now = {each.zone.id: each.zone.polygon for each in second.zones}
    yield from _by_id(
        "zone", was, now, lambda each, is_after: round((now if is_after else was)[each].area, 2)
    )
    for zone_id in _both(was, now):
        yield from _outline(
            zone_id, _moved_frame(was[zone_id], first.frame, second.frame), now[zone_id]
        )
        yield from field_changes("zone", zone_id, told[zone_id], tells[zone_id])


def _moved_frame(polygon: Polygon, first: SiteFrame, second: SiteFrame) -> Polygon:
    if first.origin == second.origin:
        return polygon
    outer, *holes = (second.to_metres(ring) for ring in first.rings(polygon))
    return Polygon(outer, holes)


def _outline(zone_id: str, was: Polygon, now: Polygon) -> Iterator[SiteChange]:
    if was == now:
        return
    new_m2, gone_m2 = now.difference(was).area, was.difference(now).area
    yield changed(
        "zone",
        zone_id,
        "geometry",
        f"Umriss geändert: {size_de(new_m2)} m² kamen dazu, {size_de(gone_m2)} m² fielen weg "
        f"({size_de(was.area)} → {size_de(now.area)} m²)",
        f"outline changed: {size_en(new_m2)} m² came, {size_en(gone_m2)} m² went "
        f"({size_en(was.area)} → {size_en(now.area)} m²)",
        before=round(was.area, 2),
        after=round(now.area, 2),
    )


def _lines(
    before: SiteDocument, after: SiteDocument, first: Site, second: Site
) -> Iterator[SiteChange]:
    told, tells = _features(before, "counting_line"), _features(after, "counting_line")
    was = {each.id: each for each in first.lines}
    now = {each.id: each for each in second.lines}
    yield from _by_id("counting_line", was, now)
    for line_id in _both(was, now):
        moved = second.frame.to_metres(first.frame.to_lonlat(was[line_id].points_m))
        to_m = now[line_id].points_m
        if first.frame.origin == second.frame.origin:
            moved = was[line_id].points_m
        if not np.array_equal(moved, to_m):
            off_m = float(shapely.hausdorff_distance(LineString(moved), LineString(to_m)))
            yield changed(
                "counting_line",
                line_id,
                "geometry",
                f"bis zu {size_de(off_m)} m verlegt",
                f"moved by up to {size_en(off_m)} m",
                before=round(was[line_id].length_m, 2),
                after=round(now[line_id].length_m, 2),
            )
        yield from field_changes("counting_line", line_id, told[line_id], tells[line_id])


def _cameras(
    before: SiteDocument, after: SiteDocument, first: Site, second: Site
) -> Iterator[SiteChange]:
    was = {each.id: each for each in first.cameras}
    now = {each.id: each for each in second.cameras}
    yield from _by_id("camera", was, now)
    for camera_id in _both(was, now):
        told, tells = (
            CalibrationFile.model_validate(document.cameras[camera_id]).model_dump(mode="json")
            for document in (before, after)
        )
        ways, new_ways = ({key: each.pop(key) for key in _CALIBRATION} for each in (told, tells))
        if ways != new_ways:
            yield _recalibrated(camera_id, was[camera_id], now[camera_id])
        masks, new_masks = told.pop("masks"), tells.pop("masks")
        if masks != new_masks:
            yield changed(
                "camera",
                camera_id,
                "masks",
                f"Masken geändert: {len(masks)} → {len(new_masks)}",
                f"masks changed: {len(masks)} → {len(new_masks)}",
                before=len(masks),
                after=len(new_masks),
            )
        yield from _picture(
            camera_id, before.pictures.get(camera_id), after.pictures.get(camera_id)
        )
        yield from field_changes("camera", camera_id, told, tells)


def _recalibrated(camera_id: str, was: SiteCamera, now: SiteCamera) -> SiteChange:
    width, height = now.camera.image_size_px
    at_px = np.array([[width / 2, 0.75 * height]])
    scale = np.array(was.camera.image_size_px) / np.array(now.camera.image_size_px)
    off_m = float(
        np.hypot(
            *(
                now.camera.to_ground(at_px, height_m=0.0)
                - was.camera.to_ground(at_px * scale, height_m=0.0)
            )[0]
        )
    )
    if not np.isfinite(off_m):
        return changed(
            "camera", camera_id, "calibration", "Kalibrierung geändert", "calibration changed"
        )
    return changed(
        "camera",
        camera_id,
        "calibration",
        f"Kalibrierung geändert: im unteren Bild liegt der Boden {size_de(off_m)} m woanders",
        f"calibration changed: in the lower picture the ground lies {size_en(off_m)} m elsewhere",
    )


def _picture(
    camera_id: str, was: PictureMark | None, now: PictureMark | None
) -> Iterator[SiteChange]:
    if was == now:
        return
    if was is None:
        yield changed(
            "camera", camera_id, "picture", "Bild der Kalibrierung neu", "calibration picture added"
        )
    elif now is None:
        yield changed(
            "camera",
            camera_id,
            "picture",
            "Bild der Kalibrierung entfernt",
            "calibration picture removed",
        )
    else:
        yield changed(
            "camera",
            camera_id,
            "picture",
            "Bild der Kalibrierung ausgetauscht",
            "calibration picture replaced",
        )


def _measures(before: SiteDocument, after: SiteDocument) -> Iterator[SiteChange]:
    was, now = (
        {}
        if document.measures is None
        else {
            each.id: each.model_dump(mode="json")
            for each in MeasuresFile.model_validate(document.measures).measures
        }
        for document in (before, after)
    )
    yield from _by_id("measure", was, now)
    for measure_id in _both(was, now):
        yield from field_changes("measure", measure_id, was[measure_id], now[measure_id])
