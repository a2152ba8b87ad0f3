"""What was measured, as a real Chromium shows it, and a camera that freezes before its eyes."""

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice, repeat
from pathlib import Path
from typing import Any

import av
import pytest
from playwright.sync_api import Locator, Page, expect

from crowdsafe.demo import prepare
from crowdsafe.edge.source import recording
from crowdsafe.resources import DEMO_CLIP, resource
from tests.browser.conftest import SignIn
from tests.browser.parts import Parts, answers
from tests.live import LiveDemo, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ZONES = ("junction", "west_path", "north_road")
_WITHIN_MS = 60_000
_LIVING_S, _FROZEN_S = 6, 120
_PER_S = 10

# One look at the page, so that all figures are of one moment: a zone with somebody who walks, and
# the panel once it is of this zone.
_WALKED_IN = """() => {
  const told = (element) => ({ ...element.dataset, text: element.innerText })
  for (const card of document.querySelectorAll('[data-testid^="zone-"][data-speed]')) {
    const speed = Number(card.dataset.speed)
    if (card.dataset.speed === '' || speed < 0.3 || speed > 2.5) continue
    // Somebody who has just come in is not yet one of the steadied count.
    if (Number(card.dataset.density) === 0) continue
    const panel = document.querySelector('[data-testid="panel"]')
    if (panel === null || 'zone-' + panel.dataset.zone !== card.dataset.testid) {
      card.click()
      return null
    }
    if (!panel.querySelector('[data-testid="direction"]')?.dataset.bearing) continue
    const parts = [...panel.querySelectorAll('[data-testid]')]
    return {
      card: told(card),
      whole: panel.innerText,
      panel: Object.fromEntries(parts.map((part) => [part.dataset.testid, told(part)])),
    }
  }
  return null
}"""
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


@pytest.fixture(scope="module")
def page(signed_in: SignIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    demo = LiveDemo(tmp_path_factory.mktemp("measures"))
    try:
        page = signed_in(demo.address, demo.password)
        yield page
        page.context.close()
    finally:
        demo.interrupt()


def _number(locator: Locator, attribute: str) -> float:
    """Wait for the attribute to be a number, and return it."""
    expect(locator).to_have_attribute(attribute, re.compile(r"^-?[0-9.]+(e-?[0-9]+)?$"))
    return float(locator.get_attribute(attribute) or "")


def _walked_in(page: Page) -> dict[str, Any]:
    result: dict[str, Any] = page.wait_for_function(
        _WALKED_IN, polling=100, timeout=_WITHIN_MS
    ).json_value()
    return result


def test_a_zone_is_shown_with_all_that_was_measured_of_it(page: Page) -> None:
    expect(page.get_by_test_id("camera-view_001")).to_have_attribute("data-health", "ok")
    expect(page.get_by_test_id("camera-view_001")).to_contain_text("in Ordnung")
    seen = _walked_in(page)
    card, panel = seen["card"], seen["panel"]

    assert card["doubt"] == card["unknownReason"] == ""
    assert card["peakAbove"] in ("true", "false")
    assert float(card["density"]) > 0
    assert float(card["densitySd"]) > 0
    assert float(card["peak"]) >= float(card["density"])
    assert 0 < float(card["seenShare"]) <= 1
    assert re.search(r"\d,\d+\s*±\s*\d,\d+", card["text"]), card["text"]
    assert re.search(r"Spitze \d,\d", card["text"]), card["text"]
    assert re.search(r"einsehbar \d+\s*%", card["text"]), card["text"]

    # The panel has the same figures, and how they came about.
    assert panel["density"]["value"] == card["density"]
    assert panel["density"]["sd"] == card["densitySd"]
    assert panel["peak"]["value"] == card["peak"]
    assert float(panel["peak"]["sd"]) > 0
    assert panel["speed"]["value"] == card["speed"]
    assert float(panel["speed"]["sd"]) >= 0
    assert panel["seen-share"]["value"] == card["seenShare"]
    assert 0 <= float(panel["direction"]["bearing"]) <= 360
    for id_ in ("standing", "counter-flow"):
        assert 0 <= float(panel[id_]["value"]) <= 1
    for id_ in ("pressure", "stop-and-go"):
        assert panel[id_]["value"] == "" or float(panel[id_]["value"]) >= 0
    for id_ in ("density", "peak"):
        assert re.search(r"\d,\d+\s*±\s*\d,\d+\s*P/m²", panel[id_]["text"]), panel[id_]
    assert re.fullmatch(r"\d,\d\d ± \d,\d\d\s*m/s", panel["speed"]["text"].strip())
    by_tracks = panel["motion"]["by"] == "tracks"
    assert by_tracks or panel["motion"]["by"] == "flow"
    assert ("verfolgt" if by_tracks else "Bildfluss") in panel["motion-by"]["text"]
    assert panel["cameras"]["text"].strip() == "Mast 1"
    assert "doubt" not in panel
    assert "why-unknown" not in panel


def test_the_same_is_there_in_english(page: Page) -> None:
    page.get_by_test_id("language").click()
    try:
        seen = _walked_in(page)
        card, panel = seen["card"], seen["panel"]
        assert re.search(r"peak \d\.\d", card["text"]), card["text"]
        assert re.search(r"seen \d+\s*%", card["text"]), card["text"]
        assert re.fullmatch(r"\d\.\d\d ± \d\.\d\d\s*m/s", panel["speed"]["text"].strip())
        by_tracks = panel["motion"]["by"] == "tracks"
        assert ("followed" if by_tracks else "picture flow") in panel["motion-by"]["text"]
        expect(page.get_by_test_id("camera-view_001")).to_contain_text("working")
        for word in ("Peak", "Speed", "Direction", "Standing", "Counter-flow", "Crowd pressure"):
            assert word in seen["whole"]
        for word in ("Spitze", "Tempo", "Richtung", "Gegenstrom", "Wie gemessen"):
            assert word not in seen["whole"]
    finally:
        page.get_by_test_id("language").click()
    expect(page.get_by_test_id("camera-view_001")).to_contain_text("in Ordnung")


def test_the_heat_layer_is_toggled_by_its_key_and_its_button(page: Page) -> None:
    button, legend = page.get_by_test_id("heat"), page.get_by_test_id("heat-legend")
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(legend).to_have_count(0)
    page.keyboard.press("g")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(legend).to_contain_text("Dichte im Umkreis von 1,5")
    page.get_by_test_id("language").click()
    expect(legend).to_contain_text("Density within 1.5")
    page.get_by_test_id("language").click()
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(legend).to_have_count(0)


def test_the_map_has_the_counting_line_and_the_peak_of_the_open_zone(page: Page) -> None:
    line = page.get_by_test_id("line-junction_east")
    expect(line).to_be_visible()
    assert _number(line, "data-into-per-min") >= 0
    assert _number(line, "data-out-per-min") >= 0
    expect(line).to_have_attribute("aria-label", re.compile("Zähllinie Kreuzung Ost: .*je min"))
    page.get_by_test_id("zone-junction").click()
    expect(page.get_by_test_id("panel")).to_have_attribute("data-zone", "junction")
    expect(page.get_by_test_id("peak-junction")).to_have_attribute(
        "aria-label", re.compile(r"Dichteste Stelle .*: \d,\d+")
    )
    for zone in ZONES:
        if zone != "junction":
            expect(page.get_by_test_id(f"peak-{zone}")).to_have_count(0)


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
    signed_in: SignIn, tmp_path: Path
) -> None:
    clip = tmp_path / "freezes.mp4"
    _write_freezing_clip(clip)
    plan = prepare(folder=tmp_path / "demo", port=0, clip=clip, model=None)
    with Parts(tmp_path) as parts:
        parts.start("hub", "run", "--config", str(plan.hub_file))
        wait_until(lambda: answers(plan.address), within_s=60, what=parts.output)
        page = signed_in(plan.address, plan.password)
        page.evaluate(_NOTE_HEALTHS)
        parts.start("edge", "--config", str(plan.edge_file))

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
