"""A report of one data frame, and of a config that is a mapping: what is shown is what the files hold."""

import json
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

import diptych
from diptych.errors import DiptychError

pytestmark = pytest.mark.slow

TABLE = Path(__file__).parents[1] / "public" / "tables" / "penguins.csv"
PENGUINS = pd.read_csv(TABLE)
SIDES = {"rows": "species", "columns": {"column": "island", "phrase": "live on {}"}}
CONFIG = {
    "version": 1,
    "report": {"title": "Penguins"},
    "relations": {
        "seen": {"records": {"source": str(TABLE), "rows": {"column": "species", "label": "Species"},
                             "columns": {"column": "island", "label": "Island"}}}
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def report():
    return diptych.report(PENGUINS, **SIDES, unit="penguin", strata=["sex"])


def test_a_notebook_shows_the_headline_and_the_figure(report):
    shown = report._repr_html_().replace("\N{NO-BREAK SPACE}", " ")
    assert "Gentoo" in shown
    assert shown.count("<svg") == 1
    assert repr(report).startswith("Species and island: ")


def test_tables_are_the_counts_of_the_frame(report):
    left = report.tables["left"].set_index(["given", "outcome"]).n_joint
    assert left[left > 0].to_dict() == PENGUINS.groupby(["species", "island"]).size().to_dict()


def test_figure_statements_and_text_are_those_of_the_site(report, tmp_path):
    folder = report.save(tmp_path / "site")
    assert (folder / "report.md").read_text("utf-8") == report.text
    assert json.loads((folder / "data" / "statements.json").read_text("utf-8"))["statements"] == report.statements
    assert report.figure.to_dict()["datasets"]
    assert {path.stem for path in (folder / "data").glob("*.csv")} == set(report.tables)
    again = diptych.build(report.config, tmp_path / "built", {"data": PENGUINS}, cache=False)
    files = {path.relative_to(again.folder): path.read_bytes() for path in again.folder.rglob("*") if path.is_file()}
    assert files == {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_counts_and_frames_of_polars_give_the_same_numbers(report):
    counted = PENGUINS.groupby(["species", "island", "sex"], dropna=False).size().rename("n").reset_index()
    other = diptych.report(pl.from_pandas(counted), **SIDES, unit="penguin", strata=["sex"], count="n")
    columns = ["given", "outcome", "n_joint", "value", "low", "high", "lift_within_strata"]
    pd.testing.assert_frame_equal(other.tables["left"][columns], report.tables["left"][columns])


def test_everything_that_is_wrong_is_one_error():
    with pytest.raises(DiptychError) as caught:
        diptych.report(PENGUINS, **SIDES, grup=["sex"], inference={"level": 2})
    first, second = caught.value.messages
    assert first.startswith("config: grup: unknown key; known keys here are ")
    assert second.startswith("config: inference.level: ")
    with pytest.raises(DiptychError, match='has no column "specie"; it has species, island, sex'):
        diptych.report(PENGUINS, rows="specie", columns="island")
    with pytest.raises(DiptychError, match="outputs: this report has every file"):
        diptych.report(PENGUINS, **SIDES, outputs=["html"])


def test_a_config_may_be_a_mapping(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("penguins.csv").write_bytes(TABLE.read_bytes())
    config = json.loads(json.dumps(CONFIG | {"outputs": ["data", "markdown"]}).replace(str(TABLE), "penguins.csv"))
    one, other = (diptych.build(config, tmp_path / name) for name in ("one", "other"))
    assert [(p.name, p.read_bytes()) for p in sorted(one.folder.rglob("*")) if p.is_file()] == [
        (p.name, p.read_bytes()) for p in sorted(other.folder.rglob("*")) if p.is_file()
    ]
    assert json.loads((one.folder / "manifest.json").read_text())["config"]["path"] == "config.yaml"
    with pytest.raises(DiptychError) as caught:
        diptych.build({"version": 1, "relations": {}}, tmp_path / "one")
    assert str(caught.value).startswith("config: ")
