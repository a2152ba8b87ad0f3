"""How late the event loop is."""

import asyncio
import contextlib
import time

from crowdsafe.hub.outbound.loop_lag import LoopLag


def test_what_blocks_the_loop_shows() -> None:
    lag = LoopLag()

    async def block() -> None:
        watching = asyncio.create_task(lag.watch())
        await asyncio.sleep(0.01)
        assert lag.newest_s is None
        time.sleep(0.8)  # blocks, on purpose
        while lag.newest_s is None:
            await asyncio.sleep(0)
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching

    asyncio.run(block())
    assert lag.newest_s is not None
    assert 0.2 < lag.newest_s < 5
