"""Find all findings of a relation and give each a strength: strong, moderate or weak, by its key number and thresholds.

The key number is a share or a ratio. Strength is judged by the end of the interval nearer to no effect, so a wide
interval makes a weak finding. A share is strong from `high` on and moderate from `moderate` on. A ratio is strong if
that end reaches `surprising` (or its reciprocal), moderate if the ratio itself does, and weak otherwise. A number
without an interval is moderate at most, unless it is not an estimate (`exact`).

A finding is one step weaker if it depends on one contributor, changes in too many resamples, or changes with the unit.
Pairs are also one step weaker if the number of categories per unit (`activity`) or uneven coverage (`uneven_coverage`)
could explain them. Findings that describe the data, null findings and refusals have no strength.

A published word stays until the number is clear of its tier by its standard error: moved back towards the tier by that
much, the number would still get another word. The same rule applies to the share of resamples that change a statement.
Thus a number near a threshold does not change its word with every build.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from scipy.special import ndtr, ndtri

from ..cells import Estimate, Panel
from ..inference.laws import normal_quantile
from . import ThresholdSettings, published, robustness, story
from .agreement import Activity
from .finding import Finding, KeyNumber, Strength, Study
from .kinds import kinds_of
from .robustness import LeaveOneOut
from .statements import StatementInput
from .surprises import PairAssociations
from .uneven_coverage import UnevenCoverage

WORDS: tuple[Strength, ...] = ("weak", "moderate", "strong")
_HALF = 0.5


def with_strength(
    findings: Iterable[Finding],
    thresholds: ThresholdSettings,
    published: Mapping[str, str] | None = None,
    level: float = 0.95,
) -> tuple[Finding, ...]:
    """Return findings with their strength, which the results of other findings (dependence) may lower.

    `published` are the last published words by finding id. `level` is the confidence level of the intervals.
    """
    found = tuple(findings)
    by_activity = any(isinstance(finding, Activity) for finding in found)
    doubted = {names for f in found if isinstance(f, UnevenCoverage) for names in f.names}
    rests, rarely, often = (_resting(found, moved) for moved in (0.0, -1.0, 1.0))
    judge = _Judge(thresholds, published or {}, level)

    def steps(finding: Finding) -> tuple[int, ...]:
        """Return the steps by which a finding is weaker, then other numbers of steps that the data allow."""
        doubtful = isinstance(finding, PairAssociations) and (by_activity or finding.number().about in doubted)
        now = int(finding.id in rests) + int(doubtful)
        other = now + (-1 if finding.id in rests else 1)
        return (now, other) if finding.id in often - rarely else (now,)

    return tuple(replace(f, strength=judge(f, steps(f))) for f in found)


def _resting(findings: Sequence[Finding], moved: float) -> frozenset[str]:
    """Return the ids of findings with mostly unstable statements: changed by one contributor or by resampling.

    `moved` shifts each statement towards change, in standard errors. A statement that changes in the share f of
    resamples is z standard errors from change, where f is the upper tail of the normal distribution beyond z.
    """
    ids: list[str] = []
    lost: list[str] = []
    for dependence in (f for f in findings if isinstance(f, LeaveOneOut)):
        limit = dependence.fragile
        limit = float(ndtr(ndtri(limit) - moved)) if 0 < limit < 1 else limit
        ids += [line.headline.question.finding for line in dependence.rests]
        unsteady = (line for line in dependence.rests if line.fails is not None and line.fails > limit)
        lost += [line.headline.question.finding for line in dict.fromkeys((*dependence.resting, *unsteady))]
    return frozenset(name for name in lost if lost.count(name) > _HALF * ids.count(name))


@dataclass(frozen=True)
class _Judge:
    """Assigns words for strength to findings."""

    thresholds: ThresholdSettings
    published: Mapping[str, str]
    level: float

    def __call__(self, finding: Finding, steps: Sequence[int]) -> Strength | None:
        """Return the word for a finding's strength, or None if it has none.

        `steps` are the possible numbers of steps by which it is weaker than its number suggests, the current one first.
        """
        found = finding.number()
        if finding.null or found is None or found.estimate is None or found.plain:
            return None
        if found.judged is not None:
            found = replace(found, estimate=found.judged)
        fresh = self._number(found, steps[0])
        last = self.published.get(finding.id)
        if last not in WORDS:
            return WORDS[fresh]
        before = WORDS.index(last)
        moved = _moved(found, self.level, 1 if before > fresh else -1)
        reached = [self._number(moved, step) for step in steps]
        stays = max(reached) >= before if before > fresh else min(reached) <= before
        return WORDS[before if stays else fresh]

    def _number(self, found: KeyNumber, steps: int) -> int:
        step = found.step
        if step is None and found.estimate is not None:
            is_ratio, limits = found.scale == "ratio", self.thresholds
            step = _ratio(found.estimate, limits) if is_ratio else _share(found.estimate, limits, exact=found.exact)
        return max((step or 0) - steps - found.steps, 0)


def _moved(found: KeyNumber, level: float, way: int) -> KeyNumber:
    """Return a key number and its ends, moved by its standard error away from no effect (1) or towards it (-1).

    The error of a number with an interval is the distance to the end nearer to no effect, divided by the normal
    quantile (on the log scale for ratios). The error of a share without an interval is the binomial error of `trials`
    draws. All other errors are 0.
    """
    estimate = found.estimate
    if estimate is None or found.step is not None:
        return found
    value = estimate.value
    if found.scale == "ratio":
        nearer = estimate.low if value >= 1 else estimate.high
        if nearer is None or nearer <= 0 or value <= 0:
            return found
        factor = math.exp(math.copysign(abs(math.log(value / nearer)) / normal_quantile(level), way))
        factor = factor if value >= 1 else 1 / factor
        return replace(found, estimate=estimate.on(lambda number: number * factor))
    if estimate.low is not None:
        error = abs(value - estimate.low) / normal_quantile(level)
    else:
        error = 0.0 if not found.trials else math.sqrt(max(value * (1 - value), 0.0) / found.trials)
    return replace(found, estimate=estimate.on(lambda number: number + way * error))


def _share(estimate: Estimate, thresholds: ThresholdSettings, *, exact: bool) -> int:
    step = sum(estimate.least >= limit for limit in (thresholds.moderate, thresholds.high))
    return step if exact or estimate.low is not None else min(step, 1)


def _ratio(estimate: Estimate, thresholds: ThresholdSettings) -> int:
    value = estimate.value
    nearer = estimate.low if value >= 1 else estimate.high
    reached = [ratio is not None and _apart(ratio, value) >= thresholds.min_ratio for ratio in (nearer, value)]
    return 2 if reached[0] else 1 if reached[1] else 0


def _apart(ratio: float, value: float) -> float:
    """Return the factor by which a ratio lies beyond 1, on the side of the value; large for 0."""
    return ratio if value >= 1 else 1 / max(ratio, 1e-300)


def find_all(study: Study, words: Mapping[str, str] | None = None) -> tuple[Finding, ...]:
    """Return every finding of a study with its strength, including null findings, in the order of the report.

    `words` are the last published words for strength, by id. They change only if the numbers have clearly changed.
    """
    asked = StatementInput(study)
    plain: list[Finding] = []
    for kind in kinds_of(study):
        plain += asked.every(kind.find)
    told = story.tell(study, plain)
    found = (*plain, *told, *robustness.find(asked, told))
    return with_strength(found, study.thresholds, words or {}, study.inference.level)


def find_bare(
    panels: tuple[Panel, ...], thresholds: ThresholdSettings, words: Mapping[str, str] | None = None
) -> tuple[Finding, ...]:
    """Return every finding of published matrices, as `find_all` does."""
    found = published.find_published(panels, thresholds)
    return with_strength(found, thresholds, words or {})
