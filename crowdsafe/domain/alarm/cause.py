"""What an alarm can be about, what its value is, and how urgent that is."""

from typing import Literal

Cause = Literal[
    "density",
    "peak",
    "rise",
    "forecast",
    "pressure",
    "counter_flow",
    "occupancy",
    "picture",
    "silence",
    "worker",
    "weather",
    "delivery",
]
"""Of a zone: density to occupancy. Of a camera: picture, silence. Of a worker: worker. Of the site:
weather. Of a target outside: delivery."""
ZONE_CAUSES: tuple[Cause, ...] = (
    "density",
    "peak",
    "rise",
    "forecast",
    "pressure",
    "counter_flow",
    "occupancy",
)
CAMERA_CAUSES: tuple[Cause, ...] = ("picture", "silence")
CROWD_CAUSES: frozenset[Cause] = frozenset(ZONE_CAUSES)

Quantity = Literal[
    "density_ppm2",
    "peak_ppm2",
    "rise_ppm2_per_min",
    "time_to_limit_min",
    "pressure_per_s2",
    "counter_flow_share",
    "people",
    "weather_level",
    "waiting_s",
]
"""What an alarm's value, its uncertainty and its limit are, with their unit."""

Priority = Literal["high", "medium", "low"]
TIGHT_GRADE = 2
CRITICAL_GRADE = 3
_GRADED: frozenset[Cause] = frozenset({"density", "weather", "worker", *CAMERA_CAUSES})

# After the consequence and the time there is to act (EEMUA 191): what hurts people within minutes
# is high, what will without an answer is medium, what takes sight or means away is low.
_BY_CAUSE: dict[Cause, Priority] = {
    "density": "medium",
    "peak": "high",
    "rise": "low",
    "forecast": "medium",
    "pressure": "high",
    "counter_flow": "low",
    "occupancy": "medium",
    "picture": "low",
    "silence": "low",
    "worker": "medium",
    "weather": "medium",
    "delivery": "low",
}


def priority_of(cause: Cause, grade: int) -> Priority:
    """Return how urgent an alarm is.

    ``grade`` counts for density (2, 3) and weather (1 to 4), and for cameras and workers: it is the
    level of the tightest zone of which the sight has gone (2, 3), else 1.
    """
    if grade >= CRITICAL_GRADE and cause in _GRADED:
        return "high"
    if cause == "weather" and grade <= 1:
        return "low"
    if cause in CAMERA_CAUSES and grade >= TIGHT_GRADE:
        return "medium"
    return _BY_CAUSE[cause]
