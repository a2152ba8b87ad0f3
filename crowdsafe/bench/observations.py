"""Observations as text, of which only the numbers are written anew: the sender must cost little."""

import json
from math import pi, sin
from typing import Any

from crowdsafe.bench.site_files import BenchCamera, BenchZone
from crowdsafe.domain.crowd.grid import CELL_M

# Densities stay below the first threshold, so that no alarm is part of the load.
_MEAN_PPM2 = 0.5
_SWING_PPM2 = 0.2
_PERIOD_S = 90.0
_MARK = "%s"


class ObservationText:
    """Writes the observations of one camera.

    Args:
        camera: which, with its zones.
        cells: how many cells with people each zone has; without any, a zone has neither cells nor
            a peak nor motion, only its count and density.
    """

    def __init__(self, camera: BenchCamera, *, cells: int) -> None:
        self.camera = camera
        self._areas_m2 = tuple(zone.area_m2 for zone in camera.zones)
        self._phases = tuple(
            2 * pi * ((camera.group * len(camera.zones) + number) % 97) / 97
            for number in range(len(camera.zones))
        )
        document: dict[str, Any] = {
            "type": "observation",
            "sent_at_s": _MARK,
            "ticks_s": _MARK,
            "camera_id": camera.id,
            "seq": _MARK,
            "captured_at_s": _MARK,
            "analysis_ms": 85.2,
            "frames_dropped": 0,
            "people_in_view": 40.0,
            "zones": [_reading(zone, cells=cells) for zone in camera.zones],
        }
        self._template = json.dumps(document, separators=(",", ":")).replace(f'"{_MARK}"', _MARK)

    def of_revision(self, revision: int | None) -> None:
        """Say from now on that a revision of the site is run."""
        if revision is not None:
            self._template = self._template.replace("{", f'{{"revision":{revision},', 1)

    def at(self, *, seq: int, captured_at_s: float, sent_at_s: float, ticks_s: float) -> str:
        """Return one observation."""
        numbers: list[str] = [
            f"{sent_at_s:.4f}",
            f"{ticks_s:.4f}",
            str(seq),
            f"{captured_at_s:.6f}",
        ]
        turned = 2 * pi * captured_at_s / _PERIOD_S
        for area_m2, phase in zip(self._areas_m2, self._phases, strict=True):
            density_ppm2 = _MEAN_PPM2 + _SWING_PPM2 * sin(turned + phase)
            numbers += (f"{density_ppm2 * area_m2:.3f}", f"{density_ppm2:.4f}")
        return self._template % tuple(numbers)


def _reading(zone: BenchZone, *, cells: int) -> dict[str, Any]:
    reading: dict[str, Any] = {
        "zone_id": zone.id,
        "count": _MARK,
        "count_sd": 1.25,
        "density_ppm2": _MARK,
        "density_sd_ppm2": 0.026,
        "seen_share": 1.0,
    }
    if not cells:
        return reading
    west, south, east, north = zone.bounds_m
    column0, row0 = round(west / CELL_M) + 1, round(south / CELL_M) + 1
    wide = max(1, int((east - west) / CELL_M) - 2)
    places = [(column0 + each % wide, row0 + each // wide) for each in range(cells)]
    middle_m = [(west + east) / 2, (south + north) / 2]
    return {
        **reading,
        "peak": {"ppm2": 1.03, "sd_ppm2": 0.21, "at_m": middle_m},
        "motion": {
            "by": "tracks",
            "people": 11.0,
            "speed_m_s": 0.83,
            "speed_sd_m_s": 0.21,
            "velocity_m_s": [0.412, -0.155],
            "counter_flow_share": 0.12,
            "standing_share": 0.2,
            "stop_and_go_share": 0.05,
            "pressure_per_s2": 0.013,
        },
        "cells": {
            "columns": [column for column, _ in places],
            "rows": [row for _, row in places],
            "people": [1.0] * cells,
        },
    }
