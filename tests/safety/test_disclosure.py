"""Cells that are withheld cannot be worked out from all that is published, and nothing false is said of them."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import diptych
from diptych.ledger import disclosure
from diptych.ledger.incidence import pattern_keys
from diptych.ledger.patterns import Patterns
from diptych.pipeline import parts
from diptych.taxonomy.categorise import members, words_of
from tests.draws import draws
from tests.safety.disclosure_attack import leaks, ranges, read_counts, read_site, small_counts

pytestmark = pytest.mark.slow

MINIMUM = 5
OUTPUTS = "html, markdown, paper, data"
CONFIG = """version: 1
public: [items, records, strata]
report: {title: Who does what, date: 2026-01-01}
taxonomies:
  jobs: {categories: [{name: North, match: n}, {name: South, match: s}, {name: East, match: e}, {name: West, match: w}]}
relations:
  people:
    records:
      source: people.csv
      label: person
      rows: {column: one, separator: "|", label: Home, taxonomy: jobs}
      columns: {column: two, separator: "|", label: Work, taxonomy: jobs}
    MORE
DISCLOSURE
outputs: [OUTPUTS]
"""


def drawn_people(seed: int, *, several: bool = False, levels: int = 1, n: int = 260) -> list[dict[str, str]]:
    """Return people with labels that are rare in some places, so that many cells are small."""
    rng = random.Random(seed)  # noqa: S311 - people who are invented
    chances = [rng.choice((0.02, 0.3, 1.0, 2.0)) for _ in range(16)]
    pairs = [(a, b) for a in "nsew" for b in "nsew"]
    people = []
    for number in range(n):
        one, two = rng.choices(pairs, chances)[0]
        if several and rng.random() < 0.3:
            one, two = "|".join({one, rng.choice("ns")}), "|".join({two, rng.choice("nsew")})
        place = f"place {rng.randrange(levels) if rng.random() < 0.97 else levels - 1}"
        people.append({"id": str(number), "one": one, "two": two, "place": place, "house": str(number // 3)})
    return people


def write(folder: Path, people: list[dict[str, str]], more: str = "", outputs: str = OUTPUTS, extra: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    lines = [",".join(people[0]), *(",".join(person.values()) for person in people)]
    (folder / "people.csv").write_text("\n".join(lines) + "\n")
    text = CONFIG.replace("MORE", more).replace("OUTPUTS", outputs)
    (folder / "config.yaml").write_text(text.replace("DISCLOSURE", f"disclosure: {MINIMUM}\n{extra}"))
    return folder / "config.yaml"


def built(folder: Path, config: Path) -> dict[str, bytes]:
    diptych.build(config, folder / "site", cache=False)
    return read_site(folder / "site")


def counted(people: list[dict[str, str]]) -> Counter[tuple[str, str]]:
    names = {"n": "North", "s": "South", "e": "East", "w": "West"}
    return Counter((names[p["one"]], names[p["two"]]) for p in people)


WORLDS = {
    "plain": ({}, ""),
    "strata": ({"levels": 3}, "strata: [place]"),
    "groups": ({}, "group: [house]"),
    "several": ({"several": True}, ""),
    "several in strata": ({"several": True, "levels": 2, "n": 400}, "strata: [place]"),
}


@pytest.mark.parametrize("seed", range(draws(1, 20)))
@pytest.mark.parametrize("world", WORLDS)
def test_no_number_of_units_is_small(world, seed, tmp_path):
    how, more = WORLDS[world]
    files = built(tmp_path, write(tmp_path, drawn_people(seed, **how), more))
    assert small_counts(files, MINIMUM) == []
    assert any(b"withheld" in files[f"data/{panel}.csv"] for panel in ("left", "right"))


@pytest.mark.parametrize("seed", range(draws(2, 40)))
@pytest.mark.parametrize("world", ["plain", "strata", "groups"])
def test_withheld_cells_cannot_be_solved_for(world, seed, tmp_path):
    how, more = WORLDS[world]
    people = drawn_people(seed, **how)
    files = built(tmp_path, write(tmp_path, people, more, outputs="data"))
    strata = tuple(sorted({p["place"] for p in people})) if "strata" in more else ("",)
    read, true = read_counts(files, strata), counted(people)
    assert leaks(read) == []
    for cell, (low, high) in ranges(read, MINIMUM).items():
        assert low <= 1 <= MINIMUM - 1 <= high, cell
    for cell, (low, high) in ranges(read, MINIMUM, len(people)).items():
        assert low + 1 <= high, (cell, low, high)
    small = {cell for cell, n in true.items() if 0 < n < MINIMUM}
    assert small <= set(read.hidden)


def test_a_true_margin_that_is_published_is_found_and_solved(tmp_path, monkeypatch):
    people = [p for p in drawn_people(1, n=400) if (p["one"], p["two"]) != ("n", "w")]
    people += [{**people[0], "id": f"x{k}", "one": "n", "two": "w"} for k in range(3)]
    true = counted(people)
    rows = {a for a, b in true}
    honest = parts._count_tables

    def leaking(*args, **more):
        tables = honest(*args, **more)
        totals = [float(sum(n for (a, _), n in true.items() if a == name)) for name in tables.rows]
        return replace(tables, row_totals=tuple(totals))

    config = write(tmp_path, people, outputs="data")
    safe = read_counts(built(tmp_path, config))
    assert leaks(safe) == []
    monkeypatch.setattr(parts, "_count_tables", leaking)
    read = read_counts(built(tmp_path, config))
    assert leaks(read)
    pinned = [cell for cell, (low, high) in ranges(read, MINIMUM).items() if high - low < 1e-6]
    alone = [a for a in rows if sum(x == a for x, _ in read.hidden) == 1]
    assert {a for a, _ in pinned} >= set(alone)
    assert all(true[cell] == round(ranges(read, MINIMUM)[cell][0]) for cell in pinned)
    assert pinned


def test_a_build_that_withholds_nothing_is_found(tmp_path, monkeypatch):
    config = write(tmp_path, drawn_people(0))
    nobody = lambda found, sizes, *_, **__: disclosure.Withheld(  # noqa: E731
        found, np.zeros(sizes, dtype=bool), np.zeros(sizes, dtype=bool)
    )
    monkeypatch.setattr("diptych.pipeline.counting.withhold", nobody)
    assert small_counts(built(tmp_path, config), MINIMUM)


def patterns_of(table: np.ndarray) -> Patterns:
    """Return the patterns of a table (S, R, C) of units with one category on each side."""
    places = np.argwhere(table > 0)
    rows, columns = (words_of([[int(p[k])] for p in places], table.shape[k]) for k in (1, 2))
    sets = members(rows, table.shape[1]), members(columns, table.shape[2])
    stratum = places[:, 0].astype(np.int64)
    keys = pattern_keys(stratum, None, *sets)
    return Patterns(keys, stratum, None, rows, columns, table[tuple(places.T)].astype(np.int64), None)


def published(table: np.ndarray, minimum: int) -> tuple[object, ...]:
    """Return what is published of a table: the units that are left, and the cells that are withheld."""
    found = disclosure.withhold(patterns_of(table), table.shape[1:], minimum)
    left = np.zeros_like(table)
    rows, columns = (np.array(members(w, n)).argmax(axis=1) for w, n in zip(
        (found.patterns.rows, found.patterns.columns), table.shape[1:], strict=True))  # fmt: skip
    left[found.patterns.stratum, rows, columns] = found.patterns.units
    return left.tobytes(), found.cells.tobytes(), found.reduced.tobytes()


@pytest.mark.parametrize("seed", range(draws(10, 300)))
def test_the_way_of_withholding_itself_gives_no_cell_away(seed):
    """Of all tables that would be published alike no withheld cell is the same in all, with the number of units known.

    So somebody who knows the program by heart cannot turn it round.
    """
    rng = np.random.default_rng(seed)
    minimum = 3
    shape = (1, 2, 3)
    table = rng.choice([0, 1, 1, 2, 3, 4, 6], size=shape)
    said = published(table, minimum)
    left = np.frombuffer(said[0], dtype=table.dtype).reshape(shape)
    hidden = np.frombuffer(said[2], dtype=bool).reshape(shape[1:])[None] & (left == 0)
    if not hidden.any():
        return
    alike = []
    most = max(7, int(table.max()) + 1)
    for values in itertools.product(range(1, most), repeat=int(hidden.sum())):
        other = left.copy()
        other[hidden] = values
        if other.sum() == table.sum() and published(other, minimum) == said:
            alike.append(values)
    assert table[hidden].tolist() in [list(values) for values in alike]
    for true, values in zip(table[hidden].tolist(), zip(*alike, strict=True), strict=True):
        assert true >= minimum or len(set(values)) > 1  # a cell that was withheld to protect others may be known


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("seed", range(draws(5, 100)))
def test_every_count_of_two_categories_is_nothing_or_enough(seed, several):
    """By brute force, over units one by one, with and without each category, in each level."""
    people = drawn_people(seed, several=several, levels=2, n=200)
    order = "nsew"
    sets = [[sorted(order.index(x) for x in p[side].split("|")) for p in people] for side in ("one", "two")]
    rows, columns = (words_of(one, 4) for one in sets)
    stratum = np.array([int(p["place"][-1]) for p in people])
    keys = pattern_keys(stratum, None, members(rows, 4), members(columns, 4))
    found = Patterns(keys, stratum, None, rows, columns, np.ones(len(people), dtype=np.int64), None)
    left = disclosure.withhold(found, (4, 4), MINIMUM, one_taxonomy=True).patterns
    of_rows, of_columns = members(left.rows, 4), members(left.columns, 4)
    for level, i, j, with_a, with_b in itertools.product((0, 1), range(4), range(4), (True, False), (True, False)):
        inside = (left.stratum == level) & (of_rows[:, i] == with_a) & (of_columns[:, j] == with_b)
        assert int(left.units[inside].sum()) not in range(1, MINIMUM)
    same = (of_rows == of_columns).all(axis=1)
    assert int(left.units[same].sum()) not in range(1, MINIMUM)
    assert int(left.units[~same].sum()) not in range(1, MINIMUM)
    assert len(people) - int(left.units.sum()) not in range(1, MINIMUM)
