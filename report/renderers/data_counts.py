"""Joint counts as data files: of a relation, and of its largest strata."""

from __future__ import annotations

from collections.abc import Iterator

from ..document.results import Matrix, RelationResults

Field = str | int | float | bool | None
"""What a field of a CSV file may hold; None is undefined."""

Row = tuple[Field, ...]

COUNTS_HEADER = (
    "relation",
    "row",
    "column",
    "n_joint",
    "n_row",
    "n_column",
    "n_units",
    "expected",
    "expected_within_strata",
    "standardized_residual",
    "lift_within_low",
    "lift_within_high",
    "most_within_strata",
)


def count_rows(one: RelationResults) -> Iterator[Row]:
    """Return a row of COUNTS_HEADER for each pair of row and column category."""
    counts = one.counts
    for i, row in enumerate(counts.rows):
        for j, column in enumerate(counts.columns):
            yield (
                one.relation,
                row,
                column,
                counts.joint[i][j],
                counts.row_totals[i],
                counts.column_totals[j],
                counts.n_units,
                counts.expected[i][j],
                _at(counts.expected_within_strata, i, j),
                counts.standardized_residual[i][j],
                _at(counts.lift_within_low, i, j),
                _at(counts.lift_within_high, i, j),
                _at(counts.most_within_strata, i, j),
            )


STRATA_HEADER = ("relation", "stratum", "n_units", "row", "column", "n_joint")


def strata_rows(one: RelationResults) -> Iterator[Row]:
    """Return a row of STRATA_HEADER for each pair of categories that units of one of the largest strata have."""
    for found in one.strata:
        for row, of_row in zip(one.counts.rows, found.joint, strict=True):
            for column, n in zip(one.counts.columns, of_row, strict=True):
                if n:
                    yield one.relation, found.stratum, found.n_units, row, column, n


def _at(matrix: Matrix | None, i: int, j: int) -> float | None:
    return None if matrix is None else matrix[i][j]
