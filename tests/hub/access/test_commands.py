"""``crowdsafe hub``: people and workers from the command line."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from crowdsafe.errors import CrowdsafeError
from crowdsafe.hub.access.auth import Auth, NotSignedIn
from crowdsafe.hub.access.people import UnknownPerson
from crowdsafe.hub.access.worker_keys import UnknownWorker
from crowdsafe.hub.commands import app
from crowdsafe.hub.store import Store
from crowdsafe.settings import HubSettings


@pytest.fixture
def run(tmp_path: Path, settings: HubSettings, monkeypatch: pytest.MonkeyPatch) -> "_Run":
    file = tmp_path / "hub.toml"
    file.write_text(f'[hub]\ndatabase_url = "{settings.database_url}"\n')
    return _Run(file)


class _Run:
    def __init__(self, file: Path) -> None:
        self._file = file

    def __call__(self, *words: str, stdin: str = "") -> str:
        result = CliRunner().invoke(app, [*words, "--config", str(self._file)], input=stdin)
        if result.exception is not None:
            raise result.exception
        return result.output


def test_a_person_from_the_command_line(run: _Run, auth: Auth, store: Store) -> None:
    begun = store.audit.entries(limit=1000)[-1].seq
    said = run("add-user", "day_shift", "--role", "operator", stdin="a long enough one\n")
    assert said == "day_shift may sign in as operator\n"
    assert auth.sign_in(name="day_shift", password="a long enough one", now_s=1.0).token
    assert "day_shift" in run("list-users")
    run("disable-user", "day_shift")
    (line,) = [line for line in run("list-users").splitlines() if "day_shift" in line]
    assert line.count(":") == 2, "the time of it"
    with pytest.raises(NotSignedIn, match="disabled"):
        auth.sign_in(name="day_shift", password="a long enough one", now_s=1.0)
    run("enable-user", "day_shift")
    assert auth.sign_in(name="day_shift", password="a long enough one", now_s=1.0).token
    by_hand = [e for e in store.audit.entries(after_seq=begun) if e.actor == "command line"]
    assert [each.action for each in by_hand] == ["person.put", "person.disabled", "person.enabled"]


def test_a_worker_from_the_command_line(run: _Run, auth: Auth) -> None:
    token = run("add-worker", "mast_7").strip()
    assert auth.worker(f"Bearer {token}") == "mast_7"
    (line,) = [line for line in run("list-workers").splitlines() if "mast_7" in line]
    assert line.count(":") == 4, "made and seen, not revoked"
    run("revoke-worker", "mast_7")
    with pytest.raises(NotSignedIn):
        auth.worker(f"Bearer {token}")
    (line,) = [line for line in run("list-workers").splitlines() if "mast_7" in line]
    assert line.count(":") == 6


@pytest.mark.parametrize(
    ("words", "stdin", "wrong", "says"),
    [
        (
            ("add-user", "x", "--role", "king"),
            "a long enough one\n",
            CrowdsafeError,
            "role: 'king'",
        ),
        (("add-user", "x"), "short\n", CrowdsafeError, "password: 5 characters"),
        (("add-user", "x"), "", CrowdsafeError, "password: 0 characters"),
        (("add-user", "[red]x"), "a long enough one\n", CrowdsafeError, "name: expected a letter"),
        (("disable-user", "ghost"), "", UnknownPerson, "name: there is no person 'ghost'"),
        (("enable-user", "ghost"), "", UnknownPerson, "name: there is no person 'ghost'"),
        (("add-worker", "mast 7"), "", CrowdsafeError, "name: 'mast 7', expected letters"),
        (("revoke-worker", "ghost"), "", UnknownWorker, "name: there is no worker 'ghost'"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    run: _Run, words: tuple[str, ...], stdin: str, wrong: type[Exception], says: str
) -> None:
    with pytest.raises(wrong) as refused:
        run(*words, stdin=stdin)
    assert str(refused.value).startswith(says)
