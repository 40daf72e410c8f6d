"""One browser for the session, pages opened from files as a reader without a network does, reports built once."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.waiting import laid_out, settled

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CONFIG = Path(__file__).parents[2] / "config.yaml"


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium; one for all tests, since Playwright runs once in a process."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def example(sites):
    """The folder of the default example."""
    return sites("default")


@pytest.fixture
def visit(browser):
    """Open an address; what the page asks for and what it complains about is kept. `folded`: details stay shut."""
    contexts = []

    def visiting(address, width=1280, scheme="light", *, height=800, scripts=True, folded=False, **options):
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            java_script_enabled=scripts,
            accept_downloads=True,
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.asked, page.complaints = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (page.complaints.append(dialog.message), dialog.dismiss()))
        page.goto(address)
        settled(page)
        if not folded:
            page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
        laid_out(page)
        return page

    yield visiting
    for context in contexts:
        context.close()
