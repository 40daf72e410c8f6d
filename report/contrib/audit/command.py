"""The command `diptych audit`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...cli.console import Console, note_entry
from ...cli.options import ConfigPath, EngineOption, NoCache, command
from ...config.places import printable

if TYPE_CHECKING:  # help needs neither pandas nor DuckDB
    from .sample import AuditSample

_SIZE = 20


@command("diptych audit -o sheet.csv", "diptych audit --read sheet.csv", page="audit.md", confines=True)
def audit(  # noqa: PLR0913 - one argument for each option
    console: Console,
    config: ConfigPath = Path("config.yaml"),
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write the sheet to this file.", metavar="FILE")
    ] = None,
    *,
    size: Annotated[
        int | None, typer.Option("--size", min=1, help="Items of each category; 20 unless given.", metavar="N")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Of the draw; that of the config unless given.", metavar="N")
    ] = None,
    entity: Annotated[
        list[str] | None, typer.Option("--entity", help="Only this entity; may be repeated.", metavar="NAME")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a sheet that is filled in.")] = False,
    read: Annotated[
        Path | None, typer.Option("--read", help="Say what this filled-in sheet says.", metavar="FILE")
    ] = None,
    engine: EngineOption = None,
    no_cache: NoCache = False,  # noqa: ARG001
) -> None:
    """Draw a sample of items per category as a sheet for manual review; --read evaluates a completed sheet."""
    if read is not None and (output is not None or size or seed is not None or entity or overwrite):
        others = "-o, --size, --seed, --entity and --overwrite"
        raise typer.BadParameter(f"goes with none of {others}, which are about drawing", param_hint="--read")
    if overwrite and output is None:
        raise typer.BadParameter("says what -o may do, which is not given", param_hint="--overwrite")
    if read is not None:
        _read(console, config, read, engine)
        return
    from .sample import draw_audit  # noqa: PLC0415 - help needs neither pandas nor DuckDB

    with console.working(f"drawing from {config}"):
        sample = draw_audit(config, size=size or _SIZE, seed=seed, entities=entity or (), engine=engine)
    console.notes(sample.notes)
    if output is not None:
        from .sample import write_sheet  # noqa: PLC0415

        write_sheet(sample.sheet, output, sample.inputs, overwrite=overwrite)
    if output is None and not console.speech.as_json:
        _print_sheet(sample.sheet)
    else:
        console.result(_told(sample, output), _as_data(sample, output, size or _SIZE))


def _read(console: Console, config: Path, sheet: Path, engine: str | None) -> None:
    from .audit_tables import told  # noqa: PLC0415
    from .sample import read_audit  # noqa: PLC0415

    with console.working(f"reading {sheet}"):
        result = read_audit(config, sheet, engine=engine)
    console.notes(result.notes)
    data = {
        "config": str(config),
        "sheet": str(sheet),
        **asdict(result),
        "notes": [note_entry(note) for note in result.notes],
    }
    console.result(told(result, str(sheet), console.speech.color), data)


def _print_sheet(sheet: bytes) -> None:
    """Print a sheet as it would be written; on a terminal, leave out unprintable characters."""
    if sys.stdout.isatty():
        for line in sheet.decode().splitlines():
            typer.echo(printable(line))
    else:
        typer.echo(sheet, nl=False)


def _told(sample: AuditSample, output: Path | None) -> str:
    from ... import formats  # noqa: PLC0415

    entities = dict.fromkeys(item.entity for item in sample.items)
    parts = [f"{formats.count(sum(item.entity == name for item in sample.items))} of {name}" for name in entities]
    n = len(sample.items)
    return f"{output}: {formats.count(n)} {formats.plural(n, 'item', 'items')} to judge" + (
        f": {formats.listing(parts)}" if parts else ""
    )


def _as_data(sample: AuditSample, output: Path | None, size: int) -> dict[str, object]:
    return {
        "sheet": None if output is None else str(output),
        "size": size,
        "seed": sample.seed,
        "categories": [asdict(category) for category in sample.categories],
        "items": [
            {
                "entity": item.entity,
                "id": item.id,
                **asdict(item.filing),
                "drawn_for": list(item.drawn_for),
                "n_items": list(item.n_items),
            }
            for item in sample.items
        ],
    }
