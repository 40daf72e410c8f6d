"""Item types: what is counted of them, and that any taxonomy applied to them gives what counting with it gives."""

from functools import cache

import numpy as np
import pytest

from diptych.config.loading import load_config
from diptych.contrib.history.item_types import filed
from diptych.pipeline.counting import compiled, count_all
from tests.contrib.history.projects import CONFIG, LINKED, LINKS, count_no_more, write
from tests.draws import draws

ARRAYS = ("row_sets", "column_sets", "units", "weight", "weight_squared", "weight_parts", "stratum", "group")
VALUES = ("rows", "columns", "strata", "groups", "n_groups", "weighted", "fractional")
OTHER = {
    "another category": ("match: [a, aa]", "match: a"),
    "a category more": ("{name: B, match: b}", "{name: B, match: b}, {name: C, match: c}"),
    "what no rule knows": ("taxonomy: {categories:", "taxonomy: {unmatched: B, categories:"),
    "nothing replaced": (", replaces: true", ""),
    "labels as they are": ("taxonomy: {categories:", "taxonomy: {unmatched: report}  #"),
}
FORMS = {
    "records": (CONFIG, None),
    "links": (LINKS, LINKED),
    "from": (
        LINKS.replace("    group: {columns: [team], public: true}\n    strata: [hub]\n", "    unit: from\n"),
        LINKED,
    ),
    "link": (
        LINKS.replace(
            "    group: {columns: [team], public: true}\n    strata: [hub]\n",
            "    unit: link\n    counting: fractional\n",
        ),
        LINKED,
    ),
    "labelled": (LINKS.replace("    group:", "    population: labelled\n    group:"), LINKED),
    "shared": (
        LINKS.partition("    links:")[0].replace("weight: w, ", "key: team, ").replace("l, separator", "l, separator")
        + "    shared: {key: hub, entities: [models, models]}\noutputs: [data]\nsnapshots: {}\n",
        LINKED,
    ),
}


@pytest.fixture(autouse=True)
def _types_alone(monkeypatch):
    count_no_more(monkeypatch)


def counted(config):
    loaded = load_config(config)
    [numbers] = count_all(loaded).relations.values()
    return numbers, compiled(loaded.config)


def assert_same(one, other):
    for name in VALUES:
        assert getattr(one, name) == getattr(other, name), name
    for name in ARRAYS:
        first, second = getattr(one, name), getattr(other, name)
        assert (first is None) == (second is None), name
        if first is not None:
            np.testing.assert_array_equal(first, second, name)


def test_types_by_hand(tmp_path):
    numbers, _ = counted(write(tmp_path, files={"r.csv": "x,y\na,b\na|b,b\nb|a,b\na,\nc,b|c\na,b\n"}))
    types = numbers.for_history
    assert (types.rows.labels, types.rows.n_items) == (("a", "b", "c"), (5, 2, 1))
    assert types.rows.types == ((), (0,), (0, 1), (2,))
    assert types.columns.types == ((), (0,), (0, 1))
    shown = [
        ([types.rows.types[t] for t in types.rows.sets[r]], [types.columns.types[t] for t in types.columns.sets[c]], n)
        for r, c, n in zip(types.row_set, types.column_set, types.units, strict=True)
    ]
    assert shown == [([(0,)], [(0,)], 2), ([(0, 1)], [(0,)], 2), ([(2,)], [(0, 1)], 1)]


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A function that counts a project as it is written, once."""
    return cache(lambda form: counted(write(tmp_path_factory.mktemp("own"), *FORMS[form])))


@pytest.mark.parametrize("form", FORMS)
def test_the_own_taxonomy_gives_the_own_counts(form, own):
    numbers, taxonomies = own(form)
    assert_same(filed(numbers.for_history, numbers.tables.incidence, taxonomies), numbers.tables.incidence)


PAIRS = [(form, other) for form in ("records", "links", "link", "labelled") for other in OTHER]


@pytest.mark.parametrize(("form", "other"), PAIRS[draws(1, 0) :: draws(2, 1)])
def test_another_taxonomy_gives_what_counting_with_it_gives(form, other, own, tmp_path):
    config, files = FORMS[form]
    old, new = OTHER[other]
    if old not in config:
        pytest.skip("this project has no such rule")
    numbers, _ = own(form)
    fresh, taxonomies = counted(write(tmp_path, config.replace(old, new), files))
    assert_same(filed(numbers.for_history, numbers.tables.incidence, taxonomies), fresh.tables.incidence)


def test_too_many_labels_are_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr("diptych.contrib.history.item_types.LARGEST_VOCABULARY", 2)
    numbers, _ = counted(write(tmp_path))
    assert numbers.for_history is None


def test_too_many_types_or_patterns_are_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr("diptych.contrib.history.item_types.MOST_PATTERNS", 3)
    numbers, _ = counted(write(tmp_path))
    assert numbers.for_history is None


def test_without_snapshots_none_are_counted(tmp_path):
    numbers, _ = counted(write(tmp_path, CONFIG.replace("snapshots: {folder: history/}\n", "")))
    assert numbers.for_history is None
