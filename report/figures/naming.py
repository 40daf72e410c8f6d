"""Fit names into the space of a figure: in lines, and without their middle."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import count

from ..theme.fonts import text_em

LONGEST_NAME = 120
"""Maximum length of a shortened name, in characters."""
_LEAST_LEFT = 6
"""Minimum length of a shortened name, in characters, however little space there is."""


def wrapped(text: str, most_em: float) -> list[str]:
    """Return a text as lines of at most `most_em`, unless a single word is longer; as even as possible.

    >>> wrapped("Which models are trained on each kind of dataset?", 22)
    ['Which models are trained', 'on each kind of dataset?']
    """
    lines = _lines(text, most_em)
    least = max(text_em(text) / len(lines), *map(text_em, text.split())) if text.split() else 0.0
    widths = (least + step / 4 for step in range(math.ceil(4 * max(most_em - least, 0.0))))
    return next((even for width in widths if len(even := _lines(text, width)) == len(lines)), lines)


def _lines(text: str, most_em: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and text_em(f"{lines[-1]} {word}") <= most_em:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines or [""]


def short_names(names: Sequence[str], most_em: float = math.inf) -> dict[str, str]:
    """Return the text to draw for each of several distinct names, at most `most_em` wide.

    If two names would be equal after shortening, one keeps other letters: more of its end, or the letters at which
    the two differ. If these texts are taken too, a number replaces the middle.

    >>> long = [f"{'a' * 100} {n} {'b' * 100}" for n in (1, 2)]
    >>> [*short_names(["short", *long], 8.0).values()]
    ['short', 'aaaaaaaaa…bbbb', 'aaa…bbbbbbbbb']
    >>> [*short_names([f"Share of people aged {n} with a degree" for n in ("20 to 29", "30 to 39")], 10).values()]
    ['Share of peo…degree', 'Share… with a degree']
    """
    drawn = {name: name for name in names if len(name) <= LONGEST_NAME and text_em(name) <= most_em}
    taken = set(drawn)
    for name in names:
        if name not in drawn:
            others = [other for other in names if other in drawn and other != name]
            drawn[name] = next(cut for cut in _cuts(name, others, most_em) if cut not in taken)
            taken.add(drawn[name])
    return drawn


def _cuts(name: str, others: Sequence[str], most_em: float) -> Iterator[str]:
    """Yield an endless sequence of shortened texts for a name, the most readable first."""
    yield _without_middle(name, "…", most_em)
    yield _without_middle(name, "…", most_em, of_end=3 / 4)
    for other in others:
        if _without_middle(other, "…", most_em) == _without_middle(name, "…", most_em):
            at = next((k for k, (a, b) in enumerate(zip(name, other, strict=False)) if a != b), 0)
            own = name[max(at - 2, 0) : at + 6]
            if any(one.isalnum() for one in name[at : at + 6]) and len(name) <= LONGEST_NAME:
                yield _without_middle(name, f"…{own}…", most_em)
    yield from (_without_middle(name, f"…{number}…", most_em) for number in count(2))


def _without_middle(name: str, sign: str, most_em: float, of_end: float = 1 / 3) -> str:
    """Return a name cut to `LONGEST_NAME` characters and `most_em`; the fraction `of_end` is from its end."""

    def of(n: int) -> str:
        end = int(n * of_end)
        return f"{name[: n - end]}{sign}{name[len(name) - end :]}"

    numbers = range(_LEAST_LEFT, LONGEST_NAME - len(sign) + 1)
    fitting = bisect_right(numbers, most_em, key=lambda n: text_em(of(n)))
    return of(numbers[max(fitting - 1, 0)])
