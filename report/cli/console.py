"""What a person sees on the terminal: results go to standard output, the rest to standard error."""

from __future__ import annotations

import errno
import html
import json
import logging
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
from ..errors import ConfigError, DiptychError, Note, Problem, brief
from ..progress import LOGGER, Timings, watched
from ..regular_files import read_regular
from . import DOCS
from .annotations import annotation, harmless

if TYPE_CHECKING:
    from ..reuse import Built


_WIDEST = 100
_BEFORE = 40
_TOKEN = re.compile(r"\"[^\"]*\"|'[^']*'|[^\s:,\[\]{}#]+|\S")


def excerpt(problem: Problem) -> list[str]:
    """Return the lines that show where a problem is; nothing where the file or the line is not there."""
    if problem.line < 1 or problem.column < 1:
        return []
    try:
        lines = read_regular(Path(problem.file)).decode("utf-8-sig").splitlines()
    except (OSError, ValueError):
        return []
    if problem.line > len(lines) or problem.column > len(lines[problem.line - 1]) + 1:
        return []
    from rich.cells import cell_len  # noqa: PLC0415 - what goes well needs none

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
    """Return the first sentence of the report in a folder; None where it has no page."""
    try:
        with (folder / "index.html").open(encoding="utf-8") as page:
            return first_sentence(page.read(_HEAD))
    except (OSError, ValueError):
        return None


def first_sentence(page: str) -> str | None:
    """Return what a page says of itself in its head."""
    found = _FIRST.search(page[:_HEAD])
    return printable(plain_spaces(html.unescape(found[1]))) if found and found[1] else None


def plain_spaces(text: str) -> str:
    """Return a text with the spaces that keep a number and its unit together as plain ones, for the terminal."""
    return re.sub(r"(?<=\w)[\u00a0\u202f](?=[\w%])", " ", text)


def closing(built: Built, seconds: float) -> list[str]:
    """Return the last lines: the headline, then the page, how much was written, and after how long."""
    said = headline(built.folder)
    size = f"{built.n_files} files, {built.n_bytes / 1e6:.1f} MB, {built.how} in {seconds:.1f} s"
    lines = [] if said is None else [said, ""]
    return [*lines, f"open   {printable(str(built.folder))}/index.html   ({size})"]


def note_entry(note: Note) -> dict[str, str]:
    """Return a note as JSON has it."""
    return {"slug": note.slug, "subject": note.subject, "message": note.message}


INTERRUPTED = 130
"""Exit status after Ctrl-C: 128 and the number of its signal, as shells count."""

CLOSED = 141
"""Exit status where whoever read standard output stopped reading: the same for SIGPIPE."""

FAULT = 70
"""Exit status where diptych itself is at fault: EX_SOFTWARE of sysexits.h."""

_NOTES_SHOWN = 12


@dataclass(frozen=True)
class Speech:
    """How to speak. `color` is auto, always or never.

    `annotations` is github where errors are to be shown beside their lines too; their files are named from where the
    program works, or from a folder of `configs`.
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
"""How a terminal is told of each. It is told here: Rich, which would, takes longer to load than what is rarely said."""


class Console:
    """Speaks as it is told to."""

    def __init__(self, speech: Speech) -> None:
        """Speak to a person on standard error, in colour where that is wanted."""
        self.speech = speech
        at_terminal = sys.stderr is not None and sys.stderr.isatty()
        self.is_watched = at_terminal and not speech.quiet
        forced = speech.color == "always" or bool(os.environ.get("FORCE_COLOR"))
        self.is_terminal = forced or at_terminal
        plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") in ("dumb", "unknown")
        self._in_color = speech.color != "never" and (forced or (self.is_terminal and not plain))

    def say(self, text: str, style: str = "", behind: str = "") -> None:
        """Print a text in one of `_STYLES`, and more behind it; where nobody reads any more, the work goes on."""
        styled = f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if style and self._in_color else text
        try:
            if sys.stderr is not None:
                sys.stderr.write(f"{styled}{behind}\n")
                sys.stderr.flush()
        except BrokenPipeError:
            discard(sys.stderr)

    @contextmanager
    def working(self, what: str) -> Iterator[None]:
        """Show what is under way, and for how long, where a person watches; then the stages, where they are wanted."""
        timings = Timings()
        try:
            if not self.is_watched:
                with watched(timings):
                    yield
            else:
                from .bars import stages  # noqa: PLC0415 - nobody else needs it

                with stages(what, self.speech.color) as shown, watched(timings, shown):
                    yield
        finally:
            if self.speech.timings:
                self.say(_table(timings))

    @contextmanager
    def listening(self) -> Iterator[None]:
        """With -v, print what engines are asked: SQL, or a plan."""
        logger = logging.getLogger(LOGGER)
        if not self.speech.verbose:
            yield
            return
        handler = _Printed(self)
        logger.addHandler(handler)
        before, logger.propagate = logger.level, False
        logger.setLevel(logging.DEBUG)
        try:
            yield
        finally:
            logger.removeHandler(handler)
            logger.setLevel(before)
            logger.propagate = True

    def notes(self, notes: Sequence[Note]) -> None:
        """Print what is worth knowing and stops nothing: a dozen, or with -v all of it."""
        if self.speech.quiet:
            return
        shown = notes if self.speech.verbose else notes[:_NOTES_SHOWN]
        for note in shown:
            self._say("note", "yellow", note.message)
        if len(notes) > len(shown):
            self._say("note", "yellow", f"{len(notes) - len(shown)} more; -v prints them all")

    def result(self, text: str, data: Mapping[str, object]) -> None:
        """Print the result: text for a person, JSON where asked for."""
        # JSON in ASCII, so that it is JSON whatever the encoding of the terminal
        color = True if self.speech.color == "always" else None
        typer.echo(json.dumps(data, indent=2) if self.speech.as_json else text, color=color)

    @property
    def is_read(self) -> bool:
        """Whether a person reads results as they come, not a program."""
        return not self.speech.as_json and not self.speech.quiet and sys.stdout is not None and sys.stdout.isatty()

    def error(self, error: DiptychError) -> None:
        """Print what is wrong, a line for each message, so that editors find file, line and column.

        At a terminal the line of the file stands below, and at the end where the documents tell of such errors.
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
        """Say, to a person, where the documents tell of this sort of error."""
        if self.is_terminal and self.speech.annotations is None and slug != DiptychError.slug:
            self._say("help", "cyan", f"{DOCS}errors.md#{slug}")

    def interrupted(self) -> None:
        """Say that a person has stopped the program."""
        self._say("error", "bold red", "interrupted")

    def fault(self, error: Exception) -> None:
        """Say that we are at fault, and what to report; with -v show the way there."""
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
        """Print an error so that GitHub shows it beside its line: a line of its own, as it is, whatever the width."""
        folders = [path.parent for path in self.speech.configs]
        self.say(annotation(printable(message), folders))

    def _say(self, sort: str, style: str, message: str) -> None:
        # labels and names from data stand in messages: what does not print must not reach the terminal
        said = printable(plain_spaces(message))
        said = said if self.speech.annotations is None else harmless(said)
        self.say(f"{sort}: ", style, said)


ENDS = (typer.Exit, typer.BadParameter, BrokenPipeError)
"""How a command ends early without a fault."""


@contextmanager
def speaking(speech: Speech) -> Iterator[Console]:
    """Give a console, and turn whatever ends the block early into its words and its exit status."""
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
    except Exception as error:  # noqa: BLE001 - nobody else would say that it is our fault
        if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:  # whoever looked at it, a person named it
            console.error(DiptychError(f"{error.filename}: is longer than the name of a file may be"))
            raise typer.Exit(DiptychError.exit_status) from None
        console.fault(error)
        raise typer.Exit(FAULT) from None


class _Printed(logging.Handler):
    """Prints messages, each with its lines set in."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        """Print a message; what does not print in a terminal is written out."""
        lines = (printable(line) for line in record.getMessage().splitlines())
        self._console.say("\n".join(f"  {line}" for line in lines), "dim")


def _table(timings: Timings) -> str:
    """Return the stages in lines: seconds, then the name, set in by its depth."""
    return "\n".join(f"{seconds:8.2f} s  {'  ' * depth}{printable(name)}" for depth, name, seconds in timings.stages)


def discard(stream: TextIO) -> None:
    """Let a stream lead nowhere, so that what is left in it cannot fail when the program ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _raised_at(error: Exception) -> str:
    """Return the last place of ours that an error came through, such as `diptych/panels.py`, line 12."""
    ours = Path(__file__).parents[1]
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if ours in Path(frame.filename).parents] or frames
    place = Path(own[-1].filename)
    name = Path("diptych", place.relative_to(ours)) if ours in place.parents else place
    return f"{name.as_posix()}, line {own[-1].lineno}"
