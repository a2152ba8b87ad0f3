"""The site: a folder with ``site.geojson`` (zones, plan) and ``cameras/ID.json`` (calibrations).

GeoJSON outside (WGS 84), metres of the site frame inside. What is ours in the GeoJSON stands in
``crowdsafe`` members, which refuse unknown keys; foreign members are left alone, as RFC 7946 asks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from pydantic import Field, ValidationError, field_validator
from shapely.errors import ShapelyError
from shapely.geometry import Polygon

from crowdsafe.contract.calibration import CalibrationFile, read_calibration
from crowdsafe.contract.frame import SiteFrame
from crowdsafe.contract.json_file import read_json
from crowdsafe.contract.messages import LonLat, PlanFeature, Text, Thresholds
from crowdsafe.contract.strict import Identifier, Share, Strict, first_problem
from crowdsafe.domain.geometry import GroundCamera, Points
from crowdsafe.domain.levels import LevelRule
from crowdsafe.domain.zones import Zone, refuse_outside, refuse_repeated_ids
from crowdsafe.errors import BadInput

_DEFAULT_REASON = Text(
    de="Vorgabe nach Fruin 1971: Ende der Stufen D und E für Gehwege, dann ungewollte Berührung",
    en="Default after Fruin 1971: ends of walkway levels D and E, then involuntary contact",
)
_Lon = Annotated[float, Field(ge=-180, le=180)]
_Lat = Annotated[float, Field(ge=-90, le=90)]


class SiteMember(Strict):
    """Member ``crowdsafe`` of the feature collection."""

    version: Literal[1]
    id: Identifier
    name: Text
    timezone: str
    origin: Annotated[tuple[_Lon, _Lat], Field(description="longitude and latitude of x = y = 0")]

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("unknown time zone, expected a name as Europe/Berlin") from None
        return name


class FeatureMember(Strict):
    """Member ``crowdsafe`` of a feature's properties."""

    kind: Annotated[
        Literal["zone", "boundary", "plan"],
        Field(description="a zone to watch, the edge of the site, or a shape of the site plan"),
    ] = "zone"
    name: Text | None = None
    thresholds: Thresholds = Thresholds()
    thresholds_reason: Text = _DEFAULT_REASON
    min_seen_share: Annotated[
        Share, Field(description="with less of it seen, the zone is unknown")
    ] = 0.3
    what: Literal["path", "building", "water", "green", "line"] = "path"


@dataclass(frozen=True)
class SiteZone:
    """A zone with what the organiser said of it."""

    zone: Zone
    name: Text
    thresholds: Thresholds
    thresholds_reason: Text
    rule: LevelRule
    min_seen_share: float


@dataclass(frozen=True)
class SiteCamera:
    """A camera of the site."""

    id: str
    name: Text
    camera: GroundCamera
    range_m: float


@dataclass(frozen=True)
class Site:
    """A whole site, read and checked."""

    id: str
    name: Text
    timezone: str
    frame: SiteFrame
    zones: tuple[SiteZone, ...]
    plan: tuple[PlanFeature, ...]
    cameras: tuple[SiteCamera, ...]


def read_zones(path: Path, *, local_metres: bool) -> tuple[Zone, ...]:
    """Read only the zones of a GeoJSON file.

    Args:
        path: a feature collection of polygons.
        local_metres: its coordinates are metres already, not longitude and latitude.

    Raises:
        BadInput: one sentence that names the file, the zone and what is wrong.
    """
    document = _collection(path)
    frame = None if local_metres else SiteFrame(origin=_site_member(path, document).origin)
    zones, _ = _zones_and_plan(path, document, frame)
    return tuple(zone.zone for zone in zones)


def read_site(folder: Path) -> Site:
    """Read a site folder.

    Raises:
        BadInput: one sentence that names the file, the field and what is wrong.
    """
    path = folder / "site.geojson"
    document = _collection(path)
    member = _site_member(path, document)
    frame = SiteFrame(origin=member.origin)
    zones, plan = _zones_and_plan(path, document, frame)
    cameras = tuple(_read_camera(file) for file in sorted((folder / "cameras").glob("*.json")))
    return Site(
        id=member.id,
        name=member.name,
        timezone=member.timezone,
        frame=frame,
        zones=zones,
        plan=plan,
        cameras=cameras,
    )


def _read_camera(path: Path) -> SiteCamera:
    file: CalibrationFile
    file, camera = read_calibration(path)
    return SiteCamera(
        id=path.stem,
        name=file.name or Text(de=path.stem, en=path.stem),
        camera=camera,
        range_m=file.range_m,
    )


def _as_metres(coordinates: Any) -> Points:
    return np.asarray(coordinates, dtype=np.float64).reshape(-1, 2)


def _collection(path: Path) -> dict[str, Any]:
    document = read_json(path)
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise BadInput(f"{path}: is no GeoJSON FeatureCollection")
    if not isinstance(document.get("features"), list):
        raise BadInput(f"{path}: features: missing, expected a list")
    return document


def _site_member(path: Path, document: dict[str, Any]) -> SiteMember:
    member = document.get("crowdsafe")
    if member is None:
        raise BadInput(
            f"{path}: crowdsafe: missing, expected the site's id, name, timezone and origin "
            "(for zones that are metres already, say --local-metres)"
        )
    try:
        return SiteMember.model_validate(member)
    except ValidationError as error:
        raise BadInput(f"{path}: crowdsafe.{first_problem(error)}") from None


def _zones_and_plan(
    path: Path, document: dict[str, Any], frame: SiteFrame | None
) -> tuple[tuple[SiteZone, ...], tuple[PlanFeature, ...]]:
    """Read all features; without a frame their coordinates are metres already."""
    to_metres = frame.to_metres if frame else _as_metres
    zones: list[SiteZone] = []
    plan: list[PlanFeature] = []
    boundary: Polygon | None = None
    for number, feature in enumerate(document["features"]):
        where = f"{path}: features[{number}]"
        if not isinstance(feature, dict) or not isinstance(feature.get("properties") or {}, dict):
            raise BadInput(f"{where}: is no GeoJSON feature")
        properties = feature.get("properties") or {}
        try:
            member = FeatureMember.model_validate(properties.get("crowdsafe", {}))
        except ValidationError as error:
            raise BadInput(f"{where}: properties.crowdsafe.{first_problem(error)}") from None
        rings = _rings(where, feature.get("geometry"), degrees=frame is not None)
        if member.kind == "zone":
            zone_id = feature.get("id", properties.get("id"))
            zones.append(_zone(where, zone_id, properties, member, rings, to_metres))
            continue
        if member.kind == "boundary":
            boundary = Polygon(to_metres(rings[0]))
        what = "boundary" if member.kind == "boundary" else member.what
        plan.append(PlanFeature(what=what, name=member.name, rings=rings))
    try:
        refuse_repeated_ids([zone.zone for zone in zones])
        if boundary is not None:
            refuse_outside([zone.zone for zone in zones], boundary)
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from None
    if not zones:
        raise BadInput(f"{path}: features: there is no zone in it, expected at least one")
    return tuple(zones), tuple(plan)


def _rings(where: str, geometry: Any, *, degrees: bool) -> tuple[tuple[LonLat, ...], ...]:
    if not isinstance(geometry, dict) or geometry.get("type") != "Polygon":
        kind = geometry.get("type") if isinstance(geometry, dict) else geometry
        raise BadInput(f"{where}: geometry.type: {kind!r}, expected 'Polygon'")
    try:
        rings = tuple(
            tuple((float(point[0]), float(point[1])) for point in ring)
            for ring in geometry["coordinates"]
        )
    except (KeyError, TypeError, ValueError, IndexError):
        raise BadInput(f"{where}: geometry.coordinates: expected rings of [x, y] pairs") from None
    if not rings or any(len(ring) < 4 for ring in rings):
        raise BadInput(
            f"{where}: geometry.coordinates: a ring has under four points, expected a closed "
            "outline whose last point repeats the first"
        )
    for x, y in (point for ring in rings for point in ring):
        if degrees and not (abs(x) <= 180 and abs(y) <= 90):
            raise BadInput(
                f"{where}: geometry.coordinates: ({x}, {y}), expected longitude and latitude "
                "in degrees"
            )
        if not (isfinite(x) and isfinite(y)):
            raise BadInput(f"{where}: geometry.coordinates: ({x}, {y}), expected finite metres")
    return rings


def _zone(
    where: str,
    zone_id: Any,
    properties: dict[str, Any],
    member: FeatureMember,
    rings: tuple[tuple[LonLat, ...], ...],
    to_metres: Callable[[Any], Points],
) -> SiteZone:
    known_kind = isinstance(zone_id, (str, int)) and not isinstance(zone_id, bool)
    name_for_id = str(zone_id) if known_kind else ""
    if not _is_identifier(name_for_id):
        raise BadInput(
            f"{where}: id: {zone_id!r}, expected up to 64 letters, digits, '.', '_' and '-'"
        )
    try:
        polygon = Polygon(to_metres(rings[0]), [to_metres(ring) for ring in rings[1:]])
        zone = Zone(id=name_for_id, polygon=polygon)
        plain_name = str(properties.get("name") or name_for_id)[:200]
        return SiteZone(
            zone=zone,
            name=member.name or Text(de=plain_name, en=plain_name),
            thresholds=member.thresholds,
            thresholds_reason=member.thresholds_reason,
            rule=_rule(member.thresholds),
            min_seen_share=member.min_seen_share,
        )
    except BadInput as error:
        raise BadInput(f"{where}: {error}") from None
    except ShapelyError as error:
        raise BadInput(f"{where}: zone '{name_for_id}': {error}") from None


def _rule(thresholds: Thresholds) -> LevelRule:
    return LevelRule(
        begins_ppm2=(thresholds.busy_ppm2, thresholds.tight_ppm2, thresholds.critical_ppm2),
        hysteresis_ppm2=thresholds.hysteresis_ppm2,
        rise_s=thresholds.rise_s,
        fall_s=thresholds.fall_s,
    )


def _is_identifier(text: str) -> bool:
    return (
        bool(text)
        and len(text) <= 64
        and text[0].isalnum()
        and text.isascii()
        and all(c.isalnum() or c in "._-" for c in text)
    )
