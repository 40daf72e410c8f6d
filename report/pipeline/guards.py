"""The guard of `expect: {change: …}`: a build that differs too much from the last one stops."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..coverage import ExpectSettings, check_expectations
from ..errors import ExpectationError
from ..history.snapshot import Head, KeptFinding, Published


def guard_change(expect: ExpectSettings, rows: Mapping[str, int], published: Published, before: Head | None) -> None:
    """Raise ExpectationError with everything that changed too much since the snapshot before; nothing without one.

    Row counts and populations may change by the share `expect.change` of what they were; the headline number of a
    finding that has a word for its strength by as much itself, a ratio by the share of what it was.
    """
    if expect.change is None or before is None:
        return
    messages: list[str] = []
    now, then = _populations(published), _populations(before.published)
    try:
        check_expectations(expect, [], {**rows, **now}, {**before.rows, **then})
    except ExpectationError as error:
        messages += error.messages
    messages += _headlines(published, before.published, expect.change)
    if messages:
        raise ExpectationError(*dict.fromkeys(messages))


def _populations(published: Published) -> dict[str, int]:
    """Return how many units each relation has, by what messages call it."""
    return {f"the population of {f.relation}": round(f.n) for f in published.findings if f.n is not None}


def _headlines(now: Published, before: Published, most: float) -> Iterator[str]:
    known = {finding.key: finding for finding in before.findings}
    for finding in now.findings:
        then = known.get(finding.key)
        if then is None or finding.value is None or then.value is None or set(finding.about) != set(then.about):
            continue
        allowed = most * abs(then.value) if finding.scale == "ratio" else most
        if _has_word(finding, then) and abs(finding.value - then.value) > allowed:
            yield (
                f"expect.change: {finding.id} ({finding.relation}) is {finding.value:.3f} and was {then.value:.3f} in "
                f"the last snapshot; a change of at most {allowed:.3g} is expected"
            )


def _has_word(*findings: KeptFinding) -> bool:
    return any(finding.strength is not None for finding in findings)
