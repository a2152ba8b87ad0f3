"""A camera that freezes before the eyes of a real Chromium."""

import json
import re
from fractions import Fraction
from itertools import islice, repeat
from pathlib import Path

import av
import pytest
from playwright.sync_api import expect

from crowdsafe.demo import DemoPlan
from crowdsafe.edge.source import recording
from crowdsafe.resources import DEMO_CLIP, resource
from tests.browser.conftest import SignIn
from tests.browser.parts import Parts

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(300)]

ZONES = ("junction", "west_path", "north_road")
_LIVING_S, _FROZEN_S = 6, 120
_PER_S = 10

# A state that is over before a test asks for it was there all the same.
_NOTE_HEALTHS = """() => {
  window.healths = []
  const note = () => {
    const health = document.querySelector('[data-testid="camera-view_001"]')?.dataset.health
    if (health !== undefined && window.healths.at(-1) !== health) window.healths.push(health)
  }
  note()
  new MutationObserver(note).observe(document.body, { attributes: true, subtree: true })
}"""


def _write_freezing_clip(path: Path) -> None:
    """The sample video, that stands still after some seconds as of a camera that hangs."""
    living = [each.picture for each in islice(recording(resource(DEMO_CLIP)), _LIVING_S * _PER_S)]
    # Only two a second are looked at.
    every = _PER_S // 2
    stamps = [*range(len(living)), *range(len(living), (_LIVING_S + _FROZEN_S) * _PER_S, every)]
    frozen = repeat(living[-1], len(stamps) - len(living))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=_PER_S)
        stream.height, stream.width = living[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        # Without loss, or the encoder goes on making the still picture finer.
        stream.options = {"preset": "ultrafast", "qp": "0"}
        for stamp, picture in zip(stamps, [*living, *frozen], strict=True):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = stamp, Fraction(1, _PER_S)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def test_a_camera_that_freezes_makes_its_zones_unknown_and_raises_an_alarm(
    signed_in: SignIn, exercise: DemoPlan, tmp_path: Path
) -> None:
    clip, edge_file = tmp_path / "freezes.mp4", tmp_path / "edge.toml"
    _write_freezing_clip(clip)
    settings = exercise.edge_file.read_text(encoding="utf-8")
    demo_clip = json.dumps(str(resource(DEMO_CLIP).resolve()))
    assert demo_clip in settings
    edge_file.write_text(settings.replace(demo_clip, json.dumps(str(clip))), encoding="utf-8")
    with Parts(tmp_path) as parts:
        # It takes longer to start than a person to sign in.
        parts.start("edge", "--config", str(edge_file))
        page = signed_in(exercise.address, exercise.password)
        page.evaluate(_NOTE_HEALTHS)

        # No zone shows a calm that was once.
        camera = page.get_by_test_id("camera-view_001")
        expect(camera).to_have_attribute("data-health", "frozen")
        healths = page.evaluate("() => window.healths")
        # A machine that does other work beside the tests is overloaded meanwhile, rightly.
        assert healths[-2] in ("ok", "overloaded"), healths
        assert healths[-1] == "frozen", healths
        for zone in ZONES:
            card = page.get_by_test_id(f"zone-{zone}")
            expect(card).to_have_attribute("data-level", "unknown")
            expect(card).to_have_attribute("data-unknown-reason", "frozen")
            expect(card).to_have_attribute("data-speed", "")
            expect(card).to_have_attribute("data-peak", "")
            expect(card).to_contain_text("unbekannt")
            expect(card).to_contain_text("Standbild")
        expect(camera).to_contain_text("Standbild")
        expect(camera).to_contain_text("Kamera neu starten.")
        page.get_by_test_id("zone-junction").click()
        why = page.get_by_test_id("why-unknown")
        expect(why).to_contain_text("Die Kamera liefert nur ein Standbild.")
        expect(page.get_by_test_id("panel").get_by_test_id("speed")).to_have_count(0)

        alarm = page.locator(
            '[data-testid^="alarm-"][data-cause="picture"][data-state="unacknowledged"]'
        )
        expect(alarm).to_have_count(1)
        expect(alarm).to_contain_text(
            re.compile(r"Mast 1 seit .*: Standbild – 3 Zonen unbekannt\."),
        )
        page.get_by_test_id("language").click()
        expect(camera).to_contain_text("picture frozen")
        expect(alarm).to_contain_text("picture frozen")
        expect(page.get_by_test_id("zone-junction")).to_contain_text("unknown")
        page.context.close()
