"""Alarms and levels of schema 0001, in the shape of 0004."""

from typing import Any

_GRADES = {"unknown": 1, "clear": 1, "busy": 1, "tight": 2, "critical": 3}


CALLS = frozenset({"raised", "worsened", "came_back"})
"""The events by which an alarm calls an operator."""


def converted_alarm(old: dict[str, Any], *, called_at_s: float) -> dict[str, Any]:
    """Return the message of an alarm.

    Args:
        old: knows density and silence, and is cleared at last.
        called_at_s: when it last called an operator, which ``old`` does not know.
    """
    is_density = old["cause"] == "density"
    subject_id = old["zone_id"] if is_density else old["camera_id"]
    grade = _GRADES[old["level"]] if is_density else 1
    priority = "low" if not is_density else "high" if grade == 3 else "medium"
    return {
        "id": old["id"],
        "cause": old["cause"],
        "subject_id": subject_id,
        "zone_id": old["zone_id"],
        "camera_id": old["camera_id"],
        "state": "normal" if old["state"] == "cleared" else old["state"],
        "priority": priority,
        "grade": grade,
        "present": old["state"] in ("unacknowledged", "acknowledged"),
        "first_raised_at_s": old["raised_at_s"],
        "raised_at_s": old["raised_at_s"],
        "called_at_s": called_at_s,
        "times": old["times"],
        "acknowledged_at_s": old["acknowledged_at_s"],
        "acknowledged_by": old["acknowledged_by"],
        "returned_at_s": old["returned_at_s"],
        "ended_at_s": old["cleared_at_s"],
        "quantity": "density_ppm2" if is_density else None,
        "value": old["value_ppm2"],
        "value_sd": old["value_sd_ppm2"],
        "limit": old["threshold_ppm2"],
        "worst": old["peak_ppm2"],
        "value_at_s": None,
        "held_s": old["held_s"] or 0.0,
        "seen_share": old["seen_share"],
        "detail": "",
        "words": None,
        "aside": None,
        "first_out_id": None,
        "escalated": 0,
        "escalates_at_s": None,
        "offers": [],
        "measures": [],
    }


def who_did(event: str, old: dict[str, Any], *, at_s: float) -> str:
    """Return whose act an event was; the hub's own where it was nobody's."""
    ended_by_hand = event == "cleared" and old["acknowledged_at_s"] == old["cleared_at_s"] == at_s
    if event == "acknowledged" or ended_by_hand:
        return old["acknowledged_by"] or "hub"
    return "hub"


def converted_level(old: dict[str, Any]) -> dict[str, Any]:
    """Return the level of a zone; a delay that is running goes on from when it began."""
    latches = [
        {
            "on": latch["on"],
            "runs": [] if latch["turning_since_s"] is None else [[latch["turning_since_s"], True]],
        }
        for latch in old["latches"]
    ]
    return {"latches": latches, "since_s": old["since_s"]}
