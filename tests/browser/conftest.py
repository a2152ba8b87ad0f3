"""A real Chromium, one for all tests, how a person signs in with it, and the hubs to look at."""

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from crowdsafe.demo import USER, DemoPlan, prepare
from crowdsafe.resources import DEMO_SITE, resource
from tests.browser import chromium
from tests.browser.parts import Parts, answers
from tests.live import LiveDemo, wait_until

_WITHIN_MS = 60_000

NewPage = Callable[[], Page]
SignIn = Callable[[str, str], Page]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A Chromium; Playwright's event loop must not outlive it, or no other test could have one."""
    path = chromium.find()
    assert path is not None, "no Chromium: install it, or say where with the variable CHROMIUM"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=chromium.ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def new_page(browser: Browser) -> NewPage:
    """A function that opens an empty page of a person who reads German."""

    def new() -> Page:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="de-DE")
        context.set_default_timeout(_WITHIN_MS)
        # A count of the clip can stand still for longer than the five seconds that are usual.
        expect.set_options(timeout=_WITHIN_MS)
        return context.new_page()

    return new


@pytest.fixture(scope="package")
def signed_in(new_page: NewPage) -> SignIn:
    """A function that signs the demo's person in at an address, and returns the live page."""

    def sign_in(address: str, password: str) -> Page:
        page = new_page()
        page.goto(address)
        page.fill("input[name=name]", USER)
        page.fill("input[name=password]", password)
        page.click("button[type=submit]")
        page.wait_for_selector('[data-testid=map][data-ready="true"]')
        return page

    return sign_in


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveDemo]:
    """The demo as a user starts it; the last test of it ends it."""
    demo = LiveDemo(tmp_path_factory.mktemp("demo"))
    yield demo
    demo.interrupt()


@pytest.fixture(scope="package")
def exercise(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoPlan]:
    """A hub of the demo's site on its own; whoever wants a camera brings one."""
    folder = tmp_path_factory.mktemp("exercise")
    plan = _exercise(folder)
    with Parts(folder) as parts:
        parts.start("hub", "run", "--config", str(plan.hub_file))
        wait_until(lambda: answers(plan.address), within_s=60, what=parts.output)
        yield plan


def _exercise(folder: Path) -> DemoPlan:
    """The demo as an exercise, with a ladder of escalation and a mast that does not answer."""
    plan = prepare(folder=folder / "demo", port=0, clip=None, model=None)
    demo_site, site = resource(DEMO_SITE).resolve(), folder / "site"
    shutil.copytree(demo_site, site)
    measures = site / "measures.json"
    content = json.loads(measures.read_text(encoding="utf-8"))
    for measure in content["measures"]:
        if measure["id"] == "steward_to_zone":
            measure["target"] = "mast"
    measures.write_text(json.dumps(content), encoding="utf-8")
    secret = base64.b64encode(bytes(32)).decode()
    settings = plan.hub_file.read_text(encoding="utf-8")
    plan.hub_file.write_text(
        settings.replace(json.dumps(str(demo_site)), json.dumps(str(site))) + "exercise = true\n"
        "[[hub.escalation]]\nafter_s = 120\n"
        "[[hub.targets]]\n"
        'id = "mast"\nkind = "webhook"\nurl = "http://127.0.0.1:9/"\n'
        f'secret = "whsec_{secret}"\ntakes = "measures"\nmeasure_late_s = 1\n',
        encoding="utf-8",
    )
    return plan
