"""What is said to rest on one thing: the table is counted again without it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator

import numpy as np

from tests.prose.meaning_grounds import COUNT, PERCENT, TIMES, is_percent, is_rounded, number
from tests.prose.meaning_items import SMALL, OfItems, small
from tests.prose.raw import MINIMUM


class OfResting(OfItems):
    """Yields how sentences are read: a pattern, and what says whether the table bears it out."""

    def _of_resting(self) -> Iterator[tuple[str, Callable[..., bool]]]:
        one = rf"(?:{self.any[0]}|{self.any[1]})"
        fates = {
            r"too little is left to judge": self._left_too_little,
            r"that may be chance": self._left_to_chance,
            rf"they meet (?P<times>{TIMES}) times as often as chance would make them": self._left_meeting,
            rf"(?P<name>{one}) meets only one other": self._left_with_one,
            rf"(?:(?P<top>{one}) is the bridge, and )?(?P<name>{one}) is on one side of (?P<share>all|none|{PERCENT}) of the crossings": self._left_bridge,
            rf"(?:(?P<top>{one}) is largest, and )?(?P<name>{one}) is at (?P<share>all|none|{PERCENT})": self._left_largest,
            rf"the figure is (?P<share>all|none|{PERCENT})": self._left_agreeing,
        }

        def rests(found: re.Match[str], fate: Callable[..., bool]) -> bool:
            others = list(self.raw.without(found["thing"]))
            return any(fate(type(self)(other), found) for other in others)

        for words, fate in fates.items():
            yield (
                rf"This rests on one [\w ]+, (?P<thing>.+): without it {words}\.",
                lambda found, fate=fate: rests(found, fate),
            )

        def mostly(found: re.Match[str]) -> bool:
            row, column = self._told()
            n = self.raw.n(self.raw.has(0, row) & self.raw.has(1, column))
            if not is_rounded(found["whole"], n):
                return False
            return any(
                is_rounded(found["held"], n - other.n(other.has(0, row) & other.has(1, column)))
                and number(found["held"]) > n / 2
                and is_rounded(found["times"], other.within(row, column))
                for other in self.raw.without(found["thing"])
            )

        yield (
            (
                rf"Most of this \((?P<held>{COUNT}) of (?P<whole>{COUNT}) {self.unit}\) rests on one [\w ]+, (?P<thing>.+): without it "
                rf"they meet (?P<times>{TIMES}) times as often as chance would make them\."
            ),
            mostly,
        )

        def several(found: re.Match[str]) -> bool:
            things = re.findall(r"\((?:raw label|item|group|[\w ]+?) ([^()]+)\)", found["items"])
            return len(things) == small(found["n"]) and all(any(True for _ in self.raw.without(t)) for t in things)

        yield rf"Of this, (?P<n>{SMALL}) statements rest on one thing each: (?P<items>.+)\.", several

    def _told(self) -> tuple[str, str]:
        return self._pair(*self.subject, self.outcome)

    def _left_too_little(self, other: OfItems, _: re.Match[str]) -> bool:
        """Too few units or groups have a category of what was told, or little would be expected of it."""
        pair = (self.bridge,) * 2 if self.subject is None else self._told()
        n = [other.raw.has(side, name).sum() for side, name in enumerate(pair)]
        few = [not other._groups_enough(side, name) for side, name in enumerate(pair)]
        return min(n) < MINIMUM or any(few) or other.raw.n() * np.prod([x / len(other.raw.units) for x in n]) < 5

    def _left_to_chance(self, other: OfItems, _: re.Match[str]) -> bool:
        """What was told no longer departs by far: z of 4, were units independent; with groups nobody knows so."""
        row, column = self._told()
        a, b = other.raw.has(0, row), other.raw.has(1, column)
        n, n_a, n_b, whole = other.raw.n(a & b), other.raw.n(a), other.raw.n(b), other.raw.n()
        spread = math.sqrt(n_a * (1 - n_a / whole) * n_b * (1 - n_b / whole) / whole)
        return not other.raw.plain or bool(other.raw.strata) or abs(n - n_a * n_b / whole) < 4 * spread

    def _left_meeting(self, other: OfItems, found: re.Match[str]) -> bool:
        return is_rounded(found["times"], other.raw.within(*self._told()))

    def _left_with_one(self, other: OfItems, found: re.Match[str]) -> bool:
        met = sorted(other._between(found["name"], n) for n in other.raw.names[0] if n != found["name"])
        return found["name"] == self.bridge and (met[-2] < MINIMUM or sum(met[:-1]) < sum(met) / 10)

    def _left_bridge(self, other: OfItems, found: re.Match[str]) -> bool:
        joint = other._joint()
        through = {a: sum(other._between(a, b) for b in other.raw.names[0] if b != a) for a in other.raw.names[0]}
        share = through[found["name"]] / (joint.sum() - np.trace(joint))
        top = found["top"] or found["name"]
        return is_percent(found["share"], share) and (found["top"] is None or through[top] == max(through.values()))

    def _left_largest(self, other: OfItems, found: re.Match[str]) -> bool:
        for side in (0, 1) if self.largest is None else (self.largest,):
            sizes = {name: other.raw.n(other.raw.has(side, name)) for name in other.raw.names[side]}
            top = found["top"] or found["name"]
            if found["name"] in sizes and is_percent(found["share"], sizes[found["name"]] / other.raw.n()):
                return found["top"] is None or sizes.get(top) == max(sizes.values())
        return False

    def _left_agreeing(self, other: OfItems, found: re.Match[str]) -> bool:
        both = other.raw.units[other.raw.units["rows"].map(bool) & other.raw.units["columns"].map(bool)]
        return is_percent(found["share"], both["weight"][both["rows"] == both["columns"]].sum() / both["weight"].sum())
