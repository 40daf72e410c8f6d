"""Small pictures of a document: of counts, what crosses and what the data cover."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Protocol

from .. import formats
from ..cells import Kind
from ..figures.amounts import Bar, BarGroup, Bars, Multiples, Node, Ribbon, Ribbons, Small
from ..findings.composition import Composition
from ..findings.population import Population
from ..ledger.coverage import SideCoverage
from .material import CountTables, Part, RelationResults, StratumCounts
from .model import FigureBlock, Sentence
from .writer import Writer

MOST_TOLD = 12
"""Lines that an alternative text tells one by one."""


class Drawable(Protocol):
    """What can be drawn on so many pixels, on a ground or none, with lines of words below."""

    @property
    def page_px(self) -> float:
        """How wide it is drawn for a page."""

    def svg(self, width: float, ground: str | None, below: Sequence[str] = ()) -> str:
        """Return the drawing."""


@dataclass(frozen=True)
class Illustration:
    """A picture with the block that shows it; `title` is what it is called where it stands alone."""

    block: FigureBlock
    title: str
    chart: Drawable


def picture_block(part: Part, name: str, caption: Sentence, alt: str, behind: tuple[str, ...]) -> FigureBlock:
    """Return the block of a picture: its caption, what it is read out as, and the ids of the tables behind it.

    It is called by its figure, and by its relation where the figure has several.
    """
    infix = f"{part.panels[0].relation}-" if len(part.in_figure) > len(part.panels) else ""
    figure_id = f"{part.figure}-{infix}{name}"
    return FigureBlock(figure_id, (replace(caption, id=f"caption.{figure_id}"),), alt, behind)


LEAST_RIBBONS, MOST_RIBBONS = 3, 14
MOST_BARS = 30


def of_crossings(part: Part, writer: Writer) -> Illustration | None:
    """Return the picture of units with different categories on both sides; None without one taxonomy, or with few."""
    if not isinstance(part.results, RelationResults) or not part.diagonal or part.masked:
        return None
    found = sorted(_crossings(part.results.counts), key=lambda crossing: -crossing[2])
    if len(found) < LEAST_RIBBONS:
        return None
    shown, left_out = found[:MOST_RIBBONS], found[MOST_RIBBONS:]
    most = _most_crossing(shown)
    ribbons = tuple(
        Ribbon(row, column, n, "from" if row == most else "to" if column == most else "other")
        for row, column, n in shown
    )
    counts = part.results.counts
    chart = Ribbons(
        title=writer.words("pictures", "crossings_title"),
        sides=(part.wording.rows.label, part.wording.columns.label),
        left=_nodes(counts.rows, [(row, n) for row, _, n in shown], left=True),
        right=_nodes(counts.columns, [(column, n) for _, column, n in shown], left=False),
        ribbons=ribbons,
    )
    items = [
        writer.words("pictures", "crossing_item", row=row, column=column, n=n) for row, column, n in shown[:MOST_TOLD]
    ]
    n_left = sum(n for *_, n in left_out)
    told = {"category": most, "n_left": n_left, "n_ribbons": len(left_out)}
    caption = writer.tell("pictures", "crossings_caption", **told)  # type: ignore[arg-type]
    alt = writer.words("pictures", "crossings_alt", items=items, more=max(len(shown) - MOST_TOLD, 0), n_left=n_left)
    block = picture_block(part, "crossings", caption, alt, (f"direction-{part.panels[0].relation}",))
    return Illustration(block, chart.title, chart)


def _crossings(counts: CountTables) -> Iterator[tuple[str, str, float]]:
    for i, row in enumerate(counts.rows):
        for j, column in enumerate(counts.columns):
            if row != column and counts.joint[i][j]:
                yield row, column, counts.joint[i][j] or 0.0


def _most_crossing(crossings: Sequence[tuple[str, str, float]]) -> str:
    """Return the category on one side or the other of most of what crosses."""
    sums: dict[str, float] = {}
    for row, column, n in crossings:
        for name in (row, column):
            sums[name] = sums.get(name, 0.0) + n
    return max(sums, key=lambda name: sums[name])


def _nodes(names: Sequence[str], ends: Sequence[tuple[str, float]], *, left: bool) -> tuple[Node, ...]:
    """Return the categories of a side that something crosses from or to, in the declared order."""
    sums = {name: sum(n for end, n in ends if end == name) for name in names}
    texts = {name: (f"{name} {formats.count(n)}" if left else f"{formats.count(n)} {name}") for name, n in sums.items()}
    return tuple(Node(name, texts[name]) for name, n in sums.items() if n)


LEAST_STRATA = 2
NEARLY_ALL = 0.99
"""Once strata hold so many of all units, those that are left are too small to see."""


def of_strata(part: Part, writer: Writer) -> Illustration | None:
    """Return the picture of each stratum in small; None where strata are not what the agreement is made of."""
    composition = part.first(Composition)
    if not isinstance(part.results, RelationResults) or composition is None or not composition.beyond:
        return None
    counts = part.results.counts
    strata = _largest(part.results.strata, NEARLY_ALL * counts.n_units)
    if len(strata) < LEAST_STRATA:
        return None
    rows = _filled(counts.rows, [stratum.joint for stratum in strata])
    columns = _filled(counts.columns, [list(zip(*stratum.joint, strict=True)) for stratum in strata])
    matrices = tuple(
        Small(
            stratum.stratum,
            writer.words("pictures", "units", n=stratum.n_units),
            tuple(
                (i, j, n)
                for i, row in enumerate(rows)
                for j, column in enumerate(columns)
                if (n := counts.at(stratum.joint, row, column))
            ),
        )
        for stratum in strata
    )
    kinds = {"rows": part.wording.rows, "columns": part.wording.columns}
    title = writer.words("pictures", "strata_title")
    chart = Multiples(title, writer.words("pictures", "strata_reading", **kinds), rows, columns, matrices)
    shown = sum(stratum.n_units for stratum in strata)
    left_out = composition.n_strata - len(strata)
    caption = writer.tell("pictures", "strata_caption", left_out=left_out, n_left=counts.n_units - shown)
    items = [
        writer.words("pictures", "stratum_item", matrix=m, most=commonest(stratum, counts, masked=part.masked))
        for m, stratum in zip(matrices, strata, strict=True)
    ]
    alt = writer.words("pictures", "strata_alt", items=items)
    behind = (strata_id(part.panels[0].relation),)
    return Illustration(picture_block(part, "strata", caption, alt, behind), title, chart)


def _largest(strata: Sequence[StratumCounts], enough: float) -> list[StratumCounts]:
    """Return the first strata that hold enough units together; all where they do not."""
    held = accumulate((stratum.n_units for stratum in strata), initial=0.0)
    return [stratum for stratum, before in zip(strata, held, strict=False) if before < enough]


def strata_id(relation: str) -> str:
    """Return the id of the table of a relation's largest strata."""
    return f"strata-{relation}"


def _filled(names: Sequence[str], matrices: Sequence[Sequence[Sequence[float | None]]]) -> tuple[str, ...]:
    """Return the categories whose line is not empty in every matrix, in the declared order."""
    return tuple(name for k, name in enumerate(names) if any(any(matrix[k]) for matrix in matrices))


def commonest(stratum: StratumCounts, counts: CountTables, *, masked: bool) -> tuple[str, str, float] | None:
    """Return the row and column category that more units of a stratum have than any other pair, and how many.

    `masked`: a category with itself is no pair. None where no unit has a pair.
    """
    cells = ((n, -i, -j) for i, row in enumerate(stratum.joint) for j, n in enumerate(row) if n)
    pairs = (cell for cell in cells if not masked or counts.rows[-cell[1]] != counts.columns[-cell[2]])
    n, i, j = max(pairs, default=(0.0, 0, 0))
    return (counts.rows[-i], counts.columns[-j], n) if n else None


def of_coverage(part: Part, writer: Writer) -> Illustration | None:
    """Return the picture of what is counted of what there is; None where all is, and of records."""
    counted, population = part.counted, part.first(Population)
    if counted is None or population is None or part.wording.form == "records":
        return None
    if counted.coverage.is_withheld:
        return None
    sides = {part.wording.rows: counted.coverage.rows, part.wording.columns: counted.coverage.columns}
    groups = [_funnel(part, population, writer), *(_side(kind, side, writer) for kind, side in sides.items())]
    filled = tuple(group for group in groups if group.bars)
    if not any(bar.counted < bar.whole for group in filled for bar in group.bars):
        return None
    keys = writer.words("pictures", "counted"), writer.words("pictures", "there_are")
    chart = Bars(writer.words("pictures", "coverage_title"), filled, keys)
    items = [
        writer.words(
            "pictures", "coverage_item", heading=group.heading, bars=[(b.name, b.text) for b in group.bars[:MOST_TOLD]]
        )
        for group in filled
    ]
    caption = writer.tell("pictures", "coverage_caption")
    behind = tuple(part.table_id(f"coverage-{side.side}") for side in sides.values())
    alt = writer.words("pictures", "coverage_alt", items=items)
    return Illustration(picture_block(part, "coverage", caption, alt, behind), chart.title, chart)


def _funnel(part: Part, f: Population, writer: Writer) -> BarGroup:
    """Return the steps from all that could count to what does, each where it is another number."""
    by_links = part.wording.unit.role == "link"
    steps = [("links", f.n_links)] if by_links else [("candidates", f.n_candidates)]
    if part.wording.unit.role in ("to", "from"):
        steps.append(("named", f.n_named))
    steps.append(("units", f.n_units))
    whole, bars, last = steps[0][1], [], -1
    side = "rows" if f.unit_side == "columns" else "columns"
    for name, n in steps:
        if n != last and whole:
            bars.append(
                Bar(writer.words("pictures", f"step_{name}", side=side), n, whole, _of(n, whole, alone=n == whole))
            )
        last = n
    return BarGroup(writer.words("pictures", "funnel"), tuple(bars) if len(bars) > 1 else ())


def _side(kind: Kind, side: SideCoverage, writer: Writer) -> BarGroup:
    held = sorted((c for c in side.categories if c.n_items), key=lambda c: -c.n_items)[:MOST_BARS]
    bars = (Bar(c.category, c.n_linked, c.n_items, _of(c.n_linked, c.n_items)) for c in held)
    return BarGroup(writer.words("pictures", "side", kind=kind), tuple(bars))


def _of(n: float, whole: float, *, alone: bool = False) -> str:
    if alone:
        return formats.count(n)
    return f"{formats.count(n)} of {formats.count(whole)}, {formats.percent(n / whole)}"
