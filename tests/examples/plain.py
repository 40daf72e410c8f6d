"""The numbers of DESIGN section 5 once more, in plain pandas over one row a unit; nothing of the program is used."""

from __future__ import annotations

import bisect
import math
import re
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import yaml

ROOT = Path(__file__).parents[2]
PRESETS = ROOT / "report" / "taxonomy" / "preset_files"


def read(path: Path) -> pd.DataFrame:
    """Return a CSV with every field as it stands; an empty one is ""."""
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def listed(value) -> list[str]:
    return value if isinstance(value, list) else [value]


def split(text: str, separator: str | None) -> list[str]:
    parts = text.split(separator) if separator else [text]
    return [part.strip() for part in parts if part.strip()]


class Taxonomy:
    """Exact labels, then patterns, then the preset; then categories derived in the order written."""

    def __init__(self, settings: dict):
        entries = settings.get("categories", [])
        preset = yaml.safe_load((PRESETS / f"{settings['preset']}.yaml").read_text()) if "preset" in settings else {}
        names = [entry["name"] for entry in (*preset.get("categories", []), *entries)]
        self.categories = list(dict.fromkeys(names))
        self.exact = [(label, e["name"]) for e in entries for label in listed(e.get("match", []))]
        self.patterns = [(pattern, e["name"]) for e in entries for pattern in listed(e.get("pattern", []))]
        self.preset = [(label, e["name"]) for e in preset.get("categories", []) for label in e["match"]]
        self._known: dict[tuple[str, ...], frozenset[str]] = {}
        self.derived = [e for e in entries if "when_several_of" in e]

    def of_label(self, label: str) -> set[str]:
        steps = (
            {name for text, name in self.exact if text == label},
            {name for pattern, name in self.patterns if re.search(pattern, label)},
            {name for text, name in self.preset if text == label},
        )
        return next((found for found in steps if found), set())

    def of_labels(self, labels) -> frozenset[str]:
        known = tuple(labels)
        if known not in self._known:
            self._known[known] = self._of_labels(known)
        return self._known[known]

    def _of_labels(self, labels: tuple[str, ...]) -> frozenset[str]:
        found = {name for label in labels for name in self.of_label(label)}
        for entry in self.derived:
            several = set(entry["when_several_of"])
            if len(found & several) >= 2:
                found = (found - several if entry.get("replaces") else found) | {entry["name"]}
        return frozenset(found)


@dataclass
class Side:
    """One side of a relation: items (index; `labels`, `categories`, `date`) and which unit has which of them."""

    name: str
    taxonomy: Taxonomy
    items: pd.DataFrame
    uses: pd.DataFrame  # unit, item

    def members(self) -> pd.DataFrame:
        """Return each (unit, category) once."""
        of_item = self.items["categories"].map(sorted).explode().dropna().rename("category")
        pairs = self.uses.join(of_item, on="item", how="inner")
        return pairs[["unit", "category"]].drop_duplicates()


@dataclass
class Relation:
    """Units (index; `stratum`, `group`) with their two sides, and what was left out."""

    name: str
    units: pd.DataFrame
    rows: Side
    columns: Side
    stratified: bool = False
    same: bool = False
    unresolved: list[tuple[str, str, int]] = field(default_factory=list)

    def sides(self) -> list[Side]:
        return [self.rows] if self.same else [self.rows, self.columns]


def panel(relation: Relation, given: str, measure: str = "conditional", inference: dict | None = None) -> list[dict]:
    """Return the rows of data/<panel>.csv, but for intervals, tests and `uncertain`, which `with_uncertain` adds."""
    a, b = relation.rows, relation.columns
    if given != a.name:
        a, b = b, a
    units, has_a, has_b = relation.units, a.members(), b.members()
    n_a, n_b = has_a["category"].value_counts(), has_b["category"].value_counts()
    both = has_a.merge(has_b, on="unit", suffixes=("_a", "_b")).value_counts(["category_a", "category_b"])
    within = expected_within(units, has_a, has_b)
    odds = odds_within(units, has_a, has_b) if relation.stratified else {}
    few_a, few_b = few(units, has_a, inference or {}), few(units, has_b, inference or {})
    cells = []
    for i in a.taxonomy.categories:
        for j in b.taxonomy.categories:
            x, m, k, n = (int(c) for c in (both.get((i, j), 0), n_a.get(i, 0), n_b.get(j, 0), len(units)))
            state = "few" if i in few_a or (measure == "lift" and j in few_b) else "measured"
            state = "masked" if relation.same and i == j else "no_given" if not m else state if k else "no_outcome"
            shown = state in ("measured", "few")
            lift, e = n * x / (m * k) if shown else None, within.get((i, j))
            cells.append(
                {
                    "given": i,
                    "outcome": j,
                    "n_joint": x,
                    "n_given": m,
                    "n_outcome": k,
                    "n_units": n,
                    "value": {"conditional": x / m, "lift": lift}[measure] if shown else None,
                    "baseline": k / n,
                    "lift": lift,
                    "lift_within_strata": x / e if shown and relation.stratified and e else None,
                    "odds_within_strata": odds.get((i, j)) if shown else None,
                    "state": state,
                }
            )
    return cells


def with_uncertain(cells: list[dict], intervals: list[tuple[float | None, float | None]]) -> list[dict]:
    """Return the cells of a panel of shares with the state of those whose published interval is over 60 points wide.

    Their numbers stay; only cells of enough units can be uncertain.
    """
    return [
        cell | {"state": "uncertain"}
        if cell["state"] == "measured" and low is not None and high is not None and high - low > 0.6 + 1e-9
        else cell
        for cell, (low, high) in zip(cells, intervals, strict=True)
    ]


def expected_within(units: pd.DataFrame, has_a: pd.DataFrame, has_b: pd.DataFrame) -> dict[tuple[str, str], float]:
    """Return the sum over strata s of n_as n_bs / n_s."""
    stratum = units["stratum"]
    n_as, n_bs = (
        has.assign(stratum=has["unit"].map(stratum)).value_counts(["stratum", "category"]) for has in (has_a, has_b)
    )
    expected: dict[tuple[str, str], list[float]] = {}
    for s, n in stratum.value_counts().items():
        for i, x in n_as[n_as.index.get_level_values(0) == s].droplevel(0).items():
            for j, y in n_bs[n_bs.index.get_level_values(0) == s].droplevel(0).items():
                expected.setdefault((i, j), []).append(x * y / n)
    return {pair: math.fsum(parts) for pair, parts in expected.items()}


def odds_within(units: pd.DataFrame, has_a: pd.DataFrame, has_b: pd.DataFrame) -> dict[tuple[str, str], float]:
    """Return the common odds ratio of Mantel and Haenszel, of pairs that at least one stratum can tell of.

    Where one of its sums is 0, with 1/2 more in each cell of such strata.
    """
    with_a, with_b = ({name: set(rows["unit"]) for name, rows in has.groupby("category")} for has in (has_a, has_b))
    members = [set(found) for found in units.groupby("stratum").groups.values()]
    found = {}
    for i, first in with_a.items():
        for j, second in with_b.items():
            tables = []
            for inside in members:
                a, b = first & inside, second & inside
                if 0 < len(a) < len(inside) and 0 < len(b) < len(inside):
                    tables.append((len(a & b), len(a - b), len(b - a), len(inside - a - b)))
            for half in (0, 0.5):
                more = [[cell + half for cell in table] for table in tables]
                alike, crossed = (math.fsum(t[k] * t[3 - k] / sum(t) for t in more) for k in (0, 1))
                if alike and crossed:
                    found[i, j] = alike / crossed
                    break
    return found


def few(units: pd.DataFrame, has: pd.DataFrame, inference: dict) -> set[str]:
    """Return the categories of fewer units or, with groups, of fewer effective groups than may be judged."""
    n = has["category"].value_counts()
    found = set(n.index[n < inference.get("minimum_units", 10)])
    if "group" in units:
        in_group = has.assign(group=has["unit"].map(units["group"])).value_counts(["category", "group"])
        effective = n**2 / (in_group**2).groupby("category").sum()
        found |= set(effective.index[effective < inference.get("minimum_groups", 5)])
    return found


def coverage(relation: Relation) -> list[tuple]:
    """Return the rows of data/coverage.csv: items in all, with a category, in at least one counted unit."""
    rows = []
    for side in relation.sides():
        items = side.items.assign(linked=side.items.index.isin(side.uses["item"]))
        labelled = items["categories"].map(bool)
        start = (relation.name, side.name)
        rows.append((*start, "all", "", len(items), labelled.sum(), items["linked"].sum()))
        for category in side.taxonomy.categories:
            of = items[items["categories"].map(lambda found, c=category: c in found)]
            rows.append((*start, "category", category, len(of), len(of), of["linked"].sum()))
        if "date" in items:
            years = items["date"].str.extract(r"^(\d{4})(?:-|$)")[0].fillna("")
            for year in sorted(set(years), key=lambda year: (not year, year)):
                of = items[years == year]
                rows.append((*start, "year", year, len(of), labelled[years == year].sum(), of["linked"].sum()))
    return [tuple(str(value) for value in row) for row in rows]


def sizes(relation: Relation) -> list[tuple]:
    """Return for each category of a side: items of it, counted ones, those in no other category."""
    rows = []
    for side in relation.sides():
        linked = side.items.index.isin(side.uses["item"])
        for category in side.taxonomy.categories:
            of = side.items["categories"].map(lambda found, c=category: c in found)
            alone = side.items["categories"].map(lambda found, c=category: found == {c})
            rows.append((relation.name, side.name, category, of.sum(), (of & linked).sum(), alone.sum()))
    return [tuple(str(value) for value in row) for row in rows]


def labels(side: Side) -> dict[str, tuple[int, set[str]]]:
    """Return label -> how many items carry it, and its categories."""
    carried = side.items["labels"].map(lambda found: list(dict.fromkeys(found))).explode().dropna()
    return {label: (int(n), side.taxonomy.of_label(label)) for label, n in carried.value_counts().items()}


def activity(n: int) -> str:
    """Return the level of a number of items: 0 to 4, then half-octaves."""
    starts = [0, 1, 2, 3, 4, *(math.ceil(2 ** (k / 2) - 1e-9) for k in range(5, 40))]
    starts = sorted(set(starts) | {5})
    at = bisect.bisect_right(starts, n) - 1
    return f"{starts[at]}..{starts[at + 1] - 1}"
