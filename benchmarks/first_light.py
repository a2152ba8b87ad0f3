"""One camera at 2 pictures/s: processor time of the edge worker, and delay from camera to page.

Runs the demo as a user does and looks at it through a real Chromium. The delay is from the capture
of a picture to the moment when the page has drawn a zone's value of it.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from crowdsafe.hub.page_feed import unpacked
from tests.browser import chromium
from tests.live import LiveDemo

WARM_UP_S = 8.0
MEASURED_S = 40.0
_WATCH = """
() => {
  window.delays = [];
  const zone = document.querySelector('[data-testid="zone-junction"]');
  new MutationObserver(() => {
    const captured = Number(zone.dataset.capturedAt);
    requestAnimationFrame(() => window.delays.push(Date.now() / 1000 - captured));
  }).observe(zone, { attributes: true, attributeFilter: ['data-captured-at'] });
}
"""


def main() -> None:
    """Measure and print one JSON line and two sentences."""
    with tempfile.TemporaryDirectory() as folder:
        demo = LiveDemo(Path(folder))
        try:
            figures = _measure(demo)
        finally:
            demo.interrupt()
    print(json.dumps(figures))
    print(
        f"edge worker: {figures['edge_cores']:.2f} cores for one 768×576 camera at "
        f"{figures['analysed_per_s']:.1f} pictures/s (analysis {figures['analysis_ms']:.0f} ms, "
        f"{figures['dropped']} dropped); hub: {figures['hub_cores']:.2f} cores"
    )
    print(
        f"capture to page: p50 {1000 * figures['delay_p50_s']:.0f} ms, "
        f"p95 {1000 * figures['delay_p95_s']:.0f} ms over {figures['values']} values"
    )
    print(f"start of the demo to first live zone value: {figures['first_value_s']:.1f} s")


def _measure(demo: LiveDemo) -> dict[str, float]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=chromium.ARGUMENTS
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        states: list[dict[str, float]] = []
        page.on("websocket", lambda socket: socket.on("framereceived", _keep(states)))
        page.goto(demo.address)
        page.fill("input[name=name]", "demo")
        page.fill("input[name=password]", demo.password)
        page.click("button[type=submit]")
        page.wait_for_selector('[data-testid=map][data-ready="true"]')
        time.sleep(WARM_UP_S)
        edge, hub = demo.part("crowdsafe edge"), demo.part("hub run")
        before = [sum(process.cpu_times()[:2]) for process in (edge, hub)]
        begun_s = time.monotonic()
        page.evaluate(_WATCH)
        page.wait_for_timeout(1000 * MEASURED_S)
        delays = sorted(page.evaluate("window.delays"))
        span_s = time.monotonic() - begun_s
        after = [sum(process.cpu_times()[:2]) for process in (edge, hub)]
        browser.close()
    return {
        "edge_cores": (after[0] - before[0]) / span_s,
        "hub_cores": (after[1] - before[1]) / span_s,
        "analysed_per_s": len(delays) / span_s,
        "analysis_ms": statistics.median(state["analysis_ms"] for state in states),
        "dropped": states[-1]["frames_dropped"] - states[0]["frames_dropped"],
        "delay_p50_s": delays[len(delays) // 2],
        "delay_p95_s": delays[int(0.95 * len(delays))],
        "values": len(delays),
        "first_value_s": demo.first_value_s,
    }


def _keep(states: list[dict[str, float]]) -> Callable[[str | bytes], None]:
    def keep(message: str | bytes) -> None:
        told = unpacked(message) if isinstance(message, bytes) else message
        for state in json.loads(told).get("camera_states", []):
            if state["analysis_ms"] is not None:
                states.append(state)

    return keep


if __name__ == "__main__":
    main()
