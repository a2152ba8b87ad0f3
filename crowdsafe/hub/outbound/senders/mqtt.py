"""JSON to an MQTT broker, and receipts from it."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import aiomqtt

from crowdsafe.contract.targets import MqttTarget
from crowdsafe.hub.outbound.delivery import Message, NotDelivered, TakeReceipt
from crowdsafe.hub.outbound.ending import ended
from crowdsafe.hub.outbound.senders.reading import read_enveloped
from crowdsafe.hub.outbound.senders.receipt import receipt_text

_LOG = logging.getLogger(__name__)
_QOS = 1
_AGAIN_AFTER_S = (0.5, 1.0, 2.0, 5.0, 10.0)
_PORTS = {"mqtt": 1883, "mqtts": 8883}


class MqttSender:
    """Publishes notices with QoS 1 on PREFIX/alarm/SUBJECT and PREFIX/measure/SUBJECT.

    One connection is kept, under a name of its own: receipts on PREFIX/receipts/ID that are
    published while the hub is away wait at the broker.
    """

    def __init__(self, target: MqttTarget) -> None:
        self._target = target
        self._client: aiomqtt.Client | None = None
        self._connected = asyncio.Event()
        self._problem = "not connected yet"

    @contextlib.asynccontextmanager
    async def open(self, take_receipt: TakeReceipt) -> AsyncIterator[None]:
        """Stay connected for as long as this is open."""
        connecting = asyncio.create_task(self._stay_connected(take_receipt))
        try:
            yield
        finally:
            await ended(connecting)

    async def send(self, message: Message) -> str | None:
        """Publish one notice; returns when the broker has it."""
        notice = read_enveloped(message.body)
        try:
            async with asyncio.timeout(self._target.timeout_s * 0.5):
                client = await self._connection()
        except TimeoutError:
            raise NotDelivered(self._problem) from None
        try:
            await client.publish(
                f"{self._target.prefix}/{notice.kind}/{notice.subject_id}", notice.text, qos=_QOS
            )
        except aiomqtt.MqttError as error:
            raise NotDelivered(str(error)) from None
        return None

    async def _connection(self) -> aiomqtt.Client:
        while self._client is None:
            await self._connected.wait()
        return self._client

    async def _stay_connected(self, take_receipt: TakeReceipt) -> None:
        failures = 0
        while True:
            try:
                async with self._new_client() as client:
                    failures = 0
                    await client.subscribe(f"{self._target.prefix}/receipts/#", qos=_QOS)
                    self._client = client
                    self._connected.set()
                    async for received in client.messages:
                        self._take(received, take_receipt)
            except (aiomqtt.MqttError, OSError) as error:
                problem = self._target.hidden(f"no connection to the broker: {error}")
                if problem != self._problem:
                    _LOG.warning("target '%s': %s", self._target.id, problem)
                self._problem = problem
            finally:
                self._client = None
                self._connected.clear()
            await asyncio.sleep(_AGAIN_AFTER_S[min(failures, len(_AGAIN_AFTER_S) - 1)])
            failures += 1

    def _new_client(self) -> aiomqtt.Client:
        target = self._target
        parts = urlsplit(target.url.get_secret_value())
        ca_file = None if target.ca_file is None else str(target.ca_file)
        return aiomqtt.Client(
            hostname=parts.hostname or "",
            port=parts.port or _PORTS[parts.scheme],
            username=target.username,
            password=None if target.password is None else target.password.get_secret_value(),
            identifier=target.client_id or f"crowdsafe-{target.id}",
            clean_session=False,
            timeout=target.timeout_s * 0.5,
            tls_params=aiomqtt.TLSParameters(ca_certs=ca_file) if parts.scheme == "mqtts" else None,
        )

    def _take(self, received: aiomqtt.Message, take_receipt: TakeReceipt) -> None:
        notice_id = received.topic.value.removeprefix(f"{self._target.prefix}/receipts/")
        text = receipt_text(received.payload)
        if notice_id and text is not None:
            take_receipt(notice_id, text)
