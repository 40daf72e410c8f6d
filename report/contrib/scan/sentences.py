"""Sentences about a scan, each from its numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ... import formats, portable
from ...arrays import Floats
from ...config.names import plural_of
from ...errors import listed
from ...taxonomy.orders import is_leftover
from ..init.naming import short_name
from .close_columns import CloseColumns
from .coding import ScanColumn, stem_of
from .computed import Rule
from .scanning import CLEAR, RankedPair, Scan
from .third_variables import ThirdColumn
from .trivial import Reason, TrivialPair

_GAMMA = 0.2
"""Smallest gamma that is called a direction."""
_FEWEST, _LEAST_RATIO = 10, 1.15
"""Minimum count behind a ratio, and the smallest ratio that is given."""
_FEWEST_ROWS, _LEAST_OF_ROWS = 20, 0.02
"""Minimum number and share of rows of the category whose share is given."""
_MUCH_CLEARER = 5
"""A rare category is described if its cell departs this many times as much as those of the frequent ones."""
_RESIDUAL = 5
"""Cells of residual categories, such as "Other", are described if they depart this many times as much as any other."""
_CODED = frozenset(
    [
        "arm",
        "class",
        "code",
        "count",
        "gender",
        "group",
        "n",
        "number",
        "period",
        "phase",
        "sex",
        "status",
        "total",
        "type",
        "version",
    ]
)
"""Words of names of columns in which 1 is one of two kinds, and not the presence of something."""
_PREDICATE = re.compile(r"(?:are|can|did|do|does|is|was|were|will)\b", re.IGNORECASE)
_HAS = re.compile(r"^ha[sd] ", re.IGNORECASE)
_CLOSE = 0.2
"""A pair is described in the order of the columns unless the difference is larger by this much in the other order."""
_REMAINS = 0.75
"""A third column is named if at most this share of the association is left within its levels."""


@dataclass(frozen=True)
class Cell:
    """The cell of a pair with the largest departure above its expected count: shares of the second category."""

    row: int
    column: int
    share: float
    share_of_others: float
    n_others: float
    """Rows of the second category outside the first category."""

    @property
    def difference(self) -> float:
        """The difference between both shares."""
        return self.share - self.share_of_others


@dataclass(frozen=True)
class ScanWords:
    """Names and sentences of one scan. `given_unit` is the user's noun for one row."""

    scan: Scan
    given_unit: str | None = None

    @property
    def unit(self) -> str:
        """The plural noun for rows."""
        return "rows" if self.given_unit is None else plural_of(self.given_unit) or f"{self.given_unit}s"

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the columns in text: short ones where they stay distinct."""
        columns = self.scan.table.columns
        short = [_short(column) for column in columns]
        n_with = Counter(name.casefold() for name in short)
        return tuple(
            name if n_with[name.casefold()] == 1 else column.name for name, column in zip(short, columns, strict=True)
        )

    @property
    def title(self) -> str:
        """The title of the page."""
        return f"Which of these {formats.count(len(self.scan.table.columns))} columns belong together?"

    @cached_property
    def headline(self) -> str:
        """The result in one sentence with two numbers."""
        scan = self.scan
        n_open, n_called, n_clear = (int(which.sum()) for which in (scan.is_open, scan.is_called, scan.is_clear))
        if n_open == 1:
            how = (
                "clearly associated"
                if n_clear
                else "associated beyond chance"
                if n_called
                else "not clearly associated"
            )
            return f"The only tested pair of columns is {how}."
        if not n_called:
            return f"None of the {formats.count(n_open)} pairs of columns is associated beyond chance."
        clearly = f"and {formats.small(n_clear)} {formats.plural(n_clear, 'is', 'are')} clearly associated"
        clearly = "but none clearly" if not n_clear else clearly
        if n_clear == n_called > 1:
            clearly = f"{'both' if n_clear == 2 else 'all'} of them clearly"
        return (
            f"Of {formats.count(n_open)} pairs of columns, {formats.small(n_called)} "
            f"{formats.plural(n_called, 'is', 'are')} associated beyond chance{self._questions(n_called)}, "
            f"{clearly}."
        )

    def _questions(self, n_called: int) -> str:
        n = self.scan.questions(self.scan.is_called)
        return "" if n == n_called else f" ({formats.count(n)} pairs of questions)"

    @cached_property
    def explanation(self) -> list[str]:
        """Sentences below the headline: the closest pair, the definition of both numbers, and pairs set apart."""
        scan = self.scan
        found = []
        if scan.ranking:
            first, second = (self.names[column] for column in scan.columns_of(scan.ranking[0].place))
            which = "The closest pair of different groups" if scan.close_columns else "The closest pair"
            found.append(f"{which} is {first} and {second}.")
        if scan.close_columns:
            n = len(scan.close_columns)
            found.append(
                f"{'One group' if n == 1 else f'{formats.small(n).capitalize()} groups'} of closely associated columns "
                f"{formats.plural(n, 'is', 'are')} listed after the ranking."
            )
        n = sum(not (pair.is_nearly and pair.exceptions) for pair in scan.trivial.values())
        if n:
            found.append(
                f"{'One more pair is' if n == 1 else f'A further {formats.small(n)} pairs are'} associated "
                "by definition and listed separately."
            )
        found.append(
            "Beyond chance: at most 5% of these pairs are expected to be false discoveries. "
            f"Clearly: the lower end of the 95% confidence interval of Cramér’s V is at least {CLEAR:g}."
        )
        return found

    @cached_property
    def basis(self) -> str:
        """The rows that are counted, and how their sampling is taken into account."""
        scan = self.scan
        text = f"{formats.count(scan.table.n_rows)} {self.unit}"
        if scan.options.weight is not None:
            text += f", weighted by {scan.options.weight} (effective number {formats.count(round(scan.n_effective))})"
        if scan.n_groups is not None:
            text += f", clustered by {scan.options.group} ({formats.count(scan.n_groups)} clusters)"
        return f"{text}."

    def cells(self, place: int) -> Floats:
        """Return the table of a pair, of weights if rows have weights."""
        layout = self.scan.table.layout
        first, second = self.scan.columns_of(place)
        counts = self.scan.counts if self.scan.weighted is None else self.scan.weighted
        found: Floats = counts[layout.categories(first), layout.categories(second)]
        return found

    def main_cell(self, cells: Floats, pair: tuple[int, int]) -> Cell:
        """Return the cell with the largest contribution to X2 above its expected count, in a row with enough rows."""
        expected = np.outer(cells.sum(1), cells.sum(0)) / cells.sum()
        with np.errstate(all="ignore"):
            excess = np.nan_to_num(np.where(cells > expected, portable.squared(cells - expected) / expected, 0))
        first, second = (self.scan.table.columns[column] for column in pair)
        for column, axis in ((first, 0), (second, 1)):
            if column.kind == "option":  # "yes" is easier to read than "no"
                excess = excess * np.array([0.5, 1.0])[(slice(None), None) if axis == 0 else (None, slice(None))]
        for column, axis in ((first, 0), (second, 1)):
            is_residual = np.array([is_leftover(label) for label in column.labels])
            if not is_residual.all():
                excess = np.where(np.expand_dims(is_residual, 1 - axis), excess / _RESIDUAL, excess)
        n = cells.sum(1, keepdims=True)
        frequent = np.where(n >= max(_FEWEST_ROWS, _LEAST_OF_ROWS * cells.sum()), excess, 0)
        some = np.where(n >= _FEWEST_ROWS, excess, 0)
        if frequent.any():
            excess = some if some.max() > _MUCH_CLEARER * frequent.max() else frequent
        row, at = np.unravel_index(int(excess.argmax()), excess.shape)
        others = np.delete(cells, row, axis=0)
        total = float(others.sum())
        share = float(cells[row, at] / cells[row].sum())
        n_others = float(others[:, at].sum())
        return Cell(int(row), int(at), share, n_others / total if total else 0.0, n_others)

    def sentence(self, place: int) -> str:
        """Return the main fact about a pair: two shares and their comparison."""
        a, b = self.scan.columns_of(place)
        cell, turned = self.main_cell(self.cells(place), (a, b)), self.main_cell(self.cells(place).T, (b, a))
        if turned.difference > cell.difference + _CLOSE:
            (a, b), cell = (b, a), turned
        having = f"{self.unit} with{self._category(a, cell.row)}"
        share, other = (formats.percent_beside(*pair) for pair in _both(cell.share, cell.share_of_others))
        ratio = cell.share / cell.share_of_others if cell.n_others >= _FEWEST else 0.0
        times = f" ({formats.ratio(ratio)} times as common)" if ratio >= _LEAST_RATIO else ""
        other = other if cell.n_others else "none"
        of_others = f"against {other} of the other {self.unit}{times}"
        return f"{share} of the {having} have{self._category(b, cell.column)}, {of_others}."

    def _category(self, column: int, category: int) -> str:
        """Return a category with its column, after "with" or "have"."""
        found = self.scan.table.columns[column]
        label = found.labels[category]
        name = self.names[column]
        if found.kind == "option" and found.labels == ("0", "1") and _CODED.isdisjoint(name.casefold().split()):
            if _PREDICATE.match(name):
                return f" {name} “{'no' if category == 0 else 'yes'}”"
            name = _HAS.sub("", name)
            label = "no" if category == 0 else "yes"
        elif not found.is_selectable:
            return f" {name} “{label}”"
        return f" {name}" if label == "yes" else f" no {name}" if label == "no" else f" {name} “{label}”"

    def left_out(self, place: int) -> str:
        """Return a note on the rows with rare values that a pair leaves out, or an empty text."""
        columns = [(self.scan.table.columns[column], self.names[column]) for column in self.scan.columns_of(place)]
        parts = [
            f"{formats.small(column.n_rare)} with rare values of {name}" for column, name in columns if column.n_rare
        ]
        if not parts:
            return ""
        return f"This does not include the {self.unit} with rare values ({formats.listing(parts)})."

    def close_columns(self, close: CloseColumns) -> str:
        """Return a group of closely associated columns in words, with the range of V of all its tested pairs."""
        names = [self.names[column] for column in close.columns]
        if len(names) == 2:
            return f"{formats.listing(names)} are closely associated: V {self.strength(close.pairs[0])}."
        values = [float(self.scan.statistics.v[place]) for place in self.scan.open_pairs_of(close.columns)]
        least, most = formats.value(min(values)), formats.value(max(values))
        spread = f"V {least}" if least == most else f"V {least} to {most}"
        how = "with one another" if close.are_all_close else "in most pairs"
        several = f"These {formats.small(len(names))} columns"
        return f"{several} are closely associated {how}: {formats.listing(names)} ({spread})."

    def direction(self, place: int) -> str:
        """Return the direction of a pair of ordered columns, or an empty text."""
        gamma = float(self.scan.statistics.gamma[place])
        columns = [self.scan.table.columns[column] for column in self.scan.columns_of(place)]
        if not abs(gamma) >= _GAMMA or all(len(column.labels) == 2 for column in columns):
            return ""
        a, b = (self.names[column] for column in self.scan.columns_of(place))
        end = "higher" if gamma > 0 else "lower"
        return f"Higher values of {a} are associated with {end} values of {b} (gamma {formats.value(gamma)})."

    def third(self, ranked: RankedPair) -> list[str]:
        """Return sentences on third columns: all that the user named, otherwise the most influential one."""
        named = bool(self.scan.options.adjust)
        chosen = [third for third in ranked.thirds if named or third.left <= _REMAINS]
        chosen = chosen if named else chosen[:1]
        return [self._third(third) for third in chosen]

    def _third(self, third: ThirdColumn) -> str:
        name = self.names[third.column]
        if third.is_reversed:
            return f"Among {self.unit} with the same {name}, the association is reversed."
        if third.left > 1:
            return f"Among {self.unit} with the same {name}, the association is at least as strong."
        share = formats.percent(max(third.left, 0.0)) if third.left > 0.005 else "nothing"
        return f"Among {self.unit} with the same {name}, {share} of the association is left."

    def strength(self, place: int) -> str:
        """Return V with its interval."""
        s = self.scan.statistics
        low, high = formats.value(float(s.low[place])), formats.value(float(s.high[place]))
        return f"{formats.value(float(s.v[place]))} ({low}–{high})"

    def q(self, place: int) -> str:
        """Return the q of a pair. Simulated tails have a lower limit, so that small values are bounds."""
        q = float(self.scan.q[place])
        return "q < 0.01" if 0.001 <= q < 0.01 else formats.p_equation("q", q)

    def coverage(self, place: int) -> str:
        """Return a note if less than half of the rows have both values, or an empty text."""
        share = float(self.scan.statistics.n[place]) / self.scan.table.n_rows
        return f"Only {formats.percent(share)} of the {self.unit} have a value in both." if share < 0.5 else ""

    def trivial(self, pair: TrivialPair) -> str:
        """Return a pair that is associated by definition in words."""
        a, b = (self.names[column] for column in self.scan.columns_of(pair.place))
        if pair.determining is not None:
            other = next(c for c in self.scan.columns_of(pair.place) if c != pair.determining)
            a, b = self.names[pair.determining], self.names[other]
        elif pair.reason is Reason.COMPUTED:
            return f"{a} and {b} are computed from the same columns"
        if pair.implied is not None and pair.determining is not None:
            columns = [pair.determining, next(c for c in self.scan.columns_of(pair.place) if c != pair.determining)]
            labels = [self.scan.table.columns[c].labels[at] for c, at in zip(columns, pair.implied, strict=True)]
            return f"If {a} is “{labels[0]}”, {b} is “{labels[1]}”"
        if pair.relation is not None:
            parts = [self.names[part] for part in pair.relation.parts]
            shown = listed(parts, 3) if len(parts) > 3 else formats.listing(parts)
            if pair.relation.rule is Rule.OPEN_SUM:
                return f"{self.names[pair.relation.column]} is a sum that contains {shown}"
            return f"{self.names[pair.relation.column]} is {pair.relation.rule} of {shown}"
        return _TRIVIAL[pair.reason].format(a=a, b=b, nearly="nearly " if pair.is_nearly else "")

    def exceptions(self, pair: TrivialPair) -> str:
        """Return the number of exceptions of a pair with some, or an empty text."""
        if not pair.n_exceptions:
            return ""
        n = pair.n_exceptions
        word = formats.plural(n, "exception", "exceptions")
        return f"{formats.count(n)} {word} among {formats.count(pair.n)} {self.unit}"

    def exception_rows(self, pair: TrivialPair) -> list[tuple[int, str, str]]:
        """Return the first exceptions: number of the row, and its categories in both columns."""
        a, b = (self.scan.table.columns[column] for column in self.scan.columns_of(pair.place))
        return [(row + 1, a.labels[a.codes[row]], b.labels[b.codes[row]]) for row in pair.exceptions]


def _short(column: ScanColumn) -> str:
    stem, bar, option = column.name.partition(" | ")
    if bar:
        return f"{short_name(stem)}: {option}"
    stem = stem_of(column.name)
    if column.kind == "option" and column.name.startswith(f"{stem}: "):
        return f"{short_name(stem)}: {column.name.removeprefix(f'{stem}: ')}"
    return short_name(column.name)


def _both(first: float, second: float) -> Sequence[tuple[float, float]]:
    return (first, second), (second, first)


_TRIVIAL = {
    Reason.SAME: "{a} and {b} have {nearly}the same content",
    Reason.DETERMINES: "{a} {nearly}determines {b}",
    Reason.EXCLUSIVE: "{a} and {b} exclude each other",
    Reason.OPTIONS: "{a} and {b} are options of one question",
    Reason.BATTERY: "{a} and {b} are items of one battery",
    Reason.SHARES: "{a} and {b} are shares of one whole",
    Reason.SKIP: "{b} has values only after certain answers to {a}",
    Reason.DESIGN: "{a} and {b} are crossed by design",
}
