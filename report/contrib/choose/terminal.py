"""Ask in the terminal as on the page: a question, its partner, then words and treatment with a live sentence."""

from __future__ import annotations

import difflib
import shutil
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from ...errors import DataError, shortened
from ...formats import count, decimal, percent
from .choice import INDEPENDENT, Choice, SideName, column_of, levels_of, name_of, text_of
from .form import SIDES, acted, choice_between, with_cuts
from .page import facts
from .session import Card, Session
from .telling import Shown, faults_of, shown

Ask = Callable[[str], str]
Say = Callable[[str], None]

_PAGE = 12
"""The number of questions that are listed at once."""

_KEYS = (
    "u unit · n names · p phrases · o order · j join · l leave out or use · b bins · w weight · g group · s swap\n"
    "Enter writes the config · back another pair · q quit"
)
_CALLED = {"answer": "question", "given": "background"}


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
        found = [place for place, text in enumerate(texts) if letters.casefold() in text]
        if not found:
            words = {word for text in texts for word in text.split()}
            near = difflib.get_close_matches(letters.casefold(), words, 3)
            self.say(f"No question or answer has “{letters}”." + (f" Nearest: {', '.join(near)}." if near else ""))
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
                changed = self._changed(choice, typed)
            except DataError as error:
                self.say("\n".join(error.messages))
                continue
            if changed is not choice:
                choice = changed
            self.preview(choice)

    def _changed(self, choice: Choice, typed: str) -> Choice:
        """Return a choice after one answer to `_KEYS`."""
        changes: dict[str, Callable[[Choice], Choice]] = {
            "u": self._unit,
            "n": lambda one: self._words(one, "label", "name"),
            "p": lambda one: self._words(one, "phrase", "they … ({} is the answer)"),
            "o": lambda one: self._moved(one, "up", "move up"),
            "j": lambda one: self._moved(one, "join", "join with the one above"),
            "l": self._left_out,
            "b": self._bins,
            "w": lambda one: replace(one, is_weighted=not one.is_weighted),
            "g": self._group,
            "s": lambda one: acted(self.session.ranking, one, "swap"),
        }
        if typed not in changes:
            self.say(_KEYS)
            return choice
        return changes[typed](choice)

    def _unit(self, choice: Choice) -> Choice:
        one = self.ask(f"one row is a [{choice.unit or 'record'}] > ") or choice.unit
        several = self.ask(f"several are [{choice.units or 'its plural'}] > ") or choice.units
        return replace(choice, unit=one, units=several)

    def _words(self, choice: Choice, field: Literal["label", "phrase"], what: str) -> Choice:
        for side in SIDES[::-1]:
            treated = choice.side(side)
            old = treated.label if field == "label" else treated.phrase
            typed = self.ask(f"{what} of the {_CALLED[side]} [{old}] > ")
            if typed:
                new = replace(treated, label=typed) if field == "label" else replace(treated, phrase=typed)
                choice = choice.with_side(side, new)
        return choice

    def _side(self) -> SideName:
        return "given" if self.ask("of the background? y, or Enter for the question > ").startswith("y") else "answer"

    def _moved(self, choice: Choice, act: str, what: str) -> Choice:
        side = self._side()
        treated = choice.side(side)
        levels = levels_of(self.session.profile, treated)
        for number, group in enumerate(treated.groups, 1):
            self.say(f"{number:4} {name_of(group, levels)}")
        typed = self.ask(f"{what}: number > ")
        return acted(self.session.ranking, choice, f"{act}.{side}.{int(typed) - 1}") if typed.isdecimal() else choice

    def _left_out(self, choice: Choice) -> Choice:
        side = self._side()
        treated = choice.side(side)
        levels = levels_of(self.session.profile, treated)
        used = {place: at for at, group in enumerate(treated.groups) for place in group.levels}
        for place, level in enumerate(levels):
            self.say(f"{place + 1:4} {'used' if place in used else 'not used':9}{level.name} ({count(level.n)})")
        typed = self.ask("number > ")
        place = int(typed) - 1 if typed.isdecimal() else -1
        if not 0 <= place < len(levels):
            return choice
        act = f"drop.{side}.{used[place]}" if place in used else f"use.{side}.{place}"
        return acted(self.session.ranking, choice, act)

    def _bins(self, choice: Choice) -> Choice:
        for side in SIDES[::-1]:
            treated = choice.side(side)
            if self.session.profile.questions[treated.question].form == "options":
                continue
            column = column_of(self.session.profile, treated)
            if column.kind == "number":
                shown_cuts = ", ".join(f"{cut:.10g}" for cut in column.cuts)
                if typed := self.ask(f"bins of {column.name} begin at [{shown_cuts}] > "):
                    choice = choice.with_side(side, with_cuts(self.session.profile, treated, typed))
        return choice

    def _group(self, choice: Choice) -> Choice:
        typed = self.ask(
            f"rows of one … depend on each other: a column, none, or independent [{choice.group or 'none'}] > "
        )
        named = {"none": "", "independent": INDEPENDENT}
        names = {column.name for column in self.session.profile.columns}
        if typed and typed not in named and typed not in names:
            raise DataError(f"there is no column {typed}")
        return replace(choice, group=named.get(typed, typed)) if typed else choice

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
    widths = [max(6, len(shortened(name, 16)) + 2) for name in found.columns]
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
    near = difflib.get_close_matches(name, [question.text for question in session.profile.questions], 1)
    raise DataError(f"{session.table.name} has no column {name}" + (f"; did you mean {near[0]}?" if near else ""))
