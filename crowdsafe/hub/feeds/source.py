"""Where a feed's content lies: a file or an HTTP address. Both say when nothing changed."""

import asyncio
import zlib
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import Any, Protocol

import httpx

from crowdsafe import __version__
from crowdsafe.contract.weather import WeatherSourceSettings
from crowdsafe.errors import BadInput, CrowdsafeError

_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


class FeedFailed(CrowdsafeError):
    """A source outside did not give what was asked of it."""


@dataclass(frozen=True)
class Fetched:
    """Content, and the mark by which it is known again."""

    body: bytes
    mark: Any


class Source(Protocol):
    """A place to fetch from."""

    async def fetch(self, *, since: Any) -> Fetched | None:
        """Return the content, None where it is the one with the mark ``since``.

        Raises:
            FeedFailed: it is not to be had, or larger than allowed.
        """

    async def close(self) -> None:
        """Give back what it holds."""


class FileSource:
    """A local file; its mark is its time of change, its size and its number."""

    def __init__(self, path: Path, *, max_bytes: int) -> None:
        self._path = path
        self._max_bytes = max_bytes

    async def fetch(self, *, since: Any) -> Fetched | None:
        """Return the file's content, None where it did not change."""
        return await asyncio.to_thread(self._fetch, since)

    def _fetch(self, since: Any) -> Fetched | None:
        try:
            status = self._path.stat()
            if not S_ISREG(status.st_mode):
                raise FeedFailed(f"{self._path}: is no plain file")
            mark = (status.st_mtime_ns, status.st_size, status.st_ino)
            if mark == since:
                return None
            with self._path.open("rb") as file:
                body = file.read(self._max_bytes + 1)
        except OSError as error:
            raise FeedFailed(f"{self._path}: cannot be read ({error.strerror})") from None
        if len(body) > self._max_bytes:
            raise FeedFailed(f"{self._path}: larger than {self._max_bytes} bytes, not read")
        return Fetched(body, mark)

    async def close(self) -> None:
        """Nothing is held."""


class HttpSource:
    """An HTTP address; its mark are the answer's ETag and Last-Modified."""

    def __init__(self, client: httpx.AsyncClient, url: httpx.URL, *, max_bytes: int) -> None:
        self._client = client
        self._url = url
        self._max_bytes = max_bytes

    async def fetch(self, *, since: Any) -> Fetched | None:
        """Return the answer's content, None for 304."""
        etag, modified = since or (None, None)
        headers = {"If-None-Match": etag, "If-Modified-Since": modified}
        request = self._client.build_request(
            "GET", self._url, headers={key: each for key, each in headers.items() if each}
        )
        try:
            response = await self._client.send(request, stream=True)
            try:
                if response.status_code == httpx.codes.NOT_MODIFIED and since is not None:
                    return None
                if response.is_redirect:
                    raise FeedFailed(
                        f"{self._url}: answers {response.status_code} with another address, "
                        f"{response.headers.get('location', '')[:200]!r}; give that one if it is "
                        "right"
                    )
                if response.status_code != httpx.codes.OK:
                    raise FeedFailed(f"{self._url}: answers {response.status_code}, expected 200")
                body = await self._read(response)
            finally:
                await response.aclose()
        except httpx.TimeoutException:
            raise FeedFailed(f"{self._url}: no answer in time") from None
        except httpx.HTTPError as error:
            said = str(error) or type(error).__name__
            raise FeedFailed(f"{self._url}: cannot be reached ({said})") from None
        return Fetched(body, (response.headers.get("etag"), response.headers.get("last-modified")))

    async def _read(self, response: httpx.Response) -> bytes:
        """Read and unpack no more than allowed: a small answer can unpack to a huge one."""
        encoding = response.headers.get("content-encoding", "identity").lower()
        if encoding not in ("identity", "gzip", "deflate"):
            raise FeedFailed(f"{self._url}: packed as {encoding[:40]!r}, expected gzip or plain")
        unpack = None if encoding == "identity" else zlib.decompressobj(_GZIP_OR_ZLIB)
        body = bytearray()
        async for chunk in response.aiter_raw():
            room = self._max_bytes + 1 - len(body)
            try:
                body += unpack.decompress(chunk, room) if unpack else chunk
            except zlib.error as error:
                raise FeedFailed(f"{self._url}: cannot be unpacked ({error})") from None
            if len(body) > self._max_bytes:
                raise FeedFailed(f"{self._url}: larger than {self._max_bytes} bytes, not read")
        if unpack and not unpack.eof:
            raise FeedFailed(f"{self._url}: the packed answer ends too early")
        return bytes(body)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def open_source(settings: WeatherSourceSettings) -> Source:
    """Return where a source's content lies; making it may take a moment of processor time.

    Raises:
        BadInput: its address is none.
    """
    if "://" not in settings.source:
        return FileSource(Path(settings.source), max_bytes=settings.max_bytes)
    try:
        url = httpx.URL(settings.source)
    except httpx.InvalidURL as error:
        where = f"hub.weather.sources '{settings.id}': source"
        raise BadInput(f"{where}: {settings.source!r} is no address ({error})") from None
    client = httpx.AsyncClient(
        timeout=settings.timeout_s,
        headers={
            "User-Agent": f"crowdsafe/{__version__}",
            "Accept": "application/json, */*;q=0.5",
            "Accept-Encoding": "gzip",
        },
    )
    return HttpSource(client, url, max_bytes=settings.max_bytes)
