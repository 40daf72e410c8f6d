"""A small project of records that keeps snapshots, and one of links with groups, strata and weights."""

from pathlib import Path

import pytest

from diptych.ledger.coverage import TopContributors
from diptych.pipeline import counting

CONFIG = """version: 1
report: {title: T, date: 2026-03-02}
taxonomy: {categories: [{name: A, match: [a, aa]}, {name: B, match: b}, {name: AB, when_several_of: [A, B], replaces: true}]}
relations:
  survey:
    records: {source: r.csv, rows: {column: x, separator: "|"}, columns: {column: y, separator: "|"}, public: true}
outputs: [html, data]
inference: {minimum_units: 2}
snapshots: {folder: history/}
"""

RECORDS = "x,y\na,a\na,a\nb,b\na|b,a\naa,b\nc,b\naa|c,a|b\na,a\nb,b\nb,a\n"

LINKS = """version: 1
report: {title: T}
taxonomy: {categories: [{name: A, match: [a, aa]}, {name: B, match: b}]}
entities:
  datasets: {label: Dataset, source: d.csv, labels: {column: l, separator: "|"}}
  models: {label: Model, source: m.csv, labels: {column: l, separator: "|"}, weight: w, date: day}
relations:
  trained_on:
    links: {source: k.csv, from: {entity: datasets, column: s}, to: {entity: models, column: t}}
    group: {columns: [team], public: true}
    strata: [hub]
inference: {minimum_units: 1, minimum_groups: 2}
outputs: [data]
snapshots: {}
"""

LINKED = {
    "d.csv": "id,l\nd1,a\nd2,b\nd3,a|b\nd4,\nd5,aa|c\n",
    "m.csv": (
        "id,l,w,team,hub,day\nm1,a,1.5,t1,h1,2026-01-01\nm2,b,2,t1,h1,2026-01-03\nm3,b|c,0.25,t2,h2,\n"
        "m4,,3,t2,h1,2025-12-31\nm5,aa,1,t3,h2,2026-01-02\nm6,a|b,8,t3,h2,2026-01-01\n"
    ),
    "k.csv": "s,t\nd1,m1\nd2,m2\nd3,m3\nd1,m3\nd4,m4\nd5,m5\nd2,m6\nd3,m6\nd9,m1\n",
}


def count_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count a relation once: not who carries cells, nor what it would be otherwise, which is most of the work."""
    monkeypatch.setattr(counting, "find_contributors", lambda *_: TopContributors((), (), None, None))
    monkeypatch.setattr(counting, "default_changes", lambda *_: ())
    monkeypatch.setattr(counting, "_other_units", lambda *_: ())


def write(folder: Path, config: str = CONFIG, files: dict[str, str] | None = None) -> Path:
    """Write a project and return its config."""
    for name, content in {"config.yaml": config, **({"r.csv": RECORDS} if files is None else files)}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return folder / "config.yaml"
