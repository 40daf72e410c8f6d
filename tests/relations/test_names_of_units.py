"""Names of strata, groups and units in text: labels instead of the columns of a file."""

from __future__ import annotations

from pathlib import Path

import diptych

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


def test_the_unit_of_a_shared_key_is_named_by_its_attribute(tmp_path):
    rows = [f"i{k},{['red', 'blue', 'green'][k * k % 3]},p{k // 2}" for k in range(120)]
    (tmp_path / "colours.csv").write_text("\n".join(["id,colour,img", *rows]), encoding="utf-8")
    written = text(tmp_path, SHARED)
    assert "60 paintings" in written
    assert "img" not in written.replace("![", "")
