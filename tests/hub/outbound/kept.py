"""A real store, and what it keeps of messages on their way out."""

import time
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, select

from crowdsafe.hub.store import Batch, Outgoing, Store
from crowdsafe.hub.store.tables import OUTBOX

FILE_NAME = "hub.db"


class Kept:
    """Puts messages in, and says how each ended."""

    def __init__(self, folder: Path) -> None:
        url = f"sqlite:///{folder / FILE_NAME}"
        self.store = Store(url)
        self.outbox = self.store.outbox
        self._engine = create_engine(url)

    def close(self) -> None:
        self._engine.dispose()
        self.store.close()

    def put(self, target_id: str, *notices: tuple[str, str], at_s: float | None = None) -> None:
        """Put in notices, each an id and a body."""
        made_at_s = time.time() if at_s is None else at_s
        self.store.write(
            Batch(outgoing=tuple(Outgoing(target_id, *each, made_at_s) for each in notices))
        )

    def _rows(self, **where: str) -> list[Any]:
        query = select(OUTBOX).order_by(OUTBOX.c.seq)
        for name, value in where.items():
            query = query.where(OUTBOX.c[name] == value)
        with self._engine.connect() as connection:
            return list(connection.execute(query))

    def states(self, target_id: str) -> dict[str, str]:
        """State of each notice."""
        return {row.notice_id: row.state for row in self._rows(target_id=target_id)}

    def row(self, notice_id: str) -> Any:
        """All that is kept of one notice."""
        (row,) = self._rows(notice_id=notice_id)
        return row
