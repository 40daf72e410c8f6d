"""Find out whether a report says something else: headline, sentences of the first page, their order, category sizes.

Numbers are ignored here: whether a number changed by more than noise is a separate question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ...config.loading import Config
from ...incidence import Incidence
from ...matrices.counts import shares
from .changes import HeadlineChange, How, SentenceChange, SizeChange
from .sides import ReadBuild
from .snapshot import KeptSentence

LEAST_MOVE = 0.2
"""Minimum relative change of a category's share of all units for the report to say something else."""

_WORDS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_NUMBER = re.compile(
    rf"(?:\b(?:under|over|about|at least|at most) )?(?:[-−+]?\d[\d.,]*(?:[\s ]?%)?|\b(?:{_WORDS})\b)", re.IGNORECASE
)

Place = tuple[str, str]
"""Figure and relation: one part of a report."""


def without_numbers(text: str) -> str:
    """Return a sentence with # for each number.

    >>> without_numbers("60% of the 42 answers, against under 1% of four others")
    '# of the # answers, against # of # others'
    """
    return _NUMBER.sub("#", text)


def headline_changes(old: Sequence[KeptSentence], new: Sequence[KeptSentence]) -> tuple[HeadlineChange, ...]:
    """Return the headlines that differ, in words or in numbers alone."""
    before, after = _headlines(old), _headlines(new)
    changes = []
    for place in dict.fromkeys((*after, *before)):
        one, other = before.get(place), after.get(place)
        texts = [None if headline is None else headline.text for headline in (one, other)]
        if texts[0] != texts[1]:
            moved = one is None or other is None or one.id != other.id
            reworded = moved or without_numbers(texts[0] or "") != without_numbers(texts[1] or "")
            changes.append(HeadlineChange(*place, texts[0], texts[1], reworded))
    return tuple(changes)


def _headlines(sentences: Sequence[KeptSentence]) -> dict[Place, KeptSentence]:
    """Return the first sentence of each abstract."""
    return {(s.figure, s.relation): s for s in reversed(sentences) if s.section == "abstract"}


def sentence_changes(old: Sequence[KeptSentence], new: Sequence[KeptSentence]) -> tuple[SentenceChange, ...]:
    """Return sentences of the first page that were added, removed or reworded, except headlines."""
    before, after = _others(old), _others(new)
    shown = {(*place, one.id) for of in (old, new) for place, one in _headlines(of).items()}
    changes = []
    for key in dict.fromkeys((*after, *before)):
        texts = [None if one is None else one.text for one in (before.get(key), after.get(key))]
        how: How = "appeared" if texts[0] is None else "vanished" if texts[1] is None else "changed"
        if key in shown or (how == "changed" and without_numbers(texts[0] or "") == without_numbers(texts[1] or "")):
            continue
        changes.append(SentenceChange(*key, how, texts[0], texts[1]))
    return tuple(changes)


def _others(sentences: Sequence[KeptSentence]) -> dict[tuple[str, str, str], KeptSentence]:
    return {(s.figure, s.relation, s.id): s for s in sentences}


def is_reordered(old: Sequence[KeptSentence], new: Sequence[KeptSentence]) -> bool:
    """Return whether sentences that are on both first pages, except headlines, are in another order."""
    before, after = _others(old), _others(new)
    shown = {(*place, one.id) for of in (old, new) for place, one in _headlines(of).items()}
    both = [
        [key for key in one if key in other and key not in shown] for one, other in ((before, after), (after, before))
    ]
    return both[0] != both[1]


def size_changes(old: ReadBuild, new: ReadBuild) -> Iterator[SizeChange]:
    """Yield categories whose share of all units moved by `LEAST_MOVE` of its earlier value or more.

    Categories that are below `minimum_units` in both builds are left out.
    """
    for after in new.snapshot.body.relations:
        before = old.relation(after.name)
        if before is None:
            continue
        one, other = before.tables.incidence, after.tables.incidence
        totals = [float(each.weight.sum()) for each in (one, other)]
        if not all(totals):
            continue
        for sizes in zip(_sizes(one), _sizes(other), ("rows", "columns"), strict=True):
            yield from _of_side(sizes, after.name, other, totals, new.config)


def _of_side(
    sizes: tuple[Mapping[str, float], Mapping[str, float], str],
    relation: str,
    like: Incidence,
    totals: Sequence[float],
    config: Config,
) -> Iterator[SizeChange]:
    before, after, side = sizes
    name = like.rows.kind.singular if side == "rows" else like.columns.kind.singular
    for category in dict.fromkeys((*after, *before)):
        n = before.get(category, 0.0), after.get(category, 0.0)
        part = [units / total for units, total in zip(n, totals, strict=True)]
        if max(n) >= config.inference.minimum_units and abs(part[1] - part[0]) >= LEAST_MOVE * part[0] * (1 - 1e-9):
            yield SizeChange(relation, name, category, like.unit.plural, n[0], totals[0], n[1], totals[1])


def _sizes(counted: Incidence) -> tuple[dict[str, float], dict[str, float]]:
    """Return the units of each category of the rows and of the columns."""
    rows, columns = shares(counted)
    return (
        dict(zip(counted.rows.categories, (counted.weight @ rows).tolist(), strict=True)),
        dict(zip(counted.columns.categories, (counted.weight @ columns).tolist(), strict=True)),
    )
