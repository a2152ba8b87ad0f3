"""What the exported ONNX promises: names, layout, and the settings in its metadata."""

import json
from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import Field, ValidationError

from crowdsafe.contract.strict import NonNegative, Strict, first_problem
from crowdsafe.domain.crowd.density import CountError
from crowdsafe.domain.crowd.hand_over import HandOver, heads_only
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


class CountSd(Strict):
    """Error model of a count; see :class:`CountError`."""

    constant: NonNegative
    sqrt: NonNegative
    relative: NonNegative
    crowd: NonNegative = 0.0

    @property
    def error(self) -> CountError:
        """The same for the domain."""
        return CountError(
            constant=self.constant, sqrt=self.sqrt, relative=self.relative, crowd=self.crowd
        )


class HandOverSettings(Strict):
    """How heads and density share the count; see :class:`HandOver`."""

    crowd_threshold: Annotated[float, Field(gt=0.0, lt=1.0)]
    middle_people: Annotated[float, Field(gt=0.0)]
    steepness: Annotated[float, Field(gt=0.0, le=20.0)]
    density_share: Annotated[float, Field(ge=0.0, le=1.0)]
    threshold_middle_people: Annotated[float, Field(gt=0.0)] | None = None


class LookSettings(Strict):
    """How to use the network at one input size: fitted on held-out pictures."""

    score_threshold: Annotated[float, Field(gt=0.0, lt=1.0)]
    input_long_side_px: Annotated[int, Field(ge=STRIDE_PX, le=8192, multiple_of=STRIDE_PX)]
    count_sd: CountSd
    hand_over: HandOverSettings | None = None

    @property
    def counting(self) -> HandOver:
        """The hand-over for the domain; heads alone where none is stored."""
        own = self.hand_over
        if own is None:
            return heads_only(self.score_threshold)
        return HandOver(
            open_threshold=self.score_threshold,
            crowd_threshold=own.crowd_threshold,
            middle_people=own.middle_people,
            steepness=own.steepness,
            density_share=own.density_share,
            threshold_middle_people=own.threshold_middle_people,
        )


class ModelSettings(LookSettings):
    """What the file says of itself; `fast` is a smaller input for weak processors."""

    layout: Literal["heads-density-1"] = LAYOUT
    name: Annotated[str, Field(min_length=1, max_length=100)] = "heads"
    trained_on: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    fast: LookSettings | None = None


def read_settings(metadata: Mapping[str, str], source: str) -> ModelSettings | None:
    """Settings from an ONNX file's metadata, None of a model that is not ours.

    Args:
        metadata: the file's own.
        source: the file, for the error.

    Raises:
        BadInput: the entry is there and wrong.
    """
    text = metadata.get(METADATA_KEY)
    if text is None:
        return None
    try:
        return ModelSettings.model_validate(json.loads(text))
    except ValidationError as error:
        raise BadInput(f"{source}: metadata {METADATA_KEY}.{first_problem(error)}") from None
    except ValueError:
        raise BadInput(f"{source}: metadata {METADATA_KEY}: is not JSON") from None
