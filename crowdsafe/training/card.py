"""The measured tables of a model card, between two markers in a Markdown file."""

from __future__ import annotations

from pathlib import Path

from crowdsafe.contract.model_file import LookSettings
from crowdsafe.errors import BadInput
from crowdsafe.training.evaluate import WEATHER_EVERY, Errors, Report

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
    settings, empty = report.settings, report.empty
    lines = [
        f"{report.model}, measured {report.measured_on} on {report.hardware}, by "
        "`crowdsafe train evaluate`.",
        "",
        f"One setting for all: {_setting(settings)}",
        "",
    ]
    if settings.fast:
        lines += [f"Fast setting: {_setting(settings.fast)}", ""]
    lines += [
        "| held-out slice | pictures | people, mean | count MAE / RMSE / bias "
        "| heads alone | density alone | fast setting | precision / recall of heads "
        "| in 90 % interval | in it, fast |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for folder in report.folders:
        fast = _errors(folder.fast) if folder.fast else "–"
        inside = "–" if folder.fast_coverage is None else f"{100 * folder.fast_coverage:.0f} %"
        lines.append(
            f"| {folder.name} | {folder.pictures} | {folder.mean_count:.1f} "
            f"| {_errors(folder.count)} | {_errors(folder.heads)} | {_errors(folder.density)} "
            f"| {fast} | {folder.precision:.2f} / {folder.recall:.2f} "
            f"| {100 * folder.coverage:.0f} % | {inside} |"
        )
    if report.clip is not None:
        clip = report.clip
        lines += [
            "",
            f"Clip {clip.name}, {clip.pictures} pictures, {clip.mean_count:.1f} people in the mean:"
            f" precision {clip.precision:.2f}, recall {clip.recall:.2f}, count MAE "
            f"{clip.count_mae:.2f}.",
        ]
    lines += [
        "",
        f"Pictures of nobody ({empty.scenes}: plain, noise, paving, lights, blurred): "
        f"{empty.scenes_with_heads} with heads (at most {empty.most_heads}, {empty.worst_scene}); "
        f"density sum {empty.median_density_sum:.2f} in the median, {empty.largest_density_sum:.2f}"
        f" at worst; counted at most {empty.largest_count:.2f}.",
        "",
        "| threads | ms, 1024×768 picture | ms, fast setting |",
        "|---|---|---|",
    ]
    for speed in report.speed:
        fast = "–" if speed.fast_ms is None else f"{speed.fast_ms:.0f}"
        lines.append(f"| {speed.threads} | {speed.ms:.0f} | {fast} |")
    if report.weather:
        names = [folder.name for folder in report.folders]
        lines += [
            "",
            f"Count MAE in bad pictures, every {WEATHER_EVERY}rd held-out one:",
            "",
            f"| corruption | strength | {' | '.join(names)} |",
            f"|---|---|{'---|' * len(names)}",
        ]
        for row in report.weather:
            errors = " | ".join(f"{row.mae[name]:.2f}" for name in names)
            lines.append(f"| {row.corruption} | {row.strength:g} | {errors} |")
    return "\n".join(lines) + "\n"


def _setting(settings: LookSettings) -> str:
    counting, sd = settings.counting, settings.count_sd
    return (
        f"long side {settings.input_long_side_px} px, score threshold {counting.open_threshold:g} "
        f"in the open to {counting.crowd_threshold:g} in a crush, density share up to "
        f"{counting.density_share:g}, half of it at {counting.middle_people:g} people per square "
        f"(steepness {counting.steepness:g}). Standard deviation of a count n with root crowding "
        f"m: sqrt({sd.constant:g}² + {sd.sqrt:g}²·n + ({sd.relative:g}·n + {sd.crowd:g}·m)²)."
    )


def _errors(errors: Errors) -> str:
    return f"{errors.mae:.2f} / {errors.rmse:.2f} / {errors.bias:+.2f}"
