"""Two fragments in a page whose own styles are rude: neither side changes how the other looks."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from diptych.pipeline import build
from tests.browser.axe import OPTIONS, PLACES, violations
from tests.browser.waiting import quiet, resized
from tests.draws import by_night
from tests.pipeline.projects import write_project

pytestmark = pytest.mark.browser

SURVEY = Path(__file__).parents[2] / "examples" / "survey"

RUDE = """
* { letter-spacing: 3px !important; text-transform: uppercase !important; color: rgb(200, 0, 0) !important; }
main * { border: 3px dotted lime !important; display: block !important; font: 30px monospace !important; }
#host div, #host p, #host td { margin: 31px !important; padding: 17px !important; opacity: .3 !important; }
svg, svg *, path { fill: red !important; stroke: blue !important; transform: rotate(9deg) !important; }
table { width: 90px !important; table-layout: fixed !important; }
a { background: pink; pointer-events: none !important; }
h2 { font-size: 60px; position: absolute !important; }
*::before, *::after { content: "LEAK" !important; }
[id] { visibility: hidden !important; }
.label, .drawing, figure, .report { max-width: 10px !important; overflow: hidden; float: right; }
"""

LAYERED = """
@layer host {
  main *, svg, svg * { margin: 16px; padding: 3px; max-width: 90px; min-width: 5px; box-sizing: border-box; float: right;
    border: 3px dotted lime; outline: 2px solid; text-transform: uppercase; line-height: 9px; position: relative; top: 7px; }
  svg * + * { vertical-align: middle; border-radius: 4px; background: pink; }
}
"""
"""What Tailwind and Starlight do: rules without !important, in a layer that comes before the fragment."""

HOST = """
<h1 id="abstract">Host</h1><p class="label host">A paragraph with <a href="#files">a link</a>.</p>
<table class="host"><tr><td class="align-right">1</td></tr></table>
<figure class="host"><svg class="host" viewBox="0 0 9 9" width="90"><path class="host" d="M1 1h7v7z"/></svg></figure>
<div class="report page"><p class="host">More.</p></div>
"""

STYLES = """(selector) => [...document.querySelectorAll(selector)].map((element) => ["", "::before", "::after"].map((part) => {
  const style = getComputedStyle(element, part || null);
  return Object.fromEntries([...style].map((name) => [name, style.getPropertyValue(name)]));
}))"""

LOOKS = """(names) => [...document.querySelectorAll(".diptych, .diptych *:not(style)")].map((element) => {
  const looks = ["", "::before", "::after"].map((part) => {
    const style = getComputedStyle(element, part || null);
    return names.map((name) => style.getPropertyValue(name)).join("|");
  });
  const box = element.getBoundingClientRect();
  return [element.tagName, element.className?.baseVal ?? element.className, Math.round(box.width), Math.round(box.height), ...looks].join("|");
})"""

NAMES = [
    *("display", "color", "background-color", "fill", "stroke", "opacity", "visibility", "transform", "float"),
    *("font-family", "font-size", "font-weight", "font-style", "letter-spacing", "text-transform", "line-height"),
    *("margin-top", "margin-left", "padding-top", "padding-left", "border-top-width", "border-top-style"),
    *("position", "overflow-x", "max-width", "min-width", "table-layout", "text-align", "white-space"),
    *("content", "pointer-events", "list-style-type", "column-count", "outline-style", "box-sizing"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with two reports, their fragments and pages around these."""
    folder = tmp_path_factory.mktemp("host")
    survey = (SURVEY / "config.yaml").read_text(encoding="utf-8")
    files = {"answers.csv": (SURVEY / "answers.csv").read_bytes()}
    write_project(folder, files=files, outputs=None)
    for name, text in {"survey": survey, "small": (folder / "config.yaml").read_text(encoding="utf-8")}.items():
        outputs = "outputs: [html: {fragment: true}, data]\n"
        (folder / f"{name}.yaml").write_text(f"{text}{outputs}", encoding="utf-8")
        build(folder / f"{name}.yaml", folder / name)
    both = [(folder / name / "fragment.html").read_text(encoding="utf-8") for name in ("survey", "small")]
    for name, style, fragments in [
        ("polite", "", both),
        ("rude", RUDE, both),
        ("layered", LAYERED, both),
        ("alone", RUDE, []),
    ]:
        slots = "".join(f"<div>{fragment}</div>" for fragment in fragments)
        (folder / f"{name}.html").write_text(
            f"<!doctype html><html lang=en><head><meta charset=utf-8><title>Host</title><style>{style}</style></head>"
            f'<body><main><div id="host">{HOST}</div><section style="all: initial !important; display: block !important;'
            f' width: 800px !important">{slots.replace("<div><div", _SLOT + "<div")}</section></main></body></html>',
            encoding="utf-8",
        )
    return folder


_SLOT = '<div style="all: initial !important; display: block !important; width: 800px !important">'


def test_ids_differ_and_lead_within_their_own_fragment(visit, folder):
    page = visit((folder / "polite.html").as_uri())
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(element => element.id)")
    assert len(ids) == len(set(ids)) > 50
    strays = page.evaluate(
        """() => [...document.querySelectorAll('.diptych')].flatMap((one) => [...one.querySelectorAll('*')].flatMap((e) =>
        [...e.attributes].flatMap(({name, value}) => {
          const urls = [...value.matchAll(/url\\(#([^)]+)\\)/g)].map((m) => m[1]);
          if (/^(aria-(labelledby|describedby|controls)|for|headers)$/.test(name)) urls.push(...value.split(' '));
          if (/^(xlink:)?href$/.test(name) && value.startsWith('#')) urls.push(decodeURIComponent(value.slice(1)));
          return urls.filter((id) => !one.contains(document.getElementById(id)));
        })))"""
    )
    assert strays == []
    assert page.evaluate("document.querySelectorAll('.diptych svg [id], .diptych [aria-labelledby]').length") > 4


@pytest.mark.parametrize("host", ["rude", "layered"])
def test_the_page_around_does_not_change_the_fragments(visit, folder, host):
    polite = visit((folder / "polite.html").as_uri()).evaluate(LOOKS, NAMES)
    rude = visit((folder / f"{host}.html").as_uri()).evaluate(LOOKS, NAMES)
    assert len(polite) == len(rude) > 800
    assert [pair for pair in zip(polite, rude, strict=True) if pair[0] != pair[1]][:3] == []
    assert not any("LEAK" in looks for looks in rude)


def test_the_fragments_do_not_change_the_page_around(visit, folder):
    selector = "html, body, main, #host, #host *"
    alone = visit((folder / "alone.html").as_uri()).evaluate(STYLES, selector)
    beside = visit((folder / "rude.html").as_uri()).evaluate(STYLES, selector)
    assert len(alone) == len(beside) == 16
    grows = {"height", "block-size", "perspective-origin", "transform-origin"}  # what holds the fragments is higher
    differing = {
        name
        for one, other in zip(alone, beside, strict=True)
        for first, second in zip(one, other, strict=True)
        for name in first
        if first[name] != second.get(name)
    }
    assert {name for name in differing if name not in grows and not name.startswith("--")} == set()
    assert {name for name in differing if name.startswith("--")} == set()


def test_no_axe_violations_requests_or_complaints(visit, folder):
    page = visit((folder / "polite.html").as_uri())
    for width, options in ((1280, OPTIONS), *by_night((320, PLACES))):
        resized(page, width)
        assert violations(page, ".diptych", options=options) == []
    quiet(page)
    assert [url for url in page.asked if not url.startswith("data:")] == [(folder / "polite.html").as_uri()]
    assert page.complaints == []


def test_a_fragment_is_a_fragment(folder):
    for name in ("survey", "small"):
        text = (folder / name / "fragment.html").read_text(encoding="utf-8")
        assert text.startswith('<div class="diptych" lang="en" dir="ltr">\n')
        assert text.endswith("</div>\n")
        assert not re.search(
            r"<(!doctype|html|head|body|script|button|fieldset|form|h1|link|meta)\b", text, re.IGNORECASE
        )
        assert not re.search(r"\s(on\w+|style)=\"", text)
        links = [link for link in re.findall(r'\s(?:href|src)="([^"]*)"', text) if not link.startswith("#")]
        assert len(links) > 8
        assert {link for link in links if re.match(r"[a-z]+:|/", link)} == set()
        assert [link for link in links if not (folder / name / unquote(link)).is_file()] == []


def test_a_fragment_is_as_wide_as_its_place_not_as_the_window(visit, folder):
    page = visit((folder / "polite.html").as_uri(), 1920)
    assert page.evaluate("document.querySelector('.diptych').scrollWidth") <= 800


"""Set the width and the place of a fragment, and return where its first figure ends."""
