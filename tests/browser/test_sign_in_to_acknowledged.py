"""A real Chromium on the running hub and edge worker with the real clip and model."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.live import LiveDemo, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

_OPEN_DENSITY_ALARM = '[data-testid^="alarm-"][data-cause="density"][data-state="unacknowledged"]'


@pytest.fixture(scope="module")
def page(new_page: NewPage) -> Iterator[Page]:
    page = new_page()
    yield page
    page.context.close()


def _alarm_events(folder: Path, alarm_id: int) -> list[str]:
    with closing(sqlite3.connect(folder / "demo.db")) as database:
        rows = database.execute(
            "select action from audit where subject = ? and action like 'alarm.%' order by seq",
            (f"alarm/{alarm_id}",),
        )
        return [row[0].removeprefix("alarm.") for row in rows]


def test_an_operator_signs_in_sees_the_rise_acknowledges_and_survives_a_killed_hub(
    demo: LiveDemo, page: Page
) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))

    page.goto(demo.address)
    page.fill("input[name=name]", "demo")
    page.fill("input[name=password]", "not the password")
    page.click("button[type=submit]")
    expect(page.get_by_role("alert").first).to_be_visible()
    page.fill("input[name=password]", demo.password)
    page.click("button[type=submit]")
    page.wait_for_selector("[data-testid=live]")
    page.wait_for_selector('[data-testid=map][data-ready="true"]')

    # Values move: the junction's picture is newer a moment later, and one of the zones changes.
    junction = page.get_by_test_id("zone-junction")
    expect(junction).not_to_have_attribute("data-level", "unknown")
    seen = junction.get_attribute("data-captured-at")
    expect(junction).not_to_have_attribute("data-captured-at", seen or "")
    density = junction.get_attribute("data-density")
    expect(junction).not_to_have_attribute("data-density", density or "")
    expect(page.get_by_test_id("camera-view_001")).to_have_attribute("data-health", "ok")

    # The clip itself raises an alarm; the operator acknowledges it.
    alarm = page.locator(_OPEN_DENSITY_ALARM).first
    alarm.wait_for(timeout=120_000)
    alarm_id = int((alarm.get_attribute("data-testid") or "").removeprefix("alarm-"))
    page.get_by_test_id(f"acknowledge-{alarm_id}").click()
    this = page.get_by_test_id(f"alarm-{alarm_id}")
    expect(this).not_to_have_attribute("data-state", "unacknowledged")
    wait_until(
        lambda: any(
            event in ("acknowledged", "ended") for event in _alarm_events(demo.folder, alarm_id)
        ),
        within_s=10,
    )

    # Hung, the hub is missed on the page; killed, it comes back and still knows. Killed at once it
    # could be back before the page's three seconds of silence are over.
    hub = demo.part("hub run")
    hub.suspend()
    expect(page.get_by_test_id("veil")).to_be_visible()
    hub.kill()

    def another_runs() -> bool:
        now = demo.part_if_alive("hub run")
        return now is not None and now.pid != hub.pid

    wait_until(another_runs, within_s=20, what=demo.output)
    expect(page.get_by_test_id("veil")).to_be_hidden()
    expect(junction).not_to_have_attribute("data-level", "unknown")
    assert "raised" in _alarm_events(demo.folder, alarm_id)
    state = this.get_attribute("data-state") if this.count() else "normal"
    assert state in ("acknowledged", "normal")

    # And the crowd thins out: the alarm ends without another word.
    wait_until(
        lambda: _alarm_events(demo.folder, alarm_id)[-1:] == ["ended"],
        within_s=120,
        what=lambda: str(_alarm_events(demo.folder, alarm_id)),
    )
    assert _alarm_events(demo.folder, alarm_id).count("raised") == 1
    assert errors == []


def test_an_impatient_control_c_ends_everything_the_demo_started(demo: LiveDemo) -> None:
    started = demo.children()
    assert len(started) == 2
    assert demo.interrupt(times=2) == 0
    _, alive = psutil.wait_procs(started, timeout=10)
    assert alive == []
