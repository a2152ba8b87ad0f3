"""Revisions over a real store: the folder's, drafts, publishing, the way back, the record."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from argon2 import PasswordHasher
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from crowdsafe.contract.edge_messages import Hello, NewRevision, RunsRevision
from crowdsafe.contract.site_document import MAX_DOCUMENT_BYTES, read_document
from crowdsafe.errors import BadInput, CrowdsafeError
from crowdsafe.hub.access.auth import SESSION_COOKIE, Auth, NotSignedIn
from crowdsafe.hub.access.guard import guard
from crowdsafe.hub.access.rights import NotAllowed
from crowdsafe.hub.requests import TooLarge, WrongOrigin
from crowdsafe.hub.revision_commands import REVISION_COMMANDS
from crowdsafe.hub.revision_feed import RevisionFeed
from crowdsafe.hub.revision_routes import revision_routes
from crowdsafe.hub.revisions import (
    FILES,
    Current,
    Revisions,
    UnknownRevision,
    WrongRevisionState,
)
from crowdsafe.hub.store import Store
from tests.contract.site_folder import calibration, changed, content, written

NOW_S = 1_790_000_000.0
STATUS: dict[type[CrowdsafeError], int] = {
    BadInput: 422,
    NotSignedIn: 401,
    NotAllowed: 403,
    WrongOrigin: 403,
    UnknownRevision: 404,
    WrongRevisionState: 409,
    TooLarge: 413,
}


def _ranged(range_m: float) -> dict[str, Any]:
    """A document whose camera sees so far."""
    return changed(lambda each: each["cameras"]["mast"].update(range_m=range_m)).content()


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    store = Store(store_url)
    yield store
    store.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path / "site")


@pytest.fixture
def revisions(store: Store) -> Revisions:
    return Revisions(store)


def _actions(store: Store) -> list[tuple[str, str, str]]:
    entries = store.audit.entries(after_seq=0, limit=100)
    return [(each.actor, each.action, each.subject) for each in entries]


# --- the folder at the start ---------------------------------------------------------------


def test_the_folder_is_taken_once_and_again_only_when_it_changed(
    revisions: Revisions, store: Store, folder: Path
) -> None:
    assert revisions.published() is None
    first = revisions.start(folder, now_s=NOW_S)
    again = revisions.start(folder, now_s=NOW_S + 1)
    assert (first.number, again.number) == (1, 1)
    assert first.document == again.document == read_document(folder)
    # Another layout of the same content is no change.
    site = folder / "site.geojson"
    site.write_text(json.dumps(json.loads(site.read_text()), indent=2, sort_keys=True))
    assert revisions.start(folder, now_s=NOW_S + 2).number == 1
    (folder / "cameras" / "mast.json").write_text(json.dumps(calibration(range_m=40)))
    third = revisions.start(folder, now_s=NOW_S + 3)
    assert (third.number, third.document.cameras["mast"]["range_m"]) == (2, 40)
    assert [each.author for each in revisions.list(limit=10)] == [FILES, FILES]
    assert _actions(store) == [
        (FILES, "revision.imported", "revision/1"),
        (FILES, "revision.imported", "revision/2"),
    ]
    assert store.audit.verify().problem is None


def test_what_a_person_published_stands_over_an_unchanged_folder(
    revisions: Revisions, folder: Path
) -> None:
    revisions.start(folder, now_s=NOW_S)
    draft = revisions.draft(_ranged(50), author="anna", reason="less far", parent=1, now_s=NOW_S)
    revisions.publish(draft.number, by="berta", reason="agreed", now_s=NOW_S)
    assert revisions.start(folder, now_s=NOW_S).number == 2
    # The folder that changes to what is published is a revision too: it is the newer word.
    (folder / "cameras" / "mast.json").write_text(json.dumps(calibration(range_m=50)))
    current = revisions.start(folder, now_s=NOW_S)
    assert (current.number, current.document.cameras["mast"]["range_m"]) == (3, 50)


def test_a_folder_that_cannot_be_read_does_not_stop_a_hub_that_has_a_revision(
    revisions: Revisions, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    site = folder / "site.geojson"
    right = site.read_text()
    site.write_text("{")
    with pytest.raises(BadInput, match=r"site\.geojson: is not valid JSON"):
        revisions.start(folder, now_s=NOW_S)
    site.write_text(right)
    revisions.start(folder, now_s=NOW_S)
    site.write_text("{")
    assert revisions.start(folder, now_s=NOW_S).number == 1
    assert "revision 1 stays published" in caplog.text


def test_a_published_revision_that_cannot_be_used_gives_way_to_the_folder(
    revisions: Revisions, store: Store, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    number = store.revisions.add(
        content='{"version": 9}', author="x", at_s=1, reason="?", parent=None, content_hash="0" * 64
    )
    store.revisions.publish(number, by="x", at_s=1)
    assert revisions.start(folder, now_s=NOW_S).number == 2
    assert "the published revision cannot be used: revision 1: version" in caplog.text


def test_a_camera_lower_than_a_head_is_refused_before_it_is_published(
    revisions: Revisions, folder: Path
) -> None:
    revisions.start(folder, now_s=NOW_S)
    low = changed(
        lambda each: each["cameras"]["mast"].update(camera_position_m=[20.0, 5.0, 1.5])
    ).content()
    with pytest.raises(BadInput, match="document: camera 'mast': "):
        revisions.draft(low, author="anna", reason="low", parent=1, now_s=NOW_S)


# --- drafts and publishing -----------------------------------------------------------------


def test_a_draft_changes_nothing_until_it_is_published(
    revisions: Revisions, store: Store, folder: Path
) -> None:
    first = revisions.start(folder, now_s=NOW_S)
    draft = revisions.draft(
        _ranged(50), author="anna", reason="less far", parent=1, now_s=NOW_S + 1
    )
    assert (draft.number, draft.state, draft.parent, draft.author) == (2, "draft", 1, "anna")
    still = revisions.published()
    assert still is not None
    assert still.number == 1
    assert revisions.newer_than(1) is None
    current = revisions.publish(2, by="berta", reason="agreed", now_s=NOW_S + 2)
    assert (current.number, current.content_hash) == (2, draft.content_hash)
    assert current.content_hash != first.content_hash
    newer = revisions.newer_than(1)
    assert newer is not None
    assert newer.number == 2
    states = {each.number: (each.state, each.published_by) for each in revisions.list(limit=9)}
    assert states == {1: ("replaced", FILES), 2: ("published", "berta")}
    entry = store.audit.entries(after_seq=0, limit=9)[-1]
    detail = json.loads(entry.detail)
    assert (entry.actor, entry.action, entry.subject) == (
        "berta",
        "revision.published",
        "revision/2",
    )
    assert detail["reason"] == "agreed"
    assert detail["instead_of"] == 1
    assert detail["changes"] == ["Camera 'mast': range: 60 → 50 m"]


def test_a_stale_parent_is_told_who_published_meanwhile(revisions: Revisions, folder: Path) -> None:
    revisions.start(folder, now_s=NOW_S)
    for range_m, author in ((50, "anna"), (55, "carla")):
        revisions.draft(_ranged(range_m), author=author, reason="range", parent=1, now_s=NOW_S)
    revisions.publish(2, by="berta", reason="agreed", now_s=NOW_S)
    says = r"'berta' published revision 2 at 2026-09-21 \d\d:\d\d:\d\d UTC meanwhile"
    with pytest.raises(
        WrongRevisionState, match="revision 3 was made from revision 1, but " + says
    ):
        revisions.publish(3, by="carla", reason="mine", now_s=NOW_S)
    with pytest.raises(
        WrongRevisionState, match="parent: it was made from revision 1, but " + says
    ):
        revisions.draft(_ranged(40), author="anna", reason="again", parent=1, now_s=NOW_S)


def test_of_two_who_publish_at_once_one_is_refused(revisions: Revisions, folder: Path) -> None:
    revisions.start(folder, now_s=NOW_S)
    for range_m in range(30, 38):
        revisions.draft(_ranged(range_m), author="anna", reason="range", parent=1, now_s=NOW_S)
    told: list[str] = []
    ready = threading.Barrier(8)

    def publish(number: int) -> None:
        ready.wait(10)
        try:
            revisions.publish(number, by=f"p{number}", reason="mine", now_s=NOW_S)
            told.append("published")
        except WrongRevisionState as error:
            told.append(str(error))

    threads = [threading.Thread(target=publish, args=(number,)) for number in range(2, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    current = revisions.published()
    assert current is not None
    assert told.count("published") == 1
    refused = [each for each in told if each != "published"]
    assert all(
        f"'p{current.number}' published revision {current.number}" in each for each in refused
    )
    assert len(refused) == 7


def test_the_way_back_is_a_new_number_with_the_old_content(
    revisions: Revisions, store: Store, folder: Path
) -> None:
    first = revisions.start(folder, now_s=NOW_S)
    revisions.draft(_ranged(50), author="anna", reason="less far", parent=1, now_s=NOW_S)
    revisions.draft(_ranged(45), author="anna", reason="never used", parent=1, now_s=NOW_S)
    with pytest.raises(WrongRevisionState, match="revision 2: was never published"):
        revisions.roll_back(2, by="berta", reason="why not", now_s=NOW_S)
    with pytest.raises(WrongRevisionState, match="content is published already, as revision 1"):
        revisions.roll_back(1, by="berta", reason="why not", now_s=NOW_S)
    revisions.publish(2, by="berta", reason="agreed", now_s=NOW_S)
    back = revisions.roll_back(1, by="berta", reason="too short", now_s=NOW_S)
    assert (back.number, back.content_hash, back.document) == (
        4,
        first.content_hash,
        first.document,
    )
    info = revisions.info(4)
    assert (info.parent, info.reason, info.state) == (
        2,
        "back to revision 1: too short",
        "published",
    )
    assert _actions(store)[-1] == ("berta", "revision.rolled_back", "revision/4")
    with pytest.raises(WrongRevisionState, match="is published already"):
        revisions.publish(4, by="berta", reason="again", now_s=NOW_S)
    with pytest.raises(WrongRevisionState, match="roll back to it instead"):
        revisions.publish(2, by="berta", reason="again", now_s=NOW_S)


def test_one_can_go_back_from_what_cannot_be_used(
    revisions: Revisions, store: Store, folder: Path
) -> None:
    revisions.start(folder, now_s=NOW_S)
    number = store.revisions.add(
        content='{"version": 9}', author="x", at_s=1, reason="?", parent=1, content_hash="0" * 64
    )
    store.revisions.publish(number, by="x", at_s=1)
    assert revisions.roll_back(1, by="berta", reason="broken", now_s=NOW_S).number == 3


def test_what_changed_is_told_against_the_parent_or_any_other(
    revisions: Revisions, folder: Path
) -> None:
    revisions.start(folder, now_s=NOW_S)
    revisions.draft(_ranged(50), author="anna", reason="less far", parent=1, now_s=NOW_S)
    diff = revisions.diff(2, against=None)
    assert (diff.before, diff.after) == (1, 2)
    assert [each.words.de for each in diff.changes] == ["Kamera 'mast': Reichweite: 60 → 50 m"]
    back = revisions.diff(1, against=2)
    assert [each.words.en for each in back.changes] == ["Camera 'mast': range: 50 → 60 m"]
    assert revisions.diff(1, against=None).changes == ()


# --- workers -------------------------------------------------------------------------------


def _hello(worker: str = "mast_1", **said: Any) -> Hello:
    return Hello(worker=worker, version="0", detector="d", camera_ids=("mast",), **said)


def test_workers_hear_what_is_published_and_are_heard(revisions: Revisions, folder: Path) -> None:
    feed = RevisionFeed(revisions.start(folder, now_s=NOW_S))
    sent: list[NewRevision] = []
    welcome, line = feed.welcome(_hello(), sent.append, site_id="fair", now_s=NOW_S)
    assert (welcome.revision, welcome.document) == (1, feed.current.document.content())
    knows = _hello("mast_2", revision=1, content_hash=feed.current.content_hash)
    assert feed.welcome(knows, sent.append, site_id="fair", now_s=NOW_S)[0].document is None
    # A number of a store that was begun anew is another content.
    other = _hello("mast_3", revision=1, content_hash="0" * 64)
    assert feed.welcome(other, sent.append, site_id="fair", now_s=NOW_S)[0].document is not None
    revisions.draft(_ranged(50), author="anna", reason="less far", parent=1, now_s=NOW_S)
    current = revisions.publish(2, by="berta", reason="agreed", now_s=NOW_S)
    feed.leave(line)
    feed.publish(current)
    feed.publish(current)
    assert [each.revision for each in sent] == [2, 2]
    feed.hear(
        "mast_2", RunsRevision(revision=1, refused=2, wrong="no such camera"), now_s=NOW_S + 5
    )
    feed.hear("mast_3", RunsRevision(revision=2), now_s=NOW_S + 6)
    assert [
        (each.worker, each.revision, each.refused, each.wrong, each.connected)
        for each in feed.workers()
    ] == [
        ("mast_1", None, None, "", False),
        ("mast_2", 1, 2, "no such camera", True),
        ("mast_3", 2, None, "", True),
    ]


# --- routes --------------------------------------------------------------------------------


@pytest.fixture
def used() -> list[Current]:
    """What the hub was told to run."""
    return []


@pytest.fixture
def sessions(store: Store, cheap_auth: Auth) -> dict[str, str]:
    """A session's token for each role."""
    tokens = {}
    for role in ("viewer", "operator", "organiser", "engineer", "administrator"):
        cheap_auth.put_user(name=f"the {role}", password="a long enough one", role=role)
        tokens[role] = cheap_auth.sign_in(
            name=f"the {role}", password="a long enough one", now_s=time.time()
        ).token
    return tokens


@pytest.fixture
def cheap_auth(store: Store) -> Auth:
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    return Auth(store, session_hours=1, failures_per_min=9, hasher=cheap)


@pytest.fixture
def client(
    revisions: Revisions, folder: Path, cheap_auth: Auth, used: list[Current]
) -> Iterator[TestClient]:
    feed = RevisionFeed(revisions.start(folder, now_s=NOW_S))

    async def use(current: Current) -> None:
        feed.publish(current)
        used.append(current)

    app = FastAPI()
    app.include_router(revision_routes(revisions, feed, guard(cheap_auth), use=use))

    @app.exception_handler(CrowdsafeError)
    async def problem(_: Request, error: CrowdsafeError) -> JSONResponse:
        return JSONResponse({"error": str(error)}, status_code=STATUS[type(error)])

    with TestClient(app) as client:
        yield client


def _as(sessions: dict[str, str], role: str) -> dict[str, str]:
    return {"Cookie": f"{SESSION_COOKIE}={sessions[role]}"}


def _draft(range_m: float, **changes: Any) -> dict[str, Any]:
    return {"parent": 1, "reason": "less far", "document": _ranged(range_m), **changes}


def test_a_draft_is_made_looked_at_published_and_taken_back(
    client: TestClient, sessions: dict[str, str], used: list[Current]
) -> None:
    engineer, organiser = _as(sessions, "engineer"), _as(sessions, "organiser")
    made = client.post("/api/revisions", json=_draft(50), headers=engineer)
    assert (made.status_code, made.json()["author"]) == (201, "the engineer")
    diff = client.get("/api/revisions/2/diff?from=1", headers=_as(sessions, "viewer")).json()
    assert [each["words"]["en"] for each in diff["changes"]] == ["Camera 'mast': range: 60 → 50 m"]
    whole = client.get("/api/revisions/2", headers=_as(sessions, "viewer")).json()
    assert whole["document"] == _ranged(50)
    because = {"reason": "agreed"}
    done = client.post("/api/revisions/2/publish", json=because, headers=organiser)
    assert (done.status_code, done.json()["state"]) == (200, "published")
    stale = client.post("/api/revisions", json=_draft(45), headers=engineer)
    assert stale.status_code == 409
    assert "'the organiser' published revision 2" in stale.json()["error"]
    back = client.post("/api/revisions/1/roll-back", json=because, headers=organiser)
    assert (back.status_code, back.json()["number"]) == (200, 3)
    assert [each.number for each in used] == [2, 3]
    listed = client.get("/api/revisions", headers=organiser).json()
    assert listed["published"] == 3
    assert [each["state"] for each in listed["revisions"]] == ["published", "replaced", "replaced"]


@pytest.mark.parametrize(
    ("role", "drafts", "publishes"),
    [
        ("viewer", 403, 403),
        ("operator", 403, 403),
        ("engineer", 201, 403),
        ("organiser", 201, 200),
        ("administrator", 201, 200),
    ],
)
def test_who_may_draft_and_publish(
    client: TestClient, sessions: dict[str, str], role: str, drafts: int, publishes: int
) -> None:
    headers = _as(sessions, role)
    assert client.post("/api/revisions", json=_draft(50), headers=headers).status_code == drafts
    client.post("/api/revisions", json=_draft(51), headers=_as(sessions, "administrator"))
    because = {"reason": "agreed"}
    answer = client.post("/api/revisions/2/publish", json=because, headers=headers)
    assert answer.status_code == publishes
    for way in ("/api/revisions", "/api/revisions/1", "/api/revisions/1/diff"):
        assert client.get(way, headers=headers).status_code == 200
        assert client.get(way).status_code == 401
    evil = {**_as(sessions, "administrator"), "Origin": "http://evil.example"}
    assert client.post("/api/revisions/2/publish", json=because, headers=evil).status_code == 403


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (_draft(50, extra=1), 422, "extra: extra inputs are not permitted"),
        (_draft(50, author="somebody else"), 422, "author: extra inputs"),
        (_draft(50, reason=""), 422, "reason: "),
        (_draft(50, reason="two\nlines"), 422, "reason: expected one line"),
        (_draft(50, reason="nul\0"), 422, "reason: expected one line"),
        (_draft(50, parent=0), 422, "parent: "),
        (_draft(50, parent=2**40), 422, "parent: "),
        (_draft(50, parent=77), 404, "revision 77: there is none with this number"),
        (_draft(50, document=[]), 422, "document: input should be an object"),
        (_draft(50, document={}), 422, "document: site: field required"),
        (_draft(60), 422, "document: is the same as revision 1, nothing changed"),
        (_draft(0), 422, "document/cameras/mast.json: range_m"),
        (
            _draft(
                50,
                document=changed(
                    lambda each: each["site"]["crowdsafe"].update(id="other")
                ).content(),
            ),
            422,
            "expected 'fair': a revision is of the same site",
        ),
    ],
)
def test_a_bad_draft_is_one_sentence(
    client: TestClient, sessions: dict[str, str], body: dict[str, Any], status: int, says: str
) -> None:
    answer = client.post("/api/revisions", json=body, headers=_as(sessions, "engineer"))
    assert (answer.status_code, says in answer.json()["error"]) == (status, True), answer.text
    assert "\n" not in answer.json()["error"]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ('{"parent": 1, "reason": "less far", "document": {"site": {"x": NaN}}}', 422),
        ('{"parent": NaN, "reason": "less far", "document": {}}', 422),
        ("[" * 100_000, 422),
        (" " * (MAX_DOCUMENT_BYTES + 100_000), 413),
    ],
)
def test_a_bad_body_is_refused(
    client: TestClient, sessions: dict[str, str], text: str, status: int
) -> None:
    answer = client.post("/api/revisions", content=text, headers=_as(sessions, "engineer"))
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("way", "body", "status"),
    [
        ("/api/revisions/99/publish", {"reason": "agreed"}, 404),
        ("/api/revisions/99/roll-back", {"reason": "agreed"}, 404),
        ("/api/revisions/1/publish", {"reason": "agreed"}, 409),
        ("/api/revisions/1/roll-back", {"reason": "agreed"}, 409),
        ("/api/revisions/1/publish", {}, 422),
        ("/api/revisions/1/publish", {"reason": "agreed", "force": True}, 422),
        ("/api/revisions/0/publish", {"reason": "agreed"}, 422),
        ("/api/revisions/1e3/publish", {"reason": "agreed"}, 422),
        (f"/api/revisions/{2**31}/publish", {"reason": "agreed"}, 422),
    ],
)
def test_a_bad_publication_changes_nothing(
    client: TestClient,
    sessions: dict[str, str],
    used: list[Current],
    way: str,
    body: dict[str, Any],
    status: int,
) -> None:
    answer = client.post(way, json=body, headers=_as(sessions, "organiser"))
    assert answer.status_code == status
    assert used == []
    listed = client.get("/api/revisions", headers=_as(sessions, "organiser")).json()
    assert listed["published"] == 1


def test_an_unknown_revision_is_not_found(client: TestClient, sessions: dict[str, str]) -> None:
    for way in ("/api/revisions/9", "/api/revisions/9/diff", "/api/revisions/1/diff?from=9"):
        answer = client.get(way, headers=_as(sessions, "viewer"))
        assert answer.status_code == 404
        assert answer.json()["error"] == "revision 9: there is none with this number"


# --- commands ------------------------------------------------------------------------------


def test_the_command_line_drafts_publishes_and_goes_back(tmp_path: Path, folder: Path) -> None:
    database_url = f"sqlite:///{tmp_path / 'commands.db'}"
    config = tmp_path / "hub.toml"
    config.write_text(f'site = "{folder}"\n[hub]\ndatabase_url = "{database_url}"\n')
    store = Store(database_url)
    Revisions(store).start(folder, now_s=NOW_S)
    store.close()
    app = typer.Typer()
    for name, command in REVISION_COMMANDS.items():
        app.command(name)(command)

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, [*words, "--config", str(config)])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.output

    (folder / "cameras" / "mast.json").write_text(json.dumps(calibration(range_m=40)))
    assert "revision 2 is a draft" in run("draft", str(folder), "--reason", "less [red] far")
    assert "Camera 'mast': range: 60 → 40 m" in run("revisions", "2")
    assert "revision 2 is published" in run("publish", "2", "--reason", "agreed")
    assert "revision 3 is published, with the content of revision 1" in run(
        "roll-back", "1", "--reason", "too short"
    )
    assert "[red]" in run("revisions")
    run("export", "1", str(tmp_path / "again"))
    assert read_document(tmp_path / "again").content() == content()
    with pytest.raises(WrongRevisionState, match="is published already"):
        run("publish", "3", "--reason", "again")
    with pytest.raises(BadInput, match="reason: "):
        run("publish", "3", "--reason", "x")
