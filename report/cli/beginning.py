"""Commands to begin with: `diptych init`, a first config or workflows; `diptych fetch`, data of the Hub."""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ..config.places import one_line
from ..errors import Note
from .console import Console, note_entry
from .options import SPOKEN, app, command, spoken

if TYPE_CHECKING:  # help needs neither pydantic, pandas, DuckDB nor Rich's progress
    from rich.progress import Progress, TaskID

    from ..hub.listed_tables import HubFilter, HubTable
    from ..init.guess import NamedColumns
    from ..pipeline.inputs import FetchedFile
    from ..reuse import Built

_CONFIG = "config.yaml"
_HISTORY = "history"


def _named(option: str, text: str, metavar: str = "COL") -> object:
    return typer.Option(option, help=text, metavar=metavar, show_default=False)


@command(
    "diptych init survey.csv",
    "diptych init survey.csv --rows jobs --columns skills --yes",
    "diptych init items.csv models.csv links.csv -o study.yaml",
    page="init.md",
    confines=True,
)
def init(  # noqa: PLR0913 - one argument for each option
    console: Console,
    files: Annotated[
        list[str] | None,
        typer.Argument(
            help="Data files to make a first report of, or addresses (https://…).", metavar="FILE", show_default=False
        ),
    ] = None,
    *,
    rows: Annotated[str | None, _named("--rows", "The column with the labels of the rows.")] = None,
    columns: Annotated[str | None, _named("--columns", "The column with the labels of the columns.")] = None,
    count: Annotated[str | None, _named("--count", "The column that says how many units a row stands for.")] = None,
    group: Annotated[
        str | None,
        _named("--group", "What rows share, such as a person; none for nothing: intervals keep it together."),
    ] = None,
    separator: Annotated[str | None, _named("--separator", "What stands between labels in one field.", "TEXT")] = None,
    unit: Annotated[str | None, _named("--unit", "What one row is called.", "NAME")] = None,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Ask nothing: take what is guessed.")] = False,
    no_build: Annotated[bool, typer.Option("--no-build", help="Write the config alone.")] = False,
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            help="The config to write (x.yaml), or its folder; with --github, the top of the repository.",
            metavar="PATH",
        ),
    ] = Path(),
    github: Annotated[
        bool,
        typer.Option("--github", help="Instead write workflows that build and publish the report on GitHub."),
    ] = False,
    action: Annotated[
        str | None,
        typer.Option("--action", help="With --github: the action, as OWNER/NAME@COMMIT.", metavar="ACTION"),
    ] = None,
    config: Annotated[
        Path,
        typer.Option("--config", help="With --github: the config, from the top of the repository.", metavar="PATH"),
    ] = Path(_CONFIG),
    force: Annotated[bool, typer.Option("--force", help="With --github: write over workflows that are there.")] = False,
) -> None:
    """Make a first config and report of data files, guessed with reasons; or what GitHub needs to build it."""
    if bool(files) == github:
        raise typer.BadParameter("give data files, for a first config, or --github, for workflows", param_hint="FILE")
    if files:
        from ..init.guess import NamedColumns  # noqa: PLC0415 - help needs no pipeline

        named = NamedColumns(rows, columns, count, "" if group == "none" else group, unit)
        asks = (
            not (yes or console.speech.as_json or console.speech.quiet) and sys.stdin.isatty() and sys.stderr.isatty()
        )
        _start(console, files, output, named, separator=separator, asks=asks, builds=not no_build)
    else:
        _on_github(console, action, config, output, overwrite=force)


def _start(  # noqa: PLR0913 - one argument for each choice
    console: Console,
    files: list[str],
    output: Path,
    named: NamedColumns,
    *,
    separator: str | None,
    asks: bool,
    builds: bool,
) -> None:
    from ..init.guess import guess  # noqa: PLC0415
    from ..init.looking import look_at  # noqa: PLC0415
    from ..init.privacy import personal_notes  # noqa: PLC0415
    from ..init.writing import place, start  # noqa: PLC0415
    from .init_questions import asked, counts_table, first_counts, next_steps  # noqa: PLC0415

    path = place(output)
    with console.working(f"looking at {', '.join(files)}"):
        looks = look_at(files, separator)
        found = guess(looks, named)
    if asks:
        found = asked(looks, found, named)
    with console.working(f"checking {path}"):
        started = start(found, path)
    notes = [Note("guessed", str(path), str(reason)) for reason in found.reasons]
    notes += personal_notes(found, str(path))
    notes += [Note("to_do", str(path), f"diptych check says: {problem}") for problem in started.problems]
    console.notes(notes)
    began = time.monotonic()
    built = None if started.problems or not builds else _built(console, path)
    seconds = time.monotonic() - began
    counts = first_counts(found)
    data = {
        "config": str(started.path),
        "report": None if built is None else str(built.folder / "index.html"),
        "counts": asdict(counts),
        "notes": [note_entry(note) for note in notes],
    }
    console.result("\n".join([*counts_table(found, counts), "", *next_steps(started, built, seconds)]), data)


def _built(console: Console, path: Path) -> Built:
    from ..pipeline import build  # noqa: PLC0415
    from ..reuse import usual_cache  # noqa: PLC0415

    folder = path.parent / ("site" if path.name == _CONFIG else f"{path.stem}-site")
    with console.working(f"building {path}"):
        return build(path, folder, cache=usual_cache())


def _on_github(console: Console, action: str | None, config: Path, top: Path, *, overwrite: bool) -> None:
    if action is None:
        raise typer.BadParameter("--github needs it: OWNER/NAME@COMMIT, where the action is", param_hint="--action")
    from ..init.writing import is_action, is_pinned, workflows, write_workflows  # noqa: PLC0415 - help

    if not is_action(action):
        raise _not_so("--action", f'"{action}" is not OWNER/NAME@COMMIT, which says where the action is')

    path = _inside(config)
    folder, notes = _snapshots(top, path)
    if not is_pinned(action):
        notes.append(Note("unpinned", action, f"{action}: a tag or branch can be moved; name the commit, of 40 digits"))
    written = write_workflows(top, workflows(action, path.as_posix(), folder), overwrite=overwrite)
    console.notes(notes)
    console.result(
        "\n".join(map(str, written)),
        {"files": [str(one) for one in written], "notes": [note_entry(note) for note in notes]},
    )


def _not_so(option: str, message: str) -> typer.BadParameter:
    return typer.BadParameter(one_line(message), param_hint=option)


def _inside(config: Path) -> Path:
    path = Path(os.path.normpath(config))
    if path.is_absolute() or ".." in path.parts:
        raise _not_so("--config", f"{config} is not below the top of the repository; name it from there")
    return path


def _snapshots(top: Path, config: Path) -> tuple[str, list[Note]]:
    """Return the folder of snapshots that a config names, from the top, and what is worth knowing of it."""
    if not (top / config).exists():
        note = Note("no_config", str(config), f"{top / config}: is not there yet; the workflows build it when it is")
        return (config.parent / _HISTORY).as_posix(), [note]
    from ..config.loading import load_config  # noqa: PLC0415 - help needs no config

    settings = load_config(top / config).config.snapshots
    if settings is None:
        return (config.parent / _HISTORY).as_posix(), []  # the action keeps them there
    return Path(os.path.normpath(config.parent / settings.folder)).as_posix(), []


_KINDS = ("models", "datasets")
_ALL = "all"
_FOLDER = Path("data/hub")


fetch = typer.Typer(no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]})
app.add_typer(fetch, name="fetch")


@fetch.callback()
def _fetch() -> None:
    """Fetch data, for reports to read."""


@fetch.command(name="hub")
@spoken(*SPOKEN, confines=True)
def _hub(  # noqa: PLR0913 - one argument for each option
    console: Console,
    what: Annotated[str, typer.Argument(help="models, datasets or all.", metavar="WHAT")] = _ALL,
    folder: Annotated[
        Path, typer.Option("-o", "--output", help="Write models.parquet and datasets.parquet here.", metavar="FOLDER")
    ] = _FOLDER,
    *,
    author: Annotated[
        str | None, typer.Option("--author", help="Only of this user or organisation.", metavar="NAME")
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", help="Only with this tag; may be repeated.", metavar="TAG")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="Only created on this day or later.", metavar="DATE")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="At most so many, the newest.", metavar="N")
    ] = None,
    snapshot: Annotated[
        str | None,
        typer.Option("--snapshot", help="Make it of this published Parquet file (hf://…, or a path).", metavar="FILE"),
    ] = None,
    card: Annotated[bool, typer.Option("--card/--no-card", help="Read the metadata of cards too, beside tags.")] = True,
    config: Annotated[
        Path | None, typer.Option("--config", help="Fetch what this config reads instead.", metavar="CONFIG")
    ] = None,
) -> None:
    """Fetch models and datasets of the Hugging Face Hub; a fetch that was stopped goes on where it was."""
    filtered = any(option is not None for option in (author, since, limit)) or bool(tag)
    _check(what, filtered, snapshot, config)
    from ..hub.bounds import BY_HAND  # noqa: PLC0415 - help needs nothing of a fetch
    from ..hub.listed_tables import HubFilter  # noqa: PLC0415
    from ..hub.web import Patience  # noqa: PLC0415
    from ..pipeline.inputs import fetch_config, fetch_tables  # noqa: PLC0415

    chosen = HubFilter(author=author, tags=tuple(tag or ()), since=_day(since), limit=limit) if filtered else None
    with _watched(console) as watch:
        patience = Patience(watch=watch, bounds=BY_HAND)
        if config is not None:
            files = list(fetch_config(config, patience))
        else:
            files = list(fetch_tables(_tables(what, chosen, snapshot, card=card), folder, patience))
    console.notes([note for file in files for note in file.notes])
    console.result("\n".join(map(_line, files)), {"files": [_entry(file) for file in files]})


def _check(what: str, filtered: bool, snapshot: str | None, config: Path | None) -> None:
    """Refuse what is none, and options that do not go together (usage)."""
    if what not in (*_KINDS, _ALL):
        raise typer.BadParameter(f'"{what}" is not one of {", ".join((*_KINDS, _ALL))}', param_hint="WHAT")
    if config is not None and (filtered or snapshot is not None or what != _ALL):
        raise typer.BadParameter(
            "goes with none of the options that say what to fetch: the config does", param_hint="--config"
        )
    if snapshot is not None and what == _ALL:
        raise typer.BadParameter("holds models or datasets; say which", param_hint="--snapshot")
    if snapshot is not None and filtered:
        raise typer.BadParameter("is taken whole; filters are of the Hub's listing", param_hint="--snapshot")


def _day(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text is not None else None
    except ValueError:
        raise typer.BadParameter(f'needs a date such as 2026-08-01, not "{text}"', param_hint="--since") from None


def _tables(what: str, chosen: HubFilter | None, snapshot: str | None, *, card: bool) -> list[HubTable]:
    from ..hub.listed_tables import HUB_KINDS, HubTable  # noqa: PLC0415

    return [
        HubTable(kind=kind, filter=chosen, snapshot=snapshot, card=card) for kind in HUB_KINDS if what in (kind, _ALL)
    ]


def _line(file: FetchedFile) -> str:
    rows = "" if file.n_rows is None else f"{file.n_rows:,} {file.origin.kind}, "
    source = "" if file.origin.address == file.name else f", from {file.origin.address}"
    revision = f" at {file.origin.revision}" if file.origin.revision else ""
    return f"{file.name}: {rows}{file.path.stat().st_size / 1e6:.1f} MB{source}{revision}"


def _entry(file: FetchedFile) -> dict[str, object]:
    return {
        "name": file.name,
        "path": str(file.path),
        "rows": file.n_rows,
        "bytes": file.path.stat().st_size,
        **file.origin.model_dump(mode="json", exclude_none=True),
        "notes": [note_entry(note) for note in file.notes],
    }


@contextmanager
def _watched(console: Console) -> Iterator[_Watch]:
    """Show how a fetch goes on standard error: bars where a person watches, with -v else a line for each wait."""
    if not console.is_watched:
        yield _Watch(console, None)
        return
    from .bars import fetching  # noqa: PLC0415 - nobody else needs it

    with fetching(console.speech.color) as progress:
        yield _Watch(console, progress)


class _Watch:
    """Is told how a fetch goes, and shows it."""

    def __init__(self, console: Console, progress: Progress | None) -> None:
        self._console = console
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def moved(self, what: str, done: int, total: int | None, unit: Literal["bytes", "rows"]) -> None:
        """Move the bar of something."""
        if self._progress is None:
            return
        said = f"{done / 1e6:,.1f} MB" if unit == "bytes" else f"{done:,} rows"
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what, total=total, said=said)
        self._progress.update(self._tasks[what], completed=done, total=total, said=said)

    def waiting(self, message: str) -> None:
        """Say that the fetch waits, and why."""
        if self._progress is not None or self._console.speech.verbose:  # above the bar, which lets others write there
            self._console.notes([Note("waiting", "fetch", message)])
