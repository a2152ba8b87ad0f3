"""What a page hears."""

import json
from typing import Any

from starlette.testclient import WebSocketTestSession

from crowdsafe.hub.page_feed import unpacked


def heard(page: WebSocketTestSession) -> Any:
    """Wait for the next message and return what it says."""
    return json.loads(unpacked(page.receive_bytes()))
