"""Settings from a TOML file and the environment, frozen; unknown keys are refused."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from crowdsafe.contract.strict import Identifier, first_problem
from crowdsafe.errors import BadInput

ENV_PREFIX = "CROWDSAFE_"
_OTHER_VARIABLES = {
    "CROWDSAFE_NO_BROWSER": "when set, `crowdsafe demo` opens no browser",
}

_INTRO = """\
# Settings

From a TOML file (`--config FILE`) and from the environment, which wins. A variable is named as its
place, in capitals: `CROWDSAFE_HUB__PORT` is `port` of `[hub]`. Unknown keys and variables are
refused. This page is made by `make settings`.
"""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class HubSettings(_Section):
    """The hub."""

    host: Annotated[str, Field(description="address to listen on")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="port to listen on")] = 8400
    database_url: Annotated[str, Field(description="SQLAlchemy address of the store")] = (
        "sqlite:///crowdsafe.db"
    )
    unknown_after_s: Annotated[
        float,
        Field(gt=0, le=600, description="a zone without a new value for so long is unknown"),
    ] = 5.0
    max_clock_ahead_s: Annotated[
        float,
        Field(ge=0, le=3600, description="observations dated farther ahead than this are refused"),
    ] = 2.0
    session_hours: Annotated[
        float, Field(gt=0, le=720, description="a person is signed out after so many hours")
    ] = 12.0
    sign_in_failures_per_min: Annotated[
        int, Field(ge=1, le=1000, description="more wrong passwords than this lock the name")
    ] = 8
    secure_cookies: Annotated[
        bool, Field(description="send the session cookie over HTTPS only; off for loopback")
    ] = False
    keep_days: Annotated[
        float, Field(gt=0, le=3650, description="zone values older than this are deleted")
    ] = 30.0


class CameraSettings(_Section):
    """One camera of the edge worker."""

    id: Annotated[Identifier, Field(description="as its calibration file cameras/ID.json")]
    source: Annotated[str, Field(min_length=1, description="file, rtsp:// or http:// address")]
    loop: Annotated[bool, Field(description="play a file again when it ends")] = False
    analysed_per_s: Annotated[
        float | None, Field(gt=0, le=60, description="instead of `edge.analysed_per_s`")
    ] = None


class EdgeSettings(_Section):
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


class Settings(BaseSettings):
    """All settings. A variable is named as its place: CROWDSAFE_HUB__PORT is ``port`` of [hub]."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    site: Annotated[Path, Field(description="site folder with site.geojson and cameras/")] = Path(
        "zones/pets_demo"
    )
    hub: Annotated[HubSettings, Field(description="the hub")] = HubSettings()
    edge: Annotated[EdgeSettings, Field(description="the edge worker")] = EdgeSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file, whose content is given to the constructor."""
        return env_settings, init_settings


def load_settings(file: Path | None, *, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    Args:
        file: a TOML file, or None.
        environment: the process's variables; given only to look for misspelt names.

    Raises:
        BadInput: one sentence that names the file or variable, the key and what was expected.
    """
    _refuse_unknown_variables(os.environ if environment is None else environment)
    content: dict[str, Any] = {}
    if file is not None:
        try:
            content = tomllib.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise BadInput(f"{file}: there is no such settings file") from None
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise BadInput(f"{file}: is not a TOML file ({error})") from None
    try:
        return Settings(**content)
    except ValidationError as error:
        where = file or "environment"
        raise BadInput(f"{where}: {first_problem(error)}") from None


def known_variables() -> tuple[str, ...]:
    """Return the names of all variables that are read."""
    names = [f"{ENV_PREFIX}SITE"]
    for section, shape in (("HUB", HubSettings), ("EDGE", EdgeSettings)):
        names.append(f"{ENV_PREFIX}{section}")
        names += [f"{ENV_PREFIX}{section}__{field.upper()}" for field in shape.model_fields]
    return (*names, *_OTHER_VARIABLES)


def _refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    known = set(known_variables())
    for name in environment:
        if name.upper().startswith(ENV_PREFIX) and name.upper() not in known:
            raise BadInput(f"environment: {name}: there is no such setting")


def settings_table() -> str:
    """Return every setting as Markdown, for docs/settings.md."""
    lines = [_INTRO]
    for title, prefix, shape in (
        ("Top level", "", Settings),
        ("[hub]", "hub.", HubSettings),
        ("[edge]", "edge.", EdgeSettings),
        ("[[edge.cameras]]", "edge.cameras.", CameraSettings),
    ):
        lines += [f"## {title}", "", "| key | default | what |", "|---|---|---|"]
        for key, field in shape.model_fields.items():
            if shape is Settings and key in ("hub", "edge"):
                continue
            default = "required" if field.is_required() else _shown(field.default)
            lines.append(f"| `{prefix}{key}` | {default} | {field.description} |")
        lines.append("")
    lines += ["## Other variables", "", "| variable | what |", "|---|---|"]
    lines += [f"| `{name}` | {what} |" for name, what in _OTHER_VARIABLES.items()]
    return "\n".join(lines) + "\n"


def _shown(default: Any) -> str:
    if default is None or default == () or isinstance(default, SecretStr):
        return "empty"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default}`"
