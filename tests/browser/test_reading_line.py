"""The line below the figure reads a cell, by pointer, touch and keys; a finding rings its cells; folds open and print."""

import pytest

from diptych.pipeline.build import build
from tests.long_names import write

pytestmark = pytest.mark.browser

KEY = "left-0-1"


@pytest.fixture
def opened(visit, example):
    """Open the default report."""
    return lambda **options: visit((example / "index.html").as_uri(), folded=True, fresh=True, **options)


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


def test_an_address_opens_the_fold_that_it_leads_to(opened, visit, example):
    page = opened()
    assert page.locator("details[open]").count() == 0
    page.locator('a[href="#cite"]').click()
    assert page.locator("#cite").is_visible()
    name = page.locator("details:not(#data) .sentence").last.get_attribute("id")
    page = visit(f"{(example / 'index.html').as_uri()}#{name}", folded=True, fresh=True)
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
