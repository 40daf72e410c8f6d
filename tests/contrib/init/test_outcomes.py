"""Rules of `diptych init` about outcomes, bins, counts and units, each on a small table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from diptych.contrib.init.binning import in_bins, round_cuts
from diptych.contrib.init.columns import Look, column_of
from diptych.contrib.init.guess import GuessedRecords, NamedColumns, guess
from diptych.contrib.init.looking import look_at
from diptych.contrib.init.scoring import count_of, is_dummy_of, is_sure_weight, time_of_stock
from diptych.contrib.init.sniffing import reading_notes
from diptych.contrib.init.units import name_of_rows, rows_per_unit
from diptych.contrib.init.writing import config_text, start
from tests.contrib.init.test_first_contact import guessed, look_of, relation_of, turns

N = 240


def drawn(n: int = N, seed: int = 17) -> np.random.Generator:
    return np.random.default_rng(seed + n)


def sides(look: Look) -> set[str]:
    what = guessed(look)
    return {what.rows.name, what.columns.name}


def table(file: str = "t.csv", **columns: list[str]) -> Look:
    return look_of(" ".join(columns), list(zip(*columns.values(), strict=True)), file)


def test_an_outcome_of_zeros_and_ones_with_gaps_is_a_side() -> None:
    """Age and sex are strongly associated, and the outcome is rare and has gaps."""
    draw = drawn()
    age = [str(18 + k % 5) for k in range(N)]
    sex = ["1" if draw.random() < (0.8 if int(a) < 20 else 0.2) else "0" for a in age]
    overdrawn = [
        "" if k % 80 == 0 else "1" if draw.random() < (0.3 if s == "1" else 0.02) else "0" for k, s in enumerate(sex)
    ]
    look = table("overdrawn.csv", Age=age, Sex=sex, Overdrawn=overdrawn)
    assert "Overdrawn" in sides(look)


def test_a_table_of_numbers_has_bins() -> None:
    draw = drawn(900)
    parent = [round(float(draw.normal(68, 2)) * 2) / 2 for _ in range(900)]
    child = [round((68 + 0.5 * (one - 68) + float(draw.normal(0, 2))) * 2) / 2 for one in parent]
    look = table(parent=[str(one) for one in parent], child=[str(one) for one in child])
    relation = relation_of(look)["records"]
    assert isinstance(relation, dict)
    assert (relation["rows"]["column"], relation["columns"]["column"]) == ("parent", "child")
    assert len(relation["rows"]["bins"]) == 3
    assert "taxonomies" not in config_text(guess([look]), Path("folder"))


def test_a_named_column_of_numbers_is_in_bins_and_it_is_said(tmp_path: Path) -> None:
    rows = [f"{['ash', 'elm', 'oak'][k % 3]},{['clay', 'sand'][k // 3 % 2]},{k * 7 % 60 + k % 3}.5" for k in range(180)]
    (tmp_path / "t.csv").write_text("\n".join(["tree,soil,mass", *rows, ""]), encoding="utf-8")
    found = guess(look_at([tmp_path / "t.csv"]), NamedColumns(rows="mass", columns="tree"))
    assert found.reason("rows") is not None
    assert "mass, as it was named, in bins, since it has" in str(found.reason("rows"))
    started = start(found, tmp_path / "config.yaml")
    assert started.problems == ()
    assert "bins: [" in started.path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("values", "cuts"),
    [
        ({float(age): 1 for age in range(18, 90)}, (40.0, 60.0, 80.0)),
        ({0.0: 80, 1.0: 10, 5.0: 10}, None),
        ({one / 10: 1 for one in range(1000)}, (20.0, 40.0, 80.0)),
    ],
)
def test_bins_begin_at_round_numbers(values: dict[float, int], cuts: tuple[float, ...] | None) -> None:
    found = round_cuts(values)
    assert found == cuts or (found is not None and cuts is not None and len(found) == len(cuts))


def test_many_zeros_are_a_bin_of_their_own() -> None:
    column = in_bins(column_of("visits", ["0"] * 70 + [str(k) for k in range(1, 31)]))
    assert column is not None
    assert column.bins == "quartiles"
    assert dict(column.counts) == {"0": 70, "1–5": 5, "6–30": 25}
    assert in_bins(column_of("visits", ["3"] * 100)) is None


def cells(last: str, file: str = "t.csv") -> Look:
    """Return a table of counts with five columns of labels, of which half of the combinations have a row."""
    draw = drawn()
    keys = [
        (f"y{a}", f"f{b}", g, f"q{c}") for a in range(2) for b in range(8) for g in ("man", "woman") for c in range(9)
    ]
    rows = [(*key, str(int(draw.integers(20, 50)))) for key in keys if draw.random() < 0.4]
    return look_of(f"cohort field gender group {last}", rows, file)


def test_a_column_named_as_counts_counts_units_in_a_table_of_cells() -> None:
    look = cells("number_graduates")
    assert [column.name for column in count_of(look)] == ["number_graduates"]
    assert "number_graduates" not in sides(look)
    assert count_of(cells("year")) == []
    assert count_of(cells("postcode")) == []


def test_people_with_a_number_of_children_are_no_cells() -> None:
    draw = drawn()
    columns = {
        name: [f"{name}{int(draw.integers(0, 4))}" for _ in range(N)] for name in ("job", "party", "town", "club")
    }
    look = table(**columns, number_children=[str(int(draw.integers(0, 6))) for _ in range(N)])
    assert count_of(look) == []


def test_a_stock_is_counted_at_its_last_time() -> None:
    draw = drawn()
    rows = [
        (state, legal, sex, time, str(int(draw.integers(20, 60)) + 40 * (state == "a" and legal == "remand")))
        for time in ("2005-03-01", "2005-06-01", "2005-09-01")
        for state in "abcd"
        for legal in ("remand", "sentenced")
        for sex in ("male", "female")
    ]
    look = look_of("state legal sex time count", rows, "prison.csv")
    assert time_of_stock(look, look.columns[-1]) == (look.columns[3], "2005-09-01")
    what = guessed(look)
    assert (what.where, what.look.n_rows) == ({"time": ("2005-09-01",)}, 16)
    relation = relation_of(look)["records"]
    assert isinstance(relation, dict)
    assert relation["where"] == {"time": ["2005-09-01"]}
    assert guessed(look_of("state legal sex time count", rows, "arrests.csv")).where == {}


def test_codes_and_years_are_not_added_up_as_counts() -> None:
    rows = [
        (
            str(2012 + k // 20),
            f"place {k % 20}",
            str(10111 + k % 20),
            *(str(10 + k * place % 37) for place in (3, 5, 7)),
        )
        for k in range(120)
    ]
    look = look_of("Year Place Code Robbery Theft Fire", [tuple(cell for cell in row) for row in rows])
    option = look.column("option")
    assert option is not None
    assert option.ticked is not None
    assert option.ticked.columns == ("Robbery", "Theft", "Fire")


def test_a_weight_of_a_survey_is_used_and_a_weight_of_a_body_is_not() -> None:
    draw = drawn()
    kind = turns(["ash", "elm", "oak"], N)
    soil = ["clay" if draw.random() < (0.8 if one == "ash" else 0.3) else "sand" for one in kind]
    for name, value, is_used in (("pw", 30.5, True), ("weight", 70.0, False), ("weight", 1.0, True)):
        values = [f"{value * (0.9 + 0.2 * (k % 2)):.3f}" for k in range(N)]
        what = guessed(table(kind=kind, soil=soil, **{name: values}))
        assert what.weight is not None
        assert (what.is_weighted, is_sure_weight(what.weight)) == (is_used, is_used)


def test_dummies_of_a_question_are_one_and_dummies_of_a_column_are_none() -> None:
    codes = [int(k) for k in drawn().integers(0, 4, N)]
    kids = [str(int(k)) for k in drawn(7).integers(0, 2, N)]
    dummies = {
        name: [str(int(code == place)) for code in codes] for place, name in enumerate(("low", "mid", "good", "top"))
    }
    look = table(kids=kids, **dummies)
    assert [column.name for column in look.columns if column.ticked] == ["low to top"]
    coded = table(injury=[f"type {code}" for code in codes], kids=kids, **dummies)
    assert is_dummy_of(coded.columns[2], coded.columns[0])
    assert not is_dummy_of(coded.columns[1], coded.columns[0])
    assert not any(column.ticked for column in coded.columns)


def test_rows_of_one_person_are_no_people() -> None:
    draw = drawn()
    people = [
        (draw.choice(["male", "female"]), f"e{draw.integers(0, 6)}", f"r{draw.integers(0, 5)}") for _ in range(40)
    ]
    rows = [(*person, f"u{draw.integers(0, 3)}") for person in people for _ in range(7)]
    look = look_of("sex education race union", [tuple(map(str, row)) for row in rows])
    assert rows_per_unit(look) == 7
    assert name_of_rows(look, None) is None
    assert "each 7 rows seem to be one unit" in str(guess([look]).reason("unit"))
    shuffled = [rows[place] for place in draw.permutation(len(rows))]
    assert rows_per_unit(look_of("sex education race union", [tuple(map(str, row)) for row in shuffled])) is None


def test_lines_of_a_title_with_the_separators_of_the_table_are_skipped(tmp_path: Path) -> None:
    empty = "," * 9
    lines = [
        f"Injuries of players{empty}",
        f"Seasons 2012 to 2014{empty}",
        f"Records: 40,Created: today{empty[1:]}",
        empty,
    ]
    names = ["player", "team", "kind", "season", "weeks", "place", "snaps", "games", "role", "side"]
    lines += [",".join(names)]
    lines += [
        f"p{k},t{k % 4},{['head', 'knee'][k // 2 % 2]},20{12 + k % 3},{k % 5},a,b,{k % 7},c{k % 2},d" for k in range(40)
    ]
    (tmp_path / "t.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    (look,) = look_at([tmp_path / "t.csv"])
    assert [column.name for column in look.columns] == names
    assert [note.message for note in reading_notes([look])] == ["t.csv: 4 lines above the header are skipped"]


def test_damaged_bytes_are_counted(tmp_path: Path) -> None:
    rows = "".join(f"{'ü' * 20}{k % 3},{'x' if k % 2 else 'y'}\n" for k in range(40)).encode()
    (tmp_path / "t.csv").write_bytes(b"a,b\n" + rows + b"bad \xff,x\n")
    (look,) = look_at([tmp_path / "t.csv"])
    assert [note.message for note in reading_notes([look])] == ["t.csv: 1 byte is not UTF-8 and is read as �"]


def test_strata_leave_out_rows_whose_stratum_is_unknown() -> None:
    """Sex reverses the association; three rows have none."""
    parts = {("a", "m"): (80, 60), ("b", "m"): (20, 18), ("a", "f"): (20, 2), ("b", "f"): (80, 16)}
    rows = [
        (kind, sex, "yes" if n < yes else "no") for (kind, sex), (total, yes) in parts.items() for n in range(total)
    ]
    look = look_of("kind sex result", [*rows, ("a", "", "yes"), ("b", "", "no"), ("b", "", "no")])
    found = guess([look], NamedColumns(rows="kind", columns="result"))
    assert isinstance(found.what, GuessedRecords)
    assert found.what.confounder is not None
    assert (found.what.where, found.what.look.n_rows) == ({"sex": ("f", "m")}, 200)
    text = config_text(found, Path("folder"))
    assert yaml.safe_load(text)["relations"]["t"]["records"]["where"] == {"sex": ["f", "m"]}
    assert "3 rows without a known sex are left out" in text
