"""The base of every wire and file shape."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.json_schema import GenerateJsonSchema

Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
"""Zone, camera and worker ids: letters, digits, '.', '_' and '-', 64 at most."""

Finite = Annotated[float, Field(allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
EpochSeconds = Annotated[float, Field(ge=0, lt=1e11, allow_inf_nan=False)]
"""Seconds since 1970-01-01 UTC."""


class Strict(BaseModel):
    """Frozen, refuses unknown keys, NaN and infinity."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        json_schema_serialization_defaults_required=True,
    )


class UntitledJsonSchema(GenerateJsonSchema):
    """JSON Schema without field titles, which would become one TypeScript alias per field."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False


def first_problem(error: ValidationError) -> str:
    """Return the first problem of a validation as 'field: what is wrong (got value)'."""
    problem = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in problem["loc"]) or "document"
    value = problem.get("input")
    # A whole table may have a secret in it.
    many = isinstance(value, dict | list | tuple)
    got = f"a {type(value).__name__}" if many else repr(value)
    if len(got) > 80:
        got = got[:77] + "..."
    message = problem["msg"]
    message = message[0].lower() + message[1:]
    return f"{field}: {message} (got {got})"
