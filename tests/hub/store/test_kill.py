"""kill -9 in the middle of writing: what was acknowledged is there, in order, and verifies."""

import random
import subprocess
import sys

from crowdsafe.hub.store import Store
from tests.hub.store.write_transitions import EVENTS, transition

TRANSITIONS = 1000
KILLS = 8


def test_every_acknowledged_transition_survives_a_kill(store_url: str) -> None:
    rng = random.Random(11)
    kept = 0
    for life in range(KILLS + 1):
        last = life == KILLS
        acknowledged = _write_until_killed(
            store_url, kept, after=TRANSITIONS if last else rng.randrange(40, 160)
        )
        store = Store(store_url)
        report = store.audit.verify()
        assert report.problem is None, report.problem
        entries = store.audit.entries(limit=2 * TRANSITIONS)
        # Nothing is missing, nothing is there twice, and nothing that was acknowledged is lost.
        assert [(each.actor, each.at_s) for each in entries] == [
            (f"person {number}", 1000.0 + number) for number in range(len(entries))
        ]
        assert len(entries) >= kept + acknowledged
        kept = len(entries)
        _assert_alarms_are_as_after(store, kept)
        store.close()
    assert kept == TRANSITIONS


def _write_until_killed(url: str, first: int, *, after: int) -> int:
    """Kill the writer after so many lines, wherever it is then; return how many it said."""
    command = [sys.executable, "-m", "tests.hub.store.write_transitions"]
    writer = subprocess.Popen(
        [*command, url, str(first), str(TRANSITIONS)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    said = 0
    for line in writer.stdout:
        assert int(line) == first + said
        said += 1
        if said == after:
            writer.kill()
            break
    # What it had said before it died is in the pipe still.
    said += sum(1 for line in writer.stdout if line.endswith("\n"))
    writer.stdout.close()
    writer.wait()
    return said


def _assert_alarms_are_as_after(store: Store, count: int) -> None:
    expected = {}
    for number in range(count):
        alarm = transition(number).message
        expected[alarm.id] = alarm
    found = {alarm.id: alarm for alarm in store.alarms.ended_alarms(newest=TRANSITIONS)}
    found |= {alarm.id: alarm for alarm in store.alarms.open_alarms()}
    assert found == expected
    assert len(store.alarms.open_alarms()) == (1 if count % len(EVENTS) else 0)
