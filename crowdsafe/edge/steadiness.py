"""One camera's readings over time: live and replay put each observation through this."""

from crowdsafe.contract.messages import Observation
from crowdsafe.domain.density import VisibleZone
from crowdsafe.domain.steadiness import Counted, Course, steady_count, step_course
from crowdsafe.edge.observe import Observer, zone_reading


class SteadyZones:
    """The recent counts of each zone of one camera."""

    def __init__(self, observer: Observer, *, steady_s: float) -> None:
        """Begin without a past.

        Args:
            observer: of the camera.
            steady_s: counts of so many seconds are combined; 0 leaves each as it is.
        """
        self._zones: dict[str, VisibleZone] = {each.zone.id: each for each in observer.zones}
        self._steady_s = steady_s
        self._courses: dict[str, Course] = {}

    def step(self, observation: Observation) -> Observation:
        """Return an observation with its zones' counts combined with those before.

        People in view stay those of the one picture.

        Args:
            observation: of the camera's newest picture, see
                :func:`crowdsafe.domain.steadiness.step_course` for one out of turn.

        Raises:
            BadInput: the time to combine is negative or not finite.
        """
        readings = []
        for reading in observation.zones:
            visible = self._zones[reading.zone_id]
            course = step_course(
                self._courses.get(reading.zone_id, ()),
                Counted(
                    at_s=observation.captured_at_s,
                    count=reading.count,
                    sd=reading.count_sd,
                    seen_m2=visible.seen_m2,
                ),
                window_s=self._steady_s,
            )
            self._courses[reading.zone_id] = course
            steady = steady_count(course, window_s=self._steady_s)
            readings.append(zone_reading(visible, count=steady.count, count_sd=steady.sd))
        return observation.model_copy(update={"zones": tuple(readings)})
