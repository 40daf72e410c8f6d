"""What the tables of the first page say in words: what the data support, and how much of what departs stands there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tests.prose.meaning_grounds import COUNT, PERCENT, is_percent, number
from tests.prose.meaning_rests import OfResting

LISTED = 12
"""Rows of the table of cells that matter."""


class OfTable(OfResting):
    """Yields how the texts of tables are read: a pattern, and what says whether the table bears it out."""

    def _of_supports(self) -> Iterator[tuple[str, Callable[..., bool]]]:
        raw, (k1, k2) = self.raw, map(re.escape, self.raw.said)

        def agree(found: re.Match[str]) -> bool:
            both = raw.units[raw.units["rows"].map(bool) & raw.units["columns"].map(bool)]
            share = both["weight"][both["rows"] == both["columns"]].sum() / both["weight"].sum()
            labelled = raw.units["rows"].map(bool).to_numpy() & raw.units["columns"].map(bool).to_numpy()
            equal = (raw.units["rows"] == raw.units["columns"]).to_numpy()
            return is_percent(found["share"], share) and self._is_interval_of_share(found["ends"], equal, labelled)

        yield (
            (
                rf"In these data the categories of {k1} and {k2} are exactly the same for (?P<share>all|none|{PERCENT}) "
                rf"(?:of )?(?:the )?{self.unit} that have some on both sides(?: \((?P<ends>[^)]*)\))?\."
            ),
            agree,
        )

        def either_way(found: re.Match[str]) -> bool:
            pairs = [(row, column) for row in raw.names[0] for column in raw.names[1] if self._is_there(row, column)]
            times = [raw.within(*pair) for pair in pairs]
            there = (max(times) > 1, min(times) < 1)
            return all(there) if found["both"] else there[0 if found["how"] == "commoner" else 1]

        words = r"Some pairs are (?P<how>commoner|rarer) than chance would make them(?P<both>, others rarer)?\."
        yield words, either_way
        yield r"How often the categories meet in these data\.", lambda _: True
        panels = r"(?:The two panels differ by the size of categories alone|How much of the contrast between the panels is the size of categories)"
        yield rf"(?:{panels}|How often categories share a \w+|How units are divided among categories)\.", lambda _: True

        def bridge(found: re.Match[str]) -> bool:
            joint = self._joint()
            through = sum(self._between(found["name"], n) for n in raw.names[0] if n != found["name"])
            share = through / (joint.sum() - joint.trace())
            return share == 1 if found["how"] == "always" else 0.5 < share < 1

        yield (
            rf"Where categories cross, (?P<name>{self.any[0]}) is (?P<how>always|mostly) at one end\.",
            bridge,
        )

        def lasting(found: re.Match[str]) -> bool:
            return all(raw.within(name, name) > 1 for name in self._names_in(0, found["names"]))

        more = r"(?: and \w+ more)?"
        yield rf"Agreement in (?P<names>{self._listing(0)}{more}) holds {self.each} that can tell\.", lasting

        def counted(found: re.Match[str]) -> bool:
            n = 1 if found["n"] is None else number(found["n"])
            return n == len(raw.units)

        yield rf"Statements about the (?:one \w+|(?P<n>{COUNT}) {self.unit}) that (?:is|are) counted\.", counted

    def _of_limits(self) -> Iterator[tuple[str, Callable[..., bool]]]:
        """Yield what is not told, and what would tell: names and numbers are held against the table."""
        raw, u = self.raw, self.unit
        k1, k2 = (r"[\w ]+", r"[\w ]+")
        said_of_nothing = (
            rf"Any rate for {u} outside these data, unless they are a sample of them\.",
            rf"A sample of {u} drawn without regard to category\.",
            r"Why they are: the data do not say\.",
            rf"Counts over a known number of chances, such as all {u} that could have been seen\.",
            r"That any pair meets more often than its sizes would give\.",
            rf"More {u}, or fewer and larger categories\.",
            rf"That {k1} of one category suit the {k2} of another, or do not: nothing here measures that\.",
            rf"A measurement of the same {k2} on {k1} of each category\.",
            rf"A direction from {k1} to {k2}, or back\.",
            rf"That {k1} bring about {k2}, or the reverse\.",
            r"What came first, [\w ]+ by [\w ]+\.",
            r"An experiment, or records of what came first\.",
            r"That categories would agree as much if every [\w ]+ covered all of them\.",
            r"A second [\w ]+ that records several categories\.",
            r"How the data were gathered, and what could not enter them\.",
            rf"Statements about {u} that these data do not hold\.",
            r"(?:Labels|Links or labels) for (?:the one|a random part of those) left out\.",
        )
        yield "|".join(f"(?:{pattern})" for pattern in said_of_nothing), lambda _: True
        one = self.any[0]
        yield (
            rf"That the flow from (?P<a>{one}) to (?P<b>{one}) holds beyond these data\.",
            lambda found: (found["a"], found["b"]) == self.way,
        )

        def confined(found: re.Match[str]) -> bool:
            named = self._list(0, found["names"])
            levels = [set(raw.units["stratum"][raw.has(0, n) | raw.has(1, n)]) for n in named]
            return all(len(of) == 1 and self._records_nothing_else(n, *of) for n, of in zip(named, levels, strict=True))

        listed = rf"(?P<names>{self._listing(0)})"
        yield rf"That {listed} stands? apart: seen through one [\w ]+ only\.", confined
        yield rf"A second [\w ]+ that records {listed}\.", confined

        def left_out(found: re.Match[str]) -> bool:
            return (1 if found["n"] is None else number(found["n"])) == len(raw.candidates) - len(raw.units)

        yield (
            rf"Statements about the (?:one \w+|(?P<n>{COUNT}) {u}) that (?:is|are) left out, which may differ\.",
            left_out,
        )

    def _is_there(self, row: str, column: str) -> bool:
        return self.raw.n(self.raw.has(0, row)) > 0 and self.raw.n(self.raw.has(1, column)) > 0

    def _of_cells(self) -> Iterator[tuple[str, Callable[..., bool]]]:
        raw = self.raw
        within = rf"(?: within {re.escape(' and '.join(raw.strata))})?"

        def listed(found: re.Match[str]) -> bool:
            if not raw.plain:
                return True
            amounts = sorted(raw.departures().values(), reverse=True)
            share = sum(amounts[:LISTED]) / sum(amounts)
            return share > 0.99 if found["share"] is None else is_percent(found["share"], share)

        which = rf"(?:what departs|(?P<share>{PERCENT}) of what departs)"
        yield rf"The cells that matter: {which} from chance{within}, most first", listed

        def none_surely(_: re.Match[str]) -> bool:
            return not self._departs_clearly()

        yield r"The cells that differ most from what sizes(?: within [\w ]+)? make; none surely does", none_surely
