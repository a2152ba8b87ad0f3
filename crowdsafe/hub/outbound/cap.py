"""A warning as CAP 1.2 XML (OASIS Standard of 1 July 2010, Common Alerting Protocol 1.2)."""

import re
from collections.abc import Iterable
from typing import Literal
from xml.etree import ElementTree

from crowdsafe.contract.alarms import Alarm, AlarmCause
from crowdsafe.contract.notices import LonLat
from crowdsafe.contract.targets import CapSettings
from crowdsafe.domain.alarm.cause import Priority
from crowdsafe.hub.outbound.cap_message import CapMessage, CapReference
from crowdsafe.hub.outbound.cause_words import CAUSES, EVENTS, MessageLanguage, words
from crowdsafe.hub.outbound.moments import cap_time

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
MEDIA_TYPE = "application/cap+xml"
_LANGUAGES: tuple[tuple[MessageLanguage, str], ...] = (("de", "de-DE"), ("en", "en-GB"))
# The standard asks for headlines that fit on small displays.
_HEADLINE_LENGTH = 160
_TEXT_LENGTH = 2000
_DEGREES_DIGITS = 6
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_SEVERITY: dict[Priority, str] = {"high": "Severe", "medium": "Moderate", "low": "Minor"}
"""Never ``Extreme``: that is for a person to say."""
_EXPECTED: frozenset[AlarmCause] = frozenset({"rise", "forecast", "weather"})
_POSSIBLE: frozenset[AlarmCause] = frozenset({"forecast"})


def cap_xml(message: CapMessage, *, settings: CapSettings) -> bytes:
    """Return a message as an XML document in UTF-8."""
    notice = message.notice
    root = ElementTree.Element("alert", {"xmlns": NAMESPACE})
    _add(root, "identifier", message.identifier)
    _add(root, "sender", message.sender)
    _add(root, "sent", cap_time(message.sent_at_s))
    _add(root, "status", message.status)
    _add(root, "msgType", message.message_type)
    _add(root, "scope", message.scope)
    if message.scope == "Restricted":
        _add(root, "restriction", settings.restriction)
    if notice.exercise or message.message_type == "Cancel":
        _add(root, "note", _note(message))
    if message.references:
        _add(root, "references", " ".join(_reference(each) for each in message.references))
    _add(root, "incidents", f"{notice.site_id}.{notice.alarm.id}")
    for language, tag in _LANGUAGES:
        _add_info(root, message, settings=settings, language=language, tag=tag)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _add_info(
    root: ElementTree.Element,
    message: CapMessage,
    *,
    settings: CapSettings,
    language: MessageLanguage,
    tag: str,
) -> None:
    notice, alarm = message.notice, message.notice.alarm
    over = message.message_type == "Cancel"
    where = words(notice.subject.name, language)
    event = words(CAUSES[alarm.cause], language)
    info = ElementTree.SubElement(root, "info")
    _add(info, "language", tag)
    _add(info, "category", "Met" if alarm.cause == "weather" else "Safety")
    _add(info, "event", event)
    _add(info, "responseType", "AllClear" if over else _response(alarm.cause))
    _add(info, "urgency", _urgency(alarm, over=over))
    _add(info, "severity", "Minor" if over else _SEVERITY[alarm.priority])
    _add(info, "certainty", _certainty(alarm))
    _add(info, "effective", cap_time(message.sent_at_s))
    _add(info, "onset", cap_time(alarm.raised_at_s))
    _add(info, "expires", cap_time(message.sent_at_s + settings.expires_min * 60))
    if settings.sender_name is not None:
        _add(info, "senderName", settings.sender_name)
    headline = words(EVENTS["ended"], language) + f": {event}" if over else event
    _add(info, "headline", _cut(f"{headline}, {where}", _HEADLINE_LENGTH))
    _add(info, "description", words(notice.sentence, language))
    if settings.web is not None:
        _add(info, "web", settings.web)
    if settings.contact is not None:
        _add(info, "contact", settings.contact)
    for name, value in _parameters(alarm):
        parameter = ElementTree.SubElement(info, "parameter")
        _add(parameter, "valueName", name)
        _add(parameter, "value", value)
    area = ElementTree.SubElement(info, "area")
    _add(area, "areaDesc", where, instead=notice.subject.id)
    if notice.subject.rings:
        polygon = cap_polygon(notice.subject.rings[0])
        if polygon is not None:
            _add(area, "polygon", polygon)


def cap_polygon(ring: Iterable[LonLat]) -> str | None:
    """Return a ring of longitudes and latitudes as CAP writes it: "lat,lon lat,lon", closed.

    CAP knows no holes: who stands in one is warned too. None when it is no area of WGS 84.
    """
    points = [
        (round(latitude, _DEGREES_DIGITS) + 0.0, round(longitude, _DEGREES_DIGITS) + 0.0)
        for longitude, latitude in ring
    ]
    if not points or any(abs(lat) > 90 or abs(lon) > 180 for lat, lon in points):
        return None
    if points[0] != points[-1]:
        points.append(points[0])
    if len(set(points)) < 3:
        return None
    return " ".join(f"{lat:.{_DEGREES_DIGITS}f},{lon:.{_DEGREES_DIGITS}f}" for lat, lon in points)


def _note(message: CapMessage) -> str:
    notes = []
    if message.notice.exercise:
        notes.append("Übung. Exercise.")
    if message.message_type == "Cancel":
        notes.append("Die Ursache ist vorbei. The cause is gone.")
    return " ".join(notes)


def _reference(reference: CapReference) -> str:
    return f"{reference.sender},{reference.identifier},{cap_time(reference.sent_at_s)}"


def _response(cause: AlarmCause) -> str:
    if cause == "weather":
        return "Prepare"
    return "Monitor" if cause in _EXPECTED else "Avoid"


def _urgency(alarm: Alarm, *, over: bool) -> str:
    if over:
        return "Past"
    if alarm.cause in _EXPECTED or alarm.priority == "low":
        return "Expected"
    return "Immediate"


def _certainty(alarm: Alarm) -> Literal["Observed", "Likely", "Possible"]:
    if alarm.cause in _POSSIBLE:
        return "Possible"
    if alarm.cause in _EXPECTED:
        return "Likely"
    if alarm.value is None or alarm.limit is None or alarm.value_sd is None:
        return "Observed"
    return "Observed" if alarm.value - alarm.value_sd >= alarm.limit else "Likely"


def _parameters(alarm: Alarm) -> Iterable[tuple[str, str]]:
    figures = {"value": alarm.value, "value_sd": alarm.value_sd, "limit": alarm.limit}
    if alarm.quantity is not None:
        yield "crowdsafe:quantity", alarm.quantity
        for name, figure in figures.items():
            if figure is not None:
                yield f"crowdsafe:{name}", f"{figure:.6g}"
    if alarm.seen_share is not None:
        yield "crowdsafe:seen_share", f"{alarm.seen_share:.2f}"


def _add(parent: ElementTree.Element, name: str, text: str, *, instead: str = "-") -> None:
    clean = _cut(_NOT_XML.sub("", text).replace("\r", " ").strip(), _TEXT_LENGTH)
    ElementTree.SubElement(parent, name).text = clean or instead


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
