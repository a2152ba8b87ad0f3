"""The training recipe: every number that shapes a run, checked and with its meaning."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from crowdsafe.errors import BadInput

DEFAULT_RECIPE_PATH = Path(__file__).with_name("recipe.yaml")

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[float, Field(gt=0.0)]


class Recipe(BaseModel):
    """All settings of a run; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = Field(0, ge=0, description="Start of all random numbers of the run.")
    minutes: Positive = Field(
        80.0, description="Length of the run; the learning rate falls over it along a cosine."
    )
    batch_pictures: int = Field(4, ge=1, description="Crops in one step.")
    crop_px: int = Field(384, ge=64, multiple_of=32, description="Side of the square crops.")
    shares: dict[str, Share] = Field(
        default_factory=dict,
        description="How often each folder is drawn from; folders not named here get the mean.",
    )
    long_side_px: tuple[int, int] = Field(
        (800, 1900),
        description="Pictures are resized to a long side drawn log-uniformly from this range.",
    )
    head_centred_share: Share = Field(0.4, description="Crops centred on a random head.")
    empty_share: Share = Field(
        0.06, description="Crops that are made empty: blurred beyond recognition, noise, plain."
    )
    furniture_share: Share = Field(
        0.4, description="Crops with stumps, cones, posts, balls and boxes as large as heads."
    )
    grey_share: Share = Field(0.12, description="Crops without colour.")
    degrade_share: Share = Field(0.25, description="Crops with mild blur, noise or JPEG loss.")
    weather_share: Share = Field(
        0.2, description="Crops with night, rain, fog, motion blur, low bitrate or a lens flare."
    )
    learning_rate: Positive = Field(1e-3, description="Peak learning rate of AdamW.")
    backbone_rate_factor: Positive = Field(
        0.5, description="The COCO-trained layers learn at this fraction of the rate."
    )
    final_rate_factor: Share = Field(0.02, description="Last learning rate as fraction of peak.")
    weight_decay: float = Field(1e-3, ge=0.0, description="AdamW's weight decay.")
    warmup_steps: int = Field(100, ge=0, description="Steps over which the rate rises.")
    ema_decay: float = Field(0.998, ge=0.0, lt=1.0, description="Weight average per step.")
    gradient_clip: Positive = Field(10.0, description="Largest norm of the gradient.")
    offset_weight: float = Field(0.5, ge=0.0, description="Weight of the offset's L1 loss.")
    size_weight: float = Field(0.2, ge=0.0, description="Weight of the log size's L1 loss.")
    density_weight: float = Field(1.0, ge=0.0, description="Weight of the Poisson loss.")
    count_weight: float = Field(0.25, ge=0.0, description="Weight of |sum - count|.")
    precision: Literal["fp32", "bf16"] = Field(
        "fp32", description="bf16 pays only on processors with AVX-512 BF16 or AMX, and on GPUs."
    )
    checkpoint_minutes: Positive = Field(4.0, description="Time between checkpoints.")

    @model_validator(mode="after")
    def _ordered(self) -> Recipe:
        low_px, high_px = self.long_side_px
        if not 0 < low_px <= high_px:
            raise ValueError(f"long_side_px is [{low_px}, {high_px}]; expected 0 < first <= second")
        return self


def read_recipe(path: Path = DEFAULT_RECIPE_PATH) -> Recipe:
    """Read a recipe from YAML.

    Raises BadInput naming file, field and value for the first thing wrong.
    """
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"{path}: recipe cannot be read ({error.strerror})") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: not YAML ({str(error).splitlines()[0]})") from error
    if not isinstance(values, dict):
        raise BadInput(
            f"{path}: expected settings as `name: value`, see {DEFAULT_RECIPE_PATH.name}"
        )
    try:
        return Recipe.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "recipe"
        raise BadInput(
            f"{path}: field {field} is {first['input']!r}; {first['msg'].lower()}"
        ) from error
