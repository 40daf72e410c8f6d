"""What an audit says, as tables on a terminal."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import rich.console
from rich import box
from rich.table import Table
from rich.text import Text

from .. import formats
from ..config.places import one_line
from .effect import CellCounts, CellEffect, DrawnRange, Effect, HeadlineEffect
from .rates import Confusion, JudgedCategory, WeightedShare
from .sample import AuditResult, EntityAgreement
from .sheet import joined

_CONFUSIONS = 10
_CELLS = 12
_SHARES = ("conditional", "share")
_SHARE = (formats.percent, formats.percent_range)
_RATIO = (formats.ratio, formats.ratio_range)
_WRITTEN: Mapping[str, tuple[Callable[[float], str], Callable[[float, float], str]]] = {
    "within": _RATIO,
    "surprise": _RATIO,
    "direction": (formats.signed_count, formats.signed_count_range),
    "value": (formats.value, lambda low, high: f"{formats.value(low)} to {formats.value(high)}"),
}
"""How a number of a kind is written, and a range of such; all others are shares."""

Part = Table | str


def told(result: AuditResult, sheet: str, color: str) -> str:
    """Return the result of an audit as text and tables; `color` is auto, always or never."""
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


def _parts(result: AuditResult, sheet: str) -> Iterator[Part]:
    yield (
        f"{sheet}: {formats.count(result.n_judged)} of {formats.count(result.n_rows)} "
        f"{formats.plural(result.n_rows, 'item is', 'items are')} judged"
    )
    for agreement in result.agreements:
        yield ""
        yield from _agreement(agreement, result.level)
    for effect in result.effects:
        yield ""
        yield from _effect(effect, result.level)


def _agreement(agreement: EntityAgreement, level: float) -> Iterator[Part]:
    yield f"{agreement.entity}: how many are filed right, under all their categories and no other"
    headings = ["Items", "Judged", "Right", "Share", f"{formats.percent(level)} interval"]
    yield _table(["Category"], headings, map(_category, agreement.categories))
    yield from _overall(agreement, level)
    if agreement.confusions:
        yield ""
        yield f"{agreement.entity}: what is filed wrong"
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
    for share, which in ((agreement.filed, "with a category"), (agreement.whole, "with or without a category")):
        if share is not None:
            yield f"Of the {agreement.many} {which}, {_weighted(share, level)}"
    left = [s for s in agreement.categories if not s.n_judged]
    if left:
        names = formats.listing([f"{s.category or '(none)'} ({formats.count(s.n_items)})" for s in left])
        yield f"Nothing is said of {names}: none is judged"


def _weighted(share: WeightedShare, level: float) -> str:
    error = "" if share.error is None else f"; standard error {formats.decimal(100 * share.error, 1)} points"
    if share.n_judged == share.n_items:
        return f"{formats.percent(share.value)} are filed right (all are judged)"
    ends = formats.percent_range(share.low, share.high)
    return (
        f"{formats.percent(share.value)} are filed right ({formats.percent(level)} interval {ends}; "
        f"each category weighted by its size{error})"
    )


def _confusions(confusions: Sequence[Confusion]) -> Table:
    rows = (
        [
            joined(one.rule),
            "not said" if one.truth is None else joined(one.truth),
            formats.count(one.n_judged),
            formats.expected(one.n_items),
        ]
        for one in confusions[:_CONFUSIONS]
    )
    return _table(["By rule", "In truth"], ["Judged", "About, of all"], rows)


def _effect(effect: Effect, level: float) -> Iterator[Part]:
    yield f"{effect.relation}: what this changes in the report"
    if not effect.n_corrected:
        yield "Nothing: every judged item is filed right. What that leaves possible is in the intervals above."
        return
    n = effect.n_corrected
    wrong = "the item judged to be filed wrong is" if n == 1 else f"the {formats.count(n)} items judged to be wrong are"
    yield (
        f"Corrected: {wrong} filed as judged (without a category where the sheet does not say which), all others as "
        "built. This is counted."
    )
    yield (
        "Estimate: as if all items were filed wrong as often, and in the same ways, as those judged with the same "
        f"categories. This is no count: it is the median of {formats.count(effect.n_draws)} draws, in brackets where "
        f"the middle {formats.percent(level)} of them lie. Stays: in how many draws the statement does."
    )
    if effect.n_held:
        held = f"{formats.count(effect.n_held)} {formats.plural(effect.n_held, 'item', 'items')}"
        yield f"Left as they are in the estimate: {held} with categories of which none was judged."
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
        corrected = "nothing to say"
        if h.corrected is not None:
            changes = "" if h.corrected.word == h.word else ", changes"
            corrected = f"{_number(h.about, h.corrected.value)}{changes}"
        estimate = "nothing to say" if h.estimated is None else _spread(h.about, h.estimated)
        rows.append([h.statement, _number(h.about, h.value), corrected, estimate, formats.percent(h.same)])
    return _table(["Statement"], ["As built", "Corrected", "Estimate", "Stays"], rows)


def _cells(cells: Sequence[CellEffect]) -> Table:
    rows = []
    ranked = sorted(cells, key=lambda cell: (-_moved(cell.built.value, cell.corrected.value), -_expected_move(cell)))
    for cell in ranked[:_CELLS]:
        about = "cell" if cell.measure in _SHARES else "value"
        estimate = "" if cell.estimated is None else _spread(about, cell.estimated)
        counts = [_cell(about, of) for of in (cell.built, cell.corrected)]
        rows.append([cell.panel, cell.given, cell.outcome, *counts, estimate])
    return _table(["Panel", "Given", "Outcome"], ["As built", "Corrected", "Estimate"], rows)


def _moved(before: float | None, after: float | None) -> float:
    return abs((after or 0.0) - (before or 0.0))


def _expected_move(cell: CellEffect) -> float:
    return 0.0 if cell.estimated is None else _moved(cell.built.value, cell.estimated.median)


def _cell(about: str, of: CellCounts) -> str:
    value = "undefined" if of.value is None else _number(about, of.value)
    if of.n_joint is None or of.n_given is None:
        return value
    return f"{value} ({formats.count(of.n_joint)} of {formats.count(of.n_given)})"


def _number(about: str, value: float) -> str:
    """Return a number as its kind is written."""
    return _WRITTEN.get(about, _SHARE)[0](value)


def _spread(about: str, spread: DrawnRange) -> str:
    median = _number(about, spread.median)
    if spread.low == spread.high:
        return median
    return f"{median} ({_WRITTEN.get(about, _SHARE)[1](spread.low, spread.high)})"


def _table(words: Sequence[str], numbers: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    table = Table(header_style="bold", pad_edge=False)
    for name in (*words, *numbers):
        table.add_column(_plain(name), justify="right" if name in numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_plain(cell)) for cell in row))
    return table


def _plain(text: str) -> str:
    """Return a text as terminals of any encoding show it, without what does not print."""
    return one_line(text.replace(formats.NBSP, " ").replace("−", "-"))
