"""What our own model has to reach, kind of scene by kind of scene, beside what it reaches."""

from __future__ import annotations

from dataclasses import dataclass

from crowdsafe.training.report import (
    ClipReport,
    EmptyReport,
    FolderReport,
    Report,
    SettingReport,
    ThingsReport,
)

NOTHING = "–"


@dataclass(frozen=True)
class Aim:
    """One row: what is measured, at the full and the fast setting, and what it should be."""

    on: str
    measured: str
    fast: str
    needed: str = NOTHING
    goal: str = NOTHING


# Folder name begins with: title, needed, goal. Counts: MAE / RMSE in people.
_FOLDERS = {
    "shanghaitech_b": ("ShanghaiTech B, MAE / RMSE", "9.5 / 17", "8.0 / 13"),
    "shanghaitech_a": ("ShanghaiTech A, MAE / RMSE", "100", "80"),
    "beijing_brt": ("Beijing-BRT, MAE / RMSE", "1.9", "1.5"),
}
_CLIP = ("0.92, 0.85, 0.8", "0.95, 0.90, 0.5")
_SPEED_THREADS = 2


def aims(report: Report) -> tuple[Aim, ...]:
    """The rows for a report; folders and clips that no aim is set for have none."""
    full, fast = report.full, report.fast
    rows = []
    for number, folder in enumerate(full.folders):
        title, needed, goal = next(
            (known for begin, known in _FOLDERS.items() if folder.name.startswith(begin)),
            (f"{folder.name}, MAE / RMSE", NOTHING, NOTHING),
        )
        quick = _errors(fast.folders[number]) if fast else NOTHING
        rows.append(Aim(title, _errors(folder), quick, needed, goal))
    for number, clip in enumerate(full.clips):
        quick = _clip(fast.clips[number]) if fast else NOTHING
        looks = "tiles by geometry" if clip.by_geometry else "one scale"
        title = f"{clip.name}, {looks}: precision, recall, count MAE"
        rows.append(Aim(title, _clip(clip), quick, *_CLIP))
    quick = _empty(fast.empty) if fast else NOTHING
    title = "nobody: most heads; density sum in the median, at worst"
    rows.append(Aim(title, _empty(full.empty), quick, "0; 0.3", "0; 0.1"))
    quick = _things(fast.things) if fast else NOTHING
    title = f"{full.things.things} strange things: taken for a head, counted as people"
    rows.append(Aim(title, _things(full.things), quick, NOTHING, NOTHING))
    quick = _inside(fast) if fast else NOTHING
    rows.append(
        Aim(
            "90 % interval holds the truth, all (each set)",
            _inside(full),
            quick,
            "85 to 95 %",
            "in each set",
        )
    )
    quick = _ms(fast) if fast else NOTHING
    title = f"1024×768 picture, {_SPEED_THREADS} threads"
    rows.append(Aim(title, _ms(full), quick, "150 ms, fast 40", "100 ms"))
    return tuple(rows)


def _errors(folder: FolderReport) -> str:
    return f"{folder.count.mae:.2f} / {folder.count.rmse:.2f}"


def _clip(clip: ClipReport) -> str:
    return f"{clip.precision:.2f}, {clip.recall:.2f}, {clip.count_mae:.2f}"


def _empty(empty: EmptyReport) -> str:
    return f"{empty.most_heads}; {empty.median_density_sum:.2f}, {empty.largest_density_sum:.2f}"


def _things(things: ThingsReport) -> str:
    return f"{100 * things.taken_for_heads:.0f} %, {things.people_each:.2f} each"


def _inside(setting: SettingReport) -> str:
    each = ", ".join(f"{100 * folder.coverage:.0f}" for folder in setting.folders)
    return f"{100 * setting.coverage:.0f} % ({each})"


def _ms(setting: SettingReport) -> str:
    of_threads = [speed.ms for speed in setting.speed if speed.threads == _SPEED_THREADS]
    return f"{of_threads[0]:.0f} ms" if of_threads else NOTHING
