"""The history section: the figure over time, the shares that moved, and the part due to the mix of strata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ... import formats
from ...cells import Estimate
from ...document.material import OverTime, RelationReport
from ...document.model import Block, Column, FigureBlock, Paragraph, Sentence, TableBlock, table
from ...document.writer import Writer, position
from .trend import FOUND, ShareTrend, Trend

MOST_ROWS = 12
_TOLD = 2
"""Maximum number of shares named in a sentence in addition to the share with numbers."""

_BREAKS = 3


@dataclass(frozen=True)
class Pictures:
    """The pictures of a series: `over_time` shows the figure at the points `shown`, `lines` the trends, if any.

    Both are ids of figures of the document. There is no picture of a figure with too many categories.
    """

    over_time: str | None
    shown: tuple[str, ...]
    over_time_alt: str
    lines: str | None = None
    lines_alt: str = ""


def over_time(part: RelationReport, found: Trend, shown: Pictures, writer: Writer) -> OverTime:
    """Return the report section for a series."""
    observations: tuple[Paragraph, ...] = ()
    if not found.null and (found.trends or found.mixed):
        said = writer.say(found, "observation", **of_moved(part, found, found.moved[0], writer))
        observations = (Paragraph((said,), lead=writer.words(found.kind, "lead", f=found)),)
    named = {"mix": any(m.mix is not None for m in found.moved), "missing": any(m.bounds for m in found.moved)}
    return OverTime(
        observations=observations,
        blocks=_blocks(part, found, shown, writer),
        references=tuple(name for name, is_named in named.items() if is_named),
    )


def _blocks(part: RelationReport, found: Trend, shown: Pictures, writer: Writer) -> tuple[Block, ...]:
    """Return the content of a series: sentences, pictures and a table."""
    blocks: list[Block] = [Paragraph(tuple(_told(part, found, writer)))]
    if shown.over_time is not None:
        told = writer.tell("trend", "over_time_caption", shown=shown.shown, n=len(found.points), f=found)
        caption = Sentence(f"caption.{shown.over_time}", told.spans)
        blocks.append(FigureBlock(shown.over_time, (caption,), shown.over_time_alt))
    if shown.lines is not None:
        strata = formats.listing(found.strata)
        level = formats.percent(part.inference.level)
        caption = writer.tell("trend", "lines_caption", strata=strata, level=level, f=found)
        blocks.append(FigureBlock(shown.lines, (Sentence(f"caption.{shown.lines}", caption.spans),), shown.lines_alt))
    if found.moved:
        blocks.append(_table(part, found, writer))
    return tuple(blocks)


def _told(part: RelationReport, f: Trend, writer: Writer) -> list[Sentence]:
    """Return sentences on the series, on changes due to mix, and on trends or their absence."""
    said = [writer.say(f, "span")]
    if f.n_undated:
        said.append(writer.say(f, "undated", t=part.thresholds))
    if f.source == "snapshots":
        said.append(writer.say(f, "counted", breaks=_some(f.breaks, _BREAKS)))
    if f.mixed:
        said += _of_mix(part, f, writer)
    if f.trends:
        said.append(writer.say(f, "trend", **of_moved(part, f, f.trends[0], writer)))
        said += _others(part, f, f.trends, "trend_others", writer)
        if not f.strata:
            said.append(writer.say(f, "unstratified"))
        if f.trends[0].bounds is not None:
            said.append(writer.say(f, "trend_bounds", **_of_coverage(part, f, f.trends[0], writer)))
    if f.by_coverage:
        said.append(writer.say(f, "coverage", **_of_coverage(part, f, f.by_coverage[0], writer)))
        said += _others(part, f, f.by_coverage, "coverage_others", writer)
    unsettled = [m for m in f.moved if m.verdict == "undated"]
    if unsettled:
        said.append(writer.say(f, "unsettled", **of_moved(part, f, unsettled[0], writer)))
    if not f.moved:
        least, sure = (_points(share, writer) for share in (part.thresholds.min_change, FOUND))
        grouped = bool(part.wording.group_names)
        said.append(writer.say(f, "nothing", points=least, sure=sure, grouped=grouped))
    return said


def _of_mix(part: RelationReport, f: Trend, writer: Writer) -> list[Sentence]:
    """Return sentences on a change due to the mix of strata: the strata, and the change within them."""
    came, went = (_some(names, _TOLD) for names in (f.came, f.went))
    moves = writer.words("trend", "strata_move", names=formats.listing(f.strata), came=came, went=went)
    words = of_moved(part, f, f.mixed[0], writer)
    said = [writer.say(f, "mix", strata_move=moves, **words)]
    if words["within"] is not None:
        said.append(writer.say(f, "mix_within", **words))
    return said + _others(part, f, f.mixed, "mix_others", writer)


def _of_coverage(part: RelationReport, f: Trend, m: ShareTrend, writer: Writer) -> dict[str, object]:
    """Return a change in words, with the change of coverage and the bounds that it allows."""
    first, last = m.counted or (0.0, 0.0)
    given = None
    if m.counted_of == "given":
        panel = next(panel for panel in part.panels if panel.id == m.panel)
        given = part.wording.side(panel.given)
    low, high = m.bounds or (0.0, 0.0)
    return of_moved(part, f, m, writer) | {
        "given": given,
        "covered": (first, last),
        "bounds": points_range(Estimate(m.change.value, low, high), writer),
    }


def _others(
    part: RelationReport, f: Trend, moved: tuple[ShareTrend, ...], block: str, writer: Writer
) -> list[Sentence]:
    """Return a sentence that names the other shares that moved, or none if there are none."""
    others = _some([subject(part, m, writer) for m in moved[1:]], _TOLD)
    return [writer.say(f, block, others=others)] if others else []


def _some(names: Sequence[str], most: int) -> list[str]:
    """Return the first few names, and the number of the others."""
    more = len(names) - most
    return [*names[:most], *([f"{formats.small(more)} more"] if more > 0 else [])]


def of_moved(part: RelationReport, f: Trend, m: ShareTrend, writer: Writer) -> dict[str, object]:
    """Return a share that moved in words and numbers, for use in sentences."""
    first, last = _shares(m)
    within = m.within
    latest = None if m.latest is None else formats.percent(m.latest.value)
    of_mix = None if m.mix is None else _mix(m.mix, m.change.value)
    return {
        "m": m,
        "subject": subject(part, m, writer),
        "rose": "rose" if m.change.value > 0 else "fell",
        "move": writer.words("trend", "move", f=f, m=m, first=first, last=last, latest=latest),
        "between": writer.words("trend", "between", f=f, m=m),
        "by": _points(abs(m.change.value), writer),
        "interval": points_range(m.change, writer, sign=1 if m.change.value > 0 else -1),
        "of_mix": of_mix,
        "within": None if within is None else _points(within.value, writer, _widest(within)),
        "within_interval": None if within is None else points_range(within, writer),
        "strata": formats.listing(part.wording.stratum_names),
    }


def _shares(m: ShareTrend) -> tuple[str, str]:
    """Return both shares in words: as counts if one is too uncertain for a percentage."""
    if m.precise:
        return formats.percent(m.shares[0]), formats.percent(m.shares[1])
    first, last = (f"{formats.count(part)} of {formats.count(n)}" for part, n in zip(m.part, m.n, strict=True))
    return first, last


def _mix(mix: float, change: float) -> str:
    """Return the part of a change due to mix with its verb, in the direction of the change."""
    share = mix / change
    if abs(share - 1) < 0.005:
        return "all are"
    number = formats.decimal(100 * abs(change) * share, _digits(change))
    return f"{number} {'is' if number == '1' else 'are'}"


def _digits(number: float) -> int:
    """Return the number of decimals for points: none for one point or more."""
    return 0 if abs(number) >= 0.01 else 1


def _widest(e: Estimate) -> float:
    """Return the number or interval end with the largest absolute value."""
    return max(abs(number) for number in (e.value, e.low, e.high) if number is not None)


def _points(share: float, writer: Writer, like: float | None = None) -> str:
    """Return a share in points, with the decimals of `like` (of the share itself if None)."""
    digits = _digits(share if like is None else like)
    return writer.words("trend", "points", number=formats.decimal(100 * share, digits))


def points_range(e: Estimate, writer: Writer, sign: int = 1) -> str | None:
    """Return the ends of an interval in points, reversed if `sign` is negative, or None if there is no interval."""
    if e.low is None or e.high is None:
        return None
    low, high = sorted((100 * sign * e.low, 100 * sign * e.high))
    digits = _digits(max(abs(low), abs(high)) / 100)
    texts = [formats.decimal(round(end, digits) + 0.0, digits) for end in (low, high)]
    return writer.words("trend", "range", low=texts[0], high=texts[1])


def subject(part: RelationReport, m: ShareTrend, writer: Writer) -> str:
    """Return the subject of a sentence about a share that moved, such as "the share of CV models"."""
    return _words(part, m, writer, "")


def name_of(part: RelationReport, m: ShareTrend, writer: Writer) -> str:
    """Return the name of a share that moved, for a table or the end of a line."""
    return _words(part, m, writer, "_name")


def _words(part: RelationReport, m: ShareTrend, writer: Writer, ending: str) -> str:
    if m.about == "agreement":
        return writer.words("trend", f"agreement{ending}")
    if m.about == "category":
        return writer.words("trend", f"category{ending}", side=m.side, category=m.outcome)
    panel = next(panel for panel in part.panels if panel.id == m.panel)
    of_all = not ending and panel.measure.name != "conditional"
    return writer.words(
        "trend",
        "cell_of_all" if of_all else f"cell{ending}",
        given=m.given,
        outcome=m.outcome,
        givens=panel.given.plural,
        outcomes=panel.outcome.plural,
        sides=(part.wording.side(panel.given), part.wording.outcome_side(panel)),
        place=position(part.in_figure, panel.id),
    )


def _table(part: RelationReport, f: Trend, writer: Writer) -> TableBlock:
    rows = f.moved[:MOST_ROWS]
    split = any(m.mix is not None for m in rows)
    headers = ["share", "since", "first", "last", "change", *(["mix"] if split else []), "verdict"]
    left = {"share", "since", "verdict"}
    return table(
        part.table_id("history"),
        writer.words("trend", "caption", f=f, more=len(f.moved) - len(rows)),
        (Column(writer.words("trend", f"{name}_header", f=f), "left" if name in left else "right") for name in headers),
        (_row(part, m, writer, split=split) for m in rows),
    )


def _row(part: RelationReport, m: ShareTrend, writer: Writer, *, split: bool) -> tuple[str, ...]:
    first, last = _shares(m)
    digits = _digits(m.change.value)
    change = formats.decimal(100 * m.change.value, digits)
    ends = points_range(m.change, writer)
    mix = formats.DASH if m.mix_share is None else formats.decimal(100 * (m.mix or 0.0) + 0.0, digits)
    return (
        name_of(part, m, writer),
        m.since,
        f"{first} of {formats.count(m.n[0])}" if m.precise else first,
        f"{last} of {formats.count(m.n[1])}" if m.precise else last,
        f"{change} ({ends})" if ends else change,
        *([mix] if split else []),
        writer.words("trend", "verdict", verdict=m.verdict),
    )
