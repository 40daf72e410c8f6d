"""Words that problems share: names in a row, and a name that is none of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ..schema import did_you_mean
from .places import quoted

_MOST_LISTED = 30


def listed(names: Iterable[str], last: str = ", ") -> str:
    """Return names in a row, cut where there are very many.

    >>> listed(["a", "b", "c"]), listed(["a", "b", "c"], " or ")
    ('a, b, c', 'a, b or c')
    """
    shown = list(names)
    if len(shown) > _MOST_LISTED:
        return ", ".join(shown[:_MOST_LISTED]) + f", … ({len(shown)} in all)"
    return last.join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def not_one_of(name: str, known: Collection[str], what: str = "") -> str:
    """Return the words for a name that is none of those known.

    >>> print(not_one_of("lnk", ["link", "from", "to"]))
    "lnk" is not one of link, from, to (did you mean "link"?)
    >>> print(not_one_of("people", ["models"], "entities"))
    "people" is not one of the entities: models
    """
    if what and not known:
        return f"{quoted(name)} is not declared: there are no {what}"
    start = f"{quoted(name)} is not one of the {what}: " if what else f"{quoted(name)} is not one of "
    return start + listed(known) + did_you_mean(name, known)
