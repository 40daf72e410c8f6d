"""How strong each finding is, in one place: its headline number, and the word that named thresholds give it.

The number is a share or a ratio. Judged is the end of its interval that is nearer to nothing, so that a wide interval
makes a weak finding. A share is strong from `high` on, moderate from `moderate`; a ratio is strong where that end
reaches `surprising` (or its reciprocal), moderate where the ratio itself does; what is less is weak. A number without
an interval is moderate at most, unless it is no estimate (`exact`). What rests on one thing, comes out
otherwise in too many resamples, or answers otherwise by another unit, is a step weaker; so are pairs where how many
categories units have may make them (`activity`). Findings that describe the
data, null findings and refusals have no strength.

A word that was published before stays until the number has left its tier by its standard error: moved that far back
towards the tier it would still have another word. So it is with how often a statement comes out otherwise in resamples.
So a number near a threshold does not change its word with every build.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar, cast

from scipy.special import ndtr, ndtri

from ..inference.laws import normal_quantile
from .activity import Activity
from .agreement import Agreement
from .apart import Apart
from .asymmetry import Asymmetry
from .bare import Contrast, Levels
from .blocks import Block
from .bridges import Bridge
from .cluster import Cluster
from .coarse import Coarse
from .composition import Composition
from .concentration import Concentration
from .crossings import Crossings
from .diagonal import Diagonal
from .direction import Direction
from .dominance import Dominance
from .finding import Finding, Strength
from .gaps import Gaps
from .isolation import Isolation
from .population import Population
from .robustness import Choices, Dependence
from .sensitivity import Sensitivity
from .settings import ThresholdSettings
from .sizes import Sizes
from .spread import Spread
from .surprises import Surprises
from .trend import Trend

F = TypeVar("F", bound=Finding)
Scale = Literal["share", "ratio", "value"]
WORDS: tuple[Strength, ...] = ("weak", "moderate", "strong")
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Measured:
    """The headline number of a finding: what it is about (categories, an item), the number and its interval.

    `exact`: counted or read, not estimated. `steps`: by how many steps what is known of it makes it weaker. `step`: how
    strong it is (0 to 2) where no threshold judges the number. `describes` the data, so that it has no strength.
    `trials`: of how many a share without an interval is one, for its standard error.
    """

    about: tuple[str, ...]
    value: float | None
    scale: Scale = "share"
    low: float | None = None
    high: float | None = None
    exact: bool = False
    steps: int = 0
    step: int | None = None
    describes: bool = False
    trials: float | None = None


def measured(finding: Finding) -> Measured | None:
    """Return the headline number of a finding, None for a kind that has none."""
    of = _MEASURED.get(type(finding))
    return None if of is None else of(finding)


def with_strength(
    findings: Iterable[Finding],
    thresholds: ThresholdSettings,
    published: Mapping[str, str] | None = None,
    level: float = 0.95,
) -> tuple[Finding, ...]:
    """Return findings with their strength, which what is known of others (dependence) may lower.

    `published` are the last words by the finding's id, `level` that of the intervals.
    """
    found = tuple(findings)
    by_activity = any(isinstance(finding, Activity) for finding in found)
    rests, rarely, often = (_resting(found, moved) for moved in (0.0, -1.0, 1.0))
    judge = _Judge(thresholds, published or {}, level)

    def steps(finding: Finding) -> tuple[int, ...]:
        """Return by how many steps it is weaker, then by how many it could be as well, for all that is known."""
        now = int(finding.id in rests) + int(by_activity and isinstance(finding, Surprises))
        other = now + (-1 if finding.id in rests else 1)
        return (now, other) if finding.id in often - rarely else (now,)

    return tuple(replace(f, strength=judge(f, steps(f))) for f in found)


def _resting(findings: Sequence[Finding], moved: float) -> frozenset[str]:
    """Return the ids of findings of which most statements do not stay without one thing, or when drawn again.

    `moved`: by how many standard errors a statement is taken to be nearer to where it would come out otherwise. One
    that does in the share f of resamples is z standard errors away, f being what lies beyond z in the normal law.
    """
    ids: list[str] = []
    lost: list[str] = []
    for dependence in (f for f in findings if isinstance(f, Dependence)):
        limit = dependence.fragile
        limit = float(ndtr(ndtri(limit) - moved)) if 0 < limit < 1 else limit
        ids += [line.headline.question.finding for line in dependence.rests]
        unsteady = (line for line in dependence.rests if line.fails is not None and line.fails > limit)
        lost += [line.headline.question.finding for line in dict.fromkeys((*dependence.resting, *unsteady))]
    return frozenset(name for name in lost if lost.count(name) > _HALF * ids.count(name))


@dataclass(frozen=True)
class _Judge:
    """Gives findings their words."""

    thresholds: ThresholdSettings
    published: Mapping[str, str]
    level: float

    def __call__(self, finding: Finding, steps: Sequence[int]) -> Strength | None:
        """Return the word for a finding's strength, None where it has none.

        `steps`: by how many it is weaker than its number, the first as it seems now.
        """
        found = measured(finding)
        if finding.null or found is None or found.value is None or found.describes:
            return None
        if isinstance(finding, Direction) and not finding.supported:
            return None
        fresh = self._number(found, steps[0])
        last = self.published.get(finding.id)
        if last not in WORDS:
            return WORDS[fresh]
        before = WORDS.index(last)
        moved = _moved(found, self.level, 1 if before > fresh else -1)
        reached = [self._number(moved, step) for step in steps]
        stays = max(reached) >= before if before > fresh else min(reached) <= before
        return WORDS[before if stays else fresh]

    def _number(self, found: Measured, steps: int) -> int:
        step = found.step
        if step is None:
            step = _ratio(found, self.thresholds) if found.scale == "ratio" else _share(found, self.thresholds)
        return max(step - steps - found.steps, 0)


def _moved(found: Measured, level: float, way: int) -> Measured:
    """Return a headline number, with its ends, moved by its standard error: away from nothing (1), or towards it (-1).

    The error of a number with an interval is the distance to its end nearer to nothing over the normal quantile (of
    logarithms, for ratios); of a share without one that of `trials` draws; of all else 0.
    """
    value = found.value
    if value is None or found.step is not None:
        return found
    if found.scale == "ratio":
        nearer = found.low if value >= 1 else found.high
        if nearer is None or nearer <= 0 or value <= 0:
            return found
        factor = math.exp(math.copysign(abs(math.log(value / nearer)) / normal_quantile(level), way))
        factor = factor if value >= 1 else 1 / factor
        ends = [None if end is None else end * factor for end in (found.low, found.high)]
        return replace(found, value=value * factor, low=ends[0], high=ends[1])
    if found.low is not None:
        error = abs(value - found.low) / normal_quantile(level)
    else:
        error = 0.0 if not found.trials else math.sqrt(max(value * (1 - value), 0.0) / found.trials)
    ends = [None if end is None else end + way * error for end in (found.low, found.high)]
    return replace(found, value=value + way * error, low=ends[0], high=ends[1])


def _share(found: Measured, thresholds: ThresholdSettings) -> int:
    nearer = found.value if found.low is None else found.low
    step = sum((nearer or 0) >= limit for limit in (thresholds.moderate, thresholds.high))
    return step if found.exact or found.low is not None else min(step, 1)


def _ratio(found: Measured, thresholds: ThresholdSettings) -> int:
    value = found.value or 0
    nearer = found.low if value >= 1 else found.high
    reached = [ratio is not None and _apart(ratio, value) >= thresholds.surprising for ratio in (nearer, value)]
    return 2 if reached[0] else 1 if reached[1] else 0


def _apart(ratio: float, value: float) -> float:
    """Return by what factor a ratio lies beyond 1, on the side of the value; large for 0."""
    return ratio if value >= 1 else 1 / max(ratio, 1e-300)


def _agreement(f: Agreement) -> Measured:
    return Measured((), f.share.value, low=f.share.low, high=f.share.high)


def _diagonal(f: Diagonal) -> Measured:
    names = tuple(cell.given for cell in f.leading)
    return Measured(names, len(f.leading) / max(len(f.leading) + len(f.others), 1))


def _crossings(f: Crossings) -> Measured:
    if not f.listed:
        return Measured((), None)
    cell = f.listed[0]
    return Measured((cell.given, cell.outcome), cell.value, low=cell.low, high=cell.high)


def _dominance(f: Dominance) -> Measured:
    return Measured((f.leader.category,), f.leader.share, steps=int(f.changes), trials=f.leader.n_units)


def _bridge(f: Bridge) -> Measured:
    return Measured((f.category,), f.n_through / f.n_crossing, trials=f.n_crossing)


def _composition(f: Composition) -> Measured:
    value = f.explained if f.beyond else None
    return Measured(f.strata, value, low=f.explained_low, high=f.explained_high)


def _asymmetry(f: Asymmetry) -> Measured:
    return Measured((), 1.0 if f.is_all_size else f.size_share, exact=True)


def _direction(f: Direction) -> Measured:
    n = max(f.n_forward + f.n_back, 1e-300)
    low, high = (None if end is None else end / n for end in (f.net.low, f.net.high))
    return Measured((f.origin, f.goal), f.net.value / n, "value", low, high)


def _isolation(f: Isolation) -> Measured:
    share = None if f.null else f.self_share
    return Measured((f.category,) if f.category else (), share, steps=int(f.stratum_alone), trials=f.n)


def _block(f: Block) -> Measured:
    if f.ratio is None:
        return Measured(f.members, f.recurs, trials=f.n_resamples)
    return Measured(f.members, f.ratio, "ratio")


def _concentration(f: Concentration) -> Measured:
    return Measured((f.item,), f.share, trials=f.n_population)


def _surprises(f: Surprises) -> Measured:
    pair = f.clearest
    if pair is None:
        return Measured((), None)
    return Measured((pair.given, pair.outcome), pair.ratio, "ratio", pair.low, pair.high)


def _levels(f: Levels) -> Measured:
    return Measured((f.top_row.category,), f.n_led / max(f.n_columns, 1), exact=True)


def _contrast(f: Contrast) -> Measured:
    n = f.n_left_higher + f.n_right_higher + f.n_unread
    return Measured((), max(f.n_left_higher, f.n_right_higher) / max(n, 1), exact=True)


def _cluster(f: Cluster) -> Measured:
    return Measured(f.members, f.n_within / f.n_cells if f.members else None, exact=True)


def _apart_of(f: Apart) -> Measured:
    """Return how high the rows reach; strong where the columns stay low too."""
    return Measured(f.members, None if f.null else f.rows_reach, "value", step=1 + int(f.is_isolated))


def _population(f: Population) -> Measured:
    return Measured((), _part(f.n_units, f.n_candidates), describes=True)


def _activity(f: Activity) -> Measured:
    return Measured((), f.factor, "ratio", f.low, f.high, describes=True)


def _gaps(f: Gaps) -> Measured:
    return Measured((), _part(f.n_resolved, f.n_links), describes=True)


def _coarse(f: Coarse) -> Measured:
    return Measured((), _part(f.n_near, f.n_cells), describes=True)


def _sensitivity(f: Sensitivity) -> Measured:
    own = f.declared.top_row, f.declared.top_column
    same = sum((other.top_row, other.top_column) == own for other in f.others)
    return Measured((), _part(same, len(f.others)), describes=True)


def _choices(f: Choices) -> Measured:
    return Measured((), _part(f.n_staying + f.n_partly, len(f.tried) - f.n_unasked), describes=True)


def _dependence(f: Dependence) -> Measured:
    return Measured((), _part(f.n_staying, len(f.asked)), describes=True)


def _sizes(f: Sizes) -> Measured:
    return Measured((), _part(f.n_usable, f.n_constraints), describes=True)


def _spread(f: Spread) -> Measured:
    """Return the end of its ratios that is further from 1, with both ends as if they were an interval."""
    further = max((f.lowest, f.highest), key=lambda ratio: abs(math.log(max(ratio, 1e-300))))
    return Measured((f.category,), further, "ratio", f.lowest, f.highest, describes=True)


def _trend(f: Trend) -> Measured:
    """Return the largest change: moderate where it is a trend, weak where it is mix or cannot be told."""
    if not f.moved:
        return Measured((), None, "value")
    m = f.moved[0]
    about = tuple(name for name in (m.given, m.outcome) if name)
    return Measured(about, m.change.value, "value", m.change.low, m.change.high, step=int(m.verdict == "trend"))


def _part(n: float, whole: float) -> float | None:
    return n / whole if whole else None


_Of = Callable[[Finding], Measured]


def _of(kind: type[F], measure: Callable[[F], Measured]) -> tuple[type[Finding], _Of]:
    return kind, cast("_Of", measure)


_MEASURED: Mapping[type[Finding], _Of] = dict(
    (
        _of(Activity, _activity),
        _of(Agreement, _agreement),
        _of(Apart, _apart_of),
        _of(Asymmetry, _asymmetry),
        _of(Block, _block),
        _of(Bridge, _bridge),
        _of(Cluster, _cluster),
        _of(Composition, _composition),
        _of(Concentration, _concentration),
        _of(Contrast, _contrast),
        _of(Choices, _choices),
        _of(Coarse, _coarse),
        _of(Crossings, _crossings),
        _of(Dependence, _dependence),
        _of(Gaps, _gaps),
        _of(Population, _population),
        _of(Sensitivity, _sensitivity),
        _of(Sizes, _sizes),
        _of(Spread, _spread),
        _of(Diagonal, _diagonal),
        _of(Direction, _direction),
        _of(Dominance, _dominance),
        _of(Isolation, _isolation),
        _of(Levels, _levels),
        _of(Surprises, _surprises),
        _of(Trend, _trend),
    )
)
"""Every kind, one line each."""
