"""What moves on a terminal while something is under way. Only here is Rich needed, where a person watches."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import rich.console
from rich.markup import escape
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, TextColumn, TimeElapsedColumn

from ..config.places import printable
from ..progress import STAGES
from .console import discard, plain_spaces


@contextmanager
def stages(what: str, color: str) -> Iterator[OneLine]:
    """Give a watcher that shows stages in one line, which goes at the end."""
    with progress(color, SpinnerColumn(), TextColumn("{task.description}")) as bar:
        yield OneLine(bar, printable(what))


def fetching(color: str) -> Progress:
    """Return what shows bars, each with what is `said` behind it."""
    return progress(color, TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[said]}"))


def progress(color: str, *columns: ProgressColumn) -> Progress:
    """Return what shows columns and the time on standard error, in colour where that is wanted."""
    force, none = (True if color == way else None for way in ("always", "never"))
    console = _Stderr(stderr=True, force_terminal=force, no_color=none, highlight=False)
    return Progress(*columns, TimeElapsedColumn(), console=console, transient=True)


class _Stderr(rich.console.Console):
    """Standard error; where nobody reads it any more, the work goes on."""

    def on_broken_pipe(self) -> None:
        """Say nothing more."""
        self.quiet = True
        discard(sys.stderr)


class OneLine:
    """Shows the stages that are open in one line."""

    def __init__(self, bar: Progress, what: str) -> None:
        self._bar = bar
        self._open = [what]
        self._task = bar.add_task(escape(what), total=None)

    def began(self, name: str) -> None:
        """Show the stage."""
        number = f"{STAGES.index(name) + 1} of {len(STAGES)}, " if len(self._open) == 1 and name in STAGES else ""
        self._open.append(number + printable(name))
        self._show()

    def told(self, detail: str) -> None:
        """Show how far it has come."""
        self._show(f" ({printable(plain_spaces(detail))})")

    def ended(self, seconds: float) -> None:  # noqa: ARG002 - the bar counts by itself
        """Show what it was a part of."""
        self._open.pop()
        self._show()

    def _show(self, detail: str = "") -> None:
        self._bar.update(self._task, description=escape(": ".join(self._open) + detail))
