"""A real hub with something of everything in it, served on a port, to be asked badly."""

import copy
import itertools
import json
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
from argon2 import PasswordHasher
from fastapi import FastAPI
from websockets.sync.client import connect

from crowdsafe.contract.site import Site
from crowdsafe.hub.access.auth import SESSION_COOKIE, Auth, NotSignedIn
from crowdsafe.hub.access.oidc import Oidc, OidcClient
from crowdsafe.hub.app import create_app
from crowdsafe.hub.outbound.cap_message import CapMessage
from crowdsafe.hub.page_feed import unpacked
from crowdsafe.hub.revisions import Revisions
from crowdsafe.hub.service import Hub
from crowdsafe.hub.store import Store
from crowdsafe.resources import DEMO_SITE, resource
from crowdsafe.settings import HubSettings
from tests.fuzz.right import HEAD, Late, observation
from tests.hub.access.conftest import PEOPLE, add_people
from tests.hub.access.provider import CLIENT_ID, CLIENT_SECRET, REDIRECT_URL, Provider
from tests.hub.access.serving import serving
from tests.hub.conftest import PASSWORD, WORKER
from tests.live import wait_until

METRICS_TOKEN = "a token of Prometheus"
_MANY = 1_000_000
_ALARMS = {"density", "peak", "pressure", "counter_flow"}


class Complaints(logging.Handler):
    """Keeps what is logged as an error, with its traceback."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.heard.append(logging.Formatter("%(name)s: %(message)s").format(record))

    def so_far(self) -> str:
        """Return what was heard since it was taken last."""
        return "\n".join(self.heard)

    def take(self) -> str:
        """Return the same, and forget it."""
        heard, self.heard = self.so_far(), []
        return heard


class OpenedHub:
    """The hub, where it listens, and who may ask it."""

    def __init__(self, app: FastAPI, hub: Hub, auth: Auth, stopped: threading.Event) -> None:
        self.app = app
        self.hub = hub
        self.auth = auth
        self.address = ""
        self.complaints = Complaints()
        self.healed = 0
        self._stopped = stopped
        self._seqs = itertools.count(1)
        self._cookies: dict[str, str] = {}
        self._token = ""
        self.heal()

    @property
    def is_alive(self) -> bool:
        """Whether its loop still runs."""
        return not self._stopped.is_set()

    def problem(self) -> str | None:
        """Return what is wrong with the hub after all that it was asked."""
        if not self.is_alive:
            return "its loop ended"
        broken = self.hub.store.audit.verify().problem
        if broken is not None:
            return f"its record does not verify: {broken}"
        cookie = f"{SESSION_COOKIE}={self.cookies(HEAD)[SESSION_COOKIE]}"
        url = f"ws://{self.address}/ws/page"
        with connect(url, additional_headers={"Cookie": cookie}) as socket:
            first = json.loads(unpacked(socket.recv(timeout=10, decode=False)))["type"]
        return None if first == "snapshot" else f"a new page hears '{first}' first"

    def cookies(self, person: str | None) -> dict[str, str]:
        """Return the cookies of a person who is signed in."""
        if person is None:
            return {}
        if person not in self._cookies:
            try:
                self._cookies[person] = self._sign_in(person)
            except NotSignedIn:
                self.heal()
                self._cookies[person] = self._sign_in(person)
        return {SESSION_COOKIE: self._cookies[person]}

    def _sign_in(self, person: str) -> str:
        return self.auth.sign_in(name=person, password=PASSWORD, now_s=time.time()).token

    def bearer(self) -> dict[str, str]:
        """Return the header of the worker."""
        return {"Authorization": f"Bearer {self._token}"}

    def sign_out(self, person: str) -> None:
        """Know a person's session no more."""
        self._cookies.pop(person, None)

    def heal(self) -> None:
        """Give everybody back what they need: a password, a role, a session, a worker's key."""
        self.healed += 1
        self._cookies.clear()
        add_people(self.auth)
        for name in PEOPLE:
            if self.auth.people.account(name).disabled_at_s is not None:
                self.auth.people.enable(name, by="hub")
        self._token = self.auth.add_worker(WORKER)

    def json(self, document: Any) -> bytes:
        """Return a document as JSON, with what is known only now; NaN and the like go through."""
        return json.dumps(document, default=self.late).encode()

    def late(self, value: object) -> Any:
        """Return what is only known now."""
        match value:
            case Late.NOW_S:
                return time.time()
            case Late.SEQ:
                return next(self._seqs)
            case Late.DRAFT | Late.BAD_DRAFT:
                draft = self._draft(to_be_discarded=value is Late.BAD_DRAFT)
                return draft.identifier if draft else "there is none"
            case Late.DRAFTED | Late.BADLY_DRAFTED:
                draft = self._draft(to_be_discarded=value is Late.BADLY_DRAFTED)
                return draft.notice.alarm.id if draft else 1
            case Late.OUT_OF_SERVICE:
                alarms = (each.id for each in self.hub.alarms() if each.state == "out_of_service")
                return next(alarms, 1)
            case Late.NEWEST:
                assert self.hub.revisions is not None
                return self.hub.revisions.list(limit=1)[0].number
            case Late.PUBLISHED:
                assert self.hub.feed is not None
                return self.hub.feed.current.number
        raise TypeError(f"{value!r} is no JSON")

    def _draft(self, *, to_be_discarded: bool) -> CapMessage | None:
        """Return a draft; those to be discarded are others, that neither takes all."""
        drafts = self.hub.outside.warnings.drafts
        return next((e for e in drafts if e.notice.alarm.id % 2 == to_be_discarded), None)


@contextmanager
def opened_hub(database_url: str) -> Iterator[OpenedHub]:
    """Open a hub on the demo's site, with people, a worker, alarms, drafts and revisions.

    Args:
        database_url: of a store that is empty.
    """
    settings = HubSettings.model_validate(
        {
            "database_url": database_url,
            "unknown_after_s": 600.0,
            "metrics_token": METRICS_TOKEN,
            "targets": [
                # Nobody listens there: messages wait.
                {"id": "city", "kind": "cap", "url": "http://127.0.0.1:9/cap"},
                {
                    "id": "mast",
                    "kind": "webhook",
                    "url": "http://127.0.0.1:9/",
                    "secret": "whsec_" + "QUFB" * 8,
                },
            ],
            "cap": {"sender": "hub@fair.example", "min_priority": "low"},
        }
    )
    store = Store(database_url)
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    auth = Auth(store, session_hours=1, failures_per_min=_MANY, hasher=cheap)
    revisions = Revisions(store)
    hub = Hub(_begin(revisions), settings, store, revisions=revisions)
    stopped = threading.Event()
    provider = Provider()
    with serving(provider.app) as provider_address:
        provider.issuer = f"http://{provider_address}"
        oidc = Oidc(
            OidcClient(
                issuer=provider.issuer,
                client_id=CLIENT_ID,
                client_secret=CLIENT_SECRET,
                redirect_url=REDIRECT_URL,
                role_claim="groups",
                roles={"everybody": "viewer"},
            )
        )
        app = create_app(hub, auth, oidc=oidc, stop=stopped.set)
        opened = OpenedHub(app, hub, auth, stopped)
        logging.getLogger().addHandler(opened.complaints)
        try:
            with serving(app) as address:
                opened.address = address
                _raise_alarms(opened)
                yield opened
        finally:
            logging.getLogger().removeHandler(opened.complaints)
            store.close()


def _begin(revisions: Revisions) -> Site:
    """Publish the demo's site, and then one whose causes alarm at once."""
    first = revisions.start(resource(DEMO_SITE), now_s=time.time())
    content = copy.deepcopy(first.document.content())
    for feature in content["site"]["features"]:
        ours = feature["properties"]["crowdsafe"]
        if ours["kind"] == "zone":
            ours["limits"] = {"rise_s": 0.0}
    draft = revisions.draft(
        content, author=HEAD, reason="alarms at once", parent=first.number, now_s=time.time()
    )
    return revisions.publish(draft.number, by=HEAD, reason="alarms at once", now_s=time.time()).site


def _raise_alarms(opened: OpenedHub) -> None:
    """Hold all zones above several limits for longer than their rise times."""
    now_s = time.time()
    with httpx2.Client(base_url=f"http://{opened.address}", trust_env=False) as http:
        for back_s in (2.4, 1.2, 0.1):
            right = observation(captured_at_s=now_s - back_s, sent_at_s=now_s)
            reading = right["zones"][0]
            reading["peak"]["ppm2"] = 8.0
            reading["motion"] |= {"counter_flow_share": 0.5, "pressure_per_s2": 1.0}
            right["zones"] = [{**reading, "zone_id": each} for each in opened.hub.state.zone_ids]
            answer = http.post(
                "/api/observations", content=opened.json(right), headers=opened.bearer()
            )
            assert answer.status_code == 200, answer.text
    wait_until(lambda: {each.cause for each in opened.hub.alarms()} >= _ALARMS, within_s=10)
    assert len(opened.hub.outside.warnings.drafts) >= len(_ALARMS)
