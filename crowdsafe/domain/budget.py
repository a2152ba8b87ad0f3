"""Who gets the next look, where many cameras share too little processor time.

Start-time fair queueing (Goyal, Vin and Cheng 1997): a camera that is looked at moves back in the
queue by one over its rate, and whoever is in front is next. So cameras get looks in proportion to
their rates however many there are, whatever a look costs, and however much time there is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, inf, isfinite

from crowdsafe.errors import BadInput

MOST_URGENT = 2.0
"""Chosen: a camera of full urgency wants so many times the looks that were asked for."""
FLOOR = 0.5
"""Chosen: a calm camera gives way to urgent ones down to this share of what was asked for."""

NEAR_SHARE = 0.7
"""Chosen: a density of this share of a threshold is near it."""
AWAY_SHARE = 0.5
"""Chosen: at this share of a threshold and less, a density is not on its way to it."""
_JUST_OVER = 1.1
_PAST = 1.3

_COST_WEIGHT = 0.2
_RATE_OVER_S = 5.0
_INSTANT_S = 1e-6


def urgency(density_ppm2: float, *, begins_ppm2: Sequence[float]) -> float:
    """Return how near a density is to a threshold, 0 to 1.

    It rises from 0 at ``AWAY_SHARE`` of a threshold to 1 at ``NEAR_SHARE``. While a threshold is
    being confirmed nobody should look away: 1 up to a tenth above it, 0 from three tenths above it.
    Above the highest it stays 1.

    Args:
        density_ppm2: of a zone; not negative.
        begins_ppm2: where its levels begin, rising.

    Raises:
        BadInput: the density or a threshold is not finite, or a threshold is not above 0.
    """
    if not isfinite(density_ppm2) or not all(isfinite(each) and each > 0 for each in begins_ppm2):
        raise BadInput(
            f"urgency: a density of {density_ppm2} p/m² and thresholds {tuple(begins_ppm2)} p/m², "
            "expected finite numbers and thresholds above 0"
        )
    if begins_ppm2 and density_ppm2 >= begins_ppm2[-1]:
        return 1.0
    return max((_nearness(density_ppm2 / begins) for begins in begins_ppm2), default=0.0)


def _nearness(share: float) -> float:
    rising = (share - AWAY_SHARE) / (NEAR_SHARE - AWAY_SHARE)
    past = (_PAST - share) / (_PAST - _JUST_OVER)
    return max(0.0, min(1.0, rising, past))


@dataclass(frozen=True)
class Demand:
    """What one camera asks of the budget.

    Attributes:
        load: threads that its looks take at the asked rate: seconds a look × looks a second.
        urgency: 0 to 1.
    """

    load: float
    urgency: float = 0.0

    @property
    def wish(self) -> float:
        """Looks it wants, in shares of what was asked for: 1 to ``MOST_URGENT``."""
        return 1.0 + (MOST_URGENT - 1.0) * self.urgency


def fair_shares(demands: Sequence[Demand], *, threads: float) -> tuple[float, ...]:
    """Return the share of its asked rate that each camera may have.

    With wishes f and loads l, each gets max(FLOOR, μ·f) with the largest μ ≤ 1 at which
    Σ l·share ≤ threads. Where not even the floor fits for all, each gets the same share
    threads / Σ l, whatever its urgency.

    Args:
        demands: of the cameras.
        threads: seconds of looking in a second.
    """
    if sum(each.load * each.wish for each in demands) <= threads:
        return tuple(each.wish for each in demands)
    total = sum(each.load for each in demands)
    if FLOOR * total >= threads:
        return (threads / total,) * len(demands)
    # From the most urgent on, one camera after the other rises above the floor.
    above, at_floor, mu = 0.0, total, inf
    for each in sorted(demands, key=lambda demand: demand.wish, reverse=True):
        if mu * each.wish <= FLOOR:
            break
        above += each.load * each.wish
        at_floor -= each.load
        mu = (threads - FLOOR * at_floor) / above if above else inf
    return tuple(max(FLOOR, mu * each.wish) for each in demands)


@dataclass(frozen=True)
class Turn:
    """One camera's place in the queue.

    Attributes:
        asked_per_s: looks a second that were asked for.
        looked_at_s: when its last look was given, before the first when it came.
        rate_per_s: looks a second, mean of the seconds up to then; begins with what was asked for.
        urgency: 0 to 1.
        cost_s: of a look, mean of the last ones, None before the first.
        slot_s: when its last look was due.
        tag: place in the queue, in seconds of the queue's own time.
    """

    asked_per_s: float
    looked_at_s: float
    rate_per_s: float
    urgency: float = 0.0
    cost_s: float | None = None
    slot_s: float = -inf
    tag: float = -inf

    @property
    def due_s(self) -> float:
        """From when on a picture is worth the next look."""
        return self.slot_s + self.period_s

    @property
    def period_s(self) -> float:
        """Between two looks, as many as it wants."""
        return 1.0 / (self.asked_per_s * Demand(0.0, self.urgency).wish)

    def rate_at(self, now_s: float) -> float:
        """Return looks a second, mean of the last seconds."""
        return self.rate_per_s * exp((self.looked_at_s - now_s) / _RATE_OVER_S)


class Budget:
    """Cameras that share a number of threads, and whose turn it is.

    A camera wants the looks that were asked for, and up to ``MOST_URGENT`` times as many when it is
    urgent. Where there is time for all that, each gets what it wants and no more. Where there is
    not, each gets the same share of what it wants, but a calm one at least ``FLOOR`` of what was
    asked for (see :func:`fair_shares`).

    Nobody starves: between two looks of a camera that has a picture, another one gets at most
    1 + r' / r, rounded up, with their rates r' and r. Rates differ by what was asked for and by
    MOST_URGENT / FLOOR at most. A camera without a picture holds up nobody and saves up nothing.
    """

    def __init__(self, *, threads: float) -> None:
        """Begin without cameras.

        Args:
            threads: seconds of looking in a second.

        Raises:
            BadInput: that is not a number above 0.
        """
        if not (isfinite(threads) and threads > 0):
            raise BadInput(f"budget: {threads} threads, expected a number above 0")
        self._threads = threads
        self._turns: dict[str, Turn] = {}
        self._served_tag = 0.0

    def join(self, camera_id: str, *, asked_per_s: float, now_s: float) -> None:
        """Take in a camera, level with the others.

        Raises:
            BadInput: it is here already, or its rate is not a number above 0.
        """
        if camera_id in self._turns:
            raise BadInput(f"budget: camera '{camera_id}' joins twice, expected once")
        if not (isfinite(asked_per_s) and asked_per_s > 0):
            raise BadInput(
                f"budget: camera '{camera_id}' asks for {asked_per_s} looks a second, "
                "expected a number above 0"
            )
        self._turns[camera_id] = Turn(
            asked_per_s=asked_per_s, looked_at_s=now_s, rate_per_s=asked_per_s
        )

    def leave(self, camera_id: str) -> None:
        """Forget a camera; what comes of it later is passed over."""
        self._turns.pop(camera_id, None)

    def is_due(self, camera_id: str, *, picture_at_s: float) -> bool:
        """Say whether a picture that came then is worth a look."""
        turn = self._turns.get(camera_id)
        return turn is not None and picture_at_s >= turn.due_s - _INSTANT_S

    def choose(self, pictures: Mapping[str, float], *, now_s: float) -> str | None:
        """Return whose picture is looked at now, and move that camera back in the queue.

        Args:
            pictures: for each camera that can be looked at, when its newest picture came. Whoever
                is being looked at, or shows nothing new, is left out.
            now_s: on the same clock; must not go back.

        Returns:
            None where no picture is due.
        """
        due = [
            camera_id
            for camera_id, at_s in pictures.items()
            if self.is_due(camera_id, picture_at_s=at_s)
        ]
        if not due:
            return None
        chosen = min(due, key=self._place)
        turn = self._turns[chosen]
        self._served_tag = max(turn.tag, self._served_tag)
        at_s = pictures[chosen]
        self._turns[chosen] = replace(
            turn,
            tag=self._served_tag + 1.0 / (turn.asked_per_s * self.shares()[chosen]),
            # A late look leaves the next where it was, but no more than one is made up for.
            slot_s=max(turn.due_s, at_s - turn.period_s) if turn.tag > -inf else at_s,
            rate_per_s=turn.rate_at(now_s) + 1.0 / _RATE_OVER_S,
            looked_at_s=now_s,
        )
        return chosen

    def _place(self, camera_id: str) -> tuple[float, float, str]:
        turn = self._turns[camera_id]
        # Who had no picture for a while comes back level with the others, not in front of them.
        return max(turn.tag, self._served_tag), turn.looked_at_s, camera_id

    def looked(self, camera_id: str, *, took_s: float, urgency: float) -> None:
        """Learn what a look cost, and how urgent the next one is.

        Args:
            camera_id: whose look is over.
            took_s: how long it kept a thread.
            urgency: 0 to 1, see :func:`urgency`.

        Raises:
            BadInput: either number is out of range.
        """
        if not (isfinite(took_s) and took_s >= 0 and 0 <= urgency <= 1):
            raise BadInput(
                f"budget: a look of camera '{camera_id}' took {took_s} s and its urgency is "
                f"{urgency}, expected 0 s or more and 0 to 1"
            )
        turn = self._turns.get(camera_id)
        if turn is None:
            return
        before_s = took_s if turn.cost_s is None else turn.cost_s
        cost_s = before_s + _COST_WEIGHT * (took_s - before_s)
        self._turns[camera_id] = replace(turn, cost_s=cost_s, urgency=urgency)

    def shares(self) -> dict[str, float]:
        """Return the share of its asked rate that each camera may have by what looks cost so far.

        A camera that was not looked at yet is taken to cost as much as the others.
        """
        known_s = [turn.cost_s for turn in self._turns.values() if turn.cost_s is not None]
        mean_s = sum(known_s) / len(known_s) if known_s else 0.0
        demands = [
            Demand(
                load=turn.asked_per_s * (mean_s if turn.cost_s is None else turn.cost_s),
                urgency=turn.urgency,
            )
            for turn in self._turns.values()
        ]
        return dict(zip(self._turns, fair_shares(demands, threads=self._threads), strict=True))

    def achieved_per_s(self, camera_id: str, *, now_s: float) -> float:
        """Return the looks a second that a camera had in the last seconds, 0 for one that left."""
        turn = self._turns.get(camera_id)
        return 0.0 if turn is None else turn.rate_at(now_s)
