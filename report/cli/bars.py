"""Progress display on a terminal. Only this module needs Rich, and only if a person watches."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import rich.console
from rich.markup import escape
from rich.progress import Progress, ProgressColumn, SpinnerColumn, TextColumn, TimeElapsedColumn

from ..config.places import printable
from ..progress import STAGES
from .console import discard, plain_spaces


@contextmanager
def stages(what: str, color: str) -> Iterator[OneLine]:
    """Yield a watcher that shows stages in one line, which disappears at the end."""
    with progress(color, SpinnerColumn(), TextColumn("{task.description}")) as bar:
        yield OneLine(bar, printable(what))


def progress(color: str, *columns: ProgressColumn) -> Progress:
    """Return a display of columns and the time on standard error, in colour if wanted."""
    force, none = (True if color == way else None for way in ("always", "never"))
    console = _Stderr(stderr=True, force_terminal=force, no_color=none, highlight=False)
    return Progress(*columns, TimeElapsedColumn(), console=console, transient=True)


class _Stderr(rich.console.Console):
    """Standard error. The work continues if its reader is gone."""

    def on_broken_pipe(self) -> None:
        """Stop the output."""
        self.quiet = True
        discard(sys.stderr)


class OneLine:
    """Shows the open stages in one line."""

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
        """Show the progress of the stage."""
        self._show(f" ({printable(plain_spaces(detail))})")

    def ended(self, seconds: float) -> None:  # noqa: ARG002 - the bar counts by itself
        """Show the enclosing stage."""
        self._open.pop()
        self._show()

    def _show(self, detail: str = "") -> None:
        self._bar.update(self._task, description=escape(": ".join(self._open) + detail))
