"""What was measured, as a real Chromium shows it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SignIn
from tests.live import LiveDemo

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(300)]

ZONES = ("junction", "west_path", "north_road")
_WITHIN_MS = 60_000

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


@pytest.fixture(scope="module")
def page(signed_in: SignIn, demo: LiveDemo) -> Iterator[Page]:
    page = signed_in(demo.address, demo.password)
    yield page
    page.context.close()


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
    # Cells are told only to who asks for them.
    expect(legend).to_have_attribute("data-waiting", "false")
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
