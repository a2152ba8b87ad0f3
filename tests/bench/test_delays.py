"""Delays, and which observation a page was shown."""

import json
import zlib

import numpy as np
import pytest

from crowdsafe.bench.delays import Delays
from crowdsafe.bench.pages import PageReader, content
from crowdsafe.bench.sent import SentMoments


def test_percentiles_are_those_of_all_delays() -> None:
    delays, other = Delays(), Delays()
    delays.add(np.arange(1, 51) / 1000)
    other.add(np.arange(51, 100) / 1000)
    other.add_one(0.1)
    delays.join(other)
    summary = delays.summary()
    assert (summary.number, summary.most_ms) == (100, 100.0)
    assert (summary.p50_ms, summary.p95_ms, summary.p99_ms) == (50.0, 95.0, 99.0)


def test_no_delay_has_no_percentile_and_an_endless_one_is_a_minute() -> None:
    delays = Delays()
    assert delays.summary().p99_ms is None
    delays.add_one(1e6)
    assert delays.summary().p99_ms == 60_000
    delays.clear()
    assert delays.summary().number == 0


def test_a_zone_shows_the_oldest_of_its_cameras_newest_pictures() -> None:
    moments = SentMoments({"gate": ("east", "west")})
    moments.note("east", captured_at_s=100.0, sent_at_s=100.0)
    assert moments.left_at_s("gate", 100.0) is None
    moments.note("west", captured_at_s=100.25, sent_at_s=100.25)
    moments.note("elsewhere", captured_at_s=100.3, sent_at_s=100.3)
    moments.note("east", captured_at_s=100.5, sent_at_s=100.5)
    # What east saw at 100.0 was shown when west had spoken, what west saw when east had.
    assert moments.left_at_s("gate", 100.001) == 100.25
    assert moments.left_at_s("gate", 100.249) == 100.5
    assert moments.left_at_s("gate", 100.5) is None
    assert moments.number == 2


def test_old_moments_are_forgotten() -> None:
    moments = SentMoments({"gate": ("east",)})
    for second in range(2000):
        moments.note("east", captured_at_s=float(second), sent_at_s=float(second))
    assert moments.left_at_s("gate", 1999.0) == 1999.0
    assert moments.left_at_s("gate", 3.0) is None


def _change(**members: object) -> dict[str, object]:
    return {"type": "change", "now_s": 200.5, "zone_states": [], **members}


@pytest.mark.parametrize("deflated", [True, False])
def test_both_ways_of_telling_a_zone_are_read(deflated: bool) -> None:
    moments = SentMoments({"gate": ("east",), "lawn": ("west",)})
    moments.note("east", captured_at_s=200.0, sent_at_s=200.01)
    moments.note("west", captured_at_s=200.1, sent_at_s=200.11)
    reader = PageReader(moments, ("gate", "lawn"))
    text = json.dumps(
        _change(
            zone_states=[{"zone_id": "gate", "captured_at_s": 200.0}],
            zone_columns={"zones": [1], "captured_ago_ms": [400]},
        )
    )
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    message = deflate.compress(text.encode()) + deflate.flush() if deflated else text
    assert content(message)["now_s"] == 200.5
    told = reader.read(message)
    assert told is not None
    assert told.zones.tolist() == [0, 1]
    assert told.left_s.tolist() == [200.01, 200.11]
    assert reader.read(message) is told
    assert reader.unmatched == 0


def test_what_was_never_sent_is_counted_apart() -> None:
    reader = PageReader(SentMoments({"gate": ("east",)}), ("gate",))
    told = reader.read(json.dumps(_change(zone_states=[{"zone_id": "gate", "captured_at_s": 5}])))
    assert told is not None
    assert (len(told.zones), reader.unmatched) == (0, 1)
    assert reader.read(json.dumps({"type": "snapshot"})) is None
