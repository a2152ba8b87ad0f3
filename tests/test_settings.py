"""Settings: what is refused, what wins, and that each is documented."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from crowdsafe.errors import BadInput
from crowdsafe.settings import known_variables, load_settings, settings_table

DOCS = Path(__file__).parent.parent / "docs" / "settings.md"


def _file(folder: Path, text: str) -> Path:
    path = folder / "crowdsafe.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[hub]\nprot = 1\n", "hub.prot: extra inputs are not permitted"),
        ("[hbu]\n", "hbu: extra inputs are not permitted"),
        ("[hub]\nport = 99999\n", "hub.port: input should be less than or equal to 65535"),
        ("[hub]\nunknown_after_s = nan\n", "hub.unknown_after_s"),
        ('[edge]\nhub_url = "http://x"\n', "edge.hub_url: string should match pattern"),
        ("[[edge.cameras]]\nid = 'a b'\nsource = 'x'\n", "edge.cameras.0.id"),
        ("[[edge.cameras]]\nid = 'a'\n", "edge.cameras.0.source: field required"),
        ("[hub\n", "is not a TOML file"),
    ],
)
def test_a_wrong_file_is_one_sentence_that_names_file_and_key(
    tmp_path: Path, text: str, says: str
) -> None:
    path = _file(tmp_path, text)
    with pytest.raises(BadInput) as refused:
        load_settings(path)
    assert str(path) in str(refused.value)
    assert says in str(refused.value)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no such settings file"):
        load_settings(tmp_path / "nowhere.toml")


def test_a_misspelt_variable_is_refused() -> None:
    with pytest.raises(BadInput, match="CROWDSAFE_HUB__PROT: there is no such setting"):
        load_settings(None, environment={"CROWDSAFE_HUB__PROT": "1"})


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CROWDSAFE_HUB__PORT", "8500")
    settings = load_settings(_file(tmp_path, "[hub]\nport = 1\nhost = '0.0.0.0'\n"))
    assert (settings.hub.port, settings.hub.host) == (8500, "0.0.0.0")


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        load_settings(None).hub.port = 1


def test_a_list_of_tables_in_a_variable_is_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROWDSAFE_HUB__ESCALATION", '[{"after_s": 60}]')
    assert load_settings(None).hub.ladder[0].after_s == 60
    monkeypatch.setenv("CROWDSAFE_HUB__ESCALATION", "[{secret")
    with pytest.raises(BadInput, match="expected JSON") as refused:
        load_settings(None)
    assert "secret" not in str(refused.value)


def test_a_table_in_the_wrong_place_does_not_print_its_secret(tmp_path: Path) -> None:
    path = _file(tmp_path, "[[hub]]\n[[hub.targets]]\nid = 'mast'\nsecret = 'geheim'\n")
    with pytest.raises(BadInput) as refused:
        load_settings(path)
    assert "geheim" not in str(refused.value)


def test_a_token_is_not_printed(tmp_path: Path) -> None:
    settings = load_settings(_file(tmp_path, "[edge]\ntoken = 'very secret'\n"))
    assert "very secret" not in repr(settings)
    assert settings.edge.token.get_secret_value() == "very secret"


def test_every_setting_is_documented() -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert settings_table() in text, "write docs/settings.md with `make settings`"
    for variable in known_variables():
        key = variable.removeprefix("CROWDSAFE_").lower().replace("__", ".")
        assert f"[{key}]" in text or f"`{key}`" in text or f"`{variable}`" in text, key
