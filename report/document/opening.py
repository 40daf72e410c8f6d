"""Overview and how to read the figure."""

from __future__ import annotations

from collections.abc import Iterator

from .. import formats
from ..cells import Cell, CellRef, Kind, Panel, empty_categories
from ..findings.coarse import Coarse
from ..findings.population import Gaps, Population, Size
from .material import Part
from .model import Paragraph
from .writer import Sentence, Writer, position

_SHOWN_SIZES = 3
_COUNTED = 3
"""Categories that are too few are told with their numbers up to so many."""
_MANY = 10


def overview(part: Part, writer: Writer) -> tuple[Paragraph, ...]:
    """Return what the data are: who counts of whom, sizes, absent categories, uneven coverage, what is too few."""
    sentences = list(_overview(part, writer))
    return (Paragraph(tuple(sentences)),) if sentences else ()


def _overview(part: Part, writer: Writer) -> Iterator[Sentence]:
    population, gaps = part.first(Population), part.first(Gaps)
    if population is None:
        panel = part.panels[0]
        rows, columns = len(panel.given_categories), len(panel.outcome_categories)
        yield writer.tell("methods", "bare_overview", n=len(part.panels), rows=rows, columns=columns)
        return
    yield writer.say(population, "counted")
    shown = population.sizes[:_SHOWN_SIZES]
    items = [writer.words("population", "size", size=size) for size in shown]
    if len(population.sizes) > len(shown):
        items.append(_more(len(population.sizes) - len(shown)))
    side = 0 if population.unit_side == "rows" else 1
    yield writer.say(population, "sizes", items=items, several=bool(population.several[side]))
    if population.absent:
        yield writer.say(population, "absent", diagonal=part.diagonal, folds=part.folds)
    yield from (writer.say(coarse, "overview") for coarse in part.found(Coarse))
    if gaps is not None and gaps.uneven:
        yield writer.say(gaps, "uneven", best=gaps.parts[0], worst=gaps.parts[-1])
    if population.few_units or population.few_groups:
        counted = len(population.few_units) + len(population.few_groups) <= _COUNTED
        yield writer.say(
            population,
            "few",
            items_units=_few(population.few_units, writer, counted=counted),
            items_groups=_few(population.few_groups, writer, counted=counted),
            given=_sized_otherwise(part),
        )


def _sized_otherwise(part: Part) -> Kind | None:
    """Return the kind of the first panel's rows where a category that is too few has another size than was told before.

    Two numbers for one name need a word; None where there are none.
    """
    population = part.first(Population)
    if population is None:
        return None
    told = {size.category: size.n for size in population.sizes}
    few = (*population.few_units, *population.few_groups)
    return None if all(told.get(size.category) == size.n for size in few) else part.panels[0].given


def _few(sizes: tuple[Size, ...], writer: Writer, *, counted: bool) -> list[str]:
    first = sizes[:_SHOWN_SIZES]
    shown = [writer.words("population", "few_item", size=size) if counted else size.category for size in first]
    return shown if first == sizes else [*shown, _more(len(sizes) - len(first))]


def _more(n: int) -> str:
    """Return how many are not named; a sentence has numbers enough where these are many."""
    return f"{formats.small(n)} more" if n < _MANY else "many more"


def reading(part: Part, writer: Writer) -> tuple[Paragraph, ...]:
    """Return what rows, axes, colours and intervals mean, and one cell read aloud."""
    first = [_panel_sentence(part, panel, writer) for panel in part.panels]
    second = list(_axes(part, writer))
    paragraphs = [Paragraph(tuple(first)), Paragraph(tuple(second))]
    if part.counted is not None and (example := _example(part)) is not None:
        paragraphs.insert(1, Paragraph(tuple(_read_aloud(part, example, writer))))
    return tuple(paragraphs)


def _panel_sentence(part: Part, panel: Panel, writer: Writer) -> Sentence:
    opening = writer.words("reading", "opening", place=position(part.in_figure, panel.id))
    if part.counted is None:
        told = writer.tell("reading", "bare_panel", opening=opening, given=panel.given, outcome=panel.outcome)
        return _named(told, panel.id)
    taken = writer.words("reading", "taken", side=part.wording.side(panel.given), other=False)
    if panel.measure.name == "conditional":
        gives = writer.words("reading", "gives_share", side=part.wording.outcome_side(panel))
    else:
        gives = writer.words("reading", "gives_measure", measure=panel.measure, kind=panel.outcome)
    return _named(writer.tell("reading", "panel", opening=opening, taken=taken, gives=gives), panel.id)


def _named(sentence: Sentence, name: str) -> Sentence:
    return Sentence(f"{sentence.id}.{name}", sentence.spans, sentence.cells)


def _axes(part: Part, writer: Writer) -> Iterator[Sentence]:
    panel, counted = part.panels[0], part.counted
    if part.diagonal:
        ends = (part.scale.low, part.scale.high)
        scale = [formats.value(end) for end in ends] if len(part.panels) > 1 else None
        n_panels = len(part.panels)
        gone = empty_categories(panel)[0] if part.folds else ()
        n = len(panel.given_categories) - len(gone)
        yield writer.tell("reading", "axes", n=n, scale=scale, n_panels=n_panels, n_folded=len(gone))
    else:
        sizes = len(panel.given_categories), len(panel.outcome_categories)
        rows_first = part.wording.side(panel.given) == "rows"
        n_rows, n_columns = sizes if rows_first else sizes[::-1]
        yield writer.tell("reading", "axes_differ", n_rows=n_rows, n_columns=n_columns)
    if counted is None:
        yield writer.tell("reading", "bare_intervals")
        return
    if part.masked:
        yield writer.tell("reading", "masked")
    yield from _sums(part, writer)


def _sums(part: Part, writer: Writer) -> Iterator[Sentence]:
    """Say whether shares in a row add to one, for each conditional panel."""
    population = part.first(Population)
    shares = [panel for panel in part.panels if panel.measure.name == "conditional"]
    if population is None or part.masked:
        return
    fractional = part.counted is not None and part.counted.fractional
    sides = [part.wording.outcome_side(panel) for panel in shares]
    found = [population.sums[0 if side == "rows" else 1] for side in sides]
    several = [0.0 if fractional else one.n_several for one in found]
    add = [not n and not one.n_none for n, one in zip(several, found, strict=True)]
    if len(shares) == len(part.in_figure) == 2 and all(add):
        yield writer.tell("reading", "rows_add_both")
        return
    for panel, side, n, one, is_one in zip(shares, sides, several, found, add, strict=True):
        place = position(part.in_figure, panel.id)
        block = "rows_add" if is_one else "rows_differ"
        told = writer.tell("reading", block, side=side, place=place, n_several=n, n_none=one.n_none)
        yield _named(told, panel.id)


def intervals(part: Part, writer: Writer) -> Sentence:
    """Return what intervals mean and keep together."""
    panel = part.panels[0]
    default = [part.wording.columns.singular]
    return writer.tell("reading", "intervals", level=panel.level, n_groups=panel.n_groups, group_default=default)


def _example(part: Part) -> Cell | None:
    """Return the cell to read aloud: on the first conditional panel, off the extremes, well above chance."""
    panel = next((p for p in part.panels if p.measure.name == "conditional"), None)
    if panel is None:
        return None
    cells = [cell for cell in panel.measured() if cell.value]
    enough = [cell for cell in cells if (cell.expected or 0) >= part.thresholds.expected and (cell.value or 0) < 1]
    return max(enough or cells, key=lambda cell: (cell.lift_low or 0, cell.n_joint or 0), default=None)


def _read_aloud(part: Part, cell: Cell, writer: Writer) -> Iterator[Sentence]:
    panel = next(p for p in part.panels if p.measure.name == "conditional")
    ref = CellRef(panel.id, cell.given, cell.outcome)
    sides = {"given": part.wording.side(panel.given), "outcome": part.wording.outcome_side(panel)}
    yield writer.tell("reading", "example", [ref], c=cell, others=_others(cell), **sides)
    if cell.expected is not None:
        yield writer.tell("reading", "expected", [ref], c=cell)


def _others(cell: Cell) -> str:
    """Return the share of the outcome among units without the given category, in words; empty where there are none."""
    n = (cell.n_units or 0) - (cell.n_given or 0)
    joint = (cell.n_outcome or 0) - (cell.n_joint or 0)
    if n <= 0:
        return ""
    if joint <= 0:
        return "none"
    return "all" if joint >= n else formats.percent(joint / n)
