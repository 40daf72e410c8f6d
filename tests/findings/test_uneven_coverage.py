"""Pairs in doubt: a selection on both sides by hand, its words on the first page, and where nothing is said."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from diptych.findings import uneven_coverage
from diptych.ledger.coverage import CategoryCoverage, SideCoverage

ROWS, COLUMNS = "ABC", "XYZ"
WHOLE = 200


def selected(make_study, chance, *, more=None, lost=(0.5, 0.5)):
    """200 records of each pair, or `more`, of which a `chance` is complete; the parts `lost` of the others have one label."""
    whole = {pair: WHOLE + (more or {}).get(pair, 0) for pair in product(ROWS, COLUMNS)}
    counts = {pair: round(n * chance(*pair)) for pair, n in whole.items()}
    study = make_study([(a, b, n) for (a, b), n in counts.items()], ROWS, columns=COLUMNS, unit="record")
    sides = []
    for place, names in ((0, ROWS), (1, COLUMNS)):
        own = {name: sum(n for pair, n in counts.items() if pair[place] == name) for name in names}
        gone = {
            name: sum(n - counts[pair] for pair, n in whole.items() if pair[place] == name) * lost[place]
            for name in names
        }
        parts = tuple(CategoryCoverage(name, own[name] + round(gone[name]), own[name], 0) for name in names)
        n = sum(part.n_items for part in parts)
        sides.append(SideCoverage(("rows", "columns")[place], n, n, sum(counts.values()), parts, ()))
    coverage = replace(study.coverage, rows=sides[0], columns=sides[1])
    return replace(study, form="records", numbers=replace(study.numbers, coverage=coverage))


def collider(a, b):
    return 0.9 if a == "A" or b == "X" else 0.3


def test_pairs_that_selection_makes_are_in_doubt(make_study):
    (found,) = uneven_coverage.find(selected(make_study, collider))
    assert found.n_named == len(found.pairs) == 9
    assert not found.null
    assert (found.n_rows_only, found.n_columns_only) == (330, 330)
    pair = next(pair for pair in found.pairs if (pair.given.category, pair.outcome.category) == ("A", "X"))
    # Of 570 records with a row A, 540 are counted; of 900 with another row, 600.
    assert (pair.given.n_labelled, pair.given.n_counted) == (570, 540)
    assert (pair.given.n_others, pair.given.n_counted_others) == (900, 600)
    assert pair.ratio == pytest.approx(180 * 1140 / 540**2)  # 0.70
    assert pair.by_coverage[0] < pair.ratio < pair.nearest < pair.by_coverage[1] == 1
    assert found.most_uneven == pair
    assert found.names[0] in {("A", "X"), ("A", "Y"), ("A", "Z"), ("B", "X"), ("C", "X")}


def test_a_pair_beyond_the_bounds_is_not_in_doubt(make_study):
    (found,) = uneven_coverage.find(selected(make_study, collider, more={("C", "Z"): 1500}))
    assert ("C", "Z") not in found.names
    assert found.n_named > len(found.pairs)


@pytest.mark.parametrize(
    "chance",
    [lambda *_: 0.6, lambda a, _: 0.9 if a == "A" else 0.4, lambda _, b: 0.9 if b == "X" else 0.4],
    ids=["even", "by rows", "by columns"],
)
def test_a_selection_by_one_side_does_not_put_a_true_pair_in_doubt(make_study, chance):
    (found,) = uneven_coverage.find(selected(make_study, chance, more={("C", "Z"): 300}))
    assert found.n_named
    assert ("C", "Z") not in found.names


def test_nothing_is_in_doubt_if_coverage_is_even(make_study):
    (found,) = uneven_coverage.find(selected(make_study, lambda *_: 0.6, more={("C", "Z"): 300}))
    assert found.null
    assert (found.pairs, found.most_uneven, found.number().estimate.value) == ((), None, 0)


@pytest.mark.parametrize("lost", [(1.0, 0.0), (0.0, 1.0)], ids=["rows only", "columns only"])
def test_nothing_is_known_if_labels_are_missing_on_one_side_only(make_study, lost):
    assert uneven_coverage.find(selected(make_study, collider, lost=lost)) == []


def test_nothing_is_said_of_links_or_without_pairs(make_study):
    study = selected(make_study, collider)
    assert uneven_coverage.find(replace(study, form="links")) == []
    assert uneven_coverage.find(selected(make_study, lambda *_: 0.6)) == []
    withheld = replace(study.coverage, minimum=5)
    assert uneven_coverage.find(replace(study, numbers=replace(study.numbers, coverage=withheld))) == []
