"""What the numbers of a part rest on, and where it was published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..findings.composition import Composition
from ..findings.diagonal import Crossings
from ..findings.direction import Direction
from ..findings.trend import Trend
from ..measures import MEASURES
from .material import Part
from .model import Column, TableBlock, TableCell
from .results import RelationResults
from .writer import Writer

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
    "drawn": "Fisher (1935), The Design of Experiments. Oliver and Boyd",
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
    if part.counted is not None and part.counted.of_one_kind:
        yield "drawn"
    elif not grouped and not weighted:
        yield "strata" if part.wording.stratum_names else "exact"
    if any(f.lasting or f.faded or f.unsure for f in part.found(Composition)):
        yield "odds"
    if isinstance(part.results, RelationResults) and part.results.sampling.resamples is not None:
        yield "resamples"
    if part.first(Direction) is not None:
        yield "symmetry"
    if part.diagonal and not part.masked and part.first(Crossings) is not None:
        yield "crossing"
    if any(m.mix is not None for f in part.found(Trend) for m in f.moved):
        yield "mix"


def _of_measures(part: Part) -> Iterator[tuple[str, str]]:
    """Yield the measures that panels show, and lift, which every report has, with what they were published in."""
    names = dict.fromkeys((*(panel.measure.name for panel in part.panels), "lift"))
    for measure in (MEASURES[name] for name in names if name in MEASURES):
        if measure.source is not None:
            yield measure.info.label, measure.source
