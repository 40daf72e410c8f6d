"""Complete data, such as a census: no text calls them a sample, and shares in sentences have no intervals."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.prose.wholes import wholes


def texts(folder: Path, complete: str) -> str:
    lines = [f"{r},{t}" for r, t, n in (("North", "owner", 60), ("North", "tenant", 40), ("South", "owner", 20),
                                         ("South", "tenant", 80), ("West", "owner", 45), ("West", "tenant", 55)) for _ in range(n)]  # fmt: skip
    (folder / "moves.csv").write_text("\n".join(["region,tenure", *lines, ""]), encoding="utf-8")
    (folder / "config.yaml").write_text(
        f"""\
version: 1
report: {{title: Tenure}}
taxonomies:
  regions: {{categories: [{{name: North, match: [North]}}, {{name: South, match: [South]}}, {{name: West, match: [West]}}]}}
  tenures: {{categories: [{{name: owner, match: [owner]}}, {{name: tenant, match: [tenant]}}]}}
relations:
  moves:
    complete: {complete}
    records:
      source: moves.csv
      label: person
      rows: {{column: region, label: Region, taxonomy: regions}}
      columns: {{column: tenure, label: Tenure, taxonomy: tenures}}
""",
        encoding="utf-8",
    )
    return " ".join(said.text for said in wholes(folder / "config.yaml")[0].said).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("complete", ["true", "false"])
def test_complete_data_are_no_sample(tmp_path, complete):
    said = texts(tmp_path, complete)
    assert ("The data are complete, not a sample" in said) == (complete == "true")
    assert ("Intervals treat the people as a random sample." in said) == (complete == "false")
