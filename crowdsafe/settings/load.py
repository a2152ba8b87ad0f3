"""Settings from a TOML file and the environment, frozen; unknown keys are refused."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from crowdsafe.contract.strict import first_problem
from crowdsafe.errors import BadInput
from crowdsafe.settings.edge import EdgeSettings
from crowdsafe.settings.hub import HubSettings

ENV_PREFIX = "CROWDSAFE_"
OTHER_VARIABLES = {
    "CROWDSAFE_NO_BROWSER": "when set, `crowdsafe demo` opens no browser",
}


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
    except SettingsError as error:
        raise BadInput(
            f"environment: {error}".replace(" from source", ", expected JSON,")
        ) from None
    except ValidationError as error:
        where = file or "environment"
        raise BadInput(f"{where}: {first_problem(error)}") from None


def known_variables() -> tuple[str, ...]:
    """Return the names of all variables that are read."""
    names = [f"{ENV_PREFIX}SITE"]
    for section, shape in (("HUB", HubSettings), ("EDGE", EdgeSettings)):
        names += _variables(f"{ENV_PREFIX}{section}", shape)
    return (*names, *OTHER_VARIABLES)


def _variables(name: str, shape: type[BaseModel]) -> list[str]:
    """Return a section's variable and those of all that is in it; a list is one variable."""
    names = [name]
    for key, field in shape.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            names += _variables(f"{name}__{key.upper()}", inner)
        else:
            names.append(f"{name}__{key.upper()}")
    return names


def _refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    known = set(known_variables())
    for name in environment:
        if name.upper().startswith(ENV_PREFIX) and name.upper() not in known:
            raise BadInput(f"environment: {name}: there is no such setting")
