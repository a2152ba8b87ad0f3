"""Settings of the edge worker."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr

from crowdsafe.contract.strict import Identifier
from crowdsafe.settings.section import Section


class CameraSettings(Section):
    """One camera of the edge worker."""

    id: Annotated[Identifier, Field(description="as its calibration file cameras/ID.json")]
    source: Annotated[str, Field(min_length=1, description="file, rtsp:// or http:// address")]
    loop: Annotated[bool, Field(description="play a file again when it ends")] = False
    analysed_per_s: Annotated[
        float | None, Field(gt=0, le=60, description="instead of `edge.analysed_per_s`")
    ] = None


class EdgeSettings(Section):
    """The edge worker."""

    worker: Annotated[Identifier, Field(description="the worker's name at the hub")] = "edge"
    hub_url: Annotated[
        str, Field(pattern=r"^wss?://", description="the hub's websocket address")
    ] = "ws://127.0.0.1:8400/ws/edge"
    token: Annotated[
        SecretStr, Field(description="the worker's token, from `crowdsafe hub add-worker`")
    ] = SecretStr("")
    model: Annotated[
        Path | None, Field(description="model file; empty: the head detector that comes along")
    ] = None
    fast: Annotated[bool, Field(description="use the model's own setting for weak processors")] = (
        False
    )
    threads: Annotated[int, Field(ge=1, le=64, description="processor threads a picture")] = 1
    cores: Annotated[
        float | None,
        Field(
            gt=0,
            le=256,
            description="processor cores for analysing pictures, all cameras together, as 1.5; "
            "empty: all that the process may use",
        ),
    ] = None
    analysed_per_s: Annotated[
        float,
        Field(
            gt=0,
            le=60,
            description="pictures analysed a second and camera; up to twice as many while a zone "
            "is near a threshold, and fewer, of all cameras alike, where the cores do not suffice",
        ),
    ] = 2.0
    steady_s: Annotated[
        float,
        Field(
            ge=0,
            le=10,
            description="a zone's counts of so many seconds become one, their median, which shows "
            "a change after about half the time; 0: each picture's own count",
        ),
    ] = 2.5
    score_threshold: Annotated[
        float | None, Field(ge=0, le=1, description="instead of the model's own")
    ] = None
    input_long_side_px: Annotated[
        int | None, Field(ge=32, le=8192, description="instead of the model's own")
    ] = None
    head_height_m: Annotated[
        float, Field(ge=0, le=2.5, description="height of a head over the ground")
    ] = 1.7
    outbox_size: Annotated[
        int, Field(ge=1, le=1_000_000, description="observations kept while the hub is away")
    ] = 5000
    cameras: Annotated[
        tuple[CameraSettings, ...], Field(description="the cameras, one table each")
    ] = ()
