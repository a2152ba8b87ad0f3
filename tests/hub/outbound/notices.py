"""Notices to send."""

from datetime import date
from typing import Any

from crowdsafe.contract.alarms import Alarm
from crowdsafe.contract.measures import Measure
from crowdsafe.contract.notices import AlarmNotice, MeasureNotice, NoticeSubject
from crowdsafe.contract.words import Text

AT_S = 1_786_137_243.75  # 2026-08-07T21:14:03.750Z
RING = ((7.15, 51.55), (7.16, 51.55), (7.16, 51.56), (7.15, 51.56), (7.15, 51.55))


def alarm(**changes: Any) -> Alarm:
    """An alarm of a zone that is critical."""
    return Alarm.model_validate(
        dict.fromkeys(Alarm.model_fields)
        | {
            "id": 7,
            "cause": "density",
            "subject_id": "stage",
            "zone_id": "stage",
            "camera_id": "mast_1",
            "state": "unacknowledged",
            "priority": "high",
            "grade": 3,
            "present": True,
            "first_raised_at_s": AT_S - 10,
            "raised_at_s": AT_S - 10,
            "called_at_s": AT_S - 10,
            "times": 1,
            "quantity": "density_ppm2",
            "value": 4.0,
            "value_sd": 0.2,
            "limit": 3.57,
            "worst": 4.1,
            "value_at_s": AT_S - 1,
            "held_s": 5.0,
            "seen_share": 0.83,
            "detail": "",
            "escalated": 0,
            "offers": (),
            "measures": (),
            **changes,
        }
    )


def alarm_notice(
    event: str = "raised",
    *,
    number: int = 1,
    of_alarm: dict[str, Any] | None = None,
    **changes: Any,
) -> AlarmNotice:
    """A notice that something happened to an alarm."""
    return AlarmNotice.model_validate(
        {
            "id": f"alarm-7-{number}",
            "at_s": AT_S,
            "site_id": "fair",
            "exercise": False,
            "event": event,
            "by": None,
            "subject": NoticeSubject(id="stage", name=Text(de="Bühne", en="Stage"), rings=(RING,)),
            "sentence": Text(
                de="Vor der Bühne stehen 4,0 Personen je m², Grenze 3,57.",
                en="4.0 persons per m² in front of the stage, limit 3.57.",
            ),
            "alarm": alarm(**(of_alarm or {})),
            **changes,
        }
    )


def measure_notice(
    *, target: str | None = "mast", number: int = 1, **changes: Any
) -> MeasureNotice:
    """A notice that a person confirmed a measure."""
    measure = Measure(
        id="hold_gate",
        kind="announce",
        title=Text(de="Zulauf halten", en="Hold the inflow"),
        why=Text(de="Vor der Bühne ist es voll.", en="It is full in front of the stage."),
        causes=("density",),
        loudspeaker={"de": "Bitte bleiben Sie stehen.", "en": "Please stay where you are."},
        display={"de": "Bühne voll"},
        gate="gate_1",
        holds="into",
        team="Ordner 3",
        target=target,
        approved_by="organiser",
        approved_on=date(2026, 8, 1),
    )
    return MeasureNotice.model_validate(
        {
            "id": f"measure-7-{number}",
            "at_s": AT_S,
            "site_id": "fair",
            "exercise": False,
            "by": "night_shift",
            "subject": NoticeSubject(id="stage", name=Text(de="Bühne", en="Stage"), rings=(RING,)),
            "alarm_id": 7,
            "measure": measure,
            **changes,
        }
    )
