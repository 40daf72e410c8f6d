"""The command line: one function for each command.

Exit status: 0 done; 1 a person can fix it; 2 usage; 3 a claim is false; 4 `diff` found a change that matters.
Results go to standard output, everything else to standard error.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from report import __version__
from report.cli.console import Console, Speech
from report.errors import DiptychError

app = typer.Typer(
    name="diptych",
    help="Static reports on how the categories of one kind of thing go with the categories of another.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ConfigPath = Annotated[Path, typer.Argument(help="The config file.", metavar="[CONFIG]")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing but errors and results.")]
Colour = Annotated[str, typer.Option("--color", help="auto, always or never.", metavar="WHEN")]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"diptych {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Say how the categories of one kind of thing go with the categories of another, as a static report."""


@app.command()
def build(
    config: ConfigPath = Path("config.yaml"),
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to write.", metavar="DIR")] = Path("site"),
    force: Annotated[bool, typer.Option("--force", help="Replace files that no build has written.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
    color: Colour = "auto",
) -> None:
    """Build the report of CONFIG into a folder, whole or not at all."""
    console = Console(Speech(quiet=quiet, as_json=as_json, color=color))
    from report.pipeline import build as build_report  # noqa: PLC0415 - pandas and DuckDB are not needed to print help

    with console.working(f"building {config}"):
        built = build_report(config, output, overwrite=force)
    console.notes(built.notes)
    console.result(
        f"{output / 'index.html'}: {built.n_files} files, {built.n_bytes / 1e6:.1f} MB, {built.how}",
        {
            "folder": str(output),
            "how": built.how,
            "files": built.n_files,
            "bytes": built.n_bytes,
            "notes": [_note(note) for note in built.notes],
        },
    )


@app.command()
def check(
    config: ConfigPath = Path("config.yaml"), as_json: Json = False, quiet: Quiet = False, color: Colour = "auto"
) -> None:
    """Check CONFIG and its data without writing anything."""
    console = Console(Speech(quiet=quiet, as_json=as_json, color=color))
    from report.pipeline import check as check_report  # noqa: PLC0415

    with console.working(f"checking {config}"):
        found = check_report(config)
    console.notes(found.notes)
    lines = [f"{c.relation}: {c.n_units:,} of {c.n_candidates:,} units counted" for c in found.coverages]
    console.result(
        "\n".join([f"{config}: no problem found", *lines]),
        {
            "config": str(config),
            "relations": {c.relation: {"units": c.n_units, "candidates": c.n_candidates} for c in found.coverages},
            "notes": [_note(note) for note in found.notes],
        },
    )


@app.command()
def schema() -> None:
    """Print the JSON Schema of config files, for editors."""
    from report.config.schema import json_schema  # noqa: PLC0415

    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(help="A built report.", metavar="[DIR]")] = Path("site"),
    as_json: Json = False,
    color: Colour = "auto",
) -> None:
    """Hash every file of a report and compare it with its manifest; exit status 1 where any differs."""
    console = Console(Speech(quiet=False, as_json=as_json, color=color))
    from report.manifest import verify as verify_folder  # noqa: PLC0415

    differences = verify_folder(folder)
    lines = [str(difference) for difference in differences] or [f"{folder}: every file is as its manifest says"]
    entries = [{"path": difference.path, "kind": difference.kind} for difference in differences]
    console.result("\n".join(lines), {"folder": str(folder), "differences": entries})
    if differences:
        raise typer.Exit(1)


def _note(note: Any) -> dict[str, str]:  # noqa: ANN401 - a Note; errors are imported late with the rest
    return {"slug": note.slug, "subject": note.subject, "message": note.message}


def main() -> None:
    """Run the command line; a person's mistake becomes its message and exit status, never a traceback."""
    try:
        app()
    except DiptychError as error:
        Console.errors(str(error), sys.argv)
        sys.exit(error.exit_status)
