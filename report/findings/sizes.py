"""Whether published panels could be shares of one table, and which sizes of categories that would need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..cells import CellRef, Kind, Panel
from ..inference.bare import (
    BoundViolation,
    Constraint,
    LargestRatio,
    SizeCheck,
    bound_violations,
    cycle_check,
    size_check,
)
from .finding import Finding, KeyNumber, Recipe, mirrored, part_of


@dataclass(frozen=True, slots=True)
class Implied:
    """The largest ratio of sizes that a kind must have: of each of `more` at least `ratio` times as many as `fewer`."""

    kind: Kind
    more: tuple[str, ...]
    fewer: str
    ratio: float


@dataclass(frozen=True, slots=True)
class Excess:
    """A cell that sizes known from elsewhere forbid, and the panel it stands in."""

    panel: str
    cell: BoundViolation


@dataclass(frozen=True, kw_only=True)
class Sizes(Finding):
    """Two reversed panels of shares, or (`right` None) one panel of a kind with itself, and a table behind them.

    The numbers are those of `SizeCheck`: `implied` takes rows as what is given; if columns are, every ratio is
    its reciprocal. `excesses` are the cells above what the sizes beside the values allow, None where a panel
    comes without sizes. `cells` are those that the conflict, or else the implied ratios, rest on. Null where no
    constraint can be used.
    """

    kind = "sizes"
    left: str
    right: str | None
    feasible: bool
    n_usable: int
    n_constraints: int
    n_checks: int
    loosening: float | None
    conflict: tuple[Constraint, ...]
    implied: tuple[Implied, ...]
    excesses: tuple[Excess, ...] | None

    @property
    def widening(self) -> float | None:
        """The share by which every constraint must be widened until sizes exist, 0 where they do."""
        return None if self.loosening is None else self.loosening - 1

    def number(self) -> KeyNumber:
        """Return the number that it goes by."""
        return KeyNumber((), part_of(self.n_usable, self.n_constraints), plain=True)

    def evidence(self) -> Iterator[Recipe]:
        """Yield what its numbers are worked out from."""
        yield Recipe("usable", "n_usable / n_constraints", {"n_usable": "n_usable", "n_constraints": "n_constraints"})
        for at, implied in self.records("implied"):
            names = (" or ".join(implied.more), implied.fewer, implied.kind.plural)
            yield Recipe("implied", "least ratio of sizes", {}, f"{at}.ratio", names=names)
        if self.loosening is not None:
            yield Recipe("loosening", "least factor on every range", {}, "loosening")


def find(panels: Iterable[Panel]) -> Iterator[Finding]:
    """Yield the check of each mirrored pair of conditional panels (once), or of a kind with itself."""
    shares = {panel.id: panel for panel in panels if panel.measure.name == "conditional"}
    yield from (_sizes(left, right, size_check(left, right)) for left, right in mirrored(shares.values()))
    for panel in shares.values():
        if panel.mirror not in shares and panel.given == panel.outcome and panel.same_taxonomy:
            yield _sizes(panel, None, cycle_check(panel))


def _sizes(left: Panel, right: Panel | None, check: SizeCheck) -> Sizes:
    behind = check.conflict or [constraint for ratio in check.largest for constraint in ratio.because]
    return Sizes(
        id=".".join(("sizes", left.id, *([right.id] if right else []))),
        left=left.id,
        right=right.id if right else None,
        cells=tuple(_refs(left, right or left, behind)),
        null=check.n_usable == 0,
        feasible=check.feasible,
        n_usable=check.n_usable,
        n_constraints=check.n_constraints,
        n_checks=check.n_checks,
        loosening=check.loosening,
        conflict=check.conflict,
        implied=tuple(_implied(left, ratio) for ratio in check.largest),
        excesses=_excesses(left, right or left),
    )


def _implied(left: Panel, ratio: LargestRatio) -> Implied:
    kind = left.given if ratio.side == "given" else left.outcome
    return Implied(kind, ratio.more, ratio.fewer, ratio.ratio)


def _refs(left: Panel, right: Panel, constraints: Iterable[Constraint]) -> Iterable[CellRef]:
    pairs = dict.fromkeys((constraint.given, constraint.outcome) for constraint in constraints)
    for given, outcome in pairs:
        yield CellRef(left.id, given, outcome)
        yield CellRef(right.id, outcome, given)


def _excesses(left: Panel, right: Panel) -> tuple[Excess, ...] | None:
    """Return the cells above their bounds where both panels come with the sizes of their rows."""
    sizes = {panel.id: _row_sizes(panel) for panel in (left, right)}
    if not all(sizes.values()):
        return None
    turns = dict.fromkeys(((left, right), (right, left)))
    return tuple(
        Excess(panel.id, cell)
        for panel, other in turns
        for cell in bound_violations(panel, sizes[panel.id], sizes[other.id])
    )


def _row_sizes(panel: Panel) -> dict[str, float]:
    return {cell.given: cell.n_given for cell in panel.cells if cell.n_given is not None}
