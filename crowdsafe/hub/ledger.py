"""What waits to be written, and who waits for that."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sqlalchemy.exc import SQLAlchemyError

from crowdsafe.contract.edge_messages import Observation
from crowdsafe.domain.alarm.levels import LevelState
from crowdsafe.hub.store.batch import AlarmEventRow, AuditEntry, Batch, Outgoing, ZoneValue
from crowdsafe.hub.store.store import Store
from crowdsafe.hub.threads import StoreFailed

_LOG = logging.getLogger(__name__)
# So many are written in well under a tenth of a second; what is not taken yet waits in the network.
_MOST_READINGS = 5000


@dataclass
class _Waiting:
    observations: list[Observation] = field(default_factory=list)
    alarms: list[AlarmEventRow] = field(default_factory=list)
    audit: list[AuditEntry] = field(default_factory=list)
    outgoing: list[Outgoing] = field(default_factory=list)
    warnings: dict[int, str] = field(default_factory=dict)
    levels: dict[str, LevelState] = field(default_factory=dict)
    stored: list[Callable[[], None]] = field(default_factory=list)

    def before(self, later: "_Waiting") -> "_Waiting":
        """Return all of it, this first."""
        return _Waiting(
            self.observations + later.observations,
            self.alarms + later.alarms,
            self.audit + later.audit,
            self.outgoing + later.outgoing,
            self.warnings | later.warnings,
            self.levels | later.levels,
            self.stored + later.stored,
        )


class Ledger:
    """Collects between two writes; nothing of it is lost by a store that fails for a while.

    Lives on one event loop. What must not be forgotten is acknowledged only after it is written.
    """

    def __init__(self, store: Store, *, written: Callable[[Batch], None]) -> None:
        """Write to a store, and call ``written`` with each batch that it has taken."""
        self._store = store
        self._tell_written = written
        self._waiting = _Waiting()
        self._written: asyncio.Future[None] | None = None
        self._readings = 0
        self._fails = False
        self._room = asyncio.Event()

    def observe(self, observation: Observation, *, stored: Callable[[], None]) -> None:
        """Keep an observation, and call ``stored`` once it is written."""
        self._waiting.observations.append(observation)
        self._waiting.stored.append(stored)
        self._readings += len(observation.zones)

    async def room(self) -> None:
        """Wait while more waits than one transaction takes.

        Under more load than the hub can bear, what is told is then still of now, and memory stays
        as it is. Not while the store fails: what happens is shown even if it cannot be kept.
        """
        while self._readings > _MOST_READINGS and not self._fails:
            self._room.clear()
            await self._room.wait()

    def alarm(self, row: AlarmEventRow) -> None:
        """Keep what an alarm is now, and what happened to it."""
        self._waiting.alarms.append(row)

    def audit(self, entry: AuditEntry) -> None:
        """Keep an entry of the record."""
        self._waiting.audit.append(entry)

    def send(self, outgoing: Iterable[Outgoing]) -> None:
        """Keep messages, which leave once they are written."""
        self._waiting.outgoing += outgoing

    def warn(self, alarm_id: int, series: str) -> None:
        """Keep the warnings about an alarm."""
        self._waiting.warnings[alarm_id] = series

    def level(self, zone_id: str, state: LevelState) -> None:
        """Keep a zone's latches."""
        self._waiting.levels[zone_id] = state

    async def written(self) -> None:
        """Wait until all that waits now is written.

        Raises:
            StoreFailed: it could not be written yet.
        """
        if self._written is None:
            self._written = asyncio.get_running_loop().create_future()
        await asyncio.shield(self._written)

    async def write(self, zone_values: Iterable[ZoneValue]) -> None:
        """Write what waits in one transaction; what cannot be written waits on."""
        waiting, self._waiting = self._waiting, _Waiting()
        written, self._written = self._written, None
        self._readings = 0
        self._room.set()
        batch = Batch(
            observations=tuple(waiting.observations),
            zone_values=tuple(zone_values),
            alarms=tuple(waiting.alarms),
            levels=tuple(sorted(waiting.levels.items())),
            audit=tuple(waiting.audit),
            outgoing=tuple(waiting.outgoing),
            warnings=tuple(sorted(waiting.warnings.items())),
        )
        try:
            if batch != Batch():
                await asyncio.to_thread(self._store.write, batch)
        except SQLAlchemyError as error:
            _LOG.error("store: could not write, trying again (%s)", error.args)
            self._waiting = waiting.before(self._waiting)
            self._fails = True
            self._room.set()
            if written is not None:
                written.set_exception(StoreFailed("the store is not writable at the moment"))
            return
        self._fails = False
        self._tell_written(batch)
        for call in waiting.stored:
            call()
        if written is not None:
            written.set_result(None)
