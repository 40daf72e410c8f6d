"""A Hub of our own: a local HTTP server that speaks the same API and file layout, and fails where it is told to.

Files that git would keep (small ones) are sent by the Hub itself with their git id as ETag; large files are redirected
to another origin, as the real Hub does to its storage, with their SHA-256 as `X-Linked-Etag`.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

LARGE = 1000
"""Bytes from which on a file is stored elsewhere."""

DATE = "Fri, 02 Oct 2026 10:00:00 GMT"


@dataclass
class Fault:
    """What goes wrong with requests whose path (and query) a pattern finds, and how often.

    `cut`: send so many bytes of the body, then close. `status` and `headers`: answer so. `body`: send this instead,
    with status 200.
    """

    pattern: str
    times: int = 1
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    body: bytes | None = None
    method: str = "GET"


@dataclass
class Asked:
    """A request that came: `path` with its query; `n_bytes` of body were sent."""

    method: str
    path: str
    authorization: str | None
    n_bytes: int = 0


@dataclass
class Repository:
    """Commits by id, each with its files; `branches` name commits. `only`: the token that may read it."""

    commits: dict[str, dict[str, bytes]]
    branches: dict[str, str]
    only: str | None = None
    gated: bool = False


class FakeHub:
    """The server's content, its faults, and what it was asked."""

    def __init__(self) -> None:
        self.repositories: dict[tuple[str, str], Repository] = {}
        self.items: dict[str, list[dict[str, Any]]] = {"models": [], "datasets": []}
        self.faults: list[Fault] = []
        self.asked: list[Asked] = []
        self.page_size = 1000
        self.token: str | None = None
        self.linked: str | None = None
        self.elsewhere: dict[str, tuple[bytes, str]] = {}
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Handler,), {"hub": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def storage(self) -> str:
        """Where large files are: another origin, though the same server."""
        return f"http://localhost:{self.port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def put(self, repository: str, files: dict[str, bytes], kind: str = "dataset", **more: Any) -> str:
        """Commit files to the main branch of a repository; return the commit."""
        commit = hashlib.sha1(repr(sorted(files.items())).encode(), usedforsecurity=False).hexdigest()
        known = self.repositories.get((kind, repository))
        if known is None:
            self.repositories[kind, repository] = Repository({commit: files}, {"main": commit}, **more)
        else:
            known.commits[commit] = files
            known.branches["main"] = commit
        return commit

    def fail(self, pattern: str, **how: Any) -> None:
        self.faults.append(Fault(pattern, **how))

    def fault_for(self, method: str, path: str) -> Fault | None:
        with self._lock:
            for fault in self.faults:
                if fault.times > 0 and fault.method == method and re.search(fault.pattern, path):
                    fault.times -= 1
                    return fault
        return None

    def paths(self, pattern: str = "", method: str = "GET") -> list[str]:
        """The paths that were asked for, in order."""
        return [one.path for one in self.asked if one.method == method and re.search(pattern, one.path)]


class Handler(BaseHTTPRequestHandler):
    """Answers one connection; `hub` is set on a class for each server."""

    hub: FakeHub
    one: Asked
    fault: Fault | None
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def date_time_string(self, timestamp: float | None = None) -> str:  # noqa: ARG002
        return DATE

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, OSError):
            self.close_connection = True

    def _answer(self) -> None:
        self.one = Asked(self.command, self.path, self.headers.get("authorization"))
        self.hub.asked.append(self.one)
        self.fault = self.hub.fault_for(self.command, self.path)
        if self.fault is not None and self.fault.status is not None:
            self._send(self.fault.status, b'{"error": "no"}', self.fault.headers)
            return
        for pattern, answer in self._routes():
            found = re.fullmatch(pattern, urlsplit(self.path).path)
            if found:
                answer(*(unquote(part) if part else part for part in found.groups()))
                return
        self._send(404, b"{}", {})

    def _routes(self) -> list[tuple[str, Callable[..., None]]]:
        name = r"([\w.-]+/[\w.-]+)"
        return [
            (r"/api/(models|datasets)", self._list),
            (rf"/api/(models|datasets)/{name}(?:/revision/([^/]+))?", self._info),
            (rf"/api/(models|datasets)/{name}/tree/([^/]+)/?(.*)", self._tree),
            (rf"/(datasets/)?{name}/resolve/([^/]+)/(.+)", self._file),
            (r"/storage/(\w+)", self._stored),
            (r"/web/(.+)", self._web),
        ]

    def _list(self, kind: str) -> None:
        if self._refused(None):
            return
        query = parse_qs(urlsplit(self.path).query)
        items = [item for item in self.hub.items[kind] if self._is_meant(item, query)]
        if query.get("sort") == ["createdAt"]:
            items.sort(key=lambda item: str(item.get("createdAt")), reverse=True)
        start = int(query.get("cursor", ["0"])[0])
        size = min(int(query.get("limit", ["1000"])[0]), self.hub.page_size)
        fields = {"id", "modelId", "private", *query.get("expand", [])}
        page = [{k: v for k, v in item.items() if k in fields} for item in items[start : start + size]]
        headers = {"Content-Type": "application/json"}
        if start + size < len(items):
            following = urlencode({**query, "cursor": str(start + size)}, doseq=True)
            headers["Link"] = f'<{self.hub.linked or self.hub.endpoint}/api/{kind}?{following}>; rel="next"'
        self._send(200, json.dumps(page).encode(), headers)

    def _is_meant(self, item: dict[str, Any], query: dict[str, list[str]]) -> bool:
        if item.get("private") and self.headers.get("authorization") != f"Bearer {self.hub.token}":
            return False
        owner = str(item.get("id", "")).partition("/")[0]
        if "author" in query and query["author"] != [owner]:
            return False
        return set(query.get("filter", [])) <= set(item.get("tags") or [])

    def _repository(self, kind: str, name: str, revision: str | None) -> tuple[Repository, str] | None:
        repository = self.hub.repositories.get((kind, name))
        if repository is None:
            self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"})
            return None
        if self._refused(repository):
            return None
        commit = repository.branches.get(revision or "main", revision or "")
        if commit not in repository.commits:
            self._send(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
            return None
        return repository, commit

    def _refused(self, repository: Repository | None) -> bool:
        """Answer 401 or 403 where the token does not do."""
        given = self.headers.get("authorization")
        if given is not None and given != f"Bearer {self.hub.token}":
            message = {"X-Error-Message": "Invalid credentials in Authorization header"}
            self._send(401, b"{}", message)
            return True
        if repository is not None and repository.gated and given is None:
            self._send(403, b"{}", {"X-Error-Code": "GatedRepo"})
            return True
        if repository is not None and repository.only is not None and given is None:
            self._send(401, b"{}", {"X-Error-Code": "RepoNotFound"})
            return True
        return False

    def _info(self, kinds: str, name: str, revision: str | None) -> None:
        found = self._repository(kinds.removesuffix("s"), name, revision)
        if found is not None:
            body = json.dumps({"id": name, "sha": found[1], "siblings": [], "tags": [], "private": False})
            self._send(200, body.encode(), {"Content-Type": "application/json"})

    def _tree(self, kinds: str, name: str, revision: str, folder: str) -> None:
        found = self._repository(kinds.removesuffix("s"), name, revision)
        if found is None:
            return
        repository, commit = found
        prefix = f"{folder}/" if folder else ""
        below = {path: content for path, content in repository.commits[commit].items() if path.startswith(prefix)}
        deep = "recursive=true" in self.path.lower()
        entries = {}
        for path, content in below.items():
            first, more, _ = path.removeprefix(prefix).partition("/")
            if more:
                entries[prefix + first] = {"type": "directory", "path": prefix + first, "oid": "0" * 40, "size": 0}
            if deep or not more:
                entries[path] = {"type": "file", "path": path, "oid": _git_id(content), "size": len(content)}
        self._send(200, json.dumps(list(entries.values())).encode(), {"Content-Type": "application/json"})

    def _file(self, prefix: str | None, name: str, revision: str, path: str) -> None:
        found = self._repository("dataset" if prefix else "model", name, revision)
        if found is None:
            return
        repository, commit = found
        content = repository.commits[commit].get(path)
        if content is None:
            self._send(404, b"{}", {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": commit})
        elif len(content) < LARGE:
            self._ranged(content, {"ETag": f'"{_git_id(content)}"', "X-Repo-Commit": commit})
        else:
            etag = hashlib.sha256(content).hexdigest()
            self.hub.elsewhere[etag] = content, f'"storage-{etag[:8]}"'
            linked = {"X-Linked-Etag": f'"{etag}"', "X-Linked-Size": str(len(content)), "X-Repo-Commit": commit}
            self._send(302, b"", {"Location": f"{self.hub.storage}/storage/{etag}", **linked})

    def _stored(self, etag: str) -> None:
        content, own = self.hub.elsewhere[etag]
        self._ranged(content, {"ETag": own})

    def _web(self, path: str) -> None:
        if path not in self.hub.elsewhere:
            self._send(404, b"", {})
            return
        content, etag = self.hub.elsewhere[path]
        if self.headers.get("if-none-match") == etag:
            self._send(304, b"", {"ETag": etag})
        else:
            self._ranged(content, {"ETag": etag})

    def _ranged(self, content: bytes, headers: dict[str, str]) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("range") or "")
        if asked is None:
            self._send(200, content, {**headers, "Accept-Ranges": "bytes"})
            return
        start, end = int(asked[1]), min(int(asked[2] or len(content) - 1), len(content) - 1)
        about = {"Content-Range": f"bytes {start}-{end}/{len(content)}"}
        self._send(206, content[start : end + 1], {**headers, **about})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        fault = self.fault
        if fault is not None and fault.body is not None:
            body = fault.body
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD" or status == 304:
            return
        cut = fault.cut if fault is not None and fault.cut is not None else None
        sent = body if cut is None else body[:cut]
        self.one.n_bytes = len(sent)
        self.wfile.write(sent)
        if cut is not None and cut < len(body):
            self.wfile.flush()
            time.sleep(0)
            self.close_connection = True


def _git_id(content: bytes) -> str:
    return hashlib.sha1(f"blob {len(content)}\0".encode() + content, usedforsecurity=False).hexdigest()
