"""Verdicts on claims: data/claims.json."""

from __future__ import annotations

import json

from ...document.model import Download
from ...renderers.plain import Plain, plain, plain_mapping
from .verdicts import JudgedClaims, Verdict

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
