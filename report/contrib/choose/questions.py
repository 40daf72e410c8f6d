"""Questions, of which a person chooses two. The columns of the options of a question are one."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from ...arrays import Ints
from ...relations.dependence import are_copies
from .columns import FEWEST, Column, count_column, flag, profiled
from .reading import RawTable

Form = Literal["column", "options", "items"]
"""One column (also of fields with several answers); a column for each option; or items with the same answers."""

_BACKGROUND = re.compile(
    r"\b(age|ages|agecat|agegroup|gender|sex|male|female|race|ethnic\w*|ethn|region|province|state|country|county|city|"
    r"location|urban|rural|neighbou?rhood|income|salary|educ\w*|edu|degree|schooling|marital\w*|married|"
    r"relationship status|religion|party|occupation|profession|employ\w*|language|nationality|minority|black|white|"
    r"hispanic|year|decade|cohort|generation|treat\w*|trt|arm|geschlecht|alter|sexe|âge|sexo|edad|idade|bildung|"
    r"bundesland|région|región)\b",
    re.IGNORECASE,
)
_OPINION = re.compile(r"\b(quality|satisf\w*|ratings?|rated?|importan\w*|agree\w*|opinions?)\b", re.IGNORECASE)
_ASKED_WHO = re.compile(
    r"\b(your (age|gender|sex|race|religion|education|marital|relationship status)|level of education|years? old|"
    r"old are you)",
    re.IGNORECASE,
)
_WHO = (
    *({"male", "female"}, {"m", "f"}, {"men", "women"}, {"white", "black", "hispanic", "asian"}),
    *({"married", "divorced", "widowed"}, {"18-29", "30-44"}, {"18 - 29", "30 - 44"}),
)
_STEMS = (": ", " - ", " [", " | ", "? ")
_LONGEST_NAME, _LEAST_STEM = 40, 8
_NUMBERED = re.compile(r"[_.]?\d{1,4}$")
_NAMED_NUMBER = re.compile(r"[a-z]\w*?[_.]\d{1,4}$|[a-z]{2,}\d{1,2}$", re.IGNORECASE)
_WORD_END = re.compile(r"[_.]")
_FEWEST_OPTIONS, _MANY_FLAGS = 3, 20
_MARKS = frozenset({"yes", "y", "true", "t", "x", "1", "checked", "selected"})
"""Texts in lower case that mean that an option was chosen."""
_OPEN = re.compile(r"open-ended|please specify|other \(", re.IGNORECASE)


@dataclass(frozen=True)
class Option:
    """An option of a question: its column, its name, and the texts that mean that it was chosen ((): any text)."""

    column: int
    name: str
    chosen: tuple[str, ...]


@dataclass(eq=False)
class Question:
    """A question. `text` is the whole question, and `columns` are the places of its columns.

    `background` is whether it says who, where or when. The options of `options` are ticked in columns of their own.
    `items` are the names of items.
    """

    text: str
    form: Form
    columns: tuple[int, ...]
    background: bool = False
    options: tuple[Option, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Profile:
    """A table, its columns and its questions. `count` is the column of units in a row, and `weight` that of weights.

    `ids` are columns whose repeated values tie rows together.
    """

    table: RawTable
    columns: tuple[Column, ...]
    questions: tuple[Question, ...]
    count: Column | None
    weight: Column | None
    ids: tuple[Column, ...] = ()

    @property
    def aside(self) -> list[Column]:
        """The columns that are no part of a question."""
        used = {place for question in self.questions for place in question.columns}
        return [column for place, column in enumerate(self.columns) if place not in used]

    @cached_property
    def units(self) -> Ints:
        """The number of units in each row (n,)."""
        if self.count is None:
            return np.ones(self.table.n_rows, dtype=np.int64)
        raw = self.count.raw
        numbers = np.array([int(float(text.replace(",", "."))) for text in raw.texts])
        found: Ints = numbers[raw.codes]
        return found

    @cached_property
    def is_copied(self) -> bool:
        """Whether every row is in the table several times."""
        key = np.zeros(self.table.n_rows, dtype=np.uint64)
        for column in self.columns:
            key = key * np.uint64(1_000_003) + (column.raw.codes + 1).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
            key ^= key >> np.uint64(29)
        return are_copies(np.unique(key, return_counts=True)[1])


def profile_of(table: RawTable) -> Profile:
    """Return the columns and questions of a table."""
    columns = [profiled(raw) for raw in table.columns]
    count = count_column(columns)
    weight = next((column for column in columns if column.role == "weight"), None)
    if count is not None:
        counted = replace(count, kind="aside", why="its name says that it counts the units of a row", role="count")
        columns[columns.index(count)] = count = counted
    questions = tuple(_questions(columns))
    for question in questions:
        question.background = _is_background(question, columns)
    ids = tuple(column for column in columns if column.role == "id")
    return Profile(table, tuple(columns), questions, count, weight, ids)


def _questions(columns: Sequence[Column]) -> list[Question]:
    """Return questions in the order of their first columns: runs of columns that belong together are one."""
    found: list[Question] = []
    at = 0
    while at < len(columns):
        run = _run(columns, at)
        question = _of_run(columns, run) if len(run) > 1 else None
        if question is not None:
            found.append(question)
            at = run[-1] + 1
            rest = [place for place in run if place not in question.columns]
            found += [_single(columns, place) for place in rest if columns[place].kind != "aside"]
            continue
        if columns[at].kind != "aside":
            found.append(_single(columns, at))
        elif columns[at].is_blank_only and columns[at].ticked.casefold() in _MARKS:
            found.append(_ticked_alone(columns, at))
        at += 1
    return found


def _single(columns: Sequence[Column], place: int) -> Question:
    return Question(columns[place].name, "column", (place,))


def _ticked_alone(columns: Sequence[Column], place: int) -> Question:
    """Return one option whose blank fields mean no."""
    column = columns[place]
    return Question(column.name, "options", (place,), options=(Option(place, column.name, ()),))


def _run(columns: Sequence[Column], at: int) -> list[int]:
    """Return the places of the columns that begin one question with the column at a place."""
    first = columns[at]
    run = [at]
    stem = stem_of(first.name)
    for place in range(at + 1, len(columns)):
        other = columns[place]
        alike = stem_of(other.name) == stem != other.name or _alike(first, other)
        if not alike or (first.kind == "aside" and not first.is_blank_only) != (
            other.kind == "aside" and not other.is_blank_only
        ):
            break
        run.append(place)
    if len(run) < _FEWEST_OPTIONS and flag(first) is not None:
        flags = [
            at,
            *itertools.takewhile(lambda place: _names(columns[place]) == _names(first), range(at + 1, len(columns))),
        ]
        stem = _WORD_END.split(first.name)[0]
        named = [at, *itertools.takewhile(lambda place: _WORD_END.split(columns[place].name)[0] == stem, flags[1:])]
        if len(flags) >= _MANY_FLAGS or len(named) >= _FEWEST_OPTIONS:
            return flags if len(flags) >= _MANY_FLAGS else named
    return run


def _names(column: Column) -> frozenset[str]:
    return frozenset(level.name.casefold() for level in column.levels if level.kind == "answer")


def _alike(one: Column, other: Column) -> bool:
    """Return whether two names begin with the same six words, and their answers are the same."""
    first, second = one.name.split(), other.name.split()
    names, others = _names(one), _names(other)
    return len(first) > 6 and first[:6] == second[:6] and len(names & others) >= 0.6 * max(len(names), len(others), 1)


def _of_run(columns: Sequence[Column], run: Sequence[int]) -> Question | None:
    """Return a run of columns as one question, or None if its columns are questions of their own."""
    usable = [place for place in run if columns[place].kind != "aside" or columns[place].is_blank_only]
    ticks = {place: chosen for place in usable if (chosen := flag(columns[place])) is not None}
    is_pair = len(run) == 2 and all(columns[place].is_blank_only for place in run)
    text = title_of([columns[place].name for place in run])
    options = [place for place in ticks if not _OPEN.search(columns[place].name)]
    if len(options) >= max(_FEWEST_OPTIONS, 0.6 * len(usable)) or (is_pair and len(options) == 2):
        kept = [place for place in options if _n_chosen(columns[place], ticks[place]) >= FEWEST] or options
        names = option_names([columns[place] for place in kept])
        every = tuple(dict.fromkeys(mark for place in kept for mark in ticks[place]))
        marks = () if any(columns[place].is_blank_only for place in kept) else every
        made = tuple(Option(place, name, marks) for place, name in zip(kept, names, strict=True))
        return Question(text, "options", tuple(run), options=made)
    single = [place for place in usable if columns[place].kind in ("categories", "ordered")]
    answers = {_names(columns[place]) - {"other"} for place in single}
    if len(single) >= _FEWEST_OPTIONS and len(answers) <= max(2, len(single) // 3):
        names = option_names([columns[place] for place in single])
        return Question(text, "items", tuple(single), items=tuple(names))
    return None


def _n_chosen(column: Column, texts: Sequence[str]) -> int:
    if column.is_blank_only:
        return column.levels[0].n
    return sum(level.n for level in column.levels if set(level.texts) & set(texts))


def stem_of(name: str) -> str:
    """Return the part of a name that the options of one question share.

    >>> stem_of("Do you own: A car"), stem_of("Q7_12"), stem_of("Age")
    ('Do you own', 'Q7', 'Age')
    """
    for cut in _STEMS:
        if cut in name and len(name.split(cut, maxsplit=1)[0]) > _LEAST_STEM:
            return (
                name.rsplit(cut, 1)[0] if cut == " - " else name.split(cut, maxsplit=1)[0] + cut.strip() * (cut == "? ")
            )
    return _NUMBERED.sub("", name) if _NAMED_NUMBER.fullmatch(name) else name


def title_of(names: Sequence[str]) -> str:
    """Return the common part of the columns of a question: their stem, or their first words."""
    stem = stem_of(names[0])
    if stem != names[0] and all(stem_of(name) == stem for name in names):
        return stem
    words = [name.split() for name in names]
    n = next((k for k in range(min(map(len, words))) if len({tuple(of[: k + 1]) for of in words}) > 1), 0)
    return " ".join(words[0][:n]).strip(" :-[(") or f"{names[0]} to {names[-1]}"


def option_names(columns: Sequence[Column]) -> list[str]:
    """Return distinct names of options: the words after their stem, or the text of a chosen option."""
    prefix = shared_prefix([column.name for column in columns])
    names = [column.name[len(prefix) :].strip(" -:[]_.|") or column.name for column in columns]
    ticked = [column.ticked for column in columns]
    is_said = all(column.is_blank_only and len(column.ticked) > 1 for column in columns) and len(set(ticked)) == len(
        ticked
    )
    chosen = ticked if is_said else names
    often = Counter(chosen)
    return [one if often[one] == 1 else column.name for one, column in zip(chosen, columns, strict=True)]


def shared_prefix(names: Sequence[str]) -> str:
    """Return the common beginning of names, up to the end of a word or a sign between words.

    >>> (
    ...     shared_prefix(["Own: A car", "Own: A bus"]),
    ...     shared_prefix(["q1_red", "q1_blue"]),
    ...     shared_prefix(["red", "rose"]),
    ... )
    ('Own: ', 'q1_', '')
    """
    if len(names) < 2:
        return ""
    first = names[0]
    n = next((k for k, letters in enumerate(zip(*names, strict=False)) if len(set(letters)) > 1), min(map(len, names)))
    end = max((match.end() for match in re.finditer(r": | - |\[|\| |_|\? ", first[:n])), default=0)
    return first[:end] if end < min(map(len, names)) else ""


def _is_background(question: Question, columns: Sequence[Column]) -> bool:
    """Return whether a question says who, where or when: by its name if that is short, or by its answers."""
    if question.form != "column" or columns[question.columns[0]].kind == "several":
        return False
    column = columns[question.columns[0]]
    words = re.sub(r"([a-z])([A-Z])", r"\1 \2", question.text)
    words = re.sub(r"(?<=[a-z])\d+\b", "", re.sub(r"[_.-]", " ", words))
    names = {level.name.casefold() for level in column.levels if level.kind == "answer"} - {"other"}
    if any(len(names & group) >= min(2, len(group)) for group in _WHO):
        return True
    if len(names) > 2 and sum("$" in name for name in names) > 0.6 * len(names):
        return True
    is_named = len(words) <= _LONGEST_NAME and _BACKGROUND.search(words) and not _OPINION.search(words)
    return bool(is_named or _ASKED_WHO.search(words))
