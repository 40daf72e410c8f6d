"""The whole Hub, from a generated snapshot to a finished report, compared with counts by hand in SQL and pandas."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from pathlib import Path

import yaml

from benchmarks.budgets import Budget, Section, Skipped
from benchmarks.child import Run, alternating, median, ratio, run
from benchmarks.counts import require_same
from benchmarks.example import cold
from benchmarks.pages import markdown_table
from benchmarks.settings import NOTHING_KEPT, PEERS, ROOT, BenchSettings, build

CONFIG = ROOT / "examples" / "hub" / "config.yaml"
N_MODELS, N_DATASETS = 2_500_000, 600_000
PANELS = {
    "trained_on": ("left", "right"),
    "derived_from": ("base_left", "base_right"),
    "owners": ("owners_left", "owners_right"),
}
TABLES, REPORT = "Diptych, snapshot to tables", "Diptych, tables to report"
EXAMPLE, SQL, PANDAS = "Diptych, default example, nothing kept", "DuckDB SQL, counts alone", "pandas, counts alone"
SCRIPTS = {SQL: "hub_sql.py", PANDAS: "hub_pandas.py"}
MOST_MB = 800
MOST_SECONDS = 14
_JUDGED = (
    ("hub-sql", "the whole Hub to a report over its limit"),
    ("hub-seconds", "the whole Hub, snapshot to report"),
    ("hub-memory", "memory of the whole Hub"),
)


def generate(folder: Path, n_models: int = N_MODELS, n_datasets: int = N_DATASETS) -> None:
    """Write a snapshot in a separate process."""
    sizes = ["--models", str(n_models), "--datasets", str(n_datasets)]
    run([sys.executable, "-m", "benchmarks.hub_snapshot", folder, *sizes], cwd=ROOT)


def write_config(path: Path, tables: Path, *, expect: bool = True) -> None:
    """Write the config of the Hub's example for tables of this machine. Without `expect`, they may have any size."""
    config = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    for kind in ("models", "datasets"):
        config["entities"][kind]["source"] = str(tables / f"{kind}.parquet")
    if not expect:
        del config["expect"]
    path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")


def to_tables(snapshot: Path, tables: Path) -> Run:
    """Make the tables of a snapshot, in the same way as a build of a published one."""
    tables.mkdir(exist_ok=True)
    program = "import sys, pathlib; from diptych.contrib.hub.hub import make_table; a, b, k = sys.argv[1:]; "
    program += "make_table([pathlib.Path(a, k + '.parquet')], k, pathlib.Path(b, k + '.parquet'), k)"
    kinds = ("models", "datasets")
    return _together(*(run([sys.executable, "-P", "-c", program, snapshot, tables, kind], cwd=ROOT) for kind in kinds))


def to_report(config: Path, site: Path) -> Run:
    """Build the report of existing tables."""
    return run(build(config, site), cwd=ROOT, env=NOTHING_KEPT)


def peers(snapshot: Path, asked: BenchSettings) -> dict[str, Callable[[], Run]]:
    """Return the peers that count by hand. Each writes counts.csv into the folder of its name."""
    return {
        name: functools.partial(
            run, [asked.python, PEERS / script, snapshot, asked.folder / "hub" / script], env=asked.arrow
        )
        for name, script in SCRIPTS.items()
    }


def require_same_counts(site: Path, counts: Path, peer: str) -> None:
    """Raise `PeerError` unless a peer's counts equal all panels of the Hub's report."""
    for relation, (left, right) in PANELS.items():
        require_same(site, counts, peer, left=left, right=right, relation=relation)


def measure(asked: BenchSettings, n_models: int = N_MODELS, n_datasets: int = N_DATASETS) -> Section:
    """Generate a snapshot, run all contestants in turn, compare the peers with the site's counts, and judge."""
    title = "The whole Hub"
    if asked.quick:
        return Section(title, "Not run (`--quick`).\n", tuple(Skipped(name, work, "--quick") for name, work in _JUDGED))
    folder = asked.folder / "hub"
    snapshot, tables, config, site = folder / "snapshot", folder / "tables", folder / "config.yaml", folder / "site"
    generate(snapshot, n_models, n_datasets)
    write_config(config, tables, expect=n_models == N_MODELS)
    jobs: dict[str, Callable[[], Run]] = {
        TABLES: functools.partial(to_tables, snapshot, tables),
        REPORT: functools.partial(to_report, config, site),
        EXAMPLE: functools.partial(cold, folder),
        **peers(snapshot, asked),
    }
    jobs[TABLES]()  # the report needs them, in any order of jobs
    rounds = min(asked.rounds, 3)
    runs = alternating(jobs, rounds)
    for name, script in SCRIPTS.items():
        require_same_counts(site, folder / script / "counts.csv", name)
    whole = [_together(*pair) for pair in zip(runs[TABLES], runs[REPORT], strict=True)]
    limit = [_together(sql, sql, example) for sql, example in zip(runs[SQL], runs[EXAMPLE], strict=True)]
    rows = [
        {
            "": name,
            "seconds": f"{median(taken).seconds:.1f}",
            "CPU seconds": f"{median(taken).cpu:.1f}",
            "memory, MB": f"{median(taken).peak_mb:.0f}",
            "the whole Hub over this": f"{ratio(whole, taken):.2f}",
        }
        for name, taken in {"Diptych, snapshot to report": whole, **runs}.items()
    ]
    text = (
        f"{n_models:,} models and {n_datasets:,} datasets, generated (`benchmarks/hub_snapshot.py`); the report of "
        f"`examples/hub/config.yaml` with its three relations. Medians over rounds, of the ratios too "
        f"(rounds: {rounds}). The counts of both peers are those of all six panels, compared cell by cell.\n\n"
    )
    (sql, sql_work), (seconds, seconds_work), (memory, memory_work) = _JUDGED
    return Section(
        title,
        text + markdown_table("", rows),
        (
            Budget(sql, f"{sql_work} (twice the SQL, plus the cold example)", ratio(whole, limit), 1, " times"),
            Budget(seconds, seconds_work, median(whole).seconds, MOST_SECONDS, " s"),
            Budget(memory, memory_work, median(whole).peak_mb, MOST_MB, " MB", strict=True),
        ),
    )


def _together(*runs: Run) -> Run:
    """Return the cost of runs in sequence."""
    return Run(sum(one.seconds for one in runs), sum(one.cpu for one in runs), max(one.peak_mb for one in runs))
