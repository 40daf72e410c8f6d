"""The results of each panel, and the details of findings other than the strength of an association."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise

from .. import formats
from ..cells import FAINT, Cell, CellRef, Panel
from ..findings import HIGH, MODERATE
from ..findings.agreement import Activity, Agreement
from ..findings.blocks import Block as CategoryBlock
from ..findings.composition import Composition, PairDeviations, StrataChange
from ..findings.diagonal import Diagonal, Isolation, OffDiagonal, Spread
from ..findings.finding import PLACES, Finding
from ..findings.gradient import Gradient
from ..findings.heterogeneity import DifferingPair, Heterogeneity
from ..findings.population import Population
from ..findings.published import Cluster, IsolatedGroup, PanelContrast, PublishedLevels
from ..findings.reversal import Reversal
from ..findings.story import Story
from ..findings.surprises import Pair, PairAssociations
from .material import SIDES, RelationReport, Side, sides_of
from .model import Block, Paragraph, Sentence
from .writer import Writer, position

_LISTED_WITHOUT_DIAGONAL = 3
_WITH_VALUES = 3
_REMAINDERS = 2
_ON_THE_DIAGONAL = 3
"""Rows whose diagonal cell a sentence gives; the tables have all."""
MOST_MATCHING = 3
"""The most categories with an agreement within strata that a sentence lists."""


def panels(part: RelationReport, writer: Writer) -> tuple[Paragraph, ...]:
    """Return a paragraph for each panel: the diagonal, then the other large cells."""
    paragraphs = []
    for panel in part.panels:
        place = position(part.in_figure, panel.id)
        block = "panel_lead" if place else "lone_lead"
        lead = writer.words("headings", block, place=place, given=panel.given, outcome=panel.outcome)
        sentences = tuple(_bare(part, panel, writer) if part.counted is None else _panel(part, panel, writer))
        if sentences:
            paragraphs.append(Paragraph(sentences, lead=lead))
    return tuple(paragraphs)


def _panel(part: RelationReport, panel: Panel, writer: Writer) -> Iterator[Sentence]:
    for diagonal in part.found(Diagonal):
        if diagonal.panel == panel.id:
            yield from _diagonal(part, diagonal, writer)
    if panel.measure.name != "conditional" and (extremes := _extremes(panel)) is not None:
        first, last = extremes
        low, high = (formats.in_table(cell.value or 0, panel.measure) for cell in extremes)
        null = None if panel.measure.null is None else formats.decimal(panel.measure.null, 0)
        ends = {"low": low, "high": high, "first": first, "last": last, "null": null}
        sentence = writer.tell("reading", "range", [CellRef(panel.id, c.given, c.outcome) for c in extremes], **ends)
        yield Sentence(f"reading.range.{panel.id}", sentence.spans, sentence.cells)
    for crossings in part.findings:
        if isinstance(crossings, OffDiagonal) and crossings.panel == panel.id:
            yield from _crossings(part, crossings, writer)


def _extremes(panel: Panel) -> tuple[Cell, Cell] | None:
    """Return the measured cells with the lowest and the highest value, or None with fewer than two."""
    cells = panel.measured()
    if len(cells) < 2:
        return None
    return min(cells, key=lambda cell: cell.value or 0), max(cells, key=lambda cell: cell.value or 0)


def _diagonal(part: RelationReport, f: Diagonal, writer: Writer) -> Iterator[Sentence]:
    if f.leading:
        items = [writer.words("diagonal", "item", cell=cell) for cell in f.leading[:_ON_THE_DIAGONAL]]
        more = len(f.leading) - len(items)
        yield writer.say(f, "leading", items=[*items, *([f"{formats.small(more)} more"] if more else [])])
    else:
        yield writer.say(f, "none_leading")
    if f.others:
        unclear = {cell.given for cell in f.others if not _is_clearly_largest(part, f.panel, cell)}
        by_outcome = _by_outcome([cell for cell in f.others if cell.given not in unclear])
        rows = [(outcome, [cell.given for cell in cells]) for outcome, cells in by_outcome.items()]
        rows += [("", [cell.given for cell in f.others if cell.given in unclear])] if unclear else []
        items = [
            writer.words("diagonal", "other_item", outcome=outcome, n=len(givens), givens=givens)
            for outcome, givens in rows
            if givens
        ]
        yield writer.say(f, "others", items=items)
    if f.tied:
        yield writer.say(f, "tied")


def _is_clearly_largest(part: RelationReport, name: str, cell: Cell) -> bool:
    """Return whether the interval of the largest cell of a row is above the value of every other cell."""
    panel = next(panel for panel in part.panels if panel.id == name)
    others = (other.value or 0.0 for other in panel.row(cell.given) if other.outcome != cell.outcome)
    return cell.low is None or all(value < cell.low for value in others)


def _by_outcome(cells: Sequence[Cell]) -> dict[str, list[Cell]]:
    """Return cells grouped by outcome, in their order, so that a shared outcome is named once."""
    found: dict[str, list[Cell]] = {}
    for cell in cells:
        found.setdefault(cell.outcome, []).append(cell)
    return found


def _givens(cells: Sequence[Cell], writer: Writer) -> list[str]:
    return [writer.words("crossings", "given", cell=cell, first=not i) for i, cell in enumerate(cells)]


def _crossings(part: RelationReport, f: OffDiagonal, writer: Writer) -> Iterator[Sentence]:
    if not part.diagonal and part.first(Story) is None and all(found.null for found in part.found(PairAssociations)):
        return  # no pair differs from chance, so the sizes of categories alone make cells large
    if f.null:
        panel = next(panel for panel in part.panels if panel.id == f.panel)
        apart = [cell for cell in panel.cells if not (panel.same_taxonomy and cell.given == cell.outcome)]
        if any(cell.state == "measured" for cell in apart):
            largest = max((cell.value or 0 for cell in f.largest), default=0)
            faint = any(cell.state in FAINT and (cell.value or 0) > largest for cell in apart)
            yield writer.say(f, "none", diagonal=part.diagonal, faint=faint or f.n_few > 0)
        return
    told = _told_pairs(part)
    is_turned = next(panel for panel in part.panels if panel.id == f.panel).given != part.wording.rows
    unsaid = [c for c in f.listed if _differs(c, part) and frozenset((c.given, c.outcome)) not in told]
    large = [c for c in unsaid if is_told(part, *((c.outcome, c.given) if is_turned else (c.given, c.outcome)))]
    shown = ([cell for cell in _departing(part, f) if cell in large] or large)[:_LISTED_WITHOUT_DIAGONAL]
    if not shown:
        return
    items = [
        writer.words("crossings", "item", cells=cells, givens=_givens(cells, writer))
        for cells in _by_outcome(shown).values()
    ]
    yield writer.say(f, "listed", items=items)


def _differs(cell: Cell, part: RelationReport) -> bool:
    """Return whether the interval of a share excludes the share of all units, and its test does not contradict that.

    Tests within strata do not concern the share of all units.
    """
    tested = cell.expected_within_strata is None and cell.q_value is not None
    if tested and (cell.q_value or 0) > part.inference.fdr:
        return False
    if cell.low is None or cell.high is None or cell.baseline is None:
        return cell.value != cell.baseline
    return not cell.low <= cell.baseline <= cell.high


def _told_pairs(part: RelationReport) -> frozenset[frozenset[str]]:
    """Return the pairs of categories that the headline and the key findings describe."""
    story = part.first(Story)
    points = () if story is None else story.points
    return frozenset(frozenset((pair.given, pair.outcome)) for point in points for pair in point.pairs)


def _departing(part: RelationReport, f: OffDiagonal) -> list[Cell]:
    """Return the large cells that differ from base rates, the largest difference first."""
    found = part.first(PairDeviations)
    if found is None:
        return []
    panel = next(panel for panel in part.panels if panel.id == f.panel)
    as_rows = panel.given == part.wording.rows
    ranks = {(p.row, p.column) if as_rows else (p.column, p.row): rank for rank, p in enumerate(found.pairs)}
    there = [cell for cell in f.listed if (cell.given, cell.outcome) in ranks]
    return sorted(there, key=lambda cell: ranks[cell.given, cell.outcome])


def _bare(part: RelationReport, panel: Panel, writer: Writer) -> Iterator[Sentence]:
    for f in part.found(PublishedLevels):
        if f.panel != panel.id:
            continue
        high = [writer.words("levels", "item_value", cell=cell) for cell in f.high]
        yield writer.say(f, "analysis", high=high, high_from=HIGH)
        if f.moderate:
            block = "item_value" if len(f.moderate) <= _WITH_VALUES else "item"
            cells = [writer.words("levels", block, cell=cell) for cell in f.moderate]
            yield writer.say(f, "moderate", moderate=cells, moderate_from=MODERATE, high_from=HIGH)
        if f.low_rows:
            nearly = [writer.words("levels", "item_value", cell=cell) for cell in f.nearly_low]
            yield writer.say(f, "low_rows", nearly=nearly)


def told_once(part: RelationReport) -> dict[Side, str]:
    """Return each side on which every unit has one of two categories, and the one of them that the text describes.

    A pair with one of the two and the pair with the other are one fact: if more units than expected are in the first,
    fewer are in the second.
    """
    population, story, departures = part.first(Population), part.first(Story), part.first(PairDeviations)
    if population is None or part.diagonal or part.masked:
        return {}
    points = () if story is None else story.points
    pairs = [(pair.row, pair.column) for point in points for pair in point.pairs]
    pairs += [] if departures is None else [(pair.row, pair.column) for pair in departures.pairs]
    panel = part.panels[0]
    found: dict[Side, str] = {}
    for place, side in enumerate(SIDES):
        n = len(panel.given_categories if part.wording.side(panel.given) == side else panel.outcome_categories)
        sums = population.sums[place]
        if n == 2 and pairs and not (sums.n_several or sums.n_none or population.several[place]):
            found[side] = pairs[0][place]
    return found


def is_told(part: RelationReport, row: str, column: str) -> bool:
    """Return whether a pair is described, and not implied by another pair of the same two categories of a side."""
    told = told_once(part)
    return told.get("rows", row) == row and told.get("columns", column) == column


def nulls(part: RelationReport, writer: Writer) -> tuple[Block, ...]:
    """Return one line that lists the null findings, or nothing if there are none."""
    found = [text for finding in part.findings if finding.null and (text := _null(part, finding, writer))]
    return (Paragraph((writer.tell("headings", "nulls", items=found),)),) if found else ()


def _null(part: RelationReport, finding: Finding, writer: Writer) -> str:
    if not writer.has(finding.kind, "none") or isinstance(finding, OffDiagonal):
        return ""
    return writer.words(finding.kind, "none", f=finding, diagonal=part.diagonal)


def others(part: RelationReport, writer: Writer) -> Iterator[tuple[str, Paragraph]]:
    """Yield the other statements of findings, each with the id of its finding, in report order."""
    return ((item.sentences[0].id.rpartition(".")[0], item) for item in _observations(part, writer))


def _observations(part: RelationReport, writer: Writer) -> Iterator[Paragraph]:
    if part.counted is None:
        yield from _bare_observations(part, writer)
        return
    kinds = dict.fromkeys(type(f) for f in part.found(Finding))
    for place in PLACES:
        for kind in kinds:
            if kind.place == place:
                yield from _told(kind, part, writer)


def _told(kind: type[Finding], part: RelationReport, writer: Writer) -> Iterator[Paragraph]:
    """Yield the paragraphs of the findings of a kind."""
    tell = _TELL.get(kind) or partial(_each, kind)
    yield from tell(part, writer)


def _each(kind: type[Finding], part: RelationReport, writer: Writer) -> Iterator[Paragraph]:
    """Yield a paragraph for each finding of a kind that has anything to say."""
    found = (paragraph_of(f, writer) for f in part.found(kind))
    return (paragraph for paragraph in found if paragraph.sentences)


def _led(writer: Writer, f: Finding, *sentences: Sentence, names: Sequence[str] = ()) -> Paragraph:
    """Return sentences after the lead words of a finding's kind. `names` are categories that share the sentences."""
    return Paragraph(sentences, lead=writer.words(f.kind, "lead", f=f, names=names))


def paragraph_of(f: Finding, writer: Writer) -> Paragraph:
    """Return the sentences that a finding yields, after its lead words."""
    return _led(writer, f, *_all_said(f, writer))


def _all_said(f: Finding, writer: Writer) -> tuple[Sentence, ...]:
    """Return the sentences that a finding yields."""
    return tuple(writer.say(f, telling.block, **telling.values) for telling in f.tells())


_MOST_BLOCKS = 3


def _blocks(part: RelationReport, writer: Writer) -> Iterator[Paragraph]:
    """Yield one paragraph about the first blocks. Categories with too few units are not described as similar."""
    few: dict[str, frozenset[str]] = {part.wording.side(panel.given): _few(panel) for panel in part.panels}
    few["both"] = frozenset().union(*few.values())
    found = [f for f in part.found(CategoryBlock) if not few.get(f.side, frozenset()) & set(f.members)]
    if found:
        yield _led(writer, found[0], *(writer.say(f, "observation") for f in found[:_MOST_BLOCKS]))


def _few(panel: Panel) -> frozenset[str]:
    """Return the given categories of a panel that have too few units."""
    states = panel.column("state")
    return frozenset(a for a in panel.given_categories if any(states[i] == "few" for i in panel.places(a)))


def _spread(part: RelationReport, writer: Writer) -> Iterator[Paragraph]:
    """Yield the categories that follow the overall distribution."""
    spreads = list(part.found(Spread))
    if spreads:
        panel = next(panel for panel in part.panels if panel.id == spreads[0].panel)
        given = part.wording.side(panel.given)
        items = [writer.words("spread", "item", f=f, given=given) for f in spreads]
        ends = {"lowest": min(f.lowest for f in spreads), "highest": max(f.highest for f in spreads)}
        sentence = writer.say(spreads[0], "observation", items=items, outcome=panel.outcome.plural, **ends)
        yield _led(writer, spreads[0], sentence)


def opposite(part: RelationReport, writer: Writer) -> list[Sentence]:
    """Return the clearest pair with opposite associations in different strata, for the headline.

    Return nothing if both axes have one taxonomy, because pairs of different categories are then compared.
    """
    found = [] if part.diagonal else [f for f in part.found(Heterogeneity) if f.opposite]
    return [writer.say(f, "opposite", **sides_of(part, f.panel)) for f in found]


def _is_counterpart(part: RelationReport, f: Reversal) -> bool:
    """Return whether a pair is rare only because units of one of its categories match, in the same strata.

    If more units match than expected, fewer differ: these are two sides of one fact, and the match is reported.
    """
    pair = f.pairs[0]
    return pair.ratio_within.value < 1 and any(
        change.category in (pair.given, pair.outcome) and set(pair.informative) <= set(change.informative)
        for found in part.found(Composition)
        for change in found.lasting
    )


def _reversal(part: RelationReport, f: Reversal, writer: Writer) -> Paragraph:
    return _led(writer, f, writer.say(f, "observation", c=f.pairs[0], more=f.n_reversed - 1, **sides_of(part, f.panel)))


def gradient(f: Gradient, writer: Writer, *, effect: bool = True) -> list[Sentence]:
    """Return the shares along the order, the direction within strata, and its size (`effect`)."""
    outcome = "columns" if f.side == "rows" else "rows"
    told = [writer.say(f, "observation", given=f.side, outcome=outcome)]
    told += [writer.say(f, "strata")] if f.stratified else []
    return [*told, *([writer.say(f, "effect", p=formats.p_equation("p", f.p), outcome=outcome)] if effect else [])]


def _heterogeneity(part: RelationReport, f: Heterogeneity, writer: Writer) -> Paragraph | None:
    """Return the clearest pair of either kind, except the pair in the headline, and how many more there are.

    None if no pair is left.
    """
    told = bool(f.opposite) and not part.diagonal
    opposite = next(iter(f.opposite[int(told) :]), None)
    # Two odds ratios that look the same in print show no difference.
    graded = next((p for p in f.graded if _is_shown(p)), None)
    sides, told_pairs = sides_of(part, f.panel), []
    if opposite is not None:
        more = f.n_opposite - int(told) - 1
        told_pairs.append(writer.say(f, "observation", c=opposite, first=told, more=more, **sides))
    if graded is not None:
        told_pairs.append(writer.say(f, "graded", c=graded, more=f.n_graded - 1, **sides))
    return _led(writer, f, *told_pairs) if told_pairs else None


def _is_shown(pair: DifferingPair) -> bool:
    """Return whether the odds ratios of the extreme strata look different. All ratios over 100 look the same."""
    lowest, highest = pair.lowest.odds.value, pair.highest.odds.value
    return lowest <= formats.LARGE_ODDS and formats.ratio(lowest) != formats.ratio(highest)


def lists_ratios(part: RelationReport, f: PairAssociations) -> bool:
    """Return whether the text lists the pairs with their ratios. The key findings give shares instead."""
    return not f.null and (f.basis == "crossing" or any(a.is_clear for a in part.found(Activity)))


def _surprises(f: PairAssociations, writer: Writer) -> Paragraph:
    return _led(writer, f, listed_pairs(f, writer))


def listed_pairs(f: PairAssociations, writer: Writer, *, without: Pair | None = None) -> Sentence:
    """Return the pairs above and below expectation, `without` a pair that another sentence describes."""
    sides = {
        name: [writer.words("surprises", "item", c=pair, basis=f.basis) for pair in pairs if pair is not without]
        for name, pairs in (("above", f.above), ("below", f.below))
    }
    return writer.say(f, "observation", more=without is not None, **sides)


def _item(writer: Writer, f: Finding, *blocks: str) -> Paragraph:
    return _led(writer, f, *(writer.say(f, block) for block in blocks))


def is_doubt(part: RelationReport, f: Composition) -> bool:
    """Return whether the headline is an agreement, so that it also names categories that match within strata."""
    story = part.first(Story)
    agrees = story is not None and any(a.id == story.points[0].finding for a in part.found(Agreement))
    return agrees and f.beyond


def _composition(part: RelationReport, f: Composition, writer: Writer) -> Paragraph:
    told = is_doubt(part, f) and len(f.lasting) <= MOST_MATCHING

    def items(
        changes: Sequence[StrataChange], *, first: bool, told: bool = False, most: int = MOST_MATCHING
    ) -> list[str]:
        listed = [
            writer.words("composition", "item", f=f, c=c, first=first and not i, named=not i, told=told)
            for i, c in enumerate(changes[:most])
        ]
        more = len(changes) - len(listed)
        return [*listed, *([f"{formats.small(more)} more"] if more else [])]

    sentences = [] if f.beyond else [writer.say(f, "idle")]
    sentences.append(writer.say(f, "observation", lasting=items(f.lasting, first=True, told=told)))
    if f.faded or f.unsure or f.opposed or (f.untestable and f.lasting):
        first = told or not f.lasting
        rest = {
            "faded": items(f.faded, first=first, most=_REMAINDERS),
            "unsure": items(f.unsure, first=first and not f.faded, most=_REMAINDERS),
        }
        sentences.append(writer.say(f, "others", **rest))
    if is_doubt(part, f):  # the first page has the statement itself
        return Paragraph(tuple(sentences), lead=writer.words("composition", "title", f=f))
    return _led(writer, f, *sentences)


def _isolation(part: RelationReport, writer: Writer) -> Iterator[Paragraph]:
    found = list(part.found(Isolation))
    if not found:
        return
    groups = (
        ([f for f in found if not f.stratum_alone], "several_apart"),
        ([f for f in found if f.stratum_alone], "several"),
    )
    for group, block in groups:
        if len(found) <= 2:
            sentences = [writer.say(f, "observation") for f in group]
        else:
            names, alone = [f.category for f in group], all(f.self_share == 1 for f in group)
            sentences = [writer.say(group[0], block, names=names, alone=alone)] if group else []
        if sentences:
            yield _led(writer, group[0], *sentences, names=[f.category for f in group])


_TELL: Mapping[type[Finding], Callable[[RelationReport, Writer], Iterator[Paragraph]]] = {
    Heterogeneity: lambda part, writer: (
        p for f in part.found(Heterogeneity) if (p := _heterogeneity(part, f, writer)) is not None
    ),
    Reversal: lambda part, writer: (
        _reversal(part, f, writer) for f in part.found(Reversal) if not _is_counterpart(part, f)
    ),
    Gradient: lambda part, writer: (_led(writer, f, *gradient(f, writer)) for f in part.found(Gradient)),
    Composition: lambda part, writer: (_composition(part, f, writer) for f in part.found(Composition)),
    Isolation: _isolation,
    PairAssociations: lambda part, writer: (
        _surprises(f, writer) for f in part.found(PairAssociations) if lists_ratios(part, f)
    ),
    Spread: _spread,
    CategoryBlock: _blocks,
}
"""The text of kinds that combines several findings or depends on the rest of the report."""


def _bare_observations(part: RelationReport, writer: Writer) -> Iterator[Paragraph]:
    levels = [f for f in part.found(PublishedLevels) if not f.is_level and f.n_led]
    tops = [f.top_row.category for f in levels]
    repeated = all(a == b for a, b in pairwise(tops))
    if levels:
        sentences = tuple(writer.say(f, "observation") for f in levels)
        lead = writer.words("levels", "lead", f=levels[0]) if repeated else writer.words("levels", "lead_each")
        yield Paragraph(sentences, lead=lead)
    if clusters := list(part.found(Cluster)):
        yield _led(writer, clusters[0], *(_cluster(f, writer) for f in clusters))
    for f in part.found(PanelContrast):
        yield _item(writer, f, "observation", "meaning", "silent")
    for apart in part.found(IsolatedGroup):
        yield _item(writer, apart, "observation")


def _cluster(f: Cluster, writer: Writer) -> Sentence:
    outside = [writer.words("cluster", "outside", c=cell) for cell in f.outside]
    return writer.say(f, "observation", outside=outside)
