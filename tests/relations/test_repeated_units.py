"""Records that repeat: until a group is declared, nothing of them is tested."""

import csv
import json

import numpy as np
import pytest

from diptych.pipeline.build import build
from tests.draws import by_night

CONFIG = """\
version: 1
report: {title: Repeated}
relations:
  mood:
    records: {source: t.csv, rows: {column: job}, columns: {column: mood}%s}
%soutputs: [data]
"""


def rows_of(rng, n, *, waves=1, name="respondent_id"):
    """n people with a job, and a mood that each hardly changes between waves."""
    rows = [[name, "job", "mood", "age"]]
    for person in range(n):
        job, mood, age = rng.choice(list("abc")), rng.choice(list("xyz")), rng.integers(18, 80)
        rows += [[f"p{person}", job, mood, str(age + wave)] for wave in range(waves)]
    return rows


def built(folder, rows, records="", relation=""):
    with (folder / "t.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    (folder / "config.yaml").write_text(CONFIG % (records, relation))
    notes = build(folder / "config.yaml", folder / "site").notes
    told = json.loads((folder / "site/data/statements.json").read_text())
    with (folder / "site/data/left.csv").open() as file:
        cells = list(csv.DictReader(file))
    return {note.slug for note in notes}, told, {cell["q_value"] for cell in cells}


def with_q(told):
    return [one for one in told["statements"] if one.get("q") is not None]


@pytest.mark.parametrize("name", ["respondent_id", *by_night("ID", "patient", "Subject No")])
def test_several_rows_of_one_person_are_not_tested_until_the_group_is_declared(tmp_path, name):
    rows = rows_of(np.random.default_rng(1), 60, waves=5, name=name)
    kinds, told, q = built(tmp_path, rows)
    assert "undeclared_group" in kinds
    assert with_q(told) == []
    assert q == {""}
    kinds, told, q = built(tmp_path, rows, relation=f"    group: [{name}]\n")
    assert "undeclared_group" not in kinds
    assert with_q(told)
    kinds, told, _ = built(tmp_path, rows, records=", independent: true")
    assert "undeclared_group" not in kinds
    assert with_q(told)


def test_check_says_what_is_not_tested(here, tmp_path):
    with (tmp_path / "t.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows_of(np.random.default_rng(1), 60, waves=5))
    for records, found in (("", "no statement on mood is tested"), (", independent: true", "no problem found")):
        (tmp_path / "config.yaml").write_text(CONFIG % (records, ""))
        assert found in here("check")[1]


def test_copies_of_every_row_are_not_tested(tmp_path):
    rows = [row[1:] for row in rows_of(np.random.default_rng(2), 120)]
    kinds, told, _ = built(tmp_path, [rows[0], *rows[1:] * 3])
    assert "undeclared_group" in kinds
    assert with_q(told) == []


@pytest.mark.parametrize("name", ["respondent_id", "product_id", "city"])
def test_rows_of_their_own_are_tested(tmp_path, name):
    waves = 1 if name == "respondent_id" else 3
    kinds, told, _ = built(tmp_path, rows_of(np.random.default_rng(3), 150, waves=waves, name=name))
    assert "undeclared_group" not in kinds
    assert with_q(told)


@pytest.mark.parametrize(("n_sites", "is_refused"), [(15, True), (4, False)])
def test_counts_from_many_sites_are_not_tested_until_the_group_is_declared(tmp_path, n_sites, is_refused):
    rng = np.random.default_rng(4)
    rows = [["site", "job", "mood", "n"]]
    for site in range(n_sites):
        for job in "ab":
            rows += [[f"s{site}", job, mood, str(rng.poisson(40))] for mood in "xyz"]
    kinds, told, _ = built(tmp_path, rows, records=", count: n")
    assert ("undeclared_group" in kinds) == is_refused
    assert bool(with_q(told)) != is_refused
    kinds, told, _ = built(tmp_path, rows, records=", count: n", relation="    group: [site]\n")
    assert "undeclared_group" not in kinds
