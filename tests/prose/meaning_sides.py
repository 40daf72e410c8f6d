"""What is said of the categories of one side: of pairs with the other, of likeness, of sizes and of what is too few."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tests.prose.meaning_grounds import COUNT, GROUPS, PERCENT, TIMES, Grounds, is_percent, is_rounded, number
from tests.prose.raw import MINIMUM

_NOUN = r"(?: (?!under\b)\w+)?"
"""What a category is one of, where that is said: "Audio models"."""


class OfSides(Grounds):
    """Yields how sentences about a side are read: a pattern, and what says whether the table bears it out."""

    def _pairs_of(self, side: int) -> Iterator[tuple[str, Callable[..., bool]]]:
        other, _k = 1 - side, re.escape(self.raw.said[side])
        of, have = self._of(side), self._have(other, rf"(?P<outcome>{self.any[other]})")
        against = rf"(?:, against (?P<others>{PERCENT}|none|all) of the others)?\."
        rf"({self.any[other]}){_NOUN} ({TIMES}) times"
        rf"(?:(?:,| and|, and) {self.any[other]} {TIMES} times)*"
        "(?:[Nn]one|None of them) " + self._have(other, rf"(?P<never>{self._listing(other)})")
        "[Tt]hey alone " + self._have(other, rf"(?P<alone>{self._listing(other)})")

        def pair(found: re.Match[str]) -> bool:
            self.subject, self.outcome = (side, found["given"]), found["outcome"]
            self._names(side, found["given"], [found["outcome"]], new=True)
            share, others = self.raw.share((side, found["given"]), (other, found["outcome"]))
            n = self.raw.n(self.raw.has(side, found["given"]))
            counted = found.groupdict().get("n")
            said = found["share"]
            is_so = is_percent("none" if said.startswith("None") else "all" if said in ("All", "Both") else said, share)
            right_n = counted is None or is_rounded(counted, n)
            twice = said != "Both" or n == 2
            return is_so and right_n and twice and self._others(found["others"], others)

        yield rf"(?P<share>{PERCENT}) of (?:the (?P<n>{COUNT}) )?{of} {have}{against}", pair
        yield rf"(?P<share>None) of the (?:(?P<n>{COUNT}) )?{of} {have}{against}", pair
        yield rf"(?P<share>All) (?:the )?(?:(?P<n>{COUNT}) )?{of} {have}{against}", pair
        yield rf"(?P<share>Both) {of} {have}{against}", pair

    def _also_of(self, side: int) -> Iterator[tuple[str, Callable[..., bool]]]:
        other, _k = 1 - side, re.escape(self.raw.said[side])
        more = rf"(?:(?:,| and|, and) {self.any[other]}{_NOUN} {TIMES} times)*"
        never = "(?:[Nn]one|None of them) " + self._have(other, rf"(?P<never>{self._listing(other)})")
        often = rf"({self.any[other]}){_NOUN} ({TIMES}) times"
        alone = "[Tt]hey alone " + self._have(other, rf"(?P<alone>{self._listing(other)})")

        def also(found: re.Match[str]) -> bool:
            if self.subject is None or found["given"] not in (None, self.subject[1]):
                return False
            parts = re.findall(often, found["some"] or "")
            alone, never = (self._list(other, found[name]) if found[name] else [] for name in ("alone", "never"))
            self._names(side, self.subject[1], [*(name for name, _ in parts), *alone, *never])
            return (
                self.subject[0] == side
                and all(self._times(name, times) for name, times in parts)
                and all(self.raw.share(self.subject, (other, name))[1] == 0 for name in alone)
                and all(self.raw.share(self.subject, (other, name))[0] > 0 for name in alone)
                and all(self.raw.share(self.subject, (other, name))[0] == 0 for name in never)
            )

        they = rf"(?:They|(?i:{self._of(side)}))"
        some = rf"{they} {self._have(other, self.any[other])} {TIMES} times as often as the others{more}"
        yield rf"(?P<some>{some})?(?:; )?(?:{alone})?(?:; )?(?:{never})?\.", also

    def _within_of(self, side: int) -> Iterator[tuple[str, Callable[..., bool]]]:
        other, _k = 1 - side, re.escape(self.raw.said[side])
        of, have = self._of(side), self._have(other, rf"(?P<outcome>{self.any[other]})")
        more = rf"(?:(?:,| and|, and) {self.any[other]}{_NOUN} {TIMES} times)*"
        never = "(?:[Nn]one|None of them) " + self._have(other, rf"(?P<never>{self._listing(other)})")
        chance = "times as often as chance would make it"

        def within(found: re.Match[str]) -> bool:
            if self.subject is None or found.groupdict().get("given") not in (None, self.subject[1]):
                return False
            pairs = [(self.outcome, found["times"])] if found.groupdict().get("times") else []
            parts = re.findall(rf"({self.any[other]}){_NOUN} ({TIMES}) times", found["some"] or "")
            never = self._list(other, found["never"]) if found["never"] else []
            self._names(side, self.subject[1], [*(name for name, _ in parts), *never])
            inside = [(self._pair(side, self.subject[1], name), times) for name, times in (*pairs, *parts)]
            return (
                self.subject[0] == side
                and all(is_rounded(times, self.raw.within(*pair)) for pair, times in inside)
                and all(self.raw.share(self.subject, (other, name))[0] == 0 for name in never)
            )

        also_for = rf"for {self.any[other]}{_NOUN} {TIMES} times"
        yield (
            rf"{self.each} that is (?P<times>{TIMES}) {chance}(?:, (?P<some>{also_for}(?: and {also_for})*))?(?:; {never})?\.",
            within,
        )
        first = rf"(?:they|{of}) {self._have(other, self.any[other])} {TIMES} {chance}"
        yield rf"{self.each} (?P<some>{first}{more})(?:; {never})?\.", within
        yield rf"{self.each} (?P<some>){never}\.", within

        def only_within(found: re.Match[str]) -> bool:
            new = (self.subject, self.outcome) != ((side, found["given"]), found["outcome"])  # else told before
            self.subject, self.outcome = (side, found["given"]), found["outcome"]
            self._names(side, found["given"], [found["outcome"]], new=new)
            return is_rounded(found["times"], self.raw.within(*self._pair(side, found["given"], found["outcome"])))

        yield rf"{self.each} {of} {have} (?P<times>{TIMES}) {chance}\.", only_within

    def _turned_of(self, side: int) -> Iterator[tuple[str, Callable[..., bool]]]:
        """Read what is said of several categories of a side, how many of each have what was said of the first."""
        of = re.sub(r"\?P<\w+>", "?:", self._of(side))
        have = self._have(1 - side, f"{self.any[1 - side]}")
        one = rf"(?:of )?{of}(?: it is)? (?:{PERCENT}|none|all)(?: {have})?"
        name = rf"({self.any[side]})"

        def shares(found: re.Match[str]) -> bool:
            parts = re.findall(rf"{name}[^%,]*? ({PERCENT}|none|all)(?=,| and | {have}|$)", found["some"])
            self._names(side, parts[0][0], [])
            self.statements[-1] |= {self._pair(side, given, self.outcome) for given, _ in parts}
            there = [self.raw.share((side, given), (1 - side, self.outcome))[0] for given, _ in parts]
            said = all(is_percent(text, share) for (_, text), share in zip(parts, there, strict=True))
            return (
                self.subject[0] == side and said and len(parts) == len(re.findall("of ", found["some"], re.IGNORECASE))
            )

        yield rf"(?P<some>{one.replace('(?:of )?', 'Of ', 1)}(?:(?:, | and ){one})*)\.", shares

        chance = "times as often as chance would make it"
        noun = rf"{name}{_NOUN}".replace("(", "(?:", 1)
        more = rf"(?:,| and) for {noun} {TIMES} times"
        none = rf"none for {noun}(?: and {noun})*"

        def within(found: re.Match[str]) -> bool:
            first = [(self.subject[1], found["times"])] if found["that"] else []
            some = found["some"] or ""
            parts = re.findall(rf"for {name}{_NOUN} ({TIMES}) times", some)
            parts += [
                (given, times)
                for times, given in re.findall(
                    rf"({TIMES}) times(?: as often as chance would make it)? for {name}", some
                )
            ]
            never = re.findall(name, (found["never"] or "").replace("none for", ""))
            told = [*first, *parts]
            self.statements[-1] |= {self._pair(side, given, self.outcome) for given in (*(g for g, _ in told), *never)}
            inside = [(self._pair(side, given, self.outcome), times) for given, times in told]
            return (
                self.subject[0] == side
                and all(is_rounded(times, self.raw.within(*pair)) for pair, times in inside)
                and all(self.raw.share((side, given), (1 - side, self.outcome))[0] == 0 for given in never)
            )

        yield (
            rf"{self.each} (?P<that>that is (?P<times>{TIMES}) {chance})(?P<some>(?:{more})*)(?:; (?P<never>{none}))?\.",
            within,
        )
        it_is = rf"it is {TIMES} {chance} for {noun}(?: and {TIMES} times for {noun})*"
        yield rf"{self.each} (?P<that>)(?P<some>{it_is})(?:; (?P<never>{none}))?\.", within
        yield rf"{self.each} (?P<that>)(?P<some>)(?P<never>{none})\.", within

    def _one_side(self, side: int) -> Iterator[tuple[str, Callable[..., bool]]]:
        k = re.escape(self.raw.said[side])

        def alike(found: re.Match[str]) -> bool:
            names = self._list(side, found["names"])
            judged = [name for name in self.raw.names[side] if self.raw.has(side, name).sum() >= MINIMUM]
            own, of_all = (self.raw.overlap(side, these) for these in (names, judged))
            told = own >= 0.75 if found["how"] == "look alike" else of_all < own < 0.75
            return told and own > of_all and is_percent(found["own"], own) and is_percent(found["all"], of_all)

        yield (
            (
                rf"Among {k[:3]}[\w ]*, (?P<names>{self._listing(side)}) (?P<how>look alike|are more alike than most): (?P<own>all|{PERCENT} of) "
                rf"their {self.unit} are divided over .+ in the same way, against (?P<all>{PERCENT}) for any two\."
            ),
            alike,
        )

        def sizes(found: re.Match[str]) -> bool:
            ranked = sorted((self.raw.n(self.raw.has(side, name)) for name in self.raw.names[side]), reverse=True)
            there = [n for n in ranked if n]
            said = re.findall(rf"({self.any[side]}) \(({PERCENT}|all|both)\)", found["items"])
            shown = [self.raw.n(self.raw.has(side, name)) for name, _ in said]
            more = re.search(r"and (\w+) more$", found["items"])
            words = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
            left = len(there) - len(said)
            right = (more[1] if more else "none") == (words[left] if left < 10 else "many")
            several = self.raw.units[("rows", "columns")[side]].map(len).gt(1).any()
            shares = all(is_percent(text, n / self.raw.n()) for n, (_, text) in zip(shown, said, strict=True))
            return right and shares and shown == there[: len(shown)] and bool(found["several"]) == bool(several)

        yield (
            rf"The (?:one|commonest) {self._kinds(side)}(?:, by weight,)? (?:is|are) (?P<items>[^;]+)(?P<several>; some {self.unit} have several)?\.",
            sizes,
        )

    def _kinds(self, side: int) -> str:
        """Return what categories of a side are called, of whatever number."""
        said = re.escape(self.raw.said[side])
        return rf"{said[:3]}[\w ]*" if self.raw.linked is None else rf"{said} categor(?:y|ies)"

    def _coverage_of(self, side: int) -> Iterator[tuple[str, Callable[..., bool]]]:
        k = re.escape(self.raw.said[side])

        def few(found: re.Match[str]) -> bool:
            sets = [self.raw.has(side, name) for name in self._names_in(side, found["small"])]
            small = all(int(its.sum()) < MINIMUM for its in sets)
            counts = re.findall(rf"({self.any[side]}) \(({COUNT}) [^)]*\)", found.group())
            small = small and all(int(self.raw.has(side, name).sum()) == number(n) for name, n in counts)
            return small and all(self._groups(side, n) < GROUPS for n in self._names_in(side, found["groups"]))

        item = rf"{self.any[side]}(?: \({COUNT} [^()]*\))?"
        listed = rf"{item}(?:(?:, | and ){item})*(?: and \w+ more)?"
        yield (
            rf"(?:As {k} categories, )?(?P<small>{listed}) (?:is|are) too small to judge(?:, and (?P<groups>{listed}) comes? from too few groups)?\.",
            few,
        )
        yield rf"(?:As {k} categories, )?(?P<small>)(?P<groups>{listed}) comes? from too few groups to judge\.", few

        def uneven(found: re.Match[str]) -> bool:
            best, worst = (self.raw.counted(side, found[which]) for which in ("best", "worst"))
            return is_percent(found["high"], best) and is_percent(found["low"], worst)

        yield (
            (
                rf"Coverage differs by category: (?P<high>all|{PERCENT} of) (?P<best>{self.any[side]}) {self.unit} are counted, "
                rf"(?P<low>none|{PERCENT})(?: of| of the) (?P<worst>{self.any[side]}) ones\."
            ),
            uneven,
        )
