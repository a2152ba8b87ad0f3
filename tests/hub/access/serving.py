"""A real HTTP server in a thread."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import uvicorn


@contextlib.contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serve an application on a free port of loopback and give its ``127.0.0.1:PORT``."""
    # Unless its protocol is named, asyncio leaves Nagle's delay of 40 ms on.
    with socket.socket(proto=socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        # Whoever connects before the server runs waits in the socket's queue.
        listening.listen(100)
        server = uvicorn.Server(
            uvicorn.Config(
                app, log_level="error", ws="websockets-sansio", timeout_graceful_shutdown=1
            )
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield "{}:{}".format(*listening.getsockname())
        finally:
            server.should_exit = True
            thread.join()
