"""How often a report states what is not so: `python -m benchmarks.simulations --worlds [--replications 200]`.

For every world of tests/simulations/catalogue.py so many replications are drawn, counted, judged and written, and what
each text states is held against what is true of the world. A statement is recognised by its sentence's finding and
cells, whatever its words (tests/simulations/statements.py). No files and no pictures are made; that the whole program
says the same sentences of the same records is held in tests/simulations/test_statements.py.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from benchmarks.pages import markdown_table
from tests.simulations.catalogue import UNTOLD, WORLDS, World
from tests.simulations.statements import is_cautious, statements, told

WORKERS = 2
CHUNK = 10
"""Replications that a worker draws before it is given others."""


HEADS = {
    "pair": "a pair",
    "deficit": "(of these: less often)",
    "direction": "a direction",
    "bridge": "a bridge",
    "block": "a block",
    "isolation": "isolation",
    "explained": "strata explain",
}
ON_ONE_TAXONOMY = ("direction", "bridge", "isolation", "explained")


@dataclass(frozen=True)
class Replication:
    """What one report states that is not so, by kind; whether it states all that is planted, and strongest first."""

    false: frozenset[str]
    found: bool
    in_order: bool


def judge(world: World, replication: int) -> Replication:
    """Draw a replication, let it be written and hold what is stated against what is true."""
    written = told(world.draw(replication), robustness=False)
    said = statements(written)
    false = [s for s in said if s not in world.planted and s not in world.also]
    if world in UNTOLD and is_cautious(written):
        false = [s for s in false if s.kind != "pair"]
    kinds = {s.kind for s in false} | {"deficit" for s in false if s.way == "below"}
    planted = tuple(s for s in said if s in world.planted)
    return Replication(frozenset(kinds), set(planted) == set(world.planted), planted == world.planted)


def rates(names: Sequence[str], n: int) -> dict[str, list[Replication]]:
    """Judge n replications of each world, on two processes of one thread each."""
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")  # read where workers start
    chunks = [(name, start, min(start + CHUNK, n)) for name in names for start in range(0, n, CHUNK)]
    found: dict[str, list[Replication]] = {name: [] for name in names}
    with ProcessPoolExecutor(WORKERS, multiprocessing.get_context("spawn")) as pool:
        for (name, *_), judged in zip(chunks, pool.map(_judged, chunks), strict=True):
            found[name] += judged
            if len(found[name]) == n:
                print(dict(_line(WORLDS[name], found[name])), file=sys.stderr)
    return found


def _judged(chunk: tuple[str, int, int]) -> list[Replication]:
    name, start, end = chunk
    return [judge(WORLDS[name], replication) for replication in range(start, end)]


def table(found: dict[str, list[Replication]]) -> str:
    """Return the rates as a Markdown table: in how many of 100 replications each kind of false statement is made."""
    lines = [dict(_line(WORLDS[name], judged)) for name, judged in found.items()]
    return markdown_table("world", lines)


def _line(world: World, judged: Sequence[Replication]) -> Iterator[tuple[str, str]]:
    records = world.draw(0)
    yield "", world.name
    yield "seed", str(world.seed)
    for kind, head in HEADS.items():
        can_be = (records.same or kind not in ON_ONE_TAXONOMY) and (records.stratum_names or kind != "explained")
        yield head, _of_100(sum(kind in one.false for one in judged), len(judged)) if can_be else ""
    if world.planted:
        yield "all planted found", _of_100(sum(one.found for one in judged), len(judged))
        if world.planted[1:]:
            yield "strongest first", _of_100(sum(one.in_order for one in judged), len(judged))


def _of_100(n: int, whole: int) -> str:
    return f"{100 * n / whole:.1f}".removesuffix(".0")


def chosen(part: str | None) -> list[str]:
    """Return the names of the worlds that have this part, all without one; SystemExit where none has."""
    names = [name for name in WORLDS if part is None or part in name]
    if not names:
        raise SystemExit(f'no world is called "{part}"; there are: {", ".join(WORLDS)}')
    return names
