"""What every route asks of a request before it does anything."""

from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from crowdsafe.contract.strict import first_problem
from crowdsafe.errors import BadInput, CrowdsafeError

_Shape = TypeVar("_Shape", bound=BaseModel)


class TooLarge(CrowdsafeError):
    """A request's body is larger than anything that is sent here."""


class WrongOrigin(CrowdsafeError):
    """A page from elsewhere asked in a person's name."""


def refuse_other_origin(*, origin: str | None, host: str | None) -> None:
    """Raise WrongOrigin when a browser says that a page of another address asks."""
    if origin is not None and origin.partition("://")[2] != host:
        raise WrongOrigin("asked by a page of another address")


def refuse_unknown_query(request: Request) -> None:
    """Refuse a name in the query that the route does not know, or that is there twice.

    Of a limit that is misspelt, the answer would be about something else.

    Raises:
        BadInput: there is one.
    """
    known = {each.alias for each in request.scope["route"].dependant.query_params}
    seen: set[str] = set()
    for name, _ in request.query_params.multi_items():
        if name not in known:
            expected = ", ".join(sorted(known)) or "none"
            raise BadInput(f"query.{name}: is not known here, expected {expected}")
        if name in seen:
            raise BadInput(f"query.{name}: is there twice, expected once")
        seen.add(name)


def address_of(request: Request) -> str:
    """Return the address that asks; '' where there is none, as on a Unix socket."""
    return request.client.host if request.client else ""


def takes(shape: type[BaseModel]) -> dict[str, Any]:
    """Return ``openapi_extra`` of a route that reads its body with :func:`bounded_body`."""
    schema = shape.model_json_schema()
    content = {"application/json": {"schema": _inlined(schema, schema.pop("$defs", {}))}}
    return {"requestBody": {"required": True, "content": content}}


def _inlined(schema: Any, shapes: dict[str, Any]) -> Any:
    """Put each shape in the place of its reference, as what is extra has no place for shapes."""
    if isinstance(schema, list):
        return [_inlined(each, shapes) for each in schema]
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref")
    if reference is not None:
        schema = shapes[reference.removeprefix("#/$defs/")] | schema
    return {key: _inlined(each, shapes) for key, each in schema.items() if key != "$ref"}


async def bounded_body(request: Request, shape: type[_Shape], *, max_bytes: int) -> _Shape:
    """Read a body that may not be longer than ``max_bytes`` and check it.

    Raises:
        TooLarge: it is longer; no more than that was read.
        BadInput: it does not fit the shape.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_bytes:
            raise TooLarge(f"body: more than {max_bytes} bytes")
    try:
        return shape.model_validate_json(body)
    except ValidationError as error:
        raise BadInput(first_problem(error)) from None
