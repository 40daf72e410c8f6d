"""What became of the claims of authored text, as data: claims.json for people, JUnit XML for build servers."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

from ..claims.verdicts import Judged, Verdict
from .escape import clean
from .plain import Plain, plain, plain_mapping

SCHEMA = "diptych-claims/1"

Files = dict[str, bytes]


def claims_file(judged: Judged) -> Files:
    """Return data/claims.json: every claim with its place, numbers and truth, what is unbound, and the coverage."""
    content = {
        "schema": SCHEMA,
        "coverage": plain(judged.coverage),
        "n_values": judged.n_values,
        "claims": [_entry(verdict) for verdict in judged.verdicts],
        "unbound": [plain(found) for found in judged.unbound],
    }
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1)
    return {"data/claims.json": f"{text}\n".encode("utf-8", "replace")}


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
            "fragility": verdict.fragility,
        }
    )


def junit_xml(judged: Judged) -> bytes:
    """Return claims as a JUnit test suite: a claim is a test case, a false one without `otherwise` a failure.

    A value that cannot be given is a failure too. Without times, so that the same claims give the same bytes.
    """
    false = [verdict for verdict in judged.verdicts if verdict.fails]
    numbers = {"tests": str(len(judged.verdicts)), "failures": str(len(false)), "errors": "0", "skipped": "0"}
    root = ET.Element("testsuites", {"name": "diptych claims", **numbers})
    suite = ET.SubElement(root, "testsuite", {"name": "claims", **numbers})
    for verdict in judged.verdicts:
        name = verdict.predicate + (f", with {verdict.where}" if verdict.where else "")
        case = ET.SubElement(
            suite,
            "testcase",
            {
                "classname": clean(verdict.file),
                "name": clean(f"{verdict.line}:{verdict.column} {name}"),
                "file": clean(verdict.file),
                "line": str(verdict.line),
            },
        )
        if verdict.fails:
            failure = ET.SubElement(case, "failure", {"message": clean(verdict.message), "type": verdict.kind})
            failure.text = clean(verdict.reason)
    ET.indent(root, " ")
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"
