"""CAP, NGSI-LD and Apprise to a real HTTP server."""

import asyncio
import json
import logging
from typing import Any

import pytest
from pydantic import TypeAdapter

from crowdsafe.contract.targets import CapSettings, TargetBase, Targets
from crowdsafe.errors import BadInput
from crowdsafe.hub.outbound.cap_series import NothingToApprove
from crowdsafe.hub.outbound.senders.make import make_senders
from crowdsafe.hub.outbound.warnings import ApproveWarning, DiscardWarning, Warnings
from crowdsafe.hub.outbound.zone_messages import ZoneMessages
from crowdsafe.hub.store import Batch
from tests.hub.outbound.http_target import HttpTarget, Say
from tests.hub.outbound.kept import Kept
from tests.hub.outbound.notices import AT_S, alarm_notice, measure_notice
from tests.hub.outbound.running import CAP, running, until
from tests.hub.outbound.test_cap import SCHEMA
from tests.hub.outbound.zones import zone_info, zone_state

# Apprise loads all it can send with, and one of them asks for what Python 3.13 has not.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

_READ: TypeAdapter[tuple[TargetBase, ...]] = TypeAdapter(Targets)


def target(http: HttpTarget, kind: str, **changes: Any) -> TargetBase:
    scheme = "json" if kind == "apprise" else "http"
    url = f"{scheme}://127.0.0.1:{http.port}"
    return _READ.validate_python([{"id": kind, "kind": kind, "url": url, **changes}])[0]


def test_an_approved_warning_arrives_as_valid_xml(http: HttpTarget, kept: Kept) -> None:
    authority = target(http, "cap", token="a token")
    warnings = Warnings(CAP, [authority])
    series = warnings.take(alarm_notice())
    assert series is not None
    (draft,) = warnings.drafts
    assert warnings.draft(7) == draft
    # What is kept is all that a restarted hub needs.
    warnings = Warnings(CAP, [authority], series=[series])
    _, outgoing = warnings.approve(
        7, ApproveWarning(identifier=draft.identifier), by="chief", at_s=AT_S
    )
    assert warnings.drafts == ()

    async def deliver() -> None:
        kept.store.write(Batch(outgoing=outgoing))
        async with running(kept.outbox, [authority]) as run:
            await until(lambda: run.told == [(draft.identifier, "sent", "")])

    asyncio.run(deliver())
    (got,) = http.received
    SCHEMA.validate(got.body.decode())
    assert b"<status>Actual</status>" in got.body
    assert got.headers["content-type"] == "application/cap+xml"
    assert got.headers["authorization"] == "Bearer a token"


def test_no_draft_without_somebody_to_send_it_to() -> None:
    warnings = Warnings(CAP, [])
    assert warnings.take(alarm_notice()) is None
    with pytest.raises(NothingToApprove, match="alarm 7: no warning waits"):
        warnings.draft(7)


def test_a_discarded_draft_is_not_made_again_by_itself(http: HttpTarget) -> None:
    warnings = Warnings(CAP, [target(http, "cap")])
    warnings.take(alarm_notice())
    identifier = warnings.draft(7).identifier
    warnings.discard(7, DiscardWarning(identifier=identifier))
    assert warnings.drafts == ()
    warnings.take(alarm_notice("worsened"))
    assert warnings.draft(7).identifier != identifier


def test_who_warns_must_be_set(http: HttpTarget) -> None:
    with pytest.raises(BadInput, match=r"'cap': set hub\.cap\.sender"):
        make_senders([target(http, "cap")], cap=CapSettings(), timezone="UTC", now=lambda: 0.0)


def test_zones_are_upserted_and_replace_what_was_there(http: HttpTarget, kept: Kept) -> None:
    broker = target(http, "ngsi", token="a token", tenant="fair", every_s=30)
    messages = ZoneMessages([broker])
    states = {"stage": zone_state(), "path": zone_state(zone_id="path", level="unknown")}
    zones = [zone_info("stage"), zone_info("path")]
    assert messages.due(AT_S)
    first = messages.outgoing(zones, states, site_id="fair", now_s=AT_S)
    assert not messages.due(AT_S + 29)
    assert messages.outgoing(zones, states, site_id="fair", now_s=AT_S + 29) == ()
    assert messages.due(AT_S + 30)
    assert messages.due(AT_S - 3600), "the clock was set back"

    async def deliver() -> None:
        # Older than it may be by far, were it not for late_s.
        assert first[0].created_at_s == AT_S
        async with running(kept.outbox, [broker], now=lambda: AT_S + 5) as run:
            kept.store.write(Batch(outgoing=first))
            run.runner.wake(["ngsi"])
            await until(lambda: bool(run.told))

    asyncio.run(deliver())
    (got,) = http.received
    assert got.path == "/ngsi-ld/v1/entityOperations/upsert"
    assert got.headers["content-type"] == "application/ld+json"
    assert got.headers["ngsild-tenant"] == "fair"
    assert [each["id"].rpartition(":")[2] for each in json.loads(got.body)] == ["stage", "path"]


def test_zones_that_come_late_are_given_up(http: HttpTarget, kept: Kept) -> None:
    broker = target(http, "ngsi", late_s=60)
    (old,) = ZoneMessages([broker]).outgoing(
        [zone_info("stage")], {"stage": zone_state()}, site_id="fair", now_s=AT_S
    )

    async def deliver() -> None:
        kept.store.write(Batch(outgoing=(old,)))
        async with running(kept.outbox, [broker], now=lambda: AT_S + 61) as run:
            await until(lambda: bool(run.told))
            assert run.told[0][1:] == ("failed", "not delivered within 60 s")

    asyncio.run(deliver())
    assert http.received == []


def test_a_broker_that_takes_only_a_part_is_not_believed(http: HttpTarget, kept: Kept) -> None:
    http.then = Say(207, b'{"errors": [{"entityId": "urn:x"}]}')
    broker = target(http, "ngsi")

    async def deliver() -> None:
        kept.put("ngsi", ("zones-1", "[]"), ("zones-2", "{}"), ("zones-3", "{"))
        async with running(kept.outbox, [broker], first_wait_s=0.001) as run:
            await until(lambda: len(run.told) == 3)
            assert 'took only a part: {"errors"' in run.told[0][2]
            assert run.told[1][2] == "is no list of entities"
            assert run.told[2][2] == "is no JSON"

    asyncio.run(deliver())


def test_words_go_out_through_apprise_in_the_targets_language(http: HttpTarget, kept: Kept) -> None:
    post = target(http, "apprise", language="en")
    notices = [alarm_notice(), measure_notice(target="apprise")]

    async def deliver() -> None:
        kept.put("apprise", *((each.id, each.model_dump_json()) for each in notices))
        async with running(kept.outbox, [post]) as run:
            await until(lambda: len(run.told) == 2)
            assert [end for _, end, _ in run.told] == ["sent", "sent"]

    asyncio.run(deliver())
    alarm, measure = (json.loads(each.body) for each in http.received)
    assert alarm["title"] == "Alarm (high): Stage"
    assert alarm["message"].startswith("4.0 persons per m² in front of the stage, limit 3.57.")
    assert alarm["type"] == "warning"
    assert measure["title"] == "Announcement: Stage"
    assert "Loudspeaker (de): Bitte bleiben Sie stehen." in measure["message"]


def test_a_channel_that_fails_is_tried_again_and_says_no_password(
    http: HttpTarget, kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    http.script = [Say(500), Say(401)]
    hush = "unspeakable"
    post = target(http, "apprise", url=f"json://name:{hush}@127.0.0.1:{http.port}/{hush}2")

    async def deliver() -> None:
        notice = alarm_notice()
        kept.put("apprise", (notice.id, notice.model_dump_json()))
        async with running(kept.outbox, [post], first_wait_s=0.3) as run:
            await until(lambda: kept.row(notice.id).tries == 1)
            assert "error=500" in kept.row(notice.id).error
            await until(lambda: bool(run.told))
            assert run.told[0][1] == "sent"

    asyncio.run(deliver())
    assert len(http.received) == 3
    assert hush not in caplog.text


def test_a_channel_that_hangs_is_left_after_its_time(http: HttpTarget, kept: Kept) -> None:
    http.then = Say(wait_s=1.5)
    post = target(http, "apprise", timeout_s=0.3)

    async def deliver() -> None:
        notice = alarm_notice()
        kept.put("apprise", (notice.id, notice.model_dump_json()))
        async with running(kept.outbox, [post], first_wait_s=30):
            await until(lambda: kept.row(notice.id).tries == 1, within_s=1.3)

    asyncio.run(deliver())


def test_an_address_that_apprise_does_not_know_is_refused_without_saying_it(
    http: HttpTarget, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    post = target(http, "apprise", url="pigeon://name:unspeakable@loft")
    with pytest.raises(BadInput) as caught:
        make_senders([post], cap=CAP, timezone="UTC", now=lambda: 0.0)
    assert "hub.targets: 'apprise': url: Apprise knows no such address" in str(caught.value)
    assert "unspeakable" not in str(caught.value) + caplog.text
