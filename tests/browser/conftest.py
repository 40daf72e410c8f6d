"""One browser for the session, pages opened from files as a reader without a network does, reports built once."""

from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.waiting import laid_out
from tests.programs import program

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")  # the first does a sixth less
CONFIG = Path(__file__).parents[2] / "config.yaml"


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium; one for all tests, since Playwright runs once in a process."""
    chromium = program(*NAMES, install="apt-get install chromium-headless-shell")
    with sync_playwright() as playwright:
        # a process fewer to send each frame to, and letters as wide in a headless shell as in a window
        options = ["--no-sandbox", "--disable-gpu", "--in-process-gpu", "--font-render-hinting=none"]
        browser = playwright.chromium.launch(executable_path=chromium, args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def example(sites):
    """The folder of the default example."""
    return sites("default")


@pytest.fixture
def visit(browser):
    """Open an address in a window of its own; what the page asks for and what it complains about is kept.

    `folded`: details stay shut.
    """
    windows = []

    def visiting(address, width=1280, scheme="light", *, height=800, scripts=True, folded=False, **options):
        window = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, java_script_enabled=scripts, **options
        )
        windows.append(window)
        page = window.new_page()
        page.has_scripts, page.asked, page.complaints = scripts, [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (page.complaints.append(dialog.message), dialog.dismiss()))
        page.goto(address)
        if not folded:
            page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
        laid_out(page)
        return page

    yield visiting
    for window in windows:
        window.close()
