"""The record over HTTP: zone courses, events, shifts."""

import csv
import io
import time
from typing import Any

import pytest
from fastapi.testclient import TestClient

from crowdsafe.hub.access.auth import Auth
from crowdsafe.hub.store import Store
from crowdsafe.hub.store.batch import AuditEntry
from tests.hub.conftest import PASSWORD, MakeObservation, sign_in
from tests.hub.page_socket import heard
from tests.hub.routes.posting import raise_alarm


def test_a_zone_that_is_not_there_is_said(client: TestClient) -> None:
    sign_in(client)
    answer = client.get("/api/zones/nowhere/history", params={"from_s": 0, "to_s": 1})
    assert (answer.status_code, answer.json()["error"]) == (
        404,
        "zone_id: 'nowhere' is not a zone of this site",
    )


@pytest.mark.parametrize(
    "span", [{"from_s": 5, "to_s": 5}, {"from_s": "nan", "to_s": 5}, {"from_s": 1}]
)
def test_a_span_that_is_none_is_said(client: TestClient, span: dict[str, float]) -> None:
    sign_in(client)
    answer = client.get("/api/zones/junction/history", params=span)
    assert answer.status_code == 422
    assert answer.json()["error"]


def test_what_happened_is_read_back_in_order(
    client: TestClient, token: str, make_observation: MakeObservation
) -> None:
    sign_in(client)
    alarm_id = raise_alarm(client, token, make_observation)
    client.post(f"/api/alarms/{alarm_id}/acknowledge")
    events = client.get("/api/record/events").json()["events"]
    assert [event["seq"] for event in events] == sorted(event["seq"] for event in events)
    mine = [
        (event["action"], event["actor"])
        for event in events
        if event["subject"] == f"alarm/{alarm_id}"
    ]
    assert mine == [("alarm.raised", "hub"), ("alarm.acknowledged", "night_shift")]
    rest = client.get("/api/record/events", params={"after": events[-1]["seq"]}).json()
    last = events[-1]["seq"]
    assert rest == {"events": [], "reached": last, "more": False, "head": last}


def _events(client: TestClient, **query: Any) -> list[tuple[str, str]]:
    answer = client.get("/api/record/events", params=query)
    assert answer.status_code == 200, answer.text
    return [(each["action"], each["subject"]) for each in answer.json()["events"]]


def test_the_newest_come_first_and_page_by_page_to_the_oldest(
    client: TestClient, store: Store
) -> None:
    sign_in(client)
    for number in range(7):
        store.audit.append(
            AuditEntry(
                at_s=time.time(), actor="hub", action="worker.revoked", subject=f"w/{number}"
            )
        )
    query: dict[str, Any] = {"order": "newest_first", "most": 3, "kinds": "people"}
    seen: list[int] = []
    while True:
        answer = client.get("/api/record/events", params=query).json()
        seen += [each["seq"] for each in answer["events"]]
        if not answer["more"]:
            break
        query["before"] = answer["reached"]
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(set(seen)) >= 9
    assert seen[0] == answer["head"]


def test_what_is_asked_for_is_found_and_nothing_else(
    client: TestClient, token: str, make_observation: MakeObservation
) -> None:
    sign_in(client)
    alarm_id = raise_alarm(client, token, make_observation)
    client.post(f"/api/alarms/{alarm_id}/acknowledge")
    client.post(f"/api/alarms/{alarm_id}/measures/junction_keep_moving/confirm")
    subject = f"alarm/{alarm_id}"
    raised, taken = ("alarm.raised", subject), ("alarm.acknowledged", subject)
    confirmed = ("measure.confirmed", subject)
    assert [raised, taken] == [
        each for each in _events(client, kinds="alarms") if each[1] == subject
    ]
    assert confirmed in _events(client, kinds="measures,weather")
    assert raised not in _events(client, kinds="measures,weather")
    # A confirmed measure names its zone in its subject.
    assert _events(client, place="junction") == [raised, taken, confirmed]
    assert raised in _events(client, priority="medium")
    assert _events(client, priority="high") == []
    assert taken in _events(client, actor="night_shift")
    assert raised not in _events(client, actor="night_shift")
    # Words are found in what is written, and in the names of what it is about.
    assert _events(client, text="KREUZUNG night_shift") == [taken, confirmed]
    # The names of fields are not words that anybody wrote.
    assert _events(client, text="escalates_at_s") == []
    assert _events(client, text="nothing_of_the_kind") == []
    assert _events(client, to_s=time.time() - 3600) == []
    assert taken in _events(client, from_s=time.time() - 3600)
    assert _events(client, from_s=time.time() + 3600) == []


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"kinds": "alarms,ghosts"}, "kinds: 'ghosts', expected some of alarms,"),
        ({"kinds": ""}, "kinds: '', expected some of"),
        ({"priority": "urgent"}, "priority"),
        ({"place": "../etc"}, "place"),
        ({"before": -1}, "before"),
        ({"order": "random"}, "order"),
        ({"text": "x" * 201}, "text"),
        ({"from_s": "nan"}, "from_s"),
    ],
)
def test_what_cannot_be_asked_for_is_said(
    client: TestClient, query: dict[str, Any], error: str
) -> None:
    sign_in(client)
    answer = client.get("/api/record/events", params=query)
    assert answer.status_code == 422
    assert error in answer.json()["error"]


def test_the_record_leaves_as_csv_without_formulas_and_that_is_in_it(
    client: TestClient, auth: Auth, store: Store
) -> None:
    auth.put_user(name="head", password=PASSWORD, role="organiser")
    sign_in(client, "head")
    store.audit.append(
        AuditEntry(
            at_s=1_700_000_000.5,
            actor="=cmd()",
            action="shift.taken_over",
            subject="@there",
            detail={"note": "Tür, offen"},
        )
    )
    answer = client.get("/api/record/export", params={"kinds": "people", "text": "tür"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert row["actor"] == "'=cmd()"
    assert row["subject"] == "'@there"
    assert row["at"] == "2023-11-14T22:13:20.500+00:00"
    assert row["detail"] == '{"note": "Tür, offen"}'
    assert len(row["hash"]) == 64
    (asked,) = _events(client, kinds="record")
    assert asked == ("record.exported", "audit")
    wrong = client.get("/api/record/export", params={"kinds": "ghosts"})
    assert wrong.status_code == 422


def test_an_operator_reads_the_record_and_does_not_take_it_away(client: TestClient) -> None:
    sign_in(client)
    answer = client.get("/api/record/export")
    assert (answer.status_code, answer.json()["error"]) == (
        403,
        "an operator may not export the record",
    )


def test_a_shift_is_handed_over_with_what_happened(
    client: TestClient, token: str, make_observation: MakeObservation
) -> None:
    sign_in(client)
    alarm_id = raise_alarm(client, token, make_observation)
    client.post(f"/api/alarms/{alarm_id}/measures/junction_keep_moving/confirm")
    shift = client.get("/api/shift").json()
    assert shift["duty"] is None
    summary = shift["summary"]
    assert (summary["raised"], summary["by_subject"]["junction"]) == (1, 1)
    assert [alarm["id"] for alarm in summary["standing"]] == [alarm_id]
    assert (summary["measures"], summary["unanswered"]) == (1, [])
    answer = client.post("/api/shift", json={"note": "gate 2 is slow"})
    assert answer.status_code == 200
    assert answer.json()["duty"]["name"] == "night_shift"
    after = client.get("/api/shift").json()
    assert after["duty"]["since_s"] == pytest.approx(time.time(), abs=5)
    assert after["summary"]["raised"] == 0
    assert [alarm["id"] for alarm in after["summary"]["standing"]] == [alarm_id]
    with client.websocket_connect("/ws/page") as page:
        assert heard(page)["duty"]["name"] == "night_shift"


def test_a_viewer_takes_over_no_shift(client: TestClient) -> None:
    sign_in(client, "guest")
    answer = client.post("/api/shift", json={})
    assert (answer.status_code, answer.json()["error"]) == (
        403,
        "a viewer may not hand over a shift",
    )
