"""A real Chromium, one for all tests, and how a person signs in with it."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from crowdsafe.demo import USER
from tests.browser import chromium

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
