"""The small chart of counts in each stratum, and the block for any small chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Protocol

from ..figures.amounts import SmallMatrix, SmallMultiples
from ..findings.composition import Composition
from .material import CountTables, RelationReport, RelationResults, StratumCounts
from .model import FigureBlock, Sentence
from .writer import Writer

MOST_TOLD = 12
"""The number of lines that an alternative text lists individually."""


class Drawable(Protocol):
    """A drawing with a width in pixels, an optional background, and lines of words below."""

    def svg(self, width: float, ground: str | None, below: Sequence[str] = ()) -> str:
        """Return the drawing."""


@dataclass(frozen=True)
class Illustration:
    """A chart with the block that shows it. `title` is its name when it is shown alone."""

    block: FigureBlock
    title: str
    chart: Drawable


def picture_block(part: RelationReport, name: str, caption: Sentence, alt: str, behind: tuple[str, ...]) -> FigureBlock:
    """Return the block of a chart: its caption, its alternative text, and the ids of the tables with its numbers.

    Its name includes the figure, and the relation if the figure has several.
    """
    infix = f"{part.panels[0].relation}-" if len(part.in_figure) > len(part.panels) else ""
    figure_id = f"{part.figure}-{infix}{name}"
    return FigureBlock(figure_id, (replace(caption, id=f"caption.{figure_id}"),), alt, behind)


LEAST_STRATA = 2
NEARLY_ALL = 0.99
"""Once strata contain this share of all units, the remaining strata are too small to see."""


def of_strata(part: RelationReport, writer: Writer) -> Illustration | None:
    """Return the chart of small matrices by stratum. None if strata do not account for the agreement."""
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
        SmallMatrix(
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
    chart = SmallMultiples(title, writer.words("pictures", "strata_reading", **kinds), rows, columns, matrices)
    shown = sum(stratum.n_units for stratum in strata)
    left_out = composition.n_strata - len(strata)
    caption = writer.tell("pictures", "strata_caption", left_out=left_out, n_left=counts.n_units - shown)
    items = [
        writer.words("pictures", "stratum_item", matrix=m, most=most_common(stratum, counts, masked=part.masked))
        for m, stratum in zip(matrices, strata, strict=True)
    ]
    alt = writer.words("pictures", "strata_alt", items=items)
    return Illustration(picture_block(part, "strata", caption, alt, ()), title, chart)


def _largest(strata: Sequence[StratumCounts], enough: float) -> list[StratumCounts]:
    """Return the first strata that together contain enough units, or all if they do not."""
    held = accumulate((stratum.n_units for stratum in strata), initial=0.0)
    return [stratum for stratum, before in zip(strata, held, strict=False) if before < enough]


def _filled(names: Sequence[str], matrices: Sequence[Sequence[Sequence[float | None]]]) -> tuple[str, ...]:
    """Return the categories with a nonempty row in at least one matrix, in the declared order."""
    return tuple(name for k, name in enumerate(names) if any(any(matrix[k]) for matrix in matrices))


def most_common(stratum: StratumCounts, counts: CountTables, *, masked: bool) -> tuple[str, str, float] | None:
    """Return the most frequent pair of row and column category in a stratum, and its number of units.

    `masked`: exclude pairs of a category with itself. None if no unit has a pair.
    """
    cells = ((n, -i, -j) for i, row in enumerate(stratum.joint) for j, n in enumerate(row) if n)
    pairs = (cell for cell in cells if not masked or counts.rows[-cell[1]] != counts.columns[-cell[2]])
    n, i, j = max(pairs, default=(0.0, 0, 0))
    return (counts.rows[-i], counts.columns[-j], n) if n else None
