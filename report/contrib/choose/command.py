"""The commands `diptych init` and `diptych scan`: choose two columns of a table, or write workflows for GitHub."""
# ruff: noqa: ARG001

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...cli.console import Console, note_entry
from ...cli.options import command
from ...config.places import printable
from ...errors import DataError, Note

if TYPE_CHECKING:  # help needs neither pydantic, pandas nor DuckDB
    from .workflows import BuiltConfig

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
    raise DataError("not there yet")


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
    raise DataError("not there yet")


def _on_github(
    console: Console, action: str | None, configs: list[Path], top: Path, site: str, *, overwrite: bool
) -> None:
    if action is None:
        raise typer.BadParameter("--github needs it: OWNER/NAME@COMMIT, where the action is", param_hint="--action")
    from .workflows import SITES, is_action, is_pinned, workflows, write_workflows  # noqa: PLC0415 - help

    if not is_action(action):
        raise _not_so("--action", f'"{action}" is not OWNER/NAME@COMMIT, which says where the action is')

    chosen = next((one for one in SITES if one == site), None)
    if chosen is None:
        raise _not_so("--site", f'"{site}" is not one of {", ".join(SITES)}')
    notes: list[Note] = []
    built = [_built_config(top, _inside(config), notes) for config in dict.fromkeys(configs)]
    if not is_pinned(action):
        notes.append(Note("unpinned", action, f"{action}: a tag or branch can be moved; name the commit, of 40 digits"))
    written = write_workflows(top, workflows(action, built, chosen), overwrite=overwrite)
    console.notes(notes)
    console.result(
        "\n".join(map(str, written)),
        {"files": [str(one) for one in written], "notes": [note_entry(note) for note in notes]},
    )


def _not_so(option: str, message: str) -> typer.BadParameter:
    return typer.BadParameter(printable(message), param_hint=option)


def _inside(config: Path) -> Path:
    path = Path(os.path.normpath(config))
    if path.is_absolute() or ".." in path.parts:
        raise _not_so("--config", f"{config} is not below the top of the repository; name it from there")
    return path


def _built_config(top: Path, config: Path, notes: list[Note]) -> BuiltConfig:
    """Return a config with its files, relative to the top; add a note if it is missing."""
    from .workflows import BuiltConfig, likely_paths, watched  # noqa: PLC0415 - help needs no config

    if not (top / config).exists():
        message = f"{top / config}: is not there yet; the workflows build it when it is"
        notes.append(Note("no_config", str(config), message))
        return BuiltConfig(config.as_posix(), likely_paths(config))
    from ...config.loading import load_config  # noqa: PLC0415 - help needs no config

    loaded = load_config(top / config)
    return BuiltConfig(config.as_posix(), watched(loaded, top))
