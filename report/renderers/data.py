"""The data files of a report, as CSV and JSON: panels, coverage, labels, findings and all that was worked out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import cast

from .. import formats
from ..cells import Estimate, Panel, Refusal
from ..coverage import Coverage, SideCoverage
from ..document.evidence import Evidence
from ..document.results import AxisOrder, BareResults, ContrastLine, PanelResults, RelationResults, Results
from ..errors import Note
from ..findings.asymmetry import MIRROR_HEADER, Asymmetry, mirror_rows
from ..findings.finding import Finding
from ..inference.symmetry import TESTS, DirectedPair
from ..measures.structure import STRUCTURE_HEADER, structure_rows
from ..taxonomy.kinds import LabelCount
from .data_counts import COUNTS_HEADER, STRATA_HEADER, Field, Row, count_rows, strata_rows
from .plain import Plain, plain
from .report_json import finding_entry

PANEL_HEADER = (
    "given",
    "outcome",
    "n_joint",
    "n_given",
    "n_outcome",
    "n_units",
    "value",
    "low",
    "high",
    "baseline",
    "lift",
    "lift_within_strata",
    "odds_within_strata",
    "q_value",
    "state",
)
"""The columns of data/<panel>.csv, each named as the attribute of `Cell` that fills it."""

_RUNS = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")  # what spreadsheets take for the start of a formula
_QUOTED = re.compile(r'[,"\r\n]|^\s|\s$|^$')


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Field]]) -> bytes:
    r"""Return a CSV file: UTF-8, LF, RFC 4180 quoting, 12 significant digits.

    Undefined numbers (None, NaN, infinities) are empty; whole floats have no ".0". A text that a spreadsheet
    would run as a formula gets an apostrophe before it; so does one that has such an apostrophe already, so
    that taking one away restores every text. Raises ValueError where a row and the header differ in length.

    >>> csv_bytes(["label", "n"], [["=1+1", 2.0], ["a, b", None], ["", -0.25]])
    b'label,n\n\'=1+1,2\n"a, b",\n"",-0.25\n'
    """
    made = [*rows]
    for number, row in enumerate(made, start=1):
        if len(row) != len(header):
            raise ValueError(f"row {number} has {len(row)} fields, the header has {len(header)}")
    return _csv(header, zip(*made, strict=True))


def panel_csv(panel: Panel) -> bytes:
    """Return data/<panel>.csv: one row for each cell in row-major declared order, columns PANEL_HEADER."""
    return _csv(PANEL_HEADER, map(panel.column, PANEL_HEADER))


def _csv(header: Sequence[str], columns: Iterable[Sequence[Field]]) -> bytes:
    fields = (formats.texts(column, _text, "") for column in columns)
    lines = [",".join(map(_text, header)), *map(",".join, zip(*fields, strict=True))]
    return "".join(f"{line}\n" for line in lines).encode()


def _text(value: str) -> str:
    text = f"'{value}" if _RUNS.match(value) else value
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if _QUOTED.search(text) else text


Files = dict[str, bytes]
RowsOf = Callable[[RelationResults], Iterable[Row]]

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
    if any(one.strata for one in counted):
        files["data/strata.csv"] = csv_bytes(STRATA_HEADER, _rows(counted, strata_rows))
    if any(not isinstance(one.pairs, Refusal) for one in counted):
        files["data/pairs.csv"] = csv_bytes(PAIR_HEADER, _rows(counted, _pair_rows))
    if any(one.sizes for one in bare):
        files["data/sizes.csv"] = csv_bytes(SIZE_HEADER, (row for one in bare for row in size_rows(one)))
    return files


def _rows(found: Iterable[RelationResults], rows_of: RowsOf) -> Iterator[Row]:
    return (row for one in found for row in rows_of(one))


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


def _block(axis: AxisOrder, category: str) -> int | None:
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


def panel_files(panels: Iterable[Panel]) -> Files:
    """Return data/<panel>.csv of each panel."""
    return {f"data/{panel.id}.csv": panel_csv(panel) for panel in panels}


def coverage_files(coverages: Sequence[Coverage]) -> Files:
    """Return coverage.csv (all, by category, by year), categories.csv (sizes) and unresolved.csv."""
    return {
        "data/coverage.csv": csv_bytes(
            ("relation", "side", "by", "level", "n_items", "n_labelled", "n_linked"), _coverage_rows(coverages)
        ),
        "data/categories.csv": csv_bytes(
            ("relation", "side", "category", "n_items", "n_linked", "n_exclusive"),
            (
                (c.relation, side.side, of.category, of.n_items, of.n_linked, of.n_exclusive)
                for c in coverages
                for side in _sides(c)
                for of in side.categories
            ),
        ),
        "data/unresolved.csv": csv_bytes(
            ("relation", "side", "name", "n_links"),
            ((c.relation, name.side, name.name, name.n_links) for c in coverages for name in c.unresolved),
        ),
    }


def _coverage_rows(coverages: Sequence[Coverage]) -> Iterator[tuple[Field, ...]]:
    for coverage in coverages:
        for side in _sides(coverage):
            yield coverage.relation, side.side, "all", None, side.n_items, side.n_labelled, side.n_linked
            yield from ((coverage.relation, side.side, *row) for row in _parts(side))


def _sides(coverage: Coverage) -> tuple[SideCoverage, ...]:
    """Return the two sides; one where a kind shares a key with itself, and both are the same."""
    return tuple(dict.fromkeys((coverage.rows, coverage.columns)))


def _parts(side: SideCoverage) -> Iterator[tuple[Field, ...]]:
    for of in side.categories:
        yield "category", of.category, of.n_items, of.n_items, of.n_linked
    for year in side.years:
        yield "year", year.year, year.n_items, year.n_labelled, year.n_linked


def label_files(labels: Sequence[LabelCount]) -> Files:
    """Return taxonomy.csv (each label with its category, a row for each) and unmatched.csv."""
    known = [label for label in labels if label.categories]
    unknown = [label for label in labels if not label.categories]
    return {
        "data/taxonomy.csv": csv_bytes(
            ("label", "category", "rule", "count", "kind"),
            ((of.label, category, of.rule, of.n_items, of.kind) for of in known for category in of.categories),
        ),
        "data/unmatched.csv": csv_bytes(
            ("label", "count", "kind"), ((of.label, of.n_items, of.kind) for of in unknown)
        ),
    }


def notes_file(notes: Sequence[Note]) -> bytes:
    """Return notes.csv: what was noticed in the data, each with its sort and what it is about."""
    return csv_bytes(("subject", "sort", "note"), ((note.subject, note.slug, note.message) for note in notes))


def findings_file(findings: Iterable[tuple[str, Finding, Evidence]]) -> Files:
    """Return findings.json: every finding of every figure, null ones too, with its kind, id, cells and numbers.

    `evidence` says of each what its numbers are worked out from.
    """
    entries = [
        {**finding_entry(figure, finding), "evidence": _evidence(evidence)} for figure, finding, evidence in findings
    ]
    text = json.dumps({"findings": entries}, ensure_ascii=False, allow_nan=False, indent=1)
    return {"data/findings.json": f"{text}\n".encode()}


def _evidence(evidence: Evidence) -> Plain:
    """Return evidence without the id that its finding has."""
    return {name: value for name, value in cast("dict[str, Plain]", plain(evidence)).items() if name != "finding"}
