"""The local server: routes, its token, foreign hosts, bodies, and pages that follow a state."""

import json
from contextlib import closing
from http.client import HTTPConnection
from threading import Thread, Timer
from urllib.parse import quote

import pytest

from diptych.contrib.serve.server import MOST_BYTES, Answer, LiveState, LocalServer


@pytest.fixture
def served():
    """A server with a page, a form and a state, and a function that requests a path below its token."""
    live = LiveState(report=1)
    routes = {
        ("GET", ""): lambda _: Answer(b"page"),
        ("GET", "files"): lambda request: Answer.of_file(request.path, request.path.encode()),
        ("POST", "form"): lambda request: Answer(request.body.upper() + request.query.get("x", "").encode()),
        ("GET", "state"): live.route,
    }
    server = LocalServer(routes)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()

    def ask(path="", method="GET", body=None, token=None, **headers):
        with closing(HTTPConnection("127.0.0.1", server.server_port, timeout=5)) as connection:
            connection.request(method, f"/{token or server.token}/{path}", body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(), dict(answer.getheaders())

    yield ask, live, server
    live.end()
    server.shutdown()
    server.server_close()
    thread.join()


def test_routes_by_method_and_first_name(served):
    ask, _, server = served
    assert server.address == f"http://127.0.0.1:{server.server_port}/{server.token}/"
    assert ask()[:2] == (200, b"page")
    assert ask(method="HEAD")[:2] == (200, b"")
    assert ask("form?x=2", "POST", b"abc")[:2] == (200, b"ABC2")
    status, content, headers = ask("files/a%20b/c.html")
    assert (status, content, headers["Content-Type"]) == (200, b"a b/c.html", "text/html; charset=utf-8")
    for path, method in (("form", "GET"), ("", "POST"), ("elsewhere", "GET")):
        assert ask(path, method)[0] == 404


@pytest.mark.parametrize("token", ["x", "..", "%C3%A9", "state"])
def test_nothing_is_answered_without_the_token(served, token):
    ask = served[0]
    assert ask(token=token)[0] == 404
    assert ask("state", token=token)[0] == 404


@pytest.mark.parametrize("host", ["example.org", "127.0.0.1", "127.0.0.1:1"])
def test_no_other_host_name_is_answered(served, host):
    assert served[0](Host=host)[0] == 421


@pytest.mark.parametrize(
    "headers", [{"Content-Length": str(MOST_BYTES + 1)}, {"Content-Length": "-1"}, {"Transfer-Encoding": "chunked"}]
)
def test_a_body_that_is_too_large_or_of_unknown_size_is_refused(served, headers):
    status, _, answered = served[0]("form", "POST", None, **headers)
    assert status == 413
    assert answered.get("Connection", "close") == "close"


def test_a_page_that_follows_is_answered_at_the_next_change(served):
    ask, live, _ = served
    live.change(report=2)
    assert json.loads(ask("state")[1]) == {"report": 2, "number": 1}
    Timer(0.2, lambda: live.change(report=3)).start()
    assert json.loads(ask("state?after=1")[1]) == {"report": 3, "number": 2}
    for after in ("9" * 5000, "-1", "x", "\N{ARABIC-INDIC DIGIT THREE}", "", "0"):
        assert json.loads(ask(f"state?after={quote(after)}")[1])["number"] == 2
