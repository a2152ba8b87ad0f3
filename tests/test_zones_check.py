"""What `crowdsafe zones check` says of a site's measures."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crowdsafe.cli import app
from crowdsafe.errors import BadInput
from tests.contract.site_folder import measure, written


def test_names_the_measures(tmp_path: Path) -> None:
    folder = written(tmp_path / "fair")
    result = CliRunner().invoke(app, ["zones", "check", str(folder)])
    assert result.exit_code == 0
    assert "2 zone(s), 1 measure(s)" in result.output
    assert "say_stop" in result.output
    assert "announce" in result.output


def test_a_site_without_measures(tmp_path: Path) -> None:
    folder = written(tmp_path / "fair")
    (folder / "measures.json").unlink()
    result = CliRunner().invoke(app, ["zones", "check", str(folder)])
    assert result.exit_code == 0
    assert "0 measure(s)" in result.output
    assert "announce" not in result.output


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"approved_on": "2999-01-01"}, "approved_on: 2999-01-01 is still to come"),
        ({"kind": "meter", "gate": "door", "holds": "out"}, "seals the exit"),
    ],
)
def test_refuses_wrong_measures(tmp_path: Path, change: dict[str, str], said: str) -> None:
    folder = written(tmp_path / "fair")
    path = folder / "measures.json"
    path.write_text(json.dumps({"version": 1, "measures": [measure(**change)]}))
    result = CliRunner().invoke(app, ["zones", "check", str(folder)])
    assert isinstance(result.exception, BadInput)
    assert said in str(result.exception)
