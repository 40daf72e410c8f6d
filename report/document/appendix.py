"""The appendix: direction, whole-table numbers and the full matrices, in small tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from heapq import nsmallest

from .. import formats
from ..cells import WITHHELD, Cell, CellRef, Estimate, Panel, Refusal, folded
from ..figures.scales import folded_lines, marks_line, marks_of
from ..inference.symmetry import DirectedPair
from .material import Part, RelationResults
from .methods import findings_table
from .model import Block, TableBlock, TableCell, right, table
from .pictures_of_counts import LEAST_STRATA, commonest, strata_id
from .writer import Writer

MOST_ROWS = 12
"""Longer tables show their largest rows; the data file has them all."""

_Line = tuple[str, str, str]


def appendix(part: Part, writer: Writer) -> tuple[Block, ...]:
    """Return the matrices, then a table for each kind of result that has something to show."""
    blocks: list[Block] = list(matrices(part, writer))
    if isinstance(part.results, RelationResults):
        blocks += _direction(part.results, writer)
        blocks += _strata(part, part.results, writer)
        blocks += _whole(part.results, writer)
    blocks += findings_table(part, writer)
    return tuple(blocks)


def _direction(found: RelationResults, writer: Writer) -> Iterator[TableBlock]:
    """Yield the pairs of categories between which units cross, the largest net flow first."""
    if isinstance(found.pairs, Refusal) or not found.pairs:
        return
    pairs = sorted((_forward(pair) for pair in found.pairs), key=lambda pair: -pair.net.value)
    headers = ("forward_header", "back_header", "net_header", "ratio_header", "excess_header")
    yield table(
        f"direction-{found.relation}",
        writer.words("appendix", "direction_caption", n_more=len(pairs) > MOST_ROWS),
        (
            writer.words("appendix", "direction_header"),
            *(right(writer.words("appendix", header)) for header in headers),
        ),
        (_pair_row(pair, writer) for pair in pairs[:MOST_ROWS]),
    )


def _forward(pair: DirectedPair) -> DirectedPair:
    """Return a pair turned so that its net flow is not negative."""
    if pair.net.value >= 0:
        return pair
    forward = pair.expected_forward
    return replace(
        pair,
        first=pair.second,
        second=pair.first,
        n_forward=pair.n_back,
        n_back=pair.n_forward,
        net=_turned(pair.net),
        ratio=-pair.ratio,
        expected_forward=None if forward is None else pair.n_forward + pair.n_back - forward,
        excess=None if pair.excess is None else _turned(pair.excess),
    )


def _turned(estimate: Estimate) -> Estimate:
    low, high = (None if end is None else -end for end in (estimate.high, estimate.low))
    return Estimate(-estimate.value, low, high)


def _pair_row(pair: DirectedPair, writer: Writer) -> Iterator[TableCell | str]:
    yield writer.words("appendix", "direction_item", origin=pair.first, goal=pair.second)
    yield formats.count(pair.n_forward)
    yield formats.count(pair.n_back)
    yield _flow(pair.net)
    yield formats.value(pair.ratio)
    if pair.excess is None:
        yield TableCell("", note=writer.words("appendix", "decided"))
    else:
        yield _flow(pair.excess)


def _flow(estimate: Estimate) -> str:
    text = formats.signed_count(estimate.value)
    if estimate.low is None or estimate.high is None:
        return text
    return f"{text} ({formats.signed_count_range(estimate.low, estimate.high)})"


def _strata(part: Part, found: RelationResults, writer: Writer) -> Iterator[TableBlock]:
    """Yield the largest strata with the most frequent pair of each."""
    if len(found.strata) < LEAST_STRATA:
        return
    units = writer.words("headings", "units", plural=part.wording.unit.plural)
    strata = formats.listing(part.wording.stratum_names)
    rows = []
    for stratum in found.strata:
        most = commonest(stratum, found.counts, masked=part.masked)
        pair = formats.DASH if most is None else writer.words("headings", "pair", row=most[0], column=most[1])
        n = formats.DASH if most is None else formats.count(most[2])
        rows.append((stratum.stratum, formats.count(stratum.n_units), pair, n))
    yield table(
        strata_id(found.relation),
        writer.words("appendix", "strata_caption"),
        (
            strata[:1].upper() + strata[1:],
            right(units),
            writer.words("appendix", "commonest_header"),
            right(units),
        ),
        rows,
        source="data/strata.csv",
    )


def _whole(found: RelationResults, writer: Writer) -> Iterator[TableBlock]:
    """Yield the table of numbers about all categories together, with the reason for each missing number."""
    yield table(
        f"whole-{found.relation}",
        writer.words("appendix", "whole_caption"),
        (writer.words("appendix", f"{name}_header") for name in ("quantity", "value", "remark")),
        (*_uncertainty_lines(found, writer), *_block_lines(found, writer)),
    )


def _uncertainty_lines(found: RelationResults, writer: Writer) -> Iterator[_Line]:
    answer, (rows, columns) = found.uncertainty, found.axes
    if isinstance(answer, Refusal):
        yield writer.words("appendix", "theil_u_both"), writer.words("appendix", "refused"), answer.reason
        return
    remark = writer.words("appendix", "theil_u_remark")
    for known, told, value in ((rows, columns, answer.of_columns), (columns, rows, answer.of_rows)):
        name = writer.words("appendix", "theil_u", known=known.kind, told=told.kind)
        yield name, writer.words("appendix", "undefined") if value is None else formats.value(value), remark


def _block_lines(found: RelationResults, writer: Writer) -> Iterator[_Line]:
    remark = writer.words("appendix", "blocks_remark", direct=found.direct)
    for axis in found.axes[:1] if found.direct else found.axes:
        blocks = [writer.words("appendix", "block", names=names) for names in axis.grouping.blocks]
        name = writer.words("appendix", "blocks", kind=None if found.direct else axis.kind)
        yield name, "; ".join(blocks) or writer.words("appendix", "blocks_none"), remark


MOST_CATEGORIES = 30
"""Up to this size the appendix contains whole matrices. Beyond it, tagged PDF tables are slow and large."""
STRONGEST = 300
_HALF_STEP = 0.005


def or_blank(number: float | None, written: Callable[[float], str]) -> str:
    """Return a number as written by `written`, or an empty text for None."""
    return "" if number is None else written(number)


def value_text(panel: Panel, cell: Cell) -> str:
    """Return the value of a cell as in the figure, with its interval if it has one.

    If both ends of an interval would look the same, the value and both ends get more decimals, so that an interval is
    never a point. The ends of intervals of counts are whole numbers from ten on.
    """
    if cell.value is None:
        return ""
    shown: Callable[[float], str] = partial(shown_value, panel)
    low, high = cell.low, cell.high
    if panel.measure.name == "count":
        return formats.with_ends(shown(cell.value), low, high, formats.expected)
    if low is not None and high is not None and low < high and shown(low) == shown(high):
        shown = partial(formats.decimal, digits=formats.digits_apart(low, high, 2))
    return formats.with_ends(shown(cell.value), low, high, shown)


def shown_value(panel: Panel, value: float) -> str:
    """Return a value as in the figure and tables: counts as whole numbers, all others with two decimals.

    A value other than 0 is never written as 0, and a share below 1 is never written as 1.
    """
    if panel.measure.name == "count":
        return formats.count(value)
    if 0 < value < _HALF_STEP:
        return "<0.01"
    if panel.measure.upper == 1 and 1 - _HALF_STEP <= value < 1:
        return ">0.99"
    return formats.value(value)


def matrices(part: Part, writer: Writer) -> tuple[Block, ...]:
    """Return each panel as a table. With more than 30 categories, return its strongest cells."""
    panels = map(folded, part.panels) if part.folds else part.panels
    return tuple(
        _matrix(part, panel, writer)
        if max(len(panel.given_categories), len(panel.outcome_categories)) <= MOST_CATEGORIES
        else _strongest(part, panel, writer)
        for panel in panels
    ) + tuple(differing(part, panel, writer) for panel in part.panels if panel.id in part.differences)


def differing(part: Part, panel: Panel, writer: Writer) -> TableBlock:
    """Return the cells of a panel that differ from the other rows, the largest difference in points first."""
    marks = marks_of(panel, part.scale.marks)
    found = [(cell, mark) for cell, mark in zip(part.differences[panel.id].cells, marks, strict=True) if mark]
    found.sort(key=lambda pair: -abs(pair[0].value or 0.0))
    headers = [right(writer.words("survey", f"{name}_header")) for name in ("share", "rest", "difference", "q")]
    return table(
        f"differences-{panel.id}",
        writer.words(
            "survey", "caption", panel=panel, rate=part.scale.marks, shown=min(len(found), STRONGEST), n=len(found)
        ),
        (panel.given_title, panel.outcome_title, right(writer.words("survey", "base_header")), *headers),
        (_difference_row(part, panel, cell, mark) for cell, mark in found[:STRONGEST]),
        source=f"data/{panel.id}.csv",
        row_headers=2,
    )


def _difference_row(part: Part, panel: Panel, cell: Cell, mark: str) -> Iterator[TableCell | str]:
    n, given = cell.n_joint or 0.0, cell.n_given or 0.0
    rest = (cell.n_units or 0.0) - given
    yield cell.given
    yield cell.outcome
    yield formats.count(part.bases[panel.id][cell.given])
    yield TableCell(f"{formats.percent(n / given)} {mark}", CellRef(panel.id, cell.given, cell.outcome))
    yield formats.percent(((cell.n_outcome or 0.0) - n) / rest) if rest else ""
    yield formats.with_ends(_points(cell.value or 0.0), cell.low, cell.high, _points)
    yield "" if cell.q_value is None else formats.p_value(cell.q_value)


def _points(difference: float) -> str:
    """Return a difference of shares in percentage points, with its sign."""
    return formats.signed_count(round(100 * difference))


def _matrix(part: Part, panel: Panel, writer: Writer) -> TableBlock:
    notes: dict[str, str] = {
        state: writer.words("caption", f"state_{state}")
        for state in ("few", "uncertain", "no_given", "no_outcome", "masked", *WITHHELD)
    }
    units = writer.words("headings", "units", plural=part.wording.unit.plural)
    bases = [units] if part.counted is not None else []
    bases += [writer.words("survey", "unweighted_header")] if _shows_both(part, panel) else []
    made = table(
        f"matrix-{panel.id}",
        with_lines(writer.words("caption", "matrix", panel=panel), _lines(part, panel)),
        (panel.given_title, *map(right, (*bases, *panel.outcome_categories))),
        (_matrix_row(part, panel, name, notes) for name in panel.given_categories),
        source=f"data/{panel.id}.csv",
    )
    return replace(made, kind="matrix")


def _shows_both(part: Part, panel: Panel) -> bool:
    """Return whether a table has the unweighted number of units next to the weighted one."""
    return part.wording.weighted and panel.id in part.bases


def _lines(part: Part, panel: Panel) -> Iterator[str]:
    """Yield the lines that explain a matrix: folded categories, and arrows."""
    yield from folded_lines(panel)
    if part.scale.marks is not None:
        yield marks_line(part.scale.marks)


def with_lines(caption: str, lines: Iterable[str]) -> str:
    """Return a caption followed by a note on the folded categories.

    >>> with_lines("Share", ["folded: 1 row and column without models (Graph)"])
    'Share; folded: 1 row and column without models (Graph)'
    """
    return "; ".join((caption, *lines))


def _matrix_row(part: Part, panel: Panel, given: str, notes: Mapping[str, str]) -> list[TableCell | str]:
    row = panel.row(given)
    cells: list[TableCell | str] = [given]
    if part.counted is not None:
        cells.append(formats.count(row[0].n_given or 0))
        cells += [formats.count(part.bases[panel.id][given])] if _shows_both(part, panel) else []
    marks = marks_of(panel, part.scale.marks)
    for place, cell in zip(panel.places(given), row, strict=True):
        text = or_blank(cell.value, partial(shown_value, panel)) + marks[place]
        ref = CellRef(panel.id, cell.given, cell.outcome)
        level = None if cell.value is None else part.scale.level(cell.value)
        cells.append(TableCell(text, ref, level, notes.get(cell.state)))
    return cells


def _strongest(part: Part, panel: Panel, writer: Writer) -> TableBlock:
    columns = zip(panel.column("n_joint"), panel.column("value"), strict=True)
    known = ((-(joint or 0), -value, place) for place, (joint, value) in enumerate(columns) if value is not None)
    cells = [panel.cells[place] for *_, place in nsmallest(STRONGEST, known)]
    units = writer.words("headings", "units", plural=part.wording.unit.plural)
    return table(
        f"matrix-{panel.id}",
        writer.words("caption", "strongest", n=len(cells), panel=panel),
        (panel.given_title, panel.outcome_title, right(units), right(panel.measure.label)),
        (
            (
                cell.given,
                cell.outcome,
                or_blank(cell.n_joint, formats.count),
                TableCell(value_text(panel, cell), CellRef(panel.id, cell.given, cell.outcome)),
            )
            for cell in cells
        ),
        source=f"data/{panel.id}.csv",
        row_headers=2,
    )
