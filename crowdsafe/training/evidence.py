"""All that was found in many pictures, flat, so that thousands of settings can be tried on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from crowdsafe.domain.crowd.hand_over import HandOver
from crowdsafe.training.metrics import hits_by_score
from crowdsafe.training.readings import Reading

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
# Cells below this weigh nothing together, and most cells are.
_NOBODY = 1e-6


@dataclass(frozen=True)
class Evidence:
    """Heads and density cells of `pictures` pictures.

    Attributes:
        pictures: how many.
        head_picture: (h,) the number of the picture that a head is in.
        score: (h,).
        head_crowding: (h,) crowding at the head, see `HandOver`.
        hit: (h,) whether a head is a true one.
        cell_picture: (c,) the number of the picture that a cell is in.
        people: (c,) in the cell.
        cell_crowding: (c,).
    """

    pictures: int
    head_picture: Indices
    score: Floats
    head_crowding: Floats
    hit: NDArray[np.bool_]
    cell_picture: Indices
    people: Floats
    cell_crowding: Floats

    def scaled(self, density_factor: float) -> Evidence:
        """The same with every density map multiplied, and so its crowding."""
        return replace(
            self,
            head_crowding=self.head_crowding * density_factor,
            people=self.people * density_factor,
            cell_crowding=self.cell_crowding * density_factor,
        )

    def density_sums(self) -> Floats:
        """(pictures,) people by the density maps alone."""
        return self._by_cell(self.people)

    def counts(self, hand_over: HandOver) -> Floats:
        """(pictures,) people by a hand-over."""
        accepted = hand_over.accepts(self.score, self.head_crowding)
        by_heads = self._by_head(accepted, 1.0 - hand_over.share(self.head_crowding))
        return by_heads + self._by_cell(self.people * hand_over.share(self.cell_crowding))

    def crowded(self, hand_over: HandOver) -> Floats:
        """(pictures,) sums of the roots of crowding over the people counted, see `CountError`."""
        accepted = hand_over.accepts(self.score, self.head_crowding)
        share = 1.0 - hand_over.share(self.head_crowding)
        by_heads = self._by_head(accepted, share * np.sqrt(self.head_crowding))
        people = self.people * hand_over.share(self.cell_crowding)
        return by_heads + self._by_cell(people * np.sqrt(self.cell_crowding))

    def counts_by_share(
        self, hand_overs: Sequence[HandOver], shares: Sequence[float]
    ) -> tuple[Floats, Floats]:
        """Counts and heads of hand-overs that differ in nothing but their thresholds.

        Returns:
            (hand_overs, shares, pictures) people, for each density share instead of their own, and
            (2, hand_overs, pictures) heads found and true heads among them.
        """
        crowdedness = hand_overs[0].crowdedness(self.head_crowding)
        by_cells = self._by_cell(self.people * hand_overs[0].crowdedness(self.cell_crowding))
        counts, heads = [], []
        for hand_over in hand_overs:
            accepted = hand_over.accepts(self.score, self.head_crowding)
            found = self._by_head(accepted, np.ones_like(self.score))
            crowded = by_cells - self._by_head(accepted, crowdedness)
            counts.append(found + np.array(shares)[:, None] * crowded)
            heads.append((found, self._by_head(accepted & self.hit, np.ones_like(self.score))))
        return np.array(counts), np.array(heads).swapaxes(0, 1)

    def _by_head(self, accepted: NDArray[np.bool_], weight: Floats) -> Floats:
        return _sums(self.head_picture[accepted], weight[accepted], self.pictures)

    def _by_cell(self, people: Floats) -> Floats:
        return _sums(self.cell_picture, people, self.pictures)


def _sums(picture: Indices, weight: Floats, pictures: int) -> Floats:
    return np.asarray(np.bincount(picture, weights=weight, minlength=pictures), dtype=np.float64)


def evidence_of(readings: Sequence[Reading]) -> Evidence:
    """Flatten what was found in each picture; picture i is readings[i]."""
    heads = [len(reading.found.score) for reading in readings]
    hits = [
        hits_by_score(
            found_px=reading.found.points_px(),
            score=reading.found.score,
            truth_px=reading.picture.heads_px.astype(np.float64),
            truth_sizes_px=reading.picture.sizes_px.astype(np.float64),
        )
        for reading in readings
    ]
    cells: list[tuple[int, Floats, Floats]] = []
    for number, reading in enumerate(readings):
        for part in reading.found.density:
            some = part.people.ravel() > _NOBODY
            people = part.people.ravel()[some].astype(np.float64)
            cells.append((number, people, part.crowding.ravel()[some].astype(np.float64)))
    none = np.zeros(0)
    return Evidence(
        pictures=len(readings),
        head_picture=np.repeat(np.arange(len(readings)), heads),
        score=np.concatenate([none, *(reading.found.score for reading in readings)]),
        head_crowding=np.concatenate([none, *(reading.found.crowding for reading in readings)]),
        hit=np.concatenate([np.zeros(0, dtype=np.bool_), *hits]),
        cell_picture=np.repeat([number for number, _, _ in cells], [len(p) for _, p, _ in cells])
        if cells
        else np.zeros(0, dtype=np.intp),
        people=np.concatenate([none, *(people for _, people, _ in cells)]),
        cell_crowding=np.concatenate([none, *(crowding for _, _, crowding in cells)]),
    )
