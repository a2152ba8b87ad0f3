"""Which revision is published, told to workers at once, and which each of them says it runs."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from crowdsafe.contract.edge_messages import Hello, NewRevision, RunsRevision, Welcome
from crowdsafe.contract.revisions import WorkerRevision
from crowdsafe.hub.revisions import Current
from crowdsafe.hub.sentence import one_sentence

_LOG = logging.getLogger(__name__)
_GONE_KEPT = 200


@dataclass(eq=False)
class WorkerLine:
    """One connection of a worker."""

    worker: str
    send: Callable[[NewRevision], None]


class RevisionFeed:
    """Lives on one event loop."""

    def __init__(self, current: Current) -> None:
        """Begin with what is published."""
        self.current = current
        self._lines: list[WorkerLine] = []
        self._runs: dict[str, tuple[RunsRevision, float]] = {}

    def welcome(
        self, hello: Hello, send: Callable[[NewRevision], None], *, site_id: str, now_s: float
    ) -> tuple[Welcome, WorkerLine]:
        """Take up a worker.

        Args:
            hello: what it said first.
            send: takes what is published while it is connected, after the welcome.
            site_id: of the site.
            now_s: the time.

        Returns:
            What it is told first, and its line, to be handed to :meth:`leave`.
        """
        line = WorkerLine(hello.worker, send)
        self._lines.append(line)
        runs = RunsRevision(revision=hello.revision, content_hash=hello.content_hash)
        self._note(hello.worker, runs, now_s=now_s)
        current = self.current
        # A number alone could be of a store that was begun anew.
        same = (hello.revision, hello.content_hash) == (current.number, current.content_hash)
        welcome = Welcome(
            site_id=site_id,
            now_s=now_s,
            revision=current.number,
            document=None if same else current.document.content(),
        )
        return welcome, line

    def leave(self, line: WorkerLine) -> None:
        """Forget a connection."""
        self._lines.remove(line)

    def hear(self, worker: str, runs: RunsRevision, *, now_s: float) -> None:
        """Note which revision a worker runs."""
        wrong = one_sentence(runs.wrong)
        if runs.refused is not None:
            _LOG.error("worker '%s': cannot use revision %d: %s", worker, runs.refused, wrong)
        elif wrong:
            _LOG.warning("worker '%s': revision %s: %s", worker, runs.revision, wrong)
        self._note(worker, runs, now_s=now_s)

    def publish(self, current: Current) -> None:
        """Tell all workers that are connected; what was published before is passed over."""
        if current.number <= self.current.number:
            return
        self.current = current
        message = NewRevision(revision=current.number, document=current.document.content())
        for line in self._lines:
            line.send(message)

    def workers(self) -> tuple[WorkerRevision, ...]:
        """Return what workers run, by name."""
        connected = {line.worker for line in self._lines}
        return tuple(
            WorkerRevision(
                worker=worker,
                revision=runs.revision,
                refused=runs.refused,
                wrong=runs.wrong,
                told_at_s=told_at_s,
                connected=worker in connected,
            )
            for worker, (runs, told_at_s) in sorted(self._runs.items())
        )

    def _note(self, worker: str, runs: RunsRevision, *, now_s: float) -> None:
        self._runs.pop(worker, None)
        self._runs[worker] = runs, now_s
        connected = {line.worker for line in self._lines}
        for gone in [each for each in self._runs if each not in connected][:-_GONE_KEPT]:
            del self._runs[gone]
