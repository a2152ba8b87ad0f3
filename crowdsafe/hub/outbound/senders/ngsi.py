"""Zones to an NGSI-LD context broker (ETSI GS CIM 009, batch upsert)."""

import json
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus

from crowdsafe.contract.targets import NgsiTarget
from crowdsafe.hub.outbound.delivery import Message, Refused, TakeReceipt, Unreadable
from crowdsafe.hub.outbound.senders.http_post import HttpPost

_UPSERT = "/ngsi-ld/v1/entityOperations/upsert"


class NgsiSender:
    """Upserts entities; each replaces the older one as a whole, so that no old count stays."""

    def __init__(self, target: NgsiTarget) -> None:
        self._post = HttpPost(target.url, token=target.token, path=_UPSERT)
        self._headers = {"Content-Type": "application/ld+json"}
        if target.tenant is not None:
            self._headers["NGSILD-Tenant"] = target.tenant

    def open(self, take_receipt: TakeReceipt) -> AbstractAsyncContextManager[None]:  # noqa: ARG002
        """Keep the connection."""
        return self._post.open()

    async def send(self, message: Message) -> str | None:
        """Post a list of entities."""
        try:
            entities = json.loads(message.body)
        except ValueError:
            raise Unreadable("is no JSON") from None
        if not isinstance(entities, list):
            raise Unreadable("is no list of entities")
        answer = await self._post.post(message.body.encode(), headers=self._headers)
        if answer.status == HTTPStatus.MULTI_STATUS:
            raise Refused(f"took only a part: {answer.body[:200].decode('utf-8', 'replace')}")
        return None
