"""What raises the alarms of one zone."""

from dataclasses import dataclass, replace

from crowdsafe.contract.site import SiteZone
from crowdsafe.domain.alarm.alarm import Evidence
from crowdsafe.domain.alarm.cause import Cause, Quantity
from crowdsafe.domain.alarm.levels import Level
from crowdsafe.domain.alarm.zone_watch import (
    ZoneValues,
    ZoneWatch,
    anything_begins,
    interrupt_watch,
    is_at_rest,
    step_watch,
)
from crowdsafe.domain.crowd.fusion import FusedReading
from crowdsafe.hub.state.zone_record import ZoneRecord

ALARM_FROM = Level.TIGHT
_QUANTITIES: dict[Cause, Quantity] = {
    "peak": "peak_ppm2",
    "rise": "rise_ppm2_per_min",
    "forecast": "time_to_limit_min",
    "pressure": "pressure_per_s2",
    "counter_flow": "counter_flow_share",
    "occupancy": "people",
}
# While the density itself alarms, these would only say that it was coming.
_COMING: frozenset[Cause] = frozenset({"rise", "forecast"})
DENSITY_STANDS = "density_stands"


@dataclass(frozen=True)
class Judgement:
    """Whether a cause is there, why, and for how long it had held before."""

    cause: Cause
    present: bool
    evidence: Evidence
    held_s: float


class ZoneAlarms:
    """One zone's causes: its level at every reading, the others as time passes."""

    def __init__(self, zone: SiteZone) -> None:
        self._zone = zone
        self._limits = zone.zone_limits
        self._watch = ZoneWatch()
        self._rests = True
        self._watched_at_s: float | None = None

    def succeed(self, before: "ZoneAlarms") -> None:
        """Take over which causes stand from before a revision, as far as they are still watched."""
        self._watch = interrupt_watch(before._watch)
        self._rests = is_at_rest(self._watch)

    def of_density(self, record: ZoneRecord, fused: FusedReading) -> Judgement:
        """Judge the level of a new reading."""
        level = record.level.level
        stands = level >= ALARM_FROM
        return Judgement(
            cause="density",
            present=stands,
            evidence=replace(
                _seen(fused),
                grade=int(level) if stands else int(ALARM_FROM),
                quantity="density_ppm2",
                value=fused.density_ppm2,
                value_sd=fused.density_sd_ppm2,
                limit=self._zone.rule.begins_ppm2[max(level, ALARM_FROM) - 1],
            ),
            held_s=record.level.latches[level - 1].held_s if stands else 0.0,
        )

    def of_the_rest(
        self, record: ZoneRecord, *, minutes_to_tight: float | None, stands: bool = True
    ) -> tuple[Judgement, ...]:
        """Judge the other causes, once for each new reading; none while the zone is unknown.

        Args:
            record: of the zone.
            minutes_to_tight: by a forecast that is useful.
            stands: whether an alarm of these causes stands; without one, nothing is said of a zone
                in which nothing begins.
        """
        fused = record.fused
        if fused is None or not record.known:
            if not self._rests:
                self._watch = interrupt_watch(self._watch)
                self._rests = is_at_rest(self._watch)
            return ()
        if self._watched_at_s is not None and fused.at_s <= self._watched_at_s:
            return ()
        self._watched_at_s = fused.at_s
        motion, inside = record.motion, record.inside
        values = ZoneValues(
            density_ppm2=fused.density_ppm2,
            level=record.level.level,
            peak_ppm2=fused.peak.ppm2 if fused.peak else None,
            rise_ppm2_per_min=record.trend_ppm2_per_min(),
            minutes_to_tight=minutes_to_tight,
            pressure_per_s2=motion.pressure_per_s2 if motion else None,
            counter_flow_share=motion.counter_flow_share if motion else None,
            people=inside[0] if inside else None,
        )
        if self._rests and not stands and not anything_begins(values, self._limits):
            return ()
        self._watch = step_watch(self._watch, values=values, limits=self._limits, now_s=fused.at_s)
        self._rests = is_at_rest(self._watch)
        measured: dict[Cause, tuple[float | None, float | None]] = {
            "peak": (values.peak_ppm2, fused.peak.sd_ppm2 if fused.peak else None),
            "rise": (values.rise_ppm2_per_min, None),
            "forecast": (minutes_to_tight, None),
            "pressure": (values.pressure_per_s2, None),
            "counter_flow": (values.counter_flow_share, None),
            "occupancy": inside or (None, None),
        }
        seen = _seen(fused)
        return tuple(
            Judgement(
                cause=cause,
                present=self._watch.is_on(cause),
                evidence=replace(
                    seen,
                    quantity=_QUANTITIES[cause],
                    value=measured[cause][0],
                    value_sd=measured[cause][1],
                    limit=self._limit(cause),
                ),
                held_s=self._watch.held_s(cause),
            )
            for cause in self._limits.limits
        )

    def _limit(self, cause: Cause) -> float | None:
        if cause == "forecast":
            return self._zone.limits.forecast_min
        return self._limits.limits[cause].begins


def suppressed_by_design(cause: Cause, *, density_stands: bool) -> str | None:
    """Return why a cause is set aside by design: a coming density that has come."""
    return DENSITY_STANDS if cause in _COMING and density_stands else None


def _seen(fused: FusedReading) -> Evidence:
    return Evidence(
        at_s=fused.oldest_at_s, seen_share=fused.seen_share, camera_id=fused.main_camera_id
    )
