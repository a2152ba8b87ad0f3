"""Messages to and from a page that are many or wide: zone values in columns, cells when asked for.

A message to a page is its JSON as UTF-8, deflated without a header (RFC 1951), in one binary frame.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from crowdsafe.contract.page_messages import Change
from crowdsafe.contract.readings import Cells
from crowdsafe.contract.strict import EpochSeconds, Finite, Identifier, NonNegative, Strict

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


class ChangeInColumns(Change):
    """A change; a zone of which only figures changed is in the columns, not in `zone_states`."""

    zone_columns: Annotated[ZoneColumns | None, Field(description="null: none")] = None


class ZoneCells(Strict):
    """Where the people of one zone are."""

    zone_id: Identifier
    cells: Cells


class CellsChange(Strict):
    """Cells that changed, for a page that shows them."""

    type: Literal["cells"] = "cells"
    now_s: EpochSeconds
    zones: tuple[ZoneCells, ...]


class Watch(Strict):
    """What a page shows that not every page does. Said by the page whenever that changes."""

    type: Literal["watch"] = "watch"
    zone_id: Annotated[
        Identifier | None, Field(description="told whole with each change; null: none")
    ] = None
    cells: Annotated[bool, Field(description="of all zones")] = False


MAX_WATCH_BYTES = 1000
