"""What findings about the units and the sizes of categories mean: population, gaps, concentration, other units."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from diptych.findings.overdispersion import Overdispersion
from diptych.findings.population import Concentration, CoverageGaps, Population, TooFewCategories
from tests.findings.meaning.record import UNKNOWN, Meaning, Near, Such
from tests.findings.meaning.table import SIDES
from tests.findings.meaning.world import Meanings, World
from tests.prose.raw import united
from tests.thresholds import THRESHOLDS


def population(world: World, _: Sequence[Population]) -> Meanings:
    t, raw, linked = world.table, world.raw, world.raw.linked
    sizes = dict(zip(t.names[1], t.sizes[1], strict=True))
    links = (len(raw.candidates), len(raw.units)) if linked is None else linked.links
    named = len(raw.candidates) if linked is None or linked.role == "key" else linked.named
    absent = [n for n in dict.fromkeys((*t.names[0], *t.names[1])) if not any(_size(world, k, n) for k in (0, 1))]
    return {
        "population": {
            "cells": (),
            "null": False,
            "n_units": len(raw.units),
            "weight": t.n if world.part.counted.weighted else None,
            "minimum": None,  # no test of meaning withholds small cells
            "n_candidates": len(raw.candidates),
            "n_named": named,
            "n_links": links[0],
            "n_resolved": links[1],
            "n_unlabelled": int((~t.both).sum()),
            "unit_side": "columns",
            "sizes": [
                {"category": name, "n": n, "share": n / t.n}
                for name, n in sorted(sizes.items(), key=lambda pair: -pair[1])
                if n
            ],
            "absent": absent,
            "several": tuple(float(t.weight[has.sum(axis=1) > 1].sum()) for has in t.has),
            "sums": [_sums(world, 0), _sums(world, 1)],
            **_few(world),
        }
    }


def _size(world: World, side: int, name: str) -> float:
    names = world.table.names[side]
    return float(world.table.sizes[side][names.index(name)]) if name in names else 0.0


def _sums(world: World, side: int) -> Meaning:
    t = world.table
    own, other = t.has[side].sum(axis=1), t.has[1 - side].any(axis=1)
    return {"n_several": float(t.weight[other & (own > 1)].sum()), "n_none": float(t.weight[other & (own == 0)].sum())}


def _few(world: World) -> dict[str, object]:
    """Return the given categories of the first panel that some unit has and too few, or too few groups of them."""
    t = world.table
    side = 1 if t.is_turned(world.panels[0]) else 0
    units, groups = [], []
    states = _states(world)
    for place, name in enumerate(t.names[side]):
        if "few" not in states[place]:
            continue
        n = int(t.units[side][place])
        size = {"category": name, "n": n, "share": n / len(world.raw.units)}
        (units if n < world.part.inference.minimum_units else groups).append(size)
    return {"few_units": units, "few_groups": groups}


def _states(world: World) -> list[set[str]]:
    """Return the states of the cells of each given category of the first panel."""
    t, panel = world.table, world.panels[0]
    rows, columns = t.joint.shape
    if t.is_turned(panel):
        return [{t.state(panel, i, j, world.minimum) for i in range(rows)} for j in range(columns)]
    return [{t.state(panel, i, j, world.minimum) for j in range(columns)} for i in range(rows)]


def gaps(world: World, _: Sequence[CoverageGaps]) -> Meanings:
    raw, linked, minimum = world.raw, world.raw.linked, world.part.inference.minimum_units
    if linked is None:
        kept = raw.candidates.index.isin(raw.units.index)
        items = [pd.DataFrame({"categories": raw.candidates[side], "counted": kept}) for side in SIDES]
        links, n_names, n_itself = (len(raw.candidates), len(raw.units)), 0, 0
    else:
        items, (*links, n_names, n_itself) = linked.items, linked.links
    own, other = items[1], items[0]
    n_items = Counter(name for found in own["categories"] for name in found)
    n_linked = Counter(name for found in own["categories"][own["counted"]] for name in found)
    parts = [
        {"category": name, "n_items": n, "n_linked": n_linked[name], "share": n_linked[name] / n}
        for name, n in n_items.items()
        if n >= minimum
    ]
    parts.sort(key=lambda part: (-part["share"], part["category"]))
    years = _years(own, minimum) if "year" in own else []
    best = max(years, key=lambda y: (y["share"], -y["year"]), default=None)
    worst = min(years, key=lambda y: (y["share"], -y["year"]), default=None)
    return {
        "gaps": {
            "cells": (),
            "null": False,
            "parts": parts,
            "years": years,
            "other_side": "rows",
            "other_items": len(other),
            "other_linked": int(other["counted"].sum()),
            "n_links": links[0],
            "n_resolved": links[1],
            "n_unresolved": links[0] - links[1],
            "n_names": n_names,
            "n_itself": n_itself,
            "uneven": len(parts) > 1 and parts[0]["share"] - parts[-1]["share"] >= 0.1,
            "best_year": best,
            "worst_year": worst,
            "uneven_years": best is not None and best["share"] - worst["share"] >= 0.25,
        }
    }


def _years(items: pd.DataFrame, minimum: int) -> list[dict[str, object]]:
    dated = items[items["year"].str.fullmatch(r"\d{4}")]
    found = dated.groupby("year")["counted"].agg(["size", "sum"])
    return [
        {"year": int(year), "n_items": n, "n_linked": k, "share": k / n}
        for year, (n, k) in found.iterrows()
        if n >= minimum
    ]


def coarse(world: World, _: Sequence[TooFewCategories]) -> Meanings:
    t, found = world.table, {}
    for panel in world.panels:
        if panel.measure.name != "conditional":
            continue
        own = 1 if t.is_turned(panel) else 0
        cells = [(i, j) for i, j in np.ndindex(t.joint.shape) if t.state(panel, i, j, world.minimum) == "measured"]
        near = [(i, j) for i, j in cells if t.joint[i, j] / t.sizes[own][(i, j)[own]] >= 0.95]
        if 2 * len(near) > len(cells):
            refs = {ref for i, j in near for ref in world.refs(t.names[0][i], t.names[1][j]) if ref.panel == panel.id}
            found[f"coarse.{panel.id}"] = {
                "cells": Such(f"{refs}", lambda cells, refs=refs: set(cells) == refs),
                "null": False,
                "panel": panel.id,
                "n_near": len(near),
                "n_cells": len(cells),
                "finer": None if not other_units(world) else UNKNOWN,
            }
    return found


def concentration(world: World, _: Sequence[Concentration]) -> Meanings:
    linked = world.raw.linked
    if linked is None or linked.role != "to" or not len(linked.uses):
        return {}
    n_of_item = linked.uses.groupby("item")["unit"].nunique()
    sets = linked.uses.groupby("unit")["item"].agg(frozenset).value_counts()
    n, share = int(n_of_item.max()), float(n_of_item.max() / len(world.raw.units))
    return {
        "concentration": {
            "cells": (),
            "null": share < THRESHOLDS.concentrated,
            "item": Such("an item that most units have", lambda name: n_of_item.get(name) == n),
            "n_units": n,
            "share": share,
            "n_item_sets": len(sets),
            "n_largest_set": int(sets.iloc[0]),
            "n_population": len(world.raw.units),
        }
    }


# The same data counted by other units.


def other_units(world: World) -> dict[str, tuple[pd.Series, pd.Series]]:
    """Return the sets of both sides by each other unit: items of the rows, and links; none where units have no items."""
    linked = world.raw.linked
    if linked is None or linked.role != "to":
        return {}
    of_item, of_unit = linked.items[0]["categories"], linked.items[1]["categories"]
    uses = linked.uses
    rows, columns = uses["item"].map(of_item), uses["unit"].map(of_unit)
    items = united(columns, uses["item"])
    return {"from": (items.index.to_series().map(of_item), items), "link": (rows, columns)}


def overdispersion(world: World, found: Sequence[Overdispersion]) -> Meanings:
    """Return Dean's statistic of the table of counts, with the variance that counts have given their totals."""
    counts = world.raw.counts
    if counts is None:
        return {}
    n_cells = n_free = 0
    excess = variance = within = expected = squares = 0.0
    for _, n in counts.groupby(["had", "got"])["n"]:
        m, total = len(n), int(n.sum())
        if m > 1 and total:
            n_cells, n_free = n_cells + 1, n_free + m - 1
            within += float(((n - n.mean()) ** 2).sum())
            expected += (m - 1) * n.mean()
            squares += (m - 1) * n.mean() ** 2
            excess += float(((n - n.mean()) ** 2 - n + n.mean() / m).sum())
            variance += 2 * (m - 1) * total * (total - 1) / m**2
    score = excess / math.sqrt(variance)
    p = float(stats.norm.sf(score))
    (f,) = found
    freedom = expected**2 / squares
    by_dispersion = p < 0.05 and not f.is_drawn and freedom >= 3
    return {
        "overdispersion": {
            "cells": (),
            "null": not (p < 0.05 or f.is_drawn),
            "n_rows": int((counts["n"] > 0).sum()),
            "n_cells": n_cells,
            "n_free": n_free,
            "index": Near(within / expected),
            "freedom": Near(freedom),
            "score": Near(score),
            "p": Near(p),
            "is_drawn": Such("false for a layout", lambda drawn: not drawn or not _is_layout(counts)),
            "is_excessive": p < 0.05,
            "level": 0.05,
            "treatment": "dispersion" if by_dispersion else "groups" if p < 0.05 or f.is_drawn else "independent",
        }
    }


def _is_layout(counts: pd.DataFrame) -> bool:
    """Return whether each pair has the number of rows that its margins give."""
    m = pd.crosstab(counts["had"], counts["got"]).to_numpy(dtype=float)
    return bool((np.abs(m - np.outer(m.sum(axis=1), m.sum(axis=0)) / m.sum()) < 1).all())
