"""Fragility: in how many drawings of the same units or groups a headline would have been another.

All headlines are asked of the same drawings (`inference.redraws`), each by its own number and word, so that what is
counted is how often the statement itself would not have come out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..cells import Panel, Refusal
from ..inference.by_size import due_through
from ..inference.common_odds import units_add
from ..inference.crossing_trimmed import fit_without
from ..inference.redraws import Redraws, redraws
from . import bridges
from . import surprises as departures
from .finding import Study
from .headlines import About, Headline, is_kept, tier

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_HALF = 0.5
_AGREE, _LABELLED, _FIRST = 0, 1, 2
"""Sums that are drawn beside counts: units that agree, units labelled on both sides, then two for each row category
that stands apart (units that have it, and those of them that have nothing else), and two for each that agrees within
strata (both sums of the common odds ratio, to first order)."""


@dataclass(frozen=True, eq=False)
class _Drawn:
    """A study with its drawings; `alone` and `within` are the numbers of the categories whose sums are drawn."""

    study: Study
    of: Redraws
    alone: tuple[int, ...]
    within: tuple[int, ...]

    def panel(self, name: str) -> Panel:
        return next(panel for panel in self.study.panels if panel.id == name)

    def row(self, headline: Headline) -> tuple[Floats, Floats, tuple[str, ...]]:
        """Return joint counts (k, B) and total (k,) of the given category of a headline, and its measured outcomes."""
        panel, given = self.panel(headline.question.panel), headline.question.categories[0]
        own = panel.given_categories.index(given)
        as_rows = panel.given == self.study.tables.incidence.rows.kind
        joint = self.of.joint[:, own, :] if as_rows else self.of.joint[:, :, own]
        total = self.of.given[:, own] if as_rows else self.of.outcome[:, own]
        there = [cell.outcome for cell in panel.row(given) if cell.state == "measured" and cell.value is not None]
        return joint[:, [panel.outcome_categories.index(name) for name in there]], total, tuple(there)

    def pair(self, headline: Headline) -> tuple[int, int]:
        """Return the row and column number of a headline's two categories, as its panel has them."""
        panel, (first, *_, second) = self.panel(headline.question.panel), headline.question.categories
        as_rows = panel.given == self.study.tables.incidence.rows.kind
        row, column = (first, second) if as_rows else (second, first)
        return self.study.rows.index(row), self.study.columns.index(column)


def fragilities(study: Study, headlines: Sequence[Headline]) -> tuple[float | None, ...]:
    """Return for each headline the share of drawings in which it is another one.

    None where nothing can be drawn, for statements that something is not so (another drawing may not make it so), and
    where every drawing gives one number, as all or none of a few units do: drawing them again tells nothing.
    """
    alone, within = (
        tuple(study.rows.index(h.question.categories[0]) for h in headlines if h.question.about == about)
        for about in ("isolation", "within")
    )
    of = redraws(study.tables.incidence, study.inference, _sums(study, alone, within))
    if isinstance(of, Refusal):
        return (None,) * len(headlines)
    drawn = _Drawn(study, of, alone, within)
    return tuple(_share(_FAILS[headline.question.about](headline, drawn)) for headline in headlines)


def _share(fails: Bools | None) -> float | None:
    return None if fails is None else float(fails.mean())


def _sums(study: Study, alone: Sequence[int], within: Sequence[int]) -> Floats:
    """Return what a unit of each pattern adds (p, m) to the sums beside counts."""
    incidence = study.tables.incidence
    rows, columns = incidence.row_sets, incidence.column_sets
    labelled = rows.any(axis=1) & columns.any(axis=1)
    agree = labelled & (rows == columns).all(axis=1) if study.diagonal else np.zeros_like(labelled)
    parts = [agree, labelled]
    for i in alone:
        has = rows[:, i] | columns[:, i]
        parts += [has, rows[:, i] & columns[:, i] & (rows.sum(axis=1) == 1) & (columns.sum(axis=1) == 1)]
    odds = [units_add(incidence, (i, i)) for i in within]
    return np.column_stack([np.stack(parts, axis=1).astype(np.float64), *odds])


def _varying(values: Floats, fails: Bools) -> Bools | None:
    """Return what fails, None where all drawings give one number."""
    known = values[np.isfinite(values)]
    return None if not known.size or float(np.ptp(known)) == 0 else fails


def _over(part: Floats, whole: Floats) -> Floats:
    """Return shares, nan where there is nothing to have a share of."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share: Floats = np.where(whole > 0, part / whole, np.nan)
    return share


def _agreement(headline: Headline, drawn: _Drawn) -> Bools | None:
    share = _over(drawn.of.sums[:, _AGREE], drawn.of.sums[:, _LABELLED])
    words = [tier(value, drawn.study.thresholds) for value in np.nan_to_num(share)]
    kept = [is_kept(headline.question, headline.answer.word, word) for word in words]
    return _varying(share, ~np.array(kept, dtype=np.bool_))


def _leads(headline: Headline, drawn: _Drawn) -> Bools | None:
    joint, total, outcomes = drawn.row(headline)
    own = outcomes.index(headline.answer.word)
    others = np.delete(joint, own, axis=1)
    beaten = (others >= joint[:, [own]]).any(axis=1) if others.shape[1] else np.zeros(len(joint), dtype=np.bool_)
    if headline.answer.word == headline.question.categories[0]:  # in a tie the diagonal leads
        beaten = (others > joint[:, [own]]).any(axis=1)
    return _varying(_over(joint[:, own], total), beaten | (total <= 0))


def _listed(headline: Headline, drawn: _Drawn) -> Bools | None:
    joint, total, outcomes = drawn.row(headline)
    share = _over(joint[:, outcomes.index(headline.question.categories[-1])], total)
    is_listed = np.nan_to_num(share) >= drawn.study.thresholds.listed
    return _varying(share, is_listed != (headline.answer.word == "listed"))


def _largest(headline: Headline, drawn: _Drawn) -> Bools | None:
    is_row = headline.question.about == "largest_row"
    sizes, names = (drawn.of.given, drawn.study.rows) if is_row else (drawn.of.outcome, drawn.study.columns)
    own = names.index(headline.question.categories[0])
    share = _over(sizes[:, own], drawn.of.units)
    is_top = sizes.argmax(axis=1) == own
    return _varying(share, ~is_top | (share < drawn.study.thresholds.dominant))


def _bridge(headline: Headline, drawn: _Drawn) -> Bools | None:
    study, crossing = drawn.study, bridges.both_ways(drawn.of.joint)
    own = study.rows.index(headline.question.categories[0])
    through = np.where(bridges.is_live(study), crossing.sum(axis=2), -1.0)
    total = crossing.sum(axis=(1, 2)) / 2
    share = _over(through[:, own], total)
    carries = bridges.joins(crossing[:, own], study.inference.minimum_units) & (share >= study.thresholds.high)
    carries &= share > due_through(drawn.of.joint)[:, own]
    return _varying(share, ~carries | (through.argmax(axis=1) != own))


def _explained(headline: Headline, drawn: _Drawn) -> Bools | None:
    found, counts = drawn.of, drawn.study.tables.counts
    if found.within is None or counts.expected_within is None:
        return None

    def share(joint: Floats, expected: Floats, within: Floats) -> Floats:
        observed, of_all, of_strata = (np.trace(part, axis1=-2, axis2=-1) for part in (joint, expected, within))
        return 1 - _over(observed - of_strata, observed - of_all)

    plain = share(found.joint, found.expected, found.within)
    # The headline compares each group with the others of its stratum; drawings move it as they move the plain share.
    moved = plain + headline.answer.value - float(share(counts.joint, counts.expected, counts.expected_within))
    return _varying(moved, (moved >= _HALF) != (headline.answer.word == "most"))


def _within(headline: Headline, drawn: _Drawn) -> Bools | None:
    study = drawn.study
    place = len(drawn.alone) + drawn.within.index(study.rows.index(headline.question.categories[0]))
    alike, crossed = (drawn.of.sums[:, _FIRST + 2 * place + k] for k in (0, 1))
    # Where nothing is left that keeps them apart, as many meet as can.
    odds = np.divide(alike, crossed, out=np.full_like(alike, np.inf), where=crossed > 0)
    stays = (odds >= study.thresholds.surprising) & (alike > 0)
    return _varying(odds, stays != (headline.answer.word == "lasting"))


def _scaled(observed: Floats, due: Floats, headline: Headline, plain: float) -> Floats:
    """Return ratios of drawings, by the factor that the headline's own ratio is of the plain one."""
    ratio: Floats = _over(observed, due) * (headline.answer.value / plain if plain else 1.0)
    return ratio


def _direction(headline: Headline, drawn: _Drawn) -> Bools | None:
    if headline.answer.word != "supported":
        return None
    i, j = (drawn.study.rows.index(name) for name in headline.question.categories)
    net = drawn.of.joint[:, i, j] - drawn.of.joint[:, j, i]
    return _varying(net, net <= 0)


def _isolation(headline: Headline, drawn: _Drawn) -> Bools | None:
    place = drawn.alone.index(drawn.study.rows.index(headline.question.categories[0]))
    has, only = (drawn.of.sums[:, _FIRST + 2 * place + k] for k in (0, 1))
    share = _over(only, has)
    return _varying(share, ~(share >= drawn.study.thresholds.isolated))


def _surprise(headline: Headline, drawn: _Drawn) -> Bools | None:
    study, of = drawn.study, drawn.of
    at = drawn.pair(headline)
    judgement = departures.judged(study)
    due, plain = of.expected, study.tables.counts.expected
    if judgement.basis == "crossing":
        itself = np.zeros(study.joint.shape, dtype=np.bool_)
        itself[at] = True
        due, plain = fit_without(of.joint, itself), fit_without(study.joint[None], itself)[0]
    elif judgement.basis == "strata" and of.within is not None and study.tables.counts.expected_within is not None:
        due, plain = of.within, study.tables.counts.expected_within
    observed = float(study.joint[at])
    ratio = _scaled(of.joint[(slice(None), *at)], due[(slice(None), *at)], headline, observed / max(plain[at], 1e-300))
    is_above = headline.answer.word == "above"
    return _varying(ratio, ~(ratio > 1) if is_above else ~(ratio < 1))


_FAILS: Mapping[About, Callable[[Headline, _Drawn], Bools | None]] = {
    "agreement": _agreement,
    "leads": _leads,
    "share": _listed,
    "largest": _largest,
    "largest_row": _largest,
    "bridge": _bridge,
    "explained": _explained,
    "within": _within,
    "direction": _direction,
    "isolation": _isolation,
    "surprise": _surprise,
}
