"""The measured tables of a model card, between two markers in a Markdown file."""

from __future__ import annotations

from pathlib import Path

from crowdsafe.errors import BadInput
from crowdsafe.training.evaluate import Errors, Report

BEGIN = "<!-- measured: begin -->"
END = "<!-- measured: end -->"


def write_card(card_path: Path, report: Report) -> None:
    """Replace what stands between the markers by the report's tables.

    Raises BadInput if the file or a marker is missing.
    """
    if not card_path.is_file():
        raise BadInput(f"{card_path}: no such file; expected a Markdown file with {BEGIN}")
    text = card_path.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise BadInput(f"{card_path}: expected the markers {BEGIN} and {END}, in this order")
    card_path.write_text(
        f"{before}{BEGIN}\n\n{measured_tables(report)}\n{END}{after}", encoding="utf-8"
    )


def measured_tables(report: Report) -> str:
    """The report as Markdown."""
    settings, sd, empty = report.settings, report.settings.count_sd, report.empty
    lines = [
        f"One setting for all: long side {settings.input_long_side_px} px, score threshold "
        f"{settings.score_threshold:g}, counted by: {settings.count_from}.",
        "",
        "| held-out slice | pictures | people, mean | detector MAE / RMSE / bias "
        "| density MAE / RMSE / bias | mean of both MAE / RMSE / bias "
        "| precision / recall of heads | in 90 % interval |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for folder in report.folders:
        lines.append(
            f"| {folder.name} | {folder.pictures} | {folder.mean_count:.1f} "
            f"| {_errors(folder.detector)} | {_errors(folder.density)} | {_errors(folder.mean)} "
            f"| {folder.precision:.2f} / {folder.recall:.2f} | {100 * folder.coverage:.0f} % |"
        )
    lines += [
        "",
        f"Standard deviation of a count n: sqrt({sd.constant:g}² + {sd.sqrt:g}²·n + "
        f"({sd.relative:g}·n)²).",
        "",
        f"Pictures of nobody ({empty.scenes}: plain, noise, paving, lights, blurred): "
        f"{empty.scenes_with_heads} with heads (at most {empty.most_heads}); density sum "
        f"{empty.median_density_sum:.2f} in the median, {empty.largest_density_sum:.2f} at worst.",
        "",
        "| threads | ms, 1024×768 picture as it is "
        f"| ms, the same enlarged to {settings.input_long_side_px} px |",
        "|---|---|---|",
    ]
    lines += [
        f"| {speed.threads} | {speed.native_ms:.0f} | {speed.model_ms:.0f} |"
        for speed in report.speed
    ]
    return "\n".join(lines) + "\n"


def _errors(errors: Errors) -> str:
    return f"{errors.mae:.2f} / {errors.rmse:.2f} / {errors.bias:+.2f}"
