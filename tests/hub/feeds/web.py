"""A real HTTP server whose answers a test sets."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Web:
    """What is answered, and which headers were asked with."""

    address: str = ""
    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    etag: str | None = None
    asked: list[dict[str, str]] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)
    hang: bool = False


@contextmanager
def serving() -> Iterator[Web]:
    """Serve on loopback until the end of the block."""
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            web.asked.append({key.lower(): value for key, value in self.headers.items()})
            if web.hang:
                web.release.wait(10)
                return
            known = web.etag is not None and self.headers.get("If-None-Match") == web.etag
            self.send_response(304 if known else web.status)
            for key, value in web.headers.items():
                self.send_header(key, value)
            if web.etag:
                self.send_header("ETag", web.etag)
            body = b"" if known else web.body
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    web.address = f"http://127.0.0.1:{server.server_address[1]}/warnings.json"
    try:
        yield web
    finally:
        web.release.set()
        server.shutdown()
        thread.join()
        server.server_close()
