"""Which changes a report counts by default: what carries most of its cells, and other ways to file labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..taxonomy.presets import known_presets
from .change import Change

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..contributors import Contribution, Contributors
    from ..incidence import Incidence
    from .ledger import Axis, Ledger

_CELLS = 40
_OF_A_SORT = 60
_BYTES = 200_000_000
"""About what all recounts together may hold: each is an incidence of its own."""
_FREE = 100_000
_TIMES = 1.5
"""Units that items and labels may touch all together, in populations: what is counted anew costs what they touch."""


def default_changes(ledger: Ledger, incidence: Incidence, contributors: Contributors) -> tuple[Change, ...]:
    """Return the changes to recount, in falling importance; strata and groups need none (`without_level`).

    First the other ways to file labels: each derived category with `replaces` the other way, and every other
    preset where the taxonomy names one. Then the item that most units have; then the largest item and the
    largest label of each side of the 40 largest cells and of all on the diagonal, larger cells first: at most
    60 items and 60 labels, each once. Of large populations fewer are counted anew: all together touch at most
    one and a half times the units there are (100,000 in any case; a touch is in the cell where it is largest), and
    hold about 200 MB.
    """
    candidates: list[tuple[Change, int]] = []
    if contributors.items and ledger.carriers is not None:
        side = ledger.rows if ledger.carriers == "rows" else ledger.columns
        most = contributors.items[0]
        candidates.append((Change("item", side.name, most.name), most.n_units))
    place = _cells(incidence)
    largest: dict[tuple[str, str, str, str | None], Contribution] = {}
    touching: dict[Change, int] = {}
    for part in contributors.cells:
        change = Change(part.by, part.side, part.name)
        touching[change] = max(part.n_touching, touching.get(change, 0))
        if part.by in ("item", "label") and (part.row, part.column) in place:
            largest.setdefault((part.row, part.column, part.by, part.side), part)
    for part in sorted(largest.values(), key=lambda part: place[part.row, part.column]):
        change = Change(part.by, part.side, part.name)
        candidates.append((change, touching[change]))
    changes = (*_filings(ledger), *_afforded(candidates, max(_FREE, _TIMES * incidence.n_units)))
    p, n_rows = incidence.row_sets.shape
    size = max(1, p) * (n_rows + incidence.column_sets.shape[1] + 48)
    return changes[: max(1, _BYTES // size)]


def _afforded(candidates: Sequence[tuple[Change, int]], n_units: float) -> Iterator[Change]:
    """Yield the first changes of each sort, each once, that together touch at most so many units."""
    n_of = {"item": 0, "label": 0}
    seen: set[Change] = set()
    for change, n_touching in candidates:
        if change not in seen and n_of[change.by] < _OF_A_SORT and n_touching <= n_units:
            n_of[change.by] += 1
            n_units -= n_touching
            yield change
        seen.add(change)


def _filings(ledger: Ledger) -> Iterator[Change]:
    """Yield `replaces` and `preset`, once where both sides have one taxonomy."""
    shared = _taxonomy(ledger.rows) == _taxonomy(ledger.columns)
    for side in (ledger.rows,) if shared else (ledger.rows, ledger.columns):
        name = None if shared else side.name
        taxonomy = side.found.taxonomy
        for category in dict.fromkeys(rule.category for rule in taxonomy.derived):
            yield Change("replaces", name, taxonomy.categories[category])
        if taxonomy.preset is not None:
            yield from (Change("preset", name, preset) for preset in known_presets() if preset != taxonomy.preset)


def _taxonomy(side: Axis) -> tuple[str, tuple[str, ...]]:
    return side.taxonomy, side.categories


def _cells(incidence: Incidence) -> dict[tuple[str, str], int]:
    """Return (row, column) -> its place, of the largest cells and of the diagonal, where units are in them."""
    rows, columns = incidence.rows, incidence.columns
    units = incidence.units[:, None].astype(np.float64)
    joint = (incidence.row_sets.T.astype(np.float64) @ (incidence.column_sets * units)).ravel()
    order = np.argsort(-joint, kind="stable").tolist()
    chosen = set(order[:_CELLS])
    if (rows.taxonomy, rows.categories) == (columns.taxonomy, columns.categories) and not incidence.trivial_diagonal:
        chosen |= {i * len(columns.categories) + i for i in range(len(rows.categories))}
    n_columns = len(columns.categories)
    found = [i for i in order if i in chosen and joint[i]]
    return {(rows.categories[i // n_columns], columns.categories[i % n_columns]): n for n, i in enumerate(found)}
