"""Where the people of a picture's density maps are on the ground. Pure, but remembers."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from crowdsafe.domain.camera.geometry import GroundCamera
from crowdsafe.domain.camera.visible import ZonesInView
from crowdsafe.domain.crowd.grid import CELL_M, Cells, Footprints, footprints, ground_quads, joined
from crowdsafe.domain.crowd.hand_over import HandOver
from crowdsafe.edge.detections import DensityMap

# A camera's tiles stay as they are until its pictures change their size.
_KEPT = 16

_Layout = tuple[tuple[int, ...], float, float, float, float]


@dataclass(frozen=True)
class DensityOnGround:
    """People of density maps in each zone.

    Attributes:
        people: (zones,).
        crowded: (zones,) sums of their roots of crowding.
        cells: of each zone.
    """

    people: NDArray[np.float64]
    crowded: NDArray[np.float64]
    cells: tuple[Cells, ...]


@dataclass(frozen=True, eq=False)
class DensityGround:
    """One camera's ground under the cells of its density maps, worked out when first asked for."""

    camera: GroundCamera
    view: ZonesInView
    height_m: float
    _known: dict[_Layout, Footprints] = field(default_factory=dict)

    def spread(
        self, maps: tuple[DensityMap, ...], hand_over: HandOver, *, to_calibrated: float
    ) -> DensityOnGround:
        """Return the share of the maps in each zone's count, and where it stands.

        Args:
            maps: of one picture.
            hand_over: which share they have.
            to_calibrated: px of the calibrated picture to one of this picture.
        """
        zones = len(self.view.zones)
        people, crowded = np.zeros(zones), np.zeros(zones)
        cells: list[tuple[Cells, ...]] = []
        for part in maps if hand_over.density_share > 0.0 else ():
            on_ground = self._footprints(part, to_calibrated)
            around = part.crowding.ravel().astype(np.float64)
            here = part.people.ravel() * hand_over.share(around)
            people += on_ground.in_zones(here)
            crowded += on_ground.in_zones(here * np.sqrt(around))
            cells.append(on_ground.cells(here))
        together = tuple(joined([of_map[zone] for of_map in cells]) for zone in range(zones))
        return DensityOnGround(people=people, crowded=crowded, cells=together)

    def _footprints(self, part: DensityMap, to_calibrated: float) -> Footprints:
        layout = (part.people.shape, part.cell_px, part.left_px, part.top_px, to_calibrated)
        if layout not in self._known:
            if len(self._known) >= _KEPT:
                self._known.clear()
            centres_px = part.centres_px() * to_calibrated
            self._known[layout] = footprints(
                view=self.view,
                centres_m=self.camera.to_ground(centres_px, height_m=self.height_m),
                quads_m=ground_quads(
                    self.camera,
                    centres_px,
                    side_px=part.cell_px * to_calibrated,
                    height_m=self.height_m,
                ),
                cell_m=CELL_M,
            )
        return self._known[layout]
