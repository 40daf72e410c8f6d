"""`diptych scan` without reports, compared with ydata-profiling and a loop of pandas and SciPy over all pairs.

`python -m benchmarks.scan COLUMNS ROWS CATEGORIES FILE` writes a generated table: a CSV or a Parquet file. A third of
each value comes from one of ten common causes.
"""

from __future__ import annotations

import csv
import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.budgets import Budget, Section
from benchmarks.child import Run, alternating, median, ratio, run
from benchmarks.counts import PeerError
from benchmarks.pages import markdown_table
from benchmarks.settings import DIPTYCH, NOTHING_KEPT, PEERS, ROOT, BenchSettings

OURS, PANDAS, PROFILING = "Diptych", "pandas and SciPy, all pairs", "ydata-profiling, Cramér's V alone"
_CAUSES = 10
_NAMES = (
    *("ash", "beech", "cedar", "dogwood", "elm", "fir", "gum", "hazel", "ivy", "juniper", "kapok", "larch", "maple"),
    *("neem", "oak", "pine", "quince", "rowan", "spruce", "teak"),
)


@dataclass(frozen=True)
class Size:
    """The size of a generated table, and the limits of its scan."""

    n_columns: int
    n_rows: int
    n_categories: int
    seconds: float
    mb: float | None = None
    suffix: str = "parquet"

    @property
    def name(self) -> str:
        """The size in words."""
        return f"{self.n_columns} columns of {self.n_categories} categories, {self.n_rows:,} rows"

    @property
    def key(self) -> str:
        """The name of its budget."""
        return f"scan-{self.n_columns}-{self.n_categories}-{self.n_rows}"


SMALL = Size(100, 10_000, 5, 5, suffix="csv")
LARGE = (Size(300, 1_000_000, 5, 180, 2000), Size(300, 100_000, 20, 120, 2000))


def write_table(size: Size, path: Path) -> None:
    """Write a generated table, the same for the same size."""
    import duckdb  # noqa: PLC0415 - the caller of measured programs must stay small

    def uniform(column: int) -> str:
        return f"((hash(i * 1000 + {column}) % 1000003) / 1000003.0)"

    names = list(_NAMES[: size.n_categories])
    columns = (
        f"({names})[1 + cast(floor({size.n_categories} * (0.3 * {uniform(900 + at % _CAUSES)} + 0.7 * {uniform(at)})) "
        f"as int)] as item{at}x"
        for at in range(size.n_columns)
    )
    options = "format csv, header" if path.suffix == ".csv" else "format parquet"
    query = f"select {', '.join(columns)} from range({size.n_rows}) t(i)"  # noqa: S608 - numbers of this module
    duckdb.execute(f"copy ({query}) to '{path}' ({options})")


def _table(asked: BenchSettings, size: Size) -> Path:
    path = asked.folder / f"{size.key}.{size.suffix}"
    if not path.exists():
        sizes = map(str, (size.n_columns, size.n_rows, size.n_categories))
        run([sys.executable, "-m", "benchmarks.scan", *sizes, path], cwd=ROOT)
    return path


def _scan(table: Path) -> Run:
    command = (*DIPTYCH, "scan", table, "-o", table.with_suffix(""), "--no-reports", "--quiet")
    return run(command, cwd=ROOT, env=NOTHING_KEPT)


def _jobs(asked: BenchSettings, table: Path) -> dict[str, Callable[[], Run]]:
    python = asked.python.absolute().parents[1] / "profiling" / "bin" / "python"
    pairs = table.with_name("pairs.csv")
    return {
        OURS: functools.partial(_scan, table),
        PANDAS: functools.partial(run, [python, PEERS / "scan_pandas.py", table, pairs]),
        PROFILING: functools.partial(run, [python, PEERS / "scan_profiling.py", table]),
    }


def _require_same(ours: Path, theirs: Path) -> None:
    """Compare the numbers of rows of all pairs, and their p. Raise `PeerError` if they differ."""
    found = {(row["first"], row["second"]): row for row in _rows(ours)}
    others = {(row["first"], row["second"]): row for row in _rows(theirs)}
    if found.keys() != others.keys():
        raise PeerError(f"other pairs than Diptych: {sorted(found.keys() ^ others.keys())[:3]}")
    for pair, row in others.items():
        p = found[pair]["p"], row["p"]
        if float(row["n"]) != float(found[pair]["n"]) or abs(float(p[0]) - float(p[1])) > 0.01:  # exact moments differ
            raise PeerError(f"{pair} has p {p[1]} of {row['n']} rows, and Diptych {p[0]} of {found[pair]['n']}")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def measure(asked: BenchSettings) -> Section:
    """Scan three tables, compare the small one with the peers, and judge."""
    small = _table(asked, SMALL)
    jobs = _jobs(asked, small)
    for job in jobs.values():
        job()
    _require_same(small.with_suffix("") / "scan.csv", small.with_name("pairs.csv"))
    runs = alternating(jobs, min(asked.rounds, 3))
    lines = [
        _line(f"{name}: {SMALL.name}", median(taken), f"{ratio(taken, runs[OURS]):.1f}") for name, taken in runs.items()
    ]
    budgets = [Budget(SMALL.key, SMALL.name, median(runs[OURS]).seconds, SMALL.seconds, " s")]
    for size in () if asked.quick else LARGE:
        taken = _scan(_table(asked, size))
        lines.append(_line(f"{OURS}: {size.name}", taken, ""))
        budgets.append(Budget(size.key, size.name, taken.seconds, size.seconds, " s"))
        if size.mb is not None:
            budgets.append(Budget(f"{size.key}-memory", f"memory of {size.name}", taken.peak_mb, size.mb, " MB"))
    text = (
        f"`diptych scan --no-reports`; medians of the small table (rounds: {min(asked.rounds, 3)}), one run of the "
        "others. The pandas loop has the same rows and p of all pairs.\n\n"
    )
    return Section("Scan of all pairs of columns", text + markdown_table("", lines), tuple(budgets))


def _line(name: str, one: Run, over: str) -> dict[str, str]:
    return {
        "": name,
        "seconds": f"{one.seconds:.1f}",
        "CPU seconds": f"{one.cpu:.1f}",
        "memory, MB": f"{one.peak_mb:.0f}",
        "over Diptych": over,
    }


if __name__ == "__main__":
    n_columns, n_rows, n_categories = map(int, sys.argv[1:4])
    write_table(Size(n_columns, n_rows, n_categories, 0), Path(sys.argv[4]))
