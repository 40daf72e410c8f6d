"""Ask in the terminal as on the page: a question, its partner, then words and treatment with a live sentence."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from ...errors import DataError, did_you_mean, shortened
from ...formats import count, decimal, percent
from .choice import Choice, Group, SideName, levels_of, name_of, text_of
from .form import acted, choice_between, choice_of, fields_of
from .page import facts
from .session import Card, Session
from .telling import Shown, faults_of, shown

Ask = Callable[[str], str]
Say = Callable[[str], None]

_PAGE = 12
"""The number of questions that are listed at once."""

_KEYS = (
    "u unit · n names · p phrases · a name answers · o move up · j join · l leave out or use · b bins · w weight\n"
    "g group · s swap\n"
    "Enter writes the config · back another pair · q quit"
)
_ACTS = {
    "a": "name which answer? its number",
    "o": "move which answer up? its number",
    "j": "join which answers? their numbers, as in: 1 3",
    "l": "leave out or use which answers? their numbers, as in: 1 3",
}
"""The keys that change answers, each with its prompt."""

_FIELDS = {
    "u": (("unit", "one row is a"), ("units", "several are")),
    "n": (("answer.label", "name of the question"), ("given.label", "name of the background")),
    "p": (("answer.phrase", "they … ({} is the answer)"), ("given.phrase", "those who … ({} is the background)")),
    "b": (("answer.cuts", "bins of the question begin at"), ("given.cuts", "bins of the background begin at")),
    "g": (("group", "rows of one … depend on each other: a column, none, or (independent)"),),
}
"""The fields of the form that a key changes, each with its prompt."""


class Quit(Exception):  # noqa: N818 - no error: a person ends the dialogue
    """A person ended the dialogue."""


class Dialogue:
    """The dialogue with a person. `ask` returns their answer to a prompt, and `say` prints a line."""

    def __init__(self, session: Session, ask: Ask, say: Say) -> None:
        """Talk about a session."""
        self.session, self._ask, self.say = session, ask, say
        self.width = min(110, shutil.get_terminal_size().columns)

    def run(self) -> Choice:
        """Return the choice. Raises Quit if the person ends the dialogue."""
        self.say(f"{self.session.table.name}   {facts(self.session)}")
        for column in self.session.profile.aside:
            self.say(f"  set aside: {column.name} ({column.why})")
        while True:
            about = self.question()
            card = self.partner(about)
            choice = None if card is None else self.treated(card.choice)
            if choice is not None:
                return choice

    def ask(self, prompt: str) -> str:
        """Return the answer of a person."""
        try:
            typed = self._ask(prompt).strip()
        except EOFError:
            raise Quit from None
        if typed == "q":
            raise Quit
        return typed

    def question(self) -> int:
        """Ask for a question by a number, letters of it or of its answers."""
        places, first = list(range(len(self.session.profile.questions))), 0
        while True:
            self.say("\nWhat do you want to know about?   a number, some letters, m for more, q to quit")
            self._list(places[first : first + _PAGE], first)
            typed = self.ask("> ")
            if typed == "m":
                first = first + _PAGE if first + _PAGE < len(places) else 0
            elif typed.isdecimal() and 0 < int(typed) <= len(places):
                return places[int(typed) - 1]
            elif typed:
                found = self.found(typed)
                if len(found) == 1:
                    return found[0]
                places, first = found or [*range(len(self.session.profile.questions))], 0

    def found(self, letters: str) -> list[int]:
        """Return the questions with some letters in them or in their answers; print near words if there are none."""
        texts = [self._searched(place) for place in range(len(self.session.profile.questions))]
        named = [at for at, one in enumerate(self.session.profile.questions) if one.text == letters]
        found = named or [place for place, text in enumerate(texts) if letters.casefold() in text]
        for column in self.session.profile.aside:
            if letters.casefold() in column.name.casefold():
                self.say(f"{column.name} is set aside: {column.why}")
        if not found:
            words = {word for text in texts for word in text.split()}
            self.say(f"no question or answer has “{letters}”{did_you_mean(letters.casefold(), words)}")
        return found

    def _searched(self, place: int) -> str:
        question = self.session.profile.questions[place]
        names = [*question.items, *(option.name for option in question.options)]
        if not names:
            names = [level.name for level in self.session.profile.columns[question.columns[0]].levels]
        return " ".join([question.text, *names]).casefold()

    def _list(self, places: Sequence[int], first: int) -> None:
        for number, place in enumerate(places, first + 1):
            question = self.session.profile.questions[place]
            back = "   background" if question.background else ""
            self.say(f"{number:4} {shortened(question.text, self.width - 20)}{back}")

    def partner(self, about: int) -> Card | None:
        """Ask for a partner of a question; None goes back."""
        cards, also = [*self.session.partners(about)], self.session.profile.questions
        self.say(f"\n{also[about].text}")
        self.say(
            f"By which column?   {count(self.session.ranking.n_pairs)} pairs were compared; V is 0 without relation"
        )
        for number, card in enumerate(cards, 1):
            place = card.pair.other(about)
            name = text_of(also[place], card.pair.part_of(place))
            low = decimal(card.pair.low)
            self.say(f"{number:4} {shortened(name, self.width - 40)}   V {decimal(card.pair.v)}, at least {low}")
            said = "no row has an answer to both" if card.shown is None else card.shown.title
            self.say(textwrap.fill(said, self.width, initial_indent="     ", subsequent_indent="     "))
        while True:
            typed = self.ask("a number, letters of any other column, or back > ")
            if typed == "back":
                return None
            if typed.isdecimal() and 0 < int(typed) <= len(cards):
                return cards[int(typed) - 1]
            found = [place for place in self.found(typed) if place != about] if typed else []
            if len(found) == 1:
                return self.session.card(self.session.ranking.pair(about, found[0]), about)
            if found:
                self.say("Several have that: " + "; ".join(shortened(also[place].text, 40) for place in found[:8]))

    def treated(self, choice: Choice) -> Choice | None:
        """Ask for words and treatment until the person writes the config; None goes back."""
        self.preview(choice)
        while True:
            typed = self.ask("> ")
            if typed == "back":
                return None
            if not typed:
                if not (faults := faults_of(self.session.profile, choice)):
                    return choice
                self.say("\n".join(faults))
                continue
            try:
                choice = self._changed(choice, typed)
            except DataError as error:
                self.say("\n".join(error.messages))
                continue
            self.preview(choice)

    def _changed(self, choice: Choice, key: str) -> Choice:
        """Return a choice after one of the changes of `_KEYS`."""
        if key in _ACTS:
            return self._with_levels(choice, key)
        ranking = self.session.ranking
        if key == "s":
            return acted(ranking, choice, "swap")
        fields = fields_of(ranking.profile, choice)
        if key == "w" and fields.pop("weighted", None) is None:
            fields["weighted"] = "on"
        if key == "b" and not any(name in fields for name, _ in _FIELDS[key]):
            raise DataError("neither side is a number, so there are no bins")
        for name, prompt in _FIELDS.get(key, ()):
            if name in fields and (typed := self.ask(f"{prompt} [{fields[name]}] > ")):
                fields[name] = "" if typed == "none" else typed
        return choice_of(ranking, fields)

    def _with_levels(self, choice: Choice, key: str) -> Choice:
        """Return a choice after a change of answers that a person picks from a list. Raises DataError for others."""
        is_given = self.ask("of the background? y, or Enter for the question > ").startswith("y")
        name: SideName = "given" if is_given else "answer"
        side = choice.side(name)
        levels, groups = levels_of(self.session.profile, side), [*side.groups]
        names = [name_of(group, levels) for group in groups]
        used = {place for group in groups for place in group.levels}
        left = [place for place in range(len(levels)) if key == "l" and place not in used]
        said = [*names, *(f"{levels[place].name} ({count(levels[place].n)}, not used)" for place in left)]
        for number, text in enumerate(said, 1):
            self.say(f"{number:4} {text}")
        typed = self.ask(f"{_ACTS[key]} > ").replace(",", " ").split()
        chosen = [int(one) - 1 for one in typed if one.isdecimal() and 0 < int(one) <= len(said)]
        if len(chosen) < max(len(typed), 1 + (key == "j")):
            raise DataError(f"nothing changed: {_ACTS[key]}")
        first = min(chosen)
        if key == "l":
            kept = [group for place, group in enumerate(groups) if place not in chosen]
            groups = [*kept, *(Group((left[place - len(names)],)) for place in chosen if place >= len(names))]
        elif key == "j":
            joined = Group(tuple(level for place in sorted({*chosen}) for level in groups[place].levels))
            groups = [
                joined if at == first else group for at, group in enumerate(groups) if at not in {*chosen} - {first}
            ]
        elif key == "o" and first:
            groups[first - 1 : first + 1] = groups[first], groups[first - 1]
        if key in "aj":
            called = self.ask(f"name [{name_of(groups[first], levels)}] > ")
            groups[first] = replace(groups[first], name=called or groups[first].name)
        return choice.with_side(name, replace(side, groups=tuple(groups)))

    def preview(self, choice: Choice) -> None:
        """Print the table and the first sentence of a choice, or its faults."""
        faults = faults_of(self.session.profile, choice)
        try:
            found = None if faults else shown(self.session.profile, choice)
        except DataError as error:
            faults, found = list(error.messages), None
        lines = ["To be corrected:", *faults] if found is None else [*table_lines(found), "", *self._said(found)]
        self.say("\n" + "\n".join([*lines, "", _KEYS]))

    def _said(self, found: Shown) -> Iterator[str]:
        for text in dict.fromkeys((found.title, *found.sentences, *found.warnings)):
            yield textwrap.fill(text, self.width)


def table_lines(found: Shown) -> list[str]:
    """Return the shares as lines of text."""
    first = max([len(shortened(name, 30)) for name in found.rows])
    widths = [max(10, len(shortened(name, 16)) + 2) for name in found.columns]
    head = " " * (first + 9) + "".join(
        f"{shortened(name, 16):>{width}}" for name, width in zip(found.columns, widths, strict=True)
    )
    lines = [head]
    for name, base, shares in zip(found.rows, found.bases, found.shares, strict=True):
        cells = (
            f"{'–' if np.isnan(share) else percent(float(share)):>{width}}"
            for share, width in zip(shares, widths, strict=True)
        )
        lines.append(f"{shortened(name, 30):<{first}} {count(float(base)):>8}" + "".join(cells))
    return lines


def named_choice(session: Session, rows: str | None, columns: str | None) -> Choice:
    """Return the choice of two columns by name; without one, its best partner. Raises DataError for unknown names."""
    places = [None if name is None else _named(session, name) for name in (rows, columns)]
    given, answer = places
    if given is None and answer is not None:
        given = session.ranking.partners(answer)[0][0].other(answer)
    if answer is None and given is not None:
        answer = session.ranking.partners(given)[0][0].other(given)
    if given is None or answer is None:
        raise DataError("name --rows, --columns or both")
    return replace(choice_between(session.ranking, given, answer), chosen_among=None)


def _named(session: Session, name: str) -> int:
    for place, question in enumerate(session.profile.questions):
        of = {session.profile.columns[at].name for at in question.columns}
        if name == question.text or name in of:
            return place
    aside = next((column for column in session.profile.aside if column.name == name), None)
    if aside is not None:
        raise DataError(f"{name}: is set aside: {aside.why}")
    near = did_you_mean(name, [question.text for question in session.profile.questions])
    raise DataError(f"{session.table.name} has no column {name}{near}")
