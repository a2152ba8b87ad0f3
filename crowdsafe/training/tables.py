"""A report as tables, for the screen and for the model card."""

from __future__ import annotations

from dataclasses import dataclass

from crowdsafe.contract.model_file import LookSettings
from crowdsafe.training.aims import NOTHING, aims
from crowdsafe.training.evaluate import WEATHER_EVERY
from crowdsafe.training.report import Errors, Report, SettingReport


@dataclass(frozen=True)
class ReportTable:
    """Headings and rows of text under a title."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def report_tables(report: Report) -> tuple[ReportTable, ...]:
    """All tables of a report; what was not measured has none."""
    tables = [
        ReportTable(
            "What it has to reach",
            ("on", "measured", "fast setting", "needed", "goal"),
            tuple((aim.on, aim.measured, aim.fast, aim.needed, aim.goal) for aim in aims(report)),
        ),
        _counts(report.full, "Held-out pictures: errors of the count, MAE / RMSE / bias"),
        _heads(report),
    ]
    if report.fast:
        tables.append(_counts(report.fast, "The same, fast setting"))
    tables.append(_speed(report))
    if report.weather:
        names = tuple(report.weather[0].mae)
        tables.append(
            ReportTable(
                f"Count MAE in bad pictures, every {WEATHER_EVERY}rd held-out one",
                ("corruption", "strength", *names),
                tuple(
                    (
                        row.corruption,
                        f"{row.strength:g}",
                        *(f"{row.mae[name]:.2f}" for name in names),
                    )
                    for row in report.weather
                ),
            )
        )
    return tuple(tables)


def setting_text(settings: LookSettings) -> str:
    """What was chosen on the held-out pictures, in words."""
    counting, sd = settings.counting, settings.count_sd
    middle = counting.threshold_middle_people or counting.middle_people
    spread = f"sqrt({sd.constant:g}² + {sd.sqrt:g}²·n + ({sd.relative:g}·n + {sd.crowd:g}·m)²)"
    return (
        f"long side {settings.input_long_side_px} px, score threshold {counting.open_threshold:g} "
        f"in the open to {counting.crowd_threshold:g} in a crush, half way at {middle:g} people "
        f"per square; density share up to {counting.density_share:g}, half of it at "
        f"{counting.middle_people:g} people per square (steepness {counting.steepness:g}); "
        f"standard deviation of a count n with root crowding m: {spread}"
    )


def _counts(setting: SettingReport, title: str) -> ReportTable:
    return ReportTable(
        title,
        ("slice", "pictures", "people, mean", "count", "heads alone", "density alone"),
        tuple(
            (
                folder.name,
                str(folder.pictures),
                f"{folder.mean_count:.1f}",
                _errors(folder.count),
                _errors(folder.heads),
                _errors(folder.density),
            )
            for folder in setting.folders
        ),
    )


def _heads(report: Report) -> ReportTable:
    crossed = {figures.name: figures for figures in report.crossed}
    rows = []
    for folder in report.full.folders:
        other = crossed.get(folder.name)
        rows.append(
            (
                folder.name,
                f"{folder.precision:.2f} / {folder.recall:.2f}",
                f"{100 * folder.coverage:.0f} %",
                f"{folder.interval_width:.1f}",
                f"{other.mae:.2f} / {other.rmse:.2f}" if other else NOTHING,
                f"{100 * other.coverage:.0f} %" if other else NOTHING,
            )
        )
    return ReportTable(
        "Heads and intervals; last, with all settings chosen on the other half of the pictures",
        (
            "slice",
            "precision / recall",
            "in 90 %",
            "its width",
            "crossed MAE / RMSE",
            "crossed in 90 %",
        ),
        tuple(rows),
    )


def _speed(report: Report) -> ReportTable:
    fast = {speed.threads: speed.ms for speed in report.fast.speed} if report.fast else {}
    rows = [
        (
            "1024×768, one scale",
            str(speed.threads),
            f"{speed.ms:.0f}",
            f"{fast[speed.threads]:.0f}" if speed.threads in fast else NOTHING,
        )
        for speed in report.full.speed
    ]
    for number, clip in enumerate(report.full.clips):
        looks = "tiles by geometry" if clip.by_geometry else "one scale"
        quick = f"{report.fast.clips[number].ms:.0f}" if report.fast else NOTHING
        rows.append((f"{clip.name}, {looks}", "1", f"{clip.ms:.0f}", quick))
    return ReportTable("Milliseconds a picture", ("picture", "threads", "ms", "fast"), tuple(rows))


def _errors(errors: Errors) -> str:
    return f"{errors.mae:.2f} / {errors.rmse:.2f} / {errors.bias:+.2f}"
