"""The text around the analysis: overview, how to read the figure, interpretation, coverage and provenance."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from .. import formats
from ..cells import FAINT, Cell, CellRef, Kind, Panel
from ..errors import Note
from ..findings import MIN_EXPECTED
from ..findings.agreement import Agreement
from ..findings.asymmetry import Asymmetry
from ..findings.composition import Composition
from ..findings.diagonal import Isolation
from ..findings.finding import Finding
from ..findings.population import CoverageGaps, Population, Size, TooFewCategories
from ..findings.published import PanelContrast
from ..findings.story import Story
from ..findings.surprises import PairAssociations
from ..ledger.coverage import SideCoverage
from ..pseudonyms import is_pseudonym
from ..taxonomy import LabelCount
from ..taxonomy.orders import is_leftover
from . import middle
from .material import RelationReport, Side
from .model import Block, Document, Paragraph, Sentence, TableBlock, table
from .writer import Writer, position

_SHOWN_SIZES = 3
_COUNTED = 3
"""Up to this many categories with too few units are listed with their numbers."""
_MANY = 10


def overview(part: RelationReport, writer: Writer) -> tuple[Paragraph, ...]:
    """Return the coverage: units, sizes and small categories, then links, items and labels left out."""
    paragraphs = list(_overview(part, writer)), list(_coverage(part, writer))
    return tuple(Paragraph(tuple(sentences)) for sentences in paragraphs if sentences)


def _overview(part: RelationReport, writer: Writer) -> Iterator[Sentence]:
    population, gaps = part.first(Population), part.first(CoverageGaps)
    if population is None:
        panel = part.panels[0]
        rows, columns = len(panel.given_categories), len(panel.outcome_categories)
        yield writer.tell("methods", "bare_overview", n=len(part.panels), rows=rows, columns=columns)
        return
    yield writer.say(population, "counted" if population.minimum is None else "counted_withheld")
    shown, side = _largest(population.sizes), 0 if population.unit_side == "rows" else 1
    items = [writer.words("population", "size", size=size) for size in shown]
    if items or not population.sizes:
        yield writer.say(population, "sizes", items=items, several=bool(population.several[side]))
    if population.absent:
        yield writer.say(population, "absent", diagonal=part.diagonal)
    yield from (writer.say(coarse, "overview") for coarse in part.found(TooFewCategories))
    if gaps is not None and gaps.uneven:
        yield writer.say(gaps, "uneven", best=gaps.parts[0], worst=gaps.parts[-1])
    if population.few_units or population.few_groups:
        yield _too_few(part, population, writer)


def _largest(sizes: Sequence[Size]) -> Sequence[Size]:
    """Return the sizes that the text gives: all of a few, else the largest, without a remainder and without ties."""
    if len(sizes) <= _SHOWN_SIZES + 1:  # naming all but one saves nothing
        return sizes
    named = [size for size in sizes if not is_leftover(size.category)]
    if len(named) <= _SHOWN_SIZES:
        return named
    return [size for size in named if size.n > named[_SHOWN_SIZES].n][:_SHOWN_SIZES]


def _too_few(part: RelationReport, population: Population, writer: Writer) -> Sentence:
    counted = len(population.few_units) + len(population.few_groups) <= _COUNTED
    names = {
        f"items_{kind}": _first(sizes, lambda size: writer.words("population", "few_item", size=size))
        if counted
        else _first(sizes, lambda size: size.category)
        for kind, sizes in (("units", population.few_units), ("groups", population.few_groups))
    }
    return writer.say(population, "few", given=_sized_otherwise(part, population), **names)


def _sized_otherwise(part: RelationReport, population: Population) -> Kind | None:
    """Return the kind of the first panel's rows if a category with too few units was given another size before.

    Two numbers for one name need an explanation. None if there are none.
    """
    told = {size.category: size.n for size in population.sizes}
    few = (*population.few_units, *population.few_groups)
    return None if all(told.get(size.category) == size.n for size in few) else part.panels[0].given


def _first(sizes: Sequence[Size], named: Callable[[Size], str]) -> list[str]:
    """Return the first sizes in words, and how many more there are. Numbers appear only if these are few."""
    more = len(sizes) - _SHOWN_SIZES
    rest = [] if more <= 0 else [f"{formats.small(more)} more" if more < _MANY else "many more"]
    return [*map(named, sizes[:_SHOWN_SIZES]), *rest]


def reading(part: RelationReport, writer: Writer) -> tuple[Paragraph, ...]:
    """Return how to read the figure: its rows, grey cells and sums of rows, and why two panels differ."""
    if part.counted is None:
        told = [_panel_sentence(part, panel, writer) for panel in part.panels]
        return (Paragraph((*told, writer.tell("reading", "bare_intervals"))),)
    return (Paragraph((*_rows(part, writer), *_cells(part, writer), *_sums(part, writer), *_mirrored(part, writer))),)


def _rows(part: RelationReport, writer: Writer) -> Iterator[Sentence]:
    """Yield one sentence on the rows of two panels with shares, or one for each panel."""
    if len(part.panels) == len(part.in_figure) == 2 and all(p.measure.name == "conditional" for p in part.panels):
        sides = [part.wording.side(panel.given) for panel in part.panels]
        places = [position(part.in_figure, panel.id) for panel in part.panels]
        yield writer.tell("reading", "panels", places=places, sides=sides)
        return
    yield from (_panel_sentence(part, panel, writer) for panel in part.panels)


def _cells(part: RelationReport, writer: Writer) -> Iterator[Sentence]:
    if part.masked:
        yield writer.tell("reading", "masked_empty" if part.masked_empty else "masked")
    if any(panel.is_withheld for panel in part.panels):
        yield writer.tell("reading", "withheld")
    states = sorted({*FAINT} & {state for panel in part.panels for state in panel.column("state")})
    if states:
        yield writer.tell("reading", "grey", states=states)


def _mirrored(part: RelationReport, writer: Writer) -> Iterator[Sentence]:
    """Yield that two panels with the same counts differ only through sizes."""
    if any(f.size_share is not None for f in part.found(Asymmetry)):
        yield writer.tell("reading", "mirrored")


def _panel_sentence(part: RelationReport, panel: Panel, writer: Writer) -> Sentence:
    opening = writer.words("reading", "opening", place=position(part.in_figure, panel.id))
    if part.counted is None:
        told = writer.tell("reading", "bare_panel", opening=opening, given=panel.given, outcome=panel.outcome)
        return _named(told, panel.id)
    taken = writer.words("reading", "taken", side=part.wording.side(panel.given), other=False)
    if panel.measure.name == "conditional":
        gives = writer.words("reading", "gives_share", side=part.wording.outcome_side(panel))
    else:
        place = position(part.in_figure, panel.id)
        gives = writer.words("reading", "gives_measure", measure=panel.measure, place=place)
    return _named(writer.tell("reading", "panel", opening=opening, taken=taken, gives=gives), panel.id)


def _named(sentence: Sentence, name: str) -> Sentence:
    return replace(sentence, id=f"{sentence.id}.{name}")


def _sums(part: RelationReport, writer: Writer) -> Iterator[Sentence]:
    """Yield, for each conditional panel, whether the shares in a row add up to one."""
    population = part.first(Population)
    shares = [panel for panel in part.panels if panel.measure.name == "conditional"]
    if population is None or (part.masked and not part.masked_empty):
        return
    sides = [part.wording.outcome_side(panel) for panel in shares]
    found = [population.sums[0 if side == "rows" else 1] for side in sides]
    several = [one.n_several for one in found]
    add = [not n and not one.n_none for n, one in zip(several, found, strict=True)]
    if len(shares) == len(part.in_figure) == 2 and all(add):
        yield writer.tell("reading", "rows_add_both")
        return
    if len(shares) == len(part.in_figure) == 2 and not any(add):
        parts = [(side, n, one.n_none) for side, n, one in zip(sides, several, found, strict=True)]
        yield writer.tell("reading", "rows_differ_both", parts=parts)
        return
    for panel, side, n, one, is_one in zip(shares, sides, several, found, add, strict=True):
        place = position(part.in_figure, panel.id)
        if is_one and len(shares) > 1:
            continue
        block = "rows_add" if is_one else "rows_differ"
        told = writer.tell("reading", block, side=side, place=place, n_several=n, n_none=one.n_none)
        yield _named(told, panel.id)


def _example(part: RelationReport) -> Cell | None:
    """Return the worked cell: on the first conditional panel, not extreme, and well above chance."""
    panel = next((p for p in part.panels if p.measure.name == "conditional"), None)
    if panel is None:
        return None
    cells = [cell for cell in panel.measured() if cell.value]
    enough = [cell for cell in cells if (cell.expected or 0) >= MIN_EXPECTED and (cell.value or 0) < 1]
    return max(enough or cells, key=lambda cell: (cell.lift_low or 0, cell.n_joint or 0), default=None)


def example(part: RelationReport, writer: Writer) -> Sentence | None:
    """Return one cell in words, or None without shares."""
    cell = None if part.counted is None else _example(part)
    if cell is None:
        return None
    panel = next(p for p in part.panels if p.measure.name == "conditional")
    sides = {"given": part.wording.side(panel.given), "outcome": part.wording.outcome_side(panel)}
    return writer.tell("reading", "example", [CellRef(panel.id, cell.given, cell.outcome)], c=cell, **sides)


Row = tuple[str, ...]
_UNKNOWN_SHOWN = 5
NOTES_SHOWN = 5
_FOR_AUTHORS = frozenset(
    {
        "contained",
        "counts_per_row",
        "dispersion",
        "hidden_characters",
        "look_alikes",
        "near_ids",
        "nested_group",
        "one_group",
        "personal",
        "rows_as_groups",
        "two_rules",
        "unbalanced_brackets",
        "unknown_alias",
        "unreachable_category",
    }
)
"""Notes that advise the author of the config. `build` and `check` print them, and the page does not repeat them."""

NOTES_FILE = "data/notes.csv"


def interpretation(part: RelationReport, writer: Writer) -> tuple[Block, ...]:
    """Return a table: supported, not supported, and which data would settle it."""
    return (
        table(
            part.table_id("interpretation"),
            writer.words("headings", "interpretation_caption"),
            (writer.words("headings", name) for name in ("supports", "supports_not", "find_out")),
            _interpretation(part, writer),
            row_headers=0,
        ),
    )


def _row(writer: Writer, name: str, **more: object) -> Row:
    supports, refuses, out = (
        writer.words("interpretation", f"{name}_{column}", **more) for column in ("supports", "not", "out")
    )
    return supports, refuses, out


def _interpretation(part: RelationReport, writer: Writer) -> Iterator[Row]:
    if part.counted is None:
        yield _row(writer, "bare")
        if (contrast := part.first(PanelContrast)) is not None and not contrast.is_level:
            yield _row(writer, "bare_direction")
        return
    if (agreement := part.first(Agreement)) is not None:
        row = _row(writer, "agreement", f=agreement, all_units=agreement.n_labelled == part.panels[0].n_units)
        yield ("", *row[1:]) if _is_headline(part, agreement) else row
    elif (surprises := part.first(PairAssociations)) is not None:
        yield _departures(part, surprises, writer)
    else:
        yield _row(writer, "none")
    yield from _of_kinds(part, writer)
    yield from _of_strata(part, writer)
    population = part.first(Population)
    unasked = any(note.slug == "not_asked" for note in part.counted.notes)
    if population is not None and (left_out := population.n_candidates - population.n_units) > 0:
        bounds = None if agreement is None or part.counted.weighted else _bounds(agreement, left_out)
        row = _row(writer, "population", n=population.n_units, left_out=left_out, bounds=bounds)
        yield (row[0], *_row(writer, "unasked", left_out=left_out)[1:]) if unasked else row


def _is_headline(part: RelationReport, agreement: Agreement) -> bool:
    """Return whether the headline states an agreement, which the table need not repeat."""
    story = part.first(Story)
    return story is None or story.points[0].finding == agreement.id


def _departures(part: RelationReport, f: PairAssociations, writer: Writer) -> Row:
    """Return how many pairs differ from chance, or how many categories if the other side has only two."""
    panel, told = part.panels[0], middle.told_once(part)
    n_cells = len(panel.given_categories) * len(panel.outcome_categories)
    fold = 2 ** len(told)
    n_differ = math.ceil((f.n_above + f.n_below) / fold)
    names = _differing(f, told, part.wording.side(panel.given))
    return _row(
        writer,
        "departures",
        n_tested=f.n_tested // fold,
        n_differ=n_differ,
        n_above=f.n_above,
        n_below=f.n_below,
        names=names if len(names) == n_differ else [],  # the finding lists the pairs that are furthest from chance
        binary=list(told),
        whole=f.n_tested == n_cells,
    )


_NAMED = 3
"""Up to this many categories that differ are named."""


def _differing(f: PairAssociations, told: Mapping[Side, str], given: Side) -> list[str]:
    """Return the categories of one side that differ from the rest, if they are few and the other side has only two."""
    if len(told) != 1:
        return []
    pairs = (*f.above, *f.below)
    names = dict.fromkeys(pair.outcome if given in told else pair.given for pair in pairs)
    return list(names) if len(names) <= _NAMED else []


def _bounds(f: Agreement, left_out: float) -> tuple[float, float]:
    """Return the share that would agree if none of the excluded units did, and if all did."""
    n = f.n_labelled + left_out
    return f.n_agree / n, (f.n_agree + left_out) / n


def _of_strata(part: RelationReport, writer: Writer) -> Iterator[Row]:
    """Yield the row on agreement within strata, and the row on categories in a single stratum."""
    composition = part.first(Composition)
    if composition is None or not composition.lasting:
        return
    named = enumerate(composition.lasting)
    names = [writer.words("composition", "named", f=composition, c=change, first=not i) for i, change in named]
    yield _row(writer, "lasting", f=composition, names=names)
    if confined := [f.category for f in part.found(Isolation) if f.stratum_alone]:
        yield _row(writer, "confined", f=composition, names=confined)


def _of_kinds(part: RelationReport, writer: Writer) -> Iterator[Row]:
    """Yield the rows of findings whose templates have them."""
    for f in part.found(Finding):
        if writer.has(f.kind, "supports"):
            names = ("supports", "supports_not", "find_out")
            yield tuple(writer.words(f.kind, name, f=f) for name in names)


def _coverage(part: RelationReport, writer: Writer) -> Iterator[Sentence]:
    """Yield how much was linked and labelled."""
    counted = part.counted
    if counted is None:
        return
    if part.is_withheld:
        yield writer.tell("gaps", "withheld")
    yield from _gaps(part, writer)
    yield from _labelled(part, writer)
    yield from _known(_distinct(part, counted.labels), writer)
    yield from _rest(part, writer, counted.labels)


def _known(labels: Sequence[LabelCount], writer: Writer) -> Iterator[Sentence]:
    """Yield how many labels have a category, if any has none."""
    unknown = list(dict.fromkeys(label.label for label in labels if not label.categories))
    if unknown:
        n_known, n_more = sum(bool(label.categories) for label in labels), len(unknown) - _UNKNOWN_SHOWN
        unknown = [label for label in unknown if not is_pseudonym(label)]
        sizes = {"n_labels": len(labels), "n_known": n_known, "n_more": n_more}
        yield writer.tell("methods", "taxonomy", (), unknown=unknown[:_UNKNOWN_SHOWN], **sizes)


def _distinct(part: RelationReport, labels: Sequence[LabelCount]) -> list[LabelCount]:
    """Return the labels that a taxonomy must contain, once if both sides have the same taxonomy."""
    of_top = {label.kind for label in labels if label.rule.startswith("top ")}
    found = {("" if part.diagonal else label.kind, label.label): label for label in labels if label.kind not in of_top}
    return list(found.values())


def _gaps(part: RelationReport, writer: Writer) -> Iterator[Sentence]:
    """Yield the coverage by year, links within one item, and the items of the other side."""
    for gaps in part.found(CoverageGaps):
        if gaps.uneven_years:
            yield writer.say(gaps, "years", best=gaps.best_year, worst=gaps.worst_year)
        if gaps.n_itself:
            yield writer.say(gaps, "itself")
        if part.wording.form == "links" and gaps.other_items:
            yield writer.say(gaps, "other")


def _rest(part: RelationReport, writer: Writer, labels: Sequence[LabelCount]) -> Iterator[Sentence]:
    """Yield how each taxonomy treats labels without a category of their own, if it says so."""
    for kind in dict.fromkeys((part.wording.rows, part.wording.columns)):
        own = [one for one in labels if one.kind == kind.name]
        n_top = sum(one.rule.startswith("top ") for one in own)
        rest = [one for one in own if one.rule.startswith("unmatched: ") or (n_top and not one.categories)]
        if rest:
            named = [one for one in rest if not is_pseudonym(one.label)]
            shown = [f"{one.label} ({formats.count(one.n_items)})" for one in named[:_UNKNOWN_SHOWN]]
            category = rest[0].categories[0] if rest[0].categories else None
            sizes = len(own), n_top, len(rest)
            told = writer.tell("methods", "rest", kind=kind, category=category, shown=shown, sizes=sizes)
            yield replace(told, id=f"{told.id}.{kind.name}")


def notes(part: RelationReport, writer: Writer) -> tuple[Block, ...]:
    """Return the warnings about the data: a sentence for one, else a table. A file has more than the first few."""
    every = () if part.counted is None else part.counted.notes
    found = [note for note in every if note.slug not in _FOR_AUTHORS]
    if len(found) > 1:
        return (_notes(part, found, writer),)
    said = ((note.subject, writer.tell("headings", "note", message=_message(part, note))) for note in found)
    return tuple(Paragraph((sentence,), lead=f"{subject}.") for subject, sentence in said)


def _notes(part: RelationReport, notes: Sequence[Note], writer: Writer) -> TableBlock:
    shown = notes[:NOTES_SHOWN]
    return table(
        part.table_id("notes"),
        writer.words("headings", "notes_caption", n=len(notes), shown=len(shown)),
        (writer.words("headings", name) for name in ("subject_header", "note_header")),
        ((note.subject, _message(part, note)) for note in shown),
        source=NOTES_FILE if len(shown) < len(notes) else None,
    )


def _message(part: RelationReport, note: Note) -> str:
    """Return the message of a note without its location. The location comes before it."""
    message = note.message.removeprefix(f"{note.subject}: ")
    if part.wording.form == "records":
        for kind in (part.wording.rows, part.wording.columns):
            message = message.removeprefix(f"{kind.name}: ")
    return message


def _sides(part: RelationReport) -> dict[Kind, SideCoverage]:
    """Return the coverage of the items of each kind. Records have no items and give nothing."""
    if part.counted is None or part.wording.form == "records":
        return {}
    return {part.wording.rows: part.counted.coverage.rows, part.wording.columns: part.counted.coverage.columns}


def _labelled(part: RelationReport, writer: Writer) -> Iterator[Sentence]:
    for kind, side in _sides(part).items():
        if side.n_labelled < side.n_items:
            told = writer.tell("gaps", "unlabelled", kind=kind, n_items=side.n_items, n_labelled=side.n_labelled)
            yield replace(told, id=f"{told.id}.{side.side}")


def provenance(of: Document, parts: Sequence[RelationReport], writer: Writer) -> tuple[Block, ...]:
    """Return the version, the date of the data, and the warnings about the data of each part."""
    date = None if of.date is None else formats.date(of.date)
    paragraph = Paragraph((writer.tell("methods", "provenance", version=of.version, date=date),))
    warnings = dict.fromkeys(block for part in parts for block in notes(part, writer))
    return (paragraph, *warnings)
