"""What is told to pages of many zones at once: figures in columns, and cells."""

from typing import Annotated

from pydantic import Field, model_validator

from crowdsafe.contract.readings import Cells
from crowdsafe.contract.strict import Finite, Identifier, NonNegative, Strict

_Index = Annotated[int, Field(ge=0)]


class ZoneColumns(Strict):
    """What readings changed of zones that are known: the n-th of each column is of one zone."""

    zones: Annotated[
        tuple[_Index, ...], Field(description="which: place in the snapshot's `zones`, from 0")
    ] = ()
    captured_ago_ms: Annotated[
        tuple[_Index, ...], Field(description="`captured_at_s`, as the time from it to `now_s`")
    ] = ()
    count: tuple[NonNegative, ...] = ()
    count_sd: tuple[NonNegative, ...] = ()
    density_ppm2: tuple[NonNegative, ...] = ()
    density_sd_ppm2: tuple[NonNegative, ...] = ()
    peak_ppm2: tuple[NonNegative | None, ...] = ()
    trend_ppm2_per_min: tuple[Finite | None, ...] = ()

    @model_validator(mode="after")
    def _of_one_length(self) -> "ZoneColumns":
        lengths = {len(getattr(self, name)) for name in type(self).model_fields}
        if len(lengths) > 1:
            raise ValueError(f"columns are of different lengths: {sorted(lengths)}")
        return self


class ZoneCells(Strict):
    """Where the people of one zone are."""

    zone_id: Identifier
    cells: Cells
