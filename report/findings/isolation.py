"""Categories that meet no other, told apart from those seen through a single stratum; and those that meet all alike."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..arrays import Bools, Floats, over
from .finding import Finding, KeyNumber, Recipe, Study, slug
from .statements import (
    Answer,
    Asked,
    Drawn,
    FindingKind,
    Headline,
    Question,
    Statement,
    about_finding,
    varying,
)

_LOW, _HIGH = 0.8, 1.25


@dataclass(frozen=True, kw_only=True)
class Isolation(Finding):
    """A category of which no unit crosses (or nearly none), on either side.

    `self_share` is the share of the units with it on either side that have it on both. `stratum` is the only
    level that any of its units is in, where strata are declared and there is only one; `stratum_alone` says
    that this level holds units of no other category, so that the two cannot be told apart.
    """

    kind = "isolation"
    thresholds = ("isolated", "minimum_units")
    category: str
    n: float
    self_share: float
    stratum: str | None
    stratum_alone: bool

    def number(self) -> KeyNumber:
        """Return the number that it goes by."""
        about, share = (self.category,) if self.category else (), None if self.null else self.self_share
        return KeyNumber(about, share, steps=int(self.stratum_alone), trials=self.n)

    def evidence(self) -> Iterator[Recipe]:
        """Yield what its numbers are worked out from."""
        if self.category:
            what = "share with it alone on both sides"
            yield Recipe("self_share", what, {"n": "n"}, "self_share", names=(self.category,))


def find_isolation(study: Study) -> list[Isolation]:
    """Return a finding for each measured category that stands apart; a null finding where none does."""
    if not study.diagonal:
        return []
    found = [
        isolation
        for i, name in enumerate(study.rows)
        if any(study.panels[0].cell(name, name).state == s for s in ("measured", "few"))
        and (isolation := _isolation(study, i)) is not None
    ]
    return found or [
        Isolation(id="isolation", null=True, category="", n=0, self_share=0, stratum=None, stratum_alone=False)
    ]


def self_share(study: Study, category: str) -> float | None:
    """Return the share of the units with a category on either side that have it on both, and no other on either.

    None where fewer than `minimum_units` have it.
    """
    incidence = study.tables.incidence
    (rows, columns), i = incidence.distinct_sets, study.rows.index(category)
    has = np.maximum(rows[:, i], columns[:, i])
    if has @ incidence.by_distinct(incidence.units.astype(np.float64)) < study.inference.minimum_units:
        return None
    both = rows[:, i] * columns[:, i] * (rows.sum(axis=1) == 1) * (columns.sum(axis=1) == 1)
    weight = incidence.by_distinct(incidence.weight)
    return float(both @ weight) / float(has @ weight)


def _isolation(study: Study, i: int) -> Isolation | None:
    """Return the finding about one category, None where it does not stand apart."""
    incidence, share = study.tables.incidence, self_share(study, study.rows[i])
    if share is None or share < study.thresholds.isolated:
        return None
    has = incidence.row_sets[:, i] | incidence.column_sets[:, i]
    n = float(has @ incidence.weight)
    levels = np.unique(incidence.stratum[has])
    single = incidence.stratum_names != () and len(levels) == 1
    inside = incidence.stratum == levels[0]
    others = (incidence.row_sets | incidence.column_sets)[inside & ~has].any()
    name = study.rows[i]
    return Isolation(
        id=f"isolation.{slug(name)}",
        cells=study.refs(name, name),
        category=name,
        n=n,
        self_share=share,
        stratum=incidence.strata[levels[0]] if single else None,
        stratum_alone=bool(single and not others),
    )


def _asks(finding: Isolation, study: Study) -> Iterator[Question]:
    yield about_finding("isolation", (finding.category,), finding, study)


def _answer(question: Question, asked: Asked) -> Answer | None:
    share = self_share(asked.study, question.categories[0])
    return None if share is None else Answer(share, "apart" if share >= asked.study.thresholds.isolated else "not")


def _adds(study: Study, question: Question) -> Floats:
    """Return for each pattern whether its units have the category, and whether they have nothing else (p, 2)."""
    rows, columns = study.tables.incidence.row_sets, study.tables.incidence.column_sets
    i = study.rows.index(question.categories[0])
    alone = rows[:, i] & columns[:, i] & (rows.sum(axis=1) == 1) & (columns.sum(axis=1) == 1)
    return np.column_stack([rows[:, i] | columns[:, i], alone]).astype(np.float64)


def _fails(headline: Headline, drawn: Drawn) -> Bools | None:
    has, alone = drawn.sums(headline.question).T
    share = over(alone, has, np.nan)
    return varying(share, ~(share >= drawn.study.thresholds.isolated))


@dataclass(frozen=True, kw_only=True)
class Spread(Finding):
    """A given category of the first panel whose lifts all lie between 0.8 and 1.25.

    `lowest` and `highest` are the ends of those lifts over `n_outcomes` outcome categories.
    """

    kind = "spread"
    thresholds = ("expected",)
    panel: str
    category: str
    lowest: float
    highest: float
    n_outcomes: int

    def number(self) -> KeyNumber:
        """Return the end of its ratios that is further from 1, with both ends as if they were an interval."""
        further = max((self.lowest, self.highest), key=lambda ratio: abs(math.log(max(ratio, 1e-300))))
        return KeyNumber((self.category,), further, "ratio", self.lowest, self.highest, plain=True)

    def evidence(self) -> Iterator[Recipe]:
        """Yield what its numbers are worked out from."""
        for what in ("lowest", "highest"):
            yield Recipe(what, "n_ab / e_ab", {"n_outcomes": "n_outcomes"}, what, names=(self.category,))


def find_spread(study: Study) -> list[Spread]:
    """Return a finding for each such category, where the axes carry different taxonomies."""
    if study.tables.same_taxonomy:
        return []
    panel = study.panels[0]
    found = []
    columns = list(zip(*map(panel.column, ("state", "lift", "expected")), strict=True))
    for name in panel.given_categories:
        places = panel.places(name)
        lifts = [
            lift
            for state, lift, expected in columns[places.start : places.stop]
            if state == "measured" and lift is not None and (expected or 0) >= study.thresholds.expected
        ]
        if len(lifts) > 2 and min(lifts) >= _LOW and max(lifts) <= _HIGH:
            found.append(
                Spread(
                    id=f"spread.{slug(name)}",
                    panel=panel.id,
                    cells=panel.refs(panel.row(name)),
                    category=name,
                    lowest=min(lifts),
                    highest=max(lifts),
                    n_outcomes=len(lifts),
                )
            )
    return found


ISOLATION = FindingKind(Isolation, find_isolation, _asks, (Statement("isolation", _answer, _fails, _adds),))
SPREAD = FindingKind(Spread, find_spread)
