"""What was sent when, and when a zone's shown moment passed which capture time."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence

# The hub corrects a worker's clock by what a message takes: about a millisecond on one machine.
SAME_S = 0.02
_KEPT = 400


class SentMoments:
    """For each zone the moments that it can show, and when the observation that made them left.

    A zone that several cameras see shows the oldest of their newest pictures.

    Args:
        speakers: by zone id, the cameras that speak for a part of it.
    """

    def __init__(self, speakers: Mapping[str, Sequence[str]]) -> None:
        self._newest = {zone_id: dict.fromkeys(each, 0.0) for zone_id, each in speakers.items()}
        self._zones_of: dict[str, list[str]] = {}
        for zone_id, camera_ids in speakers.items():
            for camera_id in camera_ids:
                self._zones_of.setdefault(camera_id, []).append(zone_id)
        self._moments: dict[str, list[float]] = {zone_id: [] for zone_id in speakers}
        self._left: dict[str, list[float]] = {zone_id: [] for zone_id in speakers}
        self.number = 0

    def note(self, camera_id: str, *, captured_at_s: float, sent_at_s: float) -> None:
        """Note an observation that leaves."""
        for zone_id in self._zones_of.get(camera_id, ()):
            newest = self._newest[zone_id]
            newest[camera_id] = captured_at_s
            moment_s = min(newest.values())
            moments, left = self._moments[zone_id], self._left[zone_id]
            if moment_s == 0.0 or (moments and moment_s <= moments[-1]):
                continue
            moments.append(moment_s)
            left.append(sent_at_s)
            self.number += 1
            if len(moments) > 2 * _KEPT:
                del moments[:_KEPT], left[:_KEPT]

    def left_at_s(self, zone_id: str, moment_s: float) -> float | None:
        """Return when the observation left that made a zone show this moment."""
        moments = self._moments[zone_id]
        after = bisect_left(moments, moment_s - SAME_S)
        best = min(
            range(after, min(after + 2, len(moments))),
            key=lambda each: abs(moments[each] - moment_s),
            default=None,
        )
        if best is None or abs(moments[best] - moment_s) > SAME_S:
            return None
        return self._left[zone_id][best]
