"""Feeds from a real file and a real HTTP server."""

import asyncio
import gzip
import logging
import os
import time
from pathlib import Path
from typing import Any

import pytest

from crowdsafe.contract.weather import WeatherSourceSettings
from crowdsafe.domain.weather.report import Hazard, WeatherReport
from crowdsafe.errors import BadInput
from crowdsafe.hub.feeds.source import open_source
from crowdsafe.hub.feeds.weather_feed import WeatherFeed
from tests.hub.feeds.test_dwd_warnings import GUSTS, HERNE, file, jsonp
from tests.hub.feeds.web import Web, serving


class Heard:
    """What a feed handed over and told."""

    def __init__(self, source: str, **changes: Any) -> None:
        given = {
            "id": "dwd",
            "kind": "dwd",
            "cell_id": HERNE,
            "allow_http": True,
            "source": source,
            "timeout_s": 5.0,
        } | changes
        self.settings = WeatherSourceSettings.model_validate(given)
        self.reports: list[WeatherReport] = []
        self.troubles: list[str] = []
        self.feed = WeatherFeed(
            self.settings,
            hand_over=self.reports.append,
            tell_trouble=lambda _id, trouble: self.troubles.append(trouble),
        )

    async def look(self, times: int = 1) -> None:
        source = open_source(self.settings)
        try:
            for _ in range(times):
                await self.feed.look(source)
        finally:
            await source.close()


def _packed(body: bytes) -> bytes:
    """The same bytes whenever it is asked."""
    return gzip.compress(body, mtime=0)


def now_file(*warnings: dict[str, Any], age_s: float = 0.0) -> bytes:
    return jsonp(file(*warnings) | {"time": int((time.time() - age_s) * 1000)})


@pytest.fixture
def web() -> Any:
    with serving() as web:
        yield web


async def _until(condition: Any) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


def test_a_file_is_read_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "warnings.json"
    path.write_bytes(now_file())
    heard = Heard(str(path))

    async def story() -> None:
        source = open_source(heard.settings)
        await heard.feed.look(source)
        await heard.feed.look(source)
        assert [len(each.warnings) for each in heard.reports] == [0]
        path.write_bytes(now_file(GUSTS))
        await heard.feed.look(source)
        await source.close()

    asyncio.run(story())
    assert [len(each.warnings) for each in heard.reports] == [0, 1]
    assert heard.troubles == []


def test_a_half_written_file_is_looked_at_again(tmp_path: Path) -> None:
    path = tmp_path / "warnings.json"
    whole = now_file(GUSTS)
    path.write_bytes(whole[:100].ljust(len(whole)))
    status = path.stat()
    heard = Heard(str(path))

    async def story() -> None:
        source = open_source(heard.settings)
        await heard.feed.look(source)
        # Its mark is the same afterwards, as within one tick of a coarse clock.
        path.write_bytes(whole)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        await heard.feed.look(source)

    asyncio.run(story())
    assert len(heard.reports) == 1
    assert len(heard.troubles) == 2
    assert "is not the DWD's JSON" in heard.troubles[0]
    assert heard.troubles[1] == ""


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    large = tmp_path / "large.json"
    large.write_bytes(b" " * 1001)
    for path, said in (
        (tmp_path / "none.json", "No such file"),
        (tmp_path, "is no plain file"),
        (fifo, "is no plain file"),
        (large, "larger than 1000 bytes"),
    ):
        heard = Heard(str(path), max_bytes=1000)
        asyncio.run(heard.look(times=2))
        (trouble,) = heard.troubles
        assert str(path) in trouble
        assert said in trouble
        assert heard.reports == []


def test_an_unchanged_answer_is_not_sent_again(web: Web) -> None:
    web.etag, web.body = '"a"', now_file(GUSTS)
    web.headers["Last-Modified"] = "Sat, 01 Aug 2026 16:30:00 GMT"
    heard = Heard(web.address)
    asyncio.run(heard.look(times=3))
    assert len(heard.reports) == 1
    assert heard.troubles == []
    assert "if-none-match" not in web.asked[0]
    for asked in web.asked[1:]:
        assert asked["if-none-match"] == '"a"'
        assert asked["if-modified-since"] == "Sat, 01 Aug 2026 16:30:00 GMT"
    assert web.asked[0]["user-agent"].startswith("crowdsafe/")


def test_a_changed_answer_is_read(web: Web) -> None:
    web.etag, web.body = '"a"', now_file()
    heard = Heard(web.address)

    async def story() -> None:
        source = open_source(heard.settings)
        await heard.feed.look(source)
        web.etag, web.body = '"b"', now_file(GUSTS)
        await heard.feed.look(source)
        await source.close()

    asyncio.run(story())
    assert [len(each.warnings) for each in heard.reports] == [0, 1]


def test_a_packed_answer_is_read(web: Web) -> None:
    web.body, web.headers["Content-Encoding"] = _packed(now_file(GUSTS)), "gzip"
    heard = Heard(web.address)
    asyncio.run(heard.look())
    assert len(heard.reports[0].warnings) == 1


@pytest.mark.parametrize(
    ("status", "headers", "body", "said"),
    [
        (503, {}, b"", "answers 503, expected 200"),
        (404, {}, b"", "answers 404"),
        (204, {}, b"", "answers 204"),
        (302, {"Location": "https://elsewhere.example/x"}, b"", "elsewhere.example"),
        (200, {}, b"<html>Wartung</html>", "is not the DWD's JSON"),
        (200, {}, b" " * 5000, "larger than 4000 bytes"),
        (
            200,
            {"Content-Encoding": "gzip"},
            _packed(b" " * 10**7),
            "larger than 4000",
        ),
        (
            200,
            {"Content-Encoding": "gzip"},
            _packed(b"{}" * 9)[:-9],
            "ends too early",
        ),
        (200, {"Content-Encoding": "gzip"}, b"not packed", "cannot be unpacked"),
        (200, {"Content-Encoding": "br"}, b"{}", "packed as 'br'"),
    ],
)
def test_a_bad_answer_is_told_once_and_changes_nothing(
    web: Web, status: int, headers: dict[str, str], body: bytes, said: str
) -> None:
    heard = Heard(web.address, max_bytes=4000)

    async def story() -> None:
        source = open_source(heard.settings)
        web.body = now_file(GUSTS)
        await heard.feed.look(source)
        good = dict(web.headers)
        web.status, web.headers, web.body = status, headers, body
        await heard.feed.look(source)
        await heard.feed.look(source)
        web.status, web.headers, web.body = 200, good, now_file()
        await heard.feed.look(source)
        await source.close()

    asyncio.run(story())
    assert len(heard.reports) == 2
    assert len(heard.troubles) == 2
    assert said in heard.troubles[0]
    assert heard.troubles[1] == ""


def test_an_answer_that_nothing_changed_before_there_was_any(web: Web) -> None:
    web.status = 304
    heard = Heard(web.address)
    asyncio.run(heard.look())
    assert "answers 304" in heard.troubles[0]


def test_nobody_answers(web: Web) -> None:
    closed = Heard("http://127.0.0.1:9/warnings.json")
    asyncio.run(closed.look())
    assert "cannot be reached" in closed.troubles[0]
    web.hang = True
    hanging = Heard(web.address, timeout_s=0.1)
    began_s = time.monotonic()
    asyncio.run(hanging.look())
    assert time.monotonic() - began_s < 2
    assert "no answer" in hanging.troubles[0]


def test_goes_on_looking_until_cancelled_and_holds_up_nobody(web: Web) -> None:
    web.hang = True
    heard = Heard(web.address, every_s=1.0)

    async def story() -> None:
        task = asyncio.create_task(heard.feed.run())
        await _until(lambda: web.asked)
        for _ in range(20):
            await asyncio.sleep(0.005)
        assert (heard.reports, heard.troubles) == ([], [])
        web.hang, web.body = False, now_file()
        web.release.set()
        await _until(lambda: heard.reports)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(story())
    # The first answer was cut off, the second one good.
    assert len(heard.reports) == 1
    assert len(heard.troubles) == 2


@pytest.mark.parametrize("age_s", [0.0, 100.0])
def test_old_news_is_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, age_s: float
) -> None:
    path = tmp_path / "warnings.json"
    path.write_bytes(now_file(GUSTS, age_s=age_s))
    heard = Heard(str(path), stale_after_s=50.0)
    with caplog.at_level(logging.ERROR):
        asyncio.run(heard.look(times=3))
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == (1 if age_s else 0)
    assert all("the weather is unknown" in each for each in said)


@pytest.mark.parametrize(
    "source",
    ["ftp://x/y", "https://", "https://[::1/x", "file:///x", "https://x:0/y", "https://x:y/z"],
)
def test_refuses_what_is_no_address(source: str) -> None:
    with pytest.raises(ValueError, match="expected a file or an https:// address"):
        Heard(source)


def test_refuses_what_only_looks_like_an_address() -> None:
    with pytest.raises(BadInput, match=r"hub\.weather\.sources 'dwd': source: .* is no address"):
        open_source(Heard("https://x/\x00").settings)


def test_reads_a_station(web: Web) -> None:
    web.body = b'{"version": 1, "time": "2026-08-01T18:30:00+02:00", "gust_m_s": 16}'
    heard = Heard(web.address, id="mast", kind="reading", cell_id=None)
    asyncio.run(heard.look())
    (report,) = heard.reports
    assert (report.source_id, report.covers) == ("mast", {Hazard.WIND})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"allow_http": False}, "expected https://"),
        ({"cell_id": None}, "needs cell_id"),
        ({"cell_id": "805916000"}, "is a municipality's"),
        ({"cell_id": "05916"}, "cell_id"),
        ({"every_s": 0}, "every_s"),
        ({"stale_after_s": float("nan")}, "stale_after_s"),
        ({"kind": "xml"}, "kind"),
        ({"url": "x"}, "url"),
        ({"id": "d w d"}, "id"),
    ],
)
def test_refuses_wrong_settings(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Heard("http://127.0.0.1/x", **changes)
