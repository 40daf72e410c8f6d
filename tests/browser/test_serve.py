"""`diptych serve` in a browser: text, data and config change, the config breaks and is mended, and it ends."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from tests.world import CONFIG, DATASETS, FILES, LINKS, MODELS, write

pytestmark = pytest.mark.browser

DIPTYCH = Path(sys.executable).with_name("diptych")
SECONDS = 60


class Served:
    """A running server: its folder, its address, and what it has said."""

    def __init__(self, folder):
        self.folder = folder
        self.process = subprocess.Popen(
            [DIPTYCH, "serve", "--port", "0"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        self.first = self.process.stdout.readline()
        self.address = self.first.split(" ")[0]
        self.said = [self.first]
        self.complaints = []
        streams = ((self.process.stdout, self.said), (self.process.stderr, self.complaints))
        self.readers = [threading.Thread(target=lines.extend, args=(stream,)) for stream, lines in streams]
        for reader in self.readers:
            reader.start()

    def ask(self, path="/", host=None, token=None):
        """Return status, headers and body of an answer."""
        place = urlsplit(self.address)
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=SECONDS)
        connection.request("GET", (token or place.path.rstrip("/")) + path, headers={"Host": host or place.netloc})
        answer = connection.getresponse()
        found = answer.status, dict(answer.getheaders()), answer.read()
        connection.close()
        return found

    def state(self, after=0):
        """Return what the page is told, once it is newer than a number."""
        for _ in range(SECONDS):
            state = json.loads(self.ask(f"/state?after={after}")[2])
            if state["number"] > after:
                return state
        raise AssertionError("".join([*self.said, *self.complaints]))

    def stop(self):
        """Stop it as Ctrl-C does; return its status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        status = self.process.wait(SECONDS)
        for reader in self.readers:
            reader.join(SECONDS)
        self.process.stdout.close()
        self.process.stderr.close()
        return status


@contextmanager
def serving(folder):
    """Serve a small project until the block ends."""
    one = Served(write(write(folder, FILES), {"text/coverage.md": "\nThe first words.\n", "config.yaml": CONFIG}))
    try:
        yield one
    finally:
        one.stop()


@contextmanager
def opened(browser, served):
    """Open the page of a server, with what its console says as `complaints`."""
    context = browser.new_context(viewport={"width": 900, "height": 500})
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    served.state()
    page.goto(served.address)
    page.frame_locator("#report").locator("h1").first.wait_for(timeout=SECONDS * 1000)
    yield page
    context.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("served")) as one:
        yield one


@pytest.fixture
def page(browser, served):
    with opened(browser, served) as page:
        yield page


def until(page, ask, *arguments):
    """Wait until a function of the page says yes; its policy lets in no text that is read as a program."""
    for _ in range(SECONDS * 10):
        if page.evaluate(ask, *arguments):
            return
        page.wait_for_timeout(100)
    raise AssertionError(page.evaluate("document.body.innerText"))


def text_of(page, wanted):
    """Wait until the report holds a text."""
    ask = "wanted => !!document.getElementById('report').contentDocument?.body?.textContent.includes(wanted)"
    until(page, ask, wanted)


def test_it_follows_text_data_and_config_and_keeps_its_place(served, page):
    text_of(page, "The first words.")
    inside = page.frames[1]
    assert page.title() == inside.title()
    inside.evaluate("document.querySelectorAll('details').forEach((one, n) => { one.open = n % 2 === 0; })")
    inside.evaluate("window.scrollTo(0, 400)")
    inside.evaluate("location.hash = '#nothing'")
    open_before = inside.evaluate("[...document.querySelectorAll('details')].map((one) => one.open)")
    hash_before = inside.evaluate("location.hash")
    assert inside.evaluate("scrollY") == 400

    write(served.folder, {"text/coverage.md": "\nOther words.\n"})
    text_of(page, "Other words.")
    page.wait_for_timeout(500)
    inside = page.frames[1]
    assert abs(inside.evaluate("scrollY") - 400) < 5
    assert inside.evaluate("[...document.querySelectorAll('details')].map((one) => one.open)") == open_before
    assert inside.evaluate("location.hash") == hash_before

    more = "".join(f"y{n},b,2026-02-02\n" for n in range(9))
    write(served.folder, {"m.csv": MODELS + more, "k.csv": LINKS + "".join(f"d1,y{n}\n" for n in range(9))})
    text_of(page, "50 models")

    config = (served.folder / "config.yaml").read_text().replace("title: Small", "title: Renamed")
    write(served.folder, {"config.yaml": config})
    text_of(page, "Renamed")
    assert page.complaints == []


def test_an_error_stands_above_the_last_good_report_until_it_is_mended(served, page):
    before = (served.folder / "config.yaml").read_text()
    broken = before.replace("links: {source: k.csv", "unit: lnk\n    links: {source: k.csv")
    write(served.folder, {"config.yaml": broken})
    page.locator("#trouble").wait_for(timeout=SECONDS * 1000)
    said = page.locator("#trouble").inner_text()
    line = next(n for n, text in enumerate(broken.splitlines(), start=1) if "unit: lnk" in text)
    assert f"config.yaml:{line}:5: relations.trained_on.unit" in said
    assert f"{line} |     unit: lnk" in said
    assert "^^^^" in said
    assert page.frames[1].evaluate("document.querySelectorAll('svg, table').length") > 0
    assert page.locator("#older").is_visible()

    write(served.folder, {"d.csv": DATASETS.replace("id", "name")})  # broken twice: the config is said first
    write(served.folder, {"config.yaml": before})
    until(page, "document.getElementById('list').textContent.includes('has no column')")
    write(served.folder, {"d.csv": DATASETS})
    page.locator("#trouble").wait_for(state="hidden", timeout=SECONDS * 1000)
    assert page.complaints == []


def test_names_of_data_are_text_above_the_report_too(served, page):
    before = (served.folder / "config.yaml").read_text()
    write(served.folder, {"config.yaml": before + '"<img src=x onerror=alert(1)>": 1\n'})
    page.locator("#trouble", has_text="<img src=x").wait_for(timeout=SECONDS * 1000)
    assert "<img src=x" in page.locator("#trouble").inner_text()
    assert page.locator("#trouble img").count() == 0
    write(served.folder, {"config.yaml": before})
    page.locator("#trouble").wait_for(state="hidden", timeout=SECONDS * 1000)


def test_it_answers_on_this_machine_alone(served):
    assert served.address.startswith("http://127.0.0.1:")
    port = urlsplit(served.address).port
    assert served.ask(host=f"localhost:{port}")[0] == 200
    for host in ("example.org", f"example.org:{port}", "127.0.0.1", f"127.0.0.1:{port + 1}"):
        for path in ("/", "/state?after=0", "/report/index.html"):
            status, _, body = served.ask(path, host=host)
            assert (status, body) == (421, b"This server answers on this machine alone.\n")
    assert served.ask("/report/../config.yaml")[0] == 404
    assert served.ask("/report/%2e%2e/config.yaml")[0] == 404
    assert served.ask("/elsewhere")[0] == 404
    for token in ("/x", "/report", "/", "/é"):
        assert served.ask(quote("/report/index.html"), token=quote(token))[0] == 404
    _, headers, _ = served.ask()
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_it_ends_cleanly_and_the_page_says_so(browser, tmp_path):
    with serving(tmp_path / "ending") as served, opened(browser, served) as page:
        assert served.stop() == 0
        page.locator("#ended").wait_for(timeout=SECONDS * 1000)
        assert served.said[-1] == "ended\n"
        assert "Traceback" not in "".join(served.complaints), "".join(served.complaints)
        assert sorted(path.name for path in served.folder.iterdir()) == [
            "config.yaml",
            "d.csv",
            "k.csv",
            "m.csv",
            "text",
        ]
