"""What a sentence of the first page says, read out of its own words and held against the raw table."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from tests.prose.meaning_grounds import COUNT, PERCENT, TIMES, is_percent, is_rounded, number
from tests.prose.meaning_intervals import OfIntervals
from tests.prose.raw import Raw

LEFT_OVER = {"other", "others", "na", "n/a", "unknown", "none", "misc"}
"""Names of what is left over, in small letters."""


QUOTED = re.compile(r"“([^”]*\d)” (?=\d|under )")


def _plain(text: str) -> str:
    """Return a sentence without the quotes of categories that end with a figure and stand before a number."""
    return QUOTED.sub(r"\1 ", text)


class Reader(OfIntervals):
    """Reads sentences about the records of a raw table. It knows what was said before, as a reader does."""

    def __init__(self, raw: Raw) -> None:
        super().__init__(raw)
        of_side = (self._pairs_of, self._also_of, self._within_of, self._turned_of, self._one_side, self._coverage_of)
        readings = [reading for side in (0, 1) for read in of_side for reading in read(side)]
        of_both = (self._of_agreement, self._of_population, self._of_chance, self._of_within, self._of_strata)
        of_both += (self._of_activity, self._of_crossings, self._of_counted, self._of_isolation, self._of_one_item)
        of_both += (self._of_largest, self._of_bridge, self._of_direction, self._of_coarse, self._of_resting)
        of_both += (self._of_supports, self._of_limits, self._of_cells, self._of_trend, self._of_pictures)
        of_both += (self._of_ratios_pictured,)
        readings += [reading for read in of_both for reading in read()]
        self._readings = [(raw.compiled(pattern), judge) for pattern, judge in readings]

    def holds(self, text: str) -> bool | None:
        """Return whether a sentence is true; None where no reading is known."""
        plain = _plain(text)
        found = [(judge, match) for pattern, judge in self._readings if (match := pattern.fullmatch(plain)) is not None]
        return any(bool(judge(match)) for judge, match in found) if found else None

    def _of_agreement(self) -> Iterator[tuple[str, Callable[..., bool]]]:
        raw, same = self.raw, self._exactly()
        units = rf"(?:the )?(?:(?P<n>{COUNT}) )?{self.unit}(?: with a category on both sides)?"
        inside = rf"(?: {self.each})?"
        labelled = raw.units[raw.units["rows"].map(bool) & raw.units["columns"].map(bool)]
        equal = labelled["rows"] == labelled["columns"]

        def agree(found: re.Match[str]) -> bool:
            share = labelled["weight"][equal].sum() / labelled["weight"].sum()
            if found["n"] is not None and not is_rounded(found["n"], labelled["weight"].sum()):
                return False
            said = {"Both": "all", "None of": "none"}.get(found["share"], found["share"])
            return is_percent(said, share)

        def told(found: re.Match[str]) -> bool:
            self.statements.append(self._agreeing())
            return agree(found) and (found["chance"] is None or is_percent(found["chance"], raw.by_chance()))

        start = rf"(?P<share>{PERCENT} of|All|Both|None of) {units} {same}"
        yield rf"{start}(?:, where chance{inside} would make (?P<chance>{PERCENT}))?\.", told

        def chance(found: re.Match[str]) -> bool:
            joint = sum(raw.n(raw.has(0, n) & raw.has(1, n)) for n in raw.names[0])
            return agree(found) and (joint <= self._expected_diagonal()) == (
                found["how"] == "is no more than chance makes"
            )

        yield rf"{start}\. That (?P<how>is no more than chance makes|may be chance){inside}\.", chance

        def meeting(found: re.Match[str]) -> bool:
            self.statements.append(self._agreeing())
            joint = sum(raw.n(raw.has(0, n) & raw.has(1, n)) for n in raw.names[0])
            return is_rounded(found["times"], joint / self._expected_diagonal())

        yield (
            rf"(?i:{self.unit}) have the same category on both sides (?P<times>{TIMES}) times as often as chance{inside} would make it\.",
            meeting,
        )

        one = r"One \w+ alone has a category on both sides: nothing can be told from chance\."
        yield one, lambda _: len(labelled) == 1

        def pivot(found: re.Match[str]) -> bool:
            others = labelled[~equal]
            touch = {
                n: others["weight"][
                    (others["rows"].map(lambda s, n=n: n in s)) | (others["columns"].map(lambda s, n=n: n in s))
                ].sum()
                for n in raw.names[0]
            }
            whole = others["weight"].sum()
            n = whole if found["all"] else number(found["n"])
            right = is_rounded(found["all"] or found["whole"], whole) and math.isclose(
                touch[found["name"]], n, abs_tol=0.5
            )
            return right and touch[found["name"]] == max(touch.values())

        yield (
            rf"(?:All (?P<all>{COUNT}) others have|Of the (?P<whole>{COUNT}) others, (?P<n>{COUNT}) (?:has|have)) (?P<name>{self.any[0]}) on one side or the other\.",
            pivot,
        )

    def _of_population(self) -> Iterator[tuple[str, Callable[..., bool]]]:
        raw, (k1, k2) = self.raw, map(re.escape, self.raw.said)

        def counted(found: re.Match[str]) -> bool:
            whole, n = len(raw.candidates), len(raw.units)
            lack = int((~(raw.units["rows"].map(bool) & raw.units["columns"].map(bool))).sum())
            right = number(found["all"] or found["whole"]) == whole and (
                n == whole if found["all"] else number(found["n"]) == n
            )
            share = found["all"] is not None or is_percent(found["share"], n / whole)
            lacking = (number(found["lack"].replace("One", "1")) if found["lack"] else 0) == lack
            weight = found["weight"] is None or is_rounded(found["weight"], raw.n())
            return right and share and lacking and weight

        yield (
            (
                rf"(?:All (?P<all>{COUNT}) {self.unit}|Of (?P<whole>{COUNT}) {self.unit}, (?P<n>{COUNT}) \((?P<share>{PERCENT})\)) carry a "
                rf"label for both {k1} and {k2}(?:\. (?P<lack>{COUNT}|One) of these lacks? a category(?: on at least one side)?)?"
                rf"(?:\. Below they count by their weights, in all (?P<weight>{COUNT}))?\."
            ),
            counted,
        )

        def single(found: re.Match[str]) -> bool:
            right = len(raw.candidates) == len(raw.units) == 1
            return right and (found["weight"] is None or is_rounded(found["weight"], raw.n()))

        one = rf"The one \w+ carries a label for both {k1} and {k2}(?:\. Below it counts by its weight, (?P<weight>{COUNT}))?\."
        yield one, single

        def lone(found: re.Match[str]) -> bool:
            (unit,) = raw.units.itertuples()
            names = {name for name, _ in re.findall(rf"({self.any[0]}|{self.any[1]})( \(all\))?", found["items"])}
            return names in (set(unit.rows), set(unit.columns))

        yield rf"By (?:{k1}|{k2}) (?:\(some have several\) )?the one \w+,?(?: by weight,)? is (?P<items>.+)\.", lone

        def absent(found: re.Match[str]) -> bool:
            named = re.findall(rf"(?:^|, | or )({self.any[0]}|{self.any[1]})(?=$|, | or )", found["names"])
            return bool(named) and not any(
                raw.n(raw.has(side, n)) for n in named for side in (0, 1) if n in raw.names[side]
            )

        blank = (
            r"(?:its row and column are|their rows and columns are|what it would fill is|what they would fill is) blank"
        )
        yield (
            rf"No counted \w+ has (?P<names>.+?)(?: on either side)?; {blank}\.",
            absent,
        )

    def _of_chance(self) -> Iterator[tuple[str, Callable[..., bool]]]:
        raw = self.raw
        inside = rf"(?: {self.each})?"

        def nothing(found: re.Match[str]) -> bool:
            return not self._departs_clearly() and self._is_visible(found.groupdict().get("visible"))

        within = rf"(?:Among the {COUNT} crossings? between categories, )?(?:{self.each}, )?"
        found_if = rf"(?: (?:It|A typical pair) would have been found, four times in five, if it met (?P<visible>{TIMES}) times as often as chance would make it\.)?"
        yield rf"{within}[Nn]o pair of categories surely departs from chance\.{found_if}", nothing

        def never(_: re.Match[str]) -> bool:
            return not self._departs_clearly() and self._is_never_found()

        few = rf"With (?:groups so few or so unequal|so few {self.unit}), (?:it|a typical pair) could not have been found, however often it met\."
        yield rf"{within}[Nn]o pair of categories surely departs from chance\. {few}", never

        def accounts(found: re.Match[str]) -> bool:
            n = {"this": 1, "the first": 1, "first": 1}.get(found["which"])
            words = ("one", "two", "three", "four", "five")
            if n is None and found["which"].startswith("the first"):
                n = 1 + words.index(found["which"].split()[-1])
            n = len(self.statements) - 1 if found["which"] == "these" else n
            n = 0 if found["which"] == "This" else n
            if n + 1 > len(self.statements) or (found["which"] == "This" and len(self.statements) > 1):
                return False
            if not raw.plain:
                return True
            amounts = raw.departures()
            covered = set().union(*map(self._covers, self.statements[: n + 1])) & amounts.keys()
            share = sum(amounts[pair] for pair in covered) / sum(amounts.values())
            return share > 1 - 1e-9 if found["share"] == "all" else is_percent(found["share"], share)

        yield (
            (
                rf"(?:With the headline, )?(?P<which>This|this|these|the first(?: \w+)?)(?: of these)? accounts? for (?P<share>all|{PERCENT}) of what departs from "
                rf"chance{inside}\."
            ),
            accounts,
        )
        yield (
            r"There is too little here to tell any pair of categories from chance\.",
            lambda _: not self._departs_clearly(),
        )

    def _of_within(self) -> Iterator[tuple[str, Callable[..., bool]]]:
        raw = self.raw

        def some(_: re.Match[str]) -> bool:
            return raw.within(*self._pair(*self.subject, self.outcome)) == 0

        yield rf"{self.each} too, chance would make some\.", some

        def over_all(found: re.Match[str]) -> bool:
            share, others = raw.share(self.subject, (1 - self.subject[0], self.outcome))
            own = share == 0 if found["share"] is None else is_percent(found["share"], share)
            return own and self._others(found["others"], others)

        either = rf"(?:none does|(?P<share>{PERCENT}) do)"
        yield rf"Over all {either}(?:, against (?P<others>{PERCENT}|none|all) of the others)?\.", over_all

    def _accounted(self, levels: pd.Series) -> float:
        """Return the share of the agreement beyond chance that is there by chance within levels already."""
        raw = self.raw
        weight = raw.units["weight"].to_numpy()[:, None]
        sides = [weight * np.array([raw.has(side, n) for n in raw.names[0]]).T for side in (0, 1)]
        joint = (sides[0] * sides[1] / weight).sum()
        plain = (sides[0].sum(axis=0) * sides[1].sum(axis=0)).sum() / weight.sum()
        by_level = [pd.DataFrame(values).groupby(levels.to_numpy()).sum() for values in (*sides, weight)]
        rows, columns, sizes = (one.to_numpy() for one in by_level)
        return float(1 - (joint - (rows * columns / sizes).sum()) / (joint - plain))

    def _of_strata(self) -> Iterator[tuple[str, Callable[..., bool]]]:
        raw, (_k1, _k2) = self.raw, map(re.escape, self.raw.said)
        the = rf"The {re.escape(' and '.join(raw.strata))}" if raw.strata != ("activity",) else r"The number of [\w ]+?"

        levels = raw.units["stratum"]

        def composition(found: re.Match[str]) -> bool:
            # The program compares each unit, or group, with the others of its stratum: a little more or less.
            explained = self._accounted(levels)
            listed = found["names"] and not found["names"].endswith(" categories")
            named = self._list(0, found["names"]) if listed else []
            near = [explained + shift / 100 for shift in (-2, -1, 0, 1, 2)]
            ends = {"none": near[0] <= 0, "all": near[-1] >= 0.995}
            said = ends.get(found["share"], any(is_percent(found["share"], share) for share in near))
            ends = found.groupdict().get("ends")
            return said and all(raw.within(n, n) > 1 for n in named) and self._is_interval_of_explained(ends)

        def idle(_: re.Match[str]) -> bool:
            rng = np.random.default_rng(1)
            units = raw.units
            # Groups are kept together, as long as each is of one level: levels are then drawn for them.
            of_groups = units.groupby("group")["stratum"]
            whole = units["group"].any() and (of_groups.first() == of_groups.last()).all()
            own = of_groups.first() if whole else units["stratum"]
            drawn = [pd.Series(rng.permutation(own.to_numpy()), own.index) for _ in range(200)]
            named = [units["group"].map(one) if whole else one for one in drawn]
            most = max(map(self._accounted, named))
            return self._accounted(levels) <= most + 0.02

        yield rf"{the} accounts for no more of the agreement than levels drawn at random would\.", idle

        names = rf"(?P<names>{self._listing(0)}|\w+ categories)"
        yield (
            rf"{the} accounts for (?P<share>none|{PERCENT}) of the agreement beyond chance(?:: {names} agrees? {self.each} too)?\.",
            composition,
        )
        yield (
            rf"{the} alone accounts for (?P<share>all|{PERCENT}) of the agreement beyond chance(?: \((?P<ends>[^)]*)\))?(?:, but {names} agrees? {self.each} too|, so it shows .+|, and leaves .+)?\.",
            composition,
        )

    def _of_activity(self) -> Iterator[tuple[str, Callable[..., bool]]]:
        raw, (k1, k2) = self.raw, map(re.escape, self.raw.said)

        def activity(found: re.Match[str]) -> bool:
            r, c = raw.units["rows"].map(len), raw.units["columns"].map(len)
            w = raw.units["weight"]
            mean = (r * c * w).sum() * w.sum() / ((r * w).sum() * (c * w).sum())
            right = is_rounded(found["factor"], mean) and (mean > 1) == (found["how"] == "more")
            return right and self._is_interval_of_factor(found["ends"])

        end = rf"What goes together beyond that cannot be told unless {self.unit} with equally many categories are compared\."
        yield (
            (
                rf"(?:.+) with more {k1} categories have (?P<how>more|fewer) {k2} categories, which alone makes any two meet (?P<factor>{TIMES}) times as "
                rf"often(?: \((?P<ends>[^)]*)\))?\. {end}"
            ),
            activity,
        )

        def several(found: re.Match[str]) -> bool:
            n = [raw.n(raw.units[side].map(len) > 1) for side in ("rows", "columns")]
            return is_rounded(found["first"], n[0]) and is_rounded(found["second"], n[1])

        yield (
            (
                rf"(?P<first>{COUNT}) [\w -]+? ha(?:ve|s) several {k1} categories, (?P<second>{COUNT}) several {k2} ones\. Whether pairs go together or some "
                rf"{self.unit} have more of both cannot be told unless {self.unit} with equally many categories are compared\."
            ),
            several,
        )

        def spread(found: re.Match[str]) -> bool:
            side = (
                0
                if all(
                    re.search(rf"(?:^|, | and ){re.escape(n)}(?:$|, | and )", found["names"]) or n for n in raw.names[0]
                )
                else 1
            )
            names = self._names_in(side, found["names"])
            if any(pair[side] in names for told in self.statements for pair in told):
                return False  # it was said to depart
            ratios = []
            for name in names:
                for other in raw.names[1 - side]:
                    row, column = self._pair(side, name, other)
                    e = raw.n(raw.has(0, row)) * raw.n(raw.has(1, column)) / raw.n()
                    if e >= 5:
                        ratios.append(raw.n(raw.has(0, row) & raw.has(1, column)) / e)
            return is_rounded(found["low"], min(ratios)) and is_rounded(found["high"], max(ratios))

        yield (
            rf"(?P<names>.+) (?:is|are) spread over the .+ as the {self.unit} are, (?P<low>{TIMES}) to (?P<high>{TIMES}) times what chance would make\.",
            spread,
        )

    def _of_crossings(self) -> Iterator[tuple[str, Callable[..., bool]]]:
        raw = self.raw

        def crossings() -> float:
            return sum(raw.n(raw.has(0, a) & raw.has(1, b)) for a in raw.names[0] for b in raw.names[1] if a != b)

        def clearest(found: re.Match[str]) -> bool:
            n, expected = number(found["n"].replace("no", "0")), number(found["expected"])
            pairs = [raw.n(raw.has(0, found[a]) & raw.has(1, found[b])) for a, b in (("a", "b"), ("b", "a"))]
            right = any(math.isclose(n, x, abs_tol=0.5) for x in pairs)  # the first panel may give either side
            return right and is_rounded(found["all"], crossings()) and (n > expected) == (found["how"] == "more")

        one = self.any[0]
        yield (
            (
                rf"Among the (?P<all>{COUNT}) crossings? between categories, (?:{self.each}, )?(?P<a>{one}) goes with (?P<b>{one}) (?P<how>more|less) often than "
                rf"chance would make it: (?P<n>{COUNT}|no) \w+(?: \w+)* where (?P<expected>[\d.,]+) would be expected\."
            ),
            clearest,
        )

        inside = rf"(?:Among the (?P<all>{COUNT}) crossings? between categories, )?(?:{self.each}, )?"

        def departing(found: re.Match[str]) -> bool:
            pair = self._pair(0, found["a"], found["b"])
            n, expected = number(found["n"].replace("no", "0")), number(found["expected"])
            there = raw.n(raw.has(0, pair[0]) & raw.has(1, pair[1]))
            more = (raw.within(*pair) > 1) == (n > expected) == (found["how"] == "more")
            return (
                more
                and is_rounded(found["n"].replace("no", "0"), there)
                and is_rounded(found["expected"], there / raw.within(*pair))
            )

        two = rf"(?P<a>{self.any[0]}) goes with (?P<b>{self.any[1]})"
        yield (
            (
                rf"(?:{self.each}, )?{two} (?P<how>more|less) often than chance would make it: (?P<n>{COUNT}|no) "
                rf"\w+(?: \w+)* where (?P<expected>[\d.,]+) would be expected\."
            ),
            departing,
        )
        a, b = f"(?:{self.any[0]}|{self.any[1]})", f"(?:{self.any[0]}|{self.any[1]})"

        def left_over(found: re.Match[str]) -> bool:
            return bool(LEFT_OVER & {found["a"].lower(), found["b"].lower()})

        yield (
            (
                rf"{inside}[Nn]o pair of categories surely departs from chance but with what is left over: (?P<a>{a}) with (?P<b>{b})"
                r"(?: most of all)?\."
            ),
            left_over,
        )

        def meet(found: re.Match[str]) -> bool:
            names = self._list(0, found["names"])
            n = sum(raw.n(raw.has(0, a) & raw.has(1, b)) for a in names for b in names if a != b)
            self.statements.append({(a, b) for a in names for b in names if a != b})
            ratio = n / number(found["expected"])
            return is_rounded(found["n"], n) and abs(ratio / number(found["times"]) - 1) < 0.1

        yield (
            (
                rf"(?:Among crossings between categories, )?(?:{self.each}, )?(?P<names>{self._listing(0)}) meet(?: each other)? (?P<times>{TIMES}) times as often as "
                rf"expected: (?P<n>{COUNT}) where (?P<expected>{TIMES}) would be\."
            ),
            meet,
        )
