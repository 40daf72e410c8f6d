"""Departures: which pairs of categories make up what departs from base rates, and how much of it each.

A pair of n units where e are expected departs by n log(n / e) - (n - e), half the Poisson deviance: never negative, and
additive over pairs. Chance alone, with groups as they are, makes it var / (2 e) on average, where var is what n varies
by if the two are unrelated (`ratios.null_variance`); that is taken off. Within strata where these are declared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..arrays import Bools, Floats
from .finding import Finding, KeyNumber, Recipe, Study
from .statements import FindingKind

_LISTED = 12
"""Pairs that a finding lists: as many as a table beside the figure has rows."""


@dataclass(frozen=True, slots=True)
class Departure:
    """A pair of row and column category: `n` units have both where `expected` would.

    `share` is what it makes of all that departs by more than chance makes of it.
    """

    row: str
    column: str
    n: float
    expected: float
    share: float


@dataclass(frozen=True, kw_only=True)
class Departures(Finding):
    """The pairs that depart most, in falling order, of the `n_pairs` that can be judged in every panel.

    `told` is the share of the pairs listed here. Null where no pair departs by more than chance makes of it.
    """

    kind = "departures"
    n_pairs: int
    pairs: tuple[Departure, ...]

    @property
    def told(self) -> float:
        """What the listed pairs make of all that departs."""
        return sum(pair.share for pair in self.pairs)

    def number(self) -> KeyNumber:
        """Return the number that it goes by."""
        about = (self.pairs[0].row, self.pairs[0].column) if self.pairs else ()
        return KeyNumber(about, self.pairs[0].share if self.pairs else None, exact=True, plain=True)

    def evidence(self) -> Iterator[Recipe]:
        """Yield what its numbers are worked out from."""
        for place, pair in enumerate(self.pairs):
            terms = {"n": f"pairs.{place}.n", "e": f"pairs.{place}.expected"}
            formula = "n * log(n / e) - (n - e), less chance, over its sum"
            yield Recipe("departure", formula, terms, f"pairs.{place}.share", names=(pair.row, pair.column))


def find(study: Study) -> list[Departures]:
    """Return one finding for a relation that has any pair to judge."""
    beyond, judged = beyond_chance(study)
    if not judged.any():
        return []
    joint, expected = study.joint, study.expected
    total = float(beyond.sum())
    order = np.argsort(-beyond.ravel(), kind="stable")[:_LISTED]
    places = [divmod(int(place), joint.shape[1]) for place in order if beyond.flat[place] > 0]
    pairs = tuple(
        Departure(
            study.rows[i], study.columns[j], float(joint[i, j]), float(expected[i, j]), float(beyond[i, j]) / total
        )
        for i, j in places
    )
    return [
        Departures(
            id="departures",
            null=not pairs,
            cells=tuple(ref for pair in pairs for ref in study.refs(pair.row, pair.column)),
            n_pairs=int(judged.sum()),
            pairs=pairs,
        )
    ]


def beyond_chance(study: Study) -> tuple[Floats, Bools]:
    """Return by how much each pair (R, C) departs beyond chance, 0 where it cannot be judged, and which can be."""
    judged = _judged(study)
    beyond = departures(study.joint, study.expected, study.tables.null_variance)
    return np.where(judged, beyond, 0.0), judged


def departures(joint: Floats, expected: Floats, variance: Floats) -> Floats:
    """Return by how much each pair (R, C) departs from what is expected, beyond chance; 0 where nothing is expected."""
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.where(joint > 0, joint * np.log(joint / expected), 0.0)
        beyond = log - (joint - expected) - variance / (2 * expected)
    return np.where((expected > 0) & np.isfinite(beyond), np.maximum(beyond, 0.0), 0.0)


def _judged(study: Study) -> Bools:
    """Return the pairs (R, C) that are measured in every panel; of a kind with itself over a shared key each once."""
    rows = study.tables.incidence.rows.kind
    judged = np.ones(study.joint.shape, dtype=np.bool_)
    for panel in study.panels:
        measured = np.array([state == "measured" for state in panel.column("state")], dtype=np.bool_)
        measured = measured.reshape(len(panel.given_categories), len(panel.outcome_categories))
        judged &= measured if panel.given == rows else measured.T
    return np.triu(judged, 1) if study.tables.incidence.trivial_diagonal else judged


KIND = FindingKind(Departures, find)
