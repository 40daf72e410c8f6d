"""Output of `diptych explain`: lines of text, or JSON data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from typing import cast

from ... import formats
from ...cells import Cell, Panel
from ...config.places import printable
from ...document.evidence import Calculation, estimate_texts
from ...ledger.coverage import Contribution
from ...renderers.plain import Plain, plain
from ...renderers.report_json import finding_entry
from . import CellLine, Explanation, FindingTold
from .cells import CellTold, Example, Examples, ExampleSide, RuleCount, Told

_MOST_RULES = 10
"""Number of labels printed for each side of a cell."""


def told(found: Explanation) -> str:
    """Return an explanation as lines. Labels and names from data have no unprintable characters."""
    return "\n".join(printable(line.replace("\N{NO-BREAK SPACE}", " ")) for line in _lines(found))


def _lines(found: Explanation) -> Iterator[str]:
    if found.cell is not None:
        yield from _cell(found.cell)
        return
    for sentence in found.sentences:
        yield from _sentence(sentence)
    told_by_finding = {cell for finding in found.findings for cell in finding.cells}
    for place, finding in enumerate(found.findings):
        if place or found.sentences:
            yield ""
        yield from _finding(finding, with_sentences=not found.sentences)
    others = [line for line in found.cells if line not in told_by_finding]
    if others:
        yield ""
        yield from _cells(others)


def _sentence(told: Told) -> Iterator[str]:
    yield f"{told.sentence.id} (section {told.section})"
    yield f"  {told.sentence.text}"
    if told.sentence.origin == "authored":
        yield "  People wrote this; a build judges its claims against the data."
    elif told.finding is None:
        yield "  It is about no single finding: it says how to read the report, or how it was made."


def _finding(told: FindingTold, *, with_sentences: bool) -> Iterator[str]:
    null = ", looked for and not found" if told.finding.null else ""
    yield f"finding {told.finding.id} (kind {told.finding.kind}, figure {told.figure}{null})"
    if with_sentences:
        for sentence in told.sentences:
            yield f"  {sentence.sentence.id}: {sentence.sentence.text}"
    number = told.finding.number()
    value, low, high = estimate_texts(None if number is None else number.estimate)
    if value is not None:
        yield f"Number: {value}{f' ({low or str()} to {high or str()})' if low or high else ''}"
    if told.cells:
        yield from _cells(told.cells)


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield f"{title}:"
        yield from (f"  {line}" for line in found)


def _calculation(found: Calculation, level: float) -> str:
    value, low, high = estimate_texts(found.estimate)
    value = value or "undefined"
    same = found.formula == "value" or found.numbers in ("", value)
    parts = [found.formula] if found.formula != "value" else []
    parts += [] if same else [found.numbers]
    text = f"{found.what}: {' = '.join([*parts, value])}"
    if found.interval:
        share = "" if "published" in found.interval else f"{formats.percent(level)}, "
        text += f" ({low or ''} to {high or ''}; {share}{found.interval})"
    beside = ", ".join(formats.named_number(term.name, term.value) for term in found.beside)
    return f"{text}, with {beside}" if beside else text


def _cells(lines: Iterable[CellLine]) -> Iterator[str]:
    yield from _section("Cells", (_cell_line(*line) for line in lines))


def _cell_line(panel: Panel, cell: Cell) -> str:
    value = "undefined" if cell.value is None else formats.calculated(cell.value)
    counts = ""
    if cell.n_joint is not None and cell.n_given is not None:
        counts = f" ({formats.calculated(cell.n_joint)} of {formats.calculated(cell.n_given)})"
    return f"{cell_target(panel, cell)}: {value}{counts}"


def cell_target(panel: Panel, cell: Cell) -> str:
    """Return a cell as a target for explain, quoted if a name requires it."""
    quoted = any(letter in name for name in (cell.given, cell.outcome) for letter in ',"')
    names = ('"' + name.replace('"', '""') + '"' if quoted else name for name in (cell.given, cell.outcome))
    return f"{panel.id}:{','.join(names)}"


def _cell(told: CellTold) -> Iterator[str]:
    panel, cell = told.panel, told.cell
    yield f"{cell_target(panel, cell)} ({panel.given_title} by {panel.outcome_title}, {panel.measure.phrase})"
    yield f"State: {cell.state} ({told.why})"
    yield from _section("Numbers", (_calculation(c, panel.level) for c in told.calculations))
    yield from _section("Counts", _counts(panel, cell))
    yield from _section("Taxonomy rules that fed it", _rules(told.rules, panel))
    yield from _section("Largest contributors", (_carrier(part, panel) for part in told.contributors))
    if told.examples is not None and told.examples.units:
        title, lines = _examples(told.examples, panel)
        yield from _section(title, lines)
    elif told.examples is not None and told.examples.by == "private":
        n = _n(told.examples.n_units, panel, "different " if panel.unit.role == "record" else "")
        yield from _section("Examples", [f"{n}, whose names are private (docs/privacy.md)"])
    yield from _section("Findings that rest on it", told.findings)


def _counts(panel: Panel, cell: Cell) -> Iterator[str]:
    plural = panel.unit.plural
    named = (("n_ab", cell.n_joint, "both"), ("n_a", cell.n_given, cell.given), ("n_b", cell.n_outcome, cell.outcome))
    for name, number, what in (*named, ("N", cell.n_units, "all")):
        if number is not None:
            yield f"{name} = {formats.calculated(number)} {formats.plural(number, panel.unit.singular, plural)}, {what}"
    if cell.design_effect is not None and cell.effective_groups is not None:
        yield f"design effect {formats.calculated(cell.design_effect)}, effective groups {cell.effective_groups:.1f}"
    if cell.q_value is not None:
        yield formats.p_equation("q", cell.q_value)


def _rules(rules: Sequence[RuleCount], panel: Panel) -> Iterator[str]:
    """Yield the labels with the most units, for each side."""
    for side in ("given", "outcome"):
        own = [rule for rule in rules if rule.side == side]
        for rule in own[:_MOST_RULES]:
            by = f" ({rule.rule})" if rule.rule else ""
            yield f"{side}, {rule.label}{by}: {_n(rule.n_touching, panel)}, {formats.count(rule.n_sole)} by it alone"
        if len(own) > _MOST_RULES:
            n = len(own) - _MOST_RULES
            yield f"{side}, {formats.count(n)} {formats.plural(n, 'label', 'labels')} more; --json has them all"


def _n(n: int, panel: Panel, sort: str = "") -> str:
    return f"{formats.count(n)} {sort}{formats.plural(n, panel.unit.singular, panel.unit.plural)}"


def _carrier(part: Contribution, panel: Panel) -> str:
    alone = f", {formats.count(part.n_sole)} by it alone" if part.by == "item" else ""
    return f"{part.by} {part.name}: {_n(part.n_touching, panel)}{alone}"


def _examples(found: Examples, panel: Panel) -> tuple[str, Iterator[str]]:
    n = _n(found.n_units, panel, "different " if panel.unit.role == "record" else "")
    how = {"weight": f"the heaviest of {n}", "seed": f"chosen by seed {found.seed} of {n}", "all": "all there are"}
    return f"Examples ({how[found.by]})", (_example(example, panel) for example in found.units)


def _example(example: Example, panel: Panel) -> str:
    of = []
    if example.n > 1:
        of.append(f"{formats.count(example.n)} alike")
    if example.weight is not None:
        of.append(f"weight {formats.calculated(example.weight)}")
    head = f"{example.id} ({', '.join(of)})" if of else example.id
    if panel.unit.role == "record":
        sides = (example.given, example.outcome)
        return f"{head}: " + "; ".join(", ".join(label for i in s.items for label in i.labels) for s in sides)
    told = ((example.given, panel.given), (example.outcome, panel.outcome))
    return f"{head}: {'; '.join(f'{kind.plural} {_items(side, example)}' for side, kind in told)}"


def _items(side: ExampleSide, example: Example) -> str:
    """Return the items of one side with their labels. An item that is the unit itself is not repeated."""
    texts = []
    for item in side.items:
        labels = f"[{', '.join(item.labels)}]"
        texts.append(labels if item.id == example.id else f"{item.id} {labels}")
    more = side.n_items - len(side.items)
    return ", ".join(texts) + (f" and {formats.count(more)} more" if more else "")


def as_data(found: Explanation) -> dict[str, Plain]:
    """Return an explanation as JSON data."""
    data: dict[str, Plain] = {"target": found.target}
    if found.cell is not None:
        return data | {"cell": _cell_data(found.cell)}
    if found.sentences:
        data["sentences"] = [_sentence_data(told) for told in found.sentences]
        data["cells"] = [{"panel": panel.id, **_entry(cell)} for panel, cell in found.cells]
    data["findings"] = [
        {
            **finding_entry(told.figure, told.finding),
            "sentences": [told_sentence.sentence.id for told_sentence in told.sentences],
        }
        for told in found.findings
    ]
    return data


def _sentence_data(told: Told) -> Plain:
    return {
        "id": told.sentence.id,
        "section": told.section,
        "text": told.sentence.text,
        "origin": told.sentence.origin,
        "finding": told.finding,
        "cells": plain(told.sentence.cells),
    }


def _cell_data(told: CellTold) -> Plain:
    panel = told.panel
    about = {"panel": panel.id, "measure": panel.measure.name, "unit": plain(panel.unit), "level": panel.level}
    rest = {field.name: plain(getattr(told, field.name)) for field in fields(told)[2:]}
    return {**about, **_entry(told.cell), **rest}


def _entry(cell: Cell) -> dict[str, Plain]:
    return cast("dict[str, Plain]", plain(cell))
