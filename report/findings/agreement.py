"""Agreement of both sides of units: the share with exactly the same categories, and the association of their numbers.

If units with more categories on one side also have more on the other, this alone makes categories meet (activity).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .. import formats
from ..arrays import Bools, counted, over
from ..cells import Estimate
from ..incidence import Incidence
from ..inference.totals import net_total, proportion
from ..matrices.counts import shares, stratum_margins
from .finding import Finding, KeyNumber, Study
from .statements import Account, FindingKind

_POINT = 0.01
SURELY = 0.99
"""The confidence level for agreement in excess of chance. A report begins with this finding."""


@dataclass(frozen=True, kw_only=True)
class Agreement(Finding):
    """The share of units with the same categories on both sides, of the units labelled on both sides.

    `pivot` is the category that most of the `n_differ` differing units have on one side or the other, on `n_pivot` of
    them. `excess` is the number of equal pairs beyond the number expected from category sizes (within strata), with its
    interval at the level SURELY. `by_chance` is the share that would agree if the sides of the labelled units were
    paired at random, or None if it was not computed. `in_strata` is the same with pairs from the same stratum, or None
    without strata. `n_equal` pairs have equal categories. `n_common` of the labelled units share at least one category.
    """

    kind = "agreement"
    place = None
    n_labelled: float
    n_agree: float
    share: Estimate
    n_differ: float
    pivot: str | None
    n_pivot: float
    excess: Estimate | None = None
    by_chance: float | None = None
    in_strata: float | None = None
    n_equal: float = 0.0
    n_common: float = 0.0

    @property
    def common(self) -> float:
        """The share of the labelled units with at least one category on both sides."""
        return self.n_common / self.n_labelled

    @property
    def is_exact_apart(self) -> bool:
        """Whether that share exceeds the share of exact agreement by more than a percentage point."""
        return self.common - self.share.value > _POINT

    @property
    def expected(self) -> float | None:
        """The share expected to agree by chance, within strata if strata are declared."""
        return self.by_chance if self.in_strata is None else self.in_strata

    @property
    def kappa(self) -> Estimate | None:
        """Chance-corrected agreement, (share - expected) / (1 - expected).

        Cohen (1960). The ends of its interval follow from the interval of the share. None if agreement by chance is 1.
        """
        expected = self.expected
        if expected is None or expected >= 1:
            return None
        ends = (self.share.value, self.share.low, self.share.high)
        value, low, high = (None if end is None else (end - expected) / (1 - expected) for end in ends)
        return None if value is None else Estimate(value, low, high)

    @property
    def beyond(self) -> bool:
        """Whether agreement is clearly above the number expected from category sizes."""
        return self.excess is not None and self.excess.low is not None and self.excess.low > 0

    @property
    def shows(self) -> bool:
        """Whether the share, as printed, is above the share expected by chance.

        Units with several categories rarely have exactly the same set, and may still share a category more often than
        by chance.
        """
        expected = self.expected
        if expected is None:
            return True
        return self.share.value > expected and formats.percent(self.share.value) != formats.percent(expected)

    @property
    def times(self) -> float | None:
        """The ratio of equal pairs to the number expected from category sizes (within strata); None if that is 0."""
        due = self.n_equal - (0.0 if self.excess is None else self.excess.value)
        return self.n_equal / due if due > 0 else None

    def number(self) -> KeyNumber:
        """Return the key number of the finding."""
        return KeyNumber((), self.share)


def find_agreement(study: Study) -> list[Agreement]:
    """Return one finding if both axes use one taxonomy and any unit is labelled on both sides."""
    incidence = study.tables.incidence
    if not study.diagonal:
        return []
    (rows, columns), (_, number) = incidence.distinct_sets, incidence.distinct
    labelled: Bools = np.logical_and(rows.any(axis=1), columns.any(axis=1))
    agree: Bools = labelled & (rows == columns).all(axis=1)
    differ = incidence.by_distinct(incidence.weight) * (labelled & ~agree)
    touched = np.maximum(rows, columns).T @ differ
    common = float(np.minimum(rows, columns).any(axis=1) @ incidence.by_distinct(incidence.weight))
    labelled, agree, weight = labelled[number], agree[number], incidence.weight
    if not float(labelled @ weight):
        return []
    if study.withheld.any() and float(agree @ weight) in (0.0, float(labelled @ weight)):
        return []  # units that disagree may be withheld
    pivot = int(np.argmax(touched)) if differ.sum() else None
    if pivot is not None and study.withheld.any() and touched[pivot] == differ.sum():
        pivot = None  # other differing units may be withheld
    return [
        Agreement(
            id="agreement",
            cells=tuple(ref for name in study.rows for ref in study.refs(name, name)),
            n_labelled=float(labelled @ weight),
            n_agree=float(agree @ weight),
            share=proportion(agree.astype(float), labelled.astype(float), incidence, study.inference.level),
            n_differ=float(differ.sum()),
            pivot=None if pivot is None else study.rows[pivot],
            n_pivot=0.0 if pivot is None else float(touched[pivot]),
            excess=_excess(incidence),
            by_chance=_by_chance(incidence, stratified=False),
            in_strata=_by_chance(incidence, stratified=True) if study.tables.stratified else None,
            n_equal=float(np.trace(study.joint)),
            n_common=common,
        )
    ]


def _by_chance(incidence: Incidence, *, stratified: bool) -> float:
    """Return the share of labelled units whose sets would be equal if their sides were paired at random.

    `stratified`: within strata, with the shares averaged by stratum size.
    """
    first, number = incidence.levels
    rows, columns = incidence.row_sets[first], incidence.column_sets[first]
    labelled = rows.any(axis=1) & columns.any(axis=1)
    weight = np.where(labelled, counted(incidence.weight, number, len(first)), 0.0)
    _, sets = np.unique(np.packbits(np.concatenate([rows, columns]), axis=1), axis=0, return_inverse=True)
    n_sets, stratum = int(sets.max()) + 1, incidence.stratum[first] * int(stratified)
    of_rows, of_columns = (
        counted(weight, stratum * n_sets + own, len(incidence.strata) * n_sets).reshape(-1, n_sets)
        for own in np.split(sets.ravel(), 2)
    )
    alike = over((of_rows * of_columns).sum(axis=1), of_rows.sum(axis=1))
    return float(alike.sum() / weight.sum())


def _excess(incidence: Incidence) -> Estimate:
    """Return the excess of n_kk over its expectation within strata, summed over k: (r_k - p_k)(c_k - q_k) per unit."""
    margins, (first, number) = stratum_margins(incidence), incidence.levels
    sides = zip(shares(incidence, first), (margins.row_shares, margins.column_shares), strict=True)
    rows, columns = (side - own[incidence.stratum[first]] for side, own in sides)
    return net_total((rows * columns).sum(axis=1)[number], incidence, SURELY)


def _accounts(finding: Agreement, study: Study) -> Iterator[Account]:
    """Yield, if agreement is above chance, the equal pairs above expectation and the other pairs below it."""
    if finding.beyond:
        more = study.joint > study.expected
        yield Account(finding.id, np.where(np.eye(len(more), dtype=np.bool_), more, ~more))


AGREEMENT = FindingKind(Agreement, find_agreement, _accounts)


_HARMLESS = 1.05
"""The largest factor, with its interval, for which the number of categories per unit does not matter."""


@dataclass(frozen=True, kw_only=True)
class Activity(Finding):
    """The association between the numbers of categories on both sides, computed without `strata: [activity]`.

    A unit with r row and c column categories adds r c pairs. If r and c were unrelated, the mean number of pairs would
    be mean r times mean c. `factor` is the mean of r c divided by this product. It is the average ratio of observed to
    expected for two unrelated categories. If both sides are the same items, pairs of a category with itself are left
    out of both. `n_rows` and `n_columns` are the units with several categories on either side.
    """

    kind = "activity"
    place = None
    n_rows: float
    n_columns: float
    n_units: float
    factor: Estimate

    @property
    def is_clear(self) -> bool:
        """Whether units with more categories on one side clearly have more, or clearly fewer, on the other."""
        return self.factor.excludes(1)

    def number(self) -> KeyNumber:
        """Return the key number of the finding."""
        return KeyNumber((), self.factor)


def find_activity(study: Study) -> list[Activity]:
    """Return one finding if the number of categories per unit may explain pairs; none if the effect is negligible.

    The interval is linearised on the log scale and clustered by group.
    """
    incidence = study.tables.incidence
    if "activity" in incidence.stratum_names:
        return []
    n, weight = float(incidence.weight.sum()), incidence.weight
    rows, columns = (side.sum(axis=1).astype(np.float64) for side in (incidence.row_sets, incidence.column_sets))
    several = [float((side > 1) @ weight) for side in (rows, columns)]
    pairs, in_rows, in_columns = rows * columns, float(rows @ weight), float(columns @ weight)
    expected, slope = in_rows * in_columns, rows * in_columns + columns * in_rows
    if incidence.trivial_diagonal:  # pairs of a category with itself are not shown
        sizes = weight @ incidence.row_sets
        pairs, expected = pairs - rows, expected - float(sizes @ sizes)
        slope = slope - 2 * (incidence.row_sets @ sizes)
    both = float(pairs @ weight)
    if not all(several) or not both:
        return []
    factor = n * both / expected
    change = net_total(pairs / both + 1 / n - slope / expected, incidence, study.inference.level)
    ends = () if change.ends is None else (factor * math.exp(end) for end in change.ends)
    found = Estimate(factor, *ends)
    if found.ends is not None and found.ends[0] > 1 / _HARMLESS and found.ends[1] < _HARMLESS:
        return []
    return [Activity(id="activity", n_rows=several[0], n_columns=several[1], n_units=n, factor=found)]


ACTIVITY = FindingKind(Activity, find_activity)
