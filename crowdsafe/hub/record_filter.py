"""Which entries of the record somebody wants to read."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, get_args

from crowdsafe.contract.record import EventKind
from crowdsafe.domain.alarm.cause import Priority
from crowdsafe.errors import BadInput

_KIND_OF_PART: Mapping[str, EventKind] = {
    "alarm": "alarms",
    "measure": "measures",
    "person": "people",
    "shift": "people",
    "worker": "people",
    "revision": "revisions",
    "warning": "weather",
}
_KIND_OF_CAUSE: Mapping[str, EventKind] = {"weather": "weather", "delivery": "deliveries"}
_KINDS: tuple[EventKind, ...] = get_args(EventKind)


class Entry(Protocol):
    """One entry of the record; ``detail`` is JSON."""

    @property
    def actor(self) -> str: ...
    @property
    def action(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def detail(self) -> str: ...


@dataclass(frozen=True)
class EntryFacts:
    """What an entry is about: its kinds, the places that it names, the priority of its alarm."""

    kinds: frozenset[EventKind]
    places: frozenset[str]
    priority: str | None


@dataclass(frozen=True, kw_only=True)
class RecordFilter:
    """What is wanted; what is None or empty is not asked for.

    Attributes:
        kinds: any of them.
        place: the id of a zone, camera, worker, target or weather.
        priority: of an alarm.
        actor: who did it, or "hub".
        words: each has to be in the entry or in the name of a place of it; case-folded.
        names: what places are called, by id.
    """

    kinds: frozenset[EventKind] = frozenset()
    place: str | None = None
    priority: Priority | None = None
    actor: str | None = None
    words: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    def fits(self, entry: Entry) -> bool:
        """Whether an entry is wanted."""
        if self.actor is not None and entry.actor != self.actor:
            return False
        if not (self.kinds or self.words or self.place is not None or self.priority is not None):
            return True
        detail = json.loads(entry.detail)
        facts = entry_facts(entry.action, detail)
        if self.kinds and not self.kinds & facts.kinds:
            return False
        if self.place is not None and self.place not in facts.places:
            return False
        if self.priority is not None and facts.priority != self.priority:
            return False
        return not self.words or self._has_words(entry, detail, facts)

    def _has_words(self, entry: Entry, detail: Any, facts: EntryFacts) -> bool:
        named = [self.names[each] for each in sorted(facts.places) if each in self.names]
        said = (entry.actor, entry.action, entry.subject, *named, *_said(detail))
        text = "\n".join(said).casefold()
        return all(word in text for word in self.words)


def entry_facts(action: str, detail: Mapping[str, Any]) -> EntryFacts:
    """Return what an entry with this action and detail is about."""
    part, _, event = action.partition(".")
    kinds: set[EventKind] = {_KIND_OF_PART.get(part, "record")}
    if part == "alarm":
        kinds = {_KIND_OF_CAUSE.get(str(detail.get("cause")), "alarms")}
    elif part == "measure" and event != "confirmed":
        kinds.add("deliveries")
    subject = detail.get("subject")
    places = {detail.get(name) for name in ("subject_id", "zone_id", "camera_id")}
    if isinstance(subject, dict):
        places.add(subject.get("id"))
    priority = detail.get("priority") if part == "alarm" else None
    return EntryFacts(
        kinds=frozenset(kinds),
        places=frozenset(each for each in places if isinstance(each, str)),
        priority=priority if isinstance(priority, str) else None,
    )


def _said(value: Any) -> Iterator[str]:
    """Yield every text in a detail; the names of its fields were written by nobody."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _said(each)
    elif isinstance(value, list):
        for each in value:
            yield from _said(each)


def checked_kinds(text: str | None) -> frozenset[EventKind]:
    """Return the kinds of a list with commas.

    Raises:
        BadInput: one of them is none.
    """
    wanted = [] if text is None else text.split(",")
    for each in wanted:
        if each not in _KINDS:
            raise BadInput(f"kinds: '{each[:20]}', expected some of {','.join(_KINDS)}")
    return frozenset(kind for kind in _KINDS if kind in wanted)
