"""Names of columns and labels -> what a report calls them, and in which order its categories stand."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from .columns import LookedColumn

_CODED = re.compile(r"\d+_(?=\S)")
_LEADING = re.compile(r"[^\d\w]*(\d[\d,]*\.?\d*)")
_SHORT = 3
_SCALES = (
    ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
)
_ORDERED = 0.8
"""Share of the labels that begin with a number from which on they are in its order."""


def label_of(name: str) -> str:
    """Return what stands on the axis for a column.

    >>> label_of("skin_color"), label_of("MS_SubClass"), label_of("baseline.temp")
    ('Skin color', 'MS SubClass', 'Baseline temp')
    """
    text = " ".join(re.split(r"[\s_.]+", name.strip("_. "))) or name
    return text[:1].upper() + text[1:]


def plural_of(label: str) -> str | None:
    """Return what several are called, where that is not the label with an s.

    >>> plural_of("Species"), plural_of("Country"), plural_of("Class"), plural_of("Cut")
    ('species', 'countries', 'classes', None)
    """
    text = label[:1].lower() + label[1:] if label[1:2].islower() else label
    if re.search(r"(ss|sh|ch|x|us|tatus)$", text):
        return f"{text}es"
    if text.endswith("s"):
        return text
    if re.search(r"[^aeiou]y$", text):
        return f"{text[:-1]}ies"
    return None


def unit_of(stem: str) -> tuple[str, str] | None:
    """Return what one row is called and what several are, by the name of its file; None where that is no plural.

    >>> unit_of("penguins"), unit_of("la-riots"), unit_of("countries"), unit_of("mpg"), unit_of("species")
    (('penguin', 'penguins'), ('riot', 'riots'), ('country', 'countries'), None, None)
    """
    words = re.findall(r"[A-Za-z]+", stem)
    last = words[-1].casefold() if words else ""
    if len(last) <= _SHORT or re.search(r"([^s]|ss|us|is|series|species|news)$", last):
        return None
    for end, one in (("ies", "y"), ("shes", "sh"), ("ches", "ch"), ("xes", "x"), ("sses", "ss")):
        if last.endswith(end):
            return last.removesuffix(end) + one, last
    return last[:-1], last


def names_of(column: LookedColumn, labels: Sequence[str], of_other_side: Collection[str] = ()) -> dict[str, str]:
    """Return what each label is called as a category: itself, but for how it was written down.

    Underscores are spaces, codes ("1_Good") lose their number, and "1.0" is 1 where all are whole numbers. Numbers, yes
    and no that the other side has too get the name of their column: they are not the same there.
    """
    if column.ticked is not None:
        made = {label: _spaced(label.removesuffix(column.ticked.suffix)) for label in labels}
    elif column.is_whole:
        made = {label: str(int(float(label))) for label in labels}
    elif all(_CODED.match(label) for label in column.counts):
        made = {label: _spaced(_CODED.sub("", label, count=1)) for label in labels}
    else:
        made = {label: _spaced(label) for label in labels}
    if (column.is_flag or column.is_number) and not set(column.counts).isdisjoint(of_other_side):
        made = {label: f"{label_of(column.name)}: {name}" for label, name in made.items()}
    return made if len(set(made.values())) == len(made) else {label: label for label in labels}


def _spaced(label: str) -> str:
    text = label.replace("_", " ").strip()
    return text or label


def in_order(counts: Mapping[str, int], most: int) -> tuple[list[str], list[str]]:
    """Return the labels that become categories, the most frequent, in the order of the axis, and the others.

    Days, months and labels that begin with numbers stand in their own order, all others by how often they come.
    """
    ranked = sorted(counts, key=lambda label: (-counts[label], label))
    kept = ranked[:most]
    for scale in _SCALES:
        places = {label: scale.index(start) for label in kept if (start := label.casefold()[:3]) in scale}
        if len(places) == len(kept) and len(set(places.values())) == len(kept):
            return sorted(kept, key=places.__getitem__), ranked[most:]
    numbers = {label: float(found[1].replace(",", "")) for label in kept if (found := _LEADING.match(label))}
    if len(numbers) >= _ORDERED * len(kept):
        return sorted(kept, key=lambda label: _place(label, numbers)), ranked[most:]
    return kept, ranked[most:]


def _place(label: str, numbers: Mapping[str, float]) -> tuple[float, int, str]:
    """Return where a label stands among numbers: below its number, at it, above it; without one at the end."""
    start = label.lstrip()[:1]
    return numbers.get(label, float("inf")), {"<": -1, ">": 1}.get(start, 0), label
