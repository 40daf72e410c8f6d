"""One browser for the session, pages opened from files as a reader without a network does, reports built once."""

from collections import defaultdict
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.waiting import laid_out
from tests.draws import NIGHTLY
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


@pytest.fixture(scope="session")
def windows(browser):
    """Pages that tests have left, by the options of their windows: another is twice as much work as a page."""
    return defaultdict(list)


@pytest.fixture(scope="module")
def untouched(windows):
    """Pages that tests of this file have only looked at, by window and address."""
    pages = {}
    yield pages
    for (kind, *_), page in pages.items():
        windows[kind].append(page)


@pytest.fixture
def visit(browser, windows, untouched):
    """Open an address; what the page asks for and what it complains about is kept. `folded`: details stay shut.

    A page that a test of the same file has only looked at is given again, in another size and other colours if need be,
    unless it is to be `fresh`. Every night each test has its page loaded anew, as its window is.
    """
    taken = []

    def visiting(
        address, width=1280, scheme="light", *, height=800, scripts=True, folded=False, fresh=False, **options
    ):
        media = {name: options.pop(name, "null") for name in ("reduced_motion", "forced_colors")}
        kind = scripts, repr(sorted(options.items()))
        wanted = kind, address, folded
        again = wanted in untouched and not fresh
        if again:
            page = untouched.pop(wanted)
        else:
            page = windows[kind].pop() if windows[kind] else opened(browser, java_script_enabled=scripts, **options)
            emptied(page, address)
        taken.append((wanted, page))
        size = {"width": width, "height": height}
        if page.viewport_size != size:
            page.set_viewport_size(size)
        page.emulate_media(media="null", color_scheme=scheme, **media)
        if not again:
            page.goto(address)
            if not folded:
                page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
        laid_out(page)
        page.evaluate(WATCH, scripts)
        return page

    yield visiting
    for wanted, page in taken:
        if not NIGHTLY and wanted not in untouched and page.evaluate(UNTOUCHED, wanted[1]):
            untouched[wanted] = page
        else:
            windows[wanted[0]].append(page)


def emptied(page, address):
    """Begin the lists of a page anew, and leave what is there where the next address would only be a place in it."""
    page.mouse.move(0, 0)
    if "#" in address and page.url.partition("#")[0] == address.partition("#")[0]:
        page.goto("about:blank")
    page.asked, page.complaints = [], []


WATCH = """scripts => {
  if (!scripts) { window.before = document.documentElement.outerHTML; return; }
  const touched = () => { window.untouched = false; };
  if (window.untouched === undefined) {
    for (const name of ['pointerover', 'pointerdown', 'touchstart', 'keydown', 'click', 'focusin', 'input', 'change', 'scroll',
      'toggle', 'hashchange', 'resize', 'beforeprint']) window.addEventListener(name, touched, {capture: true, passive: true});
    window.changes = new MutationObserver(touched);
    window.changes.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
  }
  window.changes.takeRecords();
  window.untouched = true;
}"""
"""Note from now on whether anything happens to a page or is changed in it; without scripts, what it is now."""
UNTOUCHED = """address => location.href === address && scrollX === 0 && scrollY === 0 && (window.before === undefined
  ? window.untouched === true : window.before === document.documentElement.outerHTML
    && document.activeElement === document.body)"""


def opened(browser, **options):
    """A page in a window of its own, which keeps what is asked for and complained about in the lists it has then."""
    page = browser.new_context(**options).new_page()
    page.has_scripts = options.get("java_script_enabled", True)
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("dialog", lambda dialog: (page.complaints.append(dialog.message), dialog.dismiss()))
    return page
