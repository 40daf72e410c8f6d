"""Ends of intervals, what could have been found, and what stands under pictures, worked out by other ways than the program's.

Of independent units the ends are Wilson's, as statsmodels has them. Of groups and weights, and of what no table of a
textbook has, they are near to the percentiles of groups drawn again; of few groups only the number must lie inside.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from tests.prose.meaning_grounds import TIMES, is_percent, is_rounded, number
from tests.prose.meaning_time import OfTime
from tests.prose.raw import MINIMUM, Raw

DRAWN, FEW = 400, 30
"""Drawings of units or groups; groups from which on their percentiles tell ends of intervals."""
SHARE = r"(?:under |over )?\d+ %"
ENDS = r"\([^()]*\)"


def ends_of(text: str) -> tuple[float, float]:
    """Return the ends that a text gives, shares as parts of one: "53 to 78 %", "85 % or more", "8 % or less"."""
    plain = text.replace("under 1 to", "0 to").replace("over 99 %", "100 %")
    found = [float(n) for n in re.findall(r"\d+(?:\.\d+)?", plain)]
    found = [x / 100 for x in found] if "%" in text else found
    if "or less" in text:
        return -math.inf, found[0]
    return (found[0], math.inf) if "or more" in text else (found[0], found[1])


@dataclass(frozen=True)
class Drawn:
    """Groups drawn again (B, G), each as a whole, units as groups of one; `group` and `weight` are those of units (N,)."""

    again: np.ndarray
    group: np.ndarray
    weight: np.ndarray

    def of_groups(self, values: np.ndarray) -> np.ndarray:
        """Return what units (N, K) sum up to by group (G, K), weighted."""
        columns = (np.bincount(self.group, self.weight * column) for column in values.T)
        return np.stack(list(columns), axis=1)


@lru_cache(1)
def drawn_again(raw: Raw) -> Drawn | None:
    """Return drawings of the units; None where there are few groups of them."""
    units = raw.units
    _, group = np.unique(
        units["group"].to_numpy() if units["group"].any() else np.arange(len(units)), return_inverse=True
    )
    n = int(group.max()) + 1
    if n < FEW:
        return None
    again = np.random.default_rng(5).multinomial(n, np.full(n, 1 / n), DRAWN)
    return Drawn(again.astype(float), group, units["weight"].to_numpy())


@lru_cache(1)
def _errors(raw: Raw) -> list[tuple[float, float, float]]:
    """Return of each pair the standard error of its ratio if units are independent, and the most it could be.

    Then the degrees of t if units of a group are copies, the fewer of its two categories.
    """
    sides = [
        [(name, has, _freedom(raw, has)) for name in raw.names[k] for has in [raw.has(k, name)] if has.sum() >= MINIMUM]
        for k in (0, 1)
    ]
    errors = []
    for (row, a, of_row), (column, b, of_column) in itertools.product(*sides):
        if raw.same and row == column:
            continue
        _, e, v = raw.met(row, column)
        if v:
            errors.append((math.sqrt(v) / e, min(raw.n(a), raw.n(b)) / e, min(of_row, of_column)))
    return errors


def _freedom(raw: Raw, has: NDArray[np.bool_]) -> float:
    """Return the degrees of t of a category if units of a group are copies; infinite for independent units."""
    if raw.plain:
        return math.inf
    squares = raw.units[has].groupby("group")["weight"].sum().to_numpy() ** 2
    return float(max(squares.sum() ** 2 / (squares**2).sum() - 1, 1))


class OfIntervals(OfTime):
    """Yields how sentences are read: a pattern, and what says whether the table bears it out."""

    def __init__(self, raw) -> None:
        super().__init__(raw)
        self.pictured: list[tuple[str, str]] = []

    @staticmethod
    def _near(ends: tuple[float, float], value: float, drawn: np.ndarray, least: float) -> bool:
        """Return whether ends hold a value and are near to the percentiles of drawings."""
        if not ends[0] - least / 2 <= value <= ends[1] + least / 2:
            return False
        low, high = np.nanpercentile(drawn, [2.5, 97.5])
        far = max(least, (high - low) / 4)
        return all(not math.isfinite(end) or abs(end - x) <= far for end, x in zip(ends, (low, high), strict=True))

    def _is_interval_of_share(self, text: str | None, has: np.ndarray, of: np.ndarray, *, all_: bool = True) -> bool:
        """Return whether a text gives the interval of the share of units that have something, of some.

        Of a part of the units in groups, of which few may be there, it holds the share and is not much too narrow. Near
        all or none percentiles of drawings are too near: there Wilson's ends will do, of as many as these are worth.
        """
        if text is None:
            return True
        ends, raw = ends_of(text), self.raw
        value = raw.n(has & of) / raw.n(of)
        if not raw.units["group"].any() and (raw.units["weight"] == 1).all():
            low, high = proportion_confint(int((has & of).sum()), int(of.sum()), method="wilson")
            return all(not math.isfinite(e) or abs(e - x) <= 0.0051 for e, x in zip(ends, (low, high), strict=True))
        drawn = drawn_again(self.raw)
        if drawn is None:
            return ends[0] - 0.005 <= value <= ends[1] + 0.005
        with np.errstate(invalid="ignore"):
            both, whole = (drawn.again @ drawn.of_groups(np.stack([has & of, of], axis=1))).T
            again = both / whole
        if all_:
            worth = value * (1 - value) / np.nanvar(again) if 0 < value < 1 else 0
            wilson = proportion_confint(value * worth, worth, method="wilson") if worth else ends
            return self._near(ends, value, again, 0.03) or (
                worth > 0 and self._near(ends, value, np.array(wilson), 0.03)
            )
        low, high = np.nanpercentile(again, [2.5, 97.5])
        wide = min(ends[1], 1.0) - max(ends[0], 0.0) >= (high - low) / 2 - 0.02
        return wide and ends[0] - 0.005 <= value <= ends[1] + 0.005

    def _is_interval_of_factor(self, text: str | None) -> bool:
        """Return whether a text gives the interval of how often units with more of one side have more of the other."""
        drawn = drawn_again(self.raw)
        if text is None or drawn is None:
            return True
        r, c = (self.raw.units[side].map(len).to_numpy() for side in ("rows", "columns"))
        sums = drawn.of_groups(np.stack([r * c, r, c, np.ones(len(r))], axis=1))
        both, rows, columns, n = sums.sum(axis=0)
        drawn_both, drawn_rows, drawn_columns, drawn_n = (drawn.again @ sums).T
        again = drawn_both * drawn_n / (drawn_rows * drawn_columns)
        return self._near(ends_of(text), float(both * n / (rows * columns)), again, 0.1)

    def _is_interval_of_explained(self, text: str | None) -> bool:
        """Return whether a text gives the interval of how much of the agreement strata explain."""
        drawn = drawn_again(self.raw)
        if text is None or drawn is None:
            return True
        raw = self.raw
        sides = [np.array([raw.has(side, n) for n in raw.names[0]]).T.astype(float) for side in (0, 1)]
        joint = drawn.of_groups((sides[0] * sides[1]).sum(axis=1)[:, None])
        ones, k = np.ones((len(raw.units), 1)), len(raw.names[0])
        by_level = [
            drawn.of_groups(np.hstack([*sides, ones]) * level[:, None]) for level in (ones[:, 0], *raw.levels())
        ]

        def explained(again: np.ndarray) -> np.ndarray:
            plain, *within = (
                (sums[:, :k] * sums[:, k:-1]).sum(axis=1) / np.maximum(sums[:, -1], 1e-9)
                for sums in (again @ one for one in by_level)
            )
            whole = (again @ joint)[:, 0]
            return 1 - (whole - sum(within)) / (whole - plain)

        own = float(explained(np.ones((1, drawn.again.shape[1])))[0])
        return self._near(ends_of(text), own, explained(drawn.again), 0.06)

    def _is_visible(self, text: str | None) -> bool:
        """Return whether half of the pairs would have been found four times in five, had they met so often.

        Of independent units, by normal laws: found where p is below 0.05 over the number of pairs.
        """
        raw = self.raw
        if text is None:
            return True
        errors = _errors(raw)
        needed = stats.norm.isf(0.05 / len(errors) / 2)
        ratios = [(self._found_from(error, needed), most) for error, most, _ in errors]
        found_from = float(np.median([ratio if ratio <= most else math.inf for ratio, most in ratios]))
        if raw.plain:
            return abs(number(text) / found_from - 1) < 0.08
        return number(text) > 0.9 * found_from  # groups and weights tell less

    def _of_copies(self) -> float:
        """Return how many times as large errors are if units of a group are copies."""
        if self.raw.plain:
            return 1.0
        sizes = self.raw.units.groupby("group")["weight"].sum().to_numpy()
        return math.sqrt((sizes**2).sum() / sizes.sum())

    def _found_from(self, error: float, needed: float) -> float:
        """Return the ratio found four times in five: beyond what is needed, in errors that grow with its root."""
        chance = stats.norm.ppf(0.8) * error
        return ((chance + math.sqrt(chance**2 + 4 * (1 + needed * error))) / 2) ** 2

    def _is_never_found(self) -> bool:
        """Return whether half of the pairs cannot be surely more: that groups have a kind by chance is likelier.

        Each group is of one kind on a side: if all groups of a kind had nothing but a category, and no others had it, p
        would be twice one over the ways to choose as many groups. Else half of the pairs would have to meet more often
        than their smaller category lets them, by t with the errors and the degrees that groups of copies have.
        """
        groups = self.raw.units.groupby("group")
        of_a_kind = (side for side in ("rows", "columns") if (groups[side].nunique() == 1).all())
        kinds = None if self.raw.plain else next(of_a_kind, None)
        if kinds is None:
            errors = _errors(self.raw)
            found = [
                self._found_from(self._of_copies() * error, stats.t.isf(0.05 / len(errors) / 2, freedom)) > most
                for error, most, freedom in errors
            ]
            return float(np.mean(found)) >= 0.4
        side = ("rows", "columns").index(kinds)
        own = [
            int(groups[kinds].first().map(lambda found, name=name: name in found).sum())
            for name in self.raw.names[side]
        ]
        pairs = [n for n in own for _ in self.raw.names[1 - side]]
        never = [2 / math.comb(len(groups), n) > 0.05 / len(pairs) for n in pairs]
        return len(groups) <= 60 and sum(never) >= len(pairs) / 2

    # What stands under pictures.

    def _of_pictures(self) -> Iterator[tuple[str, Callable[..., bool]]]:
        raw = self.raw
        pair = rf"(?P<row>{self.any[0]}) with (?P<column>{self.any[1]})"
        ways = ("first", "second")
        shares = ", the other way ".join(
            rf"(?P<{way}>{SHARE})(?: \((?P<{way}_ends>[^()]*)\))?(?: against (?P<{way}_all>{SHARE}) of all)?"
            for way in ways
        )

        def share_item(found: re.Match[str]) -> bool:
            a, b = raw.has(0, found["row"]), raw.has(1, found["column"])
            self.pictured.append((found["row"], found["column"]))
            orders = ((a, b), (b, a))
            return any(
                all(
                    is_share(found[way], raw.n(of & has) / raw.n(of))
                    and (found[f"{way}_all"] is None or is_share(found[f"{way}_all"], raw.n(has) / raw.n()))
                    and self._is_interval_of_share(found[f"{way}_ends"], has, of, all_=False)
                    for way, (of, has) in zip(ways, order, strict=True)
                )
                for order in (orders, orders[::-1])
            )

        yield rf"{pair}: {shares}", share_item

    def _of_ratios_pictured(self) -> Iterator[tuple[str, Callable[..., bool]]]:
        raw = self.raw
        pair = rf"(?P<row>{self.any[0]}) with (?P<column>{self.any[1]})"

        def ratio_item(found: re.Match[str]) -> bool:
            row, column = found["row"], found["column"]
            self.pictured.append((row, column))
            a, b = raw.has(0, row), raw.has(1, column)
            n, over_all = raw.n(a & b), raw.n(a & b) * raw.n() / (raw.n(a) * raw.n(b))
            within = raw.within(row, column)
            right = is_rounded(found["all"], over_all) and (
                found["within"] is None or is_rounded(found["within"], within)
            )
            if found["ends"] is not None:
                low, high = ends_of(found["ends"])
                right = right and low - 0.05 <= within <= high + 0.05
            if found["most"] is not None:
                strata = raw.levels()
                most = sum(min(raw.n(a & s), raw.n(b & s)) for s in strata)
                right = right and is_rounded(found["most"], most * within / n)
            return right

        within = rf"(?:, (?P<within>{TIMES})(?: \((?P<ends>[^()]*)\))?)?(?: of at most (?P<most>{TIMES}))?"
        yield rf"{pair} (?P<all>{TIMES}){within}", ratio_item

        def depart_most(_: re.Match[str]) -> bool:
            """No pair that is left out departs by more than one that is shown."""
            if not raw.plain:
                return bool(self.pictured)
            amounts = raw.departures()
            shown = [amounts[pair] for pair in self.pictured if pair in amounts]
            left = [amount for pair, amount in amounts.items() if pair not in self.pictured]
            return bool(shown) and max(left, default=0.0) <= min(shown) * 1.01 + 1e-6

        words = rf"The pairs that (?:depart|differ) most(?: from chance: how often those with one category have the other, and how often all {self.unit} do)?\."
        yield words, depart_most
        strata = "number of [\\w ]+?" if raw.strata == ("activity",) else re.escape(" and ".join(raw.strata))
        yield (
            rf"The pairs that (?:depart|differ) most\. Between ring and dot is what the {strata} alone accounts? for\.",
            depart_most,
        )


def is_share(text: str, share: float) -> bool:
    """Return whether a share is what a picture calls it, which has no room for "all" and "none"."""
    if text in ("0 %", "100 %"):
        return math.isclose(share, text == "100 %", abs_tol=1e-12)
    return is_percent(text, share)
