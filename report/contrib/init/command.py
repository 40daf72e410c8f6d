"""The command `diptych init`: a first config and its report, or workflows for GitHub."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...cli.console import Console, note_entry
from ...cli.options import command
from ...config.places import printable
from ...errors import Note

if TYPE_CHECKING:  # help needs neither pydantic, pandas nor DuckDB
    from ...reuse import Built
    from .guess import NamedColumns
    from .workflows import BuiltConfig

_CONFIG = "config.yaml"


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
            help="Data files for a first report, or addresses (https://…).", metavar="FILE", show_default=False
        ),
    ] = None,
    *,
    rows: Annotated[str | None, _named("--rows", "The column with the labels of the rows.")] = None,
    columns: Annotated[str | None, _named("--columns", "The column with the labels of the columns.")] = None,
    count: Annotated[str | None, _named("--count", "The column with the number of units in each row.")] = None,
    group: Annotated[
        str | None,
        _named("--group", "The column whose values mark related rows, such as a person, or none."),
    ] = None,
    separator: Annotated[
        str | None, _named("--separator", "The text that separates several labels in one field.", "TEXT")
    ] = None,
    unit: Annotated[str | None, _named("--unit", "The noun for one row, such as a visit.", "NAME")] = None,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Accept all guesses without questions.")] = False,
    no_build: Annotated[bool, typer.Option("--no-build", help="Write the config without a report.")] = False,
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
    """Make a first config and report of data files, guessed with reasons; or what GitHub needs to build it."""
    if bool(files) == github:
        raise typer.BadParameter("give data files, for a first config, or --github, for workflows", param_hint="FILE")
    if files:
        from .guess import NamedColumns  # noqa: PLC0415 - help needs no pipeline

        named = NamedColumns(rows, columns, count, "" if group == "none" else group, unit)
        asks = (
            not (yes or console.speech.as_json or console.speech.quiet) and sys.stdin.isatty() and sys.stderr.isatty()
        )
        _start(console, files, output, named, separator=separator, asks=asks, builds=not no_build)
    else:
        _on_github(console, action, config or [Path(_CONFIG)], output, site, overwrite=force)


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
    from .guess import guess  # noqa: PLC0415
    from .looking import look_at  # noqa: PLC0415
    from .privacy import personal_notes  # noqa: PLC0415
    from .questions import asked, counts_table, first_counts, next_steps  # noqa: PLC0415
    from .sniffing import reading_notes  # noqa: PLC0415
    from .writing import place, start  # noqa: PLC0415

    path = place(output)
    with console.working(f"looking at {', '.join(files)}"):
        looks = look_at(files, separator)
        found = guess(looks, named)
    if asks:
        found = asked(looks, found, named)
    with console.working(f"checking {path}"):
        started = start(found, path)
    notes = list(reading_notes(looks))
    notes += [Note("guessed", str(path), str(reason)) for reason in found.reasons]
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
    from ...pipeline.build import build  # noqa: PLC0415
    from ...reuse import usual_cache  # noqa: PLC0415

    folder = path.parent / ("site" if path.name == _CONFIG else f"{path.stem}-site")
    with console.working(f"building {path}"):
        return build(path, folder, cache=usual_cache())


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
