"""How good the forecasts of all zones are, by how long a rise had lasted and how far ahead."""

from collections import defaultdict
from collections.abc import Mapping

from crowdsafe.domain.forecast.outlook import HORIZONS_MIN, Band
from crowdsafe.domain.forecast.prior import BANDS, PRIOR
from crowdsafe.domain.forecast.skill import Tally, Verification, is_useful, step_tally, widened

Kind = tuple[int, int]
"""Places in ``WINDOWS_MIN`` and in ``HORIZONS_MIN``."""


class ForecastSkill:
    """The tallies of a site. By default they begin with those of simulated evenings."""

    def __init__(self, prior: Mapping[Kind, Tally] = PRIOR) -> None:
        """Begin with tallies by kind; a kind that is not there has to earn its place first."""
        self._all: dict[Kind, Tally] = defaultdict(Tally, prior)
        self._zones: dict[tuple[str, Kind], Tally] = defaultdict(Tally)
        self._useful: set[tuple[str, Kind]] = set()

    def verify(self, zone_id: str, kind: Kind, verification: Verification) -> None:
        """Take what came of a forecast into account."""
        self._all[kind] = step_tally(self._all[kind], verification)
        self._zones[zone_id, kind] = step_tally(self._zones[zone_id, kind], verification)

    def is_useful(self, zone_id: str, kind: Kind) -> bool:
        """Say whether a zone's forecasts of one kind may be shown."""
        key = zone_id, kind
        useful = is_useful(
            zone=self._zones[key], all_zones=self._all[kind], was=key in self._useful
        )
        (self._useful.add if useful else self._useful.discard)(key)
        return useful

    def tally(self, kind: Kind) -> Tally:
        """Return what came of the forecasts of one kind in all zones."""
        return self._all[kind]

    def band(self, lasted: int) -> Band:
        """Return the band of rises that have lasted for so long, as wide as it has to be."""
        widths = tuple(self._all[lasted, place].width for place in range(len(HORIZONS_MIN)))
        return widened(BANDS[lasted], widths)
