"""Charts in addition to the figure, with their words, and the table of cells next to the figure.

Every chart also has a table with its numbers. With strata, the pairs that differ most from chance are shown overall and
within strata. Without strata, their shares are compared with the shares among all units.
"""

from __future__ import annotations

from collections.abc import Sequence

from .. import formats
from ..cells import Cell, CellRef, Estimate, Panel
from ..figures.dots import (
    ComparedRow,
    RatioChart,
    ShareChart,
    ShareDot,
    ShareRow,
)
from ..findings.agreement import Activity
from ..findings.composition import PairDeviations
from ..findings.heterogeneity import Heterogeneity
from ..findings.story import Story
from ..findings.surprises import PairAssociations
from ..ledger.coverage import Contribution
from . import middle
from .appendix import header, or_blank
from .material import RelationReport, RelationResults
from .methods import cell_of, q_cell
from .model import Block, Column, FigureBlock, TableCell, right, table
from .pictures_of_counts import MOST_TOLD, Illustration, of_strata, picture_block
from .writer import Writer, position

LEAST_PAIRS, MOST_PANELS = 2, 2


def pictures(part: RelationReport, writer: Writer) -> tuple[Illustration, ...]:
    """Return the charts of a part in document order, each only if there is enough to show."""
    makers = (of_pairs, of_strata)
    found = (make(part, writer) for make in makers)
    return tuple(picture for picture in found if picture is not None)


def of_pairs(part: RelationReport, writer: Writer) -> Illustration | None:
    """Return the chart of the pairs that differ most, or None for published values and if hardly any pair differs."""
    found = part.first(PairDeviations)
    if part.counted is None or found is None or len(found.pairs) < LEAST_PAIRS:
        return None
    named = [
        (
            writer.words("headings", "pair", row=pair.row, column=pair.column),
            [cell_of(part, panel, (pair.row, pair.column)) for panel in part.panels[:MOST_PANELS]],
        )
        for pair in found.pairs
        if middle.is_told(part, pair.row, pair.column)
    ]
    if len(named) < LEAST_PAIRS:
        return None
    if part.wording.stratum_names and any(own[0].lift_within_strata is not None for _, own in named):
        return _ratios(part, writer, named)
    if all(panel.measure.name == "conditional" for panel in part.panels[:MOST_PANELS]):
        return _shares(part, writer, named)
    return None


NamedCells = Sequence[tuple[str, Sequence[Cell]]]
"""Pairs by name, each with its cell in every panel."""


def _ratios(part: RelationReport, writer: Writer, named: NamedCells) -> Illustration:
    rows = tuple(sorted((_ratio_row(part, name, own[0], writer) for name, own in named), key=_by_ratio))
    chart = RatioChart(
        title=writer.words("pictures", "ratios_title"),
        rows=rows,
        keys=(
            writer.words("pictures", "over_all"),
            writer.words("pictures", "within"),
            _interval(part, writer, of_ratios=True)
            if any(row.within and row.within.low is not None for row in rows)
            else "",
            writer.words("pictures", "most") if any(row.most is not None for row in rows) else "",
        ),
        one=writer.words("pictures", "as_expected"),
        never=writer.words("pictures", "never"),
    )
    items = [
        writer.words(
            "pictures",
            "ratio_item",
            name=row.name,
            over_all=formats.ratio(row.over_all),
            text=row.text,
            most=None if row.most is None else formats.ratio(row.most),
        )
        for row in rows
    ]
    return Illustration(_pairs_block(part, writer, "ratios", "beyond", items), chart.title, chart)


def _interval(part: RelationReport, writer: Writer, *, of_ratios: bool) -> str:
    level = formats.percent(part.inference.level)
    return writer.words("pictures", "interval", level=level, of_ratios=of_ratios)


def _by_ratio(row: ComparedRow) -> float:
    return -(row.over_all if row.within is None else row.within.value)


def _ratio_row(part: RelationReport, name: str, cell: Cell, writer: Writer) -> ComparedRow:
    expected = cell.expected_within_strata
    # If strata have opposite directions, no pooled ratio describes them, as in the table.
    opposite = _is_opposite(part, cell)
    within, text = None, ""
    if cell.lift_within_strata is not None and not opposite:
        within = Estimate(cell.lift_within_strata, cell.lift_within_low, cell.lift_within_high)
        text = formats.ratio(within.value)
        text = f"{text} ({formats.ratio_range(*within.ends)})" if within.ends else text
    told = None if expected is None else formats.expected(expected)
    note = writer.words("pictures", "ratio_note", n=cell.n_joint or 0, expected=told)
    most = _most(part, cell) if within is not None and within.value > 1 else None
    return ComparedRow(name, note, cell.lift or 0.0, within, text, most)


def _most(part: RelationReport, cell: Cell) -> float | None:
    """Return the largest ratio within strata that their margins allow, or None if it is unknown."""
    if not isinstance(part.results, RelationResults) or not cell.expected_within_strata:
        return None
    counts = part.results.counts
    turned = part.wording.side(part.panels[0].given) == "columns"
    row, column = (cell.outcome, cell.given) if turned else (cell.given, cell.outcome)
    most = counts.at(counts.most_within_strata, row, column)
    return None if most is None else most / cell.expected_within_strata


def _shares(part: RelationReport, writer: Writer, named: NamedCells) -> Illustration | None:
    by_lift = sorted(named, key=lambda pair: -(pair[1][0].lift or 0.0))
    rows = tuple(
        ShareRow(
            name,
            writer.words("pictures", "share_note", n=own[0].n_joint or 0),
            tuple(
                ShareDot(Estimate(c.value, c.low, c.high), c.baseline, _percent(c), formats.percent(c.value))
                for c in own
                if c.value is not None
            ),
        )
        for name, own in by_lift
        if all(cell.value is not None for cell in own)
    )
    if len(rows) < LEAST_PAIRS:
        return None
    has_intervals = any(spot.share.low is not None for row in rows for spot in row.spots)
    chart = ShareChart(
        headings=tuple((panel.title, _of(part, panel, writer)) for panel in part.panels[:MOST_PANELS]),
        rows=rows,
        keys=(
            writer.words("pictures", "share"),
            _interval(part, writer, of_ratios=False) if has_intervals else "",
            writer.words("pictures", "base"),
        ),
    )
    items = [writer.words("pictures", "share_item", name=row.name, shares=_against(row)) for row in rows]
    block = _pairs_block(part, writer, "shares", "shares", items)
    return Illustration(block, writer.words("pictures", "shares_title"), chart)


def _of(part: RelationReport, panel: Panel, writer: Writer) -> str:
    return writer.words("pictures", "of_first" if part.wording.side(panel.given) == "rows" else "of_second")


def _percent(cell: Cell) -> str:
    value = formats.percent(cell.value or 0.0)
    if cell.low is None or cell.high is None:
        return value
    return f"{value} ({formats.percent_range(cell.low, cell.high)})"


def _against(row: ShareRow) -> list[tuple[str, str | None]]:
    """Return the shares of a row with their base rates, in words."""
    return [(spot.text, None if spot.base is None else formats.percent(spot.base)) for spot in row.spots]


def _pairs_block(part: RelationReport, writer: Writer, kind: str, name: str, items: Sequence[str]) -> FigureBlock:
    sure, strata = part.first(Story) is not None, part.wording.stratum_names
    found = part.first(PairDeviations)
    once = tuple(middle.told_once(part).values())
    n_all = len(items) if found is None else found.n_pairs // 2 ** len(once)
    places = [position(part.in_figure, panel.id) for panel in part.panels[:MOST_PANELS]]
    caption = writer.tell(
        "pictures",
        f"{kind}_caption",
        sure=sure,
        strata=strata,
        n=len(items),
        n_all=n_all,
        whole=_is_whole(part),
        once=once,
        places=places,
    )
    more = max(len(items) - MOST_TOLD, 0)
    alt = writer.words("pictures", f"{kind}_alt", items=items[:MOST_TOLD], more=more, strata=strata)
    return picture_block(part, name, caption, alt, (cells_id(part),))


_LONGEST_NAME = 22
_LEAST_LOST = 2
"""A contributor must account for at least this many units to be named."""


def cells_that_matter(part: RelationReport, writer: Writer) -> tuple[Block, ...]:
    """Return the table next to the figure, the largest difference first, or nothing if there is none.

    Columns: n, each panel's value, expected, within strata, q, and the item whose omission loses the most units.
    """
    found = part.first(PairDeviations)
    if part.counted is None or found is None:
        return ()
    names, strata = part.wording, part.wording.stratum_names
    by_item = any(c.by == "item" for c in part.counted.contributors.cells)
    # With strata there is no room for both shares. The ratio within strata is the value that q tests.
    panels = part.panels[:1] if strata else part.panels
    shown = [pair for p in found.pairs if middle.is_told(part, *(pair := (p.row, p.column)))]
    headings = [
        Column(writer.words("headings", "pair_header", rows=names.rows, columns=names.columns)),
        right(writer.words("headings", "units", plural=names.unit.plural)),
        *(right(_panel_header(part, panel)) for panel in panels),
        Column(writer.words("headings", "expected"), "right", spare=bool(strata)),
        *([right(writer.words("headings", name, strata=strata)) for name in ("within", "ratio")] if strata else []),
        right(writer.words("headings", "q", strata=strata)),
        *([Column(writer.words("headings", "carried"), spare=True)] if by_item else []),
    ]
    return (
        table(
            cells_id(part),
            writer.words("departures", "caption", **_listed(part, found, len(shown))),
            headings,
            (_cells_row(part, pair, writer, by_item=by_item) for pair in shown),
        ),
    )


def _is_whole(part: RelationReport) -> bool:
    """Return whether all pairs of the table have enough data to be compared."""
    found, panel = part.first(PairDeviations), part.panels[0]
    n_cells = len(panel.given_categories) * len(panel.outcome_categories)
    return found is not None and found.n_pairs == n_cells


def _listed(part: RelationReport, found: PairDeviations, n: int) -> dict[str, object]:
    """Return how many pairs the table lists, of how many, and their share of the deviance if no pair is left out."""
    once = tuple(middle.told_once(part).values())
    return {
        "sure": _is_sure(part),
        "n": n,
        "n_all": found.n_pairs // 2 ** len(once),
        "once": once,
        "whole": _is_whole(part),
    }


def cells_id(part: RelationReport) -> str:
    """Return the id of the table of cells that matter."""
    return part.table_id("cells")


def _is_sure(part: RelationReport) -> bool:
    """Return whether any pair clearly differs from chance, reported or not, or all pairs do through activity."""
    by_activity = any(activity.is_clear for activity in part.found(Activity))
    return (
        part.first(Story) is not None or by_activity or any(f.basis != "crossing" for f in part.found(PairAssociations))
    )


def _panel_header(part: RelationReport, panel: Panel) -> str:
    """Return the head of the values of a panel, with the name of their intervals if they have any."""
    title = header(panel, position(part.in_figure, panel.id) or panel.measure.label)
    return f"{title} ({part.wording.ci})" if any(low is not None for low in panel.column("low")) else title


def _cells_row(part: RelationReport, pair: tuple[str, str], writer: Writer, *, by_item: bool) -> list[TableCell | str]:
    row, column = pair
    strata = part.wording.stratum_names
    shown = [(panel, cell_of(part, panel, pair)) for panel in (part.panels[:1] if strata else part.panels)]
    first = shown[0][1]
    fields: list[TableCell | str] = [
        writer.words("headings", "pair", row=row, column=column),
        or_blank(first.n_joint, formats.count),
        *(
            TableCell(formats.in_table_with_ends(cell, panel.measure), CellRef(panel.id, cell.given, cell.outcome))
            for panel, cell in shown
        ),
        or_blank(first.expected, formats.expected),
    ]
    if strata:
        fields.append(or_blank(first.expected_within_strata, formats.expected))
    if strata and _is_opposite(part, first):
        differs = TableCell(formats.DASH, note=writer.words("headings", "differs"))
        fields += [differs, differs]  # one ratio, and its q, misrepresent all strata
    else:
        fields += [_ratio_within(first)] if strata else []
        fields.append(q_cell(part, first.q_value, writer))
    if by_item and part.counted is not None:
        fields.append(_carried(part.counted.contributors.largest(row, column, "item")))
    return fields


def _carried(contribution: Contribution | None) -> str:
    if contribution is None or contribution.n_sole < _LEAST_LOST:
        return formats.DASH
    lost, having = formats.count(contribution.n_sole), formats.count(contribution.n_touching)
    return f"{formats.shortened(contribution.name, _LONGEST_NAME)} ({lost} of {having})"


def _is_opposite(part: RelationReport, cell: Cell) -> bool:
    """Return whether a cell of the first panel has opposite associations in different strata."""
    return any(
        (p.given, p.outcome) == (cell.given, cell.outcome) for f in part.found(Heterogeneity) for p in f.opposite
    )


def _ratio_within(cell: Cell) -> str:
    value, low, high = cell.lift_within_strata, cell.lift_within_low, cell.lift_within_high
    text = or_blank(value, formats.ratio)
    return text if not text or low is None or high is None else f"{text} ({formats.ratio_range(low, high)})"
