"""Panels of a study with other counts: resamples, and counts without the largest contributors to some cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial

import numpy as np

from ..arrays import Bools
from ..cells import CellRef, Column, Panel, Refusal
from ..inference.drawing import ResampledTotals, redraws
from ..ledger.recounts import Change
from ..matrices.counts import Counts
from ..measures import MEASURES
from ..panels import PlacedPanel, RelationStats, columns_of
from .finding import Study
from .robustness import counted
from .statements import carriers, pairs_of


def resampled_panels(study: Study, n: int) -> Sequence[Mapping[str, Panel]] | Refusal:
    """Return the panels of a study by id, for each of n resamples of its units or of its whole groups."""
    drawn = redraws(study.tables.incidence, study.inference, n=n)
    if isinstance(drawn, Refusal):
        return drawn
    sources = [_Redrawn(panel, study.tables.incidence) for panel in study.panels]
    return [{source.panel.id: source.drawn(drawn, k) for source in sources} for k in range(n)]


def without_contributors(study: Study, cells: Iterable[CellRef]) -> Iterator[tuple[Change, Callable[[], Study]]]:
    """Yield the largest item, label, level and group of some cells, each with a function that counts without it."""
    for change, tables in carriers(study, pairs_of(study, cells)):
        yield change, partial(_counted_study, study, tables)


def _counted_study(study: Study, tables: RelationStats) -> Study:
    return counted(study, tables).study


class _Redrawn(PlacedPanel):
    """A panel over its incidence, which can be resampled as a panel."""

    @cached_property
    def there(self) -> Mapping[str, Bools]:
        """The cells that have a value, and the cells that have a lift."""
        return {name: np.array([one is not None for one in self.panel.column(name)]) for name in ("value", "lift")}

    def drawn(self, of: ResampledTotals, k: int) -> Panel:
        """Return the panel with the counts of one resample and the values derived from them, for the same cells.

        Each column is computed when a claim needs it.
        """
        panel, (rows, columns) = self.panel, (self.incidence.rows, self.incidence.columns)
        within = None if of.within is None else of.within[k]
        counts = Counts(rows, columns, of.joint[k], of.given[k], of.outcome[k], float(of.units[k]), within)
        counts = counts.T if self.by_columns else counts
        totals = counts.joint, counts.given[:, None], counts.outcome[None, :], np.asarray(counts.n_units)

        def values(measure: str, name: str) -> list[float | None]:
            found = MEASURES[measure].of(self.incidence)(*totals).ravel()
            known = self.there[name] & np.isfinite(found)
            made: list[float | None] = np.where(known, found.astype(object), np.array(None)).tolist()
            return made

        made: dict[str, Column] = {
            "value": lambda: values(panel.measure.name, "value"),
            "lift": lambda: values("lift", "lift"),
            "lift_within_strata": lambda: _lifts_within(panel, counts),
        }
        return replace(panel, n_units=counts.n_units, cells=panel.cells.replaced(**columns_of(counts), **made))


def _lifts_within(panel: Panel, counts: Counts) -> list[float | None] | None:
    """Return observed over expected within strata, with each cell's correction of the plain ratio from the data."""
    if counts.expected_within is None:
        return None
    drawn = counts.joint.ravel().tolist(), counts.expected_within.ravel().tolist()
    before = (panel.column(name) for name in ("lift_within_strata", "n_joint", "expected_within_strata"))
    found: list[float | None] = []
    for n_joint, within, lift, n_before, within_before in zip(*drawn, *before, strict=True):
        plain = n_before / within_before if within_before else None
        if lift is None or plain is None or not within:
            found.append(None)
        else:
            found.append(n_joint / within * (lift / plain if plain else 1.0))
    return found
