"""Output of `diptych explain`: lines of text, or JSON data."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ... import formats
from ...cells import Cell, CellRef, Panel
from ...config.places import printable
from ...ledger.coverage import Contribution
from ...renderers.data import entry_of
from ...renderers.outline import Plain, plain, plain_fields
from ...statements import Number
from ...words.sentences import capital
from . import Explanation
from .cells import CellTold, Example, Examples, ExampleSide, RuleCount
from .statements import StatementTold

_MOST_RULES = 10
"""Number of labels printed for each side of a cell."""

_MOST_MATCHES = 30
"""Number of statements printed that match a target."""


def told(found: Explanation) -> str:
    """Return an explanation as lines. Labels and names from data have no unprintable characters."""
    return "\n".join(printable(line.replace("\N{NO-BREAK SPACE}", " ")) for line in _lines(found))


def _lines(found: Explanation) -> Iterator[str]:
    if found.cell is not None:
        yield from _cell(found.cell)
    if found.matches is not None:
        yield from _matches(found.matches)
    for place, one in enumerate(found.statements):
        yield from [""] if place else []
        yield from _statement(one)


def _matches(matches: Mapping[str, str]) -> Iterator[str]:
    yield f"{formats.count(len(matches))} statements; explain one of them by its id:"
    yield from (f"  {name}: {text}" for name, text in list(matches.items())[:_MOST_MATCHES])
    if len(matches) > _MOST_MATCHES:
        yield f"  {formats.count(len(matches) - _MOST_MATCHES)} more; --json has them all"


def _statement(told: StatementTold) -> Iterator[str]:
    part, one = told.found.part, told.found.statement
    yield f"{one.id} (figure {part.figure})"
    yield f"  {told.found.text}"
    yield f"{capital(told.why)}."
    yield from _section("Numbers", _numbers(told))
    yield from _section("Limits", (note.text for note in told.found.notes))
    yield from _section("Measured again", (str(again["text"]) for again in told.again))
    yield from _section("Cells", (_cell_line(*line) for line in _of_panels(part.panels, part.refs(one))))


def _of_panels(panels: Iterable[Panel], refs: Iterable[CellRef]) -> Iterator[tuple[Panel, Cell]]:
    known = {panel.id: panel for panel in panels}
    return ((known[ref.panel], known[ref.panel].cell(ref.given, ref.outcome)) for ref in refs)


def _numbers(told: StatementTold) -> Iterator[str]:
    """Yield the numbers of a statement, its interval, p and q."""
    part, one = told.found.part, told.found.statement
    yield from (f"{name.strip('_').replace('_', ' ')}: {_number(value)}" for name, value in one.numbers.items())
    if one.certainty is None:
        return
    alpha = getattr(part.told, "alpha", 0.05)
    low, high = map(formats.calculated, one.interval(alpha))
    yield f"interval: {low} to {high} ({formats.decimal(100 * (1 - alpha), 1).removesuffix('.0')}%)"
    yield ", ".join(formats.p_equation(name, p) for name, p in (("p", one.p), ("q", one.q)) if not math.isnan(p))


def _number(value: Number) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_number, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value or "none"
    return "undefined" if math.isnan(value) else formats.calculated(value)


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield f"{title}:"
        yield from (f"  {line}" for line in found)


def _cell_line(panel: Panel, cell: Cell) -> str:
    return f"{cell_target(panel, cell)}: {_value(cell)}"


def _value(cell: Cell, level: float | None = None) -> str:
    """Return the value of a cell, with its interval if a level is given, and its counts."""
    text = "undefined" if cell.value is None else formats.calculated(cell.value)
    if level is not None:
        is_counted = cell.n_given is not None
        text += _ends(
            cell.low, cell.high, f"; {formats.percent(level)}" if is_counted else "; the range it was read in"
        )
    if cell.n_joint is not None and cell.n_given is not None:
        text += f", {formats.calculated(cell.n_joint)} of {formats.calculated(cell.n_given)}"
    return text


def _ends(low: float | None, high: float | None, what: str = "") -> str:
    """Return an interval in brackets, "" without one."""
    if low is None:
        return ""
    return f" ({formats.calculated(low)} {'or more' if high is None else f'to {formats.calculated(high)}'}{what})"


def _ratios(panel: Panel, cell: Cell) -> Iterator[str]:
    """Yield the value of a cell, with the expected count and the ratios to chance."""
    yield f"{panel.measure.phrase}: {_value(cell, panel.level)}"
    for name, number, low, high in (
        ("expected by chance", cell.expected, None, None),
        ("observed ÷ expected", cell.lift, cell.lift_low, cell.lift_high),
        ("expected within strata", cell.expected_within_strata, None, None),
        ("observed ÷ expected, within strata", cell.lift_within_strata, cell.lift_within_low, cell.lift_within_high),
        ("common odds ratio within strata", cell.odds_within_strata, cell.odds_within_low, cell.odds_within_high),
    ):
        if number is not None:
            yield f"{name}: {formats.calculated(number)}{_ends(low, high)}"


def cell_target(panel: Panel, cell: Cell) -> str:
    """Return a cell as a target for explain, quoted if a name requires it."""
    quoted = any(letter in name for name in (cell.given, cell.outcome) for letter in ',"')
    names = ('"' + name.replace('"', '""') + '"' if quoted else name for name in (cell.given, cell.outcome))
    return f"{panel.id}:{','.join(names)}"


def _cell(told: CellTold) -> Iterator[str]:
    panel, cell = told.panel, told.cell
    yield f"{cell_target(panel, cell)} ({panel.given_title} by {panel.outcome_title}, {panel.measure.phrase})"
    yield f"State: {cell.state} ({told.why})"
    yield from _section("Numbers", _ratios(panel, cell))
    yield from _section("Counts", _counts(panel, cell))
    yield from _section("Taxonomy rules that fed it", _rules(told.rules, panel))
    yield from _section("Largest contributors", (_carrier(part, panel) for part in told.contributors))
    if told.examples is not None and told.examples.units:
        title, lines = _examples(told.examples, panel)
        yield from _section(title, lines)
    elif told.examples is not None and told.examples.by == "private":
        n = _n(told.examples.n_units, panel, "different " if panel.unit.role == "record" else "")
        yield from _section("Examples", [f"{n}, whose names are private (docs/privacy.md)"])
    yield from _section("Statements about it", (f"{name}: {text}" for name, text in told.statements.items()))


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
        data["cell"] = _cell_data(found.cell)
    elif found.matches is not None:
        data["matches"] = [{"id": name, "text": text} for name, text in found.matches.items()]
    else:
        data["statements"] = [_statement_data(told) for told in found.statements]
    return data


def _statement_data(told: StatementTold) -> Plain:
    entry = entry_of(told.found.part, told.found.statement)
    return {**entry, "why": told.why, "notes": [note.text for note in told.found.notes], "again": [*told.again]}


def _cell_data(told: CellTold) -> Plain:
    panel = told.panel
    about = {"panel": panel.id, "measure": panel.measure.name, "unit": plain(panel.unit), "level": panel.level}
    rest = {name: plain(getattr(told, name)) for name in ("why", "rules", "contributors", "examples")}
    return {**about, **plain_fields(told.cell), **rest, "statements": dict(told.statements)}
