"""Evaluation end to end on a made-up folder, the card and the plot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from crowdsafe.errors import BadInput, CrowdsafeError
from crowdsafe.training.aims import NOTHING, aims
from crowdsafe.training.card import BEGIN, END, write_card
from crowdsafe.training.commands import app
from crowdsafe.training.data import read_datasets
from crowdsafe.training.evaluate import evaluate, looks_needed
from crowdsafe.training.plot import plot_run
from crowdsafe.training.report import Report
from tests.training.conftest import folder_maker

MakeFolder = Callable[..., Path]
MODEL_PATH = Path(__file__).parents[2] / "models" / "crowdsafe_heads.onnx"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    make = folder_maker(tmp_path_factory.mktemp("report"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("crowdsafe.training.evaluate._SPEED_RUNS", 3)
        return evaluate(
            onnx_path=MODEL_PATH,
            datasets=read_datasets(make(count=20)),
            command="crowdsafe train evaluate",
            threads=(1,),
        )


def test_a_report_of_two_pictures(report: Report) -> None:
    (folder,) = report.full.folders
    assert (folder.name, folder.pictures, folder.mean_count) == ("fair", 2, 3.0)
    assert folder.count.rmse >= folder.count.mae >= abs(folder.count.bias)
    assert report.full.empty.scenes >= 8
    assert report.full.speed[0].ms > 0.0
    assert report.fast is not None
    assert report.fast.speed[0].ms < report.full.speed[0].ms
    assert [figures.name for figures in report.crossed] == ["fair"]
    assert {row.corruption for row in report.weather} >= {"none", "night", "rain", "fog"}
    assert len(report.weather) == 1 + 6 * 3
    assert Report.model_validate_json(report.model_dump_json()) == report


def test_progress_knows_how_much_there_is_to_look_at(
    make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crowdsafe.training.evaluate._SPEED_RUNS", 3)
    datasets = read_datasets(make_folder(count=20))
    looked_at = 0

    def on_picture() -> None:
        nonlocal looked_at
        looked_at += 1

    evaluate(
        onnx_path=MODEL_PATH,
        datasets=datasets,
        command="",
        threads=(1,),
        weather=False,
        on_picture=on_picture,
    )
    assert looked_at == looks_needed(MODEL_PATH, datasets, None, weather=False)


def test_too_few_pictures_to_hold_one_out(make_folder: MakeFolder) -> None:
    with pytest.raises(BadInput, match="at least ten pictures"):
        evaluate(onnx_path=MODEL_PATH, datasets=read_datasets(make_folder(count=9)), command="")


def test_the_card_keeps_what_people_wrote(report: Report, tmp_path: Path) -> None:
    card = tmp_path / "README.md"
    card.write_text(f"# Card\n\n{BEGIN}\nformer table\n{END}\n\nLimits.\n", encoding="utf-8")
    write_card(card, report)
    text = card.read_text(encoding="utf-8")
    assert text.startswith("# Card\n")
    assert text.endswith("\n\nLimits.\n")
    assert "former table" not in text
    assert "| fair | 2 | 3.0 |" in text
    assert "```\ncrowdsafe train evaluate\n```" in text
    assert report.hardware in text
    assert report.measured_on in text
    write_card(card, report)
    assert card.read_text(encoding="utf-8") == text


def test_a_card_without_markers_is_refused(report: Report, tmp_path: Path) -> None:
    card = tmp_path / "README.md"
    with pytest.raises(BadInput, match="no such file"):
        write_card(card, report)
    card.write_text("# Card\n", encoding="utf-8")
    with pytest.raises(BadInput, match="expected the markers"):
        write_card(card, report)


def test_the_rows_say_what_is_needed_where_it_is_known(report: Report) -> None:
    (folder,) = report.full.folders
    known = folder.model_copy(update={"name": "shanghaitech_b_train"})
    full = report.full.model_copy(update={"folders": (known, folder)})
    rows = {aim.on: aim for aim in aims(report.model_copy(update={"full": full, "fast": None}))}
    assert rows["ShanghaiTech B, MAE / RMSE"].needed == "9.5 / 17"
    assert rows["ShanghaiTech B, MAE / RMSE"].measured.startswith(f"{folder.count.mae:.2f} / ")
    assert rows["fair, MAE / RMSE"].needed == NOTHING
    assert {row.fast for row in rows.values()} == {NOTHING}


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


@pytest.mark.parametrize("command", ["prepare", "fit", "export", "quantize", "evaluate", "card"])
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
