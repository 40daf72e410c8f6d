"""The routes of the page on which two columns are chosen."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event, Lock
from urllib.parse import parse_qsl

from ...errors import DataError, DiptychError
from ..serve.server import Answer, Request, Route
from .choice import Choice
from .form import acted, choice_between, choice_of
from .page import columns, form, page, pairs, policy, shown_part
from .session import Session
from .telling import Shown, faults_of, shown
from .writing import config_text, write_config

Fields = Mapping[str, str]

_HTML = "text/html; charset=utf-8"


class Site:
    """The page of a session. `written` is set when its config is written."""

    def __init__(self, session: Session, target: Path) -> None:
        """Serve a session whose config is `target`."""
        self.session, self.target, self.written = session, target, Event()
        self._lock = Lock()
        self.routes: Mapping[tuple[str, str], Route] = {
            ("GET", ""): lambda _: Answer(page(session, is_live=True).encode(), _HTML, policy=policy()),
            ("GET", "columns"): self._part(lambda asked: columns(session, self._place(asked.get("about")))),
            ("GET", "pairs"): self._part(
                lambda asked: pairs(session, asked.get("tab", ""), self._place(asked.get("about")))
            ),
            ("POST", "choice"): self._part(self._choice),
            ("POST", "shown"): self._part(self._shown),
            ("POST", "fold"): self._part(lambda asked: self._grouped(session.fold, asked)),
            ("POST", "split"): self._part(
                lambda asked: self._grouped(lambda places: session.split(*places[:1]), asked)
            ),
            ("POST", "write"): self._part(self._write),
        }

    def _part(self, of: Callable[[Fields], str]) -> Route:
        """Return a route that answers with a part of the page, from the fields of the query or of a form."""

        def route(request: Request) -> Answer:
            fields = {
                **request.query,
                **dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)),
            }
            with self._lock:
                return Answer(of(fields).encode(), _HTML)

        return route

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

    def _choice(self, asked: Fields) -> str:
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
            return shown_part(None, messages, None)
        return form(self.session, choice, *self._told(choice), self.target)

    def _shown(self, asked: Fields) -> str:
        """Return the first sentence and the config of a form, as a person types."""
        try:
            choice = choice_of(self.session.ranking, asked)
            faults, found = self._told(choice)
            config = "" if faults else config_text(self.session.profile, choice, self.target.parent)
        except DiptychError as error:
            return json.dumps([shown_part(None, error.messages, None), ""])
        return json.dumps([shown_part(choice, faults, found), config])

    def _grouped(self, change: Callable[[list[int]], None], asked: Fields) -> str:
        places = [place for text in asked.get("places", "").split(",") if (place := self._place(text)) is not None]
        try:
            change(places)
        except DataError as error:
            return " ".join(error.messages)
        return ""

    def _write(self, asked: Fields) -> str:
        """Write the config and return what to say, and where the report will be shown."""
        try:
            choice = choice_of(self.session.ranking, asked)
            if faults := self._told(choice)[0]:
                raise DataError(*faults)
            if self.target.exists():
                raise DataError(f"{self.target} is there already: take it away, or start with -o and another name")
            write_config(config_text(self.session.profile, choice, self.target.parent), self.target)
        except DiptychError as error:
            return json.dumps([" ".join(error.messages), False])
        self.written.set()
        return json.dumps([f"{self.target} is written. The report comes here.", True])


_OF_ITEM = {"given.question", "given.item", "answer.question", "answer.item"}
