"""The title of a report, which states its first finding, and the deck: topic, measure, source, units and date."""

from __future__ import annotations

from collections.abc import Iterator

from .. import formats
from ..findings.agreement import Activity, Agreement
from ..findings.gradient import Gradient
from ..findings.heterogeneity import Heterogeneity
from ..findings.population import Population
from ..findings.story import Point, Story
from ..findings.surprises import PairAssociations
from .material import RelationReport, point_sides, sides_of
from .model import Document
from .writer import Writer

_NEARLY_ALL, _MOST = 0.9, 0.5
_LONGEST = 120
"""The number of characters of the longest generated title. Longer ones are replaced by the topic."""


def title(part: RelationReport, writer: Writer) -> str | None:
    """Return the first finding of a part as a title, or None if the topic says more."""
    text = _title(part, writer) if part.counted is not None else None
    return text[:1].upper() + text[1:] if text and len(text) <= _LONGEST else None


def _title(part: RelationReport, writer: Writer) -> str | None:
    opposite = None if part.diagonal else next((f for f in part.found(Heterogeneity) if f.opposite), None)
    if opposite is not None:
        return writer.words("front", "opposite", c=opposite.opposite[0], **sides_of(part, opposite.panel))
    story = part.first(Story)
    if story is not None:
        return _of_point(part, story.points[0], writer)
    is_null = any(isinstance(f, PairAssociations) and f.null for f in part.findings)
    return writer.words("front", "nothing") if is_null and part.first(Activity) is None else None


def _of_point(part: RelationReport, point: Point, writer: Writer) -> str | None:
    finding = next(f for f in part.findings if f.id == point.finding)
    if isinstance(finding, Agreement):
        return _of_agreement(finding, writer)
    if isinstance(finding, Gradient) and not finding.null:
        outcome = "columns" if finding.side == "rows" else "rows"
        return writer.words("front", "gradient", f=finding, given=finding.side, outcome=outcome)
    first = next(iter(point.pairs), None)
    if first is None or first.hidden or not first.precise or first.others is None:
        return None
    return writer.words("front", "pair", c=first, **point_sides(point))


def _of_agreement(f: Agreement, writer: Writer) -> str:
    low = f.share.value if f.share.low is None else f.share.low
    amount = "All" if f.share.value == 1 else "Nearly all" if f.share.value >= _NEARLY_ALL else "Most"
    stated = f.share.is_precise_share and f.shows and (f.share.value >= _NEARLY_ALL or low > _MOST)
    return writer.words("front", "agreement", f=f, amount=amount if stated else "")


def deck(part: RelationReport, writer: Writer, document: Document, *, is_topic: bool) -> str:
    """Return the line below the title: topic, measure, source, number of units and date. The topic may be the title."""
    facts = "; ".join(_facts(part, document))
    names = [part.wording.rows.singular.lower(), part.wording.columns.singular.lower()]
    # A topic such as "Age and sex" says no more than the title does.
    says_more = part.counted is None or document.title.lower().rstrip(".") not in (" and ".join(names), names[0])
    topic = document.title if is_topic and says_more else ""
    parts = [topic, _measure(part, writer), facts[:1].upper() + facts[1:]]
    return " ".join(_ended(text) for text in parts if text)


def brief(part: RelationReport, writer: Writer) -> str | None:
    """Return number of units and measure, the deck of a narrow screen; None if the units are not counted."""
    units = _units(part)
    return " ".join(_ended(text) for text in (units, _measure(part, writer)) if text) if units else None


def _ended(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _measure(part: RelationReport, writer: Writer) -> str:
    panel = part.panels[0]
    if part.counted is None:
        return ""
    sides = {"given": part.wording.side(panel.given), "outcome": part.wording.outcome_side(panel)}
    return writer.words("front", "measure", measure=panel.measure, reverse=len(part.panels) > 1, **sides)


def _units(part: RelationReport) -> str:
    counted, unit = part.first(Population), part.wording.unit
    if counted is None:
        return ""
    return f"{formats.count(counted.n_units)} {formats.plural(counted.n_units, unit.singular, unit.plural)}"


def _facts(part: RelationReport, document: Document) -> Iterator[str]:
    if document.subtitle:
        yield document.subtitle.rstrip(".")
    units = _units(part)
    if units:
        yield units
    if document.date is not None:
        yield f"data to {formats.date(document.date, document.language)}"
