"""The data files of what was worked out about relations: structure, direction, order, contrasts, contributors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from ..cells import Estimate, Refusal
from ..document.results import Axis, BareResults, ContrastLine, PanelResults, RelationResults, Results
from ..findings.asymmetry import MIRROR_HEADER, Asymmetry, mirror_rows
from ..inference.symmetry import TESTS, DirectedPair
from ..measures.structure import STRUCTURE_HEADER, structure_rows
from .tables import Field, csv_bytes

Files = dict[str, bytes]
Row = tuple[Field, ...]
RowsOf = Callable[[RelationResults], Iterable[Row]]

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
)
PAIR_HEADER = (
    "relation",
    "first",
    "second",
    "n_forward",
    "n_back",
    "net_flow",
    "net_flow_low",
    "net_flow_high",
    "direction_ratio",
    "expected_forward",
    "excess",
    "excess_low",
    "excess_high",
)
CONTRAST_HEADER = (
    "relation",
    "kind",
    "first_panel",
    "first_given",
    "first_outcome",
    "second_panel",
    "second_given",
    "second_outcome",
    "first_value",
    "second_value",
    "difference",
    "low",
    "high",
    "reason",
)
RANK_HEADER = ("panel", "given", "outcome", "highest_share", "reason")
TEST_HEADER = ("relation", "test", "statistic", "df", "p_value", "reason")
ORDER_HEADER = ("relation", "axis", "category", "declared", "seriation", "block", "linear_order")
CONTRIBUTOR_HEADER = ("relation", "row", "column", "by", "side", "name", "n_touching", "n_sole")
SIZE_HEADER = (
    "relation",
    "left",
    "right",
    "kind",
    "category",
    "other",
    "low",
    "high",
    "low_by_columns",
    "high_by_columns",
)


def result_files(found: Sequence[Results]) -> Files:
    """Return the files of all relations; a file that could have no row for any of them is left out."""
    counted = [one for one in found if isinstance(one, RelationResults)]
    bare = [one for one in found if isinstance(one, BareResults)]
    files: Files = {}
    if counted:
        files |= {
            "data/counts.csv": csv_bytes(COUNTS_HEADER, _rows(counted, count_rows)),
            "data/structure.csv": csv_bytes(STRUCTURE_HEADER, _rows(counted, _structure_rows)),
            "data/tests.csv": csv_bytes(TEST_HEADER, _rows(counted, test_rows)),
            "data/order.csv": csv_bytes(ORDER_HEADER, _rows(counted, order_rows)),
            "data/contrasts.csv": csv_bytes(CONTRAST_HEADER, _rows(counted, contrast_rows)),
            "data/ranks.csv": csv_bytes(RANK_HEADER, _rows(counted, rank_rows)),
            "data/mirrors.csv": csv_bytes(MIRROR_HEADER, _rows(counted, _mirror_rows)),
            "data/contributors.csv": csv_bytes(CONTRIBUTOR_HEADER, _rows(counted, contributor_rows)),
        }
    if any(not isinstance(one.pairs, Refusal) for one in counted):
        files["data/pairs.csv"] = csv_bytes(PAIR_HEADER, _rows(counted, _pair_rows))
    if any(one.sizes for one in bare):
        files["data/sizes.csv"] = csv_bytes(SIZE_HEADER, (row for one in bare for row in size_rows(one)))
    return files


def _rows(found: Iterable[RelationResults], rows_of: RowsOf) -> Iterator[Row]:
    return (row for one in found for row in rows_of(one))


def count_rows(one: RelationResults) -> Iterator[Row]:
    """Return a row of COUNTS_HEADER for each pair of row and column category."""
    counts = one.counts
    for i, row in enumerate(counts.rows):
        for j, column in enumerate(counts.columns):
            within = counts.expected_within_strata
            yield (
                one.relation,
                row,
                column,
                counts.joint[i][j],
                counts.row_totals[i],
                counts.column_totals[j],
                counts.n_units,
                counts.expected[i][j],
                None if within is None else within[i][j],
                counts.standardized_residual[i][j],
            )


def _mirror_rows(one: RelationResults) -> Iterator[Row]:
    """Yield the cells of each two reversed panels, once however many figures show them."""
    found = {finding.id: finding for _, finding in one.findings if isinstance(finding, Asymmetry)}
    for finding in found.values():
        yield from mirror_rows(finding)


def _structure_rows(one: RelationResults) -> Iterator[Row]:
    for panel in one.panels:
        if panel.structure is not None:
            yield from structure_rows(panel.panel, panel.structure)
        yield from _tier_rows(panel)


def _tier_rows(panel: PanelResults) -> Iterator[Row]:
    if panel.tiers is not None:
        for name in ("high", "moderate", "low", "very_low"):
            yield panel.panel, None, f"tier_{name}", getattr(panel.tiers, name), None, None, None


def _pair_rows(one: RelationResults) -> Sequence[Row]:
    return () if isinstance(one.pairs, Refusal) else pair_rows(one.relation, one.pairs)


def pair_rows(relation: str, pairs: Iterable[DirectedPair]) -> tuple[Row, ...]:
    """Return pairs as rows of PAIR_HEADER; None where there is no interval or no excess."""
    return tuple(
        (
            relation,
            *(pair.first, pair.second, pair.n_forward, pair.n_back, *_ends(pair.net)),
            *(pair.ratio, pair.expected_forward, *_ends(pair.excess)),
        )
        for pair in pairs
    )


def _ends(estimate: Estimate | None) -> Row:
    return (None, None, None) if estimate is None else (estimate.value, estimate.low, estimate.high)


def test_rows(one: RelationResults) -> Iterator[Row]:
    """Return a row of TEST_HEADER for each test, also where it is refused."""
    if isinstance(one.tests, Refusal):
        yield from ((one.relation, name, None, None, None, one.tests.reason) for name in TESTS)
        return
    yield from ((one.relation, test.name, test.statistic, test.df, test.p, None) for test in one.tests)


def order_rows(one: RelationResults) -> Iterator[Row]:
    """Return a row of ORDER_HEADER for each category of each axis; places and blocks count from 1."""
    line = () if isinstance(one.order, Refusal) else one.order.categories
    for axis, declared in dict.fromkeys(zip(one.axes, (one.counts.rows, one.counts.columns), strict=True)):
        for place, category in enumerate(declared, start=1):
            seriation = axis.grouping.order.index(category) + 1
            along = line.index(category) + 1 if category in line else None
            yield one.relation, axis.side, category, place, seriation, _block(axis, category), along


def _block(axis: Axis, category: str) -> int | None:
    """Return the number of a category's block along the axis, from 1, or None."""
    return next((n for n, block in enumerate(axis.grouping.blocks, start=1) if category in block), None)


def contrast_rows(one: RelationResults) -> Iterator[Row]:
    """Return a row of CONTRAST_HEADER for each contrast, and for each kind that has none the reason."""
    for line in one.contrasts:
        yield (
            one.relation,
            line.kind,
            *(line.first.panel, line.first.given, line.first.outcome),
            *(line.second.panel, line.second.given, line.second.outcome),
            *_numbers(line),
            line.reason,
        )


def _numbers(line: ContrastLine) -> Row:
    return line.first_value, line.second_value, *_ends(line.difference)


def rank_rows(one: RelationResults) -> Iterator[Row]:
    """Return a row of RANK_HEADER for each measured cell; one for each panel where nothing could be drawn."""
    for panel in one.panels:
        if isinstance(panel.highest, Refusal):
            yield panel.panel, None, None, None, panel.highest.reason
        elif panel.highest is not None:
            yield from ((panel.panel, cell.given, cell.outcome, cell.share, None) for cell in panel.highest)


def contributor_rows(one: RelationResults) -> Iterator[Row]:
    """Return a row of CONTRIBUTOR_HEADER for each of the largest contributors of each cell."""
    for c in one.contributors.cells:
        yield one.relation, c.row, c.column, c.by, c.side, c.name, c.n_touching, c.n_sole


def size_rows(one: BareResults) -> Iterator[Row]:
    """Return a row of SIZE_HEADER for each ratio of two sizes that published matrices bound."""
    for sizes in one.sizes:
        for ratio in sizes.check.ratios:
            kind = sizes.given if ratio.side == "given" else sizes.outcome
            turned = ratio.by_columns
            yield (
                *(one.relation, sizes.left, sizes.right, kind.name, ratio.category, ratio.other),
                *(ratio.low, ratio.high, turned.low, turned.high),
            )
