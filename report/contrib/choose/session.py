"""The common ground of page, terminal and file: a profiled table, its ranking, and the report of each pair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ...errors import DataError
from .choice import Choice, default_choice
from .columns import flag
from .questions import Option, Profile, Question, option_names, profile_of, title_of
from .ranking import Pair, Ranking
from .reading import RawTable
from .sniffing import reading_notes
from .telling import Shown, faults_of, shown

COUNTS = "a report needs a row for each unit, or counts (count: values, docs/choosing.md#a-table-of-counts)"


@dataclass(frozen=True, eq=False)
class Card:
    """A pair as it is before anybody changes it. `also` are partners that are nearly the same thing."""

    pair: Pair
    choice: Choice
    shown: Shown | None
    also: tuple[str, ...] = ()


class Session:
    """A table that somebody chooses from. A person may group its columns by hand."""

    def __init__(self, table: RawTable) -> None:
        """Profile the table. Raises DataError if it has nothing to cross."""
        self.table = table
        self._take(profile_of(table))
        if len(self.profile.questions) < 2:
            raise DataError(f"{table.name}: {self._nothing()}")

    def _take(self, profile: Profile) -> None:
        self.profile = profile
        self.ranking = Ranking(profile)
        self._cards: dict[tuple[int, int, int, int], Card] = {}

    def _nothing(self) -> str:
        said = "; ".join(f"{column.name}: {column.why}" for column in self.profile.aside[:5])
        return f"fewer than two columns have answers that repeat, so there is nothing to cross ({said}); {COUNTS}"

    @property
    def is_of_rates(self) -> bool:
        """Whether the table seems to have rates of places and no units: numbers alone, and few rows."""
        kinds = [self.profile.columns[question.columns[0]].kind for question in self.profile.questions]
        return self.table.n_all < 200 and len(kinds) > 2 and all(kind == "number" for kind in kinds)

    @property
    def notes(self) -> list[str]:
        """The repairs in reading the file."""
        return list(reading_notes(self.table.path, self.table.source))

    def card(self, pair: Pair, about: int | None = None, also: Sequence[int] = ()) -> Card:
        """Return a pair with the content of its report; nothing if no row has both answers."""
        given, answer = self.ranking.sides(pair, about)
        key = (given, answer, pair.part_of(given), pair.part_of(answer))
        if key not in self._cards:
            choice = default_choice(self.ranking, pair, about)
            try:
                found = None if faults_of(self.profile, choice) else shown(self.profile, choice)
            except DataError:
                found = None
            self._cards[key] = Card(pair, choice, found)
        return replace(self._cards[key], also=tuple(self.profile.questions[place].text for place in also))

    def partners(self, about: int, most: int = 10) -> Iterator[Card]:
        """Yield the best partners of a question."""
        for pair, also in self.ranking.partners(about, most):
            yield self.card(pair, about, also)

    def split(self, place: int = -1) -> None:
        """Make each column of a question a question of its own."""
        questions = [*self.profile.questions]
        columns = self.profile.columns
        old = questions[place]
        if len(old.columns) < 2:
            raise DataError(f"{old.text}: is one column, and cannot be split")
        single = []
        for at in old.columns:
            if columns[at].kind != "aside":
                single.append(Question(columns[at].name, "column", (at,)))
            elif columns[at].is_blank_only:
                option = Option(at, columns[at].name, ())
                single.append(Question(columns[at].name, "options", (at,), options=(option,)))
        questions[place : place + 1] = single
        self._take(replace(self.profile, questions=tuple(questions)))

    def fold(self, places: Sequence[int]) -> None:
        """Make several questions one: options if each is chosen or not, else items with the same answers."""
        chosen = [self.profile.questions[place] for place in places]
        columns = [at for question in chosen for at in question.columns]
        of = [self.profile.columns[at] for at in columns]
        if len(columns) < 2:
            raise DataError("choose at least two columns that belong together")
        text = title_of([column.name for column in of])
        marks = [flag(column) for column in of]
        names = option_names(of)
        if all(mark is not None for mark in marks):
            every = tuple(dict.fromkeys(one for mark in marks for one in mark or ()))
            texts = () if any(column.is_blank_only for column in of) else every
            options = tuple(Option(at, name, texts) for at, name in zip(columns, names, strict=True))
            made = Question(text, "options", tuple(columns), options=options)
        elif all(column.kind in ("categories", "ordered") for column in of):
            made = Question(text, "items", tuple(columns), items=tuple(names))
        else:
            raise DataError("these columns are neither options (chosen or not) nor items with answers of one kind")
        kept = [question for place, question in enumerate(self.profile.questions) if place not in places]
        kept.insert(min([*places, len(kept)]), made)
        self._take(replace(self.profile, questions=tuple(kept)))
