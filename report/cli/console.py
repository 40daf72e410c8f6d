"""What a person sees on the terminal: results on standard output, the rest on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import rich.console
import typer
from rich.text import Text

from report.errors import Note

_NOTES_SHOWN = 12


@dataclass(frozen=True)
class Speech:
    """How to speak. `color` is auto, always or never."""

    quiet: bool
    as_json: bool
    color: str

    def __post_init__(self) -> None:
        if self.color not in ("auto", "always", "never"):
            raise typer.BadParameter(f'"{self.color}" is not one of auto, always, never', param_hint="--color")


class Console:
    """Speaks as it is told to."""

    def __init__(self, speech: Speech) -> None:
        """Open standard error for a person, in colour where that is wanted."""
        self._speech = speech
        self._error = _stderr(speech.color)

    @contextmanager
    def working(self, what: str) -> Iterator[None]:
        """Show that something is under way, where a person watches."""
        if self._speech.quiet or not self._error.is_terminal:
            yield
            return
        with self._error.status(Text(what)):
            yield

    def notes(self, notes: Sequence[Note]) -> None:
        """Print what is worth knowing and stops nothing."""
        if self._speech.quiet:
            return
        for note in notes[:_NOTES_SHOWN]:
            self._error.print(Text.assemble(("note: ", "yellow"), note.message), soft_wrap=True)
        if len(notes) > _NOTES_SHOWN:
            self._error.print(Text(f"note: {len(notes) - _NOTES_SHOWN} more; they stand in the report"), soft_wrap=True)

    def result(self, text: str, data: Mapping[str, object]) -> None:
        """Print the result: text for a person, JSON where asked for."""
        if self._speech.as_json:
            sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")
        else:
            sys.stdout.write(f"{text}\n")

    @staticmethod
    def errors(message: str, arguments: Sequence[str]) -> None:
        """Print what is wrong, a line each, as it stands so that editors find file, line and column."""
        color = "never" if "never" in arguments else "auto"
        console = _stderr(color)
        for line in message.splitlines():
            console.print(Text.assemble(("error: ", "bold red"), line), soft_wrap=True)


def _stderr(color: str) -> rich.console.Console:
    return rich.console.Console(
        stderr=True,
        force_terminal=True if color == "always" else None,
        no_color=True if color == "never" else None,
        highlight=False,
    )
