"""The order of labels: which are recognised, and what an ordered side does to the axes of a relation."""

from __future__ import annotations

import pytest

from diptych.taxonomy import TaxonomySettings, compile_taxonomy, identity_taxonomy
from diptych.taxonomy.orders import order_of

ORDERS = {
    "ages": ("under 18", "18–24", "25-34", "35 to 64", "65+"),
    "ages in years": ("under 25 years", "25-64 years", "65 years and over"),
    "incomes": ("less than $20k", "$20k-$40k", "$40,000 to $79,999", "$80,000 or more"),
    "incomes of one unit": ("<$10k", "$10-20k", "$20-30k", ">150k"),
    "thousands": ("under 10 thousand", "10 to 20 thousand", "over 20 thousand"),
    "years": ("1999", "2001", "2010"),
    "decades": ("1980s", "1990s", "2000s"),
    "dates": ("2020-01", "2020-02", "2020-11"),
    "months": ("Jan", "feb", "March"),
    "weekdays": ("Monday", "Tue", "Sunday"),
    "grades": ("Grade 9", "Grade 10", "Grade 11"),
    "letters": ("A+", "B-", "F"),
    "frequency": ("Never", "sometimes", "often", "Always"),
    "agreement": ("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree"),
    "judgements": ("very bad", "bad", "indifferent", "good", "very good"),
    "education": ("LT HIGH SCHOOL", "HIGH SCHOOL", "JUNIOR COLLEGE", "BACHELOR", "GRADUATE"),
    "numbers of things": ("none", "1-3", "4 or more"),
    "percentages": ("0-5%", "5-10%", ">10%"),
    "ordinals": ("1st", "2nd", "3rd", "10th"),
    "hours": ("Up to 1 hour", "1-2 hours", "More than 2 hours"),
}


@pytest.mark.parametrize("labels", ORDERS.values(), ids=ORDERS)
def test_an_order_is_recognised(labels):
    found = order_of(sorted(labels))
    assert (found.labels, found.outside) == (labels, ())


def test_residual_labels_are_outside_the_order():
    found = order_of(["65+", "don't know", "18-64", "under 18", "No answer"])
    assert (found.labels, found.outside) == (("under 18", "18-64", "65+"), ("don't know", "No answer"))


@pytest.mark.parametrize(
    "labels",
    [["red", "green", "blue"], ["Route 1", "Road 2", "Lane 3"], ["10-30", "20-40", "50-60"], ["1", "1.0", "2"]],
)
def test_no_order(labels):
    assert order_of(labels) is None


def identity(ordered, *labels, **how):
    declared = compile_taxonomy(TaxonomySettings(ordered=ordered, **how), "ages")
    return identity_taxonomy(declared, dict(zip(labels, range(1, 10), strict=False)))


def test_labels_keep_their_order():
    found = identity("true", "65+", "18-64", "don't know", "under 18")
    assert found.categories == ("under 18", "18-64", "65+", "don't know")
    assert found.ordered == ("under 18", "18-64", "65+")
    found = identity(["low", "middle", "high"], "middle", "low", "odd", "high")
    assert (found.categories, found.ordered) == (("low", "middle", "high", "odd"), ("low", "middle", "high"))
    assert identity("no", "b", "a").ordered is None


def test_categories_of_a_taxonomy_are_in_their_order():
    entries = [{"name": name, "match": [name]} for name in ("low", "middle", "high", "Other")]
    found = compile_taxonomy(TaxonomySettings(categories=entries, ordered="true", unmatched="Other"), "ages")
    assert found.ordered == ("low", "middle", "high")
    found = compile_taxonomy(TaxonomySettings(categories=entries, ordered=["high", "low"]), "ages")
    assert (found.categories, found.ordered) == (("high", "low", "middle", "Other"), ("high", "low"))
