"""Tasks, ended for good."""

import asyncio
from typing import Any

_AGAIN_S = 2.0


async def ended(task: asyncio.Task[Any]) -> None:
    """Cancel a task until it is done.

    Once may not do: ``asyncio.wait_for``, which libraries use, drops a cancellation that comes
    together with its result before Python 3.12.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=_AGAIN_S)
