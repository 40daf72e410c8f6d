"""Worlds of three planted pairs, some of which one level of strata, one group or one item carries.

Pairs meet so many times as often as sizes make them, all others exactly as often. What a pair has more comes from
records that have one of the two categories and none on the other side, so that sizes stay. Where a pair is carried,
what it has more lies in one level (elsewhere it meets by sizes alone), or most of it in one group or with one item.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from tests.simulations.catalogue import Floats, Rng, one_each
from tests.simulations.records import Records, Sets, Whole
from tests.simulations.worlds import SIMULATED

PAIRS = ((5, 6), (3, 4), (1, 2))
"""Row and column number of each pair, the strongest first."""
FACTORS = (4.0, 3.2, 2.6)
N_CATEGORIES, SHARE = 7, 0.05
"""Categories a side, and which share of all each has; the rest has none."""
N_PLACES = 4
"""Of fewer strata none is left out."""
DATASETS = 20
"""Of each category."""


@dataclass(frozen=True, eq=False)
class Carried:
    """Records, and by what each of the three pairs is carried, strongest first; None where by nothing."""

    records: Records
    carriers: tuple[str | None, ...]


def which(replication: int) -> tuple[bool, ...]:
    """Return which of the three pairs are carried: none, each, any two and all in turn."""
    return tuple(bool(replication >> k & 1) for k in range(3))


def chances(factors: Iterable[float]) -> Floats:
    """Return the chances (8, 8) of seven categories a side, the last of each being none."""
    shares = np.append(np.full(N_CATEGORIES, SHARE), 1 - N_CATEGORIES * SHARE)
    found: Floats = np.outer(shares, shares)
    for (row, column), factor in zip(PAIRS, factors, strict=True):
        more = (factor - 1) * found[row, column]
        found[[row, N_CATEGORIES], [column, N_CATEGORIES]] += more
        found[[row, N_CATEGORIES], [N_CATEGORIES, column]] -= more
    return found


def by_level(replication: int, n: int = 20_000) -> Carried:
    """Draw four places alike but for pairs that are carried: these meet by sizes alone in three of them."""
    rng, carried = np.random.default_rng([31, replication]), which(replication)
    place, own = rng.integers(0, N_PLACES, n), rng.integers(0, N_PLACES, 3)
    cells = np.zeros(n, dtype=np.int64)
    for k in range(N_PLACES):
        inside = (1 + N_PLACES * (f - 1) * (k == o) if c else f for f, o, c in zip(FACTORS, own, carried, strict=True))
        cells[place == k] = rng.choice(64, (place == k).sum(), p=chances(inside).ravel())
    rows, columns = (one_each(number, N_CATEGORIES) for number in np.divmod(cells, N_CATEGORIES + 1))
    names = (f"s{k:03d}" for k in own)
    return Carried(Records(rows, columns, same=False, stratum=place), _named(replication, names))


def by_group(replication: int, n: int = 20_000, n_groups: int = 2000) -> Carried:
    """Draw records of about ten to a group; what a carried pair has more lies in one group, and nowhere else."""
    rng = np.random.default_rng([32, replication])
    cells = rng.choice(64, n, p=chances(FACTORS).ravel())
    group: Whole = rng.integers(0, n_groups, n)
    own = rng.choice(n_groups, 3, replace=False)
    for number, is_more in zip(own, _more(rng, cells, replication), strict=True):
        group[is_more] = number
    names = (f"g{number:04d}" for number in own)
    rows, columns = (one_each(number, N_CATEGORIES) for number in np.divmod(cells, N_CATEGORIES + 1))
    return Carried(Records(rows, columns, same=False, group=group), _named(replication, names))


def by_item(replication: int, n: int = 20_000) -> tuple[dict[str, str], tuple[str | None, ...]]:
    """Draw models with one dataset each, of twenty of a category; what a carried pair has more is of one dataset.

    Return the files of the world, and the dataset that carries each pair.
    """
    rng = np.random.default_rng([33, replication])
    cells = rng.choice(64, n, p=chances(FACTORS).ravel())
    rows, columns = np.divmod(cells, N_CATEGORIES + 1)
    item = DATASETS * rows + rng.integers(0, DATASETS, n)
    own = [DATASETS * row + int(rng.integers(0, DATASETS)) for row, _ in PAIRS]
    for number, is_more in zip(own, _more(rng, cells, replication), strict=True):
        item[is_more] = number
    names = (f"d{number}" for number in own)
    return _files(rows, columns, item), _named(replication, names)


def _more(rng: Rng, cells: Whole, replication: int) -> Iterator[Sets]:
    """Yield for each pair the records that it has more than sizes make; none where it is not carried."""
    for (row, column), factor, carried in zip(PAIRS, FACTORS, which(replication), strict=True):
        has = cells == (N_CATEGORIES + 1) * row + column
        yield has & (rng.random(len(cells)) < (factor - 1) / factor) & carried


def _named(replication: int, names: Iterable[str]) -> tuple[str | None, ...]:
    return tuple(name if carried else None for name, carried in zip(names, which(replication), strict=True))


def _files(rows: Whole, columns: Whole, item: Whole) -> dict[str, str]:
    labels = [[f"{letter}{k + 1:02d}" for k in range(N_CATEGORIES)] + ["other"] for letter in "RC"]
    datasets = (f"d{k},{labels[0][k // DATASETS]}" for k in range(DATASETS * (N_CATEGORIES + 1)))
    models = (f"m{k},{labels[1][column]}" for k, column in enumerate(columns))
    links = (f"d{dataset},m{k}" for k, dataset in enumerate(item))
    named = [", ".join(f"{{name: {name}, match: {name}}}" for name in side[:-1]) for side in labels]
    return {
        "datasets.csv": "\n".join(("id,task", *datasets, "")),
        "models.csv": "\n".join(("id,task", *models, "")),
        "links.csv": "\n".join(("source,target", *links, "")),
        "config.yaml": _CONFIG.format(said=SIMULATED, rows=named[0], columns=named[1]),
    }


_CONFIG = """# {said}
version: 1
report:
  title: Simulated models
  subtitle: "{said}"
taxonomies:
  rows: {{categories: [{rows}]}}
  columns: {{categories: [{columns}]}}
entities:
  datasets: {{label: Dataset, source: datasets.csv, labels: task, taxonomy: rows}}
  models: {{label: Model, source: models.csv, labels: task, taxonomy: columns}}
relations:
  simulated:
    label: trained on
    links: {{source: links.csv, from: {{entity: datasets, column: source}}, to: {{entity: models, column: target}}}}
outputs: [markdown, data]
panels:
  - {{id: left, relation: simulated, given: datasets, outcome: models}}
  - {{id: right, relation: simulated, given: models, outcome: datasets}}
figures:
  - {{id: main, panels: [left, right], scale: [0, 1]}}
"""
