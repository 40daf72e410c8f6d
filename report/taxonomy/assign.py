"""Distinct raw labels -> categories: the rules of a taxonomy, evaluated once for each label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..errors import DataError, Note
from ..schema import listed
from ..sources.patterns import found_in
from .compile import Taxonomy
from .items import LabelCount

_NAMED = 10


@dataclass(frozen=True)
class Assignment:
    """What rules make of a vocabulary.

    `rules`: label -> categories (indices, ascending; none where no rule knows the label). `labels` says the
    same for people, by falling number of items, then by label.
    """

    rules: Mapping[str, tuple[int, ...]]
    labels: tuple[LabelCount, ...]
    notes: tuple[Note, ...]


def assign(taxonomy: Taxonomy, vocabulary: Mapping[str, int], kind: str) -> Assignment:
    """Give each label of a kind its categories; `vocabulary` is label -> number of items that carry it.

    Own entries that match exactly come first, then own patterns, then the preset, then `unmatched`. A label
    that several own entries of equal rank give to different categories has them all, and a note. Raises
    `DataError` for unmatched labels where the taxonomy says so.
    """
    rules: dict[str, tuple[int, ...]] = {}
    by: dict[str, str] = {}
    notes: list[Note] = []
    unmatched: list[str] = []
    searched = _searched(taxonomy, vocabulary)
    for label in sorted(vocabulary, key=lambda label: (-vocabulary[label], label)):
        categories, by[label] = _categories(taxonomy, label, searched.get(label, ()))
        rules[label] = tuple(sorted(set(categories)))
        if len(rules[label]) > 1:
            names = listed([taxonomy.categories[number] for number in rules[label]])
            message = (
                f'{kind}: the label "{label}" ({_items(vocabulary[label])}) is given to several categories: {names}'
            )
            notes.append(Note("two_rules", label, f"{message} ({by[label]})"))
        if by[label] == "none":
            unmatched.append(label)
    if unmatched and taxonomy.unmatched == "error":
        raise DataError(_unmatched(taxonomy, kind, unmatched, vocabulary))
    labels = tuple(
        LabelCount(kind, label, vocabulary[label], tuple(taxonomy.categories[n] for n in rules[label]), by[label])
        for label in rules
    )
    return Assignment(rules, labels, tuple(notes))


def _searched(taxonomy: Taxonomy, vocabulary: Mapping[str, int]) -> Mapping[str, tuple[int, ...]]:
    """Return label -> positions of the taxonomy's patterns that are found in it, of labels without an exact rule."""
    if not taxonomy.patterns:
        return {}
    labels = tuple(sorted(label for label in vocabulary if label not in taxonomy.exact))
    return found_in(tuple(pattern for pattern, _ in taxonomy.patterns), labels)


def _categories(taxonomy: Taxonomy, label: str, found: Sequence[int]) -> tuple[tuple[int, ...], str]:
    """Return a label's categories and the rule that gives them; `found` are positions of patterns."""
    if label in taxonomy.exact:
        return taxonomy.exact[label], "match"
    if found:
        rules = [taxonomy.patterns[number] for number in found]
        patterns = dict.fromkeys(pattern for pattern, _ in rules)
        return tuple(category for _, category in rules), "; ".join(f"pattern {pattern}" for pattern in patterns)
    if label in taxonomy.preset_rules:
        return (taxonomy.preset_rules[label],), f"preset {taxonomy.preset}"
    if taxonomy.unmatched in taxonomy.categories:
        return (taxonomy.categories.index(taxonomy.unmatched),), f"unmatched: {taxonomy.unmatched}"
    return (), "none"


def _items(n: int) -> str:
    return "1 item" if n == 1 else f"{n:,} items"


def _unmatched(taxonomy: Taxonomy, kind: str, labels: list[str], vocabulary: Mapping[str, int]) -> str:
    named = ", ".join(f'"{label}" ({vocabulary[label]:,})' for label in labels[:_NAMED])
    rest = f" and {len(labels) - _NAMED:,} more" if len(labels) > _NAMED else ""
    count = "1 label is" if len(labels) == 1 else f"{len(labels):,} labels are"
    return (
        f"{kind}: {count} in no category of taxonomy {taxonomy.name}, whose `unmatched` is error: "
        f"{named}{rest} (items in brackets)"
    )
