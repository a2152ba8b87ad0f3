"""The application around the hub: what happens when a part of it fails."""

import threading
import time

import pytest
from fastapi.testclient import TestClient

from crowdsafe.contract.site import Site
from crowdsafe.hub.access.auth import Auth
from crowdsafe.hub.app import create_app
from crowdsafe.hub.revisions import Revisions
from crowdsafe.hub.service import Hub
from crowdsafe.hub.store import Store
from crowdsafe.resources import DEMO_SITE, resource
from crowdsafe.settings import HubSettings
from tests.hub.conftest import MakeObservation, sign_in
from tests.hub.routes.posting import post, raise_alarm


@pytest.fixture
def hub(site: Site, settings: HubSettings, store: Store) -> Hub:
    return Hub(site, settings, store)


def _broken(*_: object, **__: object) -> None:
    raise RuntimeError("as nobody thought of")


def test_a_hub_whose_loop_fails_ends_loudly(
    hub: Hub, auth: Auth, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stopped = threading.Event()
    monkeypatch.setattr(hub.state, "tick", _broken)
    with TestClient(create_app(hub, auth, stop=stopped.set)):
        assert stopped.wait(10)
    assert "as nobody thought of" in caplog.text


def test_another_part_that_fails_is_said_and_the_hub_goes_on(
    hub: Hub,
    auth: Auth,
    token: str,
    make_observation: MakeObservation,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    stopped = threading.Event()
    monkeypatch.setattr(hub.store.history, "downsample", _broken)
    with TestClient(create_app(hub, auth, stop=stopped.set)) as client:
        assert post(client, token, make_observation())[0] == 200
    assert "tidying up: ended" in caplog.text
    assert not stopped.is_set()


@pytest.mark.parametrize("reason", ["a\0b and more", "\u202ea b c", "x" * 300, "💥💥💥"])
def test_no_reason_that_is_taken_stops_the_record(
    hub: Hub, auth: Auth, token: str, make_observation: MakeObservation, reason: str
) -> None:
    stopped = threading.Event()
    with TestClient(create_app(hub, auth, stop=stopped.set)) as client:
        sign_in(client)
        alarm_id = raise_alarm(client, token, make_observation)
        body = {"for_s": 60, "reason": reason}
        assert client.post(f"/api/alarms/{alarm_id}/shelve", json=body).status_code in (200, 422)
        assert client.post("/api/shift", json={"note": reason}).status_code in (200, 422)
        assert post(client, token, make_observation())[0] == 200, "it goes on writing"
    assert not stopped.is_set()
    assert hub.store.audit.verify().problem is None


def test_an_observation_by_http_of_another_revision_is_refused_and_not_just_passed_over(
    store: Store, auth: Auth, settings: HubSettings, token: str, make_observation: MakeObservation
) -> None:
    revisions = Revisions(store)
    revisions.start(resource(DEMO_SITE), now_s=time.time())
    published = revisions.published()
    assert published is not None
    hub = Hub(published.site, settings, store, revisions=revisions)
    number = published.number
    with TestClient(create_app(hub, auth)) as client:
        for said, shown in ((None, "none"), (number + 1, number + 1)):
            assert post(client, token, make_observation(revision=said)) == (
                422,
                f"revision: {shown}, expected {number}, the one that the hub runs",
            )
        assert post(client, token, make_observation(revision=number))[0] == 200
