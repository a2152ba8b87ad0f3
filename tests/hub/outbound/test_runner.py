"""Delivery to a real HTTP server that fails, hangs and refuses, from a real store."""

import asyncio
import itertools
import json
import logging
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter
from sqlalchemy.exc import OperationalError
from standardwebhooks.webhooks import Webhook

from crowdsafe.contract.targets import TargetBase, Targets
from crowdsafe.hub.outbound.backoff import LONGEST_S, backoff_s
from crowdsafe.hub.outbound.delivery import Message, Outbox
from tests.hub.outbound.http_target import HttpTarget, Say, loopback
from tests.hub.outbound.kept import Kept
from tests.hub.outbound.notices import alarm_notice, measure_notice
from tests.hub.outbound.running import running, until
from tests.hub.outbound.test_targets import KEY

_READ: TypeAdapter[tuple[TargetBase, ...]] = TypeAdapter(Targets)


def webhook(http: HttpTarget, target_id: str = "mast", **changes: Any) -> TargetBase:
    table = {"id": target_id, "kind": "webhook", "url": http.url(), "secret": KEY}
    return _READ.validate_python([table | changes])[0]


def alarms(count: int, *, first: int = 1) -> list[tuple[str, str]]:
    """Ids and bodies of notices."""
    notices = [alarm_notice(number=number) for number in range(first, first + count)]
    return [(notice.id, notice.model_dump_json()) for notice in notices]


def ids_at(http: HttpTarget, path: str = "/hook") -> list[str]:
    return [each.headers["webhook-id"] for each in http.received if each.path == path]


def test_a_message_arrives_signed_and_its_receipt_is_kept(http: HttpTarget, kept: Kept) -> None:
    http.then = Say(200, b'{"receipt": "announced at 21:15"}')

    async def deliver() -> None:
        kept.put("mast", *alarms(1))
        async with running(kept.outbox, [webhook(http)]) as run:
            await until(lambda: bool(run.told))
            assert run.told == [("alarm-7-1", "received", "announced at 21:15")]

    asyncio.run(deliver())
    (got,) = http.received
    payload = Webhook(KEY).verify(got.body, got.headers)
    assert payload["type"] == "alarm.raised"
    assert payload["data"]["id"] == got.headers["webhook-id"] == "alarm-7-1"
    assert kept.row("alarm-7-1").state == "delivered"
    assert kept.row("alarm-7-1").receipt == "announced at 21:15"


def test_a_new_message_leaves_at_once(http: HttpTarget, kept: Kept) -> None:
    async def deliver() -> None:
        async with running(kept.outbox, [webhook(http)]) as run:
            # Asleep: the first round found nothing.
            kept.put("mast", *alarms(1))
            run.runner.wake(["mast"])
            await until(lambda: len(run.told) == 1)
            delays_s = []
            for number in range(2, 12):
                kept.put("mast", *alarms(1, first=number))
                woken_at_s = time.time()
                run.runner.wake(["mast", "somebody else"])
                await until(lambda: len(http.received) == number)  # noqa: B023
                delays_s.append(http.received[-1].at_s - woken_at_s)
            # The machine may be busy for one of them.
            assert sorted(delays_s)[len(delays_s) // 2] < 0.1

    asyncio.run(deliver())


def test_order_holds_while_the_target_fails(http: HttpTarget, kept: Kept) -> None:
    http.script = [Say(500), Say(503), Say(), Say(429), Say(307, headers={"Location": "/other"})]

    async def deliver() -> None:
        kept.put("mast", *alarms(4))
        async with running(kept.outbox, [webhook(http)]) as run:
            await until(lambda: len(run.told) == 4)
            assert [end for _, end, _ in run.told] == ["sent"] * 4
            figures = (await run.runner.figures())[0]
            assert (figures.delivered, figures.failed, figures.given_up) == (4, 4, 0)
            assert (figures.waiting, figures.oldest_at_s) == (0, None)

    asyncio.run(deliver())
    wanted = ["alarm-7-1"] * 3 + ["alarm-7-2"] * 3 + ["alarm-7-3", "alarm-7-4"]
    assert ids_at(http) == wanted
    assert ids_at(http, "/other") == []


@pytest.mark.parametrize("status", [400, 404, 410, 422])
def test_a_poison_message_is_given_up_and_shown(http: HttpTarget, kept: Kept, status: int) -> None:
    http.script = [Say(500)] * 2 + [Say(status)] * 5

    async def deliver() -> None:
        kept.put("mast", *alarms(2))
        async with running(kept.outbox, [webhook(http)], first_wait_s=0.001) as run:
            await until(lambda: len(run.told) == 2)
            notice_id, end, detail = run.told[0]
            assert (notice_id, end) == ("alarm-7-1", "failed")
            assert detail.startswith(f"refused 5 times: answered {status} ")
            assert run.told[1][:2] == ("alarm-7-2", "sent")
            assert (await run.runner.figures())[0].given_up == 1

    asyncio.run(deliver())
    assert kept.states("mast") == {"alarm-7-1": "given_up", "alarm-7-2": "delivered"}
    assert ids_at(http).count("alarm-7-1") == 7


@pytest.mark.parametrize("status", [401, 403, 408, 425, 429, 500, 502, 302])
def test_what_is_not_the_messages_fault_is_tried_on(
    http: HttpTarget, kept: Kept, status: int
) -> None:
    http.script = [Say(status)] * 7

    async def deliver() -> None:
        kept.put("mast", *alarms(1))
        async with running(kept.outbox, [webhook(http)], first_wait_s=0.001) as run:
            await until(lambda: run.told == [("alarm-7-1", "sent", "")])

    asyncio.run(deliver())
    assert len(http.received) == 8


def test_one_that_hangs_or_is_dead_holds_up_nobody_else(http: HttpTarget, kept: Kept) -> None:
    http.by_path = {"/hangs": Say(wait_s=30)}
    with loopback() as closed:
        dead_url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    targets = [
        webhook(http, "hangs", url=http.url("/hangs"), timeout_s=0.3, stuck_after_s=5),
        webhook(http, "dead", url=dead_url, stuck_after_s=5),
        webhook(http),
    ]

    async def deliver() -> None:
        for each in targets:
            kept.put(each.id, *alarms(3))
        begun_at_s = time.time()
        async with running(kept.outbox, targets) as run:
            await until(lambda: len(run.told) == 3, within_s=2)
            await until(lambda: all(kept.outbox.stuck()[n].last_error for n in (0, 1)), within_s=5)
            assert run.runner.stuck(begun_at_s + 4) == ()
            stuck = {each.target_id: each for each in run.runner.stuck(begun_at_s + 60)}
            assert set(stuck) == {"hangs", "dead"}
            assert stuck["hangs"].error == "no answer within 0.3 s"
            assert stuck["dead"].error.startswith("could not connect")
            assert stuck["dead"].waits_s == pytest.approx(60, abs=5)

    asyncio.run(deliver())
    assert kept.states("mast") == dict.fromkeys(
        ("alarm-7-1", "alarm-7-2", "alarm-7-3"), "delivered"
    )
    assert set(kept.states("dead").values()) == {"waiting"}


def test_a_target_that_recovers_is_not_stuck_any_more(http: HttpTarget, kept: Kept) -> None:
    http.script = [Say(500)] * 3

    async def deliver() -> None:
        made_at_s = time.time() - 100
        kept.put("mast", *alarms(2), at_s=made_at_s)
        async with running(kept.outbox, [webhook(http)]) as run:
            error = "answered 500 Internal Server Error"
            await until(lambda: [each.error for each in run.runner.stuck(time.time())] == [error])
            await until(lambda: len(run.told) == 2)
            await until(lambda: not run.runner.stuck(time.time()))

    asyncio.run(deliver())


def test_a_late_measure_is_given_up_and_the_alarm_before_it_is_not(
    http: HttpTarget, kept: Kept
) -> None:
    http.then = Say(500)
    measure = measure_notice()

    async def deliver() -> None:
        kept.put("mast", *alarms(1), (measure.id, measure.model_dump_json()))
        target = webhook(http, measure_late_s=0.4)
        async with running(kept.outbox, [target], first_wait_s=30) as run:
            await until(lambda: bool(run.told), within_s=3)
            assert run.told == [
                (
                    "measure-7-1",
                    "failed",
                    "not delivered within 0.4 s: answered 500 Internal Server Error",
                )
            ]

    asyncio.run(deliver())
    assert kept.states("mast") == {"alarm-7-1": "waiting", "measure-7-1": "given_up"}
    assert ids_at(http) == ["alarm-7-1"]


def test_what_cannot_be_read_any_more_is_given_up_at_once(http: HttpTarget, kept: Kept) -> None:
    async def deliver() -> None:
        kept.put("mast", ("old", '{"type": "alarm", "of": "another version"}'), *alarms(1))
        async with running(kept.outbox, [webhook(http)]) as run:
            await until(lambda: len(run.told) == 2)
            assert run.told[0][:2] == ("old", "failed")
            assert run.told[0][2].startswith("is no notice: ")

    asyncio.run(deliver())
    assert ids_at(http) == ["alarm-7-1"]


def test_what_an_older_hub_kept_goes_out_as_it_is(http: HttpTarget, kept: Kept) -> None:
    old = {"type": "alarm", "id": "old", "at_s": 1.5, "event": "raised", "subject": {"id": "stage"}}

    async def deliver() -> None:
        kept.put("mast", ("old", json.dumps(old | {"since_then_gone": 5})))
        async with running(kept.outbox, [webhook(http)]) as run:
            await until(lambda: run.told == [("old", "sent", "")])

    asyncio.run(deliver())
    payload = json.loads(http.received[0].body)
    assert payload["type"] == "alarm.raised"
    assert payload["timestamp"] == "1970-01-01T00:00:01.500Z"
    assert payload["data"] == old | {"since_then_gone": 5}


def test_what_waits_for_a_target_that_is_gone_is_given_up(http: HttpTarget, kept: Kept) -> None:
    async def deliver() -> None:
        kept.put("gone", *alarms(2))
        async with running(kept.outbox, [webhook(http)]) as run:
            await until(lambda: len(run.told) == 2)

    asyncio.run(deliver())
    assert set(kept.states("gone").values()) == {"given_up"}
    assert http.received == []


def test_a_restart_does_not_hammer(http: HttpTarget, kept: Kept) -> None:
    http.then = Say(500)

    async def deliver() -> None:
        kept.put("mast", *alarms(2))
        async with running(kept.outbox, [webhook(http)], first_wait_s=50):
            await until(lambda: kept.row("alarm-7-1").tries == 1)
        for _ in range(3):
            async with running(kept.outbox, [webhook(http)], first_wait_s=50) as run:
                run.runner.wake(["mast"])
                await until(lambda: bool(run.runner.stuck(time.time() + 100)))
                await asyncio.sleep(0.1)

    asyncio.run(deliver())
    assert ids_at(http) == ["alarm-7-1"]
    assert kept.row("alarm-7-1").next_try_at_s > time.time() + 30


def test_retry_after_is_heeded(http: HttpTarget, kept: Kept) -> None:
    http.then = Say(503, headers={"Retry-After": "120"})

    async def deliver() -> None:
        kept.put("mast", *alarms(1))
        async with running(kept.outbox, [webhook(http)]):
            await until(lambda: kept.row("alarm-7-1").tries == 1)

    asyncio.run(deliver())
    assert kept.row("alarm-7-1").next_try_at_s == pytest.approx(time.time() + 120, abs=10)


class BrokenNow:
    """The store's outbox, which fails the first time that it is to note a delivery."""

    def __init__(self, outbox: Any) -> None:
        self._outbox = outbox
        self.broke = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._outbox, name)

    def delivered(self, seq: int, *, at_s: float, receipt: str | None) -> None:
        if not self.broke:
            self.broke += 1
            raise OperationalError("update", {}, Exception("disk I/O error"))
        self._outbox.delivered(seq, at_s=at_s, receipt=receipt)


def test_a_store_that_fails_for_a_while_repeats_nothing(
    http: HttpTarget, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crowdsafe.hub.outbound.runner._STORE_AGAIN_S", 0.01)
    outbox: Outbox = BrokenNow(kept.outbox)

    async def deliver() -> None:
        kept.put("mast", *alarms(2))
        async with running(outbox, [webhook(http)]) as run:
            await until(lambda: len(run.told) == 2)

    asyncio.run(deliver())
    assert ids_at(http) == ["alarm-7-1", "alarm-7-2"]
    assert set(kept.states("mast").values()) == {"delivered"}


def test_a_fault_in_one_sender_ends_neither_it_nor_the_others(
    http: HttpTarget,
    kept: Kept,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("crowdsafe.hub.outbound.runner._BEGIN_AGAIN_S", 0.05)
    from crowdsafe.hub.outbound.senders.webhook import WebhookSender

    send, faults = WebhookSender.send, [ZeroDivisionError("a fault")]

    async def sometimes(self: WebhookSender, message: Message) -> str | None:
        if message.notice_id == "alarm-7-1" and faults:
            raise faults.pop()
        return await send(self, message)

    monkeypatch.setattr(WebhookSender, "send", sometimes)

    async def deliver() -> None:
        kept.put("mast", *alarms(1))
        kept.put("other", *alarms(1, first=2))
        async with running(kept.outbox, [webhook(http), webhook(http, "other")]) as run:
            await until(lambda: len(run.told) == 2)

    asyncio.run(deliver())
    assert "ZeroDivisionError" in caplog.text
    assert sorted(ids_at(http)) == ["alarm-7-1", "alarm-7-2"]


def test_an_endless_answer_is_not_read_to_its_end(http: HttpTarget, kept: Kept) -> None:
    http.then = Say(200, b'{"receipt": "' + b"x" * 5_000_000 + b'"}')

    async def deliver() -> None:
        kept.put("mast", *alarms(1))
        async with running(kept.outbox, [webhook(http)]) as run:
            await until(lambda: run.told == [("alarm-7-1", "sent", "")])

    asyncio.run(deliver())


@pytest.mark.parametrize(
    ("body", "receipt"),
    [
        (b'{"receipt": "ok"}', "ok"),
        (b'{"receipt": "a\\u0000b\\nc"}', "a b c"),
        (b'{"receipt": "' + b"x" * 900 + b'"}', "x" * 300),
        (b'{"receipt": 5}', None),
        (b'{"receipt": ""}', None),
        (b"[" * 100_000, None),
        (b"\xff\xfe", None),
        (b"thanks", None),
        (b"[]", None),
        (b"", None),
    ],
)
def test_receipts_of_all_sorts(
    http: HttpTarget, kept: Kept, body: bytes, receipt: str | None
) -> None:
    http.then = Say(200, body)

    async def deliver() -> None:
        kept.put("mast", *alarms(1))
        async with running(kept.outbox, [webhook(http)]) as run:
            await until(lambda: bool(run.told))
            assert run.told == [("alarm-7-1", "received" if receipt else "sent", receipt or "")]

    asyncio.run(deliver())


def test_no_secret_is_logged_or_kept(
    http: HttpTarget, kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpcore").setLevel(logging.DEBUG)
    http.script = [Say(500), Say(404)]
    hush = "unspeakable"
    with_password = http.url(f"/hook?token={hush}2").replace("//", f"//name:{hush}@")
    with loopback() as closed:
        port = closed.getsockname()[1]
    targets = [
        webhook(http, url=with_password),
        webhook(http, "dead", url=f"http://name:{hush}@127.0.0.1:{port}/{hush}3"),
        webhook(http, "odd", url=f"http://name:{hush}@no-such-host.invalid/{hush}3"),
    ]

    async def deliver() -> None:
        for target in targets:
            kept.put(target.id, *alarms(1))
        async with running(kept.outbox, targets) as run:
            await until(lambda: bool(run.told) and len(kept.outbox.stuck()) == 2)
            await until(lambda: all(each.last_error for each in kept.outbox.stuck()))
            assert hush not in repr(run.runner.stuck(time.time() + 1000))
            assert hush not in repr(await run.runner.figures())

    asyncio.run(deliver())
    (first, *_) = http.received
    assert first.headers["authorization"].startswith("Basic ")
    assert hush not in caplog.text
    assert KEY not in caplog.text
    assert all(hush not in repr(each) for each in kept.outbox.stuck())


_SENDING_PROCESS = """
import asyncio, sys
from pathlib import Path
from tests.hub.outbound.kept import Kept
from tests.hub.outbound.running import running
from tests.hub.outbound.test_runner import _READ
from tests.hub.outbound.test_targets import KEY

async def main(folder, url):
    kept = Kept(Path(folder))
    targets = _READ.validate_python(
        [{"id": "mast", "kind": "webhook", "url": url, "secret": KEY}])
    async with running(kept.outbox, targets):
        print("runs", flush=True)
        await asyncio.sleep(60)

asyncio.run(main(*sys.argv[1:]))
"""


def test_a_killed_runner_loses_nothing_and_keeps_the_order(
    http: HttpTarget, kept: Kept, tmp_path: Path
) -> None:
    http.then = Say(wait_s=0.01)
    count = 60
    kept.put("mast", *alarms(count))
    done = 0
    for after in (20, count):
        process = subprocess.Popen(
            [sys.executable, "-c", _SENDING_PROCESS, str(tmp_path), http.url()],
            stdout=subprocess.PIPE,
        )
        deadline_s = time.monotonic() + 20
        while len(set(ids_at(http))) < after:
            assert process.poll() is None
            assert time.monotonic() < deadline_s
            time.sleep(0.002)
        done += 1
        process.kill()
        process.communicate()
    got = ids_at(http)
    first_seen = list(dict.fromkeys(got))
    assert first_seen == [f"alarm-7-{number}" for number in range(1, count + 1)]
    # Each kill may repeat the one message that was under way.
    assert len(got) <= count + done
    for one, next_one in itertools.pairwise(got):
        assert first_seen.index(next_one) - first_seen.index(one) in (0, 1)


def test_backoff_doubles_up_to_a_minute_with_jitter() -> None:
    waits_s = [backoff_s(n, luck=1.0) for n in range(1, 9)]
    assert waits_s == [1, 2, 4, 8, 16, 32, LONGEST_S, LONGEST_S]
    assert backoff_s(5, luck=0.0) == 8
    assert backoff_s(10**6, luck=1.0) == LONGEST_S
    assert backoff_s(1, luck=1.0, asked_s=30) == 30
    assert backoff_s(1, luck=1.0, asked_s=1e9) == 600
    assert backoff_s(3, luck=1.0, asked_s=0) == 4


def test_payload_is_what_the_docs_say(http: HttpTarget, kept: Kept) -> None:
    measure = measure_notice()

    async def deliver() -> None:
        kept.put("mast", (measure.id, measure.model_dump_json()))
        async with running(kept.outbox, [webhook(http)]) as run:
            await until(lambda: bool(run.told))

    asyncio.run(deliver())
    (got,) = http.received
    assert got.headers["content-type"] == "application/json"
    payload = json.loads(got.body)
    assert set(payload) == {"type", "timestamp", "data"}
    assert payload["data"]["measure"]["loudspeaker"]["de"] == "Bitte bleiben Sie stehen."
