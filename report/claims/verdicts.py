"""What became of claims: whether each holds, why not, and how much of the text is bound to data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from ..cells import CellRef
from ..errors import ClaimError, Note


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
