"""The command `diptych fetch`: fetch data of the Hub."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ...cli.console import Console, note_entry
from ...cli.options import SPOKEN, own_app, spoken
from ...errors import Note

if TYPE_CHECKING:  # help needs neither pydantic, pandas, DuckDB nor Rich's progress
    from rich.progress import Progress, TaskID

    from .fetching import FetchedFile
    from .listed_tables import HubFilter, HubTable

_KINDS = ("models", "datasets")
_ALL = "all"
_FOLDER = Path("data/hub")


FETCH = own_app(name="fetch", no_args_is_help=True)


@FETCH.callback()
def _fetch() -> None:
    """Fetch data for reports."""


@FETCH.command(name="hub")
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
    """Fetch models and datasets of the Hugging Face Hub."""
    filtered = any(option is not None for option in (author, since, limit)) or bool(tag)
    _check(what, filtered, snapshot, config)
    from .fetching import BY_HAND, fetch_config, fetch_tables  # noqa: PLC0415 - help needs nothing of a fetch
    from .listed_tables import HubFilter  # noqa: PLC0415
    from .network import Patience  # noqa: PLC0415

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
    """Reject unknown values, and options that cannot be combined (usage error)."""
    if what not in (*_KINDS, _ALL):
        raise typer.BadParameter(f'"{what}" is not one of {", ".join((*_KINDS, _ALL))}', param_hint="WHAT")
    if config is not None and (filtered or snapshot is not None or what != _ALL):
        raise typer.BadParameter(
            "goes with none of the options that say what to fetch: the config does", param_hint="--config"
        )
    if snapshot is not None and what == _ALL:
        raise typer.BadParameter("contains models or datasets; say which", param_hint="--snapshot")
    if snapshot is not None and filtered:
        raise typer.BadParameter("is taken whole; filters are of the Hub's listing", param_hint="--snapshot")


def _day(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text is not None else None
    except ValueError:
        raise typer.BadParameter(f'needs a date such as 2026-08-01, not "{text}"', param_hint="--since") from None


def _tables(what: str, chosen: HubFilter | None, snapshot: str | None, *, card: bool) -> list[HubTable]:
    from .listed_tables import HUB_KINDS, HubTable  # noqa: PLC0415

    return [
        HubTable(hub=kind, filter=chosen, snapshot=snapshot, card=card) for kind in HUB_KINDS if what in (kind, _ALL)
    ]


def _line(file: FetchedFile) -> str:
    rows = "" if file.n_rows is None else f"{file.n_rows:,} {file.kind}, "
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
    """Show progress on standard error: bars on a terminal, otherwise with -v a line for each wait."""
    if not console.is_watched:
        yield _Watch(console, None)
        return
    from ...cli.bars import fetching  # noqa: PLC0415 - nobody else needs it

    with fetching(console.speech.color) as progress:
        yield _Watch(console, progress)


class _Watch:
    """Progress display for a fetch."""

    def __init__(self, console: Console, progress: Progress | None) -> None:
        self._console = console
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def moved(self, what: str, done: int, total: int | None, unit: Literal["bytes", "rows"]) -> None:
        """Update a progress bar."""
        if self._progress is None:
            return
        said = f"{done / 1e6:,.1f} MB" if unit == "bytes" else f"{done:,} rows"
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what, total=total, said=said)
        self._progress.update(self._tasks[what], completed=done, total=total, said=said)

    def waiting(self, message: str) -> None:
        """Report that the fetch waits, and why."""
        if self._progress is not None or self._console.speech.verbose:  # above the bar, which lets others write there
            self._console.notes([Note("waiting", "fetch", message)])
