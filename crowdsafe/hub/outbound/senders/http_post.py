"""POST to one address, and what an answer means."""

import contextlib
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus

import httpx
from pydantic import SecretStr

from crowdsafe import __version__
from crowdsafe.hub.outbound.delivery import NotDelivered, Refused

# It says whole addresses, and there may be passwords and tokens in them.
logging.getLogger("httpx").setLevel(logging.WARNING)

_MAX_ANSWER_BYTES = 65_536
_NOT_THE_MESSAGES_FAULT = frozenset({401, 403, 407, 408, 425, 429})


@dataclass(frozen=True)
class Answer:
    """What came back: 2xx, and the begin of its body."""

    status: int
    body: bytes


class HttpPost:
    """Posts to one address, never follows a redirect, and says no secrets."""

    def __init__(self, url: SecretStr, *, token: SecretStr | None = None, path: str = "") -> None:
        self._url = url.get_secret_value().rstrip("/") + path if path else url.get_secret_value()
        self._headers = {"User-Agent": f"crowdsafe/{__version__}", "Accept-Encoding": "identity"}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token.get_secret_value()}"
        self._client: httpx.AsyncClient | None = None

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Keep connections for as long as this is open."""
        # The runner limits each attempt as a whole.
        async with httpx.AsyncClient(follow_redirects=False, timeout=None) as client:
            self._client = client
            try:
                yield
            finally:
                self._client = None

    async def post(self, content: bytes, *, headers: Mapping[str, str]) -> Answer:
        """Post once.

        Raises:
            NotDelivered: nobody answered, or not with 2xx, and later may be better.
            Refused: an answer 4xx that speaks against the message.
        """
        if self._client is None:
            raise NotDelivered("the connection is closed")
        try:
            async with self._client.stream(
                "POST", self._url, content=content, headers={**self._headers, **headers}
            ) as response:
                body = await _begin_of(response)
                _judge(response)
                return Answer(response.status_code, body)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotDelivered(f"{_in_words(error)}{f' ({error})' if str(error) else ''}") from None


async def _begin_of(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > _MAX_ANSWER_BYTES:
            break
    return bytes(body[:_MAX_ANSWER_BYTES])


def _judge(response: httpx.Response) -> None:
    status = response.status_code
    if 200 <= status < 300:
        return
    answered = f"answered {status} {_phrase(status)}".rstrip()
    if 300 <= status < 400:
        raise NotDelivered(f"{answered}; redirects are not followed")
    if 400 <= status < 500 and status not in _NOT_THE_MESSAGES_FAULT:
        raise Refused(answered)
    raise NotDelivered(answered, retry_after_s=_retry_after_s(response.headers.get("retry-after")))


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _retry_after_s(header: str | None) -> float | None:
    return float(header) if header is not None and header.isascii() and header.isdigit() else None


def _in_words(error: Exception) -> str:
    if isinstance(error, httpx.ConnectError):
        return "could not connect"
    if isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError):
        return "the connection broke"
    return "could not be asked"
