"""The appendix's table of all findings: what each is about, its number, its strength, and those not found."""

from __future__ import annotations

from collections.abc import Iterator

from .. import formats
from ..findings.finding import Finding, KeyNumber
from ..prose.writer import Writer, position
from .material import Part
from .model import Column, TableBlock, TableCell

MOST_FINDINGS = 30
"""More stand in the data file alone."""

_NAMED = 3


def findings_table(part: Part, writer: Writer) -> Iterator[TableBlock]:
    """Yield the table of a part's findings in the report's order, null ones too; nothing where there are none."""
    if not part.findings:
        return
    headers = ("finding", "about", "number", "strength")
    yield TableBlock(
        id=f"{part.figure}-{part.panels[0].relation}-findings",
        caption=writer.words("appendix", "findings_caption", n_more=len(part.findings) > MOST_FINDINGS),
        columns=tuple(Column(writer.words("appendix", f"{name}_header")) for name in headers),
        rows=tuple(_row(part, finding, writer) for finding in part.findings[:MOST_FINDINGS]),
        source="data/findings.json",
    )


def _row(part: Part, finding: Finding, writer: Writer) -> tuple[TableCell, ...]:
    found = finding.number()
    strength = "null" if finding.null else finding.strength
    return (
        TableCell(writer.words("appendix", f"finding_{finding.kind}", diagonal=part.diagonal, f=finding)),
        TableCell(_about(part, finding, found, writer)),
        TableCell(formats.DASH if found is None or found.value is None else _number(found)),
        TableCell(formats.DASH if strength is None else writer.words("appendix", f"strength_{strength}")),
    )


def _about(part: Part, finding: Finding, found: KeyNumber | None, writer: Writer) -> str:
    """Return the panel, where a finding is about one, and the categories or the item."""
    panel = getattr(finding, "panel", None)
    place = position(part.in_figure, panel) if isinstance(panel, str) else ""
    names = () if found is None else found.about
    shown = [*names[:_NAMED], *([f"{formats.small(len(names) - _NAMED)} more"] if len(names) > _NAMED else [])]
    words = writer.words("appendix", "about", place=place, names=shown)
    return words or formats.DASH


def _number(found: KeyNumber) -> str:
    value, low, high = found.value or 0, found.low, found.high
    if found.scale == "ratio":
        text = formats.ratio(value)
        return text if low is None or high is None else f"{text} ({formats.ratio_range(low, high)})"
    if found.scale == "value":
        text = formats.value(value)
        return text if low is None or high is None else f"{text} ({formats.value(low)} to {formats.value(high)})"
    text = formats.percent(value)
    return text if low is None or high is None else f"{text} ({formats.percent_range(low, high)})"
