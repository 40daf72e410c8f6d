"""The order of labels: numbers, ranges, years, days, months, grades and answer scales."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

_SCALES = """
never | hardly ever, almost never | rarely, seldom | occasionally, sometimes | often, frequently | usually, very often, most of the time, almost always | always
strongly disagree, completely disagree | disagree | somewhat disagree, slightly disagree | neutral, neither agree nor disagree, neither, undecided | somewhat agree, slightly agree | agree | strongly agree, completely agree
very dissatisfied | dissatisfied, unsatisfied | somewhat dissatisfied | neutral, neither | somewhat satisfied | satisfied | very satisfied
very unlikely | unlikely, not likely | neutral, neither, unsure | likely | very likely
very poor, very bad, terrible | poor, bad | fair, average, ok, okay, middling, indifferent, neutral, neither good nor bad, so-so | good | very good | excellent
very low, lowest | low | medium, moderate, middle, average | high | very high, highest
none, no, not at all | a little, slightly, some, mild | moderately, moderate, somewhat | very, a lot, marked, severe | extremely
not at all | not so, not very, not too | somewhat | very | extremely
little, a little | some | much, a lot, a great deal
no | maybe | yes
less, fewer | same, the same | more
never | rarely | monthly | weekly | daily
not, not important, unimportant | notvery, not very, not very important | somewhat, somewhat important | very, very important
not happy, not too happy, unhappy | pretty happy, fairly happy | happy | very happy
decreased, worse, decrease | stayed the same, no change, the same, about right, unchanged | increased, better, increase
too little | about right | too much
negative | neutral | positive
very liberal, extremely liberal | liberal | slightly liberal | moderate | slightly conservative | conservative | very conservative, extremely conservative
xs | s | m | l | xl | xxl
extra small | small | medium | large | extra large
young | middle-aged, middle aged | old
lesshs, less than high school, lt high school, primary, elementary, p | hs, high school, secondary, s | somecollege, someps, some college, college, junior college, associate degree, associate | bachelors, bachelor, bachelor's degree, college graduate, post-secondary, ps | masters, master, master's degree, graduate degree, graduate, postgraduate | doctorate, phd
lower class | working class | middle class | upper class
1st, first | 2nd, second | 3rd, third | 4th, fourth
monday, mon | tuesday, tue, tues | wednesday, wed | thursday, thu, thur, thurs | friday, fri | saturday, sat | sunday, sun
january, jan | february, feb | march, mar | april, apr | may | june, jun | july, jul | august, aug | september, sep, sept | october, oct | november, nov | december, dec
a+ | a | a- | b+ | b | b- | c+ | c | c- | d+ | d | d- | e | f
i | ii | iii | iv | v | vi | vii | viii | ix | x
"""  # noqa: E501 - one scale on each line

_STEPS = tuple(
    {word: step for step, words in enumerate(line.split(" | ")) for word in words.split(", ")}
    for line in _SCALES.strip().splitlines()
)
_FEWEST = 3
"""Minimum number of labels of a recognised order."""

LEFTOVER = frozenset(
    {
        *("other", "others", "other answer", "unknown", "unk", "misc", "miscellaneous", "unclassified", "rest"),
        *("none", "none of these", "none of the above", "n/a", "na", "not applicable"),
        *("don't know", "do not know", "dk", "nk", "can't say", "not sure", "unsure"),
        *("prefer not to say", "prefer not to answer", "rather not say", "refused", "refusal"),
        *("no answer", "no response", "not answered", "not stated", "not specified", "missing", "not asked"),
    }
)


def is_leftover(category: str) -> bool:
    """Return whether a category is a residual one, such as other answers or no answer.

    >>> is_leftover("Other"), is_leftover(" Don’t know "), is_leftover("(none of these)"), is_leftover("Otter")
    (True, True, True, False)
    >>> is_leftover("others/unknown"), is_leftover("Poison unspec."), is_leftover("smoking status not known")
    (True, True, True)
    """
    name = category.casefold().replace("’", "'")
    parts = [part.strip(" ()[].-–/") for part in re.split(r"/|,| or | and ", name)]
    return (
        name.strip(" ()[].-–/") in LEFTOVER or all(part in LEFTOVER for part in parts) or bool(_NOT_KNOWN.search(name))
    )


_NOT_KNOWN = re.compile(
    r"\b(?:unknown|unspec(?:ified)?|not (?:known|stated|specified|recorded|reported|ascertained)|no information)\b"
)


@dataclass(frozen=True, slots=True)
class LabelOrder:
    """Labels in order. `outside` are residual labels, such as "don't know", which are no part of the order."""

    labels: tuple[str, ...]
    outside: tuple[str, ...]


def order_of(labels: Sequence[str], fewest: int = _FEWEST) -> LabelOrder | None:
    """Return the order of at least `fewest` different labels, or None if it is not recognised.

    >>> order_of(["often", "Don't know", "Never", "sometimes"]).labels
    ('Never', 'sometimes', 'often')
    >>> order_of(["65+", "18-24", "under 18", "25–64"]).labels
    ('under 18', '18-24', '25–64', '65+')
    >>> order_of(["$20k-$40k", "less than $20k", "$40,000 or more"]).labels
    ('less than $20k', '$20k-$40k', '$40,000 or more')
    >>> order_of(["red", "blue", "green"])
    """
    for find in (_on_a_scale, _by_number):
        for with_leftovers in (False, True):  # "none" and "unsure" are residual on most questions, and steps of some
            inside = [label for label in labels if with_leftovers or not is_leftover(label)]
            found = find(inside) if len(inside) >= fewest else None
            if found is not None:
                return LabelOrder(tuple(found), tuple(one for one in labels if one not in found))
    return None


def _on_a_scale(labels: Sequence[str]) -> list[str] | None:
    for steps in _STEPS:
        at = {label: steps[word] for label in labels if (word := _step(_word(label), steps)) is not None}
        if len(at) == len(labels) and len(set(at.values())) == len(at):
            return sorted(labels, key=at.__getitem__)
    return None


def _step(word: str, steps: Mapping[str, int]) -> str | None:
    """Return the longest step of a scale that a label is or begins with ("high school degree"), or None."""
    if word in steps:
        return word
    longer = [step for step in steps if len(step) > _SHORTEST and word.startswith(f"{step} ")]
    return max(longer, key=len, default=None)


_SHORTEST = 3
"""Labels may begin with steps that are longer than this."""


def _word(label: str) -> str:
    return label.casefold().replace("_", " ").replace("’", "'").strip()


_BELOW = r"<=?|≤|under|below|less than|less|fewer than|fewer|up to|at most|before|younger than"
_ABOVE = r">=?|≥|over|above|more than|more|at least|from|after|older than"
_END_BELOW = r"or less|or fewer|or under|or younger|or below|and under|and younger|and below|or earlier"
_END_ABOVE = r"\+|plus|or more|or over|or older|or above|and over|and older|and above|and up|or later|and more"
_NUMBER = r"\d+(?:\.\d+)?"
_LABEL = re.compile(
    rf"(?P<before>[^\d<>≤≥]*?)\s*(?P<open>{_BELOW}|{_ABOVE})?\s*(?P<first>{_NUMBER})"
    rf"(?P<middle>[^\d+]*?)(?:\s*(?:-|to|and|through)\s*[^\d]{{0,3}}(?P<last>{_NUMBER}))?"
    rf"(?P<after>[^\d+]*?)\s*(?P<end>{_END_BELOW}|{_END_ABOVE})?"
)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_SCALED = re.compile(r"(\d+(?:\.\d+)?) ?(k|thousand|m|million)(?![a-z])")
_SHARED_SCALE = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)(?= ?- ?\d)( ?- ?\d+(?:\.\d+)?)( ?k| thousand| million)(?![a-z])")
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")
_ZERO = ("none", "no", "zero", "never")
_ORDINAL = re.compile(r"(?<=\d)(st|nd|rd|th)(?![a-z])")
_FACTORS = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6}
_PURE = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)")


_Range = tuple[float, float, str]
"""The first and the last number that a label includes, and the words around them."""


def _number_of(label: str) -> float | None:
    """Return the number that a label is: a number, none, or an ISO date."""
    if _PURE.fullmatch(label.strip()):
        return float(label)
    if (date := _ISO_DATE.fullmatch(label.strip())) is not None:
        return int(date[1]) * 10_000 + int(date[2]) * 100 + int(date[3] or 0)
    return 0.0 if _word(label) in _ZERO else None


def _range_of(label: str) -> _Range | None:
    if (number := _number_of(label)) is not None:
        return number, number, ""
    text = _ORDINAL.sub("", _THOUSANDS.sub("", label.casefold().replace("_", " ")))
    text = re.sub(r"[‐-―−~]", "-", re.sub(r"[$€£¥%]", "", text)).strip(" []()")
    text = re.sub(r"(?<=\d) to (?=\d)", "-", text)
    text = _SHARED_SCALE.sub(r"\1\3\2\3", text)
    text = _SCALED.sub(lambda one: f"{float(one[1]) * _FACTORS[one[2]]:.10g}", text)
    found = _LABEL.fullmatch(text)
    if found is None:
        return None
    parts = " ".join(found[name] or "" for name in ("before", "middle", "after"))
    words = " ".join(sorted({word.rstrip("s") for word in re.findall(r"[^\W\d_]+", parts)}))
    first = float(found["first"])
    last = first if found["last"] is None else float(found["last"])
    opening, ending = found["open"] or "", found["end"] or ""
    if (opening and re.fullmatch(_BELOW, opening)) or (ending and re.fullmatch(_END_BELOW, ending)):
        return -math.inf, first, words
    if (opening and re.fullmatch(_ABOVE, opening)) or (ending and re.fullmatch(_END_ABOVE, ending)):
        return first, last if last > first else math.inf, words
    return first, last, words


def _by_number(labels: Sequence[str]) -> list[str] | None:
    """Return labels in the order of their numbers if these do not overlap and the words around them agree."""
    found = {label: _range_of(label) for label in labels}
    ranges = {label: one for label, one in found.items() if one is not None}
    if len(ranges) < len(labels) or len({words for *_, words in ranges.values() if words}) > 1:
        return None
    ordered = sorted(labels, key=lambda label: ranges[label][:2])
    for (first, last, _), (next_first, next_last, _) in pairwise(ranges[label] for label in ordered):
        if first > last or next_first < last or (first, last) == (next_first, next_last):
            return None
    return ordered
