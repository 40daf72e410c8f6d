"""The first page: the headline, and the most important statements, each in at most two sentences."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import replace

from .. import formats
from ..cells import Cell, CellRef
from ..findings.agreement import Activity, Agreement
from ..findings.composition import Composition
from ..findings.diagonal import Spread
from ..findings.finding import Finding, slug
from ..findings.gradient import Gradient
from ..findings.heterogeneity import Heterogeneity
from ..findings.overdispersion import Overdispersion
from ..findings.population import Concentration
from ..findings.published import PanelContrast, PublishedLevels
from ..findings.story import Point, Story
from ..findings.surprises import PairAssociations
from ..findings.uneven_coverage import UnevenCoverage
from . import middle
from .material import RelationReport, point_sides
from .model import Block, ItemList, Paragraph, Sentence
from .writer import Writer

MOST = 5
"""Statements on the first page in addition to the headline."""
_RESTS = ".rests"
"""The ending of the id of a sentence about the main influence on a finding."""
_MOSTLY = 0.75
_FEW = 100
"""If there are fewer units than this, the sentence gives their number."""
_DOUBTED = 8
"""The number of pairs that a sentence on uneven coverage lists."""


def headline(part: RelationReport, writer: Writer) -> tuple[Paragraph, ...]:
    """Return the main result in one sentence, and the strongest reason for caution."""
    if part.counted is None:
        return (Paragraph(tuple(_bare(part, writer))),)
    story, activity = part.first(Story), part.first(Activity)
    opposite = middle.opposite(part, writer)
    if story is None:
        # The number of labels per unit alone makes pairs differ from chance, so only this is reported.
        clear = activity is not None and activity.is_clear
        sentences = [*opposite, *([] if clear else _nothing(part, writer, others=bool(opposite)))]
    else:
        sentences = [*opposite, *_told(part, story, story.points[0], writer)]
    return (Paragraph((*sentences, *_doubt(part, story, writer))),)


def observations(part: RelationReport, writer: Writer) -> tuple[Block, ...]:
    """Return the statements after the headline."""
    details = _details(part)
    first = [_shortened(paragraph, details)[0] for paragraph in _statements(part, writer)[0][:MOST]]
    return (ItemList(tuple(first)),) if first else ()


def analysis(part: RelationReport, writer: Writer) -> tuple[Block, ...]:
    """Return the results of each panel, the statements that do not fit on the first page, and the null findings."""
    told, refused = _statements(part, writer)
    details = _details(part)
    cut = [left for paragraph in told[:MOST] if (left := _shortened(paragraph, details)[1]).sentences]
    rest = [*cut, *told[MOST:], *refused]
    blocks: list[Block] = [ItemList(tuple(rest), numbered=False)] if rest else []
    return (*middle.panels(part, writer), *blocks, *middle.nulls(part, writer))


def _statements(part: RelationReport, writer: Writer) -> tuple[list[Paragraph], list[Paragraph]]:
    """Return every statement after the headline, points of the story first, then their limitations; and refusals."""
    story = part.first(Story)
    told = [*_given_strata(part, writer)]
    told += [] if story is None else [_point(part, story, point, writer) for point in story.points[1:]]
    behind = _behind(part, story, writer)
    found = list(middle.others(part, writer))
    first = [_with_clearest(part, of, p, writer) for of, p in found if of not in behind]
    # Without a story the headline contains the clearest pair, unless the headline is about the number of labels.
    in_headline = story is None and not any(activity.is_clear for activity in part.found(Activity))
    whole = {f.id for f in part.found(PairAssociations) if _is_whole(f) and (in_headline or _is_in_block(part, f))}
    said = {sentence.id for paragraph in told for sentence in paragraph.sentences}
    said |= {sentence.id for paragraph in headline(part, writer) for sentence in paragraph.sentences}
    refused = [_without(p, said) for of, p in found if of in behind - whole]
    return [*told, *first], [p for p in refused if p.sentences]


def _without(paragraph: Paragraph, said: Collection[str]) -> Paragraph:
    """Return a paragraph without the sentences that the first page has."""
    return replace(paragraph, sentences=tuple(s for s in paragraph.sentences if s.id not in said))


def _point(part: RelationReport, story: Story, point: Point, writer: Writer) -> Paragraph:
    """Return the statement on a point of the story, after its categories as lead words."""
    finding = next(f for f in part.findings if f.id == point.finding)
    sentences = tuple(_told(part, story, point, writer))
    if point.pairs:
        lead = writer.words("story", "lead", c=point.pairs[0], **point_sides(point))
    else:
        lead = writer.words(finding.kind, "lead", f=finding, names=())
    return Paragraph(sentences, lead=lead)


def _given_strata(part: RelationReport, writer: Writer) -> Iterator[Paragraph]:
    """Yield the categories that match within strata, if the headline is an agreement."""
    f = part.first(Composition)
    if f is not None and middle.is_doubt(part, f):
        names = [writer.words("composition", "named", f=f, c=c, first=not i) for i, c in enumerate(f.lasting)]
        most = middle.MOST_MATCHING
        told = writer.say(f, "doubt", names=names[:most], more=len(names[most:]))
        yield Paragraph((told,), lead=writer.words("composition", "lead", f=f, names=()))


def _of_points(story: Story | None) -> frozenset[str]:
    return frozenset() if story is None else frozenset(point.finding for point in story.points)


def _behind(part: RelationReport, story: Story | None, writer: Writer) -> set[str]:
    """Return the findings that come last: reported already, or unsupported results that a reader may look for."""
    behind = {sentence.id.rpartition(".")[0] for sentence in _doubt(part, story, writer)} | _of_points(story)
    behind |= {f.id for f in part.found(Composition) if middle.is_doubt(part, f)}
    behind |= {f.id for f in part.found(Finding) if not f.leads()}
    # Strata add no news to an agreement that may be chance. For a reported agreement, the headline describes them.
    agrees = any(f.id in _of_points(story) for f in part.found(Agreement))
    behind |= {f.id for f in part.found(Composition) if f.beyond or not agrees}
    # Odds ratios are not for the first page.
    behind |= {f.id for f in part.found(Heterogeneity) if not f.opposite[int(not part.diagonal) :]}
    if story is None:  # the headline has the null result or the clearest pair
        behind |= {f.id for kind in (Spread, PairAssociations) for f in part.found(kind)}
    if any(activity.is_clear for activity in part.found(Activity)):
        behind |= {f.id for f in part.found(PairAssociations)}
    return behind | {f.id for f in part.found(PairAssociations) if _is_in_block(part, f)}


def _is_in_block(part: RelationReport, f: PairAssociations) -> bool:
    """Return whether another finding, such as a block, reports the most frequent crossing pair."""
    pair = f.number().about
    return bool(pair) and part.is_covered("surprises.clearest", *pair)


def _with_clearest(part: RelationReport, of: str, paragraph: Paragraph, writer: Writer) -> Paragraph:
    """Return the statement on crossing units with its clearest pair first, or any other paragraph unchanged."""
    for f in part.found(PairAssociations):
        if f.id == of:
            clearest = writer.say(f, _clearest(f))
            if _is_whole(f):
                return replace(paragraph, sentences=(clearest,))
            without = None if f.leftover else f.clearest
            return replace(paragraph, sentences=(clearest, middle.listed_pairs(f, writer, without=without)))
    return paragraph


def _is_whole(f: PairAssociations) -> bool:
    """Return whether the sentence on the clearest pair is complete, with no other pair to add."""
    return len((*f.above, *f.below)) == 1 and not f.leftover


def _clearest(f: PairAssociations) -> str:
    """Return the block for the clearest pair. A pair among the remaining pairs is not reported as a finding."""
    return "leftover" if f.leftover else "clearest"


def _details(part: RelationReport) -> frozenset[str]:
    """Return the ids of sentences that their kinds never put on the first page."""
    return frozenset(f"{f.id}.{block}" for f in part.findings for block in f.details())


def _shortened(paragraph: Paragraph, details: Collection[str]) -> tuple[Paragraph, Paragraph]:
    """Return the first-page part of a statement and the rest: one sentence, and its main influence or another."""
    first, *more = paragraph.sentences
    short = [s for s in more if s.id not in details]
    chosen = next((s for s in short if s.id.endswith(_RESTS)), short[0] if short else None)
    rest = tuple(sentence for sentence in more if sentence is not chosen)
    told = (first,) if chosen is None else (first, chosen)
    return replace(paragraph, sentences=told), replace(paragraph, sentences=rest)


def _bare(part: RelationReport, writer: Writer) -> Iterator[Sentence]:
    yield from (writer.say(levels, "abstract") for levels in part.found(PublishedLevels))
    if (contrast := part.first(PanelContrast)) is not None:
        yield writer.say(contrast, "abstract")


def _nothing(part: RelationReport, writer: Writer, *, others: bool) -> Iterator[Sentence]:
    """Yield that no pair clearly differs from chance among the testable pairs, or the results for crossing units."""
    if (agreement := part.first(Agreement)) is not None:
        yield writer.say(agreement, "chance", all_units=agreement.n_labelled == part.panels[0].n_units)
    for found in (f for f in part.findings if isinstance(f, PairAssociations)):
        if found.null:
            yield writer.say(
                found, "nothing", others=others, power=_power(found, writer), overall=_overall(part, found)
            )
        else:
            yield writer.say(found, _clearest(found))


def _overall(part: RelationReport, f: PairAssociations) -> Cell | None:
    """Return the cell that differs most from chance over all units, if no cell does within strata; else None."""
    panel = next(panel for panel in part.panels if panel.id == f.panel)
    if f.basis != "strata" or panel.same_taxonomy:
        return None
    clear = [
        cell
        for cell in panel.cells
        if cell.lift and cell.lift_low and cell.lift_high and not cell.lift_low <= 1 <= cell.lift_high
    ]
    return max(clear, key=lambda cell: abs(math.log(cell.lift or 1)), default=None)


def _power(f: PairAssociations, writer: Writer) -> str:
    """Return the size of association that would have been found, in words."""
    shown = [d for d in f.detectable if d.points is not None]
    points = [_rounded_up(d.points) for d in shown if d.points is not None]
    hidden = [d.size for d in f.detectable if d.points is None]
    one = points[0] if len(set(points)) == 1 and not hidden else ""
    return writer.words("surprises", "power", f=f, shown=shown, points=points, hidden=hidden, one=one)


def _rounded_up(points: float) -> str:
    """Return a difference in percentage points, rounded up, because a smaller one is found less often.

    >>> [_rounded_up(points) for points in (8.3, 9.0, 0.42)]
    ['9', '9', '0.5']
    """
    digits = 0 if points >= 1 else 1
    return formats.decimal(math.ceil(round(points * 10**digits, 6)) / 10**digits, digits)


def _doubt(part: RelationReport, story: Story | None, writer: Writer) -> Iterator[Sentence]:
    """Yield that rows are groups, the pairs that uneven coverage could produce, and the strongest other caution."""
    yield from (writer.say(f, "doubt") for f in part.found(Overdispersion) if not f.null)
    yield from (_uneven_coverage(part, f, writer) for f in part.found(UnevenCoverage) if f.pairs)
    composition = part.first(Composition)
    if composition is not None and middle.is_doubt(part, composition):
        return  # the first statement after the headline
    if (activity := part.first(Activity)) is not None:
        yield writer.say(activity, "doubt")
    elif story is not None and (concentration := part.first(Concentration)) is not None:
        yield writer.say(concentration, "doubt")


def _uneven_coverage(part: RelationReport, f: UnevenCoverage, writer: Writer) -> Sentence:
    """Return the reported pairs that uneven coverage alone could produce."""
    panel = next(panel for panel in part.panels if panel.id == f.panel)
    items = f.number().about
    listed = () if f.n_named == len(items) > 1 else items
    # Profiles consist of associations. If all of these are in doubt, similar profiles are too.
    similar = f.n_named == len(items) and any(of.describes_pairs for of in part.found(Finding))
    return writer.say(
        f,
        "doubt",
        c=f.most_uneven,
        items=listed[:_DOUBTED],
        more=len(listed[_DOUBTED:]),
        similar=similar,
        given=part.wording.side(panel.given),
        outcome=part.wording.outcome_side(panel),
    )


def _told(part: RelationReport, story: Story, point: Point, writer: Writer) -> Iterator[Sentence]:
    finding = next(f for f in part.findings if f.id == point.finding)
    if isinstance(finding, Agreement):
        yield from _agreement(part, finding, writer)
    elif isinstance(finding, Gradient):
        yield from middle.gradient(finding, writer, effect=False)
    elif isinstance(finding, PairAssociations):
        yield from _pairs(part, story, point, writer)
    else:
        yield from middle.paragraph_of(finding, writer).sentences


def _agreement(part: RelationReport, finding: Agreement, writer: Writer) -> Iterator[Sentence]:
    if not finding.shows and finding.times is not None:
        yield writer.say(finding, "meeting")
        return
    yield writer.say(finding, "told", all_units=finding.n_labelled == part.panels[0].n_units)
    several = len(part.panels[0].given_categories) > 2  # of two, any unit that differs has both
    # A bridge is a separate statement, and a category as frequent as expected is not worth a statement.
    told = finding.pivot is not None and part.is_covered("agreement.pivot", finding.pivot)
    if not told and several and finding.n_differ > 1 and finding.n_pivot >= _MOSTLY * finding.n_differ:
        yield writer.say(finding, "pivot")


def _pairs(part: RelationReport, story: Story, point: Point, writer: Writer) -> Iterator[Sentence]:
    """Yield the pair of a category that differs most, then the other pairs of the category."""
    sides = point_sides(point)
    first, name = point.pairs[0], f"story.{point.side}-{slug(point.category or '')}"
    turned = "-turned" if point.turned else ""
    own, *others = [tuple(_refs(part, pair.row, pair.column)) for pair in point.pairs]
    told = writer.say(story, "only_within" if first.hidden else "pair", c=first, few=first.n_given < _FEW, **sides)
    yield replace(told, id=name, cells=own)
    if first.hidden:
        yield replace(writer.say(story, "over_all", c=first, **sides), id=f"{name}-over-all", cells=own)
    if story.stratified and not first.hidden:
        told = writer.say(story, "within", c=first, **sides)
        yield replace(told, id=f"{name}-within", cells=own)
    if others:
        also = _within if story.stratified else _also
        # The same share, turned, needs no name unless a sentence is between.
        named = story.stratified or not point.turned
        told = also(story, point, writer, point.category if named else None)
        yield replace(told, id=f"{name}-also{turned}", cells=sum(others, ()))


def _within(story: Story, point: Point, writer: Writer, about: str | None) -> Sentence:
    """Return how often the other pairs of the category `about` occur within strata."""
    more = point.pairs[1:]
    some, never = [c for c in more if c.n_joint], [c for c in more if not c.n_joint]
    if point.turned:
        return writer.say(story, "within_also_turned", some=some, never=never, about=about, **point_sides(point))
    more_often = [c for c in some if (c.within or 0) > 1]
    less_often = [c for c in some if (c.within or 0) <= 1]
    names = [c.outcome for c in never]
    return writer.say(
        story, "within_also", more=more_often, fewer=less_often, never=names, about=about, **point_sides(point)
    )


def _also(story: Story, point: Point, writer: Writer, about: str | None) -> Sentence:
    """Return how often the other pairs of a category occur, against units without it. `about` is as in `_within`.

    In the reverse direction, return how many of the other categories of a point include its category.
    """
    more = point.pairs[1:]
    if point.turned:
        return writer.say(story, "also_turned", pairs=more, about=about, **point_sides(point))
    there = [c for c in more if c.n_joint]
    above = [c for c in there if c.times is None or c.times > 1]
    below = [c for c in there if not (c.times is None or c.times > 1)]
    never = [c for c in more if not c.n_joint]
    due = [formats.expected(c.expected) for c in never]
    return writer.say(story, "also", more=above, fewer=below, never=never, due=due, about=about, **point_sides(point))


def _refs(part: RelationReport, row: str, column: str) -> Iterator[CellRef]:
    for panel in part.panels:
        yield CellRef(panel.id, *((row, column) if panel.given == part.wording.rows else (column, row)))
