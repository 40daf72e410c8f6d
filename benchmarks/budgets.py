"""Budgets: measured figures and their limits, and known misses."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

KNOWN = Path(__file__).parent / "known.toml"


class KnownError(ValueError):
    """The list of known misses cannot be used."""


@dataclass(frozen=True)
class Budget:
    """A figure and its limit, in one unit. `strict`: the figure must be below the limit.

    `name` is the key in known.toml, `work` describes the measurement, and `unit` follows the figure.
    """

    name: str
    work: str
    figure: float
    most: float
    unit: str = ""
    strict: bool = False

    @property
    def holds(self) -> bool:
        """Whether the figure is within the budget."""
        return self.figure < self.most or (self.figure == self.most and not self.strict)

    @property
    def verdict(self) -> str:
        """Whether the figure is within the budget, and by how much.

        >>> Budget("a", "", 3, 2).verdict, Budget("a", "", 1, 2).verdict, Budget("a", "", 1, 0).verdict
        ('no: 1.5 times the budget', 'yes: 0.5 of the budget', 'no: 1 over the budget')
        """
        if self.most == 0:
            return "yes" if self.holds else f"no: {self.figure:g} over the budget"
        share = f"{self.figure / self.most:.2g}"
        return f"yes: {share} of the budget" if self.holds else f"no: {share} times the budget"


@dataclass(frozen=True)
class Skipped:
    """A budget without a figure, and the reason: it was not measured or, if `failed`, the measured program failed."""

    name: str
    work: str
    why: str
    failed: bool = False


@dataclass(frozen=True)
class Section:
    """The result of a benchmark: Markdown under a title, and its judged or skipped budgets."""

    title: str
    text: str
    budgets: tuple[Budget | Skipped, ...] = ()


def known_misses(path: Path = KNOWN) -> dict[str, str]:
    """Return budget name -> reason for the miss. Raise `KnownError` for an entry without a reason."""
    with path.open("rb") as file:
        entries = tomllib.load(file)
    for name, entry in entries.items():
        if not isinstance(entry, dict) or set(entry) != {"reason"} or not str(entry["reason"]).strip():
            raise KnownError(f'{path.name}: [{name}] needs the key "reason", and no other')
    return {name: str(entry["reason"]) for name, entry in entries.items()}


def complaints(budgets: Iterable[Budget | Skipped], known: Mapping[str, str]) -> list[str]:
    """Return a line for each unknown miss of a budget, and for each known miss that is no longer a miss."""
    budgets = tuple(budgets)
    judged = [budget for budget in budgets if isinstance(budget, Budget)]
    told = [
        f"{budget.name}: {number(budget.figure)}{budget.unit}, {_limit(budget)}"
        for budget in judged
        if not budget.holds and budget.name not in known
    ]
    told += [
        f"{budget.name}: {budget.why}"
        for budget in budgets
        if isinstance(budget, Skipped) and budget.failed and budget.name not in known
    ]
    return told + [
        f"{budget.name}: holds, but known.toml lists it as a miss; take it out"
        for budget in judged
        if budget.holds and budget.name in known
    ]


def budget_rows(budgets: Sequence[Budget | Skipped], known: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the rows of the table of budgets."""
    rows = []
    for budget in budgets:
        label = f"{budget.work} (`{budget.name}`)"
        if isinstance(budget, Skipped):
            reason = f" ({known[budget.name]})" if budget.failed and budget.name in known else ""
            verdict = f"{'no' if budget.failed else 'not measured'}: {budget.why}{reason}"
            rows.append({"": label, "measured": "–", "budget": "", "holds": verdict})
            continue
        reason = f" ({known[budget.name]})" if not budget.holds and budget.name in known else ""
        rows.append(
            {
                "": label,
                "measured": f"{number(budget.figure)}{budget.unit}",
                "budget": _limit(budget),
                "holds": budget.verdict + reason,
            }
        )
    return rows


def number(value: float) -> str:
    """Return a figure with three significant digits, and all digits before the point.

    >>> number(0.123456), number(12.3456), number(1234.56)
    ('0.123', '12.3', '1,235')
    """
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _limit(budget: Budget) -> str:
    return f"{'under' if budget.strict else 'at most'} {number(budget.most)}{budget.unit}"
