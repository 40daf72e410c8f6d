"""Counting words, numbers and syllables, with names as one short word each."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORD = re.compile(r"[A-Za-z0-9À-ÿ][\w'’.,-]*|\$[\d.,]+")
_NUMBER = re.compile(r"(?<![\w.,])\d[\d,]*(?:\.\d+)?(?![\w-])")
_BRACKETS = re.compile(r"\([^()]*\)")
_END = re.compile(r"(?<=[.!?]) +(?=[A-Z0-9])")
_VOWELS = re.compile(r"[aeiouy]+")

NAME = "Name"


def words_in(text: str) -> list[str]:
    """Return what is read as words: also numbers, no signs; what a hyphen joins is one."""
    return _WORD.findall(text)


def numbers_in(text: str) -> list[str]:
    """Return the numbers outside brackets, without those of names such as "COVID-19"."""
    return _NUMBER.findall(_BRACKETS.sub("", text))


def sentences_in(text: str) -> list[str]:
    """Return the sentences of a text that ends as one."""
    return _END.split(text)


def names_of(whole) -> tuple[str, ...]:
    """Return the names that the data or the config give: of categories, kinds, units, groups, strata and items."""
    part = whole.written.part
    wording = part.wording
    kinds = (wording.rows, wording.columns)
    names = [name for panel in part.panels for name in (*panel.given_categories, *panel.outcome_categories)]
    names += [*wording.group_names, *wording.stratum_names, wording.label, wording.label_reversed]
    names += [name for kind in kinds for name in (kind.label, kind.singular, kind.plural)]
    names += [wording.unit.singular, wording.unit.plural]
    for finding in part.findings:
        names += [getattr(finding, name) for name in ("item", "stratum") if isinstance(getattr(finding, name, 0), str)]
        for line in getattr(finding, "rests", ()):
            names += [omission.name for omission in line.omissions]
    return tuple(name for name in names if name)


def replaced(text: str, names: Iterable[str]) -> str:
    """Return a text with each name as one word of one syllable."""
    ranked = sorted({name for name in names if name}, key=lambda name: (-len(name), name))
    either = "|".join(re.escape(name) for name in ranked)
    return re.sub(rf"(?<!\w)(?:{either})(?!\w)", NAME, text) if ranked else text


def syllables(word: str) -> int:
    """Return the syllables of an English word, by its groups of vowels; a number is one."""
    plain = re.sub(r"[^a-z]", "", word.lower())
    if not plain:
        return 1
    n = len(_VOWELS.findall(plain))
    if plain.endswith(("es", "ed", "e")) and not plain.endswith(
        ("le", "ted", "ded", "ses", "ces", "ges", "ches", "ee")
    ):
        n -= 1
    return max(n, 1)


def flesch(text: str) -> float:
    """Return the reading ease of Flesch (1948): 206.835 - 1.015 words a sentence - 84.6 syllables a word."""
    words = words_in(text)
    return 206.835 - 1.015 * len(words) / len(sentences_in(text)) - 84.6 * sum(map(syllables, words)) / len(words)
