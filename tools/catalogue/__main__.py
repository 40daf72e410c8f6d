"""Regenerate ``data/catalogue``: ``python -m tools.catalogue [--wheels DIR] [--out DIR]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tools.catalogue import espnet, lerobot, mteb, openmmlab, pykeen, rl_zoo, timm
from tools.catalogue.facts import CatalogueError, Facts
from tools.catalogue.packages import PACKAGES, default_cache, locate
from tools.catalogue.tables import Rows, merge, tables, write
from tools.catalogue.wheels import Wheel

READERS: tuple[tuple[Callable[..., Facts], tuple[str, ...]], ...] = (
    (mteb.read, ("mteb",)),
    (timm.read, ("timm",)),
    (openmmlab.read, ("mmdet", "mmpretrain", "mmsegmentation", "mmaction2")),
    (espnet.read, ("espnet_model_zoo",)),
    (pykeen.read, ("pykeen",)),
    (rl_zoo.read, ("rl_zoo3",)),
    (lerobot.read, ("lerobot",)),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the wheels and write the tables; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.catalogue", description=__doc__)
    parser.add_argument("--wheels", type=Path, default=default_cache(), help="folder of wheels")
    parser.add_argument("--out", type=Path, default=Path("data/catalogue"), help="output folder")
    options = parser.parse_args(arguments)
    try:
        regenerate(options.wheels, options.out)
    except CatalogueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def regenerate(folder: Path, out: Path) -> None:
    """Read the pinned wheels of ``folder`` and write the tables into ``out``."""
    wheels = {package.name: Wheel.open(locate(package, folder), timm.INERT) for package in PACKAGES}
    facts = merge(_dated(reader, [wheels[name] for name in names]) for reader, names in READERS)
    written = tables(facts, source_rows(wheels))
    write(out, written)
    for table in written:
        print(f"{table.name}: {len(table.rows)} rows")


def _dated(reader: Callable[..., Facts], wheels: Sequence[Wheel]) -> Facts:
    """Read wheels; a date later than the day they were packed is a slip of the pen and left empty."""
    return reader(*wheels).dated_until(max(wheel.packed() for wheel in wheels))


def source_rows(wheels: Mapping[str, Wheel]) -> Rows:
    """Return a row for each wheel: name, version, hash, license and the parts that were read."""
    rows = []
    for package in sorted(PACKAGES, key=lambda package: package.name):
        headers = wheels[package.name].metadata()
        # some packages put the whole text there: its first line is the name
        stated = headers.get("license-expression") or headers.get("license", "")
        license_name = stated.strip().partition("\n")[0]
        start = (package.name, package.version, package.file, package.sha256)
        rows.append((*start, license_name, package.read))
    return rows


if __name__ == "__main__":
    sys.exit(main())
