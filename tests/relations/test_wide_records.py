"""A column for each option: surveys, one-hot tables and matrices of sites by species against pandas; what is refused."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest

import diptych
from diptych.errors import DiptychError
from diptych.pipeline import check
from tests.pipeline.projects import tree
from tests.refusals import Refusals

SURVEY = """\
id,Q1: Python,Q1: R,Q1: other,job,home_city,home_farm,w
1,1,,0,clerk | cook,x,,2
2,1.0,1,0,cook,,X,1
3,,1,0,cook,,x,1
4,0,0,1,,x,x,1
5,,,,clerk,x,,1
6,1,1,,clerk,,,1
7,1,,0,clerk,x,,1
"""

SITES = """\
site,habitat,Parus major,Sitta "europaea",Turdus merula
a,wood,12,3,0
b,wood,4,,1
c,town,7,0,9
d,,5,5,5
e,town,0,0,2
"""

CONFIG = """\
version: 1
report: {title: T}
relations:
  r:
    records:
      source: t.csv
      rows: ROWS
      columns: COLUMNS
      MORE
outputs: [OUTPUTS]
"""
LANGUAGES = '{column: ["Q1: *"], prefix: "Q1: ", selected_values: [1], label: Language}'
JOBS = '{column: job, separator: "|", label: Job}'
HOMES = "{column: [home_city, home_farm], prefix: home_, selected_values: [x, X], label: Home}"


def write(folder: Path, rows, columns, data=SURVEY, more="label: answer", outputs="data") -> Path:
    config = CONFIG.replace("ROWS", rows).replace("COLUMNS", columns).replace("MORE", more).replace("OUTPUTS", outputs)
    (folder / "config.yaml").write_text(config)
    (folder / "t.csv").write_text(data)
    return folder / "config.yaml"


def built(folder: Path, *arguments, **more) -> pd.DataFrame:
    diptych.build(write(folder, *arguments, **more), folder / "site")
    return pd.read_csv(folder / "site/data/left.csv")


def check_cells(cells, rows: pd.DataFrame, columns: pd.DataFrame, n=1):
    """Compare cells with two tables of truth values, a row for each unit (or `n` of them)."""
    assert set(cells["given"]) == {name for name in rows if rows[name].any()}
    there = rows.any(axis=1) & columns.any(axis=1)
    rows, columns = rows[there], columns[there]
    n = (pd.Series(1, there.index) * n)[there]
    for cell in cells.itertuples():
        assert cell.n_units == n.sum()
        assert cell.n_given == n[rows[cell.given]].sum()
        assert cell.n_outcome == n[columns[cell.outcome]].sum()
        assert cell.n_joint == n[rows[cell.given] & columns[cell.outcome]].sum()


def languages(data=SURVEY):
    frame = pd.read_csv(io.StringIO(data))
    ticked = frame.filter(like="Q1: ").fillna(0) == 1
    return ticked.rename(columns=lambda name: name.removeprefix("Q1: "))


def jobs(data):
    fields = pd.read_csv(io.StringIO(data), keep_default_na=False)["job"].str.split(" | ", regex=False)
    names = sorted({name for field in fields for name in field} - {""})
    return pd.DataFrame({name: [name in field for field in fields] for name in names})


def homes():
    ticked = pd.read_csv(io.StringIO(SURVEY)).filter(like="home_").isin(["x", "X"])
    return ticked.rename(columns=lambda name: name.removeprefix("home_"))


def test_options_on_one_side(tmp_path):
    cells = built(tmp_path, LANGUAGES, JOBS)
    check_cells(cells, languages(), jobs(SURVEY))


GOODS = """\
radio,tv,bicycle,place
1,0,0,town
1,1,0,town
0,0,0,town
no,0,,farm
0,0,0,farm
0,0,1,farm
1,0,0,farm
,,,farm
9,NA,.,town
9,1,,town
0,0,0,
"""
GOODS_SIDES = (
    '{column: [radio, tv, bicycle], selected_values: ["1"], missing: ["9"], label: Good}',
    "{column: place, label: Place}",
)


def test_rows_with_none_of_the_options_count(tmp_path):
    cells = built(tmp_path, *GOODS_SIDES, data=GOODS, outputs="data, markdown")
    frame = pd.read_csv(io.StringIO(GOODS), keep_default_na=False)
    fields = frame[["radio", "tv", "bicycle"]]
    counted = frame[fields.isin(["0", "1", "no"]).any(axis=1) & (frame["place"] != "")]
    assert (len(counted), (counted[["radio", "tv", "bicycle"]] != "1").all(axis=1).sum()) == (8, 3)
    for cell in cells.itertuples():
        has, lives = counted[cell.given] == "1", counted["place"] == cell.outcome
        assert cell.n_units == len(counted)
        assert (cell.n_given, cell.n_outcome, cell.n_joint) == (has.sum(), lives.sum(), (has & lives).sum())
        assert cell.value == pytest.approx(lives[has].mean())
    turned = pd.read_csv(tmp_path / "site/data/right.csv")
    for cell in turned.itertuples():
        assert cell.value == pytest.approx((counted.loc[counted["place"] == cell.given, cell.outcome] == "1").mean())
    assert "no option" not in (tmp_path / "site/data/unmatched.csv").read_text("utf-8")


def test_none_of_the_options_can_be_a_category(tmp_path):
    sides = GOODS_SIDES[0].replace("label: Good", "label: Good, blank: None of these"), GOODS_SIDES[1]
    cells = built(tmp_path, *sides, data=GOODS).set_index(["given", "outcome"])
    assert set(cells["n_units"]) == {10}
    assert cells.loc[("None of these", "farm"), ["n_joint", "n_given"]].tolist() == [3, 5]


def test_options_on_both_sides(tmp_path):
    check_cells(built(tmp_path, HOMES, LANGUAGES), homes(), languages())


@pytest.mark.parametrize("turned", [False, True])
def test_a_matrix_of_sites_by_species(turned, tmp_path):
    sides = ["{column: habitat, label: Habitat}", '{column: ["P*", "S*", "T*"], label: Species}']
    more = "count: values\n      empty: 0\n      label: bird"
    diptych.build(write(tmp_path, *(reversed(sides) if turned else sides), data=SITES, more=more), tmp_path / "site")
    cells = pd.read_csv(tmp_path / f"site/data/{'right' if turned else 'left'}.csv")
    long = (
        pd.read_csv(io.StringIO(SITES)).melt(["site", "habitat"], var_name="species", value_name="n").fillna({"n": 0})
    )
    long = long.loc[long.index.repeat(long["n"].astype(int))].dropna(subset=["habitat"]).reset_index(drop=True)
    habitat, species = (pd.get_dummies(long[name]).astype(bool) for name in ("habitat", "species"))
    check_cells(cells, habitat, species)
    assert set(cells["n_units"]) == {38}


def test_a_matrix_gives_the_files_of_its_long_form(tmp_path):
    sides = "{column: habitat, label: Habitat}", '{column: ["P*", "S*", "T*"], label: Species}'
    long = (
        pd.read_csv(io.StringIO(SITES)).melt(["site", "habitat"], var_name="species", value_name="n").fillna({"n": 0})
    )
    folders = tmp_path / "wide", tmp_path / "long"
    for folder in folders:
        folder.mkdir()
    keys = "label: bird\n    group: site\n    strata: [activity]"
    wide = write(folders[0], *sides, data=SITES, more=f"count: values\n      empty: 0\n      {keys}")
    other = write(folders[1], sides[0], "{column: species, label: Species}", data="", more=f"count: n\n      {keys}")
    long.astype({"n": int}).to_csv(folders[1] / "t.csv", index=False)
    for config in (wide, other):
        diptych.build(config, config.parent / "site")
    own, same = ({p.name: p.read_bytes() for p in (folder / "site/data").iterdir()} for folder in folders)
    assert own == same


REFUSALS = Refusals(Path(__file__).with_name("wide_refusals.yaml"))


@pytest.mark.parametrize("name", REFUSALS.cases)
def test_the_whole_message_golden(name, tmp_path, monkeypatch):
    changes = {key: value for key, value in REFUSALS.cases[name].items() if key != "says"}
    write(tmp_path, **changes)
    monkeypatch.chdir(tmp_path)
    before = tree(tmp_path)
    with pytest.raises(DiptychError) as caught:
        check(Path("config.yaml"))
    assert tree(tmp_path) == before
    REFUSALS.compare(name, caught.value.messages)
