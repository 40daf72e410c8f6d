"""Items of an entity that is linked to itself: each side has those that play its role, and an audit is about all."""

import pytest

from diptych.contrib.audit.misclassification import judged_side
from diptych.contrib.audit.sample import audit_data
from diptych.contrib.audit.sheet import JudgedItem

pytestmark = pytest.mark.slow

CONFIG = """version: 1
report: {title: Models of models}
taxonomy: {categories: [{name: A, match: a}, {name: B, match: b}]}
entities: {models: {label: Model, source: m.csv, labels: {column: l}}}
relations:
  derived:
    links: {source: k.csv, from: {entity: models, column: s}, to: {entity: models, column: t}}
panels: [{id: left, relation: derived, given: from, outcome: to, measure: share}]
"""


def test_items_are_corrected_in_either_role(tmp_path):
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "m.csv").write_text("id,l\nbase,a\nfirst,a\nsecond,b\nalone,b\nplain,\n")
    (tmp_path / "k.csv").write_text("s,t\nbase,first\nbase,second\nfirst,plain\n")
    judged = [JudgedItem("models", "first", ("A",), ("B",), ("A",))]
    with audit_data(tmp_path / "config.yaml") as opened:
        ledger = opened.ledgers["derived"]
        sides = [judged_side(ledger, place, judged) for place in (0, 1)]
        names = [side.side.names.of([0, 1, 2, 3, 4]) for side in sides]
    assert names == [["alone", "base", "first", "plain", "second"]] * 2
    for side in sides:
        assert side.assigned[[1, 2, 4]].tolist() == [side.rows[0], side.assigned[4], side.assigned[4]]
    # "base" and "alone" may be misclassified as "first" was; "first" may not, since it was judged
    assert [side.open.tolist() for side in sides] == [[False, True, False, False, False]] * 2
    assert [side.sizes.sum() for side in sides] == [2, 3]  # base and first; first, second and plain
