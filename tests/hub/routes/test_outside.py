"""What leaves the hub, over HTTP: metrics, the outbox, warnings, the event stream."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from crowdsafe.contract.site import Site
from crowdsafe.hub.access.auth import Auth
from crowdsafe.hub.app import create_app
from crowdsafe.hub.service import Hub
from crowdsafe.hub.store import Store
from crowdsafe.settings import HubSettings
from tests.hub.conftest import PASSWORD, MakeObservation, sign_in
from tests.hub.routes.posting import post, raise_alarm

_TOKEN = "a token of Prometheus"
_TARGETS = [
    {"id": "city", "kind": "cap", "url": "http://127.0.0.1:9/cap"},
    {
        "id": "mast",
        "kind": "webhook",
        "url": "http://127.0.0.1:9/",
        "secret": "whsec_" + "QUFB" * 8,
    },
]


@pytest.fixture
def settings(store_url: str) -> HubSettings:
    return HubSettings.model_validate(
        {
            "database_url": store_url,
            "unknown_after_s": 10.0,
            "metrics_token": _TOKEN,
            "targets": _TARGETS,
            "cap": {"sender": "hub@fair.example", "causes": ["density"], "min_priority": "low"},
        }
    )


@pytest.fixture
def client(site: Site, settings: HubSettings, store: Store, auth: Auth) -> Iterator[TestClient]:
    with TestClient(create_app(Hub(site, settings, store), auth)) as client:
        yield client


def test_metrics_are_for_the_token_and_for_people(
    client: TestClient, token: str, make_observation: MakeObservation
) -> None:
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer no"}).status_code == 401
    assert post(client, token, make_observation(density_ppm2=0.03))[0] == 200
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {_TOKEN}"})
    assert answer.status_code == 200
    samples = [
        sample
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    ]
    (density,) = [
        sample.value
        for sample in samples
        if sample.name == "crowdsafe_zone_density_ppm2" and sample.labels["zone"] == "junction"
    ]
    assert density == pytest.approx(0.03, rel=1e-3)
    sign_in(client)
    assert client.get("/metrics").status_code == 200


def test_the_metrics_token_is_told_to_nobody(settings: HubSettings) -> None:
    assert isinstance(settings.metrics_token, SecretStr)
    assert _TOKEN not in repr(settings)


def test_what_waits_for_a_target_is_seen(
    client: TestClient, token: str, make_observation: MakeObservation
) -> None:
    sign_in(client)
    raise_alarm(client, token, make_observation)
    (waiting,) = client.get("/api/outbox").json()["targets"]
    assert waiting["target_id"] == "mast"
    assert waiting["waiting"] >= 1


def test_a_warning_waits_for_a_person_with_the_right_and_then_goes_out(
    client: TestClient, token: str, make_observation: MakeObservation, auth: Auth, store: Store
) -> None:
    sign_in(client)
    alarm_id = raise_alarm(client, token, make_observation)
    (draft,) = client.get("/api/warnings").json()
    xml = client.get(f"/api/warnings/{alarm_id}/xml")
    assert xml.headers["content-type"].startswith("application/cap+xml")
    assert "<status>Draft</status>" in xml.text
    body = {"identifier": draft["identifier"]}
    path = f"/api/warnings/{alarm_id}/approve"
    assert client.post(path, json=body).status_code == 403, "an operator may not"
    assert not store.outbox.waiting("city", now_s=1e10, limit=5), "nothing leaves unapproved"
    auth.put_user(name="head", password=PASSWORD, role="organiser")
    sign_in(client, "head")
    assert client.post(path, json={"identifier": "another"}).status_code == 409
    assert client.post(path, json=body).status_code == 200
    (message,) = store.outbox.waiting("city", now_s=1e10, limit=5)
    assert '"status":"Actual"' in message.body
    assert client.post(path, json=body).status_code == 409, "only once"
    (entry,) = [each for each in store.audit.entries() if each.action == "warning.approved"]
    assert entry.actor == "head"
    assert '"status":"Actual"' in entry.detail


def test_drafts_and_what_is_out_outlive_a_restart(
    client: TestClient,
    token: str,
    make_observation: MakeObservation,
    site: Site,
    settings: HubSettings,
    store: Store,
) -> None:
    sign_in(client)
    raise_alarm(client, token, make_observation)
    drafts = client.get("/api/warnings").json()
    again = Hub(site, settings, store)
    assert [each.model_dump(mode="json") for each in again.outside.warnings.drafts] == drafts


def test_a_draft_is_thrown_away(
    client: TestClient, token: str, make_observation: MakeObservation, auth: Auth
) -> None:
    auth.put_user(name="head", password=PASSWORD, role="organiser")
    sign_in(client, "head")
    alarm_id = raise_alarm(client, token, make_observation)
    (draft,) = client.get("/api/warnings").json()
    body = {"identifier": draft["identifier"]}
    assert client.post(f"/api/warnings/{alarm_id}/discard", json=body).status_code == 204
    assert client.get("/api/warnings").json() == []


def test_nobody_listens_to_events_without_a_session_or_with_a_wrong_id(
    client: TestClient,
) -> None:
    assert client.get("/api/events/stream").status_code == 401
    sign_in(client)
    answer = client.get("/api/events/stream", headers={"Last-Event-ID": "yesterday"})
    assert answer.status_code == 422
