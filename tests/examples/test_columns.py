"""The examples of tables in other shapes: their counts against plain pandas."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import diptych
from tests.sites import ROOT

PUBLIC = ROOT / "tests" / "public"


@pytest.fixture
def cells(tmp_path):
    """Return a function that gives the numbers of pairs of an example."""

    def built(name: str) -> dict[tuple[str, str], float]:
        text = (ROOT / "examples" / "columns" / f"{name}.yaml").read_text("utf-8").partition("\ndisclosure:")[0]
        config = Path(tmp_path / "config.yaml")
        config.write_text(text.replace("../../tests", str(ROOT / "tests")) + "\noutputs: [data]\n", "utf-8")
        diptych.build(config, tmp_path / "site")
        found = pd.read_csv(tmp_path / "site/data/left.csv").dropna(subset=["n_joint"])
        return found.set_index(["given", "outcome"])["n_joint"].to_dict()

    return built


def test_people_in_the_fields_of_a_pivot_table(cells):
    table = pd.read_csv(PUBLIC / "whole/relig_income.csv").set_index("religion").drop(columns=["rownames"])
    shown = table.drop(columns=[name for name in table if name[0] not in "<$>"])
    assert cells("incomes") == {(row, name): n for name in shown for row, n in shown[name].items()}


def test_a_whole_population(cells):
    table = pd.read_csv(PUBLIC / "tables/titanic.csv").replace({"Survived": "survivors", "Died": "dead"})
    assert cells("titanic") == table.groupby(["class", "end"]).size().to_dict()


def test_options_of_developers(cells):
    table = pd.read_csv(PUBLIC / "whole/stackoverflow.csv").query("Hobby == 1")
    years = pd.cut(
        table["YearsCodedJob"], [-1, 1, 4, 9, 19, 99], labels=["under 2", "2–4", "5–9", "10–19", "20 and over"]
    )
    found = cells("developers")
    assert ("Web_developer", "2–4") in found
    for (role, bin_), n in found.items():
        if role != "Another role":
            assert n == ((table[role] == 1) & (years == bin_)).sum()
