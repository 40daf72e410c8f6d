"""Terminal output: results go to standard output, the rest to standard error."""

from __future__ import annotations

import errno
import html
import json
import os
import platform
import re
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import typer

from .. import __version__
from ..config.places import printable
from ..disk import read_regular
from ..errors import ConfigError, DiptychError, Note, Problem, brief
from ..progress import READERS_OF_PLANS, Timings, watched
from . import DOCS
from .annotations import annotation, harmless

if TYPE_CHECKING:
    from ..publish.reuse import Built


_WIDEST = 100
_BEFORE = 40
_TOKEN = re.compile(r"\"[^\"]*\"|'[^']*'|[^\s:,\[\]{}#]+|\S")


def excerpt(problem: Problem) -> list[str]:
    """Return the lines that show the place of a problem, or nothing if the file or the line does not exist."""
    if problem.line < 1 or problem.column < 1:
        return []
    try:
        lines = read_regular(Path(problem.file)).decode("utf-8-sig").splitlines()
    except (OSError, ValueError):
        return []
    if problem.line > len(lines) or problem.column > len(lines[problem.line - 1]) + 1:
        return []
    from rich.cells import cell_len  # noqa: PLC0415 - only needed for errors

    line = lines[problem.line - 1].replace("\t", " ")
    start = problem.column - 1
    found = _TOKEN.match(line, start)
    length = len(found.group()) if found else 1
    cut = max(0, start - _BEFORE) if len(line) > _WIDEST else 0
    shown = line[cut : cut + _WIDEST]
    before = printable(shown[: start - cut])
    about = printable(shown[start - cut : start - cut + length]) or " "
    number = str(problem.line)
    edge = " " * len(number)
    return [
        f"  {edge} |",
        f"  {number} | {printable(shown)}",
        f"  {edge} | {' ' * cell_len(before)}{'^' * max(1, cell_len(about))}",
    ]


_FIRST = re.compile(r'<meta name="description" content="([^"]*)"')
_HEAD = 20_000


def headline(folder: Path) -> str | None:
    """Return the first sentence of the report in a folder, or None if it has no page."""
    try:
        with (folder / "index.html").open(encoding="utf-8") as page:
            return first_sentence(page.read(_HEAD))
    except (OSError, ValueError):
        return None


def first_sentence(page: str) -> str | None:
    """Return the description in the head of a page."""
    found = _FIRST.search(page[:_HEAD])
    return printable(plain_spaces(html.unescape(found[1]))) if found and found[1] else None


def plain_spaces(text: str) -> str:
    """Return a text with plain spaces between numbers and units, instead of no-break spaces, for the terminal."""
    return re.sub(r"(?<=\w)[\u00a0\u202f](?=[\w%])", " ", text)


def closing(built: Built, seconds: float) -> list[str]:
    """Return the last lines: the headline, the page, the size of the output and the time."""
    said = headline(built.folder)
    size = f"{built.n_files} files, {built.n_bytes / 1e6:.1f} MB, {built.how} in {seconds:.1f} s"
    lines = [] if said is None else [said, ""]
    return [*lines, f"open   {printable(str(built.folder))}/{built.page}   ({size})"]


def note_entry(note: Note) -> dict[str, str]:
    """Return a note in the form for JSON."""
    return {"slug": note.slug, "subject": note.subject, "message": note.message}


INTERRUPTED = 130
"""Exit status after Ctrl-C: 128 plus the number of its signal, as in shells."""

CLOSED = 141
"""Exit status after a broken pipe on standard output: 128 plus the number of SIGPIPE."""

FAULT = 70
"""Exit status after an internal error: EX_SOFTWARE of sysexits.h."""

_NOTES_SHOWN = 12


@dataclass(frozen=True)
class Speech:
    """Settings of the output. `color` is auto, always or never.

    `annotations` is github to show errors next to their lines too. Their files are named from the working folder or
    from a folder of `configs`.
    """

    as_json: bool = False
    quiet: bool = False
    verbose: bool = False
    color: str = "auto"
    timings: bool = False
    annotations: str | None = None
    configs: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        if self.color not in ("auto", "always", "never"):
            raise typer.BadParameter(f'"{self.color}" is not one of auto, always, never', param_hint="--color")
        if self.annotations not in (None, "github"):
            raise typer.BadParameter(f'"{self.annotations}" is not github', param_hint="--annotations")
        if self.quiet and self.verbose:
            raise typer.BadParameter("-q and -v exclude each other", param_hint="--verbose")


_STYLES = {"bold red": "1;31", "red": "31", "yellow": "33", "cyan": "36", "dim": "2"}
"""Terminal codes of the styles. Rich would provide them, but takes too long to load for rare messages."""


class Console:
    """Terminal output according to a `Speech`."""

    def __init__(self, speech: Speech) -> None:
        """Write to standard error, in colour if wanted."""
        self.speech = speech
        at_terminal = sys.stderr is not None and sys.stderr.isatty()
        self.is_watched = at_terminal and not speech.quiet
        forced = speech.color == "always" or bool(os.environ.get("FORCE_COLOR"))
        self.is_terminal = forced or at_terminal
        plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") in ("dumb", "unknown")
        self._in_color = speech.color != "never" and (forced or (self.is_terminal and not plain))

    def say(self, text: str, style: str = "", behind: str = "") -> None:
        """Print a text in one of `_STYLES`, and more after it. If nothing can be written, the work continues."""
        styled = f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if style and self._in_color else text
        try:
            if sys.stderr is not None:
                sys.stderr.write(f"{styled}{behind}\n")
                sys.stderr.flush()
        except OSError:
            discard(sys.stderr)

    @contextmanager
    def working(self, what: str) -> Iterator[None]:
        """Show the current work and its time if a person watches, then the stages if requested."""
        timings = Timings()
        try:
            if not self.is_watched:
                with watched(timings):
                    yield
            else:
                from .bars import stages  # noqa: PLC0415 - only needed here

                with stages(what, self.speech.color) as shown, watched(timings, shown):
                    yield
        finally:
            if self.speech.timings:
                self.say(_table(timings))

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Print the queries of engines (SQL or a plan) with -v."""
        readers = [self._plan] if self.speech.verbose else []
        READERS_OF_PLANS.extend(readers)
        try:
            yield
        finally:
            for one in readers:
                READERS_OF_PLANS.remove(one)

    def _plan(self, plan: str) -> None:
        """Print a query plan in indented lines, with escapes for characters that do not print in a terminal."""
        self.say("\n".join(f"  {printable(line)}" for line in plan.splitlines()), "dim")

    def notes(self, notes: Sequence[Note]) -> None:
        """Print the notes: at most a dozen, or all of them with -v."""
        if self.speech.quiet:
            return
        shown = notes if self.speech.verbose else notes[:_NOTES_SHOWN]
        for note in shown:
            self._say("note", "yellow", note.message)
        if len(notes) > len(shown):
            self._say("note", "yellow", f"{len(notes) - len(shown)} more; -v prints them all")

    def result(self, text: str, data: Mapping[str, object]) -> None:
        """Print the result as text, or as JSON if requested. Raises `DiptychError` if that cannot be written."""
        # JSON in ASCII is valid in any encoding of the terminal
        color = True if self.speech.color == "always" else None
        with written():
            typer.echo(json.dumps(data, indent=2) if self.speech.as_json else text, color=color)

    @property
    def is_read(self) -> bool:
        """Whether a person, not a program, reads results directly."""
        return not self.speech.as_json and not self.speech.quiet and sys.stdout is not None and sys.stdout.isatty()

    def error(self, error: DiptychError) -> None:
        """Print an error, one line for each message, so that editors find file, line and column.

        At a terminal, the line of the file follows, and at the end the place in the documentation for this kind of
        error.
        """
        problems = error.problems if isinstance(error, ConfigError) else ()
        places = dict(zip(map(str, problems), problems, strict=True))
        for message in error.messages:
            self._say("error", "bold red", message)
            if self.speech.annotations is not None:
                self._annotate(message)
            elif message in places:
                self._show(excerpt(places[message]))
        self._help(error.slug)

    def _show(self, lines: Sequence[str]) -> None:
        if self.is_terminal:
            for line in lines:
                self.say(line, "red" if line.endswith("^") else "dim")

    def _help(self, slug: str) -> None:
        """Print the place in the documentation for this kind of error, for a person at a terminal."""
        if self.is_terminal and self.speech.annotations is None and slug != DiptychError.slug:
            self._say("help", "cyan", f"{DOCS}config.md#errors-{slug}")

    def interrupted(self) -> None:
        """Report that a person has stopped the program."""
        self._say("error", "bold red", "interrupted")

    def fault(self, error: Exception) -> None:
        """Report an internal error and its details for a bug report, with a traceback if -v is given."""
        if self.speech.verbose:
            self.say("".join(traceback.format_exception(error)).rstrip())
        what = f"{type(error).__name__}: {error}".rstrip(": ")
        program = f"diptych {__version__} on Python {platform.python_version()}"
        more = "" if self.speech.verbose else " and what -v prints"
        self._say("error", "bold red", brief(f"internal error: {what} ({_raised_at(error)})"))
        self._say(
            "error", "bold red", f"the fault is in {program}; please report it, with the command, the config{more}"
        )
        self._help("internal-error")

    def _annotate(self, message: str) -> None:
        """Print an error as an annotation for GitHub: on one line of its own, regardless of the width."""
        folders = [path.parent for path in self.speech.configs]
        self.say(annotation(printable(message), folders))

    def _say(self, sort: str, style: str, message: str) -> None:
        # messages may contain labels and names from data: unprintable characters must not reach the terminal
        said = printable(plain_spaces(message))
        said = said if self.speech.annotations is None else harmless(said)
        self.say(f"{sort}: ", style, said)


@contextmanager
def written() -> Iterator[None]:
    """Report an error of writing to standard output in the block as a `DiptychError`, except for a broken pipe."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        discard(sys.stdout)
        raise DiptychError(f"standard output: cannot be written ({error.strerror})") from None


@contextmanager
def speaking(speech: Speech) -> Iterator[Console]:
    """Yield a console, and turn exceptions in the block into messages and an exit status."""
    console = Console(speech)
    try:
        with console.listening():
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
        discard(sys.stdout)
        raise typer.Exit(CLOSED) from None
    except Exception as error:  # noqa: BLE001 - the last place to report a bug
        if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:  # the name is from the user
            console.error(DiptychError(f"{error.filename}: is longer than the name of a file may be"))
            raise typer.Exit(DiptychError.exit_status) from None
        console.fault(error)
        raise typer.Exit(FAULT) from None


def _table(timings: Timings) -> str:
    """Return the stages in lines: seconds, then the name, indented by its depth."""
    return "\n".join(f"{seconds:8.2f} s  {'  ' * depth}{printable(name)}" for depth, name, seconds in timings.stages)


def discard(stream: TextIO) -> None:
    """Redirect a stream to the null device, so that unwritten text cannot fail at the end of the program."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _raised_at(error: Exception) -> str:
    """Return the last place in our code that an error passed through, such as `diptych/stats/panels.py`, line 12."""
    ours = Path(__file__).parents[1]
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if ours in Path(frame.filename).parents] or frames
    place = Path(own[-1].filename)
    name = Path("diptych", place.relative_to(ours)) if ours in place.parents else place
    return f"{name.as_posix()}, line {own[-1].lineno}"
