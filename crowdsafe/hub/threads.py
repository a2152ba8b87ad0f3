"""What blocks, off the event loop; a store that fails says so in one sentence."""

import asyncio
import logging
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from crowdsafe.errors import CrowdsafeError

_LOG = logging.getLogger(__name__)
_P = ParamSpec("_P")
_Answer = TypeVar("_Answer")


class StoreFailed(CrowdsafeError):
    """The store did not take, or give, what it was asked for."""


async def in_thread(
    function: Callable[_P, _Answer], /, *args: _P.args, **kwargs: _P.kwargs
) -> _Answer:
    """Call a method of the store in a thread. Raises StoreFailed when the database does."""
    try:
        return await asyncio.to_thread(function, *args, **kwargs)
    except SQLAlchemyError as error:
        _LOG.error("store: %s", error.args)
        raise StoreFailed("the store does not answer at the moment") from None
