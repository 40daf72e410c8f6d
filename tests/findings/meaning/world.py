"""A report beside its raw table: what meanings of findings are worked out from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from diptych.cells import CellRef, Panel
from diptych.findings.finding import Finding
from diptych.taxonomy.orders import is_leftover
from tests.findings.meaning.record import UNKNOWN, Meaning, Near, Such
from tests.findings.meaning.table import Array, Table, unknown
from tests.prose.raw import Raw
from tests.prose.wholes import Whole

F = TypeVar("F", bound=Finding)
Meanings = Mapping[str, Meaning]
"""What the findings of a kind must be, by their ids."""


@dataclass(frozen=True, eq=False)
class World:
    """A part of a report and the raw table that it is about."""

    whole: Whole
    raw: Raw

    @cached_property
    def table(self) -> Table:
        return self.of(self.raw)

    def of(self, raw: Raw) -> Table:
        """Return what another raw table says, in the kinds of this one."""
        table = Table(raw)
        table.kinds = (self.part.wording.rows.name, self.part.wording.columns.name)
        return table

    @property
    def part(self):
        return self.whole.written.part

    @property
    def panels(self) -> tuple[Panel, ...]:
        return self.part.panels

    @property
    def minimum(self) -> tuple[int, float]:
        """Units and groups from which a category can be judged."""
        return self.part.inference.minimum_units, self.part.inference.minimum_groups

    def found(self, kind: type[F]) -> list[F]:
        """Return the findings of a kind, null ones too."""
        return [f for f in self.part.findings if isinstance(f, kind)]

    def refs(self, row: str, column: str) -> tuple[CellRef, ...]:
        return self.table.refs(self.panels, row, column)

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Yield the places of all pairs, of a kind with itself over a shared key each once."""
        rows, columns = self.table.joint.shape
        yield from ((i, j) for i in range(rows) for j in range(columns) if not self.table.masked or i < j)

    @cached_property
    def judged(self) -> set[tuple[int, int]]:
        """The pairs that every panel can judge."""
        return {
            (i, j)
            for i, j in self.pairs()
            if all(self.table.state(panel, i, j, self.minimum) in ("measured", "uncertain") for panel in self.panels)
        }

    def is_leftover(self, *names: str) -> bool:
        return any(is_leftover(name) for name in names)

    # Cells.

    def cell(self, panel: Panel, given: str, outcome: str, table: Table | None = None) -> Meaning:
        """Return what a cell of a panel of shares must be."""
        t = self.table if table is None else table
        row, column = t.pair_of(panel, given, outcome)
        i, j = t.place(row, column)
        own = 1 if t.is_turned(panel) else 0
        n, n_given, n_outcome = float(t.joint[i, j]), float(t.sizes[own][(i, j)[own]]), 0.0
        n_outcome = float(t.sizes[1 - own][(i, j)[1 - own]])
        state = t.state(panel, i, j, self.minimum)
        if state not in ("measured", "few", "uncertain"):
            return {"given": given, "outcome": outcome, "state": state} | unknown(*_NUMBERS)
        whole, part = t.has[own][:, (i, j)[own]], t.has[1 - own][:, (i, j)[1 - own]]
        expected, within = float(t.over_all[i, j]), float(t.within[i, j]) if t.is_stratified else None
        measure = panel.measure.name
        value = {"conditional": n / n_given, "count": n, "share": n / t.n, "lift": n / expected}.get(measure, UNKNOWN)
        ends = t.share_ends(part, whole, all_=False) if measure == "conditional" else unknown("low", "high")
        return {
            "given": given,
            "outcome": outcome,
            "n_joint": n,
            "n_given": n_given,
            "n_outcome": n_outcome,
            "n_units": t.n,
            "value": value,
            **ends,
            "baseline": n_outcome / t.n,
            "expected": expected,
            "lift": n / expected,
            "expected_within_strata": within,
            "lift_within_strata": None if within is None else n / within if within else UNKNOWN,
            "state": state,
            "effective_groups": None if not t.has_groups else Near(float(t.groups[own][(i, j)[own]]), rel=1e-6),
            "odds_within_strata": self.odds(i, j) if t.is_stratified else None,
            **self._around(n / expected, "lift"),
            **self._around(None if not within else n / within, "lift_within"),
            **self._around(None, "odds_within"),
            **unknown("q_value", "design_effect"),
        }

    @staticmethod
    def _around(value: float | None, name: str) -> dict[str, object]:
        """Return that the ends of an interval have a number between them."""
        if value is None:
            return unknown(f"{name}_low", f"{name}_high")
        return {
            f"{name}_low": Such(f"at most {value}", lambda end: end is None or end <= value * (1 + 1e-9)),
            f"{name}_high": Such(f"at least {value}", lambda end: end is None or end >= value * (1 - 1e-9)),
        }

    def odds(self, i: int, j: int) -> object:
        """Return the common odds ratio of Mantel and Haenszel within strata; unknown where one of its sums is 0."""
        alike, crossed = self.odds_sums(i, j)
        return Near(alike / crossed, rel=1e-6) if min(alike, crossed) > 1e-9 else UNKNOWN

    def odds_sums(self, i: int, j: int, table: Table | None = None) -> tuple[float, float]:
        t = self.table if table is None else table
        alike = crossed = 0.0
        for n, a, b, joint in t.by_stratum:
            if n:
                both = joint[i, j]
                alike += both * (n - a[i] - b[j] + both) / n
                crossed += (a[i] - both) * (b[j] - both) / n
        return float(alike), float(crossed)


_NUMBERS = [
    "n_joint",
    "n_given",
    "n_outcome",
    "n_units",
    "value",
    "low",
    "high",
    "baseline",
    "expected",
    "lift",
    "lift_low",
    "lift_high",
    "expected_within_strata",
    "lift_within_strata",
    "q_value",
    "lift_within_low",
    "lift_within_high",
    "odds_within_strata",
    "odds_within_low",
    "odds_within_high",
    "design_effect",
    "effective_groups",
]


def bools(table: Table, side: int, name: str) -> Array:
    """Return which units have a category."""
    return table.has[side][:, table.names[side].index(name)]
