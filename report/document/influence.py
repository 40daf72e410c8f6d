"""Sentences on the largest contributor to a finding: an item, a label, a stratum or a group."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from .. import formats
from ..findings.finding import Finding
from ..findings.kinds import STATEMENTS
from ..findings.robustness import HeadlineInfluence, Omission, Outcome
from ..findings.statements import NO_CATEGORY, Headline
from .material import RelationReport
from .model import Sentence
from .writer import Writer

_HALF = 0.5
"""A ratio of logarithms of lift. A pair that keeps at least this share does not depend on the omitted level."""

_EXACT = {formats.percent(0): "none", formats.percent(1): "all"}


def rests(
    part: RelationReport,
    finding: Finding,
    writer: Writer,
    pair: tuple[str, str] | None = None,
    *,
    only_changes: bool = False,
) -> tuple[Sentence, ...]:
    """Return a sentence about a finding that changes without its largest contributor, or nothing.

    `pair`: only statements about this row and column. These may be unchanged and still come mostly from one item.
    `only_changes`: leave out statements that cannot be tested without the contributor.
    """
    lines = [
        (line, omission)
        for _, line in part.resting(finding)
        if (omission := _deciding(line)) is not None
        and _is_about(line, pair)
        and not (only_changes and omission.outcome.stays == "gone")
    ]
    if not lines:
        return () if pair is None else tuple(_mostly(part, finding, writer, pair))
    items = [
        writer.words("dependence", "item", statement=writer.statement(line.headline), thing=thing_of(o, writer))
        for line, o in lines
    ]
    line, omission = lines[0]
    sentence = writer.tell(
        "dependence",
        "rests",
        items=items,
        o=omission,
        thing=thing_of(omission, writer, with_comma=True),
        about=line.headline.question.about,
        value=_exactly(value_of(line.headline, omission.outcome)),
        other=other_category(line.headline, omission.outcome),
        names=line.headline.question.categories,
    )
    return (Sentence(f"{finding.id}.rests", sentence.spans, line.headline.question.cells),)


def _mostly(part: RelationReport, finding: Finding, writer: Writer, pair: tuple[str, str]) -> Iterator[Sentence]:
    """Yield a sentence about the main contributor to a pair that is unchanged without it, if there is one."""
    for dependence, line in part.resting(finding):
        carrier = dependence.carrier(line)
        if carrier is not None and _is_about(line, pair):
            thing = thing_of(carrier, writer, with_comma=True)
            value = value_of(line.headline, carrier.outcome)
            sentence = writer.tell("dependence", "mostly", o=carrier, thing=thing, value=value)
            yield Sentence(f"{finding.id}.rests", sentence.spans, line.headline.question.cells)
            return


def _is_about(line: HeadlineInfluence, pair: tuple[str, str] | None) -> bool:
    """Return whether a line is about a pair, in either order. Any line is about None."""
    return pair is None or line.headline.question.categories in (pair, pair[::-1])


def _deciding(line: HeadlineInfluence) -> Omission | None:
    """Return the omission that changes a headline, unless the headline only becomes less certain."""
    return replace(line, omissions=tuple(o for o in line.omissions if not _only_slips(line.headline, o))).decisive


def _only_slips(headline: Headline, omission: Omission) -> bool:
    """Return whether the omission leaves the result the same, with less certainty.

    Without one stratum, such as the largest, a pair is still at least half as far from chance, but has fewer units.
    """
    before, left = headline.answer.value or 0, omission.outcome.value or 0
    if headline.question.about == "surprise" and omission.by == "stratum" and omission.outcome.word == "neither":
        return min(before, left) > 0 and math.log(left) / math.log(before) >= _HALF
    return False


def thing_of(omission: Omission | None, writer: Writer, *, with_comma: bool = False) -> str:
    """Return "package timm", or "package, timm" for use after "one"."""
    return "" if omission is None else writer.words("dependence", "thing", o=omission, with_comma=with_comma)


def value_of(headline: Headline, outcome: Outcome) -> str:
    """Return a headline's number in the format of its kind, empty if there is none."""
    if outcome.value is None:
        return ""
    scale = STATEMENTS[headline.question.about].scale
    if scale == "ratio" and outcome.value > formats.LARGE_ODDS:
        return f"over {formats.count(formats.LARGE_ODDS)}"
    return formats.on_scale(outcome.value, scale)


def _exactly(value: str) -> str:
    """Return a number for a sentence, with words for none and all."""
    return _EXACT.get(value, value)


def other_category(headline: Headline, outcome: Outcome) -> str:
    """Return the category that replaces the headline's category, empty if none does."""
    named = STATEMENTS[headline.question.about].names and outcome.stays == "changes"
    return str(outcome.word) if named and outcome.word not in NO_CATEGORY else ""
