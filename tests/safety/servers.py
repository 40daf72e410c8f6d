"""A server on this machine that misbehaves as it is told, and a resolver that answers as it is told."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MEGABYTE = b"a" * 2**20


class Trap:
    """`asked` are the paths that were asked for. `slow` is the pause between two bytes of what is sent slowly."""

    def __init__(self):
        self.asked = []
        self.sent = 0
        self.slow = 0.2
        self.redirects = {}
        self.stop = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"trap": self}))
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def url(self, path, host="127.0.0.1"):
        return f"http://{host}:{self.port}{path}"

    def close(self):
        self.stop.set()
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    trap: Trap
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Say nothing."""

    def do_GET(self):
        self.trap.asked.append(self.path)
        self.close_connection = True
        with contextlib.suppress(OSError):
            getattr(self, f"_{self.path.strip('/').split('/')[0].split('.')[0]}", self._file)()

    def _send(self, body, **headers):
        self.send_response(200)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)
        self.trap.sent += len(body)

    def _file(self):
        self._send(b"id,l,owner\nm1,a,u\nm2,b,v\nm3,b,u\n")

    def _to(self):
        self.send_response(302)
        self.send_header("Location", self.trap.redirects[self.path])
        self.send_header("Connection", "close")
        self.end_headers()

    def _endless(self):
        self.send_response(200)
        self.end_headers()
        while not self.trap.stop.is_set():
            self.wfile.write(MEGABYTE)
            self.trap.sent += len(MEGABYTE)

    def _long(self):
        self.send_response(302)
        self.send_header("Location", "/file.csv")
        self.end_headers()
        while not self.trap.stop.is_set():
            self.wfile.write(MEGABYTE)

    def _huge(self):
        self.send_response(200)
        self.send_header("Content-Length", str(10**15))
        self.end_headers()
        self.wfile.write(b"id\n")
        self.trap.stop.wait(5)

    def _slow(self):
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        self._drip()

    def _headers(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        self._drip()

    def _drip(self):
        while not self.trap.stop.is_set():
            self.wfile.write(b"a")
            self.wfile.flush()
            time.sleep(self.trap.slow)

    def _packed(self):
        self._send(gzip.compress(MEGABYTE * 50), Content_Encoding="gzip")

    def _api(self):
        self._send(
            gzip.compress(b"[" + b'{"id": "a/b"},' * 10**6 + b'{"id": "a/b"}]' + b" " * 2**28), Content_Encoding="gzip"
        )

    def _broken(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"id,l\n")


def answering(monkeypatch, names):
    """Let names have addresses: name -> addresses, one list for each time that it is looked up. Return what was asked."""
    asked = []
    real = socket.getaddrinfo

    def answer(host, port, *arguments, **named):
        if host not in names:
            return real(host, port, *arguments, **named)
        asked.append(host)
        answers = names[host]
        found = answers[min(asked.count(host), len(answers)) - 1]
        family = {True: socket.AF_INET6, False: socket.AF_INET}
        return [
            (family[":" in one], socket.SOCK_STREAM, 6, "", (one, port, 0, 0) if ":" in one else (one, port))
            for one in found
        ]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked
