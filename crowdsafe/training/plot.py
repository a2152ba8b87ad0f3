"""A picture of a run: its losses over time, as SVG without a plotting library."""

from __future__ import annotations

import csv
import math
from pathlib import Path

from crowdsafe.errors import BadInput

_WIDTH_PX = 720
_HEIGHT_PX = 400
_LEFT_PX, _RIGHT_PX, _TOP_PX, _BOTTOM_PX = 60, 110, 30, 45
_COLOURS = {
    "loss": "#1a1a1a",
    "heat": "#0072b2",
    "offset": "#56b4e9",
    "size": "#009e73",
    "density": "#d55e00",
    "count": "#cc79a7",
}


def plot_run(log_path: Path, svg_path: Path) -> None:
    """Draw the losses of a run's log.csv over its minutes, the losses on a logarithmic axis.

    Raises BadInput if the log is missing or has no rows.
    """
    if not log_path.is_file():
        raise BadInput(f"{log_path}: no log here; expected one written by fit")
    with log_path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if not rows:
        raise BadInput(f"{log_path}: no rows; expected at least one to draw")
    minutes = [float(row["minutes"]) for row in rows]
    curves = {name: [max(float(row[name]), 1e-6) for row in rows] for name in _COLOURS}
    low = math.floor(math.log10(min(min(curve) for curve in curves.values())))
    high = math.ceil(math.log10(max(max(curve) for curve in curves.values())))

    def x_px(minute: float) -> float:
        return _LEFT_PX + (_WIDTH_PX - _LEFT_PX - _RIGHT_PX) * minute / max(minutes[-1], 1e-9)

    def y_px(value: float) -> float:
        span = max(high - low, 1)
        inner = _HEIGHT_PX - _TOP_PX - _BOTTOM_PX
        return _HEIGHT_PX - _BOTTOM_PX - inner * (math.log10(value) - low) / span

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH_PX} {_HEIGHT_PX}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH_PX}" height="{_HEIGHT_PX}" fill="white"/>',
    ]
    for power in range(low, high + 1):
        y = y_px(10.0**power)
        parts.append(
            f'<path d="M{_LEFT_PX} {y:.1f}H{_WIDTH_PX - _RIGHT_PX}" stroke="#ddd"/>'
            f'<text x="{_LEFT_PX - 6}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g}</text>'
        )
    for number in range(5):
        minute = minutes[-1] * number / 4
        parts.append(
            f'<text x="{x_px(minute):.1f}" y="{_HEIGHT_PX - _BOTTOM_PX + 18}" '
            f'text-anchor="middle">{minute:.0f}</text>'
        )
    parts.append(
        f'<text x="{(_LEFT_PX + _WIDTH_PX - _RIGHT_PX) / 2}" y="{_HEIGHT_PX - 8}" '
        'text-anchor="middle">minutes of training</text>'
    )
    for name, curve in curves.items():
        points = " ".join(
            f"{x_px(minute):.1f},{y_px(value):.1f}"
            for minute, value in zip(minutes, curve, strict=True)
        )
        colour = _COLOURS[name]
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
            f'<text x="{_WIDTH_PX - _RIGHT_PX + 6}" y="{y_px(curve[-1]) + 4:.1f}" '
            f'fill="{colour}">{name} {curve[-1]:.3g}</text>'
        )
    svg_path.write_text("\n".join([*parts, "</svg>"]) + "\n", encoding="utf-8")
