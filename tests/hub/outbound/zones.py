"""Zones and cameras as the hub knows them."""

from typing import Any

from crowdsafe.contract.page_messages import CameraState, ZoneInfo, ZoneState
from crowdsafe.contract.readings import Motion
from tests.hub.outbound.notices import AT_S, RING


def zone_info(zone_id: str) -> ZoneInfo:
    """What does not change of a zone."""
    known = {
        "id": zone_id,
        "name": {"de": "Bühne", "en": "Stage"},
        "rings": (RING,),
        "label_at": RING[0],
        "area_m2": 100.0,
        "thresholds": {},
        "thresholds_reason": {"de": "Vorgabe", "en": "Default"},
        "limits": {},
    }
    return ZoneInfo.model_validate(
        {name: value for name, value in known.items() if name in ZoneInfo.model_fields}
    )


def zone_state(**changes: Any) -> ZoneState:
    """What is known of a zone; of an unknown one nothing is."""
    known: dict[str, Any] = dict.fromkeys(ZoneState.model_fields)
    known |= {"zone_id": "stage", "camera_ids": (), "level": "unknown"}
    if changes.get("level") != "unknown":
        known |= {
            "level": "tight",
            "level_since_s": AT_S - 60,
            "count": 249.6,
            "count_sd": 8.0,
            "density_ppm2": 2.5,
            "density_sd_ppm2": 0.1,
            "seen_share": 0.9,
            "captured_at_s": AT_S - 1,
            "camera_id": "mast_1",
            "camera_ids": ("mast_1",),
            "peak_ppm2": 4.2,
            "motion": Motion(
                by="tracks",
                people=100,
                speed_m_s=0.5,
                speed_sd_m_s=0.1,
                velocity_m_s=(0.1, 0.2),
                counter_flow_share=0.1,
                standing_share=0.2,
                stop_and_go_share=None,
                pressure_per_s2=None,
            ),
        }
    return ZoneState.model_validate(known | changes)


def camera_state(**changes: Any) -> CameraState:
    """What is known of a camera."""
    known: dict[str, Any] = dict.fromkeys(CameraState.model_fields)
    known |= {"camera_id": "mast_1", "health": "ok", "detail": "", "frames_dropped": 0}
    known |= {"captured_at_s": AT_S - 2, "analysed_per_s": 2.0}
    return CameraState.model_validate(known | changes)
