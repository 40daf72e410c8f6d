"""The report of a config, made again and again in memory: its page, or what is wrong, and the files that decide it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..cache import Cache, Memory
from ..config.loading import load_config
from ..errors import DiptychError, Note
from ..figures.drawing import Drawer
from ..pipeline.build import make
from ..pipeline.inputs import looked_at
from ..renderers.outputs import HtmlSettings, OutputSettings
from ..theme.templates import template_folder

KEPT = 24
"""So many things of the last builds are kept in memory: counts, panels and findings of a few."""

Seen = Mapping[str, tuple[int, int] | None]
"""Path -> when it was written, and its size; None where there is none."""


@dataclass(frozen=True)
class Attempt:
    """What a build gave: files of the report, and after how many seconds; or the error that stopped it."""

    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    seconds: float = 0.0
    notes: tuple[Note, ...] = ()
    error: DiptychError | None = None


class Preview:
    """Makes the page of a report whenever it is asked for; the other outputs are left to `diptych build`."""

    def __init__(self, config: Path, cache: Cache, drawer: Drawer) -> None:
        """Take a config, and what keeps and draws for all builds."""
        self._config = config
        self._cache = cache
        self._drawer = drawer
        self._files: tuple[Path, ...] = ()
        self._listings: tuple[tuple[Path, str], ...] = ()
        self.before: dict[str, tuple[int, int] | None] = self.seen()
        """How all that decides the report was before the last build read it."""

    def attempt(self) -> Attempt:
        """Build once."""
        began = time.monotonic()
        own = {str(self._config): _state(self._config)}
        try:
            loaded = load_config(self._config)
            looked = looked_at([loaded])
            self._files, self._listings = looked.files, looked.listings
            before, self.before = self.before, self.seen() | own
            if _of_templates(before) != _of_templates(self.before):
                self._cache.memory.forget()  # panels are told in words of templates
            shown = OutputSettings(html=loaded.config.outputs.html or HtmlSettings())
            config = loaded.config.model_copy(update={"outputs": shown})
            made = make(replace(loaded, config=config), self._drawer, cache=self._cache)
        except DiptychError as error:
            self.before = self.before | own
            return Attempt(seconds=time.monotonic() - began, error=error)
        return Attempt(made.files, time.monotonic() - began, made.notes)

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where something may change: the folders of all files, and those that patterns look through."""
        found = {path.absolute().parent for path in (self._config, *self._files)}
        found |= {folder.absolute() for folder, _ in self._listings}
        return tuple(sorted(folder for folder in found if folder.is_dir()))

    def seen(self) -> dict[str, tuple[int, int] | None]:
        """Return how all is now that the report is made of: config, text, data, what patterns find, templates."""
        paths = {self._config, *self._files}
        for folder, pattern in self._listings:
            paths |= set(folder.glob(pattern))
        paths |= set(template_folder().rglob("*"))
        return {str(path): _state(path) for path in sorted(paths)}


def _of_templates(seen: Seen) -> Seen:
    folder = str(template_folder())
    return {path: state for path, state in seen.items() if path.startswith(folder)}


def usual_preview_cache(cache: Cache) -> Cache:
    """Return a cache that keeps things in memory too."""
    return cache.with_memory(Memory(KEPT))


def _state(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
