"""The keys of edge workers: made, looked up, revoked; every change is in the record."""

import threading
import time
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from crowdsafe.contract.accounts import WorkerAccount
from crowdsafe.contract.strict import Identifier
from crowdsafe.errors import BadInput, CrowdsafeError
from crowdsafe.hub.access.tokens import digest, new_token
from crowdsafe.hub.store import AuditEntry, Store

_NAME: TypeAdapter[str] = TypeAdapter(Identifier)
_SEEN_EVERY_S = 60.0


class UnknownWorker(CrowdsafeError):
    """There is no worker of this name."""


@dataclass(frozen=True)
class WorkerKey:
    """A worker, and the hash of the token that it came with."""

    name: str
    token_hash: str


class WorkerKeys:
    """The keys. Blocks: call it from a thread."""

    def __init__(self, store: Store) -> None:
        """Use a store."""
        self._store = store
        self._seen_at_s: dict[str, float] = {}
        self._lock = threading.Lock()

    def add(self, name: str, *, by: str) -> str:
        """Make a worker, or give a known one a new token, and return the token once.

        Raises:
            BadInput: the name is no identifier.
        """
        try:
            _NAME.validate_python(name)
        except ValidationError:
            raise BadInput(
                f"name: '{name[:64]}', expected letters, digits, '.', '_' and '-', 64 at most"
            ) from None
        token = new_token()
        self._record("worker.key_made", name, by=by)
        self._store.workers.put_worker(name=name, token_hash=digest(token), at_s=time.time())
        return token

    def revoke(self, name: str, *, by: str) -> None:
        """Take a worker's key back: it is refused at once.

        Raises:
            UnknownWorker: there is no such worker, or its key is revoked already.
        """
        if self.account(name).revoked_at_s is not None:
            raise UnknownWorker(f"name: the key of worker '{name}' is revoked already")
        self._record("worker.revoked", name, by=by)
        self._store.workers.revoke(name, at_s=time.time())

    def find(self, token: str) -> WorkerKey | None:
        """Return whose key a token is, None when nobody's or a revoked one; notes it as seen."""
        key_hash = digest(token)
        name = self._store.workers.worker(key_hash)
        if name is None:
            return None
        self._note_seen(name)
        return WorkerKey(name=name, token_hash=key_hash)

    def is_known(self, key: WorkerKey) -> bool:
        """Say whether a key that was good still is; notes the worker as seen."""
        if self._store.workers.worker(key.token_hash) != key.name:
            return False
        self._note_seen(key.name)
        return True

    def accounts(self) -> tuple[WorkerAccount, ...]:
        """Return all workers, by name."""
        return tuple(
            WorkerAccount(
                name=row.name,
                created_at_s=row.created_at_s,
                revoked_at_s=row.revoked_at_s,
                last_seen_at_s=row.last_seen_at_s,
            )
            for row in self._store.workers.workers()
        )

    def account(self, name: str) -> WorkerAccount:
        """Return one worker.

        Raises:
            UnknownWorker: there is no such worker.
        """
        for each in self.accounts():
            if each.name == name:
                return each
        raise UnknownWorker(f"name: there is no worker '{name[:64]}'")

    def _note_seen(self, name: str) -> None:
        now_s = time.time()
        with self._lock:
            # A worker sends twice a second; the store hears of it once a minute.
            if now_s - self._seen_at_s.get(name, 0.0) < _SEEN_EVERY_S:
                return
            self._seen_at_s[name] = now_s
        self._store.workers.saw(name, at_s=now_s)

    def _record(self, action: str, name: str, *, by: str) -> None:
        # Before it is done: nothing of this may happen without a trace.
        self._store.audit.append(
            AuditEntry(
                at_s=time.time(), actor=by, action=action, subject=f"worker/{name}", detail={}
            )
        )
