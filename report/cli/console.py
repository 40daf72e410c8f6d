"""What a person sees on the terminal: results on standard output, the rest on standard error."""

from __future__ import annotations

import json
import os
import platform
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import rich.console
import typer
from rich.text import Text

from report import __version__
from report.config.places import one_line
from report.errors import DiptychError, Note

INTERRUPTED = 130
"""Exit status after Ctrl-C: 128 and the number of its signal, as shells count."""

CLOSED = 141
"""Exit status where whoever read standard output stopped reading: the same for SIGPIPE."""

FAULT = 70
"""Exit status where diptych itself is at fault: EX_SOFTWARE of sysexits.h."""

_NOTES_SHOWN = 12


@dataclass(frozen=True)
class Speech:
    """How to speak. `color` is auto, always or never."""

    as_json: bool = False
    quiet: bool = False
    verbose: bool = False
    color: str = "auto"

    def __post_init__(self) -> None:
        if self.color not in ("auto", "always", "never"):
            raise typer.BadParameter(f'"{self.color}" is not one of auto, always, never', param_hint="--color")
        if self.quiet and self.verbose:
            raise typer.BadParameter("-q and -v exclude each other", param_hint="--verbose")


class Console:
    """Speaks as it is told to."""

    def __init__(self, speech: Speech) -> None:
        """Open standard error for a person, in colour where that is wanted."""
        self._speech = speech
        self._error = _Stderr(
            stderr=True,
            force_terminal=True if speech.color == "always" else None,
            no_color=True if speech.color == "never" else None,
            highlight=False,
        )

    @contextmanager
    def working(self, what: str) -> Iterator[None]:
        """Show that something is under way, where a person watches."""
        if self._speech.quiet or sys.stderr is None or not sys.stderr.isatty():
            yield
            return
        with self._error.status(Text(one_line(what))):
            yield

    def notes(self, notes: Sequence[Note]) -> None:
        """Print what is worth knowing and stops nothing: a dozen, or with -v all of it."""
        if self._speech.quiet:
            return
        shown = notes if self._speech.verbose else notes[:_NOTES_SHOWN]
        for note in shown:
            self._say("note", "yellow", note.message)
        if len(notes) > len(shown):
            self._say("note", "yellow", f"{len(notes) - len(shown)} more; -v prints them all")

    def result(self, text: str, data: Mapping[str, object]) -> None:
        """Print the result: text for a person, JSON where asked for."""
        # JSON in ASCII, so that it is JSON whatever the encoding of the terminal
        color = True if self._speech.color == "always" else None
        typer.echo(json.dumps(data, indent=2) if self._speech.as_json else text, color=color)

    def error(self, error: DiptychError) -> None:
        """Print what is wrong, a line for each message, so that editors find file, line and column."""
        for message in error.messages:
            self._say("error", "bold red", message)

    def interrupted(self) -> None:
        """Say that a person has stopped the program."""
        self._say("error", "bold red", "interrupted")

    def fault(self, error: Exception) -> None:
        """Say that we are at fault, and what to report; with -v show the way there."""
        if self._speech.verbose:
            self._error.print(Text("".join(traceback.format_exception(error)).rstrip()), soft_wrap=True)
        what = f"{type(error).__name__}: {error}".rstrip(": ")
        program = f"diptych {__version__} on Python {platform.python_version()}"
        more = "" if self._speech.verbose else " and what -v prints"
        self._say("error", "bold red", f"internal error: {what} ({_raised_at(error)})")
        self._say(
            "error", "bold red", f"the fault is in {program}; please report it, with the command, the config{more}"
        )

    def _say(self, sort: str, style: str, message: str) -> None:
        # labels and names from data stand in messages: what does not print must not reach the terminal
        self._error.print(Text.assemble((f"{sort}: ", style), one_line(message)), soft_wrap=True)


@contextmanager
def speaking(speech: Speech) -> Iterator[Console]:
    """Give a console, and turn whatever ends the block early into its words and its exit status."""
    console = Console(speech)
    try:
        yield console
    except (typer.Exit, typer.BadParameter):
        raise
    except DiptychError as error:
        console.error(error)
        raise typer.Exit(error.exit_status) from None
    except KeyboardInterrupt:
        console.interrupted()
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        _discard(sys.stdout.fileno())
        raise typer.Exit(CLOSED) from None
    except Exception as error:  # noqa: BLE001 - nobody else would say that it is our fault
        console.fault(error)
        raise typer.Exit(FAULT) from None


class _Stderr(rich.console.Console):
    """Standard error; where nobody reads it any more, the work goes on."""

    def on_broken_pipe(self) -> None:
        """Say nothing more."""
        self.quiet = True
        _discard(sys.stderr.fileno())


def _discard(stream: int) -> None:
    """Let a stream lead nowhere, so that what is left in it cannot fail when the program ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream)
    os.close(nowhere)


def _raised_at(error: Exception) -> str:
    """Return the last place of ours that an error came through, such as `report/panels.py`, line 12."""
    ours = Path(__file__).parents[1]
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if ours in Path(frame.filename).parents] or frames
    return f"{Path(own[-1].filename).relative_to(ours.parent).as_posix()}, line {own[-1].lineno}"
