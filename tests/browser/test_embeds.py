"""Small pages of a report in frames of pages of another origin: height, keyboard, narrow screens, no requests."""

import shutil
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

from diptych.pipeline import build

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
SURVEY = ROOT / "examples" / "survey"
HOST = """<!doctype html><html lang=en><head><meta charset=utf-8><title>Host</title>
<meta name=viewport content="width=device-width, initial-scale=1"></head><body><h1>Host</h1><div>{}</div></body></html>"""


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The folder of a report with embeds and a date, built twice."""
    folder = tmp_path_factory.mktemp("embeds")
    shutil.copy(SURVEY / "answers.csv", folder)
    config = yaml.safe_load((SURVEY / "config.yaml").read_text(encoding="utf-8"))
    config["report"]["date"] = "2026-03-02"
    config["outputs"] = ["html", "embed"]
    (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    for name in ("site", "again"):
        build(folder / "config.yaml", folder / name)
    return folder


class Quiet(SimpleHTTPRequestHandler):
    """A server of files without a log."""

    def log_message(self, *_):
        """Write nothing."""


@pytest.fixture(scope="session")
def serving():
    """Serve a folder on a port of its own, which is another origin."""
    servers = []

    def serve(folder):
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
        servers.append(server)
        Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def report(built, serving):
    return serving(built / "site")


def test_the_pages_are_small_and_the_same_in_each_build(built):
    first, second = (
        {path.name: path.read_bytes() for path in (built / name / "embed").iterdir()} for name in ("site", "again")
    )
    assert first == second
    assert {*first} >= {"main.html", "main-left.html", "main-right.html", "abstract.html", "sentence.html", "resize.js"}
    assert {name: len(content) for name, content in first.items() if len(content) > 120_000} == {}
    assert len(first["resize.js"]) < 1000


def until(page, condition):
    """Wait for a condition. The policy of the pages does not let Playwright wait in the page."""
    for _ in range(100):
        if page.evaluate(condition):
            return
        time.sleep(0.05)
    raise AssertionError(condition)


def hosted(serving, tmp_path, report):
    """Return the address of a page of another origin, with the figure in a frame."""
    frame = f'<iframe data-diptych src="{report}/embed/main.html" title="A figure" style="width: 100%"></iframe>'
    script = f'<script src="{report}/embed/resize.js" async></script>'
    (tmp_path / "host.html").write_text(HOST.format(frame + script), encoding="utf-8")
    return f"{serving(tmp_path)}/host.html"


def settled_frame(page):
    """Return the frame after its height was set to that of its content."""
    until(page, "document.querySelector('iframe').style.height.endsWith('px')")
    frame = page.frames[1]
    frame.wait_for_load_state()
    page.wait_for_timeout(400)
    content = frame.evaluate("Math.ceil(document.documentElement.getBoundingClientRect().height)")
    shown = page.evaluate("document.querySelector('iframe').clientHeight")
    assert abs(shown - content) <= 1
    assert frame.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    return frame


@pytest.mark.parametrize("width", [1280, 390])
def test_a_figure_in_a_page_of_another_origin(visit, report, serving, tmp_path, width):
    page = visit(hosted(serving, tmp_path, report), width)
    frame = settled_frame(page)
    asked = [
        url for url in page.asked if not url.startswith("data:") and not url.endswith(("favicon.ico", "host.html"))
    ]
    assert sorted(asked) == [f"{report}/embed/main.html", f"{report}/embed/resize.js"]
    read = frame.locator(".say p").text_content()
    frame.locator(".panels").focus()
    for key in ("ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    assert frame.locator(".say p").text_content() not in ("", read)
    before = page.evaluate("document.querySelector('iframe').clientHeight")
    frame.evaluate("document.querySelector('.source').style.paddingTop = '150px'")
    until(page, f"document.querySelector('iframe').clientHeight > {before + 100}")
    assert page.complaints == []


def test_pages_link_back_with_the_date(visit, report):
    page = visit(f"{report}/embed/main.html")
    link = page.locator(".source a")
    assert link.evaluate("(a) => a.href") == f"{report}/index.html#figure-main"
    assert "2 March 2026" in page.locator(".source").inner_text()
    back = visit(f"{report}/index.html")
    assert back.locator("#figure-main").count() == 1


def test_any_sentence_by_its_id(visit, report):
    index = visit(f"{report}/index.html")
    sentences = index.evaluate(
        "[...document.querySelectorAll('.lead .sentence, .findings .sentence')].map((e) => [e.id, e.textContent.trim()])"
    )
    for anchor, text in sentences:
        page = visit(f"{report}/embed/sentence.html#{anchor}")
        assert page.evaluate(
            "[...document.querySelectorAll('blockquote')].filter((e) => e.checkVisibility()).map((e) => e.textContent.trim())"
        ) == [text]
    assert len(sentences) >= 2
    abstract = visit(f"{report}/embed/abstract.html")
    shown = " ".join(abstract.locator("main > p").first.inner_text().split())
    lead = index.locator(".lead .sentence").all_text_contents()
    assert all(" ".join(text.split()) in shown for text in lead)
