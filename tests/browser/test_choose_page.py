"""The page on which two columns are chosen: by keyboard and by touch, at three widths, to a config and its report."""

import os
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest

from diptych.contrib.choose.page import page as page_of
from diptych.contrib.choose.reading import read_table
from diptych.contrib.choose.serving import Site
from diptych.contrib.choose.session import Session
from diptych.contrib.serve.server import LocalServer
from tests.browser.axe import COLOURS, PLACES, violations
from tests.contrib.choose.test_same_numbers import write_survey

pytestmark = pytest.mark.browser

DIPTYCH = Path(sys.executable).with_name("diptych")
WIDTHS = (1400, 900, 390)


@pytest.fixture
def session(tmp_path):
    write_survey(tmp_path / "survey.csv", 3)
    return Session(read_table(str(tmp_path / "survey.csv")))


@pytest.fixture
def site(session, tmp_path):
    """A served page, its address and its config."""
    site = Site(session, tmp_path / "config.yaml")
    server = LocalServer(site.routes)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield site, server.address
    server.shutdown()
    server.server_close()


def inside(page, width):
    return page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_the_keyboard_alone_leads_to_a_sentence_and_a_config(visit, site, width):
    of, address = site
    page = visit(address, width, folded=True)
    page.locator("#find").focus()
    page.keyboard.type("cook")
    assert page.locator(".columns li:visible").count() == 1
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#pairs h2:has-text('How often do you cook?')")
    assert page.evaluate("document.activeElement.tagName") == "H2"
    while not page.evaluate("document.activeElement.dataset.pair ?? ''"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#form")
    page.locator("[id='unit']").fill("guest")
    page.locator("[id='answer.phrase']").fill("cook {}")
    page.locator("[id='given.phrase']").fill("are {}")
    page.wait_for_selector("#shown strong:has-text('guests')")
    page.locator("form details summary").first.focus()
    page.keyboard.press("Enter")
    page.locator("[data-act='join.answer.1']").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("[name='answer.name.0']")
    assert page.evaluate("document.activeElement !== document.body")
    assert inside(page, width)
    page.locator("#write").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#written:has-text('is written')")
    assert of.target.is_file()
    assert 'phrase: "cook {}"' in of.target.read_text()


def test_touch_leads_to_the_same(visit, site):
    _, address = site
    page = visit(address, 390, folded=True, has_touch=True)
    page.locator("[data-about='3']").tap()
    page.wait_for_selector("#pairs [data-pair]")
    page.locator("#pairs [data-pair]").first.tap()
    page.wait_for_selector("#form")
    given = page.locator("[name='given.question']").input_value()
    page.locator("[data-act='swap']").tap()
    page.wait_for_selector(f"[name='answer.question'][value='{given}']", state="attached")
    assert inside(page, 390)


def test_any_two_columns_are_crossed_and_columns_are_grouped(visit, site):
    of, address = site
    page = visit(address, 1400, folded=True)
    page.locator("[data-about='3']").click()
    page.wait_for_selector("[data-with='7']")
    page.locator("[data-with='7']").click()
    page.wait_for_selector("#form")
    assert page.locator("[name='answer.question']").input_value() == "3"
    n = len(of.session.profile.questions)
    options = next(k for k, question in enumerate(of.session.profile.questions) if question.form == "options")
    page.locator(f"[data-about='{options}']").click()
    page.wait_for_selector("[data-split]")
    page.locator("[data-split]").click()
    page.wait_for_selector(f"[data-about='{n + 2}']")
    for place in range(options, options + 3):
        page.locator(f"[data-fold='{place}']").check()
    page.locator("#fold").click()
    page.wait_for_selector(f"[data-about='{n + 1}']", state="detached")


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_on_the_page_and_its_form(visit, site, width):
    _, address = site
    page = visit(address, width, folded=True)
    page.locator("[data-about='3']").click()
    page.wait_for_selector("#pairs [data-pair]")
    page.locator("#pairs [data-pair]").first.click()
    page.wait_for_selector("#form")
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    assert violations(page) == []
    assert violations(page, options=PLACES) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, options=COLOURS) == []
    assert inside(page, width)


def test_the_file_needs_no_server_and_asks_nobody(visit, session, tmp_path):
    path = tmp_path / "choose.html"
    path.write_text(page_of(session, is_live=False), encoding="utf-8")
    page = visit(path.as_uri(), 390, folded=True)
    page.locator("[data-about='3']").click()
    assert page.locator("#pairs h2").inner_text() == session.profile.questions[3].text
    page.locator("#pairs [data-pair]").first.click()
    assert "explains: rows" in page.locator("#pairs pre:visible").first.inner_text()
    assert violations(page) == []
    assert inside(page, 390)


def test_serve_without_a_config_shows_the_page_and_then_the_report(visit, tmp_path):
    write_survey(tmp_path / "survey.csv", 3)
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "BROWSER": "true"}
    with subprocess.Popen(
        [DIPTYCH, "serve", "--port", "0"], cwd=tmp_path, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            address = process.stdout.readline().split(" ")[0]
            page = visit(address, 1400, folded=True)
            page.locator("#pairs [data-pair]").first.click()
            page.wait_for_selector("#write")
            title = page.locator("#shown strong").inner_text()
            page.locator("#write").click()
            page.wait_for_selector("iframe", timeout=60_000)
            report = page.frame_locator("#report")
            report.locator("h1").wait_for(timeout=120_000)
            assert report.locator("h1").inner_text() == title
        finally:
            process.terminate()
