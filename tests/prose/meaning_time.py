"""What is said of shares that moved over time, worked out of the years that units are of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from tests.prose.meaning_grounds import COUNT, PERCENT, is_percent, number
from tests.prose.meaning_table import OfTable

YEAR = r"\d{4}"


class OfTime(OfTable):
    """Yields how sentences are read: a pattern, and what says whether the table bears it out."""

    def _subjects(self) -> Iterator[tuple[str, Callable[[re.Match[str]], tuple[np.ndarray, np.ndarray]]]]:
        """Yield how shares are called, with which units have what is asked (N,), of which units (N,)."""
        raw = self.raw
        everyone = np.ones(len(raw.units), dtype=bool)
        equal = (raw.units["rows"] == raw.units["columns"]).to_numpy()
        both = (raw.units["rows"].map(bool) & raw.units["columns"].map(bool)).to_numpy()
        yield r"The share with the same categories on both sides", lambda _: (equal, both)
        for side in (0, 1):
            yield rf"The share of {self._of(side)}", lambda m, s=side: (raw.has(s, m["given"]), everyone)
            a, b = self.any[1 - side], self.any[side]
            yield (
                rf"The share of (?P<outcome>{a}) \w+ for (?P<given>{b}) \w+ \({('left', 'right')[side]}\)",
                lambda m, s=side: (raw.has(1 - s, m["outcome"]), raw.has(s, m["given"])),
            )

    def _since(self, year: str, of: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return which units are asked before a year and since."""
        late = (self.raw.units["year"] >= year).to_numpy()
        return of & ~late, of & late

    def _share_in(self, has: np.ndarray, where: np.ndarray) -> float:
        return self.raw.n(has & where) / self.raw.n(where)

    def _mix(self, has: np.ndarray, parts: tuple[np.ndarray, np.ndarray]) -> float:
        """Return what of a change is that strata have other weights (Kitagawa): all but what moved within them."""
        within = 0.0
        for inside in self.raw.levels():
            weights = [self.raw.n(inside & part) / self.raw.n(part) for part in parts]
            if all(weights):
                first, last = (self._share_in(has, inside & part) for part in parts)
                within += sum(weights) / 2 * (last - first)
        return self._share_in(has, parts[1]) - self._share_in(has, parts[0]) - within

    def _of_trend(self) -> Iterator[tuple[str, Callable[..., bool]]]:
        if "year" not in self.raw.units:
            return
        for subject, of in self._subjects():

            def moved(found: re.Match[str], of: Callable = of) -> bool:
                has, asked = of(found)
                before, since = self._since(found["year"], asked)
                first, last = self._share_in(has, before), self._share_in(has, since)
                right = is_percent(found["first"], first) and is_percent(found["last"], last)
                right = right and (last > first) == (found["how"] == "rose")
                if found["latest"] is not None:
                    of_year = asked & (self.raw.units["year"] == found["of"]).to_numpy()
                    right = right and is_percent(found["latest"], self._share_in(has, of_year))
                return right

            share = rf"(?:none|all|{PERCENT})"
            latest = rf"(?: \((?P<latest>{share}) in (?P<of>{YEAR})\))?"
            yield (
                rf"{subject} (?P<how>rose|fell) from (?P<first>{share}) before (?P<year>{YEAR}) to (?P<last>{share}) since{latest}\.",
                moved,
            )

            def by_mix(found: re.Match[str], of: Callable = of) -> bool:
                has, asked = of(found)
                parts = self._since(found["year"], asked)
                change = self._share_in(has, parts[1]) - self._share_in(has, parts[0])
                mix = self._mix(has, parts)
                told = abs(mix / change - 1) < 0.005 if found["mix"] == "all" else self._points(found["mix"], abs(mix))
                return told and self._points(found["n"], abs(change)) and (change > 0) == (found["how"] == "rose")

            yield (
                (
                    rf"{subject} (?P<how>rose|fell) by (?P<n>{COUNT}) points? since (?P<year>{YEAR}); (?P<mix>all|{COUNT}) "
                    rf"(?:is|are) due to the changing mix of {re.escape(' and '.join(self.raw.strata))}\."
                ),
                by_mix,
            )

    @staticmethod
    def _points(text: str, share: float) -> bool:
        return not pd.isna(share) and abs(100 * share - number(text)) <= 0.5 + 1e-9
