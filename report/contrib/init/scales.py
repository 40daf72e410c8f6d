"""Words of answer scales, each scale in order."""

from __future__ import annotations

from collections.abc import Sequence

_SCALES = """
never | hardly ever, almost never | rarely, seldom | occasionally, sometimes | often, frequently | usually, very often, most of the time, almost always | always
strongly disagree, completely disagree | disagree | somewhat disagree, slightly disagree | neutral, neither agree nor disagree, neither, undecided | somewhat agree, slightly agree | agree | strongly agree, completely agree
very dissatisfied | dissatisfied, unsatisfied | somewhat dissatisfied | neutral, neither | somewhat satisfied | satisfied | very satisfied
very poor, very bad, terrible | poor, bad | fair, average, ok, middling | good | very good | excellent
very low, lowest | low | medium, moderate, middle, average | high | very high, highest
none, no, not at all | a little, slightly, some, mild | moderately, moderate, somewhat | very, a lot, marked, severe | extremely
not, not important, unimportant | notvery, not very, not very important | somewhat, somewhat important | very, very important
decreased, worse, decrease | stayed the same, no change, the same, about right, unchanged | increased, better, increase
too little | about right | too much
negative | neutral | positive
small | medium | large | extra large
young | middle-aged, middle aged | old
lesshs, less than high school, primary, elementary, p | hs, high school, secondary, s | somecollege, some college, someps, college | bachelors, bachelor, bachelor's degree, post-secondary, ps | masters, master, graduate degree, graduate | doctorate, phd
1st, first | 2nd, second | 3rd, third | 4th, fourth
"""  # noqa: E501 - one scale on each line

_STEPS = tuple(
    {word: step for step, words in enumerate(line.split(" | ")) for word in words.split(", ")}
    for line in _SCALES.strip().splitlines()
)
_FEWEST = 3
"""Minimum number of labels on a scale."""


def on_a_scale(labels: Sequence[str]) -> list[str] | None:
    """Return labels in the order of their scale, or None if they are not on one.

    One label outside the scale, such as "don't know", comes last.

    >>> on_a_scale(["often", "Don't know", "Never", "sometimes"]), on_a_scale(["red", "blue", "green"])
    (['Never', 'sometimes', 'often', "Don't know"], None)
    """
    for steps in _STEPS:
        at = {label: steps[word] for label in labels if (word := label.casefold().replace("_", " ").strip()) in steps}
        if len(at) >= _FEWEST and len(at) >= len(labels) - 1 and len(set(at.values())) == len(at):
            return sorted(labels, key=lambda label: at.get(label, len(steps)))
    return None
