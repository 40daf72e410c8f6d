"""Serve the page on which two columns are chosen, at an address of this machine that has a token."""

from __future__ import annotations

import json
import secrets
import webbrowser
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from threading import Lock, Thread
from urllib.parse import parse_qs, urlsplit

from ...errors import DataError, DiptychError
from ..serve.preview import Board, RequestHandler, Server
from .choice import Choice
from .form import acted, choice_between, choice_of
from .page import columns, form, page, pairs, policy, shown_part
from .session import Session
from .telling import Shown, faults_of, shown
from .writing import config_text, write_config

MOST_BODY = 200_000
"""Maximum number of bytes of a form."""

Answer = tuple[str, str]
"""A text and its type."""

_HTML, _TEXT, _JSON = "text/html; charset=utf-8", "text/plain; charset=utf-8", "application/json"


class Site:
    """The page of a session: one answer for each path below the token. `written` is the config that was written."""

    def __init__(self, session: Session, target: Path) -> None:
        """Serve a session whose config is `target`."""
        self.session, self.target = session, target
        self.written: Path | None = None
        self._lock = Lock()
        self._ways: Mapping[str, Callable[[Mapping[str, str]], Answer]] = {
            "": lambda _: (page(session, is_live=True), _HTML),
            "columns": lambda asked: (columns(session, self._place(asked.get("about"))), _HTML),
            "pairs": lambda asked: (pairs(session, asked.get("tab", ""), self._place(asked.get("about"))), _HTML),
            "choice": self._choice,
            "shown": self._shown,
            "fold": lambda asked: self._grouped(session.fold, asked),
            "split": lambda asked: self._grouped(lambda places: session.split(*places[:1]), asked),
            "write": self._write,
        }

    def answer(self, path: str, asked: Mapping[str, str]) -> Answer | None:
        """Return the answer to a request, or None for an unknown path."""
        way = self._ways.get(path)
        if way is None:
            return None
        with self._lock:
            return way(asked)

    def _place(self, text: str | None) -> int | None:
        is_known = text is not None and text.isdecimal() and int(text) < len(self.session.profile.questions)
        return int(text) if is_known and text is not None else None

    def _told(self, choice: Choice) -> tuple[list[str], Shown | None]:
        """Return the faults of a choice, or the content of its report."""
        faults = faults_of(self.session.profile, choice)
        try:
            return faults, None if faults else shown(self.session.profile, choice)
        except DataError as error:
            return list(error.messages), None

    def _choice(self, asked: Mapping[str, str]) -> Answer:
        """Return the form of a pair, or of the fields after a press of a button."""
        ranking, act = self.session.ranking, asked.get("act", "")
        try:
            if act.startswith("anew."):
                side = act.removeprefix("anew.")
                asked = {
                    key: value for key, value in asked.items() if not key.startswith(f"{side}.") or key in _OF_ITEM
                }
            if "given.groups" not in asked and "answer.groups" not in asked:
                places = [self._place(asked.get(f"{side}.question")) for side in ("given", "answer")]
                choice = choice_between(ranking, *(place for place in places if place is not None))
            else:
                choice = choice_of(ranking, asked)
            choice = acted(ranking, choice, act) if act and not act.startswith("anew.") else choice
        except (DiptychError, TypeError) as error:
            messages = error.messages if isinstance(error, DiptychError) else ("choose two questions",)
            return shown_part(_NO_CHOICE, messages, None), _HTML
        return form(self.session, choice, *self._told(choice), self.target), _HTML

    def _shown(self, asked: Mapping[str, str]) -> Answer:
        """Return the first sentence and the config of a form, as a person types."""
        try:
            choice = choice_of(self.session.ranking, asked)
            faults, found = self._told(choice)
            config = "" if faults else config_text(self.session.profile, choice, self.target.parent)
        except DiptychError as error:
            return json.dumps([shown_part(_NO_CHOICE, error.messages, None), ""]), _JSON
        return json.dumps([shown_part(choice, faults, found), config]), _JSON

    def _grouped(self, change: Callable[[list[int]], None], asked: Mapping[str, str]) -> Answer:
        places = [place for text in asked.get("places", "").split(",") if (place := self._place(text)) is not None]
        try:
            change(places)
        except DataError as error:
            return " ".join(error.messages), _TEXT
        return "", _TEXT

    def _write(self, asked: Mapping[str, str]) -> Answer:
        """Write the config and return what to say, and where the report will be shown."""
        try:
            choice = choice_of(self.session.ranking, asked)
            if faults := self._told(choice)[0]:
                raise DataError(*faults)
            if self.target.exists():
                raise DataError(f"{self.target} is there already: take it away, or start with -o and another name")
            write_config(config_text(self.session.profile, choice, self.target.parent), self.target)
        except DiptychError as error:
            return json.dumps([" ".join(error.messages), ""]), _JSON
        self.written = self.target
        return json.dumps([f"{self.target} is written. The report comes here.", "/"]), _JSON


_NO_CHOICE: Choice = None  # type: ignore[assignment] # faults are shown without a choice
_OF_ITEM = {"given.question", "given.item", "answer.question", "answer.item"}


class _Handler(RequestHandler):
    """Answers for the site of the server."""

    server: ChooseServer

    def do_GET(self) -> None:  # noqa: N802 - as the library says
        """Answer a request for a part of the page."""
        self._tell(urlsplit(self.path).query)

    def do_POST(self) -> None:  # noqa: N802 - as the library says
        """Answer a form."""
        size = self.headers.get("Content-Length", "")
        if not size.isdecimal() or int(size) > MOST_BODY:
            self.close_connection = True
            self.answer(b"This form is too large.\n", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        self.allow(int(size))
        self._tell(self.rfile.read(int(size)).decode("utf-8", "replace"))

    def _tell(self, fields: str) -> None:
        if not self.is_ours():
            return
        asked = {
            key: values[0] for key, values in parse_qs(fields, keep_blank_values=True, max_num_fields=2_000).items()
        }
        start = f"/{self.server.token}/"
        path = urlsplit(self.path).path
        found = self.server.site.answer(path.removeprefix(start), asked) if path.startswith(start) else None
        if found is None:
            self.answer(
                b"There is no such page. The address with its token is in the terminal.\n", HTTPStatus.NOT_FOUND
            )
            return
        text, kind = found
        self.answer(text.encode(), kind=kind, policy=policy() + "; frame-ancestors 'none'" if kind == _HTML else None)
        if self.server.site.written is not None:
            Thread(target=self.server.shutdown, daemon=True).start()


class ChooseServer(Server):
    """Server of a site on the loopback address. Raises OSError if the port is taken."""

    def __init__(self, site: Site, port: int) -> None:
        """Bind to a port; 0: any free port."""
        super().__init__(Board(), port, _Handler)
        self.site = site
        self.token = secrets.token_urlsafe(16)

    @property
    def address(self) -> str:
        """Return the address for a browser, with the token."""
        return f"{super().address}{self.token}/"


def choose(session: Session, target: Path, port: int, say: Callable[[str], None]) -> tuple[Path | None, int]:
    """Serve the page until a config is written, and return it and the port; None if a person ends it."""
    try:
        server = ChooseServer(Site(session, target), port)
    except OSError as error:
        raise DataError(f"port {port}: cannot be used ({error.strerror}); --port names another, or 0") from None
    say(server.address)
    webbrowser.open(server.address)
    try:
        server.serve_forever(poll_interval=0.1)
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
    return server.site.written, server.server_port
