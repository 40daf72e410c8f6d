"""The appendix: direction, structure, whole-table numbers and the full matrices, in small tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

from .. import formats
from ..cells import Estimate, Panel, Refusal
from ..findings.finding import Finding, KeyNumber
from ..inference.bare import SizeRatio
from ..inference.symmetry import DirectedPair, LinearOrder, SquareTest
from ..measures.structure import Answer, CategoryStructure, RowSpread, Structure
from .material import BareResults, Part, PublishedSizes, RelationResults
from .model import Block, TableBlock, TableCell, right, table
from .pictures_of_counts import LEAST_STRATA, commonest, strata_id
from .tables import matrices
from .writer import Writer, position

MOST_ROWS = 12
"""Longer tables show their largest rows; the data file has them all."""

_SHARES = ("self_share", "import_share", "export_share")
_SPREADS = ("gini", "evenness", "hhi")
Shown = Callable[[float], str]
_Line = tuple[str, str, str]


def appendix(part: Part, writer: Writer) -> tuple[Block, ...]:
    """Return the matrices, then a table for each sort of result that has something to show."""
    blocks: list[Block] = list(matrices(part, writer))
    if isinstance(part.results, RelationResults):
        blocks += _direction(part.results, writer)
        blocks += _strata(part, part.results, writer)
        blocks += _structures(part, part.results, writer)
        blocks += _whole(part, part.results, writer)
    if isinstance(part.results, BareResults):
        for sizes in part.results.sizes:
            blocks += _sizes(sizes, writer)
    blocks += findings_table(part, writer)
    return tuple(blocks)


def _direction(found: RelationResults, writer: Writer) -> Iterator[TableBlock]:
    """Yield the pairs of categories that units cross between, the largest net flow first."""
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
        source="data/pairs.csv",
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
    """Yield the largest strata with the commonest pair of each."""
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


def _structures(part: Part, found: RelationResults, writer: Writer) -> Iterator[TableBlock]:
    """Yield a table for each panel; panels that read the same way have one between them."""
    shown: list[Structure] = []
    for panel in part.panels:
        structure = found.of_panel(panel.id).structure
        if structure is not None and structure not in shown:
            shown.append(structure)
            yield _structure(panel, structure, writer)


def _structure(panel: Panel, found: Structure, writer: Writer) -> TableBlock:
    there = [of for of in found.categories if of.n_given > 0]
    largest = sorted(there, key=lambda of: -of.n_given)[:MOST_ROWS]
    diagonal = not any(isinstance(of.self_share, Refusal) for of in there)
    names = (*(("self", "import", "export") if diagonal else ()), *_SPREADS)
    units = writer.words("headings", "units", plural=panel.unit.plural)
    few = {cell.given: writer.words("caption", "state_few") for cell in panel.cells if cell.state == "few"}
    about = {"given": panel.given, "outcome": panel.outcome, "diagonal": diagonal}
    return table(
        f"structure-{panel.id}",
        writer.words("appendix", "structure_caption", **about, n_more=len(there) > MOST_ROWS),
        (panel.given_title, right(units), *(right(writer.words("appendix", f"{name}_header")) for name in names)),
        (
            *(_structure_row(of, few.get(of.category), diagonal=diagonal) for of in there if of in largest),
            _baseline_row(found, writer, diagonal=diagonal),
        ),
        source="data/structure.csv",
    )


def _structure_row(of: CategoryStructure, note: str | None, *, diagonal: bool) -> Iterator[TableCell | str]:
    yield of.category
    yield TableCell(formats.count(of.n_given), note=note)
    if diagonal:
        yield from (_number(getattr(of, name), formats.percent) for name in _SHARES)
    yield from _spreads(of.spread)


def _baseline_row(found: Structure, writer: Writer, *, diagonal: bool) -> Iterator[str]:
    """Yield how all units spread, to read rows against."""
    yield writer.words("appendix", "baseline")
    yield from [formats.DASH] * (1 + (len(_SHARES) if diagonal else 0))
    yield from _spreads(found.baseline)


def _spreads(of: RowSpread) -> Iterator[str]:
    return (_number(getattr(of, name), formats.value) for name in _SPREADS)


def _number(value: Answer, shown: Shown) -> str:
    return formats.DASH if value is None or isinstance(value, Refusal) else shown(value)


def _whole(part: Part, found: RelationResults, writer: Writer) -> Iterator[TableBlock]:
    """Yield the table of numbers that are about all categories at once, with the reasons of those not given."""
    lines = list(_lines(part, found, writer))
    if lines:
        yield table(
            f"whole-{found.relation}",
            writer.words("appendix", "whole_caption"),
            (writer.words("appendix", f"{name}_header") for name in ("quantity", "value", "remark")),
            lines,
            source="data/structure.csv",
        )


def _lines(part: Part, found: RelationResults, writer: Writer) -> Iterator[_Line]:
    structure = found.of_panel(part.panels[0].id).structure
    if structure is not None:
        yield from _agreement_lines(part, structure, writer)
    if part.diagonal and not part.masked:
        yield from _test_lines(found.tests, writer)
    if isinstance(found.order, LinearOrder) and found.order.explained is not None:
        remark = writer.words("appendix", "order_remark", order=found.order)
        yield writer.words("appendix", "order"), ", ".join(found.order.categories[:MOST_ROWS]), remark
    yield from _block_lines(found, writer)


def _agreement_lines(part: Part, structure: Structure, writer: Writer) -> Iterator[_Line]:
    panel = part.panels[0]
    if part.diagonal:
        name, remark = (writer.words("appendix", block) for block in ("assortativity", "assortativity_remark"))
        yield _line(name, structure.assortativity, remark, writer)
    remark = writer.words("appendix", "theil_u_remark")
    answers = ((panel.given, panel.outcome, structure.u_outcome), (panel.outcome, panel.given, structure.u_given))
    if isinstance(structure.u_outcome, Refusal):
        # Refused for what is wrong with units, it is so both ways; assortativity may have said it already.
        if structure.u_outcome != structure.assortativity:
            yield _line(writer.words("appendix", "theil_u_both"), structure.u_outcome, remark, writer)
        return
    for known, told, answer in answers:
        yield _line(writer.words("appendix", "theil_u", known=known, told=told), answer, remark, writer)


def _line(name: str, answer: Answer, remark: str, writer: Writer) -> _Line:
    if isinstance(answer, Refusal):
        return name, writer.words("appendix", "refused"), answer.reason
    return name, writer.words("appendix", "undefined") if answer is None else formats.value(answer), remark


def _test_lines(tests: tuple[SquareTest, ...] | Refusal, writer: Writer) -> Iterator[_Line]:
    if isinstance(tests, Refusal):
        yield _line(writer.words("appendix", "tests"), tests, "", writer)
        return
    for test in tests:
        value = writer.words("appendix", "undefined")
        if test.statistic is not None and test.p is not None:
            statistic, p = formats.decimal(test.statistic, 1), formats.p_value(test.p)
            value = writer.words("appendix", "test_value", statistic=statistic, df=test.df, p=p)
        yield writer.words("appendix", test.name), value, writer.words("appendix", f"{test.name}_remark")


def _block_lines(found: RelationResults, writer: Writer) -> Iterator[_Line]:
    remark = writer.words("appendix", "blocks_remark", direct=found.direct)
    for axis in found.axes[:1] if found.direct else found.axes:
        blocks = [writer.words("appendix", "block", names=names) for names in axis.grouping.blocks]
        name = writer.words("appendix", "blocks", kind=None if found.direct else axis.kind)
        yield name, "; ".join(blocks) or writer.words("appendix", "blocks_none"), remark


def _sizes(sizes: PublishedSizes, writer: Writer) -> Iterator[TableBlock]:
    """Yield the ratios of two sizes that published matrices keep from 1, the furthest first."""
    apart = [ratio for ratio in sizes.check.ratios if _distance(ratio) > 0]
    ratios = sorted(apart, key=_distance, reverse=True)
    if not ratios:
        return
    ends = (right(writer.words("appendix", header)) for header in ("least_header", "most_header"))
    yield table(
        f"sizes-{sizes.left}",
        writer.words("appendix", "sizes_caption", n_more=len(ratios) > MOST_ROWS),
        (writer.words("appendix", "sizes_header"), *ends),
        (_ratio_row(ratio, sizes, writer) for ratio in ratios[:MOST_ROWS]),
        source="data/sizes.csv",
    )


def _distance(ratio: SizeRatio) -> float:
    """Return by how much, as a logarithm, the two sizes must differ; negative where they may be equal."""
    return max(math.log(ratio.low) if ratio.low else -math.inf, -math.log(ratio.high) if ratio.high else -math.inf)


def _ratio_row(ratio: SizeRatio, sizes: PublishedSizes, writer: Writer) -> tuple[str, ...]:
    kind = sizes.given if ratio.side == "given" else sizes.outcome
    name = writer.words("appendix", "sizes_item", category=ratio.category, other=ratio.other, kind=kind)
    return name, *(formats.DASH if end is None else formats.ratio(end) for end in (ratio.low, ratio.high))


MOST_FINDINGS = 30
"""More stand in the data file alone."""

_NAMED = 3


def findings_table(part: Part, writer: Writer) -> Iterator[TableBlock]:
    """Yield the table of a part's findings in the report's order, null ones too; nothing where there are none."""
    lines = (_finding_row(part, finding, writer) for finding in part.findings)
    rows = [line for line in lines if any(text != formats.DASH for text in line[1:])]
    if rows:
        yield table(
            part.table_id("findings"),
            writer.words("appendix", "findings_caption", n_more=len(rows) > MOST_FINDINGS),
            (writer.words("appendix", f"{name}_header") for name in ("finding", "about", "number", "strength")),
            rows[:MOST_FINDINGS],
            source="data/findings.json",
        )


def _finding_row(part: Part, finding: Finding, writer: Writer) -> tuple[str, ...]:
    found = finding.number()
    strength = "null" if finding.null else finding.strength
    return (
        writer.words_of(finding.kind, "name", diagonal=part.diagonal, f=finding),
        _about(part, finding, found, writer),
        formats.DASH if found is None or found.value is None else _key_number(found),
        formats.DASH if strength is None else writer.words("appendix", f"strength_{strength}"),
    )


def _about(part: Part, finding: Finding, found: KeyNumber | None, writer: Writer) -> str:
    """Return the panel, where a finding is about one, and the categories or the item."""
    panel = getattr(finding, "panel", None)
    place = position(part.in_figure, panel) if isinstance(panel, str) else ""
    names = () if found is None else found.about
    shown = [*names[:_NAMED], *([f"{formats.small(len(names) - _NAMED)} more"] if len(names) > _NAMED else [])]
    words = writer.words("appendix", "about", place=place, names=shown)
    return words or formats.DASH


def _key_number(found: KeyNumber) -> str:
    value, low, high = found.value or 0, found.low, found.high
    if found.scale == "value":
        return formats.with_ends(formats.value(value), low, high, formats.value)
    ratio = found.scale == "ratio"
    text = formats.ratio(value) if ratio else formats.percent(value)
    if low is None or high is None:
        return text
    return f"{text} ({(formats.ratio_range if ratio else formats.percent_range)(low, high)})"
