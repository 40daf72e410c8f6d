"""Names of strata, groups and units in text: labels instead of the columns of a file."""

from __future__ import annotations

from pathlib import Path

import diptych

RECORDS = """\
version: 1
report: {title: T}
relations:
  r:
    records:
      source: t.csv
      label: person
      rows: {column: x}
      columns: {column: y}
    group: {columns: [grp_id], label: company}
    strata: {columns: [educ], label: education, plural: levels of education}
outputs: [markdown]
"""
SHARED = """\
version: 1
report: {title: T}
taxonomy: {}
entities:
  colours: {label: Colour, source: colours.csv, id: id, labels: {column: colour}, painting: img}
relations:
  r:
    shared: {key: painting, entities: [colours, colours]}
outputs: [markdown]
"""


def text(folder: Path, config: str) -> str:
    (folder / "config.yaml").write_text(config, encoding="utf-8")
    diptych.build(folder / "config.yaml", folder / "site")
    return (folder / "site/report.md").read_text(encoding="utf-8")


def test_strata_and_groups_have_labels(tmp_path):
    rows = [f"{'ab'[k % 5 % 2]},{'cd'[k % 3 % 2]},e{k % 2},g{k % 40}" for k in range(400)]
    (tmp_path / "t.csv").write_text("\n".join(["x,y,educ,grp_id", *rows]), encoding="utf-8")
    written = text(tmp_path, RECORDS)
    assert "standardised for education" in written
    assert "educ " not in written.replace("education", "")
    assert "grp_id" not in written


def test_the_unit_of_a_shared_key_is_named_by_its_attribute(tmp_path):
    rows = [f"i{k},{['red', 'blue', 'green'][k * k % 3]},p{k // 2}" for k in range(120)]
    (tmp_path / "colours.csv").write_text("\n".join(["id,colour,img", *rows]), encoding="utf-8")
    written = text(tmp_path, SHARED)
    assert "60 paintings" in written
    assert "img" not in written.replace("![", "")
