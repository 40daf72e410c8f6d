"""What is said of units that have items: who counts, what stands apart or leads, which way they cross, one item's part."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import combinations

import numpy as np
import pandas as pd

from tests.prose.meaning_grounds import COUNT, PERCENT, TIMES, is_percent, is_rounded, number
from tests.prose.meaning_sides import OfSides
from tests.prose.raw import MINIMUM, united

WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SMALL = rf"(?:{'|'.join(WORDS)}|none|{COUNT})"
NEARLY_ALL = 0.95
"""From this share of its units on a category keeps to itself, and shares tell categories no longer apart."""


def small(text: str) -> int:
    word = text.lower().replace("none", "no")
    return WORDS.index(word) if word in WORDS else int(number(text))


@lru_cache(4)
def _alike(joint: bytes, k: int) -> np.ndarray:
    """Return counts (k, k) with the margins of some and the sum of their diagonal, fitted in turn."""
    counts = np.frombuffer(joint).reshape(k, k)
    diagonal = np.eye(k, dtype=bool)
    fitted = np.ones_like(counts)
    with np.errstate(invalid="ignore", divide="ignore"):
        for _ in range(3000):
            fitted = np.nan_to_num(fitted * (counts.sum(1) / fitted.sum(1))[:, None])
            fitted = np.nan_to_num(fitted * (counts.sum(0) / fitted.sum(0))[None, :])
            for part in (diagonal, ~diagonal):
                fitted[part] *= counts[part].sum() / fitted[part].sum()
    return fitted


class OfItems(OfSides):
    """Yields how sentences are read: a pattern, and what says whether the table bears it out."""

    def _of_counted(self) -> Iterator[tuple[str, Callable[..., bool]]]:
        raw, linked = self.raw, self.raw.linked
        if linked is None:
            return
        lacking = rf"(?:\. (?P<lack>{COUNT}|One) of these lacks? a category(?: on at least one side)?)?\."

        def lack(found: re.Match[str]) -> bool:
            bare = int((~(raw.units["rows"].map(bool) & raw.units["columns"].map(bool))).sum())
            return (number(found["lack"].replace("One", "1")) if found["lack"] else 0) == bare

        def named(found: re.Match[str]) -> bool:
            n, whole, held = number(found["named"]), number(found["whole"]), found["n"]
            right = n == linked.named and whole == len(raw.candidates)
            held_right = len(raw.units) == (n if held is None else number(held))
            return (
                right
                and held_right
                and (held is None or is_percent(found["share"], len(raw.units) / n))
                and lack(found)
            )

        each = r", of which the data hold at least one(?: each)?"
        some = (
            rf"\. For (?P<n>{COUNT}) of them \((?P<share>{PERCENT})\) the data hold at least one, and these are counted"
        )
        yield (
            rf"(?P<named>{COUNT}) of (?P<whole>{COUNT}) {self.unit} are {linked.label} named {linked.plurals[0]}(?:{each}|{some}){lacking}",
            named,
        )

        def of_all(found: re.Match[str]) -> bool:
            n, whole = len(raw.units), len(raw.candidates)
            said = n == whole == number(found["all"]) if found["all"] else number(found["n"]) == n
            share = found["all"] or (number(found["whole"]) == whole and is_percent(found["share"], n / whole))
            return bool(said and share) and linked.named == whole and lack(found)

        def every(found: re.Match[str]) -> bool:
            whole = 2 if found["n"] == "both" else number(found["n"].removeprefix("all "))
            return len(raw.units) == len(raw.candidates) == linked.named == whole and lack(found)

        yield rf"The figure counts (?P<n>both|all {COUNT}) {self.unit}{lacking}", every

        which = rf"(?:All (?P<all>{COUNT}) {self.unit}|Of (?P<whole>{COUNT}) {self.unit}, (?P<n>{COUNT}) \((?P<share>{PERCENT})\))"
        yield (
            rf"{which} are {linked.label} at least one {re.escape(raw.said[0])} that the data hold{lacking}",
            of_all,
        )

        def keyed(found: re.Match[str]) -> bool:
            return number(found["n"]) == len(raw.units) and found["how"] == linked.population and lack(found)

        k1, k2 = linked.plurals
        both = rf"with at least one {raw.said[0]}(?P<how>)" if raw.masked else rf"that have {k1} (?P<how>and|or) {k2}"
        yield rf"The figure counts (?P<n>{COUNT}) {self.unit} {both}{lacking}", keyed

    # Of one category.

    def _alone(self, name: str) -> tuple[float, pd.DataFrame]:
        """Return the share of the units with a category on either side that have it alone on both; and these units."""
        with_it = self.raw.units[self.raw.has(0, name) | self.raw.has(1, name)]
        only = frozenset([name])
        alone = with_it["weight"][(with_it["rows"] == only) & (with_it["columns"] == only)].sum()
        return float(alone / with_it["weight"].sum()), with_it

    def _records_nothing_else(self, name: str, level: str) -> bool:
        inside = self.raw.units[self.raw.units["stratum"] == level]
        return all(name in a | b or not a | b for a, b in zip(inside["rows"], inside["columns"], strict=True))

    def _of_isolation(self) -> Iterator[tuple[str, Callable[..., bool]]]:
        if not self.raw.same:
            return
        one, strata = self.any[0], re.escape(" and ".join(self.raw.strata))

        def isolated(found: re.Match[str]) -> bool:
            share, with_it = self._alone(found["name"])
            told = share == 1 if found["share"] is None else share >= NEARLY_ALL and is_percent(found["share"], share)
            levels, level = set(with_it["stratum"]), found["confined"] or found["level"]
            if level is None:
                return told and (not self.raw.strata or len(levels) > 1)
            nothing_else = self._records_nothing_else(found["name"], level)
            return told and levels == {level} and nothing_else == (found["confined"] is not None)

        how = rf"(?:meets no other category|keeps to itself for (?P<share>{PERCENT}) of its {self.unit})"
        confined = rf", but comes from one {strata}, (?P<confined>.+), that records nothing else: isolation cannot be told from it"
        yield rf"(?P<name>{one}) {how}(?:{confined}|, and comes from one {strata} alone, (?P<level>.+))?\.", isolated

        def several(found: re.Match[str]) -> bool:
            confined = "but" in found.groupdict() and found["but"] is not None
            for name in self._list(0, found["names"]):
                share, with_it = self._alone(name)
                levels = set(with_it["stratum"])
                bound = bool(self.raw.strata) and len(levels) == 1 and self._records_nothing_else(name, *levels)
                if bound != confined or (share < 1 if found["how"] == "no" else share < NEARLY_ALL):
                    return False
            return True

        but = rf"(?P<but>, but each is seen through one {strata} that records nothing else: isolation cannot be told from it)?"
        yield rf"(?P<names>{self._listing(0)}) meet (?P<how>no|hardly any) other category{but}\.", several

    def _of_one_item(self) -> Iterator[tuple[str, Callable[..., bool]]]:
        raw, linked = self.raw, self.raw.linked
        if linked is None or linked.role != "to":
            return
        n_of_item = linked.uses.groupby("item")["unit"].nunique()
        among = rf"have (?P<item>.+?) among their {linked.plurals[0]}"

        def touched(found: re.Match[str]) -> bool:
            n = n_of_item.get(found["item"], 0)
            return n == n_of_item.max() and is_percent(found["share"], n / len(raw.units))

        start = rf"(?P<share>All|{PERCENT}) (?:of )?(?:{COUNT} )?{self.unit}"
        yield rf"{start} {among}(?:, so much of the figure is what goes with one)?\.", touched

        def sets(found: re.Match[str]) -> bool:
            of_units = linked.uses.groupby("unit")["item"].agg(frozenset)
            return (1 if found["n"] is None else number(found["n"])) == of_units.nunique()

        several = rf"Between them the {self.unit} have (?P<n>{COUNT}) distinct sets of"
        yield rf"(?:{several}|All {self.unit} have the same) {linked.plurals[0]}\.", sets

    def _leader(self, side: int, unit: str) -> tuple[str, float]:
        """Return the largest category of a side and its share, counted by another unit: items of the rows, or links."""
        linked = self.raw.linked
        of_item, of_unit = linked.items[0]["categories"], self.raw.units["columns"]
        sets = linked.uses["item"].map(of_item) if side == 0 else linked.uses["unit"].map(of_unit)
        if unit == linked.plurals[0]:
            sets = united(sets, linked.uses["item"])
        n = {name: sum(name in found for found in sets) / len(sets) for name in self.raw.names[side]}
        return max(n.items(), key=lambda pair: pair[1])

    def _of_largest(self) -> Iterator[tuple[str, Callable[..., bool]]]:
        raw = self.raw
        for side in (0, 1):
            any_ = self.any[side]
            each = rf"(?:{'|'.join(map(re.escape, self._units()))}) \((?:all|{PERCENT})\)"
            part = rf"counted by {each}(?:(?:,| or|, or) {each})* (?:{any_} is largest|it is the largest too)"

            def largest(found: re.Match[str], side: int = side, any_: str = any_) -> bool:
                sizes = {name: raw.n(raw.has(side, name)) for name in raw.names[side]}
                right, n = sizes[found["name"]] == max(sizes.values()), 0
                for units, name in re.findall(
                    rf"counted by (.+?) (?:({any_}) is largest|it is the largest too)", found["others"] or ""
                ):
                    for unit, share in re.findall(rf"(\w+) \((all|{PERCENT})\)", units):
                        top, of_all = self._leader(side, unit)
                        right, n = right and is_percent(share, of_all) and (name or found["name"]) == top, n + 1
                self.largest = side
                everyone = raw.linked is None or raw.linked.role != "to" or n == 2
                return right and everyone and is_percent(found["share"], sizes[found["name"]] / raw.n())

            have = self._have(side, rf"(?P<name>{any_})")
            others = rf"(?:; (?P<others>{part}(?:, {part})*))?"
            yield rf"(?P<share>All|{PERCENT} of)(?: {COUNT})? {self.unit} {have}{others}\.", largest

            def lone(found: re.Match[str], side: int = side) -> bool:
                return len(raw.units) == 1 and bool(raw.has(side, found["name"]).all())

            yield rf"The one \w+ {have.replace('have ', 'has ', 1)}\.", lone

    def _units(self) -> tuple[str, ...]:
        return () if self.raw.linked is None else (self.raw.linked.plurals[0], "links")

    # Of what crosses.

    def _joint(self) -> np.ndarray:
        """Return how many units have each category of the rows and each of the columns."""
        raw = self.raw
        rows, columns = ([raw.has(side, name) for name in raw.names[side]] for side in (0, 1))
        return np.array([[raw.n(a & b) for b in columns] for a in rows])

    def _live(self) -> list[str]:
        """Return the categories that enough units have on one side or the other."""
        return [n for n in self.raw.names[0] if max(self.raw.n(self.raw.has(side, n)) for side in (0, 1)) >= MINIMUM]

    def _between(self, first: str, second: str) -> float:
        raw = self.raw
        return raw.n(raw.has(0, first) & raw.has(1, second)) + raw.n(raw.has(0, second) & raw.has(1, first))

    def _by_sizes(self, name: str) -> float:
        """Return how many crossings a category's size makes its own at most, did all keep to themselves alike.

        Either all meet themselves more often than others by one factor (margins and the sum of the diagonal fitted in
        turn), or crossings are as the product of the margins.
        """
        joint, place = self._joint(), self.raw.names[0].index(name)
        diagonal = np.eye(len(joint), dtype=bool)
        shares = []
        for table in (_alike(joint.tobytes(), len(joint)), np.outer(joint.sum(1), joint.sum(0))):
            crossing = np.where(diagonal, 0.0, table)
            shares.append((crossing[place].sum() + crossing[:, place].sum()) / crossing.sum())
        return max(shares) * joint[~diagonal].sum()

    def _of_bridge(self) -> Iterator[tuple[str, Callable[..., bool]]]:
        if not self.raw.same:
            return
        one = self.any[0]

        def bridge(found: re.Match[str]) -> bool:
            name, joint = found["name"], self._joint()
            whole = joint.sum() - np.trace(joint)
            through = sum(self._between(name, other) for other in self.raw.names[0] if other != name)
            met = [other for other in self.raw.names[0] if other != name and self._between(name, other)]
            said = re.findall(rf"(?:^|, | and )({one})(?=$|, | and )", found["met"])
            more = re.search(r" and (\w+) more$", found["met"])
            self.bridge = name
            return (
                is_rounded(found["whole"] or found["all"], whole)
                and is_rounded(found["n"] or found["all"], through)
                and set(said) <= set(met)
                and len(said) + (small(more[1]) if more else 0) == len(met)
                and is_rounded(found["size"], self._by_sizes(name))
            )

        of = rf"(?:all (?P<all>{COUNT})|(?P<n>{COUNT}) of (?P<whole>{COUNT}))"
        yield (
            (
                rf"(?P<name>{one}) is on one side of {of} crossings between categories, where sizes alone would make "
                rf"(?P<size>{TIMES}), with (?P<met>.+) on the other\."
            ),
            bridge,
        )

        def others(found: re.Match[str]) -> bool:
            there = [
                n
                for n in self._live()
                if n != self.bridge and any(self._between(n, o) for o in self.raw.names[0] if o != n)
            ]
            pairs = {pair: self._between(*pair) for pair in combinations(there, 2)}
            unmet = sum(not n for n in pairs.values())
            if found.group().startswith("The others"):
                return unmet == len(pairs)
            if found["all"] or found["one"]:
                return not unmet and (len(pairs) == 1 if found["one"] else small(found["all"]) == len(pairs))
            shares = re.findall(rf"({one}) and ({one}) share ({COUNT})", found["exceptions"])
            right = all(math.isclose(self._between(a, b), number(n), abs_tol=0.5) for a, b, n in shares)
            return right and small(found["unmet"]) == unmet and small(found["pairs"]) == len(pairs)

        yield r"The others that cross at all never meet without it\.", others
        some = rf"(?P<unmet>{SMALL}) of (?P<pairs>{SMALL}) pairs of the other crossing categories shares? no \w+; (?:most, )?(?P<exceptions>.+)"
        every = rf"all (?P<all>{SMALL}) pairs of the other crossing categories share {self.unit} too(?:; .+)?"
        single = rf"(?P<one>the one pair) of the other crossing categories shares {self.unit} too(?:; .+)?"
        yield rf"Without it (?:{some}|{every}|{single})\.", others

    def _of_direction(self) -> Iterator[tuple[str, Callable[..., bool]]]:
        raw, linked, one = self.raw, self.raw.linked, self.any[0]
        if not raw.same or raw.masked:
            return

        def runs(found: re.Match[str]) -> bool:
            a, b = found["origin"], found["goal"]
            self.way = a, b
            back = (
                {"no": 0.0, "none": 0.0, "one": 1.0}.get(found["back"])
                if found["back"] in ("no", "none", "one")
                else number(found["back"])
            )
            ways = [raw.n(raw.has(0, x) & raw.has(1, y)) for x, y in ((a, b), (b, a))]
            return is_rounded(found["n"], ways[0]) and math.isclose(back, ways[1], abs_tol=0.5) and ways[0] >= ways[1]

        back = rf"(?P<back>no|none|one|{COUNT})"
        if linked is not None and linked.role == "to":
            rows, columns = linked.plurals
            yield (
                (
                    rf"(?P<origin>{one}) {rows} go with (?P<n>{COUNT}) (?P<goal>{one}) {columns}, (?P=goal) {rows} with {back} "
                    rf"(?P=origin) (?:ones|{raw.said[1]})\."
                ),
                runs,
            )
        else:
            k1, k2 = map(re.escape, raw.said)
            yield (
                rf"(?P<n>{COUNT}) \w+ have {k1} (?P<origin>{one}) and {k2} (?P<goal>{one}), {back} the reverse\.",
                runs,
            )

        def resting(found: re.Match[str]) -> bool:
            """The counts are those without the item, label, level or group that is named."""
            a, b = self.way
            for other in raw.without(found["thing"]):
                left = [other.n(other.has(0, x) & other.has(1, y)) for x, y in ((a, b), (b, a))]
                said = (found["n"] or "0", found["left"])
                if is_rounded(said[0], left[0]) and (said[1] is None or is_rounded(said[1], left[1])):
                    return True
            return False

        yield rf"Without one [\w ]+, (?P<thing>.+), the counts are (?P<n>{COUNT}) and (?P<left>{COUNT})\.", resting
        yield rf"All of the {COUNT} rest on (?:one [\w ]+, )?(?P<thing>.+)(?P<n>)(?P<left>)?\.", resting

        def supported(found: re.Match[str]) -> bool:
            """A direction is told apart from chance by far, were units independent: z of 3 and more."""
            a, b = self.way
            ways = [raw.n(raw.has(0, x) & raw.has(1, y)) for x, y in ((a, b), (b, a))]
            named = (found["origin"] or a, found["goal"] or b)
            return named == self.way and ways[0] - ways[1] > 3 * math.sqrt(sum(ways))

        direction = rf"A direction from (?P<origin>{one}) to (?P<goal>{one}) is supported in these data"
        yield rf"(?:{direction}|The sizes of the categories do not account for it)\.", supported

    def _of_coarse(self) -> Iterator[tuple[str, Callable[..., bool]]]:
        raw = self.raw

        def coarse(found: re.Match[str]) -> bool:
            sides = {"a": (0,), "b": (1,), None: (0, 1)}[found["panel"]]
            for side in sides:
                judged = [
                    raw.share((side, a), (1 - side, b))[0]
                    for a in raw.names[side]
                    for b in raw.names[1 - side]
                    if raw.has(side, a).sum() >= MINIMUM
                    and raw.n(raw.has(1 - side, b))
                    and self._groups_enough(side, a)
                ]
                near = sum(share >= NEARLY_ALL - 1e-12 for share in judged)
                whole = small(found["whole"] or found["all"] or found["one"])
                if whole == len(judged) and small(found["near"] or found["all"] or found["one"]) == near:
                    return True
            return False

        panel = r"of (?:panel \((?P<panel>[ab])\)|the figure) that can be judged"
        which = rf"(?:The (?P<one>one) cell|All (?P<all>{SMALL}) cells|(?P<near>{SMALL}|[A-Z]\w+) of (?P<whole>{SMALL}) cells)"
        yield (
            (
                rf"{which} {panel} lies? within 0\.05 of 1: this unit is too coarse to tell these categories apart"
                rf"(?:; \w+ are finer)?\."
            ),
            coarse,
        )
