"""Alarms, observations and values as tests write them."""

from typing import Any

from crowdsafe.contract.alarms import Alarm
from crowdsafe.contract.edge_messages import Observation
from crowdsafe.hub.store import AlarmEventRow, ZoneValue


def make_alarm(number: int = 1, **changes: Any) -> Alarm:
    """A density alarm of zone 'junction', with what is asked changed."""
    return Alarm.model_validate(
        {
            "id": number,
            "cause": "density",
            "subject_id": "junction",
            "zone_id": "junction",
            "camera_id": "view_001",
            "state": "unacknowledged",
            "priority": "high",
            "grade": 3,
            "present": True,
            "first_raised_at_s": 100.0,
            "raised_at_s": 100.0,
            "called_at_s": 100.0,
            "times": 1,
            "acknowledged_at_s": None,
            "acknowledged_by": None,
            "returned_at_s": None,
            "ended_at_s": None,
            "quantity": "density_ppm2",
            "value": 3.7000000000000006,
            "value_sd": 0.2,
            "limit": 3.57,
            "worst": 3.9,
            "value_at_s": 100.0,
            "held_s": 5.0,
            "seen_share": 0.9,
            "detail": "",
            "words": None,
            "aside": None,
            "first_out_id": None,
            "escalated": 0,
            "escalates_at_s": None,
            "offers": (),
            "measures": (),
            **changes,
        }
    )


def ended(number: int, *, raised_at_s: float = 100.0, ended_at_s: float, **changes: Any) -> Alarm:
    """An alarm that has ended."""
    return make_alarm(
        number,
        state="normal",
        present=False,
        first_raised_at_s=raised_at_s,
        returned_at_s=ended_at_s,
        ended_at_s=ended_at_s,
        **changes,
    )


def raised(alarm: Alarm) -> AlarmEventRow:
    """The row that says that an alarm was raised."""
    return AlarmEventRow(message=alarm, event="raised", at_s=alarm.raised_at_s)


def make_observation(
    captured_at_s: float,
    *zone_ids: str,
    camera_id: str = "view_001",
    revision: int | None = None,
) -> Any:
    """An observation of some zones."""
    return Observation.model_validate(
        {
            "camera_id": camera_id,
            "seq": 1,
            "captured_at_s": captured_at_s,
            "revision": revision,
            "analysis_ms": 5,
            "frames_dropped": 0,
            "people_in_view": 3,
            "zones": [
                {
                    "zone_id": zone_id,
                    "count": 12,
                    "count_sd": 0.5,
                    "density_ppm2": None if zone_id == "unseen" else 0.25,
                    "density_sd_ppm2": None if zone_id == "unseen" else 0.01,
                    "seen_share": 0.5,
                }
                for zone_id in zone_ids
            ],
        }
    )


def make_value(
    at_s: float,
    density_ppm2: float | None = 1.0,
    zone_id: str = "a",
    *,
    revision: int | None = None,
) -> ZoneValue:
    """A value of which peak and count follow from the density."""
    if density_ppm2 is None:
        return ZoneValue(zone_id, at_s, None, revision=revision)
    return ZoneValue(
        zone_id, at_s, density_ppm2, 0.1, 2 * density_ppm2, 100 * density_ppm2, 1.0, revision
    )
