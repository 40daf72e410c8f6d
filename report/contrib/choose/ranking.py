"""Rank the partners of a question: the association of all pairs, and four rules that earned their place.

Cramér's V has the bias correction of Bergsma (2013, Journal of the Korean Statistical Society 42), and its lower limit
is the end of a one-sided 95% interval: the square root of a noncentral chi-squared is nearly normal. Of options and
items, the clearest one counts, at a level divided by their number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, zip_longest
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ... import portable
from ...arrays import Bools, Floats, Ints
from .columns import Column
from .questions import Profile, Question
from .reading import FEWEST_ROWS

Floats32 = NDArray[np.floating[Any]]

LEVEL = 0.05
"""The one-sided level of lower limits."""

SAME = 0.5
"""Questions that determine each other by more than this are one thing and no pair."""

BINNED = 0.1
"""The loss of numbers in bins."""

PARTNERS = 10
"""The number of partners that are shown."""

_MOST_LEVELS = 4_000
"""All pairs are compared if the questions have at most so many answers together."""


@dataclass(frozen=True)
class Pair:
    """Two questions by their places: V, its lower limit, the number of rows, and the clearest option or item of each.

    `known` is how far one determines the other, from 0 to 1, and `score` its rank as a suggestion.
    """

    a: int
    b: int
    v: float
    low: float
    n: float
    part_a: int
    part_b: int
    known: float
    score: float

    @property
    def is_same(self) -> bool:
        """Whether both questions are one thing."""
        return self.known > SAME

    def other(self, place: int) -> int:
        """Return the other question."""
        return self.b if place == self.a else self.a

    def part_of(self, place: int) -> int:
        """Return the clearest option or item of a question."""
        return self.part_a if place == self.a else self.part_b


@dataclass(frozen=True, eq=False)
class _Parts:
    """The parts of all questions: answers (n, K), the first answer of each part, and the question of each part."""

    hot: Floats32
    start: Ints
    question: Ints

    @property
    def of_level(self) -> Ints:
        return np.repeat(np.arange(len(self.start)), np.diff([*self.start, self.hot.shape[1]]))


class Ranking:
    """The association of the questions of a table. Rows without one of the two are left out of each pair."""

    def __init__(self, profile: Profile) -> None:
        """Code all answers once."""
        self.profile = profile
        self.questions = profile.questions
        self._parts = _parts_of(profile)
        kind = np.float32 if profile.count is None else np.float64
        self._units: Floats32 = profile.units.astype(kind)
        self._known: dict[int, list[Pair]] = {}
        self.is_whole = self._parts.hot.shape[1] <= _MOST_LEVELS
        """Whether all pairs are compared, so that lists of pairs are complete."""

    @property
    def n_pairs(self) -> int:
        """The number of pairs among which one is chosen."""
        n = len(self.questions)
        return n * (n - 1) // 2

    @cached_property
    def _joint(self) -> Floats32:
        """The units with each two answers (K, K); one product counts all tables, in whole numbers below 2^24."""
        return np.asarray(portable.matmul((self._parts.hot * self._units[:, None]).T, self._parts.hot))

    def pairs_of(self, place: int) -> list[Pair]:
        """Return the pairs of a question with every other, in the order of the table."""
        if place not in self._known:
            self._known[place] = list(self._row(place))
        return self._known[place]

    def pair(self, a: int, b: int) -> Pair:
        """Return the pair of two questions."""
        return next(pair for pair in self.pairs_of(a) if pair.other(a) == b)

    @cached_property
    def pairs(self) -> list[Pair]:
        """All pairs, each once; [] if there are too many answers."""
        if not self.is_whole:
            return []
        return [
            pair for place in range(len(self.questions)) for pair in self.pairs_of(place) if pair.other(place) > place
        ]

    def partners(self, place: int, most: int = PARTNERS) -> list[tuple[Pair, list[int]]]:
        """Return the best partners, each with those that are nearly the same thing; background and others in turns."""
        found = sorted((pair for pair in self.pairs_of(place) if not pair.is_same), key=lambda pair: -pair.score)
        kept: list[tuple[Pair, list[int]]] = []
        for pair in found[: 6 * most]:
            j = pair.other(place)
            near = next((also for one, also in kept if self.pair(one.other(place), j).is_same), None)
            if near is None:
                kept.append((pair, []))
            else:
                near.append(j)
        if not self.questions[place].background:
            sides = [
                [one for one in kept if self.questions[one[0].other(place)].background == b] for b in (True, False)
            ]
            kept = [one for two in zip_longest(*sides) for one in two if one is not None]
            kept.sort(key=lambda one: one[0].low <= 0)
        return kept[:most]

    def same_as(self, place: int, most: int = 4) -> list[int]:
        """Return questions that are nearly the same thing."""
        found = sorted((pair for pair in self.pairs_of(place) if pair.is_same), key=lambda pair: -pair.score)
        return [pair.other(place) for pair in found[:most]]

    def by_background(self, most: int = 20) -> list[Pair]:
        """Return each question with the background it differs by most; without background, with its best partner."""
        back = [place for place, question in enumerate(self.questions) if question.background]
        is_all = len(back) in (0, len(self.questions))
        best = []
        for place, question in enumerate(self.questions) if self.is_whole else ():
            if question.background and not is_all:
                continue
            of = [
                p
                for p in self.pairs_of(place)
                if not p.is_same and (is_all or self.questions[p.other(place)].background)
            ]
            if of:
                best.append(max(of, key=lambda pair: pair.score))
        return sorted(dict.fromkeys(best), key=lambda pair: -pair.score)[:most]

    def strongest(self, most: int = 12) -> list[Pair]:
        """Return the strongest pairs, each question at most twice."""
        return _at_most_twice(sorted(self.pairs, key=lambda pair: -pair.score), most)

    def suggestions(self, most: int = 5) -> list[Pair]:
        """Return candidates if nobody chooses: above 0.3 stronger is no better, outcomes and the file's words are."""
        words = [word for word in re.findall(r"[a-z]+", self.profile.table.path.stem.lower()) if len(word) > 3]

        def worth(pair: Pair) -> float:
            names = " ".join(re.sub(r"[_.]", " ", self.questions[q].text[:60]) for q in (pair.a, pair.b)).lower()
            is_named = any(word in names for word in words)
            return pair.score - max(0.0, pair.low - 0.3) + 0.2 * bool(_OUTCOME.search(names)) + 0.2 * is_named

        return _at_most_twice(sorted(self.pairs, key=worth, reverse=True), most)

    def sides(self, pair: Pair, about: int | None = None) -> tuple[int, int]:
        """Return the given side and the answer: background first, else the other of the question it is about."""
        x, y = self.questions[pair.a], self.questions[pair.b]
        if x.background != y.background:
            return (pair.a, pair.b) if x.background else (pair.b, pair.a)
        if about is not None:
            return pair.other(about), about
        return (pair.b, pair.a) if x.form != "column" else (pair.a, pair.b)

    def _row(self, place: int) -> Iterator[Pair]:
        """Yield the pairs of a question; of several parts, the one with the clearest association counts."""
        parts = self._parts
        own = np.flatnonzero(parts.question == place)
        levels = np.flatnonzero(np.isin(parts.of_level, own))
        if self.is_whole:
            joint = self._joint[levels]
        else:
            joint = portable.matmul((parts.hot[:, levels] * self._units[:, None]).T, parts.hot)
        found = _associated(parts, own, np.asarray(joint, dtype=np.float64))
        first = np.searchsorted(parts.question, np.arange(len(self.questions) + 1))
        n_tests = len(own) * np.diff(first)
        level = np.array([NormalDist().inv_cdf(1 - LEVEL / max(1, n)) for n in n_tests.tolist()])
        low = _lower(found["chi2"], found["df"], found["n"], found["k"], level[parts.question])
        value = low + 1e-6 * found["v"]
        best = value.argmax(axis=0)
        known = np.maximum(found["known"], found["known_back"])[0]
        is_number = np.array([self._is_number(q) for q in range(len(self.questions))])
        for other, (start, stop) in enumerate(pairwise(first.tolist())):
            if other == place or start == stop:
                continue
            j = start + int(value[:, start:stop].max(axis=0).argmax())
            i = int(best[j])
            v, limit = float(found["v"][i, j]), float(low[i, j])
            score = limit + 0.001 * v - BINNED * bool(is_number[other] or is_number[place])
            is_one = len(own) == stop - start == 1
            yield Pair(
                place, other, v, limit, float(found["n"][i, j]), i, j - start, float(known[j]) if is_one else 0.0, score
            )

    def _is_number(self, place: int) -> bool:
        question = self.questions[place]
        return question.form == "column" and self.profile.columns[question.columns[0]].kind == "number"


def _at_most_twice(pairs: Sequence[Pair], most: int) -> list[Pair]:
    used: Counter[int] = Counter()
    found = []
    for pair in pairs:
        if not pair.is_same and used[pair.a] < 2 and used[pair.b] < 2:
            found.append(pair)
            used.update((pair.a, pair.b))
    return found[:most]


_OUTCOME = re.compile(
    r"\b(outcome|results?|respon[sd]\w*|vote\w*|choice|satisf\w*|surviv\w*|died|dead|death\w*|status|decision|accept\w*|"
    r"approv\w*|releas\w*|success|fail\w*|win|won|injur\w*|severity|damage|price|income|wages?|salary|scores?|rating|"
    r"employ\w*|smok\w*|opinion|stance|happy)\b"
)


def _parts_of(profile: Profile) -> _Parts:
    """Return the answers of all parts; a part is a column, an option (no, yes) or an item."""
    blocks: list[Floats32] = []
    start, of, at = [], [], 0
    for place, question in enumerate(profile.questions):
        for block in part_sets(question, profile.columns):
            blocks.append(block.astype(np.float32))
            start.append(at)
            of.append(place)
            at += block.shape[1]
    hot = np.concatenate(blocks, axis=1) if blocks else np.zeros((profile.table.n_rows, 0), dtype=np.float32)
    return _Parts(hot, np.array(start, dtype=np.int64), np.array(of, dtype=np.int64))


def part_sets(question: Question, columns: Sequence[Column]) -> Iterator[Bools]:
    """Yield the answers (n, K) of each part of a question; a row without an answer has none."""
    if question.form == "options":
        chosen = np.stack([chosen_rows(columns[option.column], option.chosen) for option in question.options], axis=1)
        asked = asked_rows(question, columns)
        for k in range(chosen.shape[1]):
            yield np.stack([asked & ~chosen[:, k], chosen[:, k]], axis=1)
        return
    for place in question.columns:
        column = columns[place]
        if column.sets is not None:
            there = column.sets.any(axis=1) | (column.codes < 0)
            for k in range(column.sets.shape[1]):
                yield np.stack([there & ~column.sets[:, k], column.sets[:, k]], axis=1)
        else:
            yield column.codes[:, None] == np.array(column.answers)[None, :]


def chosen_rows(column: Column, texts: Sequence[str]) -> Bools:
    """Return the rows in which an option was chosen; without texts, any text means that."""
    raw = column.raw
    if not texts:
        there = np.array([bool(text.strip()) for text in raw.texts] + [False])
        return np.asarray(there[raw.codes])
    wanted = {text.strip() for text in texts}
    return np.asarray(np.array([text.strip() in wanted for text in raw.texts] + [False])[raw.codes])


def asked_rows(question: Question, columns: Sequence[Column]) -> Bools:
    """Return the rows with an answer to any option of a question."""
    every = [chosen_rows(columns[option.column], ()) for option in question.options]
    if len(every) == 1:
        return np.ones_like(every[0])
    return np.asarray(np.any(every, axis=0))


def _associated(parts: _Parts, own: Ints, joint: Floats) -> dict[str, Floats]:
    """Return the association of some parts (p) with all parts (P), from the units with each two answers (k, K)."""
    start, of = parts.start, parts.of_level
    own_start = np.concatenate([[0], np.cumsum([int((of == part).sum()) for part in own])[:-1]]).astype(np.int64)
    own_of = np.repeat(np.arange(len(own)), np.diff([*own_start, len(joint)]))

    def summed(values: Floats) -> Floats:
        return np.add.reduceat(np.add.reduceat(values, own_start, axis=0), start, axis=1)

    of_row = np.add.reduceat(joint, start, axis=1)  # own level x part: units with the level and any answer of the part
    of_column = np.add.reduceat(joint, own_start, axis=0)  # own part x level
    with np.errstate(divide="ignore", invalid="ignore"):
        n = summed(joint)
        each = np.where(joint > 0, joint * joint / (of_row[:, of] * of_column[own_of]), 0.0)
        chi2 = np.maximum(0.0, n * (summed(each) - 1))
        rows = np.add.reduceat((of_row > 0).astype(np.float64), own_start, axis=0)
        columns = np.add.reduceat((of_column > 0).astype(np.float64), start, axis=1)
        df = (rows - 1) * (columns - 1)
        phi2 = np.maximum(0.0, chi2 / n - df / (n - 1))
        shrunk = np.minimum(*(k - portable.squared(k - 1) / (n - 1) for k in (rows, columns)))
        v = np.sqrt(np.clip(phi2 / np.maximum(shrunk - 1, 1e-9), 0.0, 1.0))
        h_rows = portable.log(n) - np.add.reduceat(_xlogx(of_row), own_start, axis=0) / n
        h_columns = portable.log(n) - np.add.reduceat(_xlogx(of_column), start, axis=1) / n
        mutual = h_rows + h_columns - portable.log(n) + summed(_xlogx(joint)) / n - df / (2 * n)
        known, known_back = (np.clip(mutual / np.maximum(h, 1e-9), 0.0, 1.0) for h in (h_rows, h_columns))
    bad = (n < FEWEST_ROWS) | (df <= 0) | ~np.isfinite(v)
    for values in (v, chi2):
        values[bad] = 0.0
    known[bad | (h_rows < 0.05)] = 0.0
    known_back[bad | (h_columns < 0.05)] = 0.0
    k = np.minimum(rows, columns)
    return {"n": n, "v": v, "chi2": chi2, "df": df, "k": k, "known": known, "known_back": known_back}


def _xlogx(values: Floats) -> Floats:
    return np.where(values > 0, values * portable.log(np.maximum(values, 1e-12)), 0.0)


def _lower(chi2: Floats, df: Floats, n: Floats, k: Floats, z: Floats) -> Floats:
    """Return lower limits of V from chi-squared, its degrees of freedom, units and the smaller number of answers."""
    half = (df - 1) / 2
    root = np.sqrt(np.maximum(0.0, chi2 - half)) - z
    found = np.sqrt(np.clip((root * root - half) / np.maximum(1.0, n * np.maximum(1.0, k - 1)), 0.0, 1.0))
    return np.where(root > 0, found, 0.0)
