"""Rules of `diptych init` that keep a thing from being crossed with itself, counted wrongly or tested as independent."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from diptych.contrib.init.columns import Look
from diptych.contrib.init.guess import guess
from diptych.contrib.init.looking import look_at
from diptych.contrib.init.scoring import group_of, is_sure_weight, pairs
from diptych.contrib.init.sniffing import reading_notes
from diptych.contrib.init.units import name_of_rows
from diptych.contrib.init.writing import config_text
from tests.contrib.init.test_first_contact import turns
from tests.contrib.init.test_outcomes import drawn, sides, table

N = 600


def groups(look: Look) -> list[str]:
    return [column.name for _, column, _ in group_of(look, look.columns[:1])]


def answers(draw: np.random.Generator, yes: str = "yes", no: str = "no", n: int = N) -> list[str]:
    return [yes if draw.random() < 0.4 else no for _ in range(n)]


@pytest.mark.parametrize(
    ("name", "is_group"),
    [
        ("School", True),
        ("household", True),
        ("Personennummer", True),
        ("patientID", True),
        ("teamname", True),
        ("detection_agent", False),
        ("First_Name", False),
        ("school_type", False),
        ("cause", False),
        ("model", False),
    ],
)
def test_groups_are_persons_and_clusters_and_not_attributes(name: str, is_group: bool) -> None:
    members = [f"x{k // 10}" for k in range(N)]
    kinds = [f"kind {k // 200}" for k in range(N)]
    assert groups(table(kind=kinds, sex=answers(drawn(), "m", "f"), **{name: members})) == [name] * is_group


def test_a_school_with_a_number_is_a_group_and_years_at_a_company_are_not() -> None:
    numbers = [str(1200 + k // 20) for k in range(N)]
    assert groups(table(sex=answers(drawn(), "m", "f"), School=numbers)) == ["School"]
    assert groups(table(sex=answers(drawn(), "m", "f"), YearsAtSchool=numbers)) == []


def test_countries_in_years_are_a_group() -> None:
    names = [f"land {k // 12}" for k in range(N)]
    years = [str(2000 + k % 12) for k in range(N)]
    assert groups(table(result=answers(drawn()), nation=names, year=years)) == ["nation"]
    assert groups(table(result=answers(drawn()), nation=names, year=["2000"] * N)) == []


def test_ratings_ages_and_years_of_education_are_not_added_up() -> None:
    draw = drawn()
    numbers = {name: [str(draw.integers(0, 9) * 10) for _ in range(N)] for name in ("LDP", "NFP", "SKG")}
    people = table(**numbers, gender=turns(["male", "female"], N), age=[str(20 + k % 50) for k in range(N)])
    assert people.column("option") is None
    places = [f"place {k // 2}" for k in range(40)]
    cells = table(**{name: values[:40] for name, values in numbers.items()}, gender=turns(["m", "f"], 40), place=places)
    option = cells.column("option")
    assert option is not None
    assert option.ticked is not None
    assert option.ticked.columns == ("LDP", "NFP", "SKG")


def test_a_first_row_of_numbers_that_repeat_is_data_and_it_is_noted(tmp_path: Path) -> None:
    draw = drawn()
    rows = [",".join(str(one) for one in (121013 + k, *draw.integers(0, 3, 5))) for k in range(60)]
    (tmp_path / "bare.csv").write_text("\n".join(["121013,0,1,0,0,2", *rows, ""]), encoding="utf-8")
    (look,) = look_at([tmp_path / "bare.csv"])
    assert (look.n_rows, look.columns[0].name) == (61, "column 1")
    assert [note.slug for note in reading_notes([look])] == ["no_header"]
    (tmp_path / "years.csv").write_text("1990,1991,1992\n" + "4,5,6\n7,8,9\n" * 9, encoding="utf-8")
    assert look_at([tmp_path / "years.csv"])[0].columns[0].name == "1990"


def test_countries_are_not_people() -> None:
    people = {"sex": turns(["male", "female"], N), "education": answers(drawn(), "high", "low")}
    named = name_of_rows(table(**people), None)
    assert named is not None
    assert named.several == "people"
    assert name_of_rows(table(**people, country=[f"land {k}" for k in range(N)]), None) is None
    assert name_of_rows(table(education=people["education"], income=people["education"]), None) is None


def test_counts_are_units_and_not_records() -> None:
    draw = drawn()
    cells = [(a, b, str(draw.integers(20, 90))) for a in "uvw" for b in "xyz"]
    look = table(**dict(zip(("branch", "colour", "count"), map(list, zip(*cells, strict=True)), strict=True)))
    assert "      label: unit #" in config_text(guess([look]), Path("folder"))


def test_a_weight_with_a_mean_near_one_is_used() -> None:
    draw = drawn()
    weights = [str(round(float(draw.uniform(0.4, 1.72)), 3)) for _ in range(N)]
    (weight,) = table(weight=weights).columns
    assert is_sure_weight(weight)


def test_time_of_follow_up_and_event_are_one_outcome() -> None:
    draw = drawn()
    status = answers(draw, "1", "0")
    time = [str(draw.integers(1, 100) + 35 * (s == "0")) for s in status]
    grade = [str(1 + int(draw.integers(0, 3)) + (s == "1" and draw.random() < 0.2)) for s in status]
    found = pairs(table(grade=grade, rfstime=time, status=status))
    assert {"rfstime", "status"} not in [{pair.rows.name, pair.columns.name} for pair in found]


def test_two_columns_of_a_cluster_are_not_crossed() -> None:
    """Both the rate and the default of an address are the same in all its rows; the answers of persons are not."""
    draw = drawn()
    address = [f"address {k // 10}" for k in range(N)]
    default = ["1" if k // 10 % 3 else "0" for k in range(N)]
    rate = ["low" if (k // 10) % 7 < 2 + 3 * (d == "1") else "high" for k, d in enumerate(default)]
    takeup = ["1" if draw.random() < 0.3 + 0.4 * (d == "1") else "0" for d in default]
    others = {f"q{k}": answers(draw) for k in range(3)}
    look = table(address=address, rate=rate, default=default, takeup=takeup, **others)
    assert sides(look) == {"takeup", "default"}


def test_a_table_of_one_question_crosses_two_of_its_options() -> None:
    draw = drawn()
    likes = [float(draw.random()) for _ in range(N)]
    brands = {f"brand.{name}": ["1" if draw.random() < 0.2 else "0" for _ in likes] for name in "cdefg"}
    single = {
        f"brand.{name}": ["1" if draw.random() < (0.6 if like > 0.8 else 0.1) else "0" for like in likes]
        for name in "ab"
    }
    assert sides(table(**single, **brands)) == {"brand.a", "brand.b"}


def test_a_pair_that_few_rows_have_is_not_chosen() -> None:
    draw = drawn()
    frame = [str(draw.choice(["oval", "round", "square"])) if k % 30 == 0 else "" for k in range(N)]
    theme = [{"oval": "sea", "round": "wood"}.get(one, "hill") if draw.random() < 0.9 else "sea" for one in frame]
    place = [str(draw.choice(["north", "south", "east"])) for _ in range(N)]
    tree = ["elm" if draw.random() < (0.55 if one == "north" else 0.45) else "oak" for one in place]
    assert sides(table(type=frame, genre=theme, place=place, tree=tree)) == {"place", "tree"}
