"""What a person does about an alarm in a real Chromium, from its rise to the hand-over."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from crowdsafe.demo import USER, DemoPlan
from tests.browser.conftest import SignIn
from tests.browser.parts import Crowd

pytestmark = [pytest.mark.browser, pytest.mark.timeout(200)]

_ZONE, _AREA_M2 = "junction", 62.0
_CLEAR_PPM2, _TIGHT_PPM2, _CRITICAL_PPM2 = 0.02, 0.09, 0.30


@dataclass
class _Room:
    """A control room, and the crowd that it watches."""

    page: Page
    crowd: Crowd
    address: str

    @property
    def alarm(self) -> Locator:
        """The one alarm of the zone's density, wherever it stands."""
        return self.page.locator(f'article[data-cause="density"][data-zone="{_ZONE}"]')


@pytest.fixture(scope="module")
def room(signed_in: SignIn, exercise: DemoPlan) -> Iterator[_Room]:
    with Crowd(exercise, zone_id=_ZONE, area_m2=_AREA_M2, density_ppm2=_CLEAR_PPM2) as crowd:
        page = signed_in(exercise.address, exercise.password)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield _Room(page, crowd, exercise.address)
        page.context.close()
        assert errors == []


def _shelve(page: Page, reason: str) -> None:
    page.keyboard.press("s")
    dialog = page.get_by_test_id("aside-dialog")
    expect(dialog).to_contain_text("Wird es schlimmer, ist er sofort wieder da.")
    # Keys that mean an alarm mean nothing while a dialog is open.
    page.keyboard.press("m")
    expect(page.get_by_test_id("measures")).to_have_count(0)
    dialog.get_by_test_id("aside-reason").fill("x")
    dialog.get_by_test_id("aside-submit").click()
    expect(dialog.get_by_role("alert")).to_contain_text("mindestens 3 Zeichen")
    dialog.get_by_text("30 min").click()
    dialog.get_by_role("button", name=reason).click()
    dialog.get_by_test_id("aside-submit").click()
    expect(dialog).to_have_count(0)


def test_an_alarm_is_acknowledged_shelved_brought_back_answered_and_handed_over(
    room: _Room,
) -> None:
    page, alarm = room.page, room.alarm
    expect(page.get_by_test_id("exercise")).to_contain_text("Nichts davon ist echt.")
    expect(page.get_by_test_id(f"zone-{_ZONE}")).to_have_attribute("data-level", "clear")
    expect(page.get_by_test_id("duty")).to_contain_text("niemand im Dienst")
    room.crowd.density_ppm2 = _TIGHT_PPM2

    # It comes, says what is the case in words and by more than a colour, and is acknowledged.
    expect(alarm).to_have_attribute("data-state", "unacknowledged")
    expect(alarm).to_have_attribute("data-priority", "medium")
    expect(alarm).to_contain_text("mittel")
    expect(alarm).to_contain_text(re.compile(r"Kreuzung: 0,\d\d P/m² .*\(Grenze 0,07\)"))
    expect(page.get_by_test_id("overall")).to_contain_text(re.compile("offen.*Kreuzung"))
    expect(alarm).to_contain_text(re.compile(r"geht in .* an die nächste Stelle"))
    page.keyboard.press("a")
    expect(alarm).to_have_attribute("data-state", "acknowledged")
    expect(alarm).not_to_contain_text("an die nächste Stelle")
    expect(alarm).to_contain_text(re.compile(rf"quittiert \d\d:\d\d:\d\d von {USER}"))

    # Shelved with a reason, it stands aside with who, why and until when, and comes back.
    _shelve(page, "Ordner ist vor Ort")
    expect(alarm).to_have_attribute("data-state", "shelved")
    expect(page.get_by_test_id("aside")).to_contain_text("Beiseite (1)")
    expect(alarm).to_contain_text("Ordner ist vor Ort")
    expect(alarm).to_contain_text(re.compile(rf"von {USER}.*bis \d\d:\d\d \(noch (29|30)\smin"))
    expect(page.get_by_test_id("overall")).to_contain_text("beiseite")
    alarm.get_by_role("button", name="Zurückholen").click()
    expect(alarm).to_have_attribute("data-state", "unacknowledged")

    # A measure is shown with its exact words, and asks for two presses, the second not at once.
    page.keyboard.press("m")
    measure = page.get_by_test_id("measure-junction_keep_moving")
    expect(measure).to_contain_text("Bitte bleiben Sie dort nicht stehen.")
    expect(measure).to_contain_text("Kreuzung voll – bitte Nordstraße nehmen")
    expect(measure).to_contain_text("Von Hand: Gesendet wird nichts.")
    expect(measure).to_contain_text("freigegeben 12.01.2026")
    confirm = page.get_by_test_id("confirm-junction_keep_moving")
    confirm.dblclick()
    expect(confirm).to_have_attribute("data-armed", "yes")
    expect(page.get_by_test_id("receipt-junction_keep_moving")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(confirm).to_have_attribute("data-armed", "no")
    confirm.click()
    expect(confirm).to_have_attribute("data-armed", "yes")
    confirm.click()
    receipt = page.get_by_test_id("receipt-junction_keep_moving")
    expect(receipt).to_have_attribute("data-delivery", "by_hand")
    expect(receipt).to_contain_text(f"von {USER}")

    # One that goes out says where to, and loudly that it did not arrive.
    send = page.get_by_test_id("confirm-steward_to_zone")
    expect(send).to_have_text("Bestätigen und senden")
    expect(page.get_by_test_id("measure-steward_to_zone")).to_contain_text("Geht an mast.")
    send.click()
    expect(send).to_have_text("Ja, jetzt senden")
    expect(send).to_have_attribute("data-armed", "yes")
    send.click()
    sent = page.get_by_test_id("receipt-steward_to_zone")
    expect(sent).to_have_attribute("data-delivery", "failed")
    expect(sent).to_have_attribute("role", "alert")
    expect(sent).to_contain_text("Bitte über Funk oder von Hand ausführen.")

    page.keyboard.press("Escape")
    expect(page.get_by_test_id("measures")).to_have_count(0)
    expect(receipt).to_contain_text("Durchsage: an der Kreuzung weitergehen")

    # The next shift takes over what stands.
    page.get_by_test_id("duty").click()
    shift = page.get_by_test_id("shift")
    expect(shift.get_by_test_id("shift-raised")).to_contain_text(re.compile(r"\d \(.*mittel"))
    expect(shift.get_by_test_id("shift-measures")).to_have_text("2")
    expect(shift).to_contain_text("Ordner hinschicken: Lage melden")
    expect(shift).to_contain_text("Zonen ohne Sicht")
    expect(shift).to_contain_text(re.compile(r"Kreuzung: 0,\d\d P/m²"))
    shift.get_by_test_id("shift-note").fill("Ordner bleibt bis zum Ende.")
    shift.get_by_test_id("take-over").click()
    expect(shift).to_have_count(0)
    expect(page.get_by_test_id("duty")).to_have_attribute("data-name", USER)
    expect(page.get_by_test_id("duty")).to_contain_text(f"im Dienst: {USER}")

    # All of it is in the record, under the person's name.
    with httpx.Client(base_url=room.address, cookies=_cookies(page)) as client:
        events = client.get("/api/record/events").json()
    done = [each["action"] for each in events["events"] if each["actor"] == USER]
    for action in (
        "alarm.acknowledged",
        "alarm.shelved",
        "alarm.unshelved",
        "measure.confirmed",
        "shift.taken_over",
    ):
        assert action in done, done


def test_what_gets_worse_comes_back_at_once_and_reads_the_same_in_english(room: _Room) -> None:
    page, alarm = room.page, room.alarm
    _shelve(page, "Maßnahme läuft")
    expect(alarm).to_have_attribute("data-state", "shelved")
    room.crowd.density_ppm2 = _CRITICAL_PPM2
    expect(alarm).to_have_attribute("data-state", "unacknowledged")
    expect(alarm).to_have_attribute("data-priority", "high")
    expect(alarm).to_contain_text("Kreuzung kritisch:")
    page.get_by_test_id("language").click()
    expect(alarm).to_contain_text(re.compile(r"Junction critical: 0\.\d\d p/m² .*\(limit 0\.12\)"))
    page.keyboard.press("?")
    expect(page.get_by_test_id("keys")).to_contain_text("shelve the chosen alarm")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("keys")).to_have_count(0)


def _cookies(page: Page) -> dict[str, str]:
    return {each["name"]: each["value"] for each in page.context.cookies()}
