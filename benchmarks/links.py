"""Builds over many links: `python -m benchmarks.links --folder FOLDER [--millions 1 10 100] [--memory 1GB]`.

Links are generated with a seed, as Parquet in FOLDER (100 million take about 1.5 GB there, and existing files are
reused). There are 600 thousand datasets, one model for each five links, and nine associated categories. Each size is
built twice, without a memory limit for the engine and with `engine: {memory: …}`. Nothing is cached between builds.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.budgets import Budget, Section, Skipped
from benchmarks.child import ChildError, Run, median, run
from benchmarks.pages import markdown_table
from benchmarks.settings import NOTHING_KEPT, ROOT, BenchSettings, build

MILLIONS = (1, 10, 100)
MEMORY = "1GB"
N_DATASETS = 600_000
LINKS_PER_MODEL = 5
MOST_SECONDS = {10: 8, 100: 90}
"""Millions of links -> seconds, without a limit for the engine."""
MOST_MB = 1500
"""With 1 GB for the engine. The rest is the program with its imports, and drawing."""
STEEPER = 1.5
"""The largest ratio of the cost per link between the larger two sizes and the smaller two that counts as linear."""

_CATEGORIES = ("Multimodal", "NLP", "CV", "Audio", "Tabular", "RL", "Graph", "Robotics", "Time Series")

_CONFIG = """version: 1
report: {{title: Generated links}}
taxonomy:
  categories:
{categories}
entities:
  datasets: {{label: Dataset, source: datasets.parquet, labels: {{column: labels}}}}
  models: {{label: Model, source: models-{millions}.parquet, labels: {{column: labels}}}}
relations:
  trained_on:
    label: trained on
    links:
      source: links-{millions}.parquet
      from: {{entity: datasets, column: source}}
      to: {{entity: models, column: target}}
    unit: to
engine: {{name: duckdb{memory}}}
"""

# Three tasks lead to each category: task 0, 1 and 2 to the first. The task of a dataset is its number modulo 27. The
# task of a model is drawn, and one item in ten has a second task. Four links in five are within the first category of
# the model. Within a task some datasets have far more links than others.
_MACROS = """
create macro draw(row, col) as (hash(row, col, {seed}) >> 11) / 9007199254740992.0;
create macro pick(row, col, n, power) as cast(floor(pow(draw(row, col), power) * n) as bigint);
create macro model_task(model) as pick(model, 11, 27, 2);
create macro labels(first, row, col) as
    case when draw(row, col) < 0.1 then list_distinct(['task-' || first, 'task-' || pick(row, col + 1, 27, 2)])
    else ['task-' || first] end;
create macro dataset_id(i) as 'owner-' || i % 90001 || '/dataset-' || i;
create macro model_id(i) as 'owner-' || i % 400009 || '/model-' || i;
"""
_DATASETS = "select dataset_id(i) as id, labels(i % 27, i, 1) as labels from range({datasets}) r(i)"
_MODELS = "select model_id(i) as id, labels(model_task(i), i, 12) as labels from range({models}) r(i)"
_LINKS = """
select
    dataset_id(
        27 * pick(i, 21, {datasets} // 27, 3)
        + 3 * (case when draw(i, 22) < 0.8 then model_task(i // {per_model}) else pick(i, 23, 27, 2) end // 3)
        + pick(i, 24, 3, 1)
    ) as source,
    model_id(i // {per_model}) as target
from range({links}) r(i)
"""


@dataclass(frozen=True)
class MeasuredCell:
    """Millions of links, the memory limit of the engine (None: no limit), and the cost of the build."""

    millions: int
    memory: str | None
    run: Run


def write_links(folder: Path, millions: int, seed: int = 1) -> None:
    """Write the tables of `millions` million links into a folder, unless they exist."""
    import duckdb  # noqa: PLC0415 - the process that measures must stay small

    folder.mkdir(parents=True, exist_ok=True)
    n_links = millions * 1_000_000
    sizes = {
        "links": n_links,
        "models": n_links // LINKS_PER_MODEL,
        "datasets": N_DATASETS,
        "per_model": LINKS_PER_MODEL,
        "seed": seed,
    }
    tables = {"datasets": _DATASETS, f"models-{millions}": _MODELS, f"links-{millions}": _LINKS}
    with duckdb.connect(":memory:", config={"preserve_insertion_order": False}) as connection:
        connection.execute(_MACROS.format(**sizes))
        for name, query in tables.items():
            target = folder / f"{name}.parquet"
            if not target.exists():
                part = target.with_suffix(".part")
                quoted = str(part).replace("'", "''")
                connection.execute(f"copy ({query.format(**sizes)}) to '{quoted}' (format parquet)")
                part.replace(target)


def generate(folder: Path, millions: int) -> None:
    """Write the tables in a separate process."""
    run([sys.executable, "-m", "benchmarks.links", "--folder", folder.resolve(), "--write", str(millions)], cwd=ROOT)


def measured(folder: Path, millions: int, memory: str | None) -> MeasuredCell:
    """Build the report over the tables of a folder and return its cost."""
    with tempfile.TemporaryDirectory(dir=folder.resolve()) as place:
        config = folder.resolve() / f"links-{millions}.yaml"
        config.write_text(_config(millions, memory), encoding="utf-8")
        return MeasuredCell(
            millions, memory, run(build(config, Path(place) / "site"), cwd=ROOT, env={**NOTHING_KEPT, "TMPDIR": place})
        )


def _config(millions: int, memory: str | None) -> str:
    categories = "\n".join(
        f"    - {{name: {name}, match: [{', '.join(f'task-{3 * number + k}' for k in range(3))}]}}"
        for number, name in enumerate(_CATEGORIES)
    )
    limit = f", memory: {memory}" if memory else ""
    return _CONFIG.format(categories=categories, millions=millions, memory=limit)


def line(one: MeasuredCell) -> str:
    """Return the cost of a build in words."""
    limit = f"memory: {one.memory}" if one.memory else "no limit"
    return f"{one.millions:>4} M links, {limit:12}: {one.run.seconds:7.1f} s, {one.run.peak_mb:7.0f} MB"


def measure(asked: BenchSettings) -> Section:
    """Build reports for each number of links, with and without a limit, and judge growth and memory."""
    folder = asked.folder / "links"
    found: list[MeasuredCell] = []
    rows: list[dict[str, str]] = []
    for millions in MILLIONS[:-1] if asked.why_no_hundred else MILLIONS:
        generate(folder, millions)
        for memory in (None, MEMORY):
            row = {"": f"{millions} million", "memory of the engine": memory or "no limit"}
            try:
                runs = [
                    measured(folder, millions, memory).run for _ in range(min(asked.rounds, 3 if millions < 100 else 1))
                ]
            except ChildError as error:
                print(error, file=sys.stderr)
                rows.append({**row, "seconds": "did not finish"})
                continue
            found.append(MeasuredCell(millions, memory, median(runs)))
            one = found[-1].run
            figures = {
                "seconds": f"{one.seconds:.1f}",
                "CPU seconds": f"{one.cpu:.1f}",
                "memory, MB": f"{one.peak_mb:.0f}",
            }
            rows.append({**row, **figures, "runs": str(len(runs))})
    text = f"{N_DATASETS:,} datasets and a model for each {LINKS_PER_MODEL} links, generated. Medians.\n\n"
    return Section(
        "Many links",
        text + markdown_table("links", rows),
        (*_seconds(found, asked), _growth(found, asked), _memory(found, asked)),
    )


def _seconds(found: Sequence[MeasuredCell], asked: BenchSettings) -> Iterator[Budget | Skipped]:
    """Judge the time of the builds without a limit for the engine."""
    times = {one.millions: one.run.seconds for one in found if one.memory is None}
    for millions, most in MOST_SECONDS.items():
        name, work = f"links-{millions}", f"{millions} million links"
        known = millions in times
        yield Budget(name, work, times[millions], most, " s") if known else _without_figure(name, work, asked)


def _growth(found: Sequence[MeasuredCell], asked: BenchSettings) -> Budget | Skipped:
    """Judge the cost of each additional link between the larger sizes, relative to the smaller sizes."""
    name, work = "links-linear", "seconds for each further link, 10 to 100 million over 1 to 10 million"
    times = {one.millions: one.run.seconds for one in found if one.memory is None}
    if not set(MILLIONS) <= times.keys():
        return _without_figure(name, work, asked)
    few, more, many = MILLIONS
    early, late = ((times[b] - times[a]) / (b - a) for a, b in ((few, more), (more, many)))
    return Budget(name, work, late / early, STEEPER, " times")


def _memory(found: Sequence[MeasuredCell], asked: BenchSettings) -> Budget | Skipped:
    """Judge the memory of the largest build with a limit for the engine."""
    name, work = "links-memory", f"memory of 100 million links, the engine limited to {MEMORY}"
    peaks = [one.run.peak_mb for one in found if one.memory and one.millions == MILLIONS[-1]]
    if not peaks:
        return _without_figure(name, work, asked)
    return Budget(name, work, peaks[0], MOST_MB, " MB")


def _without_figure(name: str, work: str, asked: BenchSettings) -> Skipped:
    why = asked.why_no_hundred
    return Skipped(name, work, why or "the build did not finish", failed=not why)


def main() -> None:
    """Write links and build reports over them, or only write (`--write`)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--millions", type=int, nargs="+", default=MILLIONS)
    parser.add_argument("--memory", default=MEMORY)
    parser.add_argument("--write", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.write is not None:
        write_links(asked.folder, asked.write)
        return
    for millions in asked.millions:
        generate(asked.folder, millions)
        for memory in (None, asked.memory):
            print(line(measured(asked.folder, millions, memory)), flush=True)


if __name__ == "__main__":
    main()
