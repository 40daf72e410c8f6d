"""Verdicts on claims: data/claims.json, and the table of the appendix."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from ... import formats
from ...document.model import Download, TableBlock, table
from ...document.writer import Writer
from ...renderers.plain import Plain, plain, plain_mapping
from .verdicts import JudgedClaims, Operand, Verdict, rounded

CLAIMS_SCHEMA = "diptych-claims/1"
CLAIMS_FILE = "data/claims.json"


def claims_file(judged: JudgedClaims) -> Download:
    """Return data/claims.json: claims with their places, numbers and verdicts, unbound statements, and the coverage."""
    content = {
        "schema": CLAIMS_SCHEMA,
        "coverage": plain(judged.coverage),
        "n_values": judged.n_values,
        "claims": [_entry(verdict) for verdict in judged.verdicts],
        "unbound": [plain(found) for found in judged.unbound],
    }
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1)
    return Download(CLAIMS_FILE, "Claims of the authored text", f"{text}\n".encode("utf-8", "replace"))


def _entry(verdict: Verdict) -> Plain:
    return plain_mapping(
        {
            "kind": verdict.kind,
            "file": verdict.file,
            "line": verdict.line,
            "column": verdict.column,
            "predicate": verdict.predicate,
            "where": verdict.where or None,
            "holds": verdict.holds,
            "reason": verdict.reason or None,
            "otherwise": verdict.has_otherwise,
            "values": verdict.operands,
            "cells": verdict.cells,
        }
    )


MOST_CLAIMS = 30
"""Maximum number of claims in the table. The data file lists all."""

_MOST_NUMBERS = 2
_COMMA = re.compile(r",(?=\S)")


def claims_table(judged: JudgedClaims, writer: Writer) -> TableBlock | None:
    """Return the table of the appendix, or None without claims."""
    claims = [verdict for verdict in judged.verdicts if verdict.kind == "claim"]
    if not claims:
        return None
    return table(
        "claims",
        writer.words("claims", "caption", n_more=len(claims) > MOST_CLAIMS),
        [writer.words("claims", f"{name}_header") for name in ("claim", "place", "numbers", "truth")],
        (_cells(claim, writer) for claim in claims[:MOST_CLAIMS]),
        source=CLAIMS_FILE,
    )


def _cells(claim: Verdict, writer: Writer) -> Iterator[str]:
    # With spaces after commas, so that it can be broken into lines.
    yield _COMMA.sub(", ", claim.predicate) + (f", {claim.where}" if claim.where else "")
    yield writer.words("claims", "place", file=claim.file.rsplit("/", 1)[-1].removesuffix(".md"), n=claim.line)
    numbers = [_number(operand) for operand in claim.operands[:_MOST_NUMBERS]]
    more = [formats.DASH] if len(claim.operands) > len(numbers) else []
    yield "; ".join([*numbers, *more]) or formats.DASH
    yield writer.words("claims", "yes" if claim.holds else "otherwise" if claim.has_otherwise else "no")


def _number(operand: Operand) -> str:
    found = operand.estimate
    if found is None:
        return formats.DASH
    whole = found.value == int(found.value) and found.low is None
    value = formats.count(int(found.value)) if whole and found.value >= 0 else rounded(found.value)
    return formats.with_ends(value, found.low, found.high, rounded)
