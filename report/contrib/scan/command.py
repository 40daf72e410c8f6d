"""The command `diptych scan`: which columns of a table belong together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...cli.console import Console, note_entry
from ...cli.options import command
from ...config.places import printable


def _column(option: str, text: str) -> object:
    return typer.Option(option, help=text, metavar="COL", show_default=False)


@command(
    "diptych scan survey.csv",
    "diptych scan survey.csv -o scan --group household --weight weight",
    "diptych scan survey.csv --adjust age,sex --top 20 --no-reports",
    "diptych scan config.yaml -o scan",
    page="scan.md",
    confines=True,
)
def scan(  # noqa: PLR0913 - one argument for each option
    console: Console,
    files: Annotated[
        list[str],
        typer.Argument(
            help="A data file, several with a common key, addresses (https://…), or a config with scan:.",
            metavar="FILE",
            show_default=False,
        ),
    ],
    *,
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to write.", metavar="DIR")] = Path("scan"),
    group: Annotated[
        str | None, _column("--group", "The column that dependent rows share, such as a household.")
    ] = None,
    weight: Annotated[str | None, _column("--weight", "The column with the weights of the rows.")] = None,
    adjust: Annotated[
        str | None,
        typer.Option(
            "--adjust",
            help="Columns to adjust the first pairs for, instead of all.",
            metavar="COL,…",
            show_default=False,
        ),
    ] = None,
    ignore: Annotated[
        str | None,
        typer.Option("--ignore", help="Columns to leave out.", metavar="COL,…", show_default=False),
    ] = None,
    top: Annotated[int, typer.Option("--top", help="Number of pairs with details and a report.", min=1, max=200)] = 10,
    unit: Annotated[
        str | None,
        typer.Option("--unit", help="Name of one row, such as respondent.", metavar="NAME", show_default=False),
    ] = None,
    no_reports: Annotated[bool, typer.Option("--no-reports", help="Write no full reports of the first pairs.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that Diptych did not create.")] = False,
) -> None:
    """Find the pairs of columns of a table that are associated, and write a page with the closest ones."""
    from .running import ScanJob, run, tables_of_files  # noqa: PLC0415 - help needs none of it
    from .scanning import ScanOptions  # noqa: PLC0415

    given = {"--group": group, "--weight": weight, "--adjust": adjust, "--ignore": ignore, "--unit": unit}
    if [Path(file).suffix.lower() in (".yaml", ".yml") for file in files] == [True]:
        for option in (option for option, value in given.items() if value is not None):
            raise typer.BadParameter(f"goes into {files[0]}, as scan: {{{option[2:]}: …}}", param_hint=option)
        from .settings import job_of_config  # noqa: PLC0415 - slow to import

        job = job_of_config(Path(files[0]), with_reports=not no_reports)
    else:
        options = ScanOptions(group, weight, _names(adjust), _names(ignore), top)
        job = ScanJob(tables_of_files(files), options, unit, with_reports=not no_reports)
    with console.working(f"scanning {', '.join(files)}"):
        done = run(job, output, overwrite=force)
    console.notes(done.notes)
    lines = [
        printable(done.headline),
        "",
        *map(printable, done.lines),
        "",
        f"open   {printable(str(output))}/index.html",
    ]
    console.result("\n".join(lines), {**done.data, "notes": [note_entry(note) for note in done.notes]})


def _names(listed: str | None) -> tuple[str, ...]:
    return () if listed is None else tuple(name for each in listed.split(",") if (name := each.strip()))
