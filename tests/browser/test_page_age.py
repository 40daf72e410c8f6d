"""The page says that its data are old by the reader's clock; without scripts it has the date alone."""

import pytest

from diptych.pipeline import build
from tests.contrib.history.projects import CONFIG, write

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page_address(tmp_path_factory):
    """The page of a report with data of 2 March 2026 that are old after 60 days."""
    folder = tmp_path_factory.mktemp("age")
    build(write(folder, CONFIG.replace("history/}", "history/, stale_after: 60 days}")), folder / "site")
    return (folder / "site/index.html").as_uri()


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ("2026-05-01T00:00:00Z", "Data of 2 March 2026"),  # 60 days and no more
        ("2026-05-01T00:00:01Z", "Data of 2 March 2026, older than 60 days"),
        ("2026-02-01T00:00:00Z", "Data of 2 March 2026"),  # a clock that is behind
    ],
)
def test_by_the_clock_of_the_reader(browser, page_address, now, said):
    page = browser.new_page()
    page.clock.set_fixed_time(now)
    faults = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.goto(page_address)
    assert page.inner_text(".date") == said
    assert faults == []
    page.close()


def test_without_scripts(browser, page_address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(page_address)
    assert page.inner_text(".date") == "Data of 2 March 2026"
    context.close()
