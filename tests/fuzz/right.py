"""What is right: ids that are there, and bodies and messages that the hub takes."""

import enum
from collections.abc import Mapping
from typing import Any

from crowdsafe.contract.site_document import read_document
from crowdsafe.resources import DEMO_SITE, resource
from tests.hub.conftest import CAMERA, PASSWORD, WORKER

HEAD = "head"
OTHER_PASSWORD = "another long one"


class Late(enum.Enum):
    """A value that is only known when it is sent."""

    NOW_S = "the time"
    SEQ = "the next sequence number"
    DRAFT = "the identifier of a warning that waits, to be approved"
    DRAFTED = "the alarm that it is about"
    BAD_DRAFT = "the identifier of another one, to be discarded"
    BADLY_DRAFTED = "the alarm that the other one is about"
    OUT_OF_SERVICE = "an alarm that is out of service"
    NEWEST = "the newest revision, published or not"
    PUBLISHED = "the revision that is published"


LINE: dict[str, Any] = {"line_id": "junction_east", "into": 1.0, "out": 0.0, "span_s": 0.5}


def observation(**changes: Any) -> dict[str, Any]:
    """Return an observation of the demo's camera."""
    reading = {
        "zone_id": "junction",
        "count": 6.4,
        "count_sd": 0.5,
        "density_ppm2": 0.1,
        "density_sd_ppm2": 0.008,
        "seen_share": 1.0,
        "peak": {"ppm2": 0.3, "sd_ppm2": 0.1, "at_m": [1.0, 2.0]},
        "motion": {
            "by": "tracks",
            "people": 5.0,
            "speed_m_s": 1.1,
            "speed_sd_m_s": 0.2,
            "velocity_m_s": [0.5, -0.5],
            "counter_flow_share": 0.1,
            "standing_share": 0.2,
            "stop_and_go_share": 0.0,
            "pressure_per_s2": 0.01,
        },
        "cells": {"columns": [3, 4], "rows": [4, 4], "people": [1.9, 0.5]},
    }
    return {
        "type": "observation",
        "camera_id": CAMERA,
        "seq": Late.SEQ,
        "captured_at_s": Late.NOW_S,
        "sent_at_s": Late.NOW_S,
        "ticks_s": 10.0,
        "revision": Late.PUBLISHED,
        "analysis_ms": 50.0,
        "frames_dropped": 0,
        "people_in_view": 7.0,
        "picture": {"name": "ok", "since_s": None, "shift_px": 0.1, "shift_m": 0.01},
        "cell_m": 0.5,
        "lines": [],
        "zones": [reading],
        **changes,
    }


def hello(**changes: Any) -> dict[str, Any]:
    """Return the first message of the demo's worker."""
    return {
        "type": "hello",
        "worker": WORKER,
        "version": "0",
        "detector": "test",
        "camera_ids": [CAMERA],
        "sent_at_s": Late.NOW_S,
        "ticks_s": 10.0,
        "revision": Late.PUBLISHED,
        "content_hash": None,
        "height_m": 1.7,
        **changes,
    }


CAMERA_STATUS: dict[str, Any] = {
    "type": "camera_status",
    "camera_id": CAMERA,
    "at_s": Late.NOW_S,
    "status": "running",
    "detail": "all is well",
}
RUNS_REVISION: dict[str, Any] = {
    "type": "runs_revision",
    "revision": 2,
    "content_hash": "0" * 64,
    "refused": None,
    "wrong": "",
}
WATCH: dict[str, Any] = {"type": "watch", "zone_id": "junction", "cells": True}

IDS: Mapping[str, tuple[Any, ...]] = {
    "alarm_id": tuple(range(1, 13)),
    "measure_id": ("junction_keep_moving", "junction_hold_east", "keep_right"),
    "zone_id": ("junction", "west_path", "north_road"),
    "number": (1, 2, 3, 4),
}
"""Ids in paths that are there, or may be."""
FIRST_IDS: Mapping[str, Any] = {
    "POST /api/alarms/{alarm_id}/in-service": Late.OUT_OF_SERVICE,
    "POST /api/revisions/{number}/publish": Late.NEWEST,
    "GET /api/warnings/{alarm_id}/xml": Late.DRAFTED,
    "POST /api/warnings/{alarm_id}/approve": Late.DRAFTED,
    "POST /api/warnings/{alarm_id}/discard": Late.BADLY_DRAFTED,
}
"""What comes before them on a route that needs another one."""
NAMES: Mapping[str, tuple[str, ...]] = {
    "people": ("guest", "night_shift", "bureau", "workshop", HEAD, "new_one", "New_One"),
    "workers": (WORKER, "mast_2", "new_mast"),
}
"""The same of people and workers, whose routes name both ``name``."""

_DRAFT = {
    "parent": Late.PUBLISHED,
    "reason": "as it was measured today",
    "document": read_document(resource(DEMO_SITE)).content(),
}
_DRAFT["document"]["cameras"][CAMERA]["range_m"] = 44.0

QUERIES: Mapping[str, dict[str, Any]] = {
    "GET /api/zones/{zone_id}/history": {"from_s": 1.7e9, "to_s": Late.NOW_S, "max_points": 100},
    "GET /api/alarms": {"from_s": 0, "to_s": Late.NOW_S, "zone_id": "junction", "newest": 10},
}
"""Queries of routes that answer with something only for a right one."""
BODIES: Mapping[str, tuple[Any, ...]] = {
    "POST /api/session": ({"name": "guest", "password": PASSWORD},),
    "PUT /api/session/password": ({"password": PASSWORD, "new_password": OTHER_PASSWORD},),
    "PUT /api/people/{name}": (
        {"role": "viewer", "password": PASSWORD},
        {"role": "organiser", "password": None},
    ),
    "POST /api/workers": ({"name": WORKER}, {"name": "mast_2"}),
    "POST /api/alarms/{alarm_id}/shelve": ({"for_s": 1.0, "reason": "people are sent there"},),
    "POST /api/out-of-service": (
        {"cause": "density", "subject_id": "west_path", "reason": "a stage is built there"},
        {"cause": "silence", "subject_id": CAMERA, "reason": "the mast is moved"},
        {"cause": "forecast", "subject_id": "north_road", "reason": "the parade goes there"},
    ),
    "POST /api/shift": ({"note": "all quiet"}, {}),
    "POST /api/warnings/{alarm_id}/approve": ({"identifier": Late.DRAFT, "scope": "Restricted"},),
    "POST /api/warnings/{alarm_id}/discard": ({"identifier": Late.BAD_DRAFT},),
    "POST /api/revisions": (_DRAFT,),
    "POST /api/revisions/{number}/publish": ({"reason": "agreed with the police"},),
    "POST /api/revisions/{number}/roll-back": ({"reason": "the mast is back in place"},),
    "POST /api/observations": (
        observation(),
        observation(picture={"name": "frozen", "since_s": Late.NOW_S}),
        observation(zones=[], lines=[LINE]),
    ),
}
"""Bodies that are taken, where the state allows it."""
FREE = ("document",)
"""Fields that hold what is checked as a file is, and may have keys of others."""
