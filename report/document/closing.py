"""Interpretation, coverage, methods, and data and provenance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .. import formats
from ..cells import MeasureInfo
from ..errors import Note
from ..findings.agreement import Agreement
from ..findings.asymmetry import Asymmetry
from ..findings.bridges import Bridge
from ..findings.composition import Composition
from ..findings.direction import Direction
from ..findings.finding import Finding
from ..findings.isolation import Isolation
from ..findings.population import Gaps, Population
from ..findings.published import PanelContrast
from ..findings.surprises import Surprises
from ..measures import MEASURES
from ..plugins import at_work
from ..taxonomy.kinds import LabelCount
from .material import Part, Provenance, ProvenanceFile
from .model import Block, Column, Paragraph, TableBlock, TableCell
from .references import references
from .results import RelationResults
from .writer import Sentence, Writer

Row = tuple[str, ...]
_UNKNOWN_SHOWN = 5
NOTES_SHOWN = 5
NOTES_FILE = "data/notes.csv"
_HASH_SHOWN = 16


def interpretation(part: Part, writer: Writer) -> tuple[Block, ...]:
    """Return the table: what this supports, what it does not, what would tell."""
    rows = list(_interpretation(part, writer))
    headers = [Column(writer.words("headings", name)) for name in ("supports", "supports_not", "find_out")]
    caption = writer.words("headings", "interpretation_caption")
    table = TableBlock(
        id=f"{part.figure}-{part.panels[0].relation}-interpretation",
        caption=caption,
        columns=tuple(headers),
        rows=tuple(tuple(TableCell(text) for text in row) for row in rows),
        row_headers=0,
    )
    return (table,)


def _row(writer: Writer, name: str, **more: object) -> Row:
    supports, refuses, out = (
        writer.words("interpretation", f"{name}_{column}", **more) for column in ("supports", "not", "out")
    )
    return supports, refuses, out


def _interpretation(part: Part, writer: Writer) -> Iterator[Row]:
    if part.counted is None:
        yield _row(writer, "bare")
        if (contrast := part.first(PanelContrast)) is not None and not contrast.is_level:
            yield _row(writer, "bare_direction")
        return
    if (agreement := part.first(Agreement)) is not None:
        yield _row(writer, "agreement", f=agreement)
    elif (surprises := part.first(Surprises)) is not None:
        yield _row(writer, "departures", f=surprises)
    else:
        yield _row(writer, "none")
    if (bridge := part.first(Bridge)) is not None:
        yield _row(writer, "bridge", f=bridge)
    direction, asymmetry = part.first(Direction), part.first(Asymmetry)
    if asymmetry is not None or direction is not None:
        supported = direction is not None and direction.supported
        yield _row(writer, "direction", f=direction, asymmetry=asymmetry, supported=supported)
    composition = part.first(Composition)
    if composition is not None and composition.lasting:
        confined = [f.category for f in part.found(Isolation) if f.stratum_alone]
        names = [change.category for change in composition.lasting]
        yield _row(writer, "lasting", f=composition, names=names, confined=confined)
    yield from _of_others(part, writer)
    if (population := part.first(Population)) is not None:
        yield _row(writer, "population", n=population.n_units, left_out=population.n_candidates - population.n_units)


def _of_others(part: Part, writer: Writer) -> Iterator[Row]:
    """Yield the rows of findings of other packages."""
    for f in part.found(Finding):
        if f.interface is not None and writer.has(f.kind, "supports"):
            with at_work("finding", f.kind, f.interface):
                yield tuple(writer.words(f.kind, name, f=f) for name in ("supports", "supports_not", "find_out"))


def coverage(part: Part, writer: Writer) -> tuple[Block, ...]:
    """Return what was labelled, linked and resolved, in words and by category."""
    counted = part.counted
    if counted is None:
        return ()
    sentences = list(_gaps(part, writer))
    if part.wording.form != "records":
        sentences.extend(_labelled(part, writer))
    labels = _distinct(part, counted.labels)
    known = sum(bool(label.categories) for label in labels)
    unknown = [label.label for label in labels if not label.categories]
    # Where each label is a category of its own, to be known is nothing.
    if unknown or any((label.label,) != label.categories for label in labels):
        sentences.append(
            writer.tell(
                "methods",
                "taxonomy",
                n_labels=len(labels),
                n_known=known,
                unknown=list(dict.fromkeys(unknown))[:_UNKNOWN_SHOWN],
                n_more=len(set(unknown)) - _UNKNOWN_SHOWN,
            )
        )
    sentences.extend(_rest(part, writer, counted.labels))
    blocks: list[Block] = [Paragraph(tuple(sentences))] if sentences else []
    if len(counted.notes) == 1:  # a table of one row is a sentence
        (note,) = counted.notes
        told = writer.tell("headings", "note", message=_message(part, note))
        blocks.append(Paragraph((told,), lead=f"{note.subject}."))
    elif counted.notes:
        blocks.append(_notes(part, counted.notes, writer))
    return (*blocks, *_coverage_tables(part, writer))


def _distinct(part: Part, labels: Sequence[LabelCount]) -> list[LabelCount]:
    """Return the labels that a taxonomy has to know, each once where both sides have one taxonomy."""
    of_top = {label.kind for label in labels if label.rule.startswith("top ")}
    found = {("" if part.diagonal else label.kind, label.label): label for label in labels if label.kind not in of_top}
    return list(found.values())


def _gaps(part: Part, writer: Writer) -> Iterator[Sentence]:
    """Yield what is counted of years and links; of records the overview says how many count."""
    for gaps in part.found(Gaps):
        if gaps.uneven_years:
            yield writer.say(gaps, "years", best=gaps.best_year, worst=gaps.worst_year)
        if part.wording.form == "links" and gaps.n_links:
            yield writer.say(gaps, "resolved")
        if gaps.n_itself:
            yield writer.say(gaps, "itself")
        if part.wording.form == "links" and gaps.other_items:
            yield writer.say(gaps, "other")


def _rest(part: Part, writer: Writer, labels: Sequence[LabelCount]) -> Iterator[Sentence]:
    """Yield what becomes of labels that are no category of their own, of each kind whose taxonomy says so."""
    for kind in dict.fromkeys((part.wording.rows, part.wording.columns)):
        own = [one for one in labels if one.kind == kind.name]
        n_top = sum(one.rule.startswith("top ") for one in own)
        rest = [one for one in own if one.rule.startswith("unmatched: ") or (n_top and not one.categories)]
        if rest:
            shown = [f"{one.label} ({formats.count(one.n_items)})" for one in rest[:_UNKNOWN_SHOWN]]
            category = rest[0].categories[0] if rest[0].categories else None
            sizes = len(own), n_top, len(rest)
            told = writer.tell("methods", "rest", kind=kind, category=category, shown=shown, sizes=sizes)
            yield Sentence(f"{told.id}.{kind.name}", told.spans, told.cells)


def _notes(part: Part, notes: Sequence[Note], writer: Writer) -> TableBlock:
    """Return what was noticed in the data and stopped nothing, as a table; of many the first, the rest in a file."""
    shown = notes[:NOTES_SHOWN]
    return TableBlock(
        id=f"{part.figure}-{part.panels[0].relation}-notes",
        caption=writer.words("headings", "notes_caption", n=len(notes), shown=len(shown)),
        columns=(Column(writer.words("headings", "subject_header")), Column(writer.words("headings", "note_header"))),
        rows=tuple((TableCell(note.subject), TableCell(_message(part, note))) for note in shown),
        source=NOTES_FILE if len(shown) < len(notes) else None,
    )


def _message(part: Part, note: Note) -> str:
    """Return what a note says, without where: that stands before it, and a side of records is no name of people's."""
    message = note.message.removeprefix(f"{note.subject}: ")
    if part.wording.form == "records":
        for kind in (part.wording.rows, part.wording.columns):
            message = message.removeprefix(f"{kind.name}: ")
    return message


def _labelled(part: Part, writer: Writer) -> Iterator[Sentence]:
    if part.counted is None:
        return
    sides = {part.wording.rows: part.counted.coverage.rows, part.wording.columns: part.counted.coverage.columns}
    for kind, side in sides.items():
        if side.n_items:
            sentence = writer.tell(
                "gaps",
                "unlabelled",
                n_items=side.n_items,
                n_labelled=side.n_labelled,
                singular=kind.singular,
                plural=kind.plural,
            )
            yield Sentence(f"gaps.unlabelled.{side.side}", sentence.spans)


def _coverage_tables(part: Part, writer: Writer) -> Iterator[TableBlock]:
    if part.counted is None or part.wording.form == "records":
        return
    sides = {part.wording.rows: part.counted.coverage.rows, part.wording.columns: part.counted.coverage.columns}
    numbers = {"items_header": "n_items", "counted_header": "n_linked", "exclusive_header": "n_exclusive"}
    for kind, side in sides.items():
        columns = {name: [getattr(c, field) for c in side.categories] for name, field in numbers.items()}
        # A column that repeats the first tells nothing.
        shown = {name: n for name, n in columns.items() if name == "items_header" or n != columns["items_header"]}
        yield TableBlock(
            id=f"{part.figure}-{part.panels[0].relation}-coverage-{side.side}",
            caption=writer.words("headings", "coverage_caption", kind=kind, counted="counted_header" in shown),
            columns=(
                Column(writer.words("headings", "category_header")),
                *(Column(writer.words("headings", name), "right") for name in shown),
            ),
            rows=tuple(
                (TableCell(c.category), *(TableCell(formats.count(n)) for n in line))
                for c, line in zip(side.categories, zip(*shown.values(), strict=True), strict=True)
            ),
            source="data/coverage.csv",
        )


def methods(part: Part, writer: Writer) -> tuple[Block, ...]:
    """Return how units, measures, expected counts, intervals and tests are made, and the thresholds."""
    counted, panel = part.counted, part.panels[0]
    if counted is None:
        return (Paragraph((writer.tell("methods", "bare"),)),)
    infos = list({p.measure.name: p.measure for p in part.panels}.values())
    weighted, others = counted.weighted or counted.fractional, [i for i in infos if _is_linearised(i)]
    sentences = [
        writer.tell(
            "methods",
            "unit",
            fractional=counted.fractional,
            weighted=counted.weighted,
            several=_is_several(part),
            tally=counted.tally,
            n_counted=counted.coverage.n_links,
        ),
        writer.tell("methods", "measure", infos=infos),
        writer.tell("methods", "expected", n_strata=counted.n_strata),
        writer.tell("methods", "intervals", n_groups=panel.n_groups, weighted=weighted, others=others),
        writer.tell(
            "methods",
            "tests",
            n_groups=panel.n_groups,
            weighted=weighted,
            diagonal=part.diagonal,
            masked=part.masked,
            of_one_kind=counted.of_one_kind,
        ),
    ]
    if isinstance(part.results, RelationResults):
        sentences += _sampling(part, part.results, writer)
    sentences.append(writer.tell("methods", "strength", t=part.thresholds))
    sources = references(part, writer)
    return (Paragraph(tuple(sentences)), _thresholds(part, writer), *([sources] if sources is not None else []))


def _sampling(part: Part, found: RelationResults, writer: Writer) -> Iterator[Sentence]:
    """Yield what groups and weights cost, what is taken as independent, and how often was drawn."""
    sampling = found.sampling
    if sampling.n_groups is None:
        tally = None if part.counted is None else part.counted.tally
        yield writer.tell(
            "methods", "independent", contributors=found.contributors, n_units=sampling.n_units, tally=tally
        )
    elif sampling.design_effect is not None:
        yield writer.tell("methods", "design_effect", effect=sampling.design_effect)
    elif effects := sorted(_design_effects(part)):
        yield writer.tell("methods", "design_effects", low=effects[0], high=effects[-1], n=len(effects))
    if sampling.effective_units is not None:
        effective = formats.expected(sampling.effective_units)
        yield writer.tell("methods", "weights", n_units=sampling.n_units, effective=effective)
    if sampling.resamples is not None:
        grouped = sampling.n_groups is not None
        yield writer.tell("methods", "resamples", n=sampling.resamples, seed=sampling.seed, grouped=grouped)


def _design_effects(part: Part) -> Iterator[float]:
    for panel in part.panels:
        for state, effect in zip(panel.column("state"), panel.column("design_effect"), strict=True):
            if state == "measured" and effect is not None:
                yield effect


def _is_linearised(info: MeasureInfo) -> bool:
    """Whether intervals of independent units are neither Wilson's nor those of lift."""
    return not MEASURES[info.name].rule.scored and info.name != "lift" and not info.statistic


def _is_several(part: Part) -> bool:
    population = part.first(Population)
    return population is not None and any(population.several)


def _thresholds(part: Part, writer: Writer) -> TableBlock:
    """Return the table of thresholds: one line for each that a sentence of this part may rest on."""
    shares = ["listed", "dominant"]
    shares += ["isolated", "rests"] if part.diagonal and not part.masked else []
    shares += ["concentrated"] if part.counted is not None and part.counted.contributors.items else []
    shares += ["fragile"] if any(f.kind == "dependence" for f in part.findings) else []
    shares += ["recurring"] if any(f.kind == "blocks" for f in part.findings) else []
    shares += ["moved", "mix", "undated"] if any(f.kind == "trend" for f in part.findings) else []
    ratios = ["expected", *(["surprising"] if part.wording.stratum_names and part.diagonal else [])]
    values = {name: formats.percent(getattr(part.thresholds, name)) for name in shares}
    values |= {name: formats.ratio(getattr(part.thresholds, name)) for name in ratios}
    values["units"] = formats.count(part.inference.minimum_units)
    if part.panels[0].n_groups is not None:
        values["groups"] = formats.count(part.inference.minimum_groups)
    return TableBlock(
        id=f"{part.figure}-{part.panels[0].relation}-thresholds",
        caption=writer.words("headings", "thresholds_caption"),
        columns=(
            Column(writer.words("headings", "threshold_header")),
            Column(writer.words("headings", "limit_header"), "right"),
        ),
        rows=tuple(
            (TableCell(writer.words("methods", f"threshold_{name}", diagonal=part.diagonal)), TableCell(value))
            for name, value in values.items()
        ),
    )


def provenance(what: Provenance, writer: Writer) -> tuple[Block, ...]:
    """Return the version and the files that went in, each with the beginning of its hash."""
    date = None if what.date is None else formats.date(what.date)
    paragraph = Paragraph((writer.tell("methods", "provenance", version=what.version, date=date),))
    headers = [writer.words("headings", name) for name in ("file_header", "bytes_header", "hash_header")]
    table = TableBlock(
        id="inputs",
        caption=writer.words("headings", "inputs_caption"),
        columns=(Column(headers[0]), Column(headers[1], "right"), Column(headers[2])),
        rows=tuple(_input_row(file, writer) for file in what.inputs),
        source="manifest.json",
    )
    return (paragraph, table) if what.inputs else (paragraph,)


def _input_row(file: ProvenanceFile, writer: Writer) -> tuple[TableCell, ...]:
    name, size = file.path, formats.DASH if file.size is None else formats.count(file.size)
    if file.rows is not None:
        name = writer.words("headings", "passed_table", name=file.path, rows=formats.count(file.rows))
    return TableCell(name), TableCell(size), TableCell(file.sha256[:_HASH_SHOWN])
