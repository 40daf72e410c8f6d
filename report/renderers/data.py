"""The data files of a report: panels, coverage, labels and findings for people who go on working with them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import cast

from ..cells import Panel
from ..coverage import Coverage, SideCoverage
from ..document.evidence import Evidence
from ..findings.finding import Finding
from ..taxonomy.items import LabelCount
from .plain import Plain, plain
from .results_json import finding_entry
from .tables import Field, csv_bytes, panel_csv

Files = dict[str, bytes]


def panel_files(panels: Iterable[Panel]) -> Files:
    """Return data/<panel>.csv of each panel."""
    return {f"data/{panel.id}.csv": panel_csv(panel) for panel in panels}


def coverage_files(coverages: Sequence[Coverage]) -> Files:
    """Return coverage.csv (all, by category, by year), categories.csv (sizes) and unresolved.csv."""
    return {
        "data/coverage.csv": csv_bytes(
            ("relation", "side", "by", "level", "n_items", "n_labelled", "n_linked"), _coverage_rows(coverages)
        ),
        "data/categories.csv": csv_bytes(
            ("relation", "side", "category", "n_items", "n_linked", "n_exclusive"),
            (
                (c.relation, side.side, of.category, of.n_items, of.n_linked, of.n_exclusive)
                for c in coverages
                for side in _sides(c)
                for of in side.categories
            ),
        ),
        "data/unresolved.csv": csv_bytes(
            ("relation", "side", "name", "n_links"),
            ((c.relation, name.side, name.name, name.n_links) for c in coverages for name in c.unresolved),
        ),
    }


def _coverage_rows(coverages: Sequence[Coverage]) -> Iterator[tuple[Field, ...]]:
    for coverage in coverages:
        for side in _sides(coverage):
            yield coverage.relation, side.side, "all", None, side.n_items, side.n_labelled, side.n_linked
            yield from ((coverage.relation, side.side, *row) for row in _parts(side))


def _sides(coverage: Coverage) -> tuple[SideCoverage, ...]:
    """Return the two sides; one where a kind shares a key with itself, and both are the same."""
    return tuple(dict.fromkeys((coverage.rows, coverage.columns)))


def _parts(side: SideCoverage) -> Iterator[tuple[Field, ...]]:
    for of in side.categories:
        yield "category", of.category, of.n_items, of.n_items, of.n_linked
    for year in side.years:
        yield "year", year.year, year.n_items, year.n_labelled, year.n_linked


def label_files(labels: Sequence[LabelCount]) -> Files:
    """Return taxonomy.csv (each label with its category, a row for each) and unmatched.csv."""
    known = [label for label in labels if label.categories]
    unknown = [label for label in labels if not label.categories]
    return {
        "data/taxonomy.csv": csv_bytes(
            ("label", "category", "rule", "count", "kind"),
            ((of.label, category, of.rule, of.n_items, of.kind) for of in known for category in of.categories),
        ),
        "data/unmatched.csv": csv_bytes(
            ("label", "count", "kind"), ((of.label, of.n_items, of.kind) for of in unknown)
        ),
    }


def findings_file(findings: Iterable[tuple[str, Finding, Evidence]]) -> Files:
    """Return findings.json: every finding of every figure, null ones too, with its kind, id, cells and numbers.

    `evidence` says of each what its numbers are worked out from.
    """
    entries = [
        {**finding_entry(figure, finding), "evidence": _evidence(evidence)} for figure, finding, evidence in findings
    ]
    text = json.dumps({"findings": entries}, ensure_ascii=False, allow_nan=False, indent=1)
    return {"data/findings.json": f"{text}\n".encode()}


def _evidence(evidence: Evidence) -> Plain:
    """Return evidence without the id that its finding has."""
    return {name: value for name, value in cast("dict[str, Plain]", plain(evidence)).items() if name != "finding"}
