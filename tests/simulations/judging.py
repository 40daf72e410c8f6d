"""What the program says of a simulated world: its cells, its findings and its sentences."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from scipy import stats

from diptych.cells import Cell, Panel
from diptych.config.loading import load_config
from diptych.document.compose import WrittenPart
from diptych.document.material import Results
from diptych.findings import blocks, bridges, diagonal, direction, surprises
from diptych.findings.direction import Direction
from diptych.findings.finding import Finding, RelationCounts, Study
from diptych.incidence import Incidence
from diptych.inference import InferenceSettings
from diptych.ledger.coverage import Coverage, SideCoverage
from diptych.matrices import PanelSettings
from diptych.panels import build_panel, tables_of
from diptych.pipeline.counting import count_all
from diptych.pipeline.parts import build_panels, write_parts
from diptych.pipeline.results import work_out
from tests.simulations.catalogue import UNTOLD, World
from tests.simulations.statements import in_doubt, is_cautious, statements, told
from tests.simulations.worlds import CATEGORIES, Affinity, Planted, draw_planted

EXPECTED = 5
"""A ratio is stated from this expected count on."""

INFERENCE = InferenceSettings()
_SIDE = SideCoverage("", 0, 0, 0, (), ())
NOTHING_KNOWN = Coverage("simulated", 0, 0, 0, 0, 0, _SIDE, _SIDE, ())


@dataclass(frozen=True, eq=False)
class Told:
    """The report of a world, which is not drawn, and what it is made of."""

    numbers: RelationCounts
    panels: Mapping[str, Panel]
    results: Results
    written: WrittenPart

    def found(self, kind: str) -> list[Finding]:
        """Return the findings of a kind that are no null findings."""
        return [finding for finding in self.written.part.findings if finding.kind == kind and not finding.null]


def tell_world(files: Mapping[str, str], folder: Path) -> Told:
    """Write a world's files into a folder and let the program count, judge and write; one figure."""
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    loaded = load_config(folder / "config.yaml")
    counted = count_all(loaded)
    panels = build_panels(loaded.config, counted)
    results = work_out(loaded.config, counted, panels)
    (written,) = write_parts(loaded, counted, panels, results)
    return Told(counted.relations["simulated"], panels, results["simulated"], written)


def panels_of(incidence: Incidence) -> tuple[Panel, Panel]:
    """Return the two panels of shares, rows given and columns given."""
    ends = incidence.rows.name, incidence.columns.name
    sides = (("left", *ends, "right"), ("right", *ends[::-1], "left"))
    tables = tables_of(incidence)
    left, right = (
        build_panel(
            PanelSettings(id=name, relation="simulated", given=given, outcome=outcome), tables, INFERENCE, mirror
        )
        for name, given, outcome, mirror in sides
    )
    return left, right


def direction_of(incidence: Incidence, form: Literal["links", "shared", "records"]) -> list[Direction]:
    """Return what is found of direction, from counts alone: no item is known that could carry it."""
    return direction.find(study_of(incidence, form))


def study_of(incidence: Incidence, form: Literal["links", "shared", "records"]) -> Study:
    """Return what findings read, from counts alone."""
    return Study(
        RelationCounts.alone("simulated", tables_of(incidence), NOTHING_KNOWN),
        form=form,
        panels=panels_of(incidence),
        inference=INFERENCE,
    )


Said = tuple[str, tuple[str, ...]]
"""What a finding says: its kind, and the categories that it says it of."""

KINDS = ("isolation", "blocks", "direction", "surprises", "bridge")


def said_of(incidence: Incidence) -> frozenset[Said]:
    """Return all that is said of links in which something may be planted, beside agreement and sizes."""
    study, said = study_of(incidence, "links"), set[Said]()
    said |= {("isolation", (f.category,)) for f in diagonal.find_isolation(study) if not f.null}
    said |= {("blocks", f.members) for f in blocks.find(study) if not f.null}
    said |= {("direction", (f.origin, f.goal)) for f in direction.find(study) if f.supported}
    said |= {("bridge", (f.category,)) for f in bridges.find(study) if not f.null}
    pairs = [pair for f in surprises.find(study) for pair in (*f.above, *f.below)]
    return frozenset(said | {("surprises", (pair.given, pair.outcome)) for pair in pairs})


def planted_in(planted: Planted) -> tuple[frozenset[Said], frozenset[Said]]:
    """Return what must be said of a world, and what may be said since it is true too: each pair that is planted."""
    must: set[Said] = {("isolation", (name,)) for name in planted.isolated}
    must |= {("blocks", planted.block)} if planted.block else set()
    must |= {("direction", planted.turned)} if planted.turned else set()
    may = {("surprises", pair) for pair in (planted.block, planted.block[::-1], planted.turned) if pair}
    # Two that meet three and a half times as often, both ways taken together, stand together.
    may |= {("blocks", tuple(sorted(planted.turned, key=CATEGORIES.index)))} if planted.turned else set()
    # Most crossings run to what most models are.
    may |= {("bridge", (planted.dominant,))} if planted.dominant else set()
    return frozenset(must), frozenset(may)


@dataclass(frozen=True)
class Judged:
    """Over `n_runs` replications: how often each planted fact came out, and in how many each kind said what is not so."""

    n_runs: int
    found: Mapping[Said, int]
    false: Mapping[str, int]


def judge_planted(planted: Planted, seeds: range) -> Judged:
    """Draw a world with each seed and compare what is said with what is true."""
    must, may = planted_in(planted)
    runs = [said_of(draw_planted(seed, planted).incidence(strata=False)) for seed in seeds]
    return Judged(
        n_runs=len(runs),
        found={fact: sum(fact in run for run in runs) for fact in sorted(must)},
        false={kind: sum(any(said[0] == kind for said in run - must - may) for run in runs) for kind in KINDS},
    )


def judged(panel: Panel) -> list[Cell]:
    """Return the cells that may be spoken of: off the diagonal, measured, tested, expected often enough for a ratio."""
    cells = (c for c in panel.cells if not (panel.same_taxonomy and c.given == c.outcome))
    return [
        c for c in cells if c.state in ("measured", "uncertain") and c.q_value is not None and _expected(c) >= EXPECTED
    ]


def _expected(cell: Cell) -> float:
    within = cell.expected_within_strata
    return min(cell.expected or 0, cell.expected or 0 if within is None else within)


def is_flagged(cell: Cell) -> bool:
    """Return whether a cell is called other than expected when all are tested together."""
    return cell.q_value is not None and cell.q_value <= INFERENCE.fdr


def side(cell: Cell) -> int:
    """Return 1 where the interval of the ratio (within strata where there are any) lies above 1, -1 below, else 0."""
    low, high = ends(cell)
    return int(low > 1) - int(high < 1)


def ends(cell: Cell) -> tuple[float, float]:
    """Return the interval of the ratio, within strata where there are any; 0 to infinity where there is none."""
    stratified = cell.expected_within_strata is not None
    low, high = (cell.lift_within_low, cell.lift_within_high) if stratified else (cell.lift_low, cell.lift_high)
    return low if low is not None else 0.0, high if high is not None else math.inf


@dataclass(frozen=True)
class Rates:
    """What many replications of a world show. `planted` is a pair that truly goes together, left out of the rest.

    `n_cells` judged in all, of which `n_outside` have an interval that excludes 1 and `n_flagged` hold when all are
    tested together; `n_runs_flagged` of `n_runs` flag any. `n_found`: runs in which the planted pair is flagged, above 1.
    `false_share` is the mean share of false ones among the cells flagged in a run (0 where none is), which
    Benjamini-Hochberg promises to keep under `fdr`.
    `ratios` are the least, middle and largest ratio over all units, not within strata.
    """

    n_runs: int
    n_cells: int
    n_outside: int
    n_flagged: int
    n_runs_flagged: int
    n_found: int
    false_share: float
    ratios: tuple[float, float, float]

    @property
    def outside(self) -> float:
        return self.n_outside / self.n_cells

    @property
    def wrong(self) -> float:
        """The share of runs that flag any cell but the planted."""
        return self.n_runs_flagged / self.n_runs

    @property
    def found(self) -> float:
        return self.n_found / self.n_runs


def rates(incidences: Iterable[Incidence], planted: Affinity | None = None) -> Rates:
    """Judge every cell of every replication."""
    pair = (planted.given, planted.outcome) if planted else None
    runs = [judged(panels_of(incidence)[0]) for incidence in incidences]
    rest = [[cell for cell in run if (cell.given, cell.outcome) != pair] for run in runs]
    cells = [cell for run in rest for cell in run]
    own = [cell for run in runs for cell in run if (cell.given, cell.outcome) == pair]
    flagged = [sum(map(is_flagged, run)) for run in runs]
    wrong = [sum(map(is_flagged, run)) for run in rest]
    ratios = sorted(cell.lift or 0 for cell in cells)
    return Rates(
        n_runs=len(runs),
        n_cells=len(cells),
        n_outside=sum(side(cell) != 0 for cell in cells),
        n_flagged=sum(wrong),
        n_runs_flagged=sum(map(bool, wrong)),
        n_found=sum(is_flagged(cell) and side(cell) > 0 for cell in own),
        false_share=sum(false / max(n, 1) for false, n in zip(wrong, flagged, strict=True)) / len(runs),
        ratios=(ratios[0], ratios[len(ratios) // 2], ratios[-1]),
    )


@dataclass(frozen=True)
class Replication:
    """What one report states that is not so, by kind; whether it states all that is planted, and strongest first."""

    false: frozenset[str]
    found: bool
    in_order: bool


def judge(world: World, replication: int) -> Replication:
    """Draw a replication, let it be written and hold what is stated against what is true."""
    written = told(world.draw(replication))
    said = statements(written)
    doubted = in_doubt(written)
    false = [s for s in said if s not in world.planted and s not in world.also and s not in doubted]
    if not world.planted:
        false = [s for s in false if s.kind != "nothing"]
    if world in UNTOLD and is_cautious(written):
        false = [s for s in false if s.kind != "pair"]
    kinds = {s.kind for s in false} | {"deficit" for s in false if s.way == "below"}
    planted = tuple(s for s in said if s in world.planted)
    return Replication(frozenset(kinds), set(planted) == set(world.planted), planted == world.planted)


def most(n: int, rate: float, chance: float = 0.999) -> float:
    """Return the largest share of n that a true rate gives, but for one time in a thousand (binomial)."""
    return float(stats.binom.ppf(chance, n, rate)) / n
