"""Simulations with known truth: `python -m benchmarks.simulations [--runs 200] [--reports 20] [--write]`.

With `--worlds [--replications 200] [--only NAME]` it makes the table of false statements (benchmarks/statements.py).

The worlds are in tests/simulations/worlds.py: no association, one associated pair, or one pair with a direction.
The results are in benchmarks/simulations.md. With --write they are updated there. The seed gives the same numbers.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from benchmarks import statements
from benchmarks.pages import markdown_table, publish
from diptych.incidence import Incidence
from tests.simulations import worlds
from tests.simulations.judging import KINDS, Rates, direction_of, judge_planted, rates, tell_world
from tests.simulations.statements import sentences
from tests.simulations.statements import statements as statements_of
from tests.simulations.worlds import Affinity, Planted

FDR = 0.05
STATED = ("pair", "direction", "lasting")

Form = Literal["links", "shared", "records"]


@dataclass(frozen=True)
class World:
    """A world: how it is drawn (by seed) and counted, and its planted pair, if any."""

    name: str
    form: Form
    draw: Callable[[int], worlds.Likes | worlds.Trained | worlds.Answers]
    how: tuple[tuple[str, bool], ...]
    planted: Affinity | None = None

    def incidence(self, seed: int) -> Incidence:
        """Return one replication, counted."""
        return self.draw(seed).incidence(**dict(self.how))  # type: ignore[arg-type]

    def files(self, seed: int) -> Mapping[str, str]:
        """Return one replication as files and a config."""
        return self.draw(seed).files(**dict(self.how))  # type: ignore[arg-type]


def _likes(name: str, planted: Affinity | None = None, *, activity: bool = True) -> World:
    return World(name, "shared", partial(worlds.draw_likes, planted=planted), (("activity", activity),), planted)


def _trained(name: str, planted: Affinity | None = None, *, strata: bool = True) -> World:
    return World(name, "links", partial(worlds.draw_trained, planted=planted), (("strata", strata),), planted)


def _answers(name: str, planted: Affinity | None = None, *, strata: bool = True) -> World:
    return World(name, "records", partial(worlds.draw_answers, planted=planted), (("strata", strata),), planted)


def _crossings(name: str, planted: Affinity | None = None) -> World:
    return World(name, "links", partial(worlds.draw_crossings, planted=planted), (("strata", False),), planted)


LIKED, TRAINED = Affinity("Graph", "RL", 3), Affinity("Audio", "RL", 4)
FORWARD, ASIDE = Affinity("NLP", "CV", 4), Affinity("NLP", "RL", 5)
NOTHING = (
    _likes("likes, no strata", activity=False),
    _likes("likes, strata of activity"),
    _trained("models in packages, no strata", strata=False),
    _trained("models in packages, strata of packages"),
    _answers("records in branches, no strata", strata=False),
    _answers("records in branches, strata of branches"),
)
PLANTED = (
    _likes("likes, Graph with RL three times", LIKED),
    _trained("models in packages, Audio with RL four times", TRAINED),
    _answers("records in branches, Graph with RL three times", LIKED),
)
DIRECTED = (
    *NOTHING,
    _crossings("crossings by size alone"),
    _crossings("crossings, NLP to CV four times", FORWARD),
    _crossings("crossings, NLP to RL five times", ASIDE),
)
TOLD = tuple(world for world in (*NOTHING, *PLANTED, *DIRECTED[-3:]) if "no strata" not in world.name)


FACTS = {
    "nothing but sizes": Planted(),
    "isolation: Graph and Robotics": Planted(isolated=("Graph", "Robotics")),
    "block: Audio and RL ten times": Planted(block=("Audio", "RL")),
    "direction: CV to NLP six times": Planted(turned=("CV", "NLP")),
    "the reverse: NLP to CV six times": Planted(turned=("NLP", "CV")),
}


def fact_line(name: str, n_runs: int) -> dict[str, str]:
    """Return a row of the table of planted facts: how often each is found, and how often each kind is wrong."""
    found = judge_planted(FACTS[name], range(n_runs))
    line = {"": name, "found": ", ".join(f"{n} of {n_runs}" for n in found.found.values())}
    return line | {f"false {kind}": str(found.false[kind]) for kind in KINDS}


def cell_rates(world: World, n_runs: int) -> Rates:
    """Return the judgements of cells over replications."""
    return rates(map(world.incidence, range(n_runs)), world.planted)


def cell_line(world: World, found: Rates) -> dict[str, str]:
    """Return a row of the table of cells."""
    low, middle, high = found.ratios
    line = {
        "": world.name,
        "cells a run": f"{found.n_cells / found.n_runs:.0f}",
        "ratio over all units": f"{low:.1f} to {high:.1f} (median {middle:.1f})",
        "intervals that exclude 1": _percent(found.outside),
        "runs with a false cell, q <= 0.05": _percent(found.wrong),
        "mean false share": _percent(found.false_share),
    }
    return line | ({"planted pair found": _percent(found.found)} if world.planted else {})


def direction_line(world: World, n_runs: int) -> dict[str, str]:
    """Return a row of the table of directions."""
    named: Counter[tuple[str, str]] = Counter()
    n_looked = n_net = 0
    for seed in range(n_runs):
        for found in direction_of(world.incidence(seed), world.form):
            n_looked += 1
            n_net += found.is_net
            named.update([(found.origin, found.goal)] if found.supported else [])
    right = named[world.planted.given, world.planted.outcome] if world.planted else 0
    return {
        "": world.name,
        "counts surely unequal": _percent(n_net / n_runs) if n_looked else "",
        "a direction that is not there": _percent((named.total() - right) / n_runs) if n_looked else "never looked for",
        "the planted direction": _percent(right / n_runs) if world.planted else "",
    }


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def report_line(world: World, n_reports: int) -> dict[str, str]:
    """Return a row of the table of whole reports: how many state the planted fact, and how many a false one."""
    right = wrong = size = 0
    for seed in range(n_reports):
        with tempfile.TemporaryDirectory() as folder:
            told = tell_world(world.files(seed), Path(folder))
        size += any(s.id.startswith("asymmetry.") for s in sentences(told.written)["observations"])
        said = [statement.about for statement in statements_of(told.written) if statement.kind in STATED]
        planted = (world.planted.given, world.planted.outcome) if world.planted else None
        right += planted in said
        wrong += any(about != planted for about in said)
    return {
        "": world.name,
        "say that the panels' contrast is size": f"{size} of {n_reports}",
        "name the planted pair": f"{right} of {n_reports}" if world.planted else "",
        "state something that is not there": f"{wrong} of {n_reports}",
    }


def main() -> None:
    """Simulate, and print or write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200, help="replications of each world")
    parser.add_argument("--reports", type=int, default=20, help="whole reports of each world")
    parser.add_argument("--write", action="store_true", help="put the tables into benchmarks/simulations.md")
    parser.add_argument("--worlds", action="store_true", help="how often a report states what is not so, instead")
    parser.add_argument("--replications", type=int, default=200, help="replications of each of these worlds")
    parser.add_argument("--by-files", type=int, default=0, help="of these, told by the whole program from files too")
    parser.add_argument("--only", metavar="PART", help="those of these worlds whose name has this part, or that (A|B)")
    asked = parser.parse_args()
    if asked.only is not None and asked.write:
        parser.error("--write puts in all worlds; leave --only out")
    if asked.worlds:
        found = statements.rates(statements.chosen(asked.only), asked.replications, asked.by_files)
        text = f"### Statements: {asked.replications} replications\n\n{statements.table(found)}"
        publish("statements", text, write=asked.write)
        return
    with ProcessPoolExecutor(2) as pool:
        cells = list(pool.map(partial(cell_rates, n_runs=asked.runs), (*NOTHING, *PLANTED)))
        lines = [cell_line(world, found) for world, found in zip((*NOTHING, *PLANTED), cells, strict=True)]
        directions = list(pool.map(partial(direction_line, n_runs=asked.runs), DIRECTED))
        facts = list(pool.map(partial(fact_line, n_runs=asked.runs), FACTS))
        reports = list(pool.map(partial(report_line, n_reports=asked.reports), TOLD))
    tables = (
        (f"### Cells: {asked.runs} replications", lines),
        (f"### Direction: {asked.runs} replications", directions),
        (f"### Planted facts: {asked.runs} replications", facts),
        (f"### Whole reports: {asked.reports} replications", reports),
    )
    text = "\n".join(f"{title}\n\n{markdown_table('world', rows)}" for title, rows in tables)
    publish("simulations", text, write=asked.write)


if __name__ == "__main__":
    main()
