"""The commands `diptych init` and `diptych scan`: choose two columns of a table, or write workflows for GitHub."""

from __future__ import annotations

import os
import sys
import time
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...cli.console import Console, note_entry
from ...cli.options import command
from ...config.places import printable
from ...errors import DataError, Note
from ...sources.addresses import scheme_of

if TYPE_CHECKING:  # help needs neither pydantic, pandas nor DuckDB
    from .choice import Choice
    from .session import Session

_CONFIG = "config.yaml"
_PORT = 8000


def _column(option: str, text: str) -> object:
    return typer.Option(option, help=text, metavar="COL", show_default=False)


@command(
    "diptych init survey.csv",
    "diptych init survey.csv --terminal",
    "diptych init survey.csv --yes --rows jobs --columns skills -o study.yaml",
    page="choosing.md",
    confines=True,
)
def init(  # noqa: PLR0913 - one argument for each option
    console: Console,
    table: Annotated[
        str | None,
        typer.Argument(help="A table of a row for each unit, or its address (https://…).", show_default=False),
    ] = None,
    *,
    terminal: Annotated[bool, typer.Option("--terminal", help="Ask in the terminal instead of a browser.")] = False,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Take the best candidate without asking.")] = False,
    pair: Annotated[
        int, typer.Option("--pair", help="With --yes: the candidate to take.", metavar="N", min=1, max=5)
    ] = 1,
    rows: Annotated[
        str | None, _column("--rows", "With --yes or --terminal: the column with the labels of the rows.")
    ] = None,
    columns: Annotated[
        str | None, _column("--columns", "With --yes or --terminal: the column with the labels of the columns.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            help="The config to write (x.yaml), or its folder; with --github, the top of the repository.",
            metavar="PATH",
            show_default="next to the table",
        ),
    ] = None,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="The port; 0 takes one that is free.", metavar="N")
    ] = _PORT,
    no_build: Annotated[bool, typer.Option("--no-build", help="Write the config without a report.")] = False,
    github: Annotated[
        bool,
        typer.Option("--github", help="Instead write workflows that build and publish the report on GitHub."),
    ] = False,
    action: Annotated[
        str | None,
        typer.Option("--action", help="With --github: the action, as OWNER/NAME@COMMIT.", metavar="ACTION"),
    ] = None,
    config: Annotated[
        list[Path] | None,
        typer.Option(
            "--config",
            help="With --github: the config, from the top of the repository; once for each report.",
            metavar="PATH",
            show_default=_CONFIG,
        ),
    ] = None,
    site: Annotated[
        str,
        typer.Option(
            "--site", help="With --github: the site that contains the report: mkdocs, quarto or none.", metavar="SITE"
        ),
    ] = "none",
    force: Annotated[bool, typer.Option("--force", help="With --github: write over workflows that are there.")] = False,
) -> None:
    """Choose two columns of a table and write a config for their report; or write workflows for GitHub."""
    if (table is not None) == github:
        raise typer.BadParameter("give a table, to choose its columns, or --github, for workflows", param_hint="TABLE")
    if github:
        _on_github(console, action, config or [Path(_CONFIG)], output or Path(), site, overwrite=force)
        return
    assert table is not None  # noqa: S101 - said above
    asks = sys.stdin.isatty() and sys.stderr.isatty() and not (console.speech.as_json or console.speech.quiet)
    if asks and not (yes or terminal or rows or columns) and _has_browser():
        choose_in_browser(console, table, output, port)
        return
    session = _session(console, table)
    target = _target(table, output)
    if not (yes or terminal or rows or columns or asks):
        raise DataError("nobody can choose here; --yes takes the best pair, and --rows and --columns name one")
    found = _taken(session, rows, columns, pair) if yes or rows or columns else _asked(session)
    if found is None:
        return
    choice, lines = found
    from .telling import faults_of  # noqa: PLC0415 - help needs no pipeline, here and below
    from .writing import config_text, write_config  # noqa: PLC0415

    if faults := faults_of(session.profile, choice):
        raise DataError(*(f"{table}: {fault}" for fault in faults))
    write_config(config_text(session.profile, choice, target.parent), target)
    _report(console, target, lines, builds=not no_build)


def _target(table: str, output: Path | None) -> Path:
    from .writing import place  # noqa: PLC0415

    return place((Path() if scheme_of(table) is not None else Path(table).parent) if output is None else output)


def _session(console: Console, table: str) -> Session:
    from .reading import read_table  # noqa: PLC0415
    from .session import Session  # noqa: PLC0415

    with console.working(f"reading {table}"):
        return Session(read_table(table))


def _has_browser() -> bool:
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def choose_in_browser(console: Console, table: str, output: Path | None, port: int) -> None:
    """Show the page of a table, and after the config is written the report."""
    from ..serve.command import serving, show  # noqa: PLC0415 - help needs no server
    from .serving import Site  # noqa: PLC0415

    session = _session(console, table)
    site = Site(session, _target(table, output))
    with serving(site.routes, port) as server:
        console.result(f"{server.address} shows the columns; Ctrl-C ends it", {})
        webbrowser.open(server.address)
        site.written.wait()
        console.result(f"wrote {printable(str(site.target))}", {"config": str(site.target)})
        show(console, site.target, server)


def _taken(session: Session, rows: str | None, columns: str | None, number: int) -> tuple[Choice, list[str]]:
    """Return the choice that names or rank decide, and the lines to print."""
    from .session import COUNTS  # noqa: PLC0415
    from .terminal import named_choice  # noqa: PLC0415

    if rows or columns:
        return named_choice(session, rows, columns), []
    if session.is_of_rates:
        raise DataError(f"{session.table.name}: all columns are numbers, such as rates, and no units; {COUNTS}")
    pairs = session.ranking.suggestions()
    if not pairs:
        raise DataError(f"{session.table.name}: no two columns are more than one thing; choose with diptych init")
    if number > len(pairs):
        raise DataError(f"--pair {number}: there are {len(pairs)} candidates")
    cards = [session.card(pair) for pair in pairs]
    lines = [
        f"{number}  {card.choice.answer.label}  by  {card.choice.given.label}   V {card.pair.v:.2f}, at least "
        f"{card.pair.low:.2f}, n = {card.pair.n:,.0f}"
        for number, card in enumerate(cards, 1)
    ]
    n = session.ranking.n_pairs
    lines.append(f"Nobody chose: the config has pair {number}, the best of {n:,} by strength and names or one near it.")
    lines.append("It may be no question of yours; --pair N takes another, and without --yes you choose.")
    return cards[number - 1].choice, lines


def _asked(session: Session) -> tuple[Choice, list[str]] | None:
    from .terminal import Dialogue, Quit  # noqa: PLC0415

    try:
        say = lambda text: typer.echo("\n".join(map(printable, text.replace("\xa0", " ").split("\n"))), err=True)  # noqa: E731
        return Dialogue(session, input, say).run(), []
    except Quit:
        return None


def _report(console: Console, target: Path, lines: list[str], *, builds: bool) -> None:
    """Build the config, and print where both are."""
    from ...cli.console import closing  # noqa: PLC0415

    said = [*lines, f"wrote {printable(str(target))}"]
    report = None
    if builds:
        from ...pipeline.build import build  # noqa: PLC0415
        from ...publish.reuse import usual_cache  # noqa: PLC0415

        began = time.monotonic()
        folder = target.parent / ("site" if target.name == _CONFIG else f"{target.stem}-site")
        with console.working(f"building {target}"):
            built = build(target, folder, cache=usual_cache())
        console.notes(list(built.notes))
        report = str(built.folder / "index.html")
        said += closing(built, time.monotonic() - began)
    console.result("\n".join(said), {"config": str(target), "report": report, "pairs": lines})


@command("diptych scan survey.csv -o choices", page="choosing.md", confines=True)
def scan(
    console: Console,
    table: Annotated[
        str, typer.Argument(help="A table of a row for each unit, or its address (https://…).", show_default=False)
    ],
    *,
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to write.", metavar="FOLDER")] = Path(
        "scan"
    ),
) -> None:
    """Write the page on which to choose two columns as one file, and a table of all pairs of columns."""
    from .page import page, pair_table  # noqa: PLC0415 - help needs no pipeline

    session = _session(console, table)
    if not session.ranking.is_whole:
        raise DataError(
            f"{session.table.name}: its columns have too many answers together for one file; choose with diptych init, "
            "which compares one column at a time"
        )
    with console.working("comparing all pairs"):
        files = {"choose.html": page(session, is_live=False), "scan.csv": pair_table(session)}
    try:
        output.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (output / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise DataError(f"{output}: cannot be written ({error.strerror})") from None
    paths = [str(output / name) for name in files]
    console.result("\n".join(map(printable, paths)), {"files": paths})


def _on_github(
    console: Console, action: str | None, configs: list[Path], top: Path, site: str, *, overwrite: bool
) -> None:
    from ...config.loading import load_config  # noqa: PLC0415 - help needs no config
    from .workflows import SITES, BuiltConfig, is_action, is_pinned, watched, workflows, write_workflows  # noqa: PLC0415

    if action is None or not is_action(action):
        raise _not_so("--action", f'"{action or ""}" is not OWNER/NAME@COMMIT, which says where the action is')
    chosen = next((one for one in SITES if one == site), None)
    if chosen is None:
        raise _not_so("--site", f'"{site}" is not one of {", ".join(SITES)}')
    paths = [Path(os.path.normpath(config)) for config in dict.fromkeys(configs)]
    for path in paths:
        if path.is_absolute() or ".." in path.parts:
            raise _not_so("--config", f"{path} is not below the top of the repository; name it from there")
    built = [BuiltConfig(path.as_posix(), watched(load_config(top / path), top)) for path in paths]
    notes = (
        [] if is_pinned(action) else [Note("unpinned", action, f"{action}: a tag or branch can be moved; {_COMMIT}")]
    )
    written = write_workflows(top, workflows(action, built, chosen), overwrite=overwrite)
    console.notes(notes)
    files = [str(one) for one in written]
    console.result("\n".join(files), {"files": files, "notes": [note_entry(note) for note in notes]})


_COMMIT = "name the commit, of 40 digits"


def _not_so(option: str, message: str) -> typer.BadParameter:
    return typer.BadParameter(printable(message), param_hint=option)
