"""One zone's forecast: its course, when it will likely reach its limit, and what came of that."""

from collections import deque
from dataclasses import dataclass

from crowdsafe.domain.forecast.course import STEP_S, Course, Crossed, point_of, step_course
from crowdsafe.domain.forecast.outlook import (
    HORIZONS_MIN,
    TimeToLimit,
    band_ppm2,
    expected_ppm2,
    horizon_of,
    kind_of,
    time_to_limit,
)
from crowdsafe.domain.forecast.rise import Rise, rise_of
from crowdsafe.domain.forecast.skill import Verification
from crowdsafe.hub.state.forecast_skill import ForecastSkill, Kind

# Of a rise, one forecast a minute is verified: those in between would say the same again.
_VERIFIED_EVERY_S = 60.0
# What came is what was measured at most so much later.
_DUE_WITHIN_S = 20.0
# From less of its limit no zone gets there in 10 minutes by a rise that could be told before.
_FROM_SHARE = 0.25


@dataclass(frozen=True)
class _Pending:
    due_s: float
    kind: Kind
    expected_ppm2: float
    before_ppm2: float
    band_ppm2: tuple[float, float]


class ZoneForecast:
    """The forecast of one zone; time comes with the readings."""

    def __init__(
        self, zone_id: str, *, limit_ppm2: float, area_m2: float, skill: ForecastSkill
    ) -> None:
        """Begin without a course.

        Args:
            zone_id: of the zone.
            limit_ppm2: mean density for which the time is forecast.
            area_m2: of the zone.
            skill: of all zones of the site.
        """
        self._zone_id = zone_id
        self._limit_ppm2 = limit_ppm2
        self._area_m2 = area_m2
        self._skill = skill
        self._course: Course = ()
        self._step = 0
        self._readings: list[tuple[float, float]] = []
        self._into = 0.0
        self._out = 0.0
        self._watched = True
        self._pending: deque[_Pending] = deque()
        self._issued_at_s: float | None = None
        self._minutes: TimeToLimit | None = None
        self._useful = False

    @property
    def minutes_to_limit(self) -> TimeToLimit | None:
        """When it will reach the limit, None where that is not likely within 10 minutes."""
        return self._minutes

    @property
    def useful(self) -> bool:
        """Whether such forecasts have been better than none lately."""
        return self._useful

    def cross(self, *, into: float, out: float) -> None:
        """Note who crossed one of its lines."""
        self._into += into
        self._out += out

    def take(
        self, *, at_s: float, density_ppm2: float, sd_ppm2: float, lines_watched: bool
    ) -> None:
        """Take a reading of what is known; of one that is not newer nothing changes.

        Args:
            at_s: when it was measured, by the hub's clock.
            density_ppm2: mean density.
            sd_ppm2: its standard deviation.
            lines_watched: it has counting lines and all of them are counted now.
        """
        step = int(at_s // STEP_S)
        if step > self._step:
            self._close()
            self._step = step
        elif step < self._step:
            return
        self._readings.append((density_ppm2, sd_ppm2))
        self._watched = self._watched and lines_watched

    def interrupt(self) -> None:
        """Say nothing while nothing is known of the zone."""
        self._readings.clear()
        self._into = self._out = 0.0
        self._watched = False
        self._minutes, self._useful = None, False

    def _close(self) -> None:
        """Make a point of what was read in the step before."""
        readings, watched = self._readings, self._watched
        crossed = Crossed(self._into, self._out) if watched else None
        self._readings, self._watched = [], True
        self._into = self._out = 0.0
        if not readings:
            return
        at_s = (self._step + 1) * STEP_S
        self._course = step_course(self._course, point_of(readings, at_s=at_s, crossed=crossed))
        rise = None
        if self._course[-1].ppm2 >= _FROM_SHARE * self._limit_ppm2 or self._pending:
            rise = rise_of(self._course, area_m2=self._area_m2)
        self._verify(rise, at_s=at_s)
        self._minutes, self._useful = None, False
        if rise is None or not rise.is_clear:
            return
        lasted = kind_of(rise)
        band = self._skill.band(lasted)
        if self._issued_at_s is None or at_s - self._issued_at_s >= _VERIFIED_EVERY_S:
            self._issued_at_s = at_s
            self._pending += (
                _Pending(
                    due_s=at_s + 60 * minutes,
                    kind=(lasted, place),
                    expected_ppm2=expected_ppm2(rise, minutes),
                    before_ppm2=rise.level_ppm2,
                    band_ppm2=band_ppm2(rise, band, horizon=place),
                )
                for place, minutes in enumerate(HORIZONS_MIN)
            )
        self._minutes = time_to_limit(rise, band, limit_ppm2=self._limit_ppm2)
        if self._minutes is not None:
            kind = lasted, horizon_of(self._minutes.likely_min)
            self._useful = self._skill.is_useful(self._zone_id, kind)

    def _verify(self, rise: Rise | None, *, at_s: float) -> None:
        """Hold forecasts that are due against what came; what came is unknown after a gap."""
        waiting: deque[_Pending] = deque()
        for pending in self._pending:
            if at_s < pending.due_s:
                waiting.append(pending)
            elif rise is not None and at_s <= pending.due_s + _DUE_WITHIN_S:
                verification = Verification(
                    expected_ppm2=pending.expected_ppm2,
                    before_ppm2=pending.before_ppm2,
                    band_ppm2=pending.band_ppm2,
                    came_ppm2=rise.level_ppm2,
                )
                self._skill.verify(self._zone_id, pending.kind, verification)
        self._pending = waiting
