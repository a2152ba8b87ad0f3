"""What a hub told people as done, and whether its record has all of it."""

import json
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from crowdsafe.hub.store.audit_check import KeptEntry

Key = Hashable


def transition(alarm: dict[str, Any]) -> Key:
    """Return what tells two states of one alarm apart, and not its numbers that change by day."""
    aside = alarm["aside"]
    return (
        alarm["id"],
        alarm["state"],
        alarm["called_at_s"],
        alarm["acknowledged_at_s"],
        alarm["acknowledged_by"],
        # One that is set aside may come and go unseen.
        None if aside else alarm["returned_at_s"],
        alarm["ended_at_s"],
        aside and (aside["since_s"], aside["by"], aside["reason"]),
    )


def measure(notice_id: str) -> Key:
    """Return what tells a confirmed measure from all others."""
    return "measure", notice_id


def keys(alarm: dict[str, Any]) -> set[Key]:
    """Return all that a message about an alarm says is done."""
    return {transition(alarm), *(measure(use["notice_id"]) for use in alarm["measures"])}


@dataclass
class Told:
    """All that was told, over all lives of a hub.

    Attributes:
        known: all of it.
        answers: what each answer with status 200 was about, in order.
        pages: what was new in each message to the page, in order.
        accepted: observations that a worker was told are kept: camera and capture time.
    """

    known: set[Key] = field(default_factory=set)
    answers: list[Key] = field(default_factory=list)
    pages: list[set[Key]] = field(default_factory=list)
    accepted: set[tuple[str, float]] = field(default_factory=set)
    _on_page: set[Key] = field(default_factory=set)

    def answer(self, alarm: dict[str, Any], about: Key) -> None:
        """Note an answer to what an operator did."""
        self.known |= keys(alarm)
        self.answers.append(about)

    def page(self, alarms: Iterable[dict[str, Any]]) -> None:
        """Note a message to a page."""
        new = {key for alarm in alarms for key in keys(alarm)} - self._on_page
        if new:
            self.pages.append(new)
        self._on_page |= new
        self.known |= new


@dataclass(frozen=True)
class Record:
    """The event log.

    Attributes:
        seqs: where the record says that something is done.
        last: the last state of each alarm.
    """

    seqs: dict[Key, int]
    last: dict[int, Key]


def read_record(entries: Sequence[KeptEntry]) -> Record:
    """Return what the entries say."""
    seqs: dict[Key, int] = {}
    last: dict[int, Key] = {}
    for entry in entries:
        if entry.action.startswith("alarm."):
            alarm = json.loads(entry.detail)
            assert entry.subject == f"alarm/{alarm['id']}"
            seqs.setdefault(transition(alarm), entry.seq)
            last[alarm["id"]] = transition(alarm)
        elif entry.action == "measure.confirmed":
            seqs.setdefault(measure(json.loads(entry.detail)["id"]), entry.seq)
    return Record(seqs, last)


def out_of_order(told: Told, record: Record) -> list[Key]:
    """Return what was told after what the record has after it."""
    late: list[Key] = []
    newest = 0
    for key in told.answers:
        late += [key] if record.seqs[key] <= newest else []
        newest = max(newest, record.seqs[key])
    newest = 0
    for together in told.pages:
        found = {key: record.seqs[key] for key in together}
        late += [key for key, seq in found.items() if seq <= newest]
        newest = max(newest, *found.values())
    return late
