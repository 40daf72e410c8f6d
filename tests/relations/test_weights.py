"""Weights as whole numbers: scale, exact sums of large squares, and what is refused."""

from __future__ import annotations

from fractions import Fraction

from diptych.relations import RelationSettings
from diptych.relations.meet import meet
from diptych.relations.meeting import DeclaredRelation
from tests.counting import count_incidence
from tests.relations.reference import Thing, make_items


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
