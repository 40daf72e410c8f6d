"""The command `diptych audit`."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ...cli.console import Console
from ...cli.options import ConfigPath, command
from ...config.places import printable
from ...confine import link_out_of
from ...errors import DataError, PublishError


@command(
    "diptych audit -o sheet.csv",
    "diptych audit --read sheet.csv --at-most 0.1",
    page="statements.md",
    confines=True,
)
def audit(
    console: Console,
    config: ConfigPath = Path("config.yaml"),
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write a new sheet.", metavar="FILE")] = None,
    *,
    size: Annotated[int, typer.Option("--size", min=1, help="Items of each category.", metavar="N")] = 20,
    read: Annotated[Path | None, typer.Option("--read", help="Print rates of a filled sheet.", metavar="FILE")] = None,
    at_most: Annotated[
        float | None, typer.Option("--at-most", help="With --read: exit with 4 above this rate.", metavar="RATE")
    ] = None,
) -> None:
    """Sample items per category as a sheet for a person to judge; --read prints the error rates."""
    file = output if read is None else read
    if file is None or (output is not None and read is not None):
        raise typer.BadParameter("give either -o or --read", param_hint="-o")
    if at_most is not None and (read is None or not 0 <= at_most <= 1):
        raise typer.BadParameter("goes with --read, and is a rate from 0 to 1", param_hint="--at-most")
    if (link := link_out_of(file, [Path(), file.parent, config.parent])) is not None:
        raise PublishError(f"{file}: {link} is a link out of the folder that --confine allows; give another name")
    if read is None:
        _write(console, config, file, size)
    else:
        _read(console, config, file, at_most)


def _write(console: Console, config: Path, sheet: Path, size: int) -> None:
    from ...publish.ways import write_file  # noqa: PLC0415 - help needs neither pandas nor DuckDB
    from ...renderers.data import csv_bytes  # noqa: PLC0415
    from .sample import HEADER, read_strata, sample_rows  # noqa: PLC0415

    if os.path.lexists(sheet):
        raise PublishError(f"{sheet}: exists already; give another name, or remove it")
    rows = [*sample_rows(read_strata(config)[0], size)]
    try:
        write_file(sheet, csv_bytes(HEADER, rows))
    except OSError as error:
        raise PublishError(f"{sheet}: cannot be written: {error.strerror}") from None
    text = printable(f"{sheet}: {len(rows)} rows to judge, with ids and labels that the report may keep private")
    console.result(text, {"sheet": str(sheet), "n_rows": len(rows)})


def _read(console: Console, config: Path, sheet: Path, at_most: float | None) -> None:
    from ...disk import read_regular  # noqa: PLC0415
    from .sample import read_strata  # noqa: PLC0415
    from .sheet import count_judged, error_rates, read_rows, table_lines  # noqa: PLC0415

    try:
        rows = read_rows(read_regular(sheet), str(sheet))
    except OSError as error:
        raise DataError(f"{sheet}: cannot be read: {error.strerror}") from None
    strata, level = read_strata(config)
    rates = [*error_rates(strata, count_judged(rows, strata, str(sheet)), level)]
    above = [rate for rate in rates if at_most is not None and rate.rate and rate.rate.least > at_most]
    text = "\n".join(map(printable, table_lines(rates, level, above)))
    console.result(text, {"level": level, "rates": [asdict(rate) for rate in rates], "n_above": len(above)})
    if above:
        raise typer.Exit(4)  # as `diff` for a change that matters
