"""Weights as whole numbers: scale, exact sums of large squares, and what is refused."""

from __future__ import annotations

from fractions import Fraction

import pytest

from diptych.errors import DataError
from diptych.relations import RelationSettings
from diptych.relations.attributes import scaled
from diptych.relations.meet import meet
from diptych.relations.meeting import DeclaredRelation
from tests.counting import count_incidence
from tests.relations.reference import Thing, make_items


def weighted(engine, *weights):
    frame, scale = scaled(engine.load({"weight": list(weights)}), engine, "entities.models.weight")
    return sorted(engine.collect(frame)["weight"].tolist()), scale


def test_whole_weights_stay_as_they_are(engine):
    assert weighted(engine, "3", "12.0", "1e3", "+5") == ([3, 5, 12, 1000], 1)


def test_one_broken_weight_scales_all_by_a_million(engine):
    assert weighted(engine, "3", "0.29", ".5") == ([290_000, 500_000, 3_000_000], 1_000_000)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (
            ["1", None, "", "many", "-2"],
            (
                "entities.models.weight: 2 of 5 have no weight; give them one, or leave out `weight`\n"
                'entities.models.weight: 1 of 5 are not numbers, e.g. "many"\n'
                "entities.models.weight: 1 of 5 are negative; a weight is 0 or more"
            ),
        ),
        (["inf"], 'entities.models.weight: 1 of 1 are not numbers, e.g. "inf"'),
        (
            ["9007199254740992", "1"],
            ("entities.models.weight: the largest, 9.0072e+15, is too large; weights must stay below 9.01e+15"),
        ),
        (
            ["9007199255", "0.5"],
            "entities.models.weight: the largest, 9.0072e+09, is too large; weights must stay below 9.01e+09",
        ),
    ],
)
def test_what_is_refused(engine, weights, message):
    with pytest.raises(DataError) as caught:
        weighted(engine, *weights)
    assert str(caught.value) == message


def test_sums_of_large_squares_are_exact(engine, tmp_path):
    weights = [9_007_199_254_740_991 - i for i in range(40)]
    models = {f"m{i}": Thing(frozenset({0}), {"weight": str(weight)}) for i, weight in enumerate(weights)}
    items = {
        "datasets": make_items(engine, "datasets", {"d": Thing(frozenset({0}))}, 1),
        "models": make_items(engine, "models", models, 1),
    }
    (tmp_path / "links.csv").write_text("data,model\n" + "".join(f"d,{model}\n" for model in models))
    relation = RelationSettings.model_validate(
        {
            "links": {
                "source": "links.csv",
                "from": {"entity": "datasets", "column": "data"},
                "to": {"entity": "models", "column": "model"},
            }
        }
    )
    incidence = count_incidence(meet(DeclaredRelation("trained_on", relation, engine, tmp_path), items, {}), engine)
    assert incidence.units.tolist() == [40]
    assert incidence.weight.tolist() == [float(sum(map(Fraction, weights)))]
    assert incidence.weight_squared.tolist() == [float(sum(Fraction(weight) ** 2 for weight in weights))]
