"""From 1400 pixels the figure stays beside what is said of it, and pointing at a sentence rings its cells in sight."""

import pytest

from tests.browser.waiting import every_figure_live, resized

pytestmark = pytest.mark.browser


@pytest.fixture
def opened(visit, example):
    def opening(width, height=800, **options):
        page = visit(
            (example / "index.html").as_uri(), width, height=height, folded=True, reduced_motion="reduce", **options
        )
        every_figure_live(page)
        return page

    return opening


RINGED = """() => [...document.querySelectorAll('.ring')].map(ring => ring.getBoundingClientRect())
  .map(b => b.top >= 0 && b.bottom <= innerHeight && b.left >= 0 && b.right <= innerWidth)"""


@pytest.mark.parametrize(("width", "height"), [(1400, 900), (1920, 1080)])
def test_every_sentence_of_the_opening_and_the_findings_rings_cells_that_are_in_sight(opened, width, height):
    page = opened(width, height)
    sentences = page.locator(".story :is(.opening, .items) .sentence[data-cells]:visible")
    assert sentences.count() > 4
    for number in range(sentences.count()):
        if sentences.nth(number).evaluate("s => Boolean(s.closest('figure'))"):
            continue
        sentences.nth(number).scroll_into_view_if_needed()
        sentences.nth(number).hover()
        seen = page.evaluate(RINGED)
        assert seen, sentences.nth(number).text_content()
        assert all(seen), sentences.nth(number).text_content()


COVERED = """() => {
  const figure = document.querySelector('.opening').getBoundingClientRect();
  return [...document.querySelectorAll('.story > section > *')].filter(part => {
    const box = part.getBoundingClientRect();
    return box.height && box.left < figure.right - 1 && box.right > figure.left + 1
      && box.top < figure.bottom - 1 && box.bottom > figure.top + 1;
  }).map(part => part.id || part.className || part.tagName);
}"""


def test_the_figure_that_stays_in_sight_covers_nothing_below_the_findings(opened):
    page = opened(1280)
    end = page.evaluate("document.querySelector('.story').getBoundingClientRect().bottom")
    assert end > 1600
    for place in range(0, int(end), 200):
        page.evaluate(f"scrollTo(0, {place})")
        assert page.evaluate(COVERED) == [], place


def test_as_many_cells_are_ringed_as_the_sentence_has(opened):
    page = opened(1400, 900)
    sentence = page.locator(".story li .sentence[data-cells]").first
    keys = sentence.get_attribute("data-cells").split()
    sentence.hover()
    assert page.locator(".ring").count() == len(keys)
    colours = page.locator(".ring").evaluate_all("all => all.map(r => getComputedStyle(r).stroke)")
    ink = page.evaluate("getComputedStyle(document.body).color")
    assert set(colours) == {ink} == {"rgb(22, 25, 29)"}
    page.mouse.move(5, 5)
    assert page.locator(".ring").count() == 0


@pytest.mark.parametrize("width", [1280, 1399])
def test_below_that_the_figure_stands_in_the_text(opened, width):
    page = opened(width)
    abstract, figure = page.locator(".abstract").bounding_box(), page.locator("main figure").first.bounding_box()
    assert figure["y"] >= abstract["y"] + abstract["height"]
    assert figure["width"] > 0.9 * abstract["width"]


def test_nothing_is_wider_than_the_window_and_the_details_have_its_width(opened):
    page = opened(1400, 900)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1400
    details = page.locator("main > section:has(> details)").first.bounding_box()
    assert details["width"] > 1000


HIDDEN = "() => document.querySelectorAll('.story .scroll.after, .story .scroll.before').length"


@pytest.mark.parametrize(("width", "height"), [(1400, 900), (1600, 900), (1920, 1080)])
def test_tables_beside_the_figure_fit(opened, width, height):
    page = opened(width, height)
    assert page.evaluate(HIDDEN) == 0
    box = page.locator(".story .tablebox").first.bounding_box()
    assert page.locator(".story table").first.bounding_box()["width"] <= box["width"]


def test_observations_have_small_matrices_with_their_cells_marked(opened):
    page = opened(1280)
    items = page.locator(".story ol.items > li:has(.thumbs)")
    assert items.count() >= 2
    for number in range(items.count()):
        keys = items.nth(number).evaluate(
            "li => [...new Set([...li.querySelectorAll('[data-cells]')].flatMap(s => s.dataset.cells.split(' ')))]"
        )
        drawn = items.nth(number).locator(".thumb .marked").evaluate_all("all => all.map(p => p.getAttribute('d'))")
        marked = {panel: set() for panel in ("left", "right")}
        for key in keys:
            panel, given, outcome = key.rsplit("-", 2)
            marked[panel].add(f"M{outcome},{given}h1v1h-1Z")
        expected = [cells for cells in marked.values() if cells]
        assert [set(path.replace("Z", "Z ").split()) for path in drawn] == expected
        box = items.nth(number).locator(".thumb").first.bounding_box()
        assert 40 <= box["width"] <= 80  # a centimetre or two
    for width in (390, 1400):
        resized(page, width)
        assert page.locator(".thumb").first.is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.emulate_media(media="print")
    assert page.locator(".thumb").first.is_visible()
