"""What is told of a zone, a counting line and a picture, from the edge through to the page.

Positions are metres east and north in the site frame (``_m``).
"""

from typing import Annotated, Literal

from pydantic import FailFast, Field, model_validator

from crowdsafe.contract.strict import EpochSeconds, Identifier, Share, Strict

PictureHealthName = Literal[
    "ok", "frozen", "dark", "blinded", "moved", "unsharp", "saturated", "overloaded"
]
NOT_BELIEVED: frozenset[PictureHealthName] = frozenset({"frozen", "dark", "blinded", "moved"})
"""With these a camera's zones are unknown; with the others their uncertainty grows."""
MotionBy = Literal["tracks", "flow"]

MAX_CELLS = 20_000
_MOST = 1e9
Measured = Annotated[float, Field(ge=0, le=_MOST, allow_inf_nan=False)]
"""No true value is near its limit, below which squares, sums and rates of it stay finite."""
Signed = Annotated[float, Field(ge=-_MOST, le=_MOST, allow_inf_nan=False)]
_Index = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
Densities = Annotated[float, Field(ge=0, le=50, allow_inf_nan=False)]


class Peak(Strict):
    """The densest place of a zone."""

    ppm2: Annotated[Densities, Field(description="people in a disc over its part that is seen")]
    sd_ppm2: Measured
    at_m: Annotated[tuple[Signed, Signed], Field(description="middle of the disc")]


class Motion(Strict):
    """How the people of a zone move."""

    by: Annotated[
        MotionBy,
        Field(description="people followed one by one, or the flow of the picture where they hide"),
    ]
    people: Annotated[Measured, Field(description="how many the figures rest on")]
    speed_m_s: Annotated[Measured, Field(description="mean of the people's speeds")]
    speed_sd_m_s: Measured
    velocity_m_s: Annotated[
        tuple[Signed, Signed], Field(description="mean velocity, east and north")
    ]
    counter_flow_share: Annotated[
        Share, Field(description="part of them that moves against the main direction")
    ]
    standing_share: Annotated[Share, Field(description="part of them that stands")]
    stop_and_go_share: Annotated[
        Share | None,
        Field(description="how much of the last seconds switched between both; null: too few"),
    ]
    pressure_per_s2: Annotated[
        Measured | None,
        Field(description="highest local density times variance of velocity; null: too few"),
    ]


class Cells(Strict):
    """People in the cells of the site's grid; a cell that is not named is empty.

    Cell (column, row) spans ``cell_m`` from (column · cell_m, row · cell_m) east and north.
    """

    columns: Annotated[tuple[_Index, ...], FailFast(), Field(max_length=MAX_CELLS)] = ()
    rows: Annotated[tuple[_Index, ...], FailFast(), Field(max_length=MAX_CELLS)] = ()
    people: Annotated[tuple[Measured, ...], FailFast(), Field(max_length=MAX_CELLS)] = ()

    @model_validator(mode="after")
    def _of_one_length(self) -> "Cells":
        if not len(self.columns) == len(self.rows) == len(self.people):
            raise ValueError("columns, rows and people are of different lengths")
        return self


class LineReading(Strict):
    """Who crossed a counting line since the observation before."""

    line_id: Identifier
    into: Annotated[Measured, Field(description="from the left of its direction to the right")]
    out: Annotated[Measured, Field(description="from the right to the left")]
    span_s: Annotated[Measured, Field(description="time in which they were counted")]


class PictureHealth(Strict):
    """Whether a picture can be believed."""

    name: PictureHealthName = "ok"
    since_s: EpochSeconds | None = None
    shift_px: Annotated[
        Measured | None, Field(description="against the calibration's picture; null: not known")
    ] = None
    shift_m: Annotated[
        Measured | None,
        Field(description="the same on the ground, at the lower middle of the picture"),
    ] = None
