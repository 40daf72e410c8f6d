"""What became of claims: whether each holds, why not, and how much of the text is bound to data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from ..cells import CellRef
from ..errors import ClaimError, Note
from .values import CellValue, Number


@dataclass(frozen=True, slots=True)
class Operand:
    """A number that a predicate names, as it is written there; `value` is None where it is undefined."""

    text: str
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a predicate holds. `detail` says why not, in numbers or in words; `mirrored` that it compares sizes."""

    holds: bool
    detail: str = ""
    operands: tuple[Operand, ...] = ()
    cells: tuple[CellRef, ...] = ()
    undefined: str = ""
    mirrored: tuple[tuple[CellRef, CellRef], ...] = ()


@dataclass(frozen=True, slots=True)
class Without:
    """Whether a claim holds without one item, raw label, stratum level or group; `reason` says why not."""

    by: str
    side: str | None
    name: str
    holds: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Fragility:
    """How easily a claim would not hold.

    `fails` is the share of `n_resamples` drawings of the same units or groups in which it does not, None where these
    cannot tell; `without` what becomes of it without what carries most of its cells.
    """

    fails: float | None
    n_resamples: int
    without: tuple[Without, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A claim, or a value that cannot be given, with its place. `where` are the names of loops: `c = "NLP"`.

    `fragility` is that of claims that hold and rest on counts.
    """

    kind: Literal["claim", "value"]
    file: str
    line: int
    column: int
    predicate: str
    holds: bool
    reason: str = ""
    where: str = ""
    has_otherwise: bool = False
    operands: tuple[Operand, ...] = ()
    cells: tuple[CellRef, ...] = ()
    fragility: Fragility | None = None

    @property
    def place(self) -> str:
        """File, line and column, as editors read them."""
        return f"{self.file}:{self.line}:{self.column}"

    @property
    def fails(self) -> bool:
        """Whether the text says what is not so, and nothing stands in for it."""
        return not self.holds and not self.has_otherwise

    @property
    def message(self) -> str:
        """What is wrong with it."""
        said = "claim is false" if self.kind == "claim" else "value cannot be given"
        where = f", with {self.where}" if self.where else ""
        return f"{self.place}: {said}: {self.predicate}{where} ({self.reason})"


@dataclass(frozen=True, slots=True)
class Unbound:
    """Something in authored text that reads like a fact about the data and is bound to none."""

    file: str
    line: int
    column: int
    sort: Literal["number", "superlative", "category with number"]
    text: str

    @property
    def place(self) -> str:
        """File, line and column, as editors read them."""
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Judged:
    """Everything about the claims of a build. `n_values` are the values that authored text shows outside claims."""

    verdicts: tuple[Verdict, ...] = ()
    unbound: tuple[Unbound, ...] = ()
    n_values: int = 0
    notes: tuple[Note, ...] = field(default=())

    @property
    def coverage(self) -> float | None:
        """Share of statements that are bound: values and claims over those and what is unbound; None without any."""
        bound = self.n_values + sum(verdict.kind == "claim" for verdict in self.verdicts)
        return bound / (bound + len(self.unbound)) if bound + len(self.unbound) else None

    @property
    def false(self) -> tuple[Verdict, ...]:
        """Claims that fail without an `otherwise`, and values that cannot be given."""
        return tuple(verdict for verdict in self.verdicts if verdict.fails)


def fragile_message(verdict: Verdict, limit: float) -> str:
    """Return how a claim that holds is fragile: in more than the share `limit` of drawings, or without one thing.

    Empty where it is not.
    """
    found = verdict.fragility
    if found is None:
        return ""
    parts = [f"not without {one.by} {one.name} ({one.reason})" for one in found.without if not one.holds]
    if found.fails is not None and found.fails > limit:
        parts.append(f"not in {round(found.fails * found.n_resamples)} of {found.n_resamples} resamples")
    where = f", with {verdict.where}" if verdict.where else ""
    return f"{verdict.place}: claim holds, but {' and '.join(parts)}: {verdict.predicate}{where}" if parts else ""


def raise_false(judged: Judged) -> None:
    """Raise ClaimError with every claim that is false; without one do nothing."""
    if judged.false:
        raise ClaimError(*_distinct([verdict.message for verdict in judged.false]))


def _distinct(messages: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(messages))


_MOST_DIGITS = 9


def shown(number: Number, digits: int = 2) -> str:
    """Return a defined number as a message shows it: counts whole, others with decimals.

    >>> shown(Number(1805.0, "count")), shown(Number(0.912, "share"))
    ('1805', '0.91')
    """
    value = number.value or 0.0
    return str(int(value)) if number.sort == "count" and value == int(value) else rounded(value, digits)


def rounded(value: float, digits: int = 2) -> str:
    """Return a number with decimals, without a sign where it rounds to nothing.

    >>> rounded(-0.004), rounded(-0.08)
    ('0.00', '-0.08')
    """
    return f"{round(value, digits) + 0.0:.{digits}f}"


def apart(numbers: tuple[Number, Number]) -> tuple[str, str]:
    """Return two numbers with the decimals that tell them apart, at least two; beside a count what is whole is whole.

    >>> apart((Number(0.9121), Number(0.9119))), apart((Number(2.0, "count"), Number(1.0, constant=True)))
    (('0.9121', '0.9119'), ('2', '1'))
    """
    first, second = numbers
    if "count" in (first.sort, second.sort) and all(n.value == int(n.value or 0.0) for n in numbers):
        return str(int(first.value or 0.0)), str(int(second.value or 0.0))
    wanted = range(2, _MOST_DIGITS + 1)
    same = first.value == second.value
    digits = 2 if same else next((n for n in wanted if shown(first, n) != shown(second, n)), _MOST_DIGITS)
    return shown(first, digits), shown(second, digits)


def places(found: CellValue, own: Number, not_below: int, others: int, *, lowest: bool) -> str:
    """Return where a cell stands in its row."""
    of = f"of the {others + 1} measured cells given {found.ref.given}"
    before = "lower or equal" if lowest else "higher or equal"
    return f"{shown(own)}; {not_below} {before} {of}"


def ends(low: float, high: float, bound: float) -> str:
    """Return the ends of an interval with the decimals that tell each from a bound, at least two.

    >>> ends(0.7496, 0.9, 0.75), ends(0.75, 0.9, 0.75)
    ('0.7496 to 0.9000', '0.75 to 0.90')
    >>> ends(12.3, math.inf, 10)
    '12.30 or more'
    """
    near = [end for end in (low, high) if end != bound and not math.isinf(end)]
    wanted = range(2, _MOST_DIGITS + 1)
    digits = next((n for n in wanted if all(rounded(end, n) != rounded(bound, n) for end in near)), _MOST_DIGITS)
    return (
        f"{rounded(low, digits)} or more" if math.isinf(high) else f"{rounded(low, digits)} to {rounded(high, digits)}"
    )
