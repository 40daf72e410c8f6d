"""The method of a part in words, with its thresholds and references as data."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .. import formats
from ..cells import Cell, MeasureInfo, Panel
from ..findings import MIN_EXPECTED
from ..findings.composition import PairDeviations
from ..findings.diagonal import OffDiagonal
from ..findings.finding import Finding
from ..findings.heterogeneity import Heterogeneity
from ..findings.population import CoverageGaps, Population
from ..findings.surprises import PairAssociations
from ..measures import MEASURES
from .material import PartCounts, RelationReport, RelationResults
from .middle import is_told, lists_ratios, told_once
from .model import Block, Paragraph, Sentence, TableCell
from .writer import Writer


class MentionedMethods(NamedTuple):
    """The terms that the other sections of a part use. The method explains only these."""

    expected: bool = True
    ratios: bool = True
    q: bool = True
    ratio_intervals: bool = True

    @classmethod
    def in_texts(cls, texts: Iterable[str]) -> MentionedMethods:
        """Return the terms in some texts: sentences, captions, table heads and the texts of charts."""
        whole = "\n".join(texts)
        return cls(*(bool(pattern.search(whole)) for pattern in (_EXPECTED, _RATIO, _Q, _RATIO_INTERVAL)))


ALL_TERMS = MentionedMethods()
_NAMED = 3
"""The number of pairs that a sentence of the method names."""
_EXPECTED = re.compile(r"\bexpected\b|÷", re.IGNORECASE)
_RATIO = re.compile(r"\d times\b|÷|×|\bratios?\b|\blift\b", re.IGNORECASE)
_RATIO_INTERVAL = re.compile(
    r"\d times \(\d|\d times, \d+%|\bratio \d[^)]*\d[–%]|÷ expected given|\blift\b[^\n]*CI", re.IGNORECASE
)
_Q = re.compile(r"(?<![\w-])q(?![\w-])")


def methods(part: RelationReport, writer: Writer, mentioned: MentionedMethods = ALL_TERMS) -> tuple[Block, ...]:
    """Return the methods for units, measures, expected counts, intervals and tests, and the references.

    A sentence appears only if the report uses the term, the state or the test that it explains.
    """
    counted, panel = part.counted, part.panels[0]
    if counted is None:
        return (Paragraph((writer.tell("methods", "bare"),)),)
    infos = list({p.measure.name: p.measure for p in part.panels}.values())
    weighted, others = part.wording.weighted, [i for i in infos if _is_linearised(i)]
    sentences = [
        *_unit(part, counted, writer),
        *(
            writer.say(f, "resolved")
            for f in part.found(CoverageGaps)
            if part.wording.unit.role in ("to", "from", "key") and f.n_links
        ),
        *([writer.tell("methods", "withheld", minimum=counted.coverage.minimum)] if part.is_withheld else []),
        writer.tell("methods", "measure", infos=infos),
        *([_expected(part, counted, writer)] if mentioned.expected or part.masked_empty else []),
        *([writer.tell("methods", "ratios")] if mentioned.ratios else []),
        writer.tell(
            "methods",
            "intervals",
            n_groups=panel.n_groups,
            weighted=weighted,
            others=others,
            shares=any(MEASURES[info.name].rule.scored for info in infos if info.name in MEASURES) or not infos,
            ratios=mentioned.ratio_intervals,
        ),
    ]
    if part.wording.complete:
        sentences.append(writer.tell("methods", "complete"))
    sentences += _tests(part, writer, mentioned) if _has_tests(part, mentioned) else []
    sentences += [
        writer.tell("methods", "selected", n=f.n_tested, level=formats.decimal(100 * f.selected_level, 2))
        for f in part.found(PairAssociations)
        if f.selected_level is not None and f.selected_level > panel.level and lists_ratios(part, f)
    ]
    if isinstance(part.results, RelationResults):
        sentences += _sampling(part, part.results, writer)
    sentences += _of_kinds(part, writer)
    sentences += _limits(part, writer, mentioned)
    return (Paragraph(tuple(sentences)),)


def _unit(part: RelationReport, counted: PartCounts, writer: Writer) -> Iterator[Sentence]:
    """Yield how units are counted, unless each is one record with one category on each side."""
    told = writer.tell("methods", "unit", counted=counted, several=_is_several(part))
    if told.text:
        yield told


def _expected(part: RelationReport, counted: PartCounts, writer: Writer) -> Sentence:
    """Return how expected counts are computed."""
    if part.masked_empty:
        return writer.tell("methods", "expected_apart")
    return writer.tell("methods", "expected", n_strata=counted.n_strata, crossing=_compares_crossing(part))


def _has_tests(part: RelationReport, mentioned: MentionedMethods) -> bool:
    """Return whether a report has q, or says which pairs differ from chance."""
    return mentioned.q or any(isinstance(f, PairAssociations) for f in part.findings)


def _tests(part: RelationReport, writer: Writer, mentioned: MentionedMethods) -> Iterator[Sentence]:
    """Yield the tests behind q, and that tests and intervals can disagree if they do for a listed pair."""
    counted = part.counted
    if counted is None:
        return
    sizes = () if part.masked and not part.masked_empty else counted.tests
    departures = part.first(PairDeviations)
    listed = () if departures is None else departures.pairs
    if part.masked_empty or (part.diagonal and not any(pair.row == pair.column for pair in listed)):
        sizes = sizes[:1]
    yield writer.tell(
        "methods",
        "tests",
        part=part,
        counted=counted,
        n_groups=part.panels[0].n_groups,
        weighted=part.wording.weighted,
        sizes=sizes,
        ratios=mentioned.ratio_intervals,
        fdr=part.inference.fdr,
        q=mentioned.q,
        mirrored=_mirrored(part),
    )
    if part.wording.chosen_among is not None:
        yield writer.tell("methods", "chosen", n=part.wording.chosen_among)
    pairs = [(p.row, p.column) for p in listed if is_told(part, p.row, p.column)]
    pairs = [pair for pair in pairs if _disagrees(part, pair)]
    if pairs:
        named = [writer.words("headings", "pair", row=row, column=column) for row, column in pairs[:_NAMED]]
        more = [f"{formats.small(len(pairs) - _NAMED)} more"] if len(pairs) > _NAMED else []
        yield writer.tell("methods", "disagree", pairs=[*named, *more])


def _mirrored(part: RelationReport) -> list[str]:
    """Return the categories whose pairs mirror those of the other category of the same side."""
    panel = part.panels[0]
    return [
        name
        for side, told in told_once(part).items()
        for name in (panel.given_categories if part.wording.side(panel.given) == side else panel.outcome_categories)
        if name != told
    ]


def _of_kinds(part: RelationReport, writer: Writer) -> Iterator[Sentence]:
    """Yield the methods of the kinds of finding that the report describes."""
    for f in {f.kind: f for f in reversed(part.findings) if not f.null}.values():
        if writer.has(f.kind, "method"):
            yield writer.tell(f.kind, "method", f=f)


def _compares_crossing(part: RelationReport) -> bool:
    """Return whether the text compares units of different categories with those of the other pairs."""
    return any(_COMPARED in f.cites() for f in part.found(Finding))


def _disagrees(part: RelationReport, pair: tuple[str, str]) -> bool:
    """Return whether a pair is significant although an interval contains its base rate, or the reverse."""
    for panel in part.panels:
        cell = cell_of(part, panel, pair)
        if None in (cell.q_value, cell.low, cell.high, cell.baseline) or panel.measure.name != "conditional":
            continue
        if cell.expected_within_strata is not None:  # a test within strata does not concern the share of all units
            continue
        is_inside = (cell.low or 0) <= (cell.baseline or 0) <= (cell.high or 0)
        if is_inside == ((cell.q_value or 0) <= part.inference.fdr):
            return True
    return False


def _limits(part: RelationReport, writer: Writer, mentioned: MentionedMethods) -> Iterator[Sentence]:
    """Yield the smallest numbers of units, the other tests and the references."""
    if any("few" in panel.column("state") for panel in part.panels):
        yield writer.tell(
            "methods",
            "rows",
            n_groups=part.panels[0].n_groups,
            units=formats.count(part.inference.minimum_units),
            groups=part.inference.minimum_groups,
        )
    differing = next((f for f in part.found(Heterogeneity) if f.opposite or f.graded), None)
    if differing is not None:
        yield writer.tell("methods", "homogeneity", n_tested=differing.n_tested)
    cited: dict[str, list[str]] = {}
    for of in references(part, writer, mentioned):
        cited.setdefault(of.source, []).append(of.method)
    items = [f"{_joined(methods)}: {source.partition('. ')[0].rstrip('.')}." for source, methods in cited.items()]
    yield writer.tell("methods", "references", items=items)


def _joined(methods: Sequence[str]) -> str:
    """Return the methods of one publication as one phrase."""
    first, *rest = dict.fromkeys(methods)
    return formats.listing([first, *(of[:1].lower() + of[1:] for of in rest)])


def _sampling(part: RelationReport, found: RelationResults, writer: Writer) -> Iterator[Sentence]:
    """Yield the cost of groups and weights in precision, and the units assumed to be independent."""
    sampling = found.sampling
    tally = None if part.counted is None else part.counted.tally
    if tally is not None and tally.as_groups:
        yield writer.tell("methods", "rows_as_groups", variation=tally.variation)
    if tally is not None and tally.dispersion is not None:
        yield writer.tell("methods", "dispersed", variation=tally.variation)
    elif sampling.n_groups is None:
        p = "" if tally is None or tally.variation is None else formats.p_equation("p", tally.variation.p)
        yield writer.tell(
            "methods", "independent", contributors=found.contributors, n_units=sampling.n_units, tally=tally, p=p
        )
    elif sampling.design_effect is not None:
        yield writer.tell("methods", "design_effect", effect=sampling.design_effect)
    elif effects := sorted(_design_effects(part)):
        yield writer.tell("methods", "design_effects", low=effects[0], high=effects[-1], n=len(effects))
    if sampling.effective_units is not None:
        effective = formats.expected(sampling.effective_units)
        yield writer.tell("methods", "weights", n_units=sampling.n_units, effective=effective)


def _design_effects(part: RelationReport) -> Iterator[float]:
    for panel in part.panels:
        for state, effect in zip(panel.column("state"), panel.column("design_effect"), strict=True):
            if state == "measured" and effect is not None:
                yield effect


def _is_linearised(info: MeasureInfo) -> bool:
    """Whether intervals of independent units are neither Wilson intervals nor the intervals of lift."""
    return not MEASURES[info.name].rule.scored and info.name != "lift" and not info.statistic


def _is_several(part: RelationReport) -> bool:
    population = part.first(Population)
    return population is not None and any(population.several)


@dataclass(frozen=True, slots=True)
class Reference:
    """A publication and the method that it describes."""

    method: str
    source: str


@dataclass(frozen=True, slots=True)
class Threshold:
    """A threshold with its name in the config."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class MethodData:
    """The thresholds of the wording, and the publications behind the numbers."""

    thresholds: tuple[Threshold, ...]
    references: tuple[Reference, ...]


def method_data(part: RelationReport, writer: Writer) -> MethodData:
    """Return the thresholds that a sentence of this part may depend on, and its references."""
    values = {name: value for finding in part.findings for name, value in finding.thresholds}
    values["expected"] = MIN_EXPECTED
    values["minimum_units"] = part.inference.minimum_units
    if part.panels[0].n_groups is not None:
        values["minimum_groups"] = part.inference.minimum_groups
    return MethodData(tuple(Threshold(*of) for of in values.items()), tuple(references(part, writer)))


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
    "counts": "Dean (1992), Testing for overdispersion in Poisson and binomial regression models. "
    "Journal of the American Statistical Association 87, 451-457",
    "dispersion": "Wedderburn (1974), Quasi-likelihood functions, generalized linear models, and the Gauss-Newton "
    "method. Biometrika 61, 439-447",
    "trials": "Korn & Graubard (1998), Confidence intervals for proportions with small expected number of positive "
    "counts estimated from survey data. Survey Methodology 24, 193-201",
    "q": "Benjamini & Hochberg (1995), Controlling the false discovery rate: a practical and powerful approach to "
    "multiple testing. Journal of the Royal Statistical Society B 57, 289-300",
    "drawn": "Fisher (1935), The Design of Experiments. Oliver and Boyd",
    "exact": "Fisher (1935), The logic of inductive inference. Journal of the Royal Statistical Society 98, 39-82",
    "strata": "Mantel & Haenszel (1959), Statistical aspects of the analysis of data from retrospective studies of "
    "disease. Journal of the National Cancer Institute 22, 719-748",
    "odds": "Robins, Breslow & Greenland (1986), Estimators of the Mantel-Haenszel variance consistent in both sparse "
    "data and large-strata limiting models. Biometrics 42, 311-323",
    "homogeneity": "Holm (1979), A simple sequentially rejective multiple test procedure. "
    "Scandinavian Journal of Statistics 6, 65-70",
    "crossing": "Goodman (1968), The analysis of cross-classified data: independence, quasi-independence, and "
    "interactions in contingency tables with or without missing entries. "
    "Journal of the American Statistical Association 63, 1091-1131",
    "missing": "Manski (1989), Anatomy of the selection problem. Journal of Human Resources 24, 343-360",
    "mix": "Kitagawa (1955), Components of a difference between two rates. "
    "Journal of the American Statistical Association 50, 1168-1194",
}
"""Publications by citation key. `methods.j2` has a block `reference_…` for each."""


def references(part: RelationReport, writer: Writer, mentioned: MentionedMethods = ALL_TERMS) -> Iterator[Reference]:
    """Yield the publications behind a part's numbers, or only those behind the terms that its text uses."""
    if part.counted is None:
        return
    cited: dict[str, str] = {}
    for f in part.found(Finding):
        cited |= dict.fromkeys(f.cites(), f.kind)
    of_kinds = {source: kind for source, kind in cited.items() if source not in SOURCES}
    used = (*_used(part, mentioned), *(name for name in SOURCES if name in cited and name != _COMPARED))
    for name in (*used, *of_kinds, *_compared(part, cited, mentioned)):
        topic, block = (of_kinds[name], "reference") if name in of_kinds else ("methods", f"reference_{name}")
        yield Reference(writer.words(topic, block), SOURCES.get(name, name))
    yield from (Reference(*of) for of in _of_measures(part, mentioned))


def _used(part: RelationReport, mentioned: MentionedMethods) -> Iterator[str]:
    """Yield the citation keys, in the order of the methods text."""
    grouped, weighted = part.panels[0].n_groups is not None, part.wording.weighted
    dispersed = part.wording.dispersion is not None
    if grouped:
        yield from ("linearised", "alike", "effective")
    else:
        yield from (
            ("trials", "linearised") if weighted or dispersed else ("wilson", "delta")[: 1 + mentioned.ratio_intervals]
        )
    yield from ["worth"] * (weighted and not grouped)
    if part.counted is not None and part.counted.tally is not None and part.counted.tally.variation is not None:
        yield "counts"
    yield from ["dispersion"] * dispersed
    if _has_tests(part, mentioned):
        yield "q"
        if part.counted is not None and part.counted.of_one_kind and not part.masked_empty:
            yield "drawn"
        elif not (grouped or weighted or dispersed):
            yield _COMPARED if part.masked_empty else "strata" if part.wording.stratum_names else "exact"


_COMPARED = "crossing"
"""The citation key of the model of mismatches."""


def _compared(part: RelationReport, cited: Collection[str], mentioned: MentionedMethods) -> Iterator[str]:
    """Yield the citation key for mismatches if they are compared with their sizes, and any is large."""
    if part.diagonal and not part.masked and part.first(OffDiagonal) is not None:
        yield from [_COMPARED] * (_COMPARED in cited or mentioned is ALL_TERMS)


def _of_measures(part: RelationReport, mentioned: MentionedMethods) -> Iterator[tuple[str, str]]:
    """Yield the sources for the measures of the panels, and for lift if the text has ratios."""
    names = dict.fromkeys((*(panel.measure.name for panel in part.panels), *["lift"] * mentioned.ratios))
    if mentioned is not ALL_TERMS:  # shares and ratios need no publication
        names = {name: None for name in names if name not in ("conditional", "lift")}
    for measure in (MEASURES[name] for name in names if name in MEASURES):
        if measure.source is not None:
            yield measure.info.label, measure.source


def q_cell(part: RelationReport, q: float | None, writer: Writer) -> TableCell | str:
    """Return a q value as a table field, with a note if it is not significant."""
    if q is None:
        return formats.DASH
    note = None if q <= part.inference.fdr else writer.words("headings", "not_significant", fdr=part.inference.fdr)
    return TableCell(formats.p_value(q), note=note)


def cell_of(part: RelationReport, panel: Panel, pair: tuple[str, str]) -> Cell:
    """Return the cell of a (row, column) pair in a panel of either orientation."""
    return panel.cell(*pair) if panel.given == part.wording.rows else panel.cell(*pair[::-1])
