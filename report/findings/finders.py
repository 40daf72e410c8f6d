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

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..cells import Estimate, Panel
from . import HIGH, MIN_RATIO, MODERATE, published, robustness, story
from .agreement import Activity
from .finding import Finding, Strength, Study
from .kinds import KINDS
from .robustness import LeaveOneOut
from .statements import StatementInput
from .surprises import PairAssociations
from .uneven_coverage import UnevenCoverage

WORDS: tuple[Strength, ...] = ("weak", "moderate", "strong")
_HALF = 0.5


def with_strength(
    findings: Iterable[Finding],
) -> tuple[Finding, ...]:
    """Return findings with their strength, which the results of other findings (dependence) may lower."""
    found = tuple(findings)
    by_activity = any(isinstance(finding, Activity) for finding in found)
    doubted = {names for f in found if isinstance(f, UnevenCoverage) for names in f.names}
    rests = _resting(found)

    def steps(finding: Finding) -> int:
        """Return the number of steps by which a finding is weaker than its number suggests."""
        doubtful = isinstance(finding, PairAssociations) and (by_activity or finding.number().about in doubted)
        return int(finding.id in rests) + int(doubtful)

    return tuple(replace(f, strength=_strength(f, steps(f))) for f in found)


def _resting(findings: Sequence[Finding]) -> frozenset[str]:
    """Return the ids of findings with mostly unstable statements: changed by one contributor or by resampling."""
    ids: list[str] = []
    lost: list[str] = []
    for dependence in (f for f in findings if isinstance(f, LeaveOneOut)):
        ids += [line.headline.question.finding for line in dependence.rests]
        unsteady = (line for line in dependence.rests if line.fails is not None and line.fails > dependence.fragile)
        lost += [line.headline.question.finding for line in dict.fromkeys((*dependence.resting, *unsteady))]
    return frozenset(name for name in lost if lost.count(name) > _HALF * ids.count(name))


def _strength(finding: Finding, steps: int) -> Strength | None:
    """Return the word for a finding's strength, `steps` weaker than its number suggests, or None if it has none."""
    found = finding.number()
    if finding.null or found is None or found.estimate is None or found.plain:
        return None
    estimate, step = found.judged or found.estimate, found.step
    if step is None:
        is_ratio = found.scale == "ratio"
        step = _ratio(estimate) if is_ratio else _share(estimate, exact=found.exact)
    return WORDS[max(step - steps - found.steps, 0)]


def _share(estimate: Estimate, *, exact: bool) -> int:
    step = sum(estimate.least >= limit for limit in (MODERATE, HIGH))
    return step if exact or estimate.low is not None else min(step, 1)


def _ratio(estimate: Estimate) -> int:
    value = estimate.value
    nearer = estimate.low if value >= 1 else estimate.high
    reached = [ratio is not None and _apart(ratio, value) >= MIN_RATIO for ratio in (nearer, value)]
    return 2 if reached[0] else 1 if reached[1] else 0


def _apart(ratio: float, value: float) -> float:
    """Return the factor by which a ratio lies beyond 1, on the side of the value; large for 0."""
    return ratio if value >= 1 else 1 / max(ratio, 1e-300)


def find_all(study: Study) -> tuple[Finding, ...]:
    """Return every finding of a study with its strength, including null findings, in the order of the report."""
    asked = StatementInput(study)
    plain: list[Finding] = []
    for kind in KINDS.values():
        plain += asked.every(kind.find)
    told = story.tell(study, plain)
    found = (*plain, *told, *robustness.find(asked, told))
    return with_strength(found)


def find_bare(panels: tuple[Panel, ...]) -> tuple[Finding, ...]:
    """Return every finding of published matrices, as `find_all` does."""
    return with_strength(published.find_published(panels))
