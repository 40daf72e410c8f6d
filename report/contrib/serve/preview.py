"""Show a report at a local address for `diptych serve`, rebuilt in memory when its inputs change."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from ...cache import Cache
from ...config.loading import load_config
from ...errors import DiptychError, Note
from ...figures.drawing import Drawer
from ...pipeline.build import make_page
from ...pipeline.inputs import looked_at
from ...publish.reuse import InputsChecked
from ...theme import template_folder
from .server import NOT_FOUND, Answer, LiveState, Request

FileStates = Mapping[str, tuple[int, int] | None]
"""Path -> modification time and size, or None if there is no file."""


@dataclass(frozen=True)
class Attempt:
    """The result of a build: files of the report and the build time in seconds, or the error."""

    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    seconds: float = 0.0
    notes: tuple[Note, ...] = ()
    error: DiptychError | None = None


class Preview:
    """Builder of the page of a report. `diptych build` makes the other outputs."""

    def __init__(self, config: Path, cache: Cache, drawer: Drawer) -> None:
        """Keep a config, and the cache and drawing process that all builds share."""
        self._config = config
        self._cache = cache
        self._drawer = drawer
        self._looked: InputsChecked = ((), ())
        self.before: dict[str, tuple[int, int] | None] = self.seen()
        """State of all inputs of the report before the last build read them."""

    def attempt(self) -> Attempt:
        """Build once."""
        began = time.monotonic()
        own = {str(self._config): _state(self._config)}
        try:
            loaded = load_config(self._config)
            self._looked = looked_at([loaded])
            self.before = self.seen() | own
            made = make_page(loaded, self._drawer, self._cache)
        except DiptychError as error:
            self.before = self.before | own
            return Attempt(seconds=time.monotonic() - began, error=error)
        return Attempt(made.files, time.monotonic() - began, made.notes)

    def seen(self) -> dict[str, tuple[int, int] | None]:
        """Return the current state of all inputs: config, text, data, files matched by patterns, templates."""
        paths = {self._config, *self._looked[0]}
        for folder, pattern in self._looked[1]:
            paths |= set(folder.glob(pattern))
        # any process of the program stores compiled templates next to them
        paths |= {path for path in template_folder().rglob("*") if "__pycache__" not in path.parts}
        return {str(path): _state(path) for path in sorted(paths)}


def _state(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


_EVERY_SECONDS = 0.3


def wait(before: FileStates, seen: Callable[[], FileStates], stop: Event) -> None:
    """Wait until the state of the inputs is another one. Changes before the wait count too."""
    while seen() == before and not stop.wait(_EVERY_SECONDS):
        pass


class Board:
    """The last good report and later problems, as a page that follows them."""

    def __init__(self) -> None:
        """Start empty."""
        self._files: Mapping[str, bytes] = {}
        self._n_reports = 0
        self.live = LiveState(report=0, troubles=[])
        self.routes = {("GET", ""): _frame, ("GET", "state"): self.live.route, ("GET", "report"): self._file}

    def show(self, files: Mapping[str, bytes]) -> None:
        """Show a report, and clear all problems."""
        self._files = files
        self._n_reports += 1
        self.live.change(report=self._n_reports, troubles=[])

    def tell(self, troubles: Sequence[tuple[str, str]]) -> None:
        """Show problems, each with the lines of the file in which it occurs. The last good report stays."""
        self.live.change(troubles=[{"message": message, "excerpt": excerpt} for message, excerpt in troubles])

    def _file(self, request: Request) -> Answer:
        content = self._files.get(request.path)
        return NOT_FOUND if content is None else Answer.of_file(request.path, content)


def _frame(_: Request) -> Answer:
    """Return the page around the report, with a policy that only allows its own script and style."""
    folder = template_folder() / "contrib" / "serve"
    page, script, style = ((folder / f"frame.{ending}").read_text(encoding="utf-8") for ending in ("html", "js", "css"))
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in (script, style)
    ]
    policy = (
        f"default-src 'none'; script-src {hashes[0]}; style-src {hashes[1]}; frame-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    text = page.replace("@STYLE@", style).replace("@SCRIPT@", script)
    return Answer(text.encode(), "text/html; charset=utf-8", policy=policy)
