"""Rules of `diptych init` that were found on tables that nobody tuned for, each on a small table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import yaml

from diptych.contrib.init.association import Associations
from diptych.contrib.init.columns import Look, column_of
from diptych.contrib.init.guess import GuessedRecords, guess
from diptych.contrib.init.looking import with_options
from diptych.contrib.init.scoring import are_alike, count_of
from diptych.contrib.init.units import name_of_rows
from diptych.contrib.init.writing import config_text

Row = Sequence[str]


def look_of(names: str, rows: Sequence[Row], file: str = "t.csv") -> Look:
    """Return the look of a table with one-word names of columns and its rows."""
    columns = tuple(
        column_of(name, list(values)) for name, values in zip(names.split(), zip(*rows, strict=True), strict=True)
    )
    return with_options(Look(Path("folder") / file, file.partition(".")[0], len(rows), columns))


def guessed(look: Look) -> GuessedRecords:
    what = guess([look]).what
    assert isinstance(what, GuessedRecords)
    return what


def relation_of(look: Look) -> dict[str, object]:
    config = yaml.safe_load(config_text(guess([look]), Path("folder")))
    (relation,) = config["relations"].values()
    assert isinstance(relation, dict)
    return relation


def turns(values: Sequence[str], n: int, each: int = 1) -> list[str]:
    return [values[k // each % len(values)] for k in range(n)]


def smokers(*, by_age: bool) -> list[Row]:
    """Return smokers, who are young, and others, who are old. The old die more often, and smokers at the same age."""
    cells = {("yes", "30"): (60, 6), ("no", "30"): (30, 2), ("yes", "70"): (10, 8), ("no", "70"): (60, 42)}
    return [
        (smoker, str(int(age if by_age else ("30", "70")[n % 2]) + n % 8), "dead" if n < dead else "alive")
        for (smoker, age), (total, dead) in cells.items()
        for n in range(total)
    ]


def test_a_column_that_reverses_the_association_becomes_strata() -> None:
    look = look_of("smoker age outcome", smokers(by_age=True))
    assert guessed(look).confounder is look.column("age")
    assert relation_of(look)["strata"] == {"columns": ["age"], "label": "age"}
    text = config_text(guess([look]), Path("folder"))
    assert "strata: # among rows with the same age, the association has the opposite direction" in text


def test_a_column_that_explains_nothing_or_determines_a_side_is_no_strata() -> None:
    unrelated = look_of("smoker age outcome", smokers(by_age=False))
    assert guessed(unrelated).confounder is None
    assert "strata" not in relation_of(unrelated)
    rows = [(smoker, age, outcome, f"{outcome[0]}1") for smoker, age, outcome in smokers(by_age=True)]
    bound = look_of("smoker years outcome code", [(a, "1", c, d) for a, _, c, d in rows])
    assert guessed(bound).confounder is None


def test_a_pair_that_a_report_can_say_something_about_goes_before_one_that_differs_by_chance() -> None:
    n = 240
    kinds, soils = turns(["ash", "elm", "oak"], n), turns(["clay", "sand", "peat"], n, 3)
    looks = ["tall" if (kind == "ash") == (k % 5 > 0) else "low" for k, kind in enumerate(kinds)]
    look = look_of("kind soil looks", list(zip(kinds, soils, looks, strict=True)))
    what = guessed(look)
    assert {what.rows.name, what.columns.name} == {"kind", "looks"}
    columns = {column.name: column for column in look.columns}
    assert Associations().is_clear(columns["kind"], columns["looks"])
    assert not Associations().is_clear(columns["kind"], columns["soil"])


def test_a_treatment_without_an_effect_is_still_the_question() -> None:
    n = 120
    outcomes = ["cured" if k % 4 < 2 else "ill" for k in range(n)]
    sides = ["left" if (k % 4 < 2) == (k % 10 < 6) else "right" for k in range(n)]
    arms = ["placebo", *turns(["drug", "placebo"], n)[1:]]  # not balanced, as a design would be
    rows = list(zip(arms, sides, outcomes, strict=True))
    look = look_of("treatment hand outcome", rows)
    what = guessed(look)
    assert not Associations().is_clear(look.columns[0], look.columns[2])
    assert Associations().is_clear(look.columns[1], look.columns[2])
    assert (what.rows.name, what.columns.name) == ("treatment", "outcome")


def test_the_association_of_counts_is_that_of_the_units() -> None:
    """Each combination has one row, so that the rows alone show no association."""
    counts = {("a", "x"): 40, ("a", "y"): 5, ("b", "x"): 6, ("b", "y"): 50, ("c", "x"): 20, ("c", "y"): 22}
    look = look_of("kind way n", [(*labels, str(n)) for labels, n in counts.items()])
    kind, way, n = look.columns
    assert [column.name for column in count_of(look)] == ["n"]
    assert Associations().lower_v(kind, way) == 0
    what = guessed(look)
    assert what.count is n
    assert Associations(np.array([40.0, 5, 6, 50, 20, 22])).lower_v(kind, way) > 0.4


def test_a_column_of_frequencies_counts_units_although_few_combinations_have_a_row() -> None:
    def table(name: str) -> Look:
        ages = [str(10 + 5 * k) for k in range(8)]
        rows = [
            (sex, f"{int(age) // 20 * 20}-", method, age, str(k + len(method)))
            for sex in ("f", "m")
            for k, age in enumerate(ages)
            for method in ("gas", "poison", "gun")
        ]
        return look_of(f"sex group method age {name}", rows)

    assert [column.name for column in count_of(table("Freq"))] == ["Freq"]
    assert count_of(table("doses")) == []


@pytest.mark.parametrize(
    ("names", "labels", "alike"),
    [
        (("satisfaction", "influence"), ("low", "medium", "high"), False),
        (("satisfaction_before", "satisfaction_after"), ("low", "medium", "high"), True),
        (("income_help", "income_tax"), ("yes", "no"), False),
        (("born", "lives"), ("France", "Spain", "Italy"), True),
        (("first", "second"), ("agree", "neutral", "disagree"), False),
        (("q1", "rank"), ("1", "2", "3"), False),
    ],
)
def test_the_same_answers_to_two_questions_are_not_the_same_categories(
    names: tuple[str, str], labels: tuple[str, ...], alike: bool
) -> None:
    first, second = (column_of(name, turns(labels, 30, each)) for each, name in enumerate(names, start=1))
    assert are_alike(first, second) is alike


def test_one_thing_recorded_twice_is_not_the_question() -> None:
    n = 120
    methods = turns(["gas", "gun", "rope"], n)
    again = ["gas" if method == "gas" else "other" for method in methods]
    who = ["f" if (method == "gas") == (k % 4 > 0) else "m" for k, method in enumerate(methods)]
    what = guessed(look_of("method method2 who", list(zip(methods, again, who, strict=True))))
    assert "who" in {what.rows.name, what.columns.name}


def test_adjacent_questions_with_yes_and_no_are_not_the_options_of_one() -> None:
    names = "employed licensed diabetic insured tired"
    rows = [tuple("yes" if (k >> place) & 1 else "no" for place in range(5)) for k in range(64)]
    assert all(column.ticked is None for column in look_of(names, rows).columns)
    one_each = [tuple("1" if place == k % 5 else "0" for place in range(5)) for k in range(64)]
    found = look_of("drama comedy western romance animation", one_each)
    assert [column.ticked.columns for column in found.columns if column.ticked] == [
        ("drama", "comedy", "western", "romance", "animation")
    ]


def test_an_id_that_recurs_with_the_same_attributes_groups_rows() -> None:
    def table(name: str, *, constant: bool) -> Look:
        people = [k for k in range(90) for _ in range(1 + (k % 3 == 0))]
        rows = [
            (
                str(person + 1000),
                "north" if (person if constant else place) % 2 else "south",
                ("trade", "farming", "mining")[place % 3],
                ("clerk", "driver", "cook")[place % 7 % 3],
            )
            for place, person in enumerate(people)
        ]
        return look_of(f"{name} side industry occupation", rows)

    group = guessed(table("nr", constant=True)).group
    assert group is not None
    assert group.name == "nr"
    assert guessed(table("height", constant=True)).group is None


def test_rows_of_one_person_are_not_people() -> None:
    rows = [(f"p{k // 3}", ("f", "m")[k // 3 % 2], ("low", "high")[k % 2]) for k in range(60)]
    look = look_of("person gender education", rows, "men.csv")
    assert name_of_rows(look, look.column("person")) is None
    assert name_of_rows(look, None) is not None


def test_labels_of_very_few_rows_become_other_unless_they_are_in_order() -> None:
    kinds = ["ash"] * 30 + ["elm"] * 30 + ["oak"] * 30 + ["yew", "fig", "bay"]
    sizes = ["often", "never"] * 45 + ["sometimes", "always", "never"]
    look = look_of("kind size", list(zip(kinds, sizes, strict=True)))
    config = yaml.safe_load(config_text(guess([look]), Path("folder")))
    named = {
        one["name"]: [category["name"] for category in config["taxonomies"][one["taxonomy"]]["categories"]]
        for one in ({"name": "kind", "taxonomy": "rows"}, {"name": "size", "taxonomy": "columns"})
    }
    assert named["kind"] == ["ash", "elm", "oak", "Other"]
    assert named["size"] == ["never", "sometimes", "often", "always"]
