"""Labels for columns that have no label of their own."""

from __future__ import annotations

import re

from .. import taxonomy


def label_of(name: str) -> str:
    """Return the axis label for a column.

    >>> label_of("skin_color"), label_of("MS_SubClass"), label_of("baseline.temp")
    ('Skin color', 'MS SubClass', 'Baseline temp')
    """
    text = " ".join(re.split(r"[\s_.]+", name.strip("_. "))) or name
    return text[:1].upper() + text[1:]


def plural_of(label: str) -> str | None:
    """Return the plural of a label, or None if it is the label with an s.

    >>> plural_of("Skills"), plural_of("Country"), plural_of("Genus"), plural_of("Cut"), plural_of("Length of stay")
    ('skills', 'countries', 'genera', None, 'lengths of stay')
    """
    text = label[:1].lower() + label[1:] if label[1:2].islower() else label
    head, of, rest = text.partition(" of ")
    if of:
        return f"{plural_of(head) or head + 's'}{of}{rest}"
    if re.search(r"[^isu]s$", text):  # already a plural
        return text
    several = taxonomy.plural_of(text)
    return None if several == f"{text}s" else several
