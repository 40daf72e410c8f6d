"""Short names for columns whose names are full questions."""

from __future__ import annotations

import re

from ...config.names import label_of

_LONGEST = 30
"""Maximum length in characters of a name that is kept unchanged."""

_MOST_WORDS, _BEFORE_ITEM = 8, 4
"""Maximum number of words of a short name, and of its question before an item."""

_MOST_CHARACTERS = 60
"""Maximum length of a short name, so that a figure has room for it."""

_CODE = re.compile(r"^(?:(?:[A-Za-z]{0,3}\d+)+[a-z]?(?:_\d+)*|[A-Z]\d*)(?:\[[^\]]*\])?\s*[:.)]\s+")
"""The code of a question before its text: Q7, 12a, G02Q03, Q05[Blair]."""

_ASIDE = re.compile(
    r"\([^)]*\)|\[[^\]]*\]|^[^,?]{1,30},(?=\s*(?:how|what|which|do|did|are|is|was|were|have|has|had|would|could)\b)",
    re.IGNORECASE,
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LEADING = _words(
    """
where when why
what which who whom is are was were do does did have has had can could would will please select choose indicate
mark tick enter name give say tell rate the a an your you yours their his her its my our of these this those that
following any all how many much often in on at to for from overall generally currently usually best describe
describes apply applies there ever us about with she he they it i we agree think believe feel yourself as favor favour
oppose support neither nor or speaking generally
"""
)
_CLAUSES = _words(
    """
that which who you do does did are is was were have has had when if since where while because during than before after
so but would will can could may might should describe describes best applies apply
"""
)
_KNOWN = ((r"\bhow old\b|\bwhat is your age\b", "Age"), (r"\bwhere do you live\b", "Place of residence"))


def is_question(name: str) -> bool:
    """Return whether the name of a column is a question rather than a name."""
    text = name.strip()
    return " " in text and (text.endswith("?") or "? " in text or len(text) > _LONGEST)


def without_code(name: str) -> str:
    """Return a name without the code of its question."""
    return _CODE.sub("", name.strip())


_JOINED = re.compile(r"(?<=[a-z]{2})(?=[A-Z][a-z]{2})|(?<=\w)[._](?=\w)")
"""Places between the words of a name without spaces."""


def _spaced(name: str) -> str:
    """Return the label of a name that is no question, with spaces between its words."""
    if " " in name.strip():
        return label_of(name)
    first, *others = [word for word in _JOINED.split(name) if word] or [name]
    return label_of(" ".join([first, *(word.lower() if word.istitle() else word for word in others)]))


def short_name(name: str) -> str:
    """Return the name of a column in a report: its label, or the nouns of its question.

    >>> short_name("job_title"), short_name("Q6: How old are you?"), short_name("Which party do you feel closest to?")
    ('Job title', 'Age', 'Party')
    >>> short_name("What is the highest level of education that you have completed?")
    'Highest level of education'
    >>> (
    ...     short_name("HouseholdWorking"),
    ...     short_name("Type.of.Breach"),
    ...     short_name("IMDb_Rating"),
    ...     short_name("Vote prévu"),
    ... )
    ('Household working', 'Type of breach', 'IMDb rating', 'Vote prévu')
    """
    if not is_question(name):
        return _spaced(name)
    text = _ASIDE.sub(" ", _ITEM_LAST.sub(r"? - \1", without_code(name)))
    known = next((label for pattern, label in _KNOWN if re.search(pattern, text, re.IGNORECASE)), None)
    if known is not None:
        return known
    question, _, option = text.partition("?")
    if not option and (request := _REQUEST.match(text)) is not None:
        return _shortened(request[1])
    kept = _nouns(question)
    if (item := _ITEM.match(option)) is not None:
        asked = " ".join(_ended(kept[:_BEFORE_ITEM]))
        kept = [*([f"{asked}:"] if asked else []), *_nouns(item[1], _NONE)]
    while len(" ".join(kept)) > _MOST_CHARACTERS and len(kept) > 1:
        kept = _ended(kept[:-1])
    found = " ".join(kept)
    return found[:1].upper() + found[1:] if found else label_of(name)


_ITEM = re.compile(r"\s*(?:-|–|:)\s+(\S.*)")
"""The item of a question with several, after the question."""

_ITEM_LAST = re.compile(r"\?\s*(?:\([^)]*\)\s*)?\[([^\]]+)\]\s*$")
"""The item of a question in square brackets at its end, as LimeSurvey writes it."""

_LEGEND = re.compile(r"\(([^()]+)\)\s*$")
_MEANING = re.compile(r"(-?\d+)\s*[=:]?\s*(\D[^,;]*)")


def meanings(name: str) -> dict[str, str]:
    """Return the labels of the codes that the name of a column lists in brackets.

    >>> meanings("Chain (1 BK, 2 Roy Rogers)"), meanings("Owned (1 = yes)"), meanings("Trust (1 to 5)")
    ({'1': 'BK', '2': 'Roy Rogers'}, {'1': 'yes'}, {})
    """
    found = _LEGEND.search(name)
    parts = [_MEANING.fullmatch(part.strip()) for part in re.split("[,;]", found[1])] if found else []
    made = {part[1]: part[2].strip() for part in parts if part is not None}
    is_scale = any(re.match(r"(?:to|bis|à|a)\b", label) for label in made.values())
    return made if len(made) == len(parts) and not is_scale else {}


_REQUEST = re.compile(
    r"\W*(?:please|indicate|rate|using|how|to what)\b.{20,}?\s+[-–]\s+(\S.*)", re.DOTALL | re.IGNORECASE
)
"""A request such as "Please indicate how true each statement is of you", and its item."""


def _shortened(item: str) -> str:
    """Return the first words of an item, which is a statement by itself."""
    words = item.split()
    n = _MOST_WORDS
    while n > 1 and len(" ".join(words[:n])) > _MOST_CHARACTERS:
        n -= 1
    text = " ".join(words[:n]).rstrip(".,;")
    return text[:1].upper() + text[1:] + ("…" if len(words) > n else "")


_DROPPED = frozenset({"the", "a", "an", "your", "you", "yours"})
_SHORT_ENDS = _LEADING | {"and", "or", "as"}


_NONE: frozenset[str] = frozenset()


def _nouns(text: str, clauses: frozenset[str] = _CLAUSES) -> list[str]:
    """Return the words of a question from its first noun to its first clause, without articles."""
    words = [word for word in re.findall(r"[\w'’%&/-]+", text) if re.search(r"\w|[%&]", word)]
    start = next((n for n, word in enumerate(words) if word.casefold() not in _LEADING), 0)
    kept: list[str] = []
    for word in words[start:]:
        if kept and (word.casefold() in clauses or len(kept) == _MOST_WORDS):
            break
        if word.casefold() not in _DROPPED:
            kept.append(word)
    return _ended(kept)


def _ended(words: list[str]) -> list[str]:
    """Return words without articles and prepositions at their end."""
    n = len(words)
    while n > 1 and words[n - 1].casefold() in _SHORT_ENDS:
        n -= 1
    return words[:n]


def name_words(name: str) -> list[str]:
    """Return the words of a name in lower case, without numbers."""
    return [word.casefold() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+", name)]
