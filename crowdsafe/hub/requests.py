"""What every route asks of a request before it does anything."""

from typing import TypeVar

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


def address_of(request: Request) -> str:
    """Return the address that asks; '' where there is none, as on a Unix socket."""
    return request.client.host if request.client else ""


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
        return shape.model_validate_json(bytes(body))
    except ValidationError as error:
        raise BadInput(first_problem(error)) from None
