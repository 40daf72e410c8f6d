"""Simulated audits: worlds in which the true category of every item is known, and a person who judges without errors.

Items of both sides are put into a wrong category at a known rate. Twenty items of each assigned category are judged, and
the program's own `Correction` draws the relation as it would be with true categories.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diptych.cells import Kind, Unit
from diptych.contrib.audit.misclassification import Correction, JudgedSide, judged_side
from diptych.contrib.audit.sheet import JudgedItem
from diptych.incidence import Incidence
from diptych.ledger import Axis, Ledger
from diptych.ledger.patterns import incidence_of, patterns_of
from diptych.panels import tables_of
from diptych.taxonomy import Taxonomy
from diptych.taxonomy.categorise import CategorisedItems, types_of
from diptych.taxonomy.sets import rows_of_values, words_of
from tests.contrib.audit.conftest import NamedHere

Numbers = NDArray[np.int64]

SHARES = (0.4, 0.3, 0.2, 0.1)
CATEGORIES = ("A", "B", "C", "D")
N_JUDGED = 20


@dataclass(frozen=True)
class AuditWorld:
    """Models trained on `n_each` of 200 datasets each; most are of the category of their (first) dataset.

    `error` of the items of either side are in a wrong category, each wrong one equally likely. `zipf`: the most used
    dataset is used twice as often as the second, and so on. `matching`: a model is of the category of its dataset, or of
    any. With two taxonomies category A of datasets leads to B of models, and so on round.
    """

    error: float
    zipf: bool = False
    n_each: int = 1
    n_models: int = 600
    two_taxonomies: bool = False
    columns_only: bool = False
    seed: int = 61

    def draw(self, replication: int) -> SimulatedAudit:
        """Return one replication."""
        rng = np.random.default_rng([self.seed, replication])
        size = len(SHARES)
        true_rows = rng.choice(size, 200, p=SHARES)
        use = 1 / np.arange(1, 201) if self.zipf else np.ones(200)
        first = rng.choice(200, self.n_models, p=use / use.sum())
        links = [first]
        for _ in range(self.n_each - 1):  # other datasets of the model: four in five of the same category
            other = rng.choice(200, self.n_models, p=use / use.sum())
            same = np.array([rng.choice(np.flatnonzero(true_rows == true_rows[one])) for one in first])
            links.append(np.where(rng.random(self.n_models) < 0.8, same, other))
        led = (true_rows[first] + self.two_taxonomies) % size
        true_columns = np.where(rng.random(self.n_models) < 0.8, led, rng.choice(size, self.n_models, p=SHARES))
        rows = true_rows if self.columns_only else _misclassified(true_rows, self.error, rng)
        columns = _misclassified(true_columns, self.error, rng)
        judged = ((), _judged(true_columns, columns, rng))
        if not self.columns_only:
            judged = (_judged(true_rows, rows, rng), judged[1])
        return SimulatedAudit(self, np.stack(links, axis=1), (true_rows, true_columns), (rows, columns), judged)


def _misclassified(true: Numbers, error: float, rng: np.random.Generator) -> Numbers:
    size = len(SHARES)
    return np.where(rng.random(len(true)) < error, (true + rng.integers(1, size, len(true))) % size, true)


def _judged(true: Numbers, assigned: Numbers, rng: np.random.Generator) -> tuple[JudgedItem, ...]:
    drawn = [rng.permutation(np.flatnonzero(assigned == number))[:N_JUDGED] for number in range(len(CATEGORIES))]
    return tuple(
        JudgedItem("", f"i{item}", (name,), (CATEGORIES[true[item]],), (name,))
        for name, items in zip(CATEGORIES, drawn, strict=True)
        for item in items.tolist()
    )


@dataclass(frozen=True, eq=False)
class SimulatedAudit:
    """True and assigned categories of the items of both sides, the links of each model, and what was judged."""

    world: AuditWorld
    links: Numbers
    true: tuple[Numbers, Numbers]
    assigned: tuple[Numbers, Numbers]
    judged: tuple[tuple[JudgedItem, ...], tuple[JudgedItem, ...]]

    def ledger(self, categories: tuple[Numbers, Numbers]) -> Ledger:
        """Return the links as the program's ledger, with these categories of items."""
        n = len(self.links)
        names = ("default", "default") if not self.world.two_taxonomies else ("rows", "columns")
        model = np.repeat(np.arange(n), self.links.shape[1])
        rows = _axis("datasets", names[0], categories[0], *rows_of_values(model, self.links.ravel(), n))
        columns = _axis("models", names[1], categories[1], np.arange(n + 1), np.arange(n, dtype=np.int32))
        level = np.zeros(n, dtype=np.int32)
        return Ledger(
            relation="r",
            unit=Unit("to", "model", "models"),
            rows=rows,
            columns=columns,
            n=np.ones(n, dtype=np.int64),
            key=np.arange(n),
            key_names=None,
            stratum=level,
            strata=("",),
            group=None,
            groups=(),
            weight=None,
            n_candidates=n,
        )

    def correction(self) -> tuple[Correction, tuple[JudgedSide, JudgedSide]]:
        """Return what the program makes of the audit."""
        ledger = self.ledger(self.assigned)
        sides = judged_side(ledger, 0, self.judged[0]), judged_side(ledger, 1, self.judged[1])
        return Correction(ledger, sides), sides

    def shares(self, incidence: Incidence) -> list[float]:
        """Return the share of models in the category of their data, and P(A|A), P(B|A) and P(D|D) of models by datasets."""
        same = (incidence.row_sets == incidence.column_sets).all(axis=1)
        counts = tables_of(incidence).counts
        given = np.where(counts.given > 0, counts.given, np.nan)
        cells = [(0, 0), (0, 1), (3, 3)]
        return [
            float(incidence.units[same].sum() / incidence.units.sum()),
            *(float(counts.joint[row, column] / given[row]) for row, column in cells),
        ]


def _axis(name: str, taxonomy: str, categories: Numbers, start: Numbers, use: NDArray[np.int32]) -> Axis:
    n = len(categories)
    first, label, type_ = types_of(np.arange(n), categories, n)
    found = CategorisedItems(
        taxonomy=Taxonomy(taxonomy, CATEGORIES, derived=()),
        names=CATEGORIES,
        rules=words_of([{number} for number in range(len(CATEGORIES))], len(CATEGORIES)),
        start=first,
        label=label,
        type=type_,
        vocabulary=dict.fromkeys(CATEGORIES, 1),
        labels=(),
        notes=(),
    )
    return Axis(
        kind=Kind(name, name, name, name),
        entity=name,
        found=found,
        names=_Named(n),
        start=start,
        use=use.astype(np.int32),
        items=np.arange(n, dtype=np.int32),
        n=np.ones(n, dtype=np.int64),
        year=None,
        weight=None,
    )


class _Named(NamedHere):
    def __init__(self, n: int) -> None:
        super().__init__([f"i{number}" for number in range(n)])

    def numbers(self, names: tuple[str, ...]) -> dict[str, int]:
        return {name: int(name[1:]) for name in names}


@dataclass(frozen=True)
class AuditOutcome:
    """Of replications: percentages in which the corrected share is nearer to the truth, and its interval contains it.

    One of each for the share in the same category, P(A|A), P(B|A) and P(D|D); then means of the first share.
    """

    nearer: tuple[float, ...]
    covered: tuple[float, ...]
    width: tuple[float, ...]
    truth: float
    assigned: float
    corrected: float


def outcome(world: AuditWorld, n_replications: int, n_draws: int = 200) -> AuditOutcome:
    """Run audits of a world, numbered from 0."""
    rows = []
    for replication in range(n_replications):
        audit = world.draw(replication)
        correction, _ = audit.correction()
        base = audit.ledger(audit.true), audit.ledger(audit.assigned)
        truth, built = (audit.shares(_counted(ledger)) for ledger in base)
        seeds = np.random.SeedSequence([world.seed, replication, 1]).spawn(n_draws)
        drawn = [audit.shares(correction.draw(np.random.default_rng(seed))) for seed in seeds]
        low, middle, high = np.nanquantile(drawn, [0.025, 0.5, 0.975], axis=0)
        nearer = np.abs(middle - truth) <= np.abs(np.array(built) - truth)
        covered = (low <= np.array(truth) + 1e-9) & (np.array(truth) <= high + 1e-9)
        rows.append((nearer, covered, high - low, truth[0], built[0], middle[0]))
    nearer, covered, width, *means = zip(*rows, strict=True)
    percent = [tuple((100 * np.mean(one, axis=0)).round(1).tolist()) for one in (nearer, covered)]
    return AuditOutcome(*percent, tuple(np.mean(width, axis=0).round(3).tolist()), *(float(np.mean(m)) for m in means))


def _counted(ledger: Ledger) -> Incidence:
    return incidence_of(ledger, patterns_of(ledger))
