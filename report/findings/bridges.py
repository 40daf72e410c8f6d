"""Bridges: a category that is involved in nearly all off-diagonal units, more than expected."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ..arrays import Bools, Floats
from ..cells import TESTED, Estimate, Refusal
from ..incidence import Incidence
from ..inference.crossings import crossings
from ..inference.drawing import redraws
from ..inference.laws import normal_quantile
from ..matrices.counts import refuse_withheld
from . import HIGH
from .finding import Finding, KeyNumber, SentenceSpec, Study, slug
from .flows import ForwardShare
from .sizes import due_through, share_through
from .statements import FindingKind

MOST_CATEGORIES = 30
"""The largest number of categories for which a bridge is sought. Beyond it, the expected counts take seconds."""

BEYOND_ONE = 0.1
"""The smallest share of a bridge's off-diagonal units with categories other than its most frequent partner. Below it,
there is one associated pair and no bridge."""


@dataclass(frozen=True, slots=True)
class PairCount:
    """Two categories, and the number of units with one of them on each side, in either order."""

    first: str
    second: str
    n: float


@dataclass(frozen=True, kw_only=True)
class Bridge(Finding):
    """A category in most off-diagonal units, and the pairs among the other categories.

    `live` categories have enough units on either side. `met` are all partners of the bridge, and `judged` are those
    partners with enough data for a cell of their own. Of `n_crossing` off-diagonal units, `n_through` involve the
    bridge. `by_size` is the largest number expected from its size if all categories had the same tendency to match
    themselves (`due_through`). `in_strata` is the number expected if categories were unrelated within strata, or None
    without strata. `beyond` is the bridge's share of off-diagonal units in excess of the larger expectation, with its
    interval. Of `n_pairs` pairs of the other live categories, `n_unmet` share no unit. `exceptions` are the pairs that
    do.

    Null unless three conditions are met. The category has at least the share `high` of all off-diagonal units. The
    share is clearly more than expected, with a Bonferroni correction for all live categories, because it has the
    largest share. It has two partners with at least `minimum_units` each, and `BEYOND_ONE` of its off-diagonal units
    are with categories other than its most frequent partner.
    """

    kind = "bridge"
    place = "pairs"
    thresholds = (("high", HIGH),)
    category: str
    live: tuple[str, ...]
    met: tuple[str, ...]
    judged: tuple[str, ...]
    n_crossing: float
    n_through: float
    by_size: float
    in_strata: float | None = None
    beyond: Estimate
    n_pairs: int
    n_unmet: int
    exceptions: tuple[PairCount, ...]

    @property
    def expected(self) -> float:
        """The number of off-diagonal units expected to involve it, by size or within strata, whichever is larger."""
        return self.by_size if self.in_strata is None else max(self.by_size, self.in_strata)

    @property
    def is_beyond(self) -> bool:
        """Whether its share of off-diagonal units is clearly larger than expected."""
        return self.beyond.low is not None and self.beyond.low > 0

    def cites(self) -> tuple[str, ...]:
        """Return the publications of its methods."""
        return ("crossing",)

    def number(self) -> KeyNumber:
        """Return the key number of the finding."""
        return KeyNumber((self.category,), Estimate(self.n_through / self.n_crossing))

    def tells(self) -> Iterator[SentenceSpec]:
        """Yield the sentences on the category and on the pairs of the others."""
        yield SentenceSpec("observation")
        if self.n_pairs:
            yield SentenceSpec("others")

    def covers(self, statement: str, categories: Collection[str]) -> bool:
        """Return whether the category needs no other statement: it is a bridge, or as frequent as expected."""
        return statement == "agreement.pivot" and self.category in categories and not (self.null and self.is_beyond)


def find(study: Study) -> list[Bridge]:
    """Return one finding: a single category that is in most off-diagonal units, or a null finding.

    Nothing is returned if off-diagonal cells are withheld for confidentiality: whether other pairs meet is then
    unknown.
    """
    if not study.diagonal or len(study.rows) > MOST_CATEGORIES:
        return []
    counts = study.tables.counts
    crossing = both_ways(counts.joint)
    live = [int(i) for i in np.flatnonzero(is_live(study))]
    total = float(crossing.sum()) / 2
    if len(live) < 3 or not total or refuse_withheld(study.tables.incidence) is not None:
        return []
    best = max(live, key=lambda i: float(crossing[i].sum()))
    others = [i for i in live if i != best and crossing[i].any()]
    pairs = [PairCount(study.rows[i], study.rows[j], float(crossing[i, j])) for i, j in combinations(others, 2)]
    through = float(crossing[best].sum())
    met = tuple(name for i, name in enumerate(study.rows) if crossing[best, i])
    due = Due.of(counts.joint, counts.expected_within)
    level, seen, spread = study.inference.level, _seen(study.tables.incidence, through / total), _spread(study, best)
    expected = float(due.most[best])
    beyond = _beyond(seen, expected, spread, level)
    # The category is the one with the most off-diagonal units of all those tested.
    sure = _beyond(seen, expected, spread, 1 - (1 - level) / len(live))
    carries = through >= HIGH * total and joins(crossing[best], study.inference.minimum_units)
    return [
        Bridge(
            id=f"bridge.{slug(study.rows[best])}",
            null=not (carries and sure.low is not None and sure.low > 0),
            cells=tuple(
                r for name in met for r in (*study.refs(study.rows[best], name), *study.refs(name, study.rows[best]))
            ),
            category=study.rows[best],
            live=tuple(study.rows[i] for i in live),
            met=met,
            judged=tuple(name for name in met if _is_judged(study, name)),
            n_crossing=total,
            n_through=through,
            by_size=float(due.by_size[best]) * total,
            in_strata=None if due.in_strata is None else float(due.in_strata[best]) * total,
            beyond=beyond,
            n_pairs=len(pairs),
            n_unmet=sum(pair.n == 0 for pair in pairs),
            exceptions=tuple(sorted((p for p in pairs if p.n), key=lambda p: -p.n)),
        )
    ]


@dataclass(frozen=True, eq=False)
class Due:
    """The expected share of off-diagonal units (..., K) by category: from sizes, and within strata if declared."""

    by_size: Floats
    in_strata: Floats | None

    @classmethod
    def of(cls, joint: Floats, within: Floats | None) -> Due:
        """Return both for joint counts (..., K, K) and the counts expected within strata."""
        return cls(due_through(joint), None if within is None else share_through(within))

    @property
    def most(self) -> Floats:
        """The larger of both."""
        return self.by_size if self.in_strata is None else np.maximum(self.by_size, self.in_strata)


def _is_judged(study: Study, category: str) -> bool:
    """Return whether a category has enough data for a row of its own in some panel."""
    return any(cell.state in TESTED for panel in study.panels for cell in panel.row(category))


def both_ways(joint: Floats) -> Floats:
    """Return the number of units with two categories in either order (..., K, K), with 0 on the diagonal."""
    crossing: Floats = joint + np.swapaxes(joint, -1, -2)
    return np.where(np.eye(joint.shape[-1], dtype=np.bool_), 0.0, crossing)


def is_live(study: Study) -> Bools:
    """Return which categories (K,) have enough units on either side."""
    counts = study.tables.counts
    return np.maximum(counts.given, counts.outcome) >= study.inference.minimum_units


def joins(met: Floats, minimum: float) -> Bools:
    """Return whether a category with these numbers of joint units (..., K) has at least two sufficient partners."""
    ranked = np.sort(met, axis=-1)
    through = ranked.sum(axis=-1)
    enough: Bools = (ranked[..., -2] >= minimum) & (through - ranked[..., -1] >= BEYOND_ONE * through)
    return enough


def _beyond(seen: ForwardShare, due: float, spread: float, level: float) -> Estimate:
    """Return a category's share of off-diagonal units minus the share expected from its size, with its interval.

    The interval of the share is Clopper and Pearson's, for the effective number of groups of identical units. The
    variation of the expected share in resamples of the same groups is `spread`. Both are combined as in `flows`.
    """
    share, ends = seen.share, seen.ends(level)
    if ends is None:
        return Estimate(share - due)
    half = normal_quantile(level) * spread
    low, high = math.hypot(share - ends[0], half), math.hypot(ends[1] - share, half)
    return Estimate(share - due, share - due - low, share - due + high)


def _spread(study: Study, place: int) -> float:
    """Return the standard deviation of a category's expected share of off-diagonal units; 0 without resamples."""
    drawn = redraws(study.tables.incidence, study.inference)
    return 0.0 if isinstance(drawn, Refusal) else float(Due.of(drawn.joint, drawn.within).most[:, place].std())


def _seen(incidence: Incidence, share: float) -> ForwardShare:
    """Return a share of all off-diagonal units with its effective number of groups or units."""
    found = crossings(incidence)
    n = np.bincount(found.group, np.asarray(found.cells.sum(axis=1)).ravel())
    spread = n**2
    if incidence.group is None:
        n, spread = (
            found.tables.sum(keepdims=True),
            np.bincount(found.group, np.asarray(found.cells.power(2).sum(axis=1)).ravel()),
        )
    worth = float(n.sum()) ** 2 / float(spread.sum())
    return ForwardShare(share, worth, worth if incidence.group is not None or incidence.inflated else math.inf)


KIND = FindingKind(Bridge, find)
