"""The site: a folder with ``site.geojson`` (zones, plan), ``cameras/ID.json`` (calibrations) and,
where there are any, ``measures.json``.

GeoJSON outside (WGS 84), metres of the site frame inside. What is ours in the GeoJSON stands in
``crowdsafe`` members, which refuse unknown keys; foreign members are left alone, as RFC 7946 asks.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from pydantic import Field, ValidationError, field_validator
from shapely.errors import ShapelyError
from shapely.geometry import Polygon

from crowdsafe.contract.calibration import as_calibrated
from crowdsafe.contract.frame import SiteFrame
from crowdsafe.contract.json_file import read_json
from crowdsafe.contract.measures import Measure
from crowdsafe.contract.measures_file import MEASURES_FILE, as_measures
from crowdsafe.contract.page_messages import LonLat, PlanFeature
from crowdsafe.contract.strict import Identifier, Share, Strict, first_problem
from crowdsafe.contract.thresholds import Limits, Thresholds
from crowdsafe.contract.words import Text
from crowdsafe.domain.alarm.levels import LevelRule
from crowdsafe.domain.alarm.zone_watch import ZoneLimits, zone_limits
from crowdsafe.domain.camera.geometry import GroundCamera, Points
from crowdsafe.domain.crowd.peak import RADIUS_M
from crowdsafe.domain.crowd.zones import Zone, refuse_outside, refuse_repeated_ids
from crowdsafe.errors import BadInput

_DEFAULT_REASON = Text(
    de="Vorgabe nach Fruin 1971: Ende der Stufen D und E für Gehwege, dann ungewollte Berührung",
    en="Default after Fruin 1971: ends of walkway levels D and E, then involuntary contact",
)
PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
_Lon = Annotated[float, Field(ge=-180, le=180)]
_Lat = Annotated[float, Field(ge=-90, le=90)]


class SiteMember(Strict):
    """Member ``crowdsafe`` of the feature collection."""

    version: Literal[1]
    id: Identifier
    name: Text
    timezone: str
    origin: Annotated[tuple[_Lon, _Lat], Field(description="longitude and latitude of x = y = 0")]
    peak_radius_m: Annotated[
        float, Field(ge=0.5, le=10, description="of the disc in which a zone's peak is looked for")
    ] = RADIUS_M

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
        Literal["zone", "boundary", "plan", "counting_line"],
        Field(
            description="a zone to watch, the edge of the site, a shape of the site plan, or a "
            "line on which those who cross it are counted"
        ),
    ] = "zone"
    name: Text | None = None
    thresholds: Thresholds = Thresholds()
    thresholds_reason: Text = _DEFAULT_REASON
    limits: Limits = Limits()
    min_seen_share: Annotated[
        Share, Field(description="with less of it seen, the zone is unknown")
    ] = 0.3
    what: Literal["path", "building", "water", "green", "line"] = "path"
    into_zone: Annotated[
        Identifier | None,
        Field(description="the zone that is entered where a counting line is crossed to its right"),
    ] = None


@dataclass(frozen=True)
class SiteZone:
    """A zone with what the organiser said of it."""

    zone: Zone
    name: Text
    thresholds: Thresholds
    thresholds_reason: Text
    rule: LevelRule
    min_seen_share: float
    limits: Limits = field(default_factory=Limits)

    @cached_property
    def zone_limits(self) -> ZoneLimits:
        """The limits of the alarms beside its levels."""
        return zone_limits(**self.limits.model_dump(), busy_ppm2=self.thresholds.busy_ppm2)


@dataclass(frozen=True)
class SiteLine:
    """A counting line: (n, 2) points in metres, and the zone that lies to the right of it."""

    id: str
    name: Text
    points_m: Points
    into_zone: str | None

    @property
    def length_m(self) -> float:
        """Length of all its parts."""
        return float(np.hypot(*np.diff(self.points_m, axis=0).T).sum())


@dataclass(frozen=True)
class SiteCamera:
    """A camera of the site.

    Attributes:
        camera: its calibration.
        range_m: ground farther away counts as not seen.
        min_px_per_m: ground with fewer px to a metre counts as not seen.
        masks_px: outlines in the calibrated picture of what hides people.
        picture: what it showed when it was calibrated, a file beside the calibration's.
    """

    id: str
    name: Text
    camera: GroundCamera
    range_m: float
    min_px_per_m: float = 0.0
    masks_px: tuple[tuple[tuple[float, float], ...], ...] = ()
    picture: Path | None = None


@dataclass(frozen=True)
class Site:
    """A whole site, read and checked."""

    id: str
    name: Text
    timezone: str
    frame: SiteFrame
    zones: tuple[SiteZone, ...]
    lines: tuple[SiteLine, ...]
    plan: tuple[PlanFeature, ...]
    cameras: tuple[SiteCamera, ...]
    peak_radius_m: float = RADIUS_M
    measures: tuple[Measure, ...] = ()


def read_zones(path: Path, *, local_metres: bool) -> tuple[Zone, ...]:
    """Read only the zones of a GeoJSON file.

    Args:
        path: a feature collection of polygons.
        local_metres: its coordinates are metres already, not longitude and latitude.

    Raises:
        BadInput: one sentence that names the file, the zone and what is wrong.
    """
    document = _collection(path, read_json(path))
    frame = None if local_metres else SiteFrame(origin=_site_member(path, document).origin)
    return tuple(zone.zone for zone in _features(path, document, frame).zones)


def read_site(folder: Path) -> Site:
    """Read a site folder.

    Raises:
        BadInput: one sentence that names the file, the field and what is wrong.
    """
    files = sorted((folder / "cameras").glob("*.json"))
    measures = folder / MEASURES_FILE
    return as_site(
        folder,
        site=read_json(folder / "site.geojson"),
        cameras={file.stem: read_json(file) for file in files},
        pictures={
            file.stem: picture
            for file in files
            if (picture := calibration_picture(file)) is not None
        },
        measures=read_json(measures) if measures.exists() else None,
    )


def calibration_picture(calibration: Path) -> Path | None:
    """Return the picture beside a calibration file, None without one."""
    beside = (calibration.with_suffix(suffix) for suffix in PICTURE_SUFFIXES)
    return next((picture for picture in beside if picture.is_file()), None)


def as_site(
    folder: Path,
    *,
    site: Any,
    cameras: Mapping[str, Any],
    pictures: Mapping[str, Path],
    measures: Any = None,
) -> Site:
    """Return the contents of a site folder as a site.

    Args:
        folder: named in what is wrong; nothing is read from it.
        site: content of ``site.geojson``.
        cameras: content of each ``cameras/ID.json``, by id.
        pictures: what cameras showed when they were calibrated, by id.
        measures: content of ``measures.json``; None: there is none.

    Raises:
        BadInput: one sentence that names the file, the field and what is wrong.
    """
    path = folder / "site.geojson"
    document = _collection(path, site)
    member = _site_member(path, document)
    frame = SiteFrame(origin=member.origin)
    features = _features(path, document, frame)
    return Site(
        id=member.id,
        name=member.name,
        timezone=member.timezone,
        peak_radius_m=member.peak_radius_m,
        frame=frame,
        zones=features.zones,
        lines=features.lines,
        plan=features.plan,
        cameras=tuple(
            _camera(folder / "cameras" / f"{camera_id}.json", content, pictures.get(camera_id))
            for camera_id, content in sorted(cameras.items())
        ),
        measures=()
        if measures is None
        else as_measures(
            folder / MEASURES_FILE,
            measures,
            zones={each.zone.id: each.zone.polygon for each in features.zones},
            gates=features.lines,
        ),
    )


def _camera(path: Path, content: Any, picture: Path | None) -> SiteCamera:
    file, calibration = as_calibrated(path, content)
    return SiteCamera(
        id=path.stem,
        name=file.name or Text(de=path.stem, en=path.stem),
        camera=calibration.camera,
        range_m=file.range_m,
        min_px_per_m=file.min_px_per_m or 0.0,
        masks_px=file.masks,
        picture=picture,
    )


def _as_metres(coordinates: Any) -> Points:
    return np.asarray(coordinates, dtype=np.float64).reshape(-1, 2)


def _collection(path: Path, document: Any) -> dict[str, Any]:
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


@dataclass(frozen=True)
class _Features:
    zones: tuple[SiteZone, ...]
    lines: tuple[SiteLine, ...]
    plan: tuple[PlanFeature, ...]


def _features(path: Path, document: dict[str, Any], frame: SiteFrame | None) -> _Features:
    """Read all features; without a frame their coordinates are metres already."""
    to_metres = frame.to_metres if frame else _as_metres
    zones: list[SiteZone] = []
    lines: list[SiteLine] = []
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
        if member.kind == "counting_line":
            line_id = _identifier(where, feature.get("id", properties.get("id")))
            lines.append(_line(where, line_id, feature.get("geometry"), member, frame))
            continue
        rings = _rings(where, feature.get("geometry"), degrees=frame is not None)
        if member.kind == "zone":
            zone_id = _identifier(where, feature.get("id", properties.get("id")))
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
    _refuse_wrong_lines(path, lines, zone_ids={zone.zone.id for zone in zones})
    return _Features(tuple(zones), tuple(lines), tuple(plan))


def _refuse_wrong_lines(
    path: Path, lines: Sequence[SiteLine], *, zone_ids: Collection[str]
) -> None:
    ids = [line.id for line in lines]
    for line in lines:
        if ids.count(line.id) > 1:
            raise BadInput(f"{path}: counting line '{line.id}' is there twice, expected once")
        if line.into_zone is not None and line.into_zone not in zone_ids:
            raise BadInput(
                f"{path}: counting line '{line.id}': into_zone: '{line.into_zone}' is not a zone "
                "of this file"
            )


def _line(
    where: str, line_id: str, geometry: Any, member: FeatureMember, frame: SiteFrame | None
) -> SiteLine:
    if not isinstance(geometry, dict) or geometry.get("type") != "LineString":
        kind = geometry.get("type") if isinstance(geometry, dict) else geometry
        raise BadInput(f"{where}: geometry.type: {kind!r}, expected 'LineString'")
    points = _points(where, geometry.get("coordinates"), degrees=frame is not None)
    points_m = frame.to_metres(points) if frame else _as_metres(points)
    if len(points) < 2 or not np.hypot(*np.diff(points_m, axis=0).T).all():
        raise BadInput(
            f"{where}: geometry.coordinates: expected at least two points, none twice in a row"
        )
    return SiteLine(
        id=line_id,
        name=member.name or Text(de=line_id, en=line_id),
        points_m=points_m,
        into_zone=member.into_zone,
    )


def _rings(where: str, geometry: Any, *, degrees: bool) -> tuple[tuple[LonLat, ...], ...]:
    if not isinstance(geometry, dict) or geometry.get("type") != "Polygon":
        kind = geometry.get("type") if isinstance(geometry, dict) else geometry
        raise BadInput(f"{where}: geometry.type: {kind!r}, expected 'Polygon'")
    coordinates = geometry.get("coordinates")
    if not isinstance(coordinates, (list, tuple)):
        raise BadInput(f"{where}: geometry.coordinates: expected rings of [x, y] pairs")
    rings = tuple(_points(where, ring, degrees=degrees) for ring in coordinates)
    if not rings or any(len(ring) < 4 for ring in rings):
        raise BadInput(
            f"{where}: geometry.coordinates: a ring has under four points, expected a closed "
            "outline whose last point repeats the first"
        )
    return rings


def _points(where: str, coordinates: Any, *, degrees: bool) -> tuple[LonLat, ...]:
    try:
        points = tuple((float(point[0]), float(point[1])) for point in coordinates)
    except (KeyError, TypeError, ValueError, IndexError, OverflowError):
        raise BadInput(f"{where}: geometry.coordinates: expected [x, y] pairs") from None
    for x, y in points:
        if degrees and not (abs(x) <= 180 and abs(y) <= 90):
            raise BadInput(
                f"{where}: geometry.coordinates: ({x}, {y}), expected longitude and latitude "
                "in degrees"
            )
        if not (isfinite(x) and isfinite(y)):
            raise BadInput(f"{where}: geometry.coordinates: ({x}, {y}), expected finite metres")
    return points


def _zone(
    where: str,
    zone_id: str,
    properties: dict[str, Any],
    member: FeatureMember,
    rings: tuple[tuple[LonLat, ...], ...],
    to_metres: Callable[[Any], Points],
) -> SiteZone:
    try:
        polygon = Polygon(to_metres(rings[0]), [to_metres(ring) for ring in rings[1:]])
        zone = Zone(id=zone_id, polygon=polygon)
        plain_name = str(properties.get("name") or zone_id)[:200]
        return SiteZone(
            zone=zone,
            name=member.name or Text(de=plain_name, en=plain_name),
            thresholds=member.thresholds,
            thresholds_reason=member.thresholds_reason,
            rule=_rule(member.thresholds),
            min_seen_share=member.min_seen_share,
            limits=member.limits,
        )
    except BadInput as error:
        raise BadInput(f"{where}: {error}") from None
    except ShapelyError as error:
        raise BadInput(f"{where}: zone '{zone_id}': {error}") from None


def _rule(thresholds: Thresholds) -> LevelRule:
    return LevelRule(
        begins_ppm2=(thresholds.busy_ppm2, thresholds.tight_ppm2, thresholds.critical_ppm2),
        hysteresis_ppm2=thresholds.hysteresis_ppm2,
        rise_s=thresholds.rise_s,
        fall_s=thresholds.fall_s,
    )


def _identifier(where: str, given: Any) -> str:
    known_kind = isinstance(given, (str, int)) and not isinstance(given, bool)
    text = str(given) if known_kind else ""
    if not _is_identifier(text):
        raise BadInput(
            f"{where}: id: {given!r}, expected up to 64 letters, digits, '.', '_' and '-'"
        )
    return text


def _is_identifier(text: str) -> bool:
    return (
        bool(text)
        and len(text) <= 64
        and text[0].isalnum()
        and text.isascii()
        and all(c.isalnum() or c in "._-" for c in text)
    )
