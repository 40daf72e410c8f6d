"""The rate of false statements in reports: `python -m benchmarks.simulations --worlds [--replications 200]`.

For every world of tests/simulations/catalogue.py replications are drawn, counted, judged and written.
The statements of each text are compared with the truth of the world. A statement is recognised by its sentence's
finding and cells, not by its words (tests/simulations/statements.py). No files and no charts are made. With
`--by-files 2` the first two replications of each world also go through the whole program, with the same sentences.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.pages import markdown_table
from tests.simulations.catalogue import WORLDS, World
from tests.simulations.judging import Replication, judge
from tests.simulations.statements import sentences, told, told_by_files

WORKERS = 2
CHUNK = 10
"""Replications that a worker draws in one batch."""

HEADS = {
    "pair": "a pair",
    "deficit": "(of these: less often)",
    "direction": "a direction",
    "bridge": "a bridge",
    "block": "a block",
    "isolation": "isolation",
    "explained": "strata explain",
    "lasting": "agreement within strata",
    "opposite": "opposite strata",
    "graded": "strata of other strength",
    "spread": "spread as all",
    "nothing": "nothing departs",
}
ON_ONE_TAXONOMY = ("direction", "bridge", "isolation", "explained", "lasting")
WITHIN_STRATA = ("explained", "lasting", "opposite", "graded")


def rates(names: Sequence[str], n: int, n_by_files: int = 0) -> dict[str, list[Replication]]:
    """Judge n replications of each world, on two processes of one thread each.

    `n_by_files` of them also go through the whole program from files. Raise AssertionError if its sentences differ.
    """
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")  # read where workers start
    runs = {start: min(start + CHUNK, n) for start in range(0, n, CHUNK)}
    chunks = [(name, start, end, n_by_files) for name in names for start, end in runs.items()]
    found: dict[str, list[Replication]] = {name: [] for name in names}
    with ProcessPoolExecutor(WORKERS, multiprocessing.get_context("spawn")) as pool:
        for (name, *_), judged in zip(chunks, pool.map(_judged, chunks), strict=True):
            found[name] += judged
            if len(found[name]) == n:
                print(dict(_line(WORLDS[name], found[name])), file=sys.stderr)
    return found


def _judged(chunk: tuple[str, int, int, int]) -> list[Replication]:
    name, start, end, n_by_files = chunk
    for replication in range(start, min(end, n_by_files)):
        _compare(name, replication)
    return [judge(WORLDS[name], replication) for replication in range(start, end)]


def _compare(name: str, replication: int) -> None:
    records = WORLDS[name].draw(replication)
    with TemporaryDirectory() as folder:
        same = sentences(told(records)) == sentences(told_by_files(records, Path(folder)))
    if not same:
        raise AssertionError(f"{name}, replication {replication}: files say other sentences than arrays")


def table(found: dict[str, list[Replication]]) -> str:
    """Return the rates as a Markdown table: in how many of 100 replications each kind of false statement occurs."""
    lines = [dict(_line(WORLDS[name], judged)) for name, judged in found.items()]
    return markdown_table("world", lines)


def _line(world: World, judged: Sequence[Replication]) -> Iterator[tuple[str, str]]:
    records = world.draw(0)
    yield "", world.name
    yield "seed", str(world.seed)
    for kind, head in HEADS.items():
        can_be = (records.same or kind not in ON_ONE_TAXONOMY) and (records.stratum_names or kind not in WITHIN_STRATA)
        can_be = can_be and (kind != "spread" or not records.same) and (kind != "nothing" or bool(world.planted))
        yield head, _of_100(sum(kind in one.false for one in judged), len(judged)) if can_be else ""
    if world.planted:
        yield "all planted found", _of_100(sum(one.found for one in judged), len(judged))
        if world.planted[1:] and world.ranked:
            yield "strongest first", _of_100(sum(one.in_order for one in judged), len(judged))


def _of_100(n: int, whole: int) -> str:
    return f"{100 * n / whole:.1f}".removesuffix(".0")


def chosen(parts: str | None) -> list[str]:
    """Return the names of the worlds with one of these parts (A|B), or all if None. Raise SystemExit if none match."""
    names = [name for name in WORLDS if parts is None or any(part in name for part in parts.split("|"))]
    if not names:
        raise SystemExit(f'no world is called "{parts}"; there are: {"; ".join(WORLDS)}')
    return names
