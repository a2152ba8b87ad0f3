"""How late the event loop is."""

import asyncio
import time

_EVERY_S = 0.5


class LoopLag:
    """Sleeps for a set time again and again, and sees how much longer that took."""

    def __init__(self) -> None:
        self.newest_s: float | None = None

    async def watch(self) -> None:
        """Look until cancelled."""
        while True:
            due_s = time.monotonic() + _EVERY_S
            await asyncio.sleep(_EVERY_S)
            self.newest_s = max(0.0, time.monotonic() - due_s)
