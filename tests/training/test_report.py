"""Evaluation end to end on a made-up folder, the card and the plot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from crowdsafe.errors import BadInput, CrowdsafeError
from crowdsafe.training.card import BEGIN, END, write_card
from crowdsafe.training.commands import app
from crowdsafe.training.data import read_datasets
from crowdsafe.training.evaluate import Report, evaluate
from crowdsafe.training.plot import plot_run

MakeFolder = Callable[..., Path]
MODEL_PATH = Path(__file__).parents[2] / "models" / "crowdsafe_heads.onnx"


@pytest.fixture
def report(make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch) -> Report:
    monkeypatch.setattr("crowdsafe.training.evaluate._SPEED_RUNS", 3)
    datasets = read_datasets(make_folder(count=10))
    return evaluate(onnx_path=MODEL_PATH, datasets=datasets, threads=(1,))


def test_a_report_of_one_picture(report: Report) -> None:
    (folder,) = report.folders
    assert (folder.name, folder.pictures, folder.mean_count) == ("fair", 1, 3.0)
    assert folder.detector.mae == folder.detector.rmse
    assert folder.mean.bias == pytest.approx((folder.detector.bias + folder.density.bias) / 2)
    assert report.empty.scenes >= 8
    assert report.speed[0].native_ms > 0.0
    assert Report.model_validate_json(report.model_dump_json()) == report


def test_too_few_pictures_to_hold_one_out(make_folder: MakeFolder) -> None:
    with pytest.raises(BadInput, match="at least ten pictures"):
        evaluate(onnx_path=MODEL_PATH, datasets=read_datasets(make_folder(count=9)))


def test_the_card_keeps_what_people_wrote(report: Report, tmp_path: Path) -> None:
    card = tmp_path / "README.md"
    card.write_text(f"# Card\n\n{BEGIN}\nformer table\n{END}\n\nLimits.\n", encoding="utf-8")
    write_card(card, report)
    text = card.read_text(encoding="utf-8")
    assert text.startswith("# Card\n")
    assert text.endswith("\n\nLimits.\n")
    assert "former table" not in text
    assert "| fair | 1 | 3.0 |" in text
    write_card(card, report)
    assert card.read_text(encoding="utf-8") == text


def test_a_card_without_markers_is_refused(report: Report, tmp_path: Path) -> None:
    card = tmp_path / "README.md"
    with pytest.raises(BadInput, match="no such file"):
        write_card(card, report)
    card.write_text("# Card\n", encoding="utf-8")
    with pytest.raises(BadInput, match="expected the markers"):
        write_card(card, report)


def test_a_run_is_drawn(tmp_path: Path) -> None:
    log, svg = tmp_path / "log.csv", tmp_path / "log.svg"
    head = "step,minutes,rate,loss,heat,offset,size,density,count\n"
    row = "{0},{0},0.001,9.0,4.0,0.5,0.2,4.0,0.3\n"
    log.write_text(head + row.format(1) + row.format(2), encoding="utf-8")
    plot_run(log, svg)
    assert len(ElementTree.parse(svg).findall(".//{*}polyline")) == 6
    log.write_text(head, encoding="utf-8")
    with pytest.raises(BadInput, match="no rows; expected at least one"):
        plot_run(log, svg)
    with pytest.raises(BadInput, match="no log here"):
        plot_run(tmp_path / "none.csv", svg)


@pytest.mark.parametrize("command", ["prepare", "fit", "export", "evaluate", "card"])
def test_each_command_has_help(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert "--data" in result.output


def test_prepare_prints_what_is_there(make_folder: MakeFolder) -> None:
    result = CliRunner().invoke(
        app, ["prepare", "--data", str(make_folder())], env={"COLUMNS": "160"}
    )
    assert result.exit_code == 0, result.output
    assert "fair" in result.output
    assert "36" in result.output


def test_errors_reach_the_caller_as_one_sentence(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["prepare", "--data", str(tmp_path)])
    assert isinstance(result.exception, CrowdsafeError)


def test_fit_without_the_extra_says_what_to_install(
    make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    result = CliRunner().invoke(app, ["fit", "--data", str(make_folder())])
    assert isinstance(result.exception, CrowdsafeError)
    assert "pip install 'crowdsafe[train]'" in str(result.exception)
