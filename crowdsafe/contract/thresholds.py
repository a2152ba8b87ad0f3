"""Where levels and alarms of a zone begin."""

from typing import Annotated

from pydantic import Field

from crowdsafe.contract.strict import Strict


class Thresholds(Strict):
    """Where each level begins, how much lower it ends, and for how long either must hold."""

    busy_ppm2: Annotated[float, Field(gt=0, le=20)] = 1.08
    tight_ppm2: Annotated[float, Field(gt=0, le=20)] = 2.17
    critical_ppm2: Annotated[float, Field(gt=0, le=20)] = 3.57
    hysteresis_ppm2: Annotated[float, Field(ge=0, le=5)] = 0.2
    rise_s: Annotated[float, Field(ge=0, le=600)] = 3.0
    fall_s: Annotated[float, Field(ge=0, le=3600)] = 30.0


class Limits(Strict):
    """Where the alarms beside the levels begin; null leaves one out."""

    peak_ppm2: Annotated[
        Annotated[float, Field(gt=0, le=20)] | None,
        Field(description="density of its tightest place; standing crowds are uneasy from 5"),
    ] = 5.0
    rise_ppm2_per_min: Annotated[
        Annotated[float, Field(gt=0, le=20)] | None,
        Field(description="how fast the mean density rises, from half of busy on"),
    ] = 1.0
    forecast_min: Annotated[
        Annotated[float, Field(gt=0, le=30)] | None,
        Field(description="minutes until it is likely to be tight"),
    ] = 5.0
    pressure_per_s2: Annotated[
        Annotated[float, Field(gt=0, le=10)] | None,
        Field(description="crowd pressure, from busy on; 0.02 is named for turbulence, unsure"),
    ] = 0.02
    counter_flow_share: Annotated[
        Annotated[float, Field(gt=0, le=0.5)] | None,
        Field(description="share that walks against the main direction, from busy on"),
    ] = 0.35
    people: Annotated[
        Annotated[float, Field(gt=0, le=1e6)] | None,
        Field(description="most people that may be in it"),
    ] = None
    rise_s: Annotated[float, Field(ge=0, le=600, description="how long one must hold")] = 10.0
    fall_s: Annotated[float, Field(ge=0, le=3600, description="and be gone before it ends")] = 60.0
