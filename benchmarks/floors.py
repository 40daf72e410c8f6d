"""The cost of reading and counting alone: `python -m benchmarks.floors hub TABLES` or `… links FOLDER MILLIONS`.

DuckDB reads, joins and numbers the rows, and numpy adds up. For the Hub, with tables made by `diptych fetch hub`: links
from models to datasets and bases, the joint counts of three relations, and the second moments of one relation over
owners. For links (`benchmarks.links`): joint counts. The benchmark includes no check of ids, names, coverage,
contributors, recounts, other units, words or files. A build that does all of this cannot take less. `--memory 1GB`
limits the engine.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import duckdb
import numpy as np
from numpy.typing import NDArray

from benchmarks.hub_snapshot import TASKS

Ints = NDArray[np.int64]


_ITEMS = """
create temp table {kind} as select id, {owner} as author, row_number() over (order by id) - 1 as i from {source};
create temp table {kind}_sets as
select i, bit_or({bit}) as s from (select id, unnest({labels}) as label from {source}) join {kind} using (id) group by i
"""
_OWNERS = """
create temp table owners as
select author, row_number() over (order by author) - 1 as g
from (select author from models union select author from datasets)
"""
_NAMED = """
select distinct d.i, m.i as u from (select id, unnest({column}) as other from {source}) l
join models m on m.id = l.id join {end} d on d.id = l.other
"""
_PAIRS = """
create temp table pairs as select d.i::int as d, m.i::int as u
from {source} l join datasets d on d.id = l.source join models m on m.id = l.target
"""


class Floor:
    """A connection, and the resources used since the last stage."""

    def __init__(self, memory: str | None) -> None:
        """Open a connection in memory."""
        config: dict[str, Any] = {"preserve_insertion_order": False} | ({"memory_limit": memory} if memory else {})
        self._connection = duckdb.connect(":memory:", config=config)
        self._began = time.process_time()

    def run(self, query: str, **names: object) -> None:
        """Run statements without a result, with names filled in."""
        self._connection.execute(query.format(**names))

    def arrays(self, query: str, **names: object) -> list[Ints]:
        """Return the columns of an integer result."""
        found = self._connection.execute(query.format(**names)).fetchnumpy()
        return [np.asarray(column).astype(np.int64, copy=False) for column in found.values()]

    def sets(self, kind: str) -> Ints:
        """Return the set of each item by its number, 0 for items without a label."""
        (n,) = self.arrays("select count(*) from {kind}", kind=kind)
        item, own = self.arrays("select i, s from {kind}_sets", kind=kind)
        sets = np.zeros(int(n[0]), dtype=np.int64)
        sets[item] = own
        return sets

    def stage(self, name: str) -> None:
        """Print the cost of a stage."""
        print(f"{name:50s} {time.process_time() - self._began:6.2f} s of the processor")
        self._began = time.process_time()


def hub(floor: Floor, tables: Path) -> None:
    """Count the three relations of the Hub."""
    parts = list(dict.fromkeys(part for _, part, *_ in TASKS))
    bit = " ".join(f"when '{task}' then {1 << parts.index(part)}" for task, part, *_ in TASKS)
    for kind, labels in (("datasets", "task_categories"), ("models", "tasks")):
        source = f"read_parquet('{tables / kind}.parquet')"
        floor.run(_ITEMS, kind=kind, owner="author", source=source, labels=labels, bit=f"case label {bit} else 0 end")
    floor.stage("ids numbered, labels as sets")
    floor.run(_OWNERS)
    sets = {kind: floor.sets(kind) for kind in ("datasets", "models")}
    owned = {}
    for kind in sets:
        item, owner = floor.arrays("select i, g from {kind} join owners using (author)", kind=kind)
        owned[kind] = owner[np.argsort(item)]
    floor.stage("owners numbered")
    source = f"read_parquet('{tables / 'models.parquet'}')"
    for column, end in (("datasets", "datasets"), ("base_models", "models")):
        rows, units = floor.arrays(_NAMED, column=column, end=end, source=source)
        floor.stage(f"links by {column}: {len(rows):,}")
        unit, of_rows = _units(rows, units, sets[end])
        _joint(of_rows, sets["models"][unit], len(parts))
        floor.stage("  joint counts")
        _second_moments(of_rows, sets["models"][unit], owned["models"][unit], len(parts))
        floor.stage("  second moments over owners")
    n_owners = 1 + max(int(owner.max()) for owner in owned.values())
    of_owners = np.zeros((2, n_owners), dtype=np.int64)
    for side, kind in zip(of_owners, sets, strict=True):
        np.bitwise_or.at(side, owned[kind], sets[kind])
    _joint(of_owners[0], of_owners[1], len(parts))
    floor.stage("owners: joint counts")


def links(floor: Floor, folder: Path, millions: int) -> None:
    """Count generated links."""
    for kind, file in (("datasets", "datasets"), ("models", f"models-{millions}")):
        source = f"read_parquet('{folder / file}.parquet')"
        bit = "1 << (substr(label, 6)::int // 3)"
        floor.run(_ITEMS, kind=kind, owner="null", source=source, labels="labels", bit=bit)
    floor.stage("ids numbered, labels as sets")
    of_rows, of_units = (floor.sets(kind) for kind in ("datasets", "models"))
    floor.run(_PAIRS, source=f"read_parquet('{folder / f'links-{millions}.parquet'}')")
    floor.stage("links joined")
    n_parts = -(-millions // 5)
    for part in range(n_parts):
        rows, units = floor.arrays("select d, u from pairs where u % {n} = {part}", n=n_parts, part=part)
        unit, own = _units(rows, units, of_rows)
        _joint(own, of_units[unit], 9)
    floor.stage("joint counts")


def _units(rows: Ints, units: Ints, of_rows: Ints) -> tuple[Ints, Ints]:
    """Return the distinct units, in order, and the union of the sets of all their rows."""
    order = np.argsort(units, kind="stable")
    starts = np.flatnonzero(np.diff(units[order], prepend=-1))
    return units[order][starts], np.bitwise_or.reduceat(of_rows[rows[order]], starts)


def _joint(rows: Ints, columns: Ints, n_categories: int) -> NDArray[np.float64]:
    """Return the joint counts of sets, which are stored as bits."""
    number = np.bincount(rows << n_categories | columns, minlength=1 << 2 * n_categories)
    shown = np.flatnonzero(number)
    bits = np.arange(n_categories)
    of_rows, of_columns = (((one[:, None] >> bits) & 1).astype(float) for one in (shown >> n_categories, shown))
    joint: NDArray[np.float64] = (of_rows * number[shown][:, None]).T @ of_columns
    return joint


def _second_moments(rows: Ints, columns: Ints, owner: Ints, n_categories: int) -> NDArray[np.float64]:
    """Return the second moments of all joint counts over owners, 2,048 owners at a time."""
    order = np.argsort(owner, kind="stable")
    shown, number = np.unique(rows[order] << n_categories | columns[order], return_inverse=True)
    bits = np.arange(n_categories)
    of_rows, of_columns = (((one[:, None] >> bits) & 1).astype(np.float32) for one in (shown >> n_categories, shown))
    adds = (of_rows[:, :, None] * of_columns[:, None, :]).reshape(len(shown), -1)
    starts = np.append(np.flatnonzero(np.diff(owner[order], prepend=-1)), len(owner))
    second = np.zeros((adds.shape[1], adds.shape[1]))
    for first in range(0, len(starts) - 1, 2048):
        some = starts[first : first + 2049]
        sums = np.add.reduceat(adds[number[some[0] : some[-1]]], some[:-1] - some[0], axis=0)
        second += sums.T @ sums
    return second


def main() -> None:
    """Measure the parts named by the arguments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("hub", "links"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("millions", type=int, nargs="?", default=10)
    parser.add_argument("--memory")
    chosen = parser.parse_args()
    floor = Floor(chosen.memory)
    if chosen.what == "hub":
        hub(floor, chosen.folder)
    else:
        links(floor, chosen.folder, chosen.millions)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"in all {time.process_time():.1f} s of the processor, {peak:.0f} MB")


if __name__ == "__main__":
    main()
