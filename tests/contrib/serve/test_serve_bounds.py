"""Connections to `diptych serve` that are slow, long, half open or many end; the others are answered."""

import socket
import time
from contextlib import closing, suppress
from http.client import HTTPConnection
from threading import Thread
from urllib.parse import quote

import pytest

from diptych.contrib.serve import preview
from diptych.contrib.serve.preview import Board, Server

pytestmark = pytest.mark.slow


@pytest.fixture
def server(monkeypatch):
    """A server with short times and few connections."""
    monkeypatch.setattr(preview, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(preview, "MOST_CONNECTIONS", 4)
    board = Board()
    board.show({"index.html": b"page"})
    made = Server(board, 0)
    thread = Thread(target=made.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield made
    board.end()
    made.shutdown()
    made.server_close()
    thread.join()


def opened(server):
    return socket.create_connection(("127.0.0.1", server.server_port), timeout=5)


def answered(server, path="/report/"):
    with closing(HTTPConnection("127.0.0.1", server.server_port, timeout=5)) as connection:
        connection.request("GET", path)
        return connection.getresponse().read()


def is_closed(connection):
    """Whether the other end closes within the time of the socket."""
    try:
        while connection.recv(4096):
            pass
    except ConnectionError:
        pass
    return True


def test_a_connection_that_says_nothing_is_closed(server):
    with opened(server) as silent:
        began = time.monotonic()
        assert is_closed(silent)
        assert time.monotonic() - began < 3


def test_a_request_byte_by_byte_is_closed(server):
    with opened(server) as slow:
        began = time.monotonic()
        with suppress(OSError):  # a reset or a broken pipe
            while time.monotonic() - began < 4:
                slow.sendall(b"G")
                time.sleep(0.1)
        assert time.monotonic() - began < 3


def test_headers_without_end_are_refused(server):
    with opened(server) as long:
        long.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 17_000)
        assert b" 431 " in long.recv(4096)


def test_connections_beyond_the_bound_are_closed_and_others_answered_after(server):
    silent = [opened(server) for _ in range(4)]
    time.sleep(0.2)
    with opened(server) as fifth:
        fifth.settimeout(0.25)
        assert is_closed(fifth)
    for one in silent:
        assert is_closed(one)
        one.close()
    time.sleep(0.2)
    assert answered(server) == b"page"


@pytest.mark.parametrize("after", ["9" * 5000, "-1", "x", "٣", "", "0"])
def test_any_number_of_a_state_is_answered(server, after):
    assert b'"report": 1' in answered(server, f"/state?after={quote(after)}")


def test_a_body_is_not_taken_for_a_request(server):
    host = f"127.0.0.1:{server.server_port}"
    with opened(server) as connection:
        body = f"GET /report/ HTTP/1.1\r\nHost: {host}\r\n\r\n"
        connection.sendall(f"GET /none HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        said = b""
        while part := connection.recv(4096):
            said += part
    assert said.count(b"HTTP/1.1") == 1
