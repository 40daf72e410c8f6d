"""Items of an entity that is linked to itself: each side has those that play its role, and an audit is about all."""

from diptych.audit.effect import unjudged
from diptych.audit.sample import audit_data

CONFIG = """version: 1
report: {title: Models of models}
taxonomy: {categories: [{name: A, match: a}, {name: B, match: b}]}
entities: {models: {label: Model, source: m.csv, labels: {column: l}}}
relations:
  derived:
    links: {source: k.csv, from: {entity: models, column: s}, to: {entity: models, column: t}}
panels: [{id: left, relation: derived, given: from, outcome: to, measure: share}]
"""


def test_items_of_either_role_are_named(tmp_path):
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "m.csv").write_text("id,l\nbase,a\nfirst,a\nsecond,b\nalone,b\nplain,\n")
    (tmp_path / "k.csv").write_text("s,t\nbase,first\nbase,second\nfirst,plain\n")
    with audit_data(tmp_path / "config.yaml") as opened:
        found = unjudged(opened.ledgers["derived"], "models", ())
    assert found == {("A",): ["base", "first"], ("B",): ["second"], (): ["plain"]}
