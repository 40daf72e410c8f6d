"""The draw: which items, the same everywhere, each sample of a category uniform and without replacement."""

import hashlib
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from diptych.contrib.audit.rates import ItemClassification, category_sizes, draw, filings, lowest
from diptych.contrib.audit.sample import draw_audit
from diptych.taxonomy import CategorySettings, TaxonomySettings
from tests.pipeline.projects import write_project

pytestmark = pytest.mark.slow

ITEMS = {f"i{n}": [("a", "b", "c1", "?")[n % 4]] for n in range(40)}


def drawn_for(sample, category):
    return [one.id for one in sample if category in one.drawn_for]


def test_each_category_and_the_items_without_one_give_a_sample(make_population):
    sample = draw(make_population(ITEMS), 4, 1)
    assert [one.drawn_for for one in sample] == [("A",)] * 4 + [("B",)] * 4 + [("C",)] * 4 + [(None,)] * 4
    assert {one.n_items for one in sample} == {(10,)}
    assert len({one.id for one in sample}) == 16
    assert all(one.entity == "things" for one in sample)


def test_the_sample_is_that_of_the_documented_numbers(make_population):
    sample = draw(make_population(ITEMS), 4, 7)
    in_b = [item for item, labels in ITEMS.items() if labels == ["b"]]
    without = [item for item, labels in ITEMS.items() if labels == ["?"]]

    def number(category, item):
        return hashlib.sha256(b"7\0things\0" + category.encode() + b"\0" + item.encode()).hexdigest()

    assert drawn_for(sample, "B") == sorted(in_b, key=lambda item: number("B", item))[:4]
    assert drawn_for(sample, None) == sorted(without, key=lambda item: number("", item))[:4]


def test_a_small_category_is_drawn_whole_and_an_empty_one_not_at_all(make_population):
    population = make_population({"x": ["a"], "y": ["a"], "z": ["b"]})
    sample = draw(population, 5, 1)
    assert sorted((one.id, one.drawn_for, one.n_items) for one in sample) == [
        ("x", ("A",), (2,)),
        ("y", ("A",), (2,)),
        ("z", ("B",), (1,)),
    ]
    assert category_sizes(population) == {"A": 2, "B": 1}


def test_an_item_in_two_categories_is_drawn_for_either_and_stands_once(make_population):
    population = make_population({"x": ["a", "b"], "y": ["b"], "z": []})
    assert category_sizes(population) == {"A": 1, "B": 2, None: 1}
    sample = {one.id: (one.drawn_for, one.n_items) for one in draw(population, 5, 1)}
    assert sample == {"x": (("A", "B"), (1, 2)), "y": (("B",), (2,)), "z": ((None,), (1,))}


def test_samples_of_overlapping_categories_are_independent(make_population):
    # all items are in both: were the numbers the same for both, so would be the samples
    population = make_population({f"i{n}": ["a", "b"] for n in range(200)})
    sample = draw(population, 20, 1)
    both = [one for one in sample if one.drawn_for == ("A", "B")]
    assert len(drawn_for(sample, "A")) == len(drawn_for(sample, "B")) == 20
    assert len(both) < 10  # 2 are expected


def test_other_seeds_and_names_draw_others(make_population):
    items = {f"i{n}": ["a"] for n in range(200)}
    one, other = (drawn_for(draw(make_population(items), 20, seed), "A") for seed in (1, 2))
    named = drawn_for(draw(make_population(items, name="others"), 20, 1), "A")
    assert len(set(one) & set(other)) < 10
    assert len(set(one) & set(named)) < 10


def test_items_that_come_later_leave_the_others_in_the_sample(make_population):
    items = {f"i{n}": ["a"] for n in range(100)}
    before = drawn_for(draw(make_population(items), 10, 1), "A")
    after = drawn_for(draw(make_population(items | {f"j{n}": ["a"] for n in range(10)}), 10, 1), "A")
    old = [item for item in after if item in items]
    assert old == before[: len(old)]
    assert len(old) >= 6  # one newcomer in eleven is expected among the ten


@given(st.sets(st.text(max_size=8), max_size=30), st.integers(0, 40))
def test_the_lowest_do_not_depend_on_order_and_grow_with_the_size(ids, size):
    chosen = lowest(sorted(ids), size, "1\0x\0A\0")
    assert lowest(sorted(ids, reverse=True), size, "1\0x\0A\0") == chosen
    assert len(chosen) == len(set(chosen)) == min(size, len(ids))
    assert set(chosen) <= ids
    assert lowest(ids, size + 1, "1\0x\0A\0")[:size] == chosen


def test_every_item_and_every_pair_is_drawn_as_often():
    ids = [f"id {n}" for n in range(12)]
    singles, pairs = dict.fromkeys(ids, 0), {}
    for seed in range(6000):
        chosen = sorted(lowest(ids, 3, f"{seed}\0things\0A\0"))
        for i, one in enumerate(chosen):
            singles[one] += 1
            for other in chosen[i + 1 :]:
                pairs[one, other] = pairs.get((one, other), 0) + 1
    assert len(pairs) == 66
    # drawn without replacement, so these statistics are not quite chi-square: smaller, by (N - n) / (N - 1) for items
    assert stats.chisquare(list(singles.values())).pvalue > 0.001
    assert stats.chisquare(list(pairs.values())).pvalue > 0.001


def test_the_first_of_a_sample_is_any_item_as_often():
    ids = [f"id {n}" for n in range(10)]
    firsts = [lowest(ids, 3, f"{seed}\0things\0A\0")[0] for seed in range(4000)]
    assert stats.chisquare([firsts.count(one) for one in ids]).pvalue > 0.001


def test_what_rules_make_of_an_item_is_said(make_population):
    items = {"x": ["b", "alpha", "a", "?"], "y": ["c2"], "z": ["?"]}
    assert filings(make_population(items), ["x", "y", "z", "not there"]) == {
        "x": ItemClassification(("?", "a", "alpha", "b"), ("A", "B"), "A by match (a, alpha); B by match (b)"),
        "y": ItemClassification(("c2",), ("C",), "C by pattern ^c (c2)"),
        "z": ItemClassification(("?",), (), ""),
    }


@pytest.mark.parametrize(
    ("replaces", "categories", "rule"),
    [
        (True, ("M",), "A by match (a); B by match (b); M by several of A, B, instead of them"),
        (False, ("A", "B", "M"), "A by match (a); B by match (b); M by several of A, B"),
    ],
)
def test_derived_categories_are_explained(replaces, categories, rule, make_population):
    settings = TaxonomySettings(
        categories=(
            CategorySettings(name="A", match=("a",)),
            CategorySettings(name="B", match=("b",)),
            CategorySettings(name="M", when_several_of=("A", "B"), replaces=replaces),
        )
    )
    found = filings(make_population({"x": ["a", "b"]}, settings), ["x"])
    assert found == {"x": ItemClassification(("a", "b"), categories, rule)}


MANY = {
    "d.csv": "id,l,owner\n" + "".join(f"d{n},{'ab'[n % 2]},u\n" for n in range(50)),
    "m.csv": "id,l,owner\n" + "".join(f"m{n},{'a|b' if n % 3 else ''},u\n" for n in range(60)),
    "k.csv": "s,t\n" + "".join(f"d{n},m{n}\n" for n in range(50)),
}


def test_the_sheet_is_the_same_twice_and_for_rows_in_another_order(tmp_path):
    reverse = {}
    for name, content in MANY.items():
        header, *rows = content.splitlines()
        reverse[name] = "\n".join([header, *rows[::-1]]) + "\n"
    one = draw_audit(write_project(tmp_path / "one", files=MANY) / "config.yaml", size=5)
    again = draw_audit(tmp_path / "one" / "config.yaml", size=5)
    other = draw_audit(write_project(tmp_path / "other", files=reverse) / "config.yaml", size=5)
    threads = {"version: 1": "version: 1\nengine: {threads: 1}"}
    alone = draw_audit(write_project(tmp_path / "alone", threads, files=MANY) / "config.yaml", size=5)
    assert one.sheet == again.sheet == other.sheet == alone.sheet
    assert [(s.entity, s.category, s.n_items, s.n_drawn) for s in one.categories] == [
        ("datasets", "A", 25, 5),
        ("datasets", "B", 25, 5),
        ("models", "A", 40, 5),
        ("models", "B", 40, 5),
        ("models", None, 20, 5),
    ]


def test_the_sheet_does_not_depend_on_the_process(tmp_path):
    write_project(tmp_path, files=MANY)
    code = "import sys; from diptych.cli import main; sys.argv = ['diptych', 'audit', '--size', '5']; main()"
    there = subprocess.run(  # whose sets have another order than those of this process, whose seed is drawn
        [sys.executable, "-P", "-c", code],
        cwd=tmp_path,
        env={"PYTHONHASHSEED": "1"},
        capture_output=True,
        check=True,
    )
    assert there.stdout == draw_audit(tmp_path / "config.yaml", size=5).sheet
