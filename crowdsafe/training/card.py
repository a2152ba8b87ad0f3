"""The measured part of a model card, between two markers in a Markdown file."""

from __future__ import annotations

from pathlib import Path

from crowdsafe.errors import BadInput
from crowdsafe.training.report import Report
from crowdsafe.training.tables import ReportTable, report_tables, setting_text

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
    card_path.write_text(f"{before}{BEGIN}\n\n{_measured(report)}\n{END}{after}", encoding="utf-8")


def _measured(report: Report) -> str:
    settings = report.settings
    parts = [
        f"{report.model}, measured {report.measured_on} on {report.hardware}:",
        f"```\n{report.command}\n```",
        f"One setting for all: {setting_text(settings)}.",
    ]
    if settings.fast:
        parts.append(f"Fast setting: {setting_text(settings.fast)}.")
    parts += [_markdown(table) for table in report_tables(report)]
    return "\n\n".join(parts) + "\n"


def _markdown(table: ReportTable) -> str:
    lines = [
        f"{table.title}:",
        "",
        f"| {' | '.join(table.headings)} |",
        f"|{'---|' * len(table.headings)}",
    ]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in table.rows)])
