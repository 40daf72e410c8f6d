"""The options of a question counted with each other, against pandas and against the same data in the form `shared`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import diptych

CONFIG = """\
version: 1
public: [items, records, keys, strata]
report: {title: T}
relations:
  r:
    records:
      source: t.csv
      label: film
      rows: {SIDE, label: Genre}
    MORE
outputs: [data, markdown]
"""
SHARED = """\
version: 1
public: [items, records, keys, strata]
report: {title: T}
taxonomy: {}
entities:
  genres: {label: Genre, source: long.csv, id: id, labels: {column: genre}}
relations:
  r:
    shared: {key: film, entities: [genres, genres]}
outputs: [data]
"""
NAMES = ["action", "comedy", "drama"]


@pytest.fixture
def films(tmp_path) -> pd.DataFrame:
    """300 films with independent genres; some have none."""
    draws = np.random.default_rng(1).random((300, 3)) < np.array([0.5, 0.4, 0.3])
    table = pd.DataFrame(draws.astype(int), columns=[f"is_{name}" for name in NAMES])
    table.to_csv(tmp_path / "t.csv", index=False)
    return table


def built(folder: Path, side: str, more: str = "") -> pd.DataFrame:
    text = CONFIG.replace("SIDE", side).replace("    MORE\n", f"    {more}\n" if more else "")
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    diptych.build(folder / "config.yaml", folder / "site")
    return pd.read_csv(folder / "site/data/left.csv")


def test_rows_without_an_option_count(tmp_path, films):
    cells = built(tmp_path, 'column: ["is_*"], prefix: is_, selected_values: [1]')
    assert set(cells["n_units"].dropna()) == {300}
    for cell in cells[cells["given"] != cells["outcome"]].itertuples():
        a, b = films[f"is_{cell.given}"], films[f"is_{cell.outcome}"]
        assert (cell.n_joint, cell.n_given) == ((a & b).sum(), a.sum())
    assert not (tmp_path / "site/data/right.csv").exists()  # it would show the same pairs again
    text = (tmp_path / "site/report.md").read_text(encoding="utf-8")
    # Independent options do not seem to avoid each other, and the number of options makes no pair more common.
    assert "have genre" not in text.partition("## How to read this")[0].partition("![")[0]
    assert "alone makes any two meet" not in text


def test_the_pairs_are_those_of_a_shared_key(tmp_path, films):
    cells = built(tmp_path, "column: [is_action, is_comedy, is_drama], prefix: is_, selected_values: [1]")
    long = [(f"{film}-{name}", film, name) for film, row in films.iterrows() for name in NAMES if row[f"is_{name}"]]
    pd.DataFrame(long, columns=["id", "film", "genre"]).to_csv(tmp_path / "long.csv", index=False)
    (tmp_path / "shared.yaml").write_text(SHARED, encoding="utf-8")
    diptych.build(tmp_path / "shared.yaml", tmp_path / "shared")
    shared = pd.read_csv(tmp_path / "shared/data/left.csv")
    pairs = [frame.set_index(["given", "outcome"])["n_joint"].dropna().sort_index() for frame in (cells, shared)]
    assert pairs[0].to_dict() == pairs[1].to_dict()


def test_several_labels_in_one_field(tmp_path):
    rows = ["a;b", "a", "b;c", "", "a;b;c"] * 6
    (tmp_path / "t.csv").write_text("\n".join(["n,x", *(f"{k},{x}" for k, x in enumerate(rows))]), encoding="utf-8")
    cells = built(tmp_path, 'column: x, separator: ";"').set_index(["given", "outcome"])["n_joint"]
    assert (cells["a", "b"], cells["a", "c"], cells["b", "c"]) == (12, 6, 12)
