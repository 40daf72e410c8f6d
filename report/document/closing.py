"""Interpretation, coverage, methods, and data and provenance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .. import formats
from ..cells import MeasureInfo
from ..errors import Note
from ..findings.agreement import Agreement
from ..findings.asymmetry import Asymmetry
from ..findings.bridges import Bridge
from ..findings.composition import Composition
from ..findings.crossings import Crossings
from ..findings.direction import Direction
from ..findings.finding import Finding
from ..findings.gaps import Gaps
from ..findings.isolation import Isolation
from ..findings.levels import PanelContrast
from ..findings.population import Population
from ..findings.surprises import Surprises
from ..findings.trend import Trend
from ..measures import MEASURES
from ..plugins import at_work
from ..taxonomy.kinds import LabelCount
from .material import Part, Provenance, ProvenanceFile
from .model import Block, Column, Paragraph, TableBlock, TableCell
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
    sentences: list[Sentence] = []
    for gaps in part.found(Gaps):
        if gaps.uneven_years:
            sentences.append(writer.say(gaps, "years", best=gaps.best_year, worst=gaps.worst_year))
        if part.wording.form in ("links", "records") and gaps.n_links:
            sentences.append(writer.say(gaps, "resolved"))
        if gaps.n_itself:
            sentences.append(writer.say(gaps, "itself"))
        if part.wording.form == "links" and gaps.other_items:
            sentences.append(writer.say(gaps, "other"))
    if part.wording.form != "records":
        sentences.extend(_labelled(part, writer))
    of_top = {label.kind for label in counted.labels if label.rule.startswith("top ")}
    labels = [label for label in counted.labels if label.kind not in of_top]
    known = sum(bool(label.categories) for label in labels)
    unknown = [label.label for label in labels if not label.categories]
    if labels:
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
    if counted.notes:
        blocks.append(_notes(part, counted.notes, writer))
    return (*blocks, *_coverage_tables(part, writer))


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
        rows=tuple(
            (TableCell(note.subject), TableCell(note.message.removeprefix(f"{note.subject}: "))) for note in shown
        ),
        source=NOTES_FILE if len(shown) < len(notes) else None,
    )


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
    names = ("category_header", "items_header", "counted_header", "exclusive_header")
    headers = [writer.words("headings", name) for name in names]
    for kind, side in sides.items():
        yield TableBlock(
            id=f"{part.figure}-{part.panels[0].relation}-coverage-{side.side}",
            caption=writer.words("headings", "coverage_caption", kind=kind, unit=part.wording.unit),
            columns=(Column(headers[0]), *(Column(header, "right") for header in headers[1:])),
            rows=tuple(
                (
                    TableCell(c.category),
                    *(TableCell(formats.count(n)) for n in (c.n_items, c.n_linked, c.n_exclusive)),
                )
                for c in side.categories
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


SOURCES: Mapping[str, str] = {
    "wilson": "Wilson (1927), Probable inference, the law of succession, and statistical inference. "
    "Journal of the American Statistical Association 22, 209-212",
    "delta": "Katz, Baptista, Azen & Pike (1978), Obtaining confidence intervals for the risk ratio in cohort studies. "
    "Biometrics 34, 469-474",
    "linearised": "Binder (1983), On the variances of asymptotically normal estimators from complex surveys. "
    "International Statistical Review 51, 279-292",
    "alike": "Bell & McCaffrey (2002), Bias reduction in standard errors for linear regression with multi-stage "
    "samples. Survey Methodology 28, 169-181",
    "effective": "Kish (1965), Survey Sampling. Wiley",
    "worth": "Kish (1965), Survey Sampling. Wiley",
    "q": "Benjamini & Hochberg (1995), Controlling the false discovery rate: a practical and powerful approach to "
    "multiple testing. Journal of the Royal Statistical Society B 57, 289-300",
    "exact": "Fisher (1935), The logic of inductive inference. Journal of the Royal Statistical Society 98, 39-82",
    "strata": "Mantel & Haenszel (1959), Statistical aspects of the analysis of data from retrospective studies of "
    "disease. Journal of the National Cancer Institute 22, 719-748",
    "odds": "Robins, Breslow & Greenland (1986), Estimators of the Mantel-Haenszel variance consistent in both sparse "
    "data and large-strata limiting models. Biometrics 42, 311-323",
    "resamples": "Efron (1979), Bootstrap methods: another look at the jackknife. Annals of Statistics 7, 1-26",
    "symmetry": "Caussinus (1965), Contribution à l'analyse statistique des tableaux de corrélation. "
    "Annales de la Faculté des Sciences de Toulouse 29, 77-183",
    "crossing": "Goodman (1968), The analysis of cross-classified data: independence, quasi-independence, and "
    "interactions in contingency tables with or without missing entries. "
    "Journal of the American Statistical Association 63, 1091-1131",
    "mix": "Kitagawa (1955), Components of a difference between two rates. "
    "Journal of the American Statistical Association 50, 1168-1194",
}
"""What was published where, by what it is cited for; `methods.j2` has a block `reference_…` for each."""


def references(part: Part, writer: Writer) -> TableBlock | None:
    """Return the table of what a part's numbers rest on and where it was published; None without counts."""
    if part.counted is None:
        return None
    rows = [(writer.words("methods", f"reference_{name}"), SOURCES[name]) for name in _used(part)]
    rows += list(_of_measures(part))
    return TableBlock(
        id=f"{part.figure}-{part.panels[0].relation}-references",
        caption=writer.words("headings", "references_caption"),
        columns=tuple(Column(writer.words("headings", name)) for name in ("method_header", "source_header")),
        rows=tuple((TableCell(method), TableCell(source)) for method, source in rows),
    )


def _used(part: Part) -> Iterator[str]:
    """Yield what is cited, in the order in which the methods speak of it."""
    grouped = part.panels[0].n_groups is not None
    weighted = part.counted is not None and (part.counted.weighted or part.counted.fractional)
    if grouped:
        yield from ("linearised", "alike", "effective")
    else:
        yield from ("linearised", "worth") if weighted else ("wilson", "delta")
    yield "q"
    if not grouped and not weighted:
        yield "strata" if part.wording.stratum_names else "exact"
    if any(f.lasting or f.faded or f.unsure for f in part.found(Composition)):
        yield "odds"
    if isinstance(part.results, RelationResults) and part.results.sampling.resamples is not None:
        yield "resamples"
    if part.first(Direction) is not None:
        yield "symmetry"
    if part.first(Crossings) is not None:
        yield "crossing"
    if any(m.mix is not None for f in part.found(Trend) for m in f.moved):
        yield "mix"


def _of_measures(part: Part) -> Iterator[tuple[str, str]]:
    """Yield the measures that panels show, and lift, which every report has, with what they were published in."""
    names = dict.fromkeys((*(panel.measure.name for panel in part.panels), "lift"))
    for measure in (MEASURES[name] for name in names if name in MEASURES):
        if measure.source is not None:
            yield measure.info.label, measure.source
