"""The command `diptych fetch`: fetch data of the Hub."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from ...cli.console import Console
from ...cli.options import SPOKEN, own_app, spoken

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
) -> None:
    """Fetch models and datasets of the Hugging Face Hub."""
    if what not in ("models", "datasets", _ALL):
        raise typer.BadParameter(f'"{what}" is not one of models, datasets, {_ALL}', param_hint="WHAT")
    day = _day(since)
    from .kinds import fetch_table  # noqa: PLC0415 - help needs nothing of a fetch
    from .tables import FIELDS  # noqa: PLC0415

    paths = {kind: folder / f"{kind}.parquet" for kind in FIELDS if what in (kind, _ALL)}
    with console.working("fetching"):
        chosen = {"since": day, "limit": limit, "author": author, "filter": tag or None}
        rows = {str(path): fetch_table(kind, path, **chosen) for kind, path in paths.items()}
    lines = (f"{path}: {number:,} rows" for path, number in rows.items())
    console.result("\n".join(lines), {"files": [{"path": path, "rows": number} for path, number in rows.items()]})


def _day(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text is not None else None
    except ValueError:
        raise typer.BadParameter(f'needs a date such as 2026-08-01, not "{text}"', param_hint="--since") from None
