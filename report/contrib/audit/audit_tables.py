"""The result of an audit as tables for a terminal."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence

import rich.console
from rich import box
from rich.table import Table
from rich.text import Text

from ... import formats
from ...cells import Estimate
from ...config.places import printable
from .effect import CellCounts, CellEffect, Effect, HeadlineEffect
from .rates import Confusion, JudgedCategory, WeightedShare
from .sample import AuditResult, EntityAgreement
from .sheet import joined

_CONFUSIONS = 10
_CELLS = 12
_SHARES = ("conditional", "share")
_SCALES: Mapping[str, formats.Scale] = {"within": "ratio", "surprise": "ratio", "direction": "net", "value": "value"}
"""The scale of each kind of number. All other kinds are shares."""

TableOrText = Table | str


def told(result: AuditResult, sheet: str, color: str) -> str:
    """Return the result of an audit as text and tables. `color` is auto, always or never."""
    stream = io.StringIO()
    is_utf = (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
    is_coloured = color == "always" or (color == "auto" and sys.stdout.isatty())
    console = rich.console.Console(
        file=stream, highlight=False, force_terminal=is_coloured, no_color=True if color == "never" else None
    )
    for part in _parts(result, sheet):
        if isinstance(part, Table):
            part.box = box.SIMPLE_HEAD if is_utf else box.ASCII
        console.print(part if isinstance(part, Table) else Text(_plain(part)))
    text = "\n".join(line.rstrip() for line in stream.getvalue().splitlines())
    return re.sub("\n{3,}", "\n\n", text).strip("\n")


def _parts(result: AuditResult, sheet: str) -> Iterator[TableOrText]:
    yield (
        f"{sheet}: {formats.count(result.n_judged)} of {formats.count(result.n_rows)} "
        f"{formats.plural(result.n_rows, 'item has', 'items have')} been judged"
    )
    for agreement in result.agreements:
        yield ""
        yield from _agreement(agreement, result.level)
    for effect in result.effects:
        yield ""
        yield from _effect(effect, result.level)


def _agreement(agreement: EntityAgreement, level: float) -> Iterator[TableOrText]:
    yield f"{agreement.entity}: items in exactly the right categories"
    headings = ["Items", "Judged", "Correct", "Share", f"{formats.percent(level)} interval"]
    yield _table(["Category"], headings, map(_category, agreement.categories))
    yield from _overall(agreement, level)
    if agreement.confusions:
        yield ""
        yield f"{agreement.entity}: misclassified items"
        yield _confusions(agreement.confusions)
        more = len(agreement.confusions) - _CONFUSIONS
        if more > 0:
            yield f"{formats.count(more)} more; --json has them all"


def _category(category: JudgedCategory) -> list[str]:
    counts = [formats.count(n) for n in (category.n_items, category.n_judged, category.n_right)]
    share = category.share
    if share is None or share.low is None or share.high is None:
        said = ["", "none judged"]
    elif category.n_judged == category.n_items:
        said = [formats.percent(share.value), "all judged"]
    else:
        said = [formats.percent(share.value), formats.percent_range(share.low, share.high)]
    return [category.category or "(none)", *counts, *said]


def _overall(agreement: EntityAgreement, level: float) -> Iterator[str]:
    for share, which in ((agreement.categorised, "with a category"), (agreement.whole, "with or without a category")):
        if share is not None:
            yield f"Of the {agreement.many} {which}, {_weighted(share, level)}"
    left = [s for s in agreement.categories if not s.n_judged]
    if left:
        names = formats.listing([f"{s.category or '(none)'} ({formats.count(s.n_items)})" for s in left])
        yield f"No items judged: {names}"


def _weighted(share: WeightedShare, level: float) -> str:
    error = "" if share.error is None else f"; standard error {formats.decimal(100 * share.error, 1)} points"
    if share.n_judged == share.n_items:
        return f"{formats.percent(share.share.value)} are classified correctly (all have been judged)"
    ends = formats.percent_range(share.share.least, share.share.most)
    return (
        f"{formats.percent(share.share.value)} are classified correctly ({formats.percent(level)} interval {ends}; "
        f"categories weighted by size{error})"
    )


def _confusions(confusions: Sequence[Confusion]) -> Table:
    rows = (
        [
            joined(one.rule),
            "not stated" if one.truth is None else joined(one.truth),
            formats.count(one.n_judged),
            formats.expected(one.n_items),
        ]
        for one in confusions[:_CONFUSIONS]
    )
    return _table(["Assigned", "True"], ["Judged", "Estimated in all"], rows)


def _effect(effect: Effect, level: float) -> Iterator[TableOrText]:
    yield f"{effect.relation}: the report if every item were in its true categories"
    if not effect.n_wrong:
        yield "All judged items are classified correctly, so nothing is corrected."
        yield "The intervals above show how many errors that still allows."
        return
    if effect.refusal is not None:
        yield f"No correction: {effect.refusal}."
        return
    yield (
        "Corrected: an estimate that undoes the errors on both sides, with its "
        f"{formats.percent(level)} interval ({formats.count(effect.n_draws)} draws). Holds: the share of draws in "
        "which the statement is the same."
    )
    if effect.unjudged:
        yield f"Taken to be correct, because none was judged: all {formats.listing(effect.unjudged)}."
    if effect.n_unsampled:
        many = f"{formats.count(effect.n_unsampled)} {formats.plural(effect.n_unsampled, 'item', 'items')}"
        yield f"Taken to be correct: {many} in a category, or a combination of categories, with no judged item."
    if effect.headlines:
        yield _headlines(effect.headlines)
    if effect.cells:
        yield _cells(effect.cells)
        more = len(effect.cells) - _CELLS
        if more > 0:
            yield f"{formats.count(more)} more {formats.plural(more, 'cell', 'cells')}; --json has them all"


def _headlines(headlines: Sequence[HeadlineEffect]) -> Table:
    rows = []
    for h in headlines:
        corrected = "nothing to say" if h.corrected is None else _spread(h.about, h.corrected)
        rows.append([h.statement, _number(h.about, h.value), corrected, formats.percent(h.stays)])
    return _table(["Statement"], ["As built", "Corrected", "Holds"], rows)


def _cells(cells: Sequence[CellEffect]) -> Table:
    rows = []
    for cell in sorted(cells, key=_change, reverse=True)[:_CELLS]:
        about = "cell" if cell.measure in _SHARES else "value"
        corrected = "undefined" if cell.corrected is None else _spread(about, cell.corrected)
        rows.append([cell.panel, cell.given, cell.outcome, _cell(about, cell.built), corrected])
    return _table(["Panel", "Given", "Outcome"], ["As built", "Corrected"], rows)


def _change(cell: CellEffect) -> float:
    return 0.0 if cell.corrected is None else abs(cell.corrected.value - (cell.built.value or 0.0))


def _cell(about: str, of: CellCounts) -> str:
    value = "undefined" if of.value is None else _number(about, of.value)
    if of.n_joint is None or of.n_given is None:
        return value
    return f"{value} ({formats.count(of.n_joint)} of {formats.count(of.n_given)})"


def _number(about: str, value: float) -> str:
    """Format a number according to its kind."""
    return formats.on_scale(value, _SCALES.get(about, "share"))


def _spread(about: str, spread: Estimate) -> str:
    median = _number(about, spread.value)
    if spread.low == spread.high:
        return median
    ends = formats.range_on_scale(spread.least, spread.most, _SCALES.get(about, "share"))
    return f"{median} ({ends})"


def _table(words: Sequence[str], numbers: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    table = Table(header_style="bold", pad_edge=False)
    for name in (*words, *numbers):
        table.add_column(_plain(name), justify="right" if name in numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_plain(cell)) for cell in row))
    return table


def _plain(text: str) -> str:
    """Return text without unprintable characters, safe for a terminal of any encoding."""
    return printable(text.replace(formats.NBSP, " ").replace("−", "-"))
