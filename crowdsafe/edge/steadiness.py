"""One camera's readings over time: live and replay put each observation through this."""

from crowdsafe.contract.edge_messages import Observation, ZoneReading
from crowdsafe.contract.readings import Peak
from crowdsafe.domain.camera.visible import VisibleZone
from crowdsafe.domain.crowd.steadiness import Counted, Course, steady_count, step_course
from crowdsafe.edge.observe import Observer, zone_reading


class SteadyZones:
    """The recent counts and peaks of each zone of one camera."""

    def __init__(self, observer: Observer, *, steady_s: float) -> None:
        """Begin without a past.

        Args:
            observer: of the camera.
            steady_s: counts of so many seconds are combined; 0 leaves each as it is.
        """
        self._zones: dict[str, VisibleZone] = {each.zone.id: each for each in observer.zones}
        self._steady_s = steady_s
        self._counts: dict[str, Course] = {}
        self._peaks: dict[str, Course] = {}

    def step(self, observation: Observation) -> Observation:
        """Return an observation with its zones' counts and peaks combined with those before.

        People in view and in cells, and the place of a peak, stay those of the one picture.

        Args:
            observation: of the camera's newest picture, see
                :func:`crowdsafe.domain.crowd.steadiness.step_course` for one out of turn.

        Raises:
            BadInput: the time to combine is negative or not finite.
        """
        at_s = observation.captured_at_s
        readings = tuple(self._step(reading, at_s=at_s) for reading in observation.zones)
        return observation.model_copy(update={"zones": readings})

    def _step(self, reading: ZoneReading, *, at_s: float) -> ZoneReading:
        visible = self._zones[reading.zone_id]
        counted = Counted(
            at_s=at_s, count=reading.count, sd=reading.count_sd, seen_m2=visible.seen_m2
        )
        course = step_course(
            self._counts.get(reading.zone_id, ()), counted, window_s=self._steady_s
        )
        self._counts[reading.zone_id] = course
        steady = steady_count(course, window_s=self._steady_s)
        peak = reading.peak
        if peak is not None:
            peak = self._steady_peak(reading.zone_id, peak, visible, at_s=at_s)
        return zone_reading(
            visible, count=steady.count, count_sd=steady.sd, peak=peak, cells=reading.cells
        )

    def _steady_peak(self, zone_id: str, peak: Peak, visible: VisibleZone, *, at_s: float) -> Peak:
        """Combine densities as counts are combined: both are sums over people."""
        dense = Counted(at_s=at_s, count=peak.ppm2, sd=peak.sd_ppm2, seen_m2=visible.seen_m2)
        course = step_course(self._peaks.get(zone_id, ()), dense, window_s=self._steady_s)
        self._peaks[zone_id] = course
        steady = steady_count(course, window_s=self._steady_s)
        return peak.model_copy(update={"ppm2": steady.count, "sd_ppm2": steady.sd})
