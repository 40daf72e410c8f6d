"""What sentences of the first page are read with: how numbers are written, names and lists, what was said before."""

from __future__ import annotations

import math
import re

from tests.prose.raw import MINIMUM, Raw

PERCENT = r"(?:[Oo]ver 99|[Uu]nder 1|\d+(?:\.\d+)?) %"
COUNT = r"\d[\d,]*"
TIMES = r"(?:under )?\d[\d,]*(?:\.\d+)?"
GROUPS = 5
"""Effective groups below which a category comes from too few."""

Told = tuple[int, str]
"""A category: its side, 0 for rows, and its name."""


def number(text: str) -> float:
    return float(text.replace(",", ""))


def is_percent(text: str, share: float) -> bool:
    """Return whether a share is what a text calls it: "12 %", "over 99 %", "all", "none"."""
    word = text.lower().removesuffix(" of")
    if word in ("all", "none"):
        return math.isclose(share, word == "all", abs_tol=1e-9)
    if word.startswith("over"):
        return word == "over 99 %" and 0.99 < share < 1
    if word.startswith("under"):
        return word == "under 1 %" and 0 < share < 0.01
    return 0 < share < 1 and is_rounded(word.split()[0], 100 * share)


def is_rounded(text: str, value: float) -> bool:
    """Return whether a number is the text's, to the last digit that is written."""
    if text.startswith("under"):
        return 0 < value < number(text.split()[1])
    digits = len(text.partition(".")[2])
    return abs(number(text) - value) <= 0.5 * 10**-digits * (1 + 1e-9)


class Grounds:
    """What sentences about the records of a raw table are read with: names, words, and what was said before."""

    def __init__(self, raw: Raw) -> None:
        self.raw = raw
        self.subject: Told | None = None
        self.outcome: str | None = None
        self.bridge: str | None = None
        self.largest: int | None = None
        self.way: tuple[str, str] | None = None
        self.statements: list[set[tuple[str, str]]] = []
        self.unit = re.escape(raw.plural)
        self.each = rf"[Ww]ithin each {re.escape(' and '.join(raw.strata))}"
        if raw.strata == ("activity",):
            self.each = rf"[Aa]mong {self.unit} with about as many [\w ]+?"
        self.any = [self._either(names) for names in raw.names]

    @staticmethod
    def _either(names: list[str]) -> str:
        ranked = sorted(names, key=lambda name: (-len(name), name))
        return "(?:" + "|".join(map(re.escape, ranked)) + ")"

    def _is_own(self, side: int) -> bool:
        return self.raw.linked is not None and (self.raw.linked.role, side) == ("to", 1)

    def _have(self, side: int, inner: str) -> str:
        """Return how it is said that units have a category: its own words in the config, or "have job Engineer"."""
        linked = self.raw.linked
        if self._is_own(side):
            return rf"are {inner} {self.unit}"
        if linked is not None:
            verb = f"are {linked.label}" if linked.role == "to" else "have"
            return rf"{verb} {inner} {linked.plurals[side]}"
        if self.raw.phrases is None:
            return rf"have {self._kind(side)}{inner}"
        return re.escape(self.raw.phrases[side]).replace(r"\{\}", inner)

    def _of(self, side: int) -> str:
        """Return how units with a category are called."""
        given, linked = rf"(?P<given>{self.any[side]})", self.raw.linked
        if self._is_own(side):
            return rf"{given} {self.unit}"
        if linked is not None:
            joint = linked.label if linked.role == "to" else "with"
            return rf"(?:{self.unit}|those) {joint} {given} {linked.plurals[side]}"
        if self.raw.phrases is None:
            return rf"(?:{self.unit}|those) with {self._kind(side)}{given}"
        have = self.raw.phrases[side]
        if have == "are {}":
            return rf"{given} {self.unit}"
        for verb, joint in (("are ", ""), ("have ", "with "), ("come from ", "from ")):
            if have.startswith(verb):
                rest = re.escape(have.removeprefix(verb)).replace(r"\{\}", given)
                return rf"(?:{self.unit}|those) {joint}{rest}"
        return rf"(?:{self.unit}|those) that {self._have(side, given)}"

    def _kind(self, side: int) -> str:
        """Return what stands before a category: its kind, but for those that are called by it."""
        said = self.raw.said[side]
        named = [said in name.lower().split() for name in self.raw.names[side]]
        return "" if all(named) else rf"(?:{re.escape(said)} )?" if any(named) else rf"{re.escape(said)} "

    def _exactly(self) -> str:
        """Return how it is said that units have the same categories on both sides."""
        linked, (k1, k2) = self.raw.linked, map(re.escape, self.raw.said)
        if linked is None:
            return rf"have exactly the same category of {k1} and {k2}"
        if linked.role == "to":
            return rf"have exactly the category of their {linked.plurals[0]}"
        return rf"have {linked.plurals[0]} and {linked.plurals[1]} of exactly the same categories"

    def _list(self, side: int, text: str) -> list[str]:
        """Return the names in "A, B and C"; the list must be nothing but these."""
        one = self.any[side]
        assert re.fullmatch(rf"{one}(?:(?:, | and | or ){one})*", text), text
        return re.findall(rf"(?:^|, | and | or )({one})(?=$|, | and | or )", text)

    def _listing(self, side: int) -> str:
        return rf"{self.any[side]}(?:(?:, | and | or ){self.any[side]})*"

    def _names_in(self, side: int, text: str | None) -> list[str]:
        return [] if not text else re.findall(rf"(?:^|, | and )({self.any[side]})(?= \(|$|, | and )", text)

    def _groups(self, side: int, name: str) -> float:
        inside = self.raw.units[self.raw.has(side, name)].groupby("group")["weight"].sum()
        return float(inside.sum() ** 2 / (inside**2).sum()) if len(inside) else 0.0

    def _groups_enough(self, side: int, name: str) -> bool:
        """Return whether a category is not from too few groups."""
        return not self.raw.units["group"].any() or self._groups(side, name) >= GROUPS

    def _pair(self, side: int, given: str, outcome: str) -> tuple[str, str]:
        if self.raw.masked:
            return min(given, outcome), max(given, outcome)
        return (given, outcome) if side == 0 else (outcome, given)

    def _names(self, side: int, given: str, outcomes: list[str], *, new: bool = False) -> None:
        if new:
            self.statements.append(set())
        for outcome in outcomes:
            self.statements[-1].add(self._pair(side, given, outcome))

    def _others(self, said: str | None, share: float | None) -> bool:
        return share is None if said is None else share is not None and is_percent(said, share)

    def _times(self, name: str, times: str) -> bool:
        share, others = self.raw.share(self.subject, (1 - self.subject[0], name))
        return bool(others) and is_rounded(times, share / others)

    def _agreeing(self) -> set[tuple[str, str]]:
        return {
            (a, b)
            for a in self.raw.names[0]
            for b in self.raw.names[1]
            if self.raw.n(self.raw.has(0, a))
            and self.raw.n(self.raw.has(1, b))
            and (self.raw.within(a, b) > 1) == (a == b)
        }

    def _covers(self, pairs: set[tuple[str, str]]) -> set[tuple[str, str]]:
        """Return what a statement accounts for: what its pairs imply; agreement is about all of its own alone."""
        if self.raw.same and any(a == b for a, b in pairs):
            return pairs
        return set().union(*(self.raw.implied(pair) for pair in pairs))

    def _expected_diagonal(self) -> float:
        raw, total = self.raw, 0.0
        for s in raw.levels():
            total += sum(raw.n(raw.has(0, n) & s) * raw.n(raw.has(1, n) & s) for n in raw.names[0]) / raw.n(s)
        return total

    def _departs_clearly(self) -> bool:
        """Return whether any pair departs by so much that no test of all could miss it (z of six and more)."""
        raw = self.raw
        if not raw.plain:
            return False
        for row in raw.names[0]:
            for column in raw.names[1]:
                a, b = raw.has(0, row), raw.has(1, column)
                if min(raw.n(a), raw.n(b)) < MINIMUM or (raw.same and row == column):
                    continue
                n, e, v = raw.met(row, column)
                if v and e >= 5 and abs(n - e) / math.sqrt(v) > 6:
                    return True
        return False
