"""What raises the alarms of cameras and workers: that nobody sees what they saw."""

from collections.abc import Collection, Iterable

from crowdsafe.domain.alarm.alarm import Evidence
from crowdsafe.domain.alarm.cause import CAMERA_CAUSES
from crowdsafe.domain.alarm.levels import Level
from crowdsafe.hub.state.camera_record import CameraRecord, Trouble
from crowdsafe.hub.state.zone_alarms import ALARM_FROM, Judgement
from crowdsafe.hub.state.zone_record import ZoneRecord

_NAMED = 3


def camera_judgements(
    camera: CameraRecord, trouble: Trouble | None, *, zones: Iterable[ZoneRecord]
) -> tuple[Judgement, ...]:
    """Judge both causes of a camera.

    Args:
        camera: the camera.
        trouble: why it tells nothing, None: it does.
        zones: all zones.
    """
    camera_id = camera.camera.id
    hidden = Evidence() if trouble is None else hiding([camera_id], zones)
    return tuple(
        Judgement(
            cause=cause,
            present=here is not None,
            evidence=Evidence(
                grade=hidden.grade,
                camera_id=camera_id,
                at_s=camera.at_s,
                detail=here.detail if here else "",
                words=hidden.words,
            ),
            held_s=here.for_s if here else 0.0,
        )
        for cause in CAMERA_CAUSES
        for here in (trouble if trouble is not None and trouble.cause == cause else None,)
    )


def hiding(camera_ids: Collection[str], zones: Iterable[ZoneRecord]) -> Evidence:
    """Return how bad it is that some cameras tell nothing.

    Where a zone was tight when the sight of it went, nobody knows how it goes on there: the
    tightest gives the grade, and the words name them.
    """
    hidden = sorted(
        (
            zone
            for zone in zones
            if zone.level.level >= ALARM_FROM and not zone.known and any(map(zone.sees, camera_ids))
        ),
        key=lambda zone: -zone.level.level,
    )
    if not hidden:
        return Evidence()
    worst = hidden[0].level.level
    names = [zone.zone.name for zone in hidden[:_NAMED]]
    more = " …" if len(hidden) > _NAMED else ""
    was_de, was_en = ("kritisch", "critical") if worst is Level.CRITICAL else ("eng", "tight")
    return Evidence(
        grade=int(worst),
        words=(
            f"zuletzt {was_de}: {', '.join(name.de for name in names)}{more}",
            f"{was_en} when last seen: {', '.join(name.en for name in names)}{more}",
        ),
    )
