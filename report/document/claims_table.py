"""The appendix's table of claims: what authored text states of the data, and how easily it would not hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from .. import formats
from ..claims.verdicts import Fragility, Judged, Operand, Verdict, rounded
from .model import Column, Document, Section, TableBlock, TableCell
from .writer import Writer

MOST_CLAIMS = 30
"""More stand in the data file alone."""

_MOST_NUMBERS = 2
_COMMA = re.compile(r",(?=\S)")


def with_claims(document: Document, judged: Judged, writer: Writer) -> Document:
    """Return the document with the table of its claims at the end of the appendix; as it was without claims."""
    claims = [verdict for verdict in judged.verdicts if verdict.kind == "claim"]
    if not claims:
        return document
    table = _table(claims, writer)
    sections = list(document.sections)
    place = next((i for i, section in enumerate(sections) if section.id.split(".")[-1] == "appendix"), None)
    if place is None:
        sections.append(Section("appendix", writer.words("headings", "appendix"), (table,)))
    else:
        sections[place] = replace(sections[place], blocks=(*sections[place].blocks, table))
    return replace(document, sections=tuple(sections))


def _table(claims: list[Verdict], writer: Writer) -> TableBlock:
    n_resamples = max((c.fragility.n_resamples for c in claims if c.fragility), default=0)
    headers = ("claim", "place", "numbers", "without")
    columns = [Column(writer.words("claims", f"{name}_header")) for name in headers]
    if n_resamples:
        columns.append(Column(writer.words("dependence", "drawn_again", n=n_resamples), "right"))
    return TableBlock(
        id="claims",
        caption=writer.words("claims", "caption", n_more=len(claims) > MOST_CLAIMS),
        columns=tuple(columns),
        rows=tuple(tuple(_cells(claim, writer, drawn=n_resamples > 0)) for claim in claims[:MOST_CLAIMS]),
        source="data/claims.json",
    )


def _cells(claim: Verdict, writer: Writer, *, drawn: bool) -> Iterator[TableCell]:
    # With spaces after commas, so that it can be broken into lines.
    yield TableCell(_COMMA.sub(", ", claim.predicate) + (f", {claim.where}" if claim.where else ""))
    yield TableCell(
        writer.words("claims", "place", file=claim.file.rsplit("/", 1)[-1].removesuffix(".md"), n=claim.line)
    )
    numbers = [_number(operand) for operand in claim.operands[:_MOST_NUMBERS]]
    more = len(claim.operands) - len(numbers)
    yield TableCell("; ".join(numbers) + (f"; {formats.DASH}" if more else "") if numbers else formats.DASH)
    word = "" if claim.holds else "otherwise" if claim.has_otherwise else "no"
    yield TableCell(writer.words("claims", word) if word else _without(claim.fragility, writer))
    if drawn:
        yield TableCell(_drawn(claim.fragility))


def _number(operand: Operand) -> str:
    if operand.value is None:
        return formats.DASH
    whole = operand.value == int(operand.value) and operand.low is None
    value = formats.count(int(operand.value)) if whole and operand.value >= 0 else rounded(operand.value)
    if operand.low is None or operand.high is None:
        return value
    return f"{value} ({rounded(operand.low)} to {rounded(operand.high)})"


def _without(found: Fragility | None, writer: Writer) -> str:
    """Return what a claim does not hold without; a dash where nothing could be left out."""
    if found is None or not found.without:
        return formats.DASH
    lost = [writer.words("dependence", "thing", o=one, with_comma=False) for one in found.without if not one.holds]
    return "; ".join(lost) or writer.words("claims", "nothing")


def _drawn(found: Fragility | None) -> str:
    if found is None or found.fails is None:
        return formats.DASH
    return formats.count(round(found.fails * found.n_resamples))
