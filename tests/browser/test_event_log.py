"""The record as a real Chromium shows it: what happened, what of it, and what one missed."""

import csv
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from crowdsafe.demo import USER, DemoPlan
from tests.browser.conftest import NewPage, SignIn
from tests.browser.parts import Crowd

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(200)]

_ZONE, _AREA_M2 = "west_path", 34.0
_CLEAR_PPM2, _TIGHT_PPM2 = 0.02, 0.12
_LEAD, _PASSWORD = "lead", "a long enough one"


@pytest.fixture(scope="module")
def lead(new_page: NewPage, exercise: DemoPlan) -> Iterator[Page]:
    """The page of somebody who may answer alarms and take the record away."""
    subprocess.run(
        [
            *(sys.executable, "-m", "crowdsafe", "hub", "add-user", _LEAD),
            *("--role", "administrator", "--config", str(exercise.hub_file)),
        ],
        input=f"{_PASSWORD}\n{_PASSWORD}\n",
        text=True,
        check=True,
        capture_output=True,
    )
    page = new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{exercise.address}/#/log?span=all")
    page.fill("input[name=name]", _LEAD)
    page.fill("input[name=password]", _PASSWORD)
    page.click("button[type=submit]")
    yield page
    page.context.close()
    assert errors == []


def _rows(page: Page, action: str | None = None) -> Locator:
    what = "" if action is None else f'[data-action="{action}"]'
    return page.locator(f"[data-event]{what}")


def test_an_alarm_is_found_in_the_log_filtered_and_taken_away(
    lead: Page, exercise: DemoPlan, tmp_path: Path
) -> None:
    page = lead
    # The address alone opens it, and the rail stays beside it.
    expect(page.get_by_test_id("log")).to_be_visible()
    expect(page.locator("#alarms-title")).to_be_visible()
    expect(_rows(page, "person.signed_in").first).to_contain_text(f"{_LEAD} meldet sich an.")
    with Crowd(exercise, zone_id=_ZONE, area_m2=_AREA_M2, density_ppm2=_CLEAR_PPM2) as crowd:
        expect(page.get_by_test_id("log-place")).to_have_value("")
        page.get_by_test_id("log-place").select_option(_ZONE)
        expect(page).to_have_url(re.compile(f"#/log\\?span=all&place={_ZONE}$"))
        crowd.density_ppm2 = _TIGHT_PPM2
        alarm = page.locator(f'article[data-cause="density"][data-zone="{_ZONE}"]')
        expect(alarm).to_have_attribute("data-state", "unacknowledged")

        # What comes while nothing is read stands on top by itself.
        raised = _rows(page, "alarm.raised").first
        expect(raised).to_contain_text(re.compile(r"Alarm Westweg, Dichte 0,\d\d P/m² \(Grenze"))
        raised.click()
        facts = page.get_by_test_id("event-facts")
        expect(facts).to_contain_text(re.compile(r"0,\d\d P/m² ± 0,\d\d"))
        expect(facts).to_contain_text(re.compile(r"[0-9a-f]{64}"))

        # What comes while something is read waits above.
        top = raised.bounding_box()
        alarm.get_by_role("button", name="Quittieren").click()
        expect(alarm).to_have_attribute("data-state", "acknowledged")
        expect(page.get_by_test_id("log-fresh")).to_contain_text(re.compile(r"\d neu"))
        assert raised.bounding_box() == top
        expect(_rows(page, "alarm.acknowledged")).to_have_count(0)
        page.get_by_test_id("log-fresh").click()
        taken = _rows(page, "alarm.acknowledged").first
        expect(taken).to_contain_text(f"Quittiert von {_LEAD}: Westweg, Dichte.")

    # Filters narrow it, stand in the address, and go with the file.
    page.get_by_test_id("log-actor").select_option(_LEAD)
    page.get_by_test_id("log-kind-alarms").click()
    expect(page).to_have_url(re.compile(f"kinds=alarms&place={_ZONE}&actor={_LEAD}$"))
    expect(_rows(page)).to_have_count(1)
    page.get_by_test_id("log-text").fill("westweg")
    expect(page).to_have_url(re.compile("text=westweg"))
    expect(_rows(page)).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_test_id("log-export").click()
    file = tmp_path / "record.csv"
    download.value.save_as(file)
    with file.open(encoding="utf-8", newline="") as opened:
        (row,) = csv.DictReader(opened)
    assert (row["actor"], row["action"]) == (_LEAD, "alarm.acknowledged")
    page.get_by_test_id("log-text").fill("davon gibt es nichts")
    expect(page.get_by_test_id("log")).to_contain_text("steht in dieser Zeit nichts im Protokoll")
    page.get_by_test_id("log-clear").click()
    page.get_by_test_id("log-kind-record").click()
    expect(_rows(page, "record.exported").first).to_contain_text(
        f"{_LEAD} sichert einen Auszug des Protokolls."
    )

    # The arrows walk it, and Escape goes back.
    page.get_by_test_id("log-kind-record").click()
    _rows(page).first.focus()
    page.keyboard.press("ArrowDown")
    expect(_rows(page).nth(1)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("log")).to_have_count(0)
    expect(page.get_by_test_id("open-log")).to_be_focused()
    page.keyboard.press("l")
    expect(page.get_by_test_id("log")).to_be_visible()
    page.keyboard.press("l")


def test_an_operator_reads_it_and_does_not_take_it_away(
    signed_in: SignIn, exercise: DemoPlan
) -> None:
    page = signed_in(exercise.address, exercise.password)
    page.keyboard.press("?")
    expect(page.get_by_test_id("keys")).to_contain_text("Protokoll öffnen")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("keys")).to_have_count(0)
    page.keyboard.press("l")
    expect(_rows(page).first).to_be_visible()
    expect(page.get_by_test_id("log-export")).to_have_count(0)
    expect(page.get_by_test_id("log")).to_contain_text("Sichern dürfen Veranstalter")
    page.context.close()


def test_who_comes_back_is_told_what_they_missed_beside_the_rail(
    new_page: NewPage, exercise: DemoPlan, lead: Page
) -> None:
    page = new_page()
    page.goto(exercise.address)
    seen = f"JSON.stringify({{name: '{USER}', at_s: {time.time() - 900}}})"
    page.evaluate(f"localStorage.setItem('crowdsafe.seen', {seen})")
    page.fill("input[name=name]", USER)
    page.fill("input[name=password]", exercise.password)
    page.click("button[type=submit]")
    strip = page.get_by_test_id("since")
    expect(strip).to_contain_text(re.compile(r"Seit \d\d:\d\d:.*Westweg Dichte (seit )?\d\d:\d\d"))
    rail, box = page.locator(".alarms").bounding_box(), strip.bounding_box()
    assert rail is not None
    assert box is not None
    assert box["x"] >= rail["x"] + rail["width"]
    page.get_by_test_id("since-show").click()
    expect(_rows(page, "alarm.raised").first).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_test_id("since-dismiss").click()
    expect(strip).to_have_count(0)
    page.context.close()
