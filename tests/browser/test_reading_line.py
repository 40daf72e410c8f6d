"""The line below the figure reads a cell, by pointer, touch and keys; a finding rings its cells; folds open and print."""

import pytest

from diptych.pipeline.build import build
from tests.browser import axe
from tests.long_names import write

pytestmark = pytest.mark.browser

KEY = "left-0-1"


@pytest.fixture
def opened(visit, example):
    """Open the default report."""
    return lambda **options: visit((example / "index.html").as_uri(), folded=True, **options)


def said(page):
    return page.locator(".say p").text_content()


def square(page, key):
    return page.locator(f'figure path[data-cell="{key}"]:visible')


BOXES = "all => all.map(one => one.getBoundingClientRect().toJSON())"


def box(page, key):
    return square(page, key).evaluate_all(BOXES)[0]


def framed(page, kind):
    """The boxes of frames around cells."""
    return page.locator(f".ring.{kind}:visible").evaluate_all(BOXES)


def test_the_line_follows_the_pointer_and_returns(opened):
    page = opened()
    first = said(page)
    assert first
    square(page, KEY).hover()
    assert said(page) not in ("", first)
    assert framed(page, "here") == [pytest.approx(box(page, KEY), abs=1)]
    page.mouse.move(2, 2)
    assert said(page) == first
    assert framed(page, "here") == []


def test_a_touch_reads_a_cell(opened):
    page = opened(width=390, has_touch=True)
    first = said(page)
    square(page, KEY).tap()
    assert said(page) != first
    assert len(framed(page, "here")) == 1


def test_arrow_keys_move_over_cells_within_the_panel(opened):
    page = opened()
    first = said(page)
    page.locator(".part .panels").focus()
    page.keyboard.press("ArrowRight")  # shows where it begins
    assert said(page) == first
    seen = []
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
        seen.append(said(page))
    assert len({first, *seen}) == 4
    assert seen[-1] == first
    for _ in range(9):
        page.keyboard.press("ArrowUp")
    assert len(framed(page, "here")) == 1
    page.keyboard.press("Escape")
    assert framed(page, "here") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_finding_rings_its_cells_until_it_or_another_is_pressed(opened, scheme):
    page = opened(scheme=scheme)
    buttons = page.locator(".findings button")
    assert buttons.count() >= 2
    for button in buttons.all():
        button.click()
        assert page.locator("[aria-pressed=true]").count() == 1
        assert button.get_attribute("aria-pressed") == "true"
        rings = framed(page, "on")
        assert len(rings) == len(button.get_attribute("data-cells").split())
        assert all(ring["top"] >= 0 and ring["bottom"] <= 800 for ring in rings)
    button.focus()
    page.keyboard.press("Enter")
    assert framed(page, "on") == []


def test_a_picture_of_many_cells_is_read_too(visit, tmp_path):
    build(write(tmp_path, 41, "en", "outputs: {html: {}}\n"), tmp_path / "site")
    page = visit((tmp_path / "site" / "index.html").as_uri(), folded=True)
    assert page.locator("figure image[data-panel]:visible").count() == 2
    box = page.locator("figure image[data-panel]:visible").first.bounding_box()
    page.mouse.move(box["x"] + 50, box["y"] + 5)
    read = said(page)
    assert read
    page.locator(".part .panels").press("ArrowDown")
    assert said(page) not in ("", read)
    assert page.complaints == []


HUNDRED = 1_000_000
"""The most bytes of a page with 100 categories."""

WHERE = """() => { const [box, say] = ['.panels', '.say'].map((one) => document.querySelector(one).getBoundingClientRect());
  const { scrollWidth, scrollHeight, clientWidth, clientHeight } = document.querySelector('.panels');
  return { wide: scrollWidth > clientWidth, high: scrollHeight > clientHeight, top: box.top, bottom: box.bottom,
           left: box.left, right: box.right, say: say.top, end: say.bottom, page: document.documentElement.scrollWidth }; }"""

NAMES = """() => [...document.querySelectorAll('.drawing:first-child svg')].filter((one) => one.checkVisibility())
  .flatMap((svg) => [...svg.querySelectorAll('text')].map((one) =>
    one.getScreenCTM().a ** 2 + one.getScreenCTM().b ** 2 >= 0.9 && parseFloat(getComputedStyle(one).fontSize)))"""


@pytest.fixture(scope="module")
def hundred(tmp_path_factory):
    """The page of a report with 100 x 100 categories."""
    folder = tmp_path_factory.mktemp("hundred")
    build(write(folder, 100, "en", "outputs: {html: {}}\n"), folder / "site")
    return folder / "site" / "index.html"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "none"])
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_a_large_figure_is_enlarged_by_key_or_touch(visit, hundred, width, height, scripts):
    assert hundred.stat().st_size <= HUNDRED
    page = visit(hundred.as_uri(), width, height=height, scripts=scripts, folded=True, has_touch=True)
    at = page.evaluate(WHERE)
    assert not at["wide"]
    assert not at["high"]
    assert at["page"] <= width
    assert len(page.evaluate(NAMES)) < 150
    switch = page.locator(".enlarge input")
    switch.press("Space")
    at = page.evaluate(WHERE)
    assert at["wide"]
    assert at["high"]
    assert at["page"] <= width
    assert at["end"] <= height + 1  # the reading line is in sight
    sizes = page.evaluate(NAMES)
    assert len(sizes) >= 200
    assert min(sizes) >= 10.95
    page.locator(".enlarge").tap()
    assert not page.evaluate(WHERE)["wide"]
    assert page.complaints == []


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_an_enlarged_figure_follows_the_arrow_keys_and_reads_what_is_pointed_at(visit, hundred, width, height):
    page = visit(hundred.as_uri(), width, height=height, folded=True)
    page.locator(".enlarge input").check()
    figure = page.locator(".part .panels")
    figure.focus()
    for key in ["ArrowDown", "ArrowRight"] * 45:
        page.keyboard.press(key)
    [ring], at = framed(page, "here"), page.evaluate(WHERE)
    assert (ring["width"], ring["height"]) == (14, 14)
    assert at["left"] <= ring["left"] < ring["right"] <= at["right"] + 1
    assert at["top"] <= ring["top"] < ring["bottom"] <= min(at["bottom"], at["say"]) + 1
    read = said(page)
    page.mouse.move(at["left"] + 300, at["top"] + 60)
    assert said(page) not in ("", read)
    assert axe.violations(page) == []


def test_an_address_opens_the_fold_that_it_leads_to(opened, visit, example):
    page = opened()
    assert page.locator("details[open]").count() == 0
    page.locator('a[href="#cite"]').click()
    assert page.locator("#cite").is_visible()
    name = page.locator("details:not(#data) .sentence").last.get_attribute("id")
    page = visit(f"{(example / 'index.html').as_uri()}#{name}", folded=True)
    target = page.locator(".sentence:target")
    assert target.is_visible()
    assert 0 <= target.bounding_box()["y"] < 800


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "none"])
def test_a_fold_opens_by_its_title_and_every_fold_is_printed(opened, scripts):
    page = opened(scripts=scripts)
    inside = page.locator("details > :nth-child(2)")
    assert inside.count() > 5
    assert not any(part.is_visible() for part in inside.all())
    page.locator("summary").first.click()
    assert inside.first.is_visible()
    page.emulate_media(media="print")
    assert all(part.bounding_box() for part in inside.all())
