"""All sources together: from files on the disk to what the alarm cause "weather" has to know."""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crowdsafe.contract.weather import WeatherSettings
from crowdsafe.hub.feeds.weather_watch import WeatherAlarms, WeatherWatch
from tests.hub.feeds.test_dwd_warnings import GUSTS, HERNE, file, jsonp


def dwd(folder: Path, *warnings: dict[str, Any]) -> None:
    now_ms = int(time.time() * 1000)
    timed = [each | {"start": now_ms - 1000, "end": now_ms + 3_600_000} for each in warnings]
    write(folder / "dwd.json", jsonp(file(*timed) | {"time": now_ms}))


def mast(folder: Path, **values: Any) -> None:
    reading = {"version": 1, "time": datetime.now(UTC).isoformat()} | values
    write(folder / "mast.json", json.dumps(reading).encode())


def write(path: Path, body: bytes) -> None:
    new = path.with_suffix(".new")
    new.write_bytes(body)
    new.replace(path)


def settings(folder: Path, **changes: Any) -> WeatherSettings:
    often = {"every_s": 1.0}
    sources = [
        {"id": "dwd", "kind": "dwd", "cell_id": HERNE, "source": str(folder / "dwd.json")} | often,
        {"id": "mast", "kind": "reading", "source": str(folder / "mast.json")} | often,
    ]
    return WeatherSettings.model_validate({"sources": sources} | changes)


def watched(
    watch: WeatherWatch, *steps: tuple[Callable[[WeatherAlarms], bool], Callable[[], None]]
) -> list[WeatherAlarms]:
    """Run a watch; wait for each condition and then do what goes with it."""

    async def story() -> list[WeatherAlarms]:
        task, seen = asyncio.create_task(watch.run()), []
        async with asyncio.timeout(10):
            for condition, then in steps:
                while not condition(alarms := watch.tick(now_s=time.time())):
                    await asyncio.sleep(0.02)
                seen.append(alarms)
                then()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return seen

    return asyncio.run(story())


def test_from_unknown_to_calm_to_an_alarm(tmp_path: Path) -> None:
    dwd(tmp_path)
    mast(tmp_path, gust_m_s=4.0, thunderstorm=False)
    watch = WeatherWatch(settings(tmp_path), now_s=time.time())
    first = watch.tick(now_s=time.time())
    assert (first.standing, first.unknown) == ({}, {"wind", "thunderstorm", "other"})
    *_, calm, gale = watched(
        watch,
        (lambda now: not now.unknown, lambda: dwd(tmp_path, GUSTS | {"level": 3})),
        (lambda now: "wind" in now.standing, lambda: None),
    )
    assert calm.standing == {}
    evidence = gale.standing["wind"]
    assert (evidence.grade, evidence.quantity, evidence.value) == (2, "weather_level", 2.0)
    assert evidence.limit == 1.0
    assert evidence.words is not None
    assert evidence.words[0] == "DWD, Stufe 2 von 4: Amtliche WARNUNG vor WINDBÖEN"
    assert watch.state.hazards["wind"].until_s is not None
    assert [each.subject_id for each in gale.all] == [
        "wind",
        "thunderstorm",
        "other",
        "source.dwd",
        "source.mast",
    ]


def test_a_source_that_never_comes_is_an_alarm_and_leaves_unknown(tmp_path: Path) -> None:
    dwd(tmp_path)
    watch = WeatherWatch(settings(tmp_path), now_s=time.time())
    watched(watch, (lambda _: bool(watch.state.sources["mast"].trouble), lambda: None))
    alarms = watch.tick(now_s=time.time() + 1801)
    assert "source.mast" in alarms.standing
    evidence = alarms.standing["source.mast"]
    assert evidence.words is not None
    assert "No such file" in evidence.words[1]
    assert (evidence.grade, evidence.quantity, evidence.limit) == (1, "waiting_s", 1800.0)
    assert alarms.unknown == {"wind", "thunderstorm", "other"}


def test_without_sources_nothing_stands_and_nothing_is_unknown() -> None:
    watch = WeatherWatch(WeatherSettings(), now_s=0.0)
    asyncio.run(watch.run())
    assert watch.tick(now_s=1e6) == WeatherAlarms({}, frozenset(), ())


def test_a_source_that_is_no_address_ends_it(tmp_path: Path) -> None:
    wrong = {"id": "x", "kind": "reading", "source": "https://x/\x00"}
    watch = WeatherWatch(WeatherSettings.model_validate({"sources": [wrong]}), now_s=0.0)
    with pytest.raises(ExceptionGroup) as caught:
        asyncio.run(watch.run())
    assert "is no address" in str(caught.value.exceptions[0])
