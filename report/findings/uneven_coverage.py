"""Find pairs of categories that uneven coverage alone could associate.

Records with a label on only one side are not counted. If the share of counted records differs between categories on
both sides, the selection itself associates categories (`inference.uneven_coverage`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ..inference.uneven_coverage import SelectedShare, is_uneven, ratio_bounds
from ..ledger.coverage import SideCoverage
from .finding import Finding, KeyNumber, Study, part_of
from .statements import FindingKind
from .surprises import Pair, judged, reported


@dataclass(frozen=True, slots=True)
class SelectedPair:
    """A reported pair and the coverage of its categories, in the order of the first panel.

    `by_coverage` is the range of observed over expected that coverage alone could produce for unrelated categories.
    `ratio` is the ratio of the pair, and `nearest` the end of its interval nearer to 1.
    """

    given: SelectedShare
    outcome: SelectedShare
    by_coverage: tuple[float, float]
    ratio: float
    nearest: float


@dataclass(frozen=True, kw_only=True)
class UnevenCoverage(Finding):
    """Of the `n_named` pairs that may be reported, those that uneven coverage alone could produce.

    The largest deviance comes first. `n_rows_only` and `n_columns_only` records have a category on one side and are not
    counted. Null if no pair is in doubt. There is no finding if one of the sides has no omitted record, or for
    relations other than records, which do not show missing labels on both sides.
    """

    kind = "uneven_coverage"
    place = None
    panel: str
    n_rows_only: int
    n_columns_only: int
    n_named: int
    pairs: tuple[SelectedPair, ...] = ()

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """The categories of each pair in doubt, in the order of the first panel."""
        return tuple((pair.given.category, pair.outcome.category) for pair in self.pairs)

    @property
    def most_uneven(self) -> SelectedPair | None:
        """The pair in doubt whose coverage differs most from other categories on both sides."""
        return max(self.pairs, key=lambda pair: min(pair.given.difference, pair.outcome.difference), default=None)

    def number(self) -> KeyNumber:
        """Return the key number of the finding: the share of the pairs that are in doubt."""
        names = (f"{given} with {outcome}" for given, outcome in self.names)
        return KeyNumber(tuple(names), part_of(len(self.pairs), self.n_named))


def find(study: Study) -> list[UnevenCoverage]:
    """Return one finding if records are left out on both sides and some pair is reported."""
    if study.form != "records" or study.coverage.is_withheld:
        return []
    panel, (named, _) = study.panels[0], reported(study, judged(study))
    lost = _n_lost(study, "rows"), _n_lost(study, "columns")
    if not named or not all(lost):
        return []
    pairs = tuple(_selected(study, named, lost))
    refs = (study.refs(*study.sides(panel, pair.given.category, pair.outcome.category)) for pair in pairs)
    return [
        UnevenCoverage(
            id=f"uneven_coverage.{panel.id}",
            null=not pairs,
            cells=tuple(ref for of_pair in refs for ref in of_pair),
            panel=panel.id,
            n_rows_only=lost[0],
            n_columns_only=lost[1],
            n_named=len(named),
            pairs=pairs,
        )
    ]


def _selected(study: Study, named: Sequence[Pair], lost: tuple[int, int]) -> Iterator[SelectedPair]:
    """Yield the pairs whose interval reaches the range that coverage could produce; none if a side is even."""
    rows, columns = _shares(study, "rows"), _shares(study, "columns")
    if not (is_uneven([*rows.values()]) and is_uneven([*columns.values()])):
        return
    for pair in named:
        of_row, of_column = study.sides(study.panels[0], pair.given, pair.outcome)
        row, column = rows.get(of_row), columns.get(of_column)
        if row is None or column is None:
            continue
        low, high = ratio_bounds(row, column, study.tables.incidence.n_units, lost, study.inference.level)
        nearest = pair.interval[0] if pair.ratio.value > 1 else pair.interval[1]
        if low <= nearest <= high:
            given, outcome = (column, row) if study.is_turned(study.panels[0]) else (row, column)
            yield SelectedPair(given, outcome, (low, high), pair.ratio.value, nearest)


Side = Literal["rows", "columns"]


def _n_lost(study: Study, side: Side) -> int:
    """Return how many records have a category on a side and are not counted."""
    return _of_side(study, side).n_labelled - _n_counted(study, side)


def _n_counted(study: Study, side: Side) -> int:
    incidence = study.tables.incidence
    sets = incidence.row_sets if side == "rows" else incidence.column_sets
    return int(incidence.units[sets.any(axis=1)].sum())


def _of_side(study: Study, side: Side) -> SideCoverage:
    return study.coverage.rows if side == "rows" else study.coverage.columns


def _shares(study: Study, side: Side) -> dict[str, SelectedShare]:
    """Return the counted records with each category and with others, for categories with both kinds."""
    of, n_counted = _of_side(study, side), _n_counted(study, side)
    found = {
        c.category: SelectedShare(c.category, c.n_items, c.n_linked, of.n_labelled - c.n_items, n_counted - c.n_linked)
        for c in of.categories
    }
    return {name: share for name, share in found.items() if share.n_counted and share.n_counted_others}


KIND = FindingKind(UnevenCoverage, find)
