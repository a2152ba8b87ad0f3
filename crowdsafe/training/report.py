"""What `evaluate` measures of a model: the shapes of the report, as JSON and for the card."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from crowdsafe.contract.model_file import ModelSettings


class Figures(BaseModel):
    """Strict and frozen, as all parts of the report."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Errors(Figures):
    """Count errors of one way of counting, in people."""

    mae: float
    rmse: float
    bias: float


class FolderReport(Figures):
    """One folder's held-out pictures.

    Counted by the model's own hand-over, by heads alone and by density alone; precision and recall
    of head points; share of pictures whose truth lies in the 90 % interval, and the mean width of
    that interval in people.
    """

    name: str
    pictures: int
    mean_count: float
    count: Errors
    heads: Errors
    density: Errors
    precision: float
    recall: float
    coverage: float
    interval_width: float


class EmptyReport(Figures):
    """The worst that was seen on pictures of nobody."""

    scenes: int
    scenes_with_heads: int
    most_heads: int
    worst_scene: str
    median_density_sum: float
    largest_density_sum: float
    largest_count: float


class ThingsReport(Figures):
    """Things that no training crop had, painted into the held-out pictures where nobody is.

    Share of them that are taken for a head, and people that one is counted as, by what the count
    of the picture grew.
    """

    things: int
    taken_for_heads: float
    people_each: float


class ClipReport(Figures):
    """Heads on a clip that was neither trained nor tuned on; by_geometry: tiles of its camera."""

    name: str
    by_geometry: bool
    pictures: int
    mean_count: float
    precision: float
    recall: float
    count_mae: float
    ms: float


class SpeedReport(Figures):
    """Median milliseconds of one 1024x768 picture at one scale."""

    threads: int
    ms: float


class SettingReport(Figures):
    """All of it at one setting of the model; coverage is that of the pictures of all folders."""

    folders: tuple[FolderReport, ...]
    coverage: float
    empty: EmptyReport
    things: ThingsReport
    clips: tuple[ClipReport, ...]
    speed: tuple[SpeedReport, ...]


class CrossReport(Figures):
    """One folder, everything chosen on the other half of the held-out pictures."""

    name: str
    mae: float
    rmse: float
    coverage: float


class WeatherReport(Figures):
    """Mean absolute error of each folder under one corruption at one strength; 0 is none."""

    corruption: str
    strength: float
    mae: dict[str, float]


class Report(Figures):
    """All that `evaluate` measures."""

    model: str
    measured_on: str
    command: str
    hardware: str
    settings: ModelSettings
    full: SettingReport
    fast: SettingReport | None
    crossed: tuple[CrossReport, ...]
    weather: tuple[WeatherReport, ...]
