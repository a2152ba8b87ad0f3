"""MQTT to a real Mosquitto: order, confirmation, receipts, and a broker that goes away."""

import asyncio
import contextlib
import json
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiomqtt
from pydantic import TypeAdapter

from crowdsafe.contract.targets import TargetBase, Targets
from tests.hub.outbound.broker import Broker, program
from tests.hub.outbound.kept import Kept
from tests.hub.outbound.notices import alarm_notice, measure_notice
from tests.hub.outbound.running import running, until

_READ: TypeAdapter[tuple[TargetBase, ...]] = TypeAdapter(Targets)


def city(broker: Broker, **changes: Any) -> TargetBase:
    table = {"id": "city", "kind": "mqtt", "url": broker.url, "prefix": "fair", "timeout_s": 4}
    return _READ.validate_python([table | changes])[0]


@contextlib.asynccontextmanager
async def listening(broker: Broker, topic: str) -> AsyncIterator[list[aiomqtt.Message]]:
    """What is published on a topic meanwhile."""
    heard: list[aiomqtt.Message] = []

    async def listen(client: aiomqtt.Client) -> None:
        async for message in client.messages:
            heard.append(message)

    async with aiomqtt.Client("127.0.0.1", broker.port) as client:
        await client.subscribe(topic, qos=1)
        task = asyncio.create_task(listen(client))
        try:
            yield heard
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


def test_notices_arrive_in_order_with_qos_1(broker: Broker, kept: Kept) -> None:
    notices = [alarm_notice(number=1), measure_notice(target="city"), alarm_notice(number=2)]

    async def deliver() -> None:
        async with (
            listening(broker, "fair/#") as heard,
            running(kept.outbox, [city(broker)]) as run,
        ):
            kept.put("city", *((each.id, each.model_dump_json()) for each in notices))
            run.runner.wake(["city"])
            await until(lambda: len(heard) == 3 and len(run.told) == 3)
            assert [each.topic.value for each in heard] == [
                "fair/alarm/stage",
                "fair/measure/stage",
                "fair/alarm/stage",
            ]
            assert [each.qos for each in heard] == [1, 1, 1]
            assert not any(each.retain for each in heard)
            payloads = [json.loads(each.payload) for each in heard]
            assert [each["data"]["id"] for each in payloads] == [each.id for each in notices]
            assert payloads[1]["type"] == "measure.confirmed"
            assert [end for _, end, _ in run.told] == ["sent"] * 3

    asyncio.run(deliver())


def test_a_new_message_leaves_at_once(broker: Broker, kept: Kept) -> None:
    async def deliver() -> None:
        async with (
            listening(broker, "fair/#") as heard,
            running(kept.outbox, [city(broker)]) as run,
        ):
            delays_s = []
            for number in range(1, 11):
                notice = alarm_notice(number=number)
                kept.put("city", (notice.id, notice.model_dump_json()))
                woken_at_s = time.monotonic()
                run.runner.wake(["city"])
                await until(lambda: len(heard) == number)  # noqa: B023
                delays_s.append(time.monotonic() - woken_at_s)
            assert sorted(delays_s)[len(delays_s) // 2] < 0.1

    asyncio.run(deliver())


def test_a_receipt_is_kept_and_told(broker: Broker, kept: Kept) -> None:
    measure = measure_notice(target="city")

    async def deliver() -> None:
        async with running(kept.outbox, [city(broker)]) as run:
            kept.put("city", (measure.id, measure.model_dump_json()))
            run.runner.wake(["city"])
            await until(lambda: len(run.told) == 1)
            async with aiomqtt.Client("127.0.0.1", broker.port) as mast:
                await mast.publish(f"fair/receipts/{measure.id}", '{"receipt": "said"}', qos=1)
                await until(lambda: len(run.told) == 2)
                # Rubbish is no receipt, and ends nothing.
                for topic, payload in (
                    (f"fair/receipts/{measure.id}", b""),
                    ("fair/receipts/", b"for nobody"),
                    ("fair/receipts/unheard_of", b"\xff\x00\xfe"),
                    (f"fair/receipts/{measure.id}", b"shown as well"),
                ):
                    await mast.publish(topic, payload, qos=1)
                await until(lambda: (measure.id, "received", "shown as well") in run.told)
            assert run.told[:2] == [(measure.id, "sent", ""), (measure.id, "received", "said")]

    asyncio.run(deliver())
    assert kept.row(measure.id).receipt == "shown as well"
    assert kept.row(measure.id).state == "delivered"


def test_a_receipt_that_came_while_the_hub_was_away_waits_for_it(
    broker: Broker, kept: Kept
) -> None:
    measure = measure_notice(target="city")

    async def deliver() -> None:
        async with running(kept.outbox, [city(broker)]) as run:
            kept.put("city", (measure.id, measure.model_dump_json()))
            run.runner.wake(["city"])
            await until(lambda: len(run.told) == 1)
        async with aiomqtt.Client("127.0.0.1", broker.port) as mast:
            await mast.publish(f"fair/receipts/{measure.id}", "said", qos=1)
        async with running(kept.outbox, [city(broker)]) as run:
            await until(lambda: run.told == [(measure.id, "received", "said")])

    asyncio.run(deliver())


def test_a_broker_that_goes_away_loses_nothing(broker: Broker, kept: Kept) -> None:
    async def deliver() -> None:
        async with running(kept.outbox, [city(broker)]) as run:
            first = alarm_notice(number=1)
            kept.put("city", (first.id, first.model_dump_json()))
            run.runner.wake(["city"])
            await until(lambda: len(run.told) == 1)
            broker.stop()
            later = [alarm_notice(number=number) for number in range(2, 6)]
            kept.put("city", *((each.id, each.model_dump_json()) for each in later))
            run.runner.wake(["city"])
            await until(lambda: bool(kept.outbox.stuck()[0].last_error))
            assert len(run.told) == 1
            broker.start()
            async with listening(broker, "fair/#") as heard:
                await until(lambda: len(run.told) == 5, within_s=15)
                ids = [json.loads(each.payload)["data"]["id"] for each in heard]
                wanted = [each.id for each in later]
                # One may have gone out before anybody listened again, and one may come twice.
                assert list(dict.fromkeys(ids)) == wanted[len(wanted) - len(set(ids)) :]

    asyncio.run(deliver())


def test_a_wrong_password_is_said_without_it(tmp_path: Path, kept: Kept) -> None:
    password_file = tmp_path / "passwords"
    subprocess.run(
        [program("mosquitto_passwd"), "-b", "-c", str(password_file), "hub", "unspeakable"],
        check=True,
    )
    password_file.chmod(0o644)
    broker = Broker(tmp_path, password_file=password_file)
    broker.start()
    notice = alarm_notice()
    kept.put("city", (notice.id, notice.model_dump_json()))

    async def deliver() -> None:
        wrong = city(broker, username="hub", password="unspeakable wrong", timeout_s=1)
        async with running(kept.outbox, [wrong]):
            await until(lambda: bool(kept.outbox.stuck()[0].last_error))
            error = kept.outbox.stuck()[0].last_error
            assert error is not None
            assert "Not authorized" in error
            assert "unspeakable" not in error
        right = city(broker, username="hub", password="unspeakable")
        async with running(kept.outbox, [right]) as run:
            await until(lambda: run.told == [(notice.id, "sent", "")])

    try:
        asyncio.run(deliver())
    finally:
        broker.stop()


def test_nobody_listens_at_the_port(kept: Kept, tmp_path: Path) -> None:
    nobody = Broker(tmp_path)
    notice = alarm_notice()
    kept.put("city", (notice.id, notice.model_dump_json()))

    async def deliver() -> None:
        async with running(kept.outbox, [city(nobody, timeout_s=0.5)], first_wait_s=30):
            await until(lambda: bool(kept.outbox.stuck()[0].last_error))

    asyncio.run(deliver())
    error = kept.outbox.stuck()[0].last_error
    assert error is not None
    assert error.startswith("no connection to the broker: ")
