"""One browser for the session, pages opened from files as a reader without a network does, reports built once."""

import shutil
from collections import defaultdict
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
        options = ["--no-sandbox", "--disable-gpu", "--in-process-gpu"]  # a process fewer to send each frame to
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def example(sites):
    """The folder of the default example."""
    return sites("default")


@pytest.fixture(scope="session")
def windows(browser):
    """Blank pages that tests have left, by the options of their windows: another is twice as much work as a page."""
    return defaultdict(list)


@pytest.fixture
def visit(browser, windows):
    """Open an address; what the page asks for and what it complains about is kept. `folded`: details stay shut."""
    taken = []

    def visiting(address, width=1280, scheme="light", *, height=800, scripts=True, folded=False, **options):
        media = {name: options.pop(name, "null") for name in ("reduced_motion", "forced_colors")}
        kind = scripts, repr(sorted(options.items()))
        page = windows[kind].pop() if windows[kind] else opened(browser, java_script_enabled=scripts, **options)
        taken.append((kind, page))
        page.asked, page.complaints = [], []
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(media="null", color_scheme=scheme, **media)
        page.goto(address)
        settled(page)
        if not folded:
            page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
        laid_out(page)
        return page

    yield visiting
    for kind, page in taken:
        page.goto("about:blank")
        page.mouse.move(0, 0)
        windows[kind].append(page)


def opened(browser, **options):
    """A page in a window of its own, which keeps what is asked for and complained about in the lists it has then."""
    page = browser.new_context(accept_downloads=True, **options).new_page()
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("dialog", lambda dialog: (page.complaints.append(dialog.message), dialog.dismiss()))
    return page
