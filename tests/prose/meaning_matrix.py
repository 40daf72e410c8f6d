"""What is said of published matrices without counts, held against the files of their values."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pandas as pd

from tests.prose.meaning_grounds import COUNT, PERCENT, TIMES, is_rounded
from tests.prose.meaning_items import SMALL, small

VALUE = r"\d\.\d\d"
NO_MORE = 1e-12
LOW = 0.25
"""To where a value is low."""


def _mean(table: pd.DataFrame) -> float:
    return float(np.nanmean(table.to_numpy()))


class MatrixReader:
    """Reads sentences about matrices by the ids of their panels: frames of given (rows) by outcome, `value`, `low`, `high`.

    Names are those of the taxonomy that both axes carry, in its order.
    """

    def __init__(self, files: dict[str, Path], names: list[str]) -> None:
        self.panels = {name: self._read(path, names) for name, path in files.items()}
        self.names, self.any = names, "(?:" + "|".join(map(re.escape, sorted(names, key=len, reverse=True))) + ")"
        self.listing = rf"{self.any}(?:(?:, | and ){self.any})*"
        readings = (self._of_levels, self._of_cluster, self._of_contrast, self._of_apart, self._of_sizes)
        self._readings = [(re.compile(pattern), judge) for read in readings for pattern, judge in read()]

    @staticmethod
    def _read(path: Path, names: list[str]) -> dict[str, pd.DataFrame]:
        table = pd.read_csv(path)
        for end in ("low", "high"):
            table[end] = table[end].fillna(table["value"]) if end in table else table["value"]
        return {
            column: table.pivot_table(index="given", columns="outcome", values=column).reindex(
                index=names, columns=names
            )
            for column in ("value", "low", "high")
        }

    def holds(self, text: str) -> bool | None:
        """Return whether a sentence is true; None where no reading is known."""
        found = [(judge, match) for pattern, judge in self._readings if (match := pattern.fullmatch(text)) is not None]
        return any(bool(judge(match)) for judge, match in found) if found else None

    def _list(self, text: str) -> list[str]:
        return re.findall(rf"(?:^|, | and )({self.any})(?=$|, | and )", text)

    def _of_levels(self) -> Iterator[tuple[str, Callable[..., bool]]]:
        panel = r"(?:panel \((?P<panel>[ab])\)|the figure)"

        def matrix(found: re.Match[str]) -> dict[str, pd.DataFrame]:
            return list(self.panels.values())["ab".index(found["panel"] or "a")]

        def level(found: re.Match[str]) -> bool:
            means = matrix(found)["value"].mean(axis=1).dropna()
            return all(is_rounded(found["mean"], mean) for mean in (means.max(), _mean(matrix(found)["value"])))

        yield rf"In {panel} (?:all rows have the same mean,|the row has the mean) (?P<mean>{VALUE})\.", level

        def highest(found: re.Match[str]) -> bool:
            means = matrix(found)["value"].mean(axis=1).dropna().sort_values(ascending=False)
            top = means[found["name"]]
            right = is_rounded(found["mean"], top) and top >= means.max() - NO_MORE
            if found["next"] is not None:
                return right and is_rounded(found["next"], means.iloc[1])
            return right and ("another row the same" in found.group()) == (
                len(means) > 1 and is_rounded(found["mean"], means.iloc[1])
            )

        more = rf"(?:, and another row the same|; the next has (?P<next>{VALUE}))?"
        yield rf"In {panel} the (?P<name>{self.any}) row has the highest mean, (?P<mean>{VALUE}){more}\.", highest

        def leads(found: re.Match[str]) -> bool:
            low, high = matrix(found)["low"], matrix(found)["high"]
            others = high.drop(index=found["name"])
            led = int((low.loc[found["name"]] > others.max()).sum())
            whole = len(low.columns)
            return led == whole if found["n"] is None else (small(found["n"]), small(found["whole"])) == (led, whole)

        columns = rf"(?:every column|(?P<n>{SMALL}) of (?P<whole>{SMALL}) columns)"
        yield rf"In {columns} of {panel} the (?P<name>{self.any}) row is surely the highest\.", leads

        def overview(found: re.Match[str]) -> bool:
            n = 1 if found["n"] == "one" else small(found["n"])
            sizes = (small(found["rows"]), small(found["columns"]))
            return n == len(self.panels) and all(p["value"].shape == sizes for p in self.panels.values())

        yield (
            (
                rf"The figure shows (?P<n>{SMALL}) published matri(?:x|ces) of (?P<rows>{SMALL}) by (?P<columns>{SMALL}) values\."
            ),
            overview,
        )

    def _of_cluster(self) -> Iterator[tuple[str, Callable[..., bool]]]:
        pair = rf"{self.any} with {self.any}"

        def cluster(found: re.Match[str]) -> bool:
            low = list(self.panels.values())["ab".index(found["panel"] or "a")]["low"]
            large = [(a, b) for a, b in product(self.names, repeat=2) if low.loc[a, b] >= float(found["reach"])]
            members = self._list(found["members"])
            inside = [cell for cell in large if set(cell) <= set(members)]
            outside = {tuple(text.split(" with ")) for text in re.split(r", | and ", found["outside"] or "") if text}
            whole = (
                {"Both": 2}.get(found["all"])
                if found["all"] == "Both"
                else small((found["all"] or found["n"]).removeprefix("All "))
            )
            within = whole if found["all"] else small(found["within"])
            # No fewer categories hold nine tenths of these cells.
            names = sorted({name for cell in large for name in cell})
            fewer = [
                chosen
                for chosen in combinations(names, len(members) - 1)
                if len(chosen) > 1 and sum(set(cell) <= set(chosen) for cell in large) >= within
            ]
            return (len(large), len(inside)) == (whole, within) and outside == set(large) - set(inside) and not fewer

        cells = rf"cells of (?:panel \((?P<panel>[ab])\)|the figure) that surely reach (?P<reach>{VALUE})"
        every = rf"(?P<all>Both|All {SMALL}) {cells} lie among (?P<members>{self.listing})"
        yield rf"{every}(?P<outside>)\.", cluster
        some = rf"Of the (?P<n>{SMALL}) {cells}, (?P<within>{SMALL}) lies? among (?P<members>{self.listing})(?P<all>)"
        yield rf"{some}; the others? (?:is|are) (?P<outside>{pair}(?:(?:, | and ){pair})*)\.", cluster

    def _of_contrast(self) -> Iterator[tuple[str, Callable[..., bool]]]:
        def both() -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
            left, right = self.panels.values()
            return left, {name: table.T for name, table in right.items()}

        def means(found: re.Match[str]) -> bool:
            left, right = (_mean(p["value"]) for p in self.panels.values())
            higher = (left > right) == (found["how"] == "higher") and found["first"] != found["second"]
            return higher and is_rounded(found["first"], left) and is_rounded(found["second"], right)

        yield (
            (
                rf"Panel \(a\) is (?P<how>higher|lower) than panel \(b\) \(means (?P<first>{VALUE}) and (?P<second>{VALUE})\)\. "
                r"Shares over the same items differ so where some categories are larger: it is no evidence of a direction\."
            ),
            means,
        )

        def equal(found: re.Match[str]) -> bool:
            return all(is_rounded(found["mean"], _mean(p["value"])) for p in self.panels.values())

        yield rf"Both panels have the mean (?P<mean>{VALUE})\.", equal

        def differ(_: re.Match[str]) -> bool:
            left, right = (_mean(p["value"]) for p in self.panels.values())
            return abs(left - right) > NO_MORE

        yield r"That one panel's values are higher than the other's\.", differ
        said_of_nothing = (
            r"Which published values are high, within the ranges they were read in\.",
            r"How many items stand behind a value, or how sure it is\.",
            r"The counts behind each cell\.",
            r"A direction between \w+ and \w+, or that \w+ of several categories make \w+ of wider use\.",
            r"The number of items in each category: two shares over the same items differ by exactly their ratio\.",
        )
        yield "|".join(f"(?:{pattern})" for pattern in said_of_nothing), lambda _: True

        def surely(found: re.Match[str]) -> bool:
            left, right = both()
            n = int((left["low"] > right["high"]).sum().sum()), int((left["high"] < right["low"]).sum().sum())
            known = int((left["value"].notna() & right["value"].notna()).sum().sum())
            return n == (small(found["left"]), small(found["right"])) and number_of(found["n"]) == known - sum(n)

        def number_of(text: str) -> int:
            return int(text.replace(",", ""))

        yield (
            (
                rf"Of the pairs of cells that stand for each other, (?P<left>{SMALL}) (?:is|are) surely higher in \(a\), "
                rf"(?P<right>{SMALL}) in \(b\); (?P<n>{COUNT}) cannot be told apart\."
            ),
            surely,
        )

    def _of_apart(self) -> Iterator[tuple[str, Callable[..., bool]]]:
        def apart(found: re.Match[str]) -> bool:
            members, rows, columns = self._list(found["names"]), [], []
            for panel in self.panels.values():
                for name in members:
                    rows += panel["high"].loc[name].drop(name).dropna().tolist()
                    columns += panel["high"][name].drop(members).dropna().tolist()
            stay, reach = max(rows), found["columns"] or found["reach"]
            highs = [panel["high"] for panel in self.panels.values()]
            others = [n for n in self.names if n not in members and all(h.loc[n].drop(n).max() <= stay for h in highs)]
            isolated = (max(columns) <= LOW) == (found["columns"] is not None)
            return is_rounded(found["stay"], stay) and is_rounded(reach, max(columns)) and isolated and not others

        where = r"(?: in both panels| in every panel)?"
        rest = rf"(?:, and as (?:a column|columns) at or below (?P<columns>{VALUE})|\. As (?:a column it|columns they) may reach (?P<reach>{VALUE}): (?:it|they) cannot be called isolated within the ranges read)"
        yield (
            rf"The rows? (?P<names>{self.listing}) stays? at or below (?P<stay>{VALUE}) with every other category{where}{rest}\.",
            apart,
        )

    # Sizes n_a of rows and n_b of columns: left (a, b) over right (b, a) is n_b / n_a, within the ranges of both.

    def _bounds(self, wider: float = 0.0) -> tuple[np.ndarray, int, int]:
        """Return the tightest bounds (2K, 2K) on log size v - log size u, rows first; how many ends can be used; of all.

        A bound that is negative from a size to itself is a conflict. `wider` is added to each end.
        """
        left, right = self.panels.values() if len(self.panels) == 2 else [next(iter(self.panels.values()))] * 2
        k, single, n, usable = len(self.names), len(self.panels) == 1, 0, 0
        found = np.full((2 * k, 2 * k), np.inf)
        np.fill_diagonal(found, 0.0)
        for i, j in product(range(k), repeat=2):
            low, high = left["low"].iloc[i, j], left["high"].iloc[i, j]
            back_low, back_high = right["low"].iloc[j, i], right["high"].iloc[j, i]
            if pd.isna([low, high, back_low, back_high]).any() or (single and i >= j):
                continue
            n, row, column = n + 2, i, (j if single else k + j)
            for positive, above, start, end in ((low, back_high, column, row), (back_low, high, row, column)):
                if positive > 0:
                    usable += 1
                    bound = math.log(above / positive) if above > 0 else -1e9
                    found[start, end] = min(found[start, end], bound + wider)
        for m in range(2 * k):
            found = np.minimum(found, found[:, m, None] + found[None, m])
        return found, usable, n

    def _feasible(self, wider: float = 0.0) -> bool:
        return bool((np.diagonal(self._bounds(wider)[0]) > -1e-9).all())

    def _of_sizes(self) -> Iterator[tuple[str, Callable[..., bool]]]:
        both = len(self.panels) == 2
        table = "two shares of one table" if both else "shares of a table that is the same both ways"

        def could(found: re.Match[str]) -> bool:
            _, usable, n = self._bounds()
            said = n if found["usable"] == "all" else small(found["usable"])
            return self._feasible() and small(found["n"]) == n and said == usable

        yield (
            (
                rf"(?:Both panels|Panel \(a\)|The \w+(?: panel)?) could be {table}: of (?P<n>{SMALL}) constraints on the sizes of "
                rf"categories (?P<usable>all|{SMALL}) can be used(?: \(a range that reaches zero gives none\))? and none "
                r"conflicts\."
            ),
            could,
        )
        free = rf"(?:Both panels|Panel \(a\)|The \w+(?: panel)?) could be {table}; nothing in their values could exclude it\."
        yield free, lambda _: self._feasible()

        def cannot(found: re.Match[str]) -> bool:
            under, over = (0.0, 0.01) if found["wider"].startswith("under") else (None, None)
            if under is None:
                share = small(found["wider"].split()[0]) / 100
                under, over = share - 0.0051, share + 0.0051
            enough, too_few = (self._feasible(math.log1p(x)) for x in (over, under))
            return not self._feasible() and self._bounds()[1] == small(found["usable"]) and enough and not too_few

        yield (
            (
                rf"(?:Panel \(a\)|The (?:panels|\w+(?: panel)?)) cannot be {table}, whatever the sizes of categories: of the "
                rf"(?P<usable>{SMALL}) constraints on them that can be used, those from .+ conflict, and each would have to "
                rf"be (?P<wider>{PERCENT}) wider\."
            ),
            cannot,
        )

        def impossible(found: re.Match[str]) -> bool:
            left, right = self.panels.values() if both else [next(iter(self.panels.values()))] * 2
            a, b = found["a"], found["b"]
            one, other = (
                (left["low"].loc[a, b], right["high"].loc[b, a]),
                (right["low"].loc[b, a], left["high"].loc[a, b]),
            )
            return any(positive > 0 and zero == 0 for positive, zero in (one, other))

        yield (
            (
                rf"(?:Panel \(a\)|The (?:panels|\w+(?: panel)?)) cannot be {table}: (?P<a>{self.any}) with (?P<b>{self.any}) is above zero "
                r"one way and exactly zero the other\."
            ),
            impossible,
        )
        so = r"So (?:they are not shares of the same counts|the counts differ with the direction), or the values are less exact than they say\."
        yield so, lambda _: not self._feasible()

        yield from self._of_larger()

    def _of_larger(self) -> Iterator[tuple[str, Callable[..., bool]]]:
        def needed() -> dict[tuple[int, str, str], float]:
            """Return by how many times one category of a side must be larger than another, where it must."""
            bounds, k = self._bounds()[0], len(self.names)
            return {
                (side, self.names[i], self.names[j]): math.exp(-bounds[side * k + i, side * k + j])
                for side in range(len(self.panels))
                for i, j in product(range(k), repeat=2)
                if bounds[side * k + i, side * k + j] < -1e-9
            }

        def larger(found: re.Match[str]) -> bool:
            ratios = needed()
            each = rf"at least ({TIMES}) times as many (?:\w+ in each of ({self.listing}) as in ({self.any})|({self.any}) as ({self.any}) \w+)"
            told = re.findall(each, found["implied"])
            for times, several, than, one, other in told:
                names = self._list(several) if several else [one]
                fits = [
                    all(is_rounded(times, ratios.get((side, name, than or other), 0.0)) for name in names)
                    and is_rounded(times, max(x for (at, _, _), x in ratios.items() if at == side))
                    for side in (0, 1)
                    if any(at == side for at, _, _ in ratios)
                ]
                if not any(fits):
                    return False
            return bool(told)

        yield (
            (
                r"If rows are what is given, this needs, in whatever unit was counted, (?P<implied>.+); read the other way, "
                r"the reverse; the matrices cannot tell\."
            ),
            larger,
        )
        yield (
            r"It needs no category to be larger than another(?:, as far as the ranges tell)?\.",
            lambda _: not needed(),
        )
