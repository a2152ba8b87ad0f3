"""What the exported ONNX promises: names, layout, and the settings in its metadata."""

from __future__ import annotations

import json
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from crowdsafe.errors import BadInput

LAYOUT: Final = "heads-density-1"
INPUT_NAME = "images"
HEADS_NAME = "heads"
DENSITY_NAME = "density"
STRIDE_PX = 32
HEAD_STRIDE_PX = 4
DENSITY_STRIDE_PX = 8
METADATA_KEY = "crowdsafe"
PADDING_VALUE = 114
"""Grey, 0..255, of what is added at the right and the bottom up to a multiple of STRIDE_PX."""

CountFrom = Literal["detector", "density", "mean"]


class CountSd(BaseModel):
    """Error model of a count n: sd = sqrt(constant^2 + sqrt^2 n + (relative n)^2)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    constant: float = Field(ge=0.0)
    sqrt: float = Field(ge=0.0)
    relative: float = Field(ge=0.0)

    def at(self, count: float) -> float:
        """Standard deviation, in people, of a count."""
        variance = self.constant**2 + self.sqrt**2 * count + (self.relative * count) ** 2
        return float(variance**0.5)


class ModelSettings(BaseModel):
    """How to use the network: fitted on held-out pictures and stored in the file itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    layout: Literal["heads-density-1"] = LAYOUT
    name: str = "crowdsafe-heads-1"
    score_threshold: float = Field(gt=0.0, lt=1.0)
    input_long_side_px: int = Field(ge=STRIDE_PX, multiple_of=STRIDE_PX)
    count_sd: CountSd
    trained_on: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    count_from: CountFrom = "detector"


def read_settings(metadata: dict[str, str], source: str) -> ModelSettings:
    """Settings from an ONNX file's metadata; `source` names the file in errors.

    Raises BadInput if the entry is missing or wrong.
    """
    text = metadata.get(METADATA_KEY)
    if text is None:
        raise BadInput(
            f"{source}: metadata has no entry {METADATA_KEY!r}; "
            f"expected a model of layout {LAYOUT} written by `crowdsafe train export`"
        )
    try:
        return ModelSettings.model_validate(json.loads(text))
    except (json.JSONDecodeError, ValidationError) as error:
        raise BadInput(
            f"{source}: metadata entry {METADATA_KEY!r} is wrong ({str(error).splitlines()[0]}); "
            f"expected the settings of layout {LAYOUT}"
        ) from error
