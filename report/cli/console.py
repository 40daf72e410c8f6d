"""What a person sees on the terminal, and the options that several commands have.

Results go to standard output, the rest to standard error.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import platform
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, get_args

import rich.console
import typer
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from .. import __version__
from ..config.places import one_line
from ..errors import ConfigError, DiptychError, Note, brief
from ..github.runs import annotation, harmless
from ..progress import LOGGER, STAGES, Timings, watched
from .excerpt import excerpt, plain_spaces
from .help import DOCS

ConfigPath = Annotated[Path, typer.Argument(help="The config file.", metavar="CONFIG")]
ConfigPaths = Annotated[
    list[Path] | None,
    typer.Argument(help="The config file, or several: config.yaml unless given.", metavar="CONFIG", show_default=False),
]
Engine = Annotated[
    str | None, typer.Option("--engine", help="Count with this engine: duckdb or spark.", metavar="NAME")
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Use nothing that an earlier build kept, and keep nothing.")]
JUnit = Annotated[
    Path | None,
    typer.Option("--junit", help="Write what became of each claim of authored text, as JUnit XML.", metavar="FILE"),
]
OnFalseClaim = Annotated[
    str | None,
    typer.Option("--on-false-claim", help="error, withdraw or mark, whatever the config says.", metavar="WHAT"),
]
Annotations = Annotated[
    str | None,
    typer.Option("--annotations", help="github: print each error as GitHub shows it beside its line.", metavar="WHERE"),
]
Snapshots = Annotated[
    Path | None,
    typer.Option(
        "--snapshots", help="Keep a snapshot in this folder, if the config has no snapshots: of its own.", metavar="DIR"
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing but errors and results.")]
Verbose = Annotated[
    bool,
    typer.Option(
        "-v",
        "--verbose",
        help="Print every note, what engines are asked (SQL or plans), and the traceback of our faults.",
    ),
]
Colour = Annotated[str, typer.Option("--color", help="auto, always or never.", metavar="WHEN")]


TimingsOption = Annotated[bool, typer.Option("--timings", help="Print how long each stage took.")]


def check_engine(name: str | None) -> None:
    """Refuse an engine that is none (usage)."""
    if name is None:
        return
    from ..sources.declared import ENGINES  # noqa: PLC0415 - help needs no config

    if name not in ENGINES:
        raise typer.BadParameter(f'"{name}" is not one of {", ".join(ENGINES)}', param_hint="--engine")


def check_false_claim(choice: str | None) -> None:
    """Refuse what a false claim cannot do (usage)."""
    if choice is None:
        return
    from ..claims import TextSettings  # noqa: PLC0415 - help needs no config

    choices = get_args(TextSettings.model_fields["on_false_claim"].annotation)
    if choice not in choices:
        raise typer.BadParameter(f'"{choice}" is not one of {", ".join(choices)}', param_hint="--on-false-claim")


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
        """Show what is under way, and for how long, where a person watches; then the stages, where they are wanted."""
        timings = Timings()
        try:
            if self._speech.quiet or sys.stderr is None or not sys.stderr.isatty():
                with watched(timings):
                    yield
            else:
                with self._bar() as bar, watched(timings, _Shown(bar, one_line(what))):
                    yield
        finally:
            if self._speech.timings:
                self._error.print(_table(timings), soft_wrap=True)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """With -v, print what engines are asked: SQL, or a plan."""
        logger = logging.getLogger(LOGGER)
        if not self._speech.verbose:
            yield
            return
        handler = _Printed(self._error)
        logger.addHandler(handler)
        before, logger.propagate = logger.level, False
        logger.setLevel(logging.DEBUG)
        try:
            yield
        finally:
            logger.removeHandler(handler)
            logger.setLevel(before)
            logger.propagate = True

    def _bar(self) -> Progress:
        return Progress(
            SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=self._error, transient=True
        )

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

    @property
    def is_read(self) -> bool:
        """Whether a person reads results as they come, not a program."""
        return not self._speech.as_json and not self._speech.quiet and sys.stdout is not None and sys.stdout.isatty()

    def error(self, error: DiptychError) -> None:
        """Print what is wrong, a line for each message, so that editors find file, line and column.

        At a terminal the line of the file stands below, and at the end where the documents tell of such errors.
        """
        problems = error.problems if isinstance(error, ConfigError) else ()
        places = dict(zip(map(str, problems), problems, strict=True))
        for message in error.messages:
            self._say("error", "bold red", message)
            if self._speech.annotations is not None:
                self._annotate(message)
            elif message in places:
                self._show(excerpt(places[message]))
        self._help(error.slug)

    def _show(self, lines: Sequence[str]) -> None:
        if self._error.is_terminal:
            for line in lines:
                style = "red" if line.endswith("^") else "dim"
                self._error.print(Text(line, style=style), soft_wrap=True)

    def _help(self, slug: str) -> None:
        """Say, to a person, where the documents tell of this sort of error."""
        if self._error.is_terminal and self._speech.annotations is None and slug != DiptychError.slug:
            self._say("help", "cyan", f"{DOCS}errors.md#{slug}")

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
        self._say("error", "bold red", brief(f"internal error: {what} ({_raised_at(error)})"))
        self._say(
            "error", "bold red", f"the fault is in {program}; please report it, with the command, the config{more}"
        )
        self._help("internal-error")

    def _annotate(self, message: str) -> None:
        """Print an error so that GitHub shows it beside its line: a line of its own, as it is, whatever the width."""
        folders = [path.parent for path in self._speech.configs]
        self._error.out(annotation(one_line(message), folders), highlight=False)

    def _say(self, sort: str, style: str, message: str) -> None:
        # labels and names from data stand in messages: what does not print must not reach the terminal
        said = one_line(plain_spaces(message))
        said = said if self._speech.annotations is None else harmless(said)
        self._error.print(Text.assemble((f"{sort}: ", style), said), soft_wrap=True)


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
        _discard(sys.stdout.fileno())
        raise typer.Exit(CLOSED) from None
    except Exception as error:  # noqa: BLE001 - nobody else would say that it is our fault
        if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:  # whoever looked at it, a person named it
            console.error(DiptychError(f"{error.filename}: is longer than the name of a file may be"))
            raise typer.Exit(DiptychError.exit_status) from None
        console.fault(error)
        raise typer.Exit(FAULT) from None


class _Printed(logging.Handler):
    """Prints messages, each with its lines set in."""

    def __init__(self, console: rich.console.Console) -> None:
        super().__init__()
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        """Print a message; what does not print in a terminal is written out."""
        lines = (one_line(line) for line in record.getMessage().splitlines())
        self._console.print(Text("\n".join(f"  {line}" for line in lines), style="dim"), soft_wrap=True)


class _Shown:
    """Shows the stages that are open in one line."""

    def __init__(self, bar: Progress, what: str) -> None:
        self._bar = bar
        self._open = [what]
        self._task = bar.add_task(escape(what), total=None)

    def began(self, name: str) -> None:
        """Show the stage."""
        number = f"{STAGES.index(name) + 1} of {len(STAGES)}, " if len(self._open) == 1 and name in STAGES else ""
        self._open.append(number + one_line(name))
        self._show()

    def told(self, detail: str) -> None:
        """Show how far it has come."""
        self._show(f" ({one_line(plain_spaces(detail))})")

    def ended(self, seconds: float) -> None:  # noqa: ARG002 - the bar counts by itself
        """Show what it was a part of."""
        self._open.pop()
        self._show()

    def _show(self, detail: str = "") -> None:
        self._bar.update(self._task, description=escape(": ".join(self._open) + detail))


def _table(timings: Timings) -> Text:
    """Return the stages in lines: seconds, then the name, set in by its depth."""
    return Text(
        "\n".join(f"{seconds:8.2f} s  {'  ' * depth}{one_line(name)}" for depth, name, seconds in timings.stages)
    )


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
    """Return the last place of ours that an error came through, such as `diptych/panels.py`, line 12."""
    ours = Path(__file__).parents[1]
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if ours in Path(frame.filename).parents] or frames
    place = Path(own[-1].filename)
    name = Path("diptych", place.relative_to(ours)) if ours in place.parents else place
    return f"{name.as_posix()}, line {own[-1].lineno}"
