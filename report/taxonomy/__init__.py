"""Raw labels -> categories, by taxonomies and their rules; here is how text calls the kinds that carry labels."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..cells import Kind


@dataclass(frozen=True, slots=True)
class LabelCount:
    """A raw label of one kind: how many items carry it, which categories it gives, by which rule.

    `categories` is empty where no rule knows the label; `rule` says which one did ("match", "pattern ^video",
    "preset hub-figure9@2026-08", "unmatched: NLP", "none").
    """

    kind: str
    label: str
    n_items: int
    categories: tuple[str, ...]
    rule: str


class ItemNames(Protocol):
    """What items are called: they are numbered in the order of their names."""

    def of(self, numbers: Sequence[int]) -> list[str]:
        """Return the names of items."""
        ...

    def numbers(self, names: Collection[str]) -> dict[str, int]:
        """Return the numbers of those names that an item has."""
        ...


_IRREGULAR = {
    "child": "children",
    "criterion": "criteria",
    "data": "data",
    "genus": "genera",
    "index": "indices",
    "locus": "loci",
    "man": "men",
    "matrix": "matrices",
    "person": "people",
    "phylum": "phyla",
    "series": "series",
    "species": "species",
    "stimulus": "stimuli",
    "taxon": "taxa",
    "woman": "women",
}


def kind_of(name: str, label: str, plural: str | None = None, phrase: str | None = None) -> Kind:
    """Return a kind by its config name, its label and, where English rules do not give it, its plural.

    >>> kind_of("datasets", "Dataset")
    Kind(name='datasets', label='Dataset', singular='dataset', plural='datasets', phrase='')
    >>> kind_of("genes", "RNA Gene").plural
    'RNA genes'
    """
    one = singular(label)
    return Kind(name, label, one, plural or plural_of(one), phrase or "")


def singular(label: str) -> str:
    """Return a label as it stands within a sentence: small first letters, but for acronyms.

    A label in which not every word begins large keeps all but its first letter: "Twitter user" is a name.

    >>> singular("Data Set"), singular("GPU"), singular("Field of study")
    ('data set', 'GPU', 'field of study')
    """
    words = label.split(" ")
    titled = all(word[:1].isupper() for word in words if word)
    small = [word if _is_acronym(word) else word[:1].lower() + word[1:] for word in words]
    return " ".join(small if titled else [small[0], *words[1:]])


def _is_acronym(word: str) -> bool:
    return sum(letter.isupper() for letter in word) > 1 or (len(word) == 1 and word.isupper())


def plural_of(words: str) -> str:
    """Return the English plural of a singular, by its last word.

    >>> [plural_of(word) for word in ("owner", "category", "key", "class", "GPU", "data set", "genus", "diagnosis")]
    ['owners', 'categories', 'keys', 'classes', 'GPUs', 'data sets', 'genera', 'diagnoses']
    """
    head, space, last = words.rpartition(" ")
    if last in _IRREGULAR:
        many = _IRREGULAR[last]
    elif last.endswith(("sis", "xis")):
        many = f"{last[:-2]}es"
    elif last.endswith("y") and last[-2:-1] not in {"a", "e", "i", "o", "u", ""}:
        many = f"{last[:-1]}ies"
    elif last.endswith(("s", "x", "z", "ch", "sh")):
        many = f"{last}es"
    else:
        many = f"{last}s"
    return f"{head}{space}{many}"
