"""Rules of `diptych init` that came from tables it had not seen: outcomes, panels, codes, options and weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from diptych.contrib.init.binning import in_bins
from diptych.contrib.init.columns import Look, LookedColumn, column_of, names_of
from diptych.contrib.init.guess import GuessedRecords, NamedColumns, guess
from diptych.contrib.init.looking import look_at
from diptych.contrib.init.missing_codes import missing_codes
from diptych.contrib.init.naming import short_name
from diptych.contrib.init.scoring import count_of, group_of, is_follow_up, is_sure_weight, weights_of
from diptych.contrib.init.writing import config_text, start
from tests.contrib.init.test_first_contact import guessed, look_of, smokers, turns
from tests.contrib.init.test_outcomes import drawn

N = 400


def table(**columns: list[str]) -> Look:
    return look_of(" ".join(columns), list(zip(*columns.values(), strict=True)))


def flags(draw: np.random.Generator, shares: list[float]) -> list[str]:
    return ["1" if draw.random() < share else "0" for share in shares]


def numbers(draw: np.random.Generator, means: list[float]) -> list[str]:
    return [f"{draw.normal(mean, 3):.2f}" for mean in means]


def in_order(look: Look) -> tuple[str, str]:
    what = guessed(look)
    return what.rows.name, what.columns.name


def binned(name: str, values: list[str]) -> LookedColumn:
    found = in_bins(column_of(name, values))
    assert found is not None
    return found


def test_a_treatment_is_the_rows_and_is_not_crossed_with_an_attribute() -> None:
    """Race and the treatment are strongly associated; earnings of the last year are the outcome."""
    draw = drawn()
    race = turns(["black", "white", "hispan"], N)
    treat = flags(draw, [0.8 if one == "black" else 0.1 for one in race])
    earned = {f"re{year}": numbers(draw, [20.0] * N) for year in (74, 75, 78)}
    look = table(treat=treat, race=race, married=flags(draw, [0.4] * N), **earned)
    assert in_order(look) == ("treat", "re78")


@pytest.mark.parametrize("name", ["OS", "RFS", "futime"])
def test_overall_survival_and_its_event_are_one_outcome(name: str) -> None:
    time = binned(name, [str(k) for k in range(1, 90)])
    assert is_follow_up(time, column_of("Recurrence", turns(["0", "1"], 89)))
    assert not is_follow_up(
        binned("age", [str(k) for k in range(1, 90)]), column_of("Recurrence", turns(["0", "1"], 89))
    )


def test_codes_with_a_row_for_each_time_are_a_group_and_ages_are_not() -> None:
    draw = drawn()
    trees = [str(100 + k // 8) for k in range(N)]
    times = [str(k % 8) for k in range(N)]
    look = table(treat=["ozone"] * (N // 2) + ["control"] * (N // 2), tree=trees, time=times)
    assert [column.name for _, column, _ in group_of(look, look.columns[:1])] == ["tree"]
    uneven = [str(20 + int(draw.integers(0, 50))) for _ in range(N)]
    look = table(treat=turns(["ozone", "control"], N), tree=uneven, time=times)
    assert group_of(look, look.columns[:1]) == []


def test_states_in_each_quarter_are_a_group() -> None:
    states = [f"state {k // 8}" for k in range(N)]
    look = table(rate=numbers(drawn(), [5.0] * N), State=states, Quarter=[f"Q{k % 8}" for k in range(N)])
    assert [column.name for _, column, _ in group_of(look, look.columns[:1])] == ["State"]


def test_ids_without_a_name_whose_rows_are_adjacent_are_a_group() -> None:
    draw = drawn()
    ids = [str(120_000 + 7 * (k // 5)) for k in range(N)]
    of_ids = turns(["0", "1"], N // 5)
    sex = [of_ids[k // 5] for k in range(N)]
    columns = {"column_1": ids, "column_2": flags(draw, [0.3] * N), "column_5": sex}
    look = table(**columns)
    assert [column.name for _, column, _ in group_of(look, look.columns[1:2])] == ["column_1"]
    mixed = table(**{name: [values[(k * 7) % N] for k in range(N)] for name, values in columns.items()})
    assert group_of(mixed, mixed.columns[1:2]) == []


def test_ids_that_start_again_in_each_year_are_no_group() -> None:
    draw = drawn()
    ids, years = [str(k % 100) for k in range(N)], [str(2000 + k // 100) for k in range(N)]
    look = table(answer=flags(draw, [0.5] * N), id=ids, year=years, sex=[draw.choice(["m", "f"]) for _ in range(N)])
    assert group_of(look, look.columns[:1]) == []
    same = table(answer=flags(draw, [0.5] * N), id=ids, year=years, sex=["mf"[k % 2] for k in range(N)])
    assert [column.name for _, column, _ in group_of(same, same.columns[:1])] == ["id"]


def test_a_weight_beside_a_height_is_that_of_a_body() -> None:
    draw = drawn()
    numbers_of = {"Wgt": numbers(draw, [150.0] * N), "Hgt": numbers(draw, [66.0] * N)}
    assert weights_of(table(sex=turns(["m", "f"], N), **numbers_of)) == []
    look = table(sex=turns(["m", "f"], N), perweight=numbers_of["Wgt"], final_weight=numbers_of["Wgt"])
    assert [column.name for column in weights_of(look) if is_sure_weight(column)] == ["perweight", "final_weight"]


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ("1 2 3 3 2 1 9 9", ("9",)),
        ("0 1 1 0 9 9 0 1", ("9",)),
        ("1 2 3 98 99 99 98 2 1 1 2", ("98", "99")),
        ("1 2 2 1 3 1 2 3 -9 -9", ("-9",)),
        ("0 1 2 3 4 9 9 1", ()),  # children
        ("1 2 3 4 5 6 7 8 9 9", ()),
        ("1 2 2 1 3 9", ()),  # one row
        ("-1 0 1 -1 0 1", ()),
        (" ".join([*map(str, range(20, 60)), "999", "999"]), ("999",)),
        (" ".join([*map(str, range(20, 95)), "99", "99"]), ()),
    ],
)
def test_codes_of_missing_answers(values: str, codes: tuple[str, ...]) -> None:
    assert missing_codes(column_of("answer", values.split())) == codes


def test_codes_of_missing_answers_are_empty_in_the_report(tmp_path: Path) -> None:
    draw = drawn()
    grade = [draw.choice(["1", "2", "3", "9"]) for _ in range(N)]
    result = ["good" if draw.random() < 0.2 + 0.2 * int(one) / 3 else "bad" for one in grade]
    rows = "\n".join(map(",".join, zip(grade, result, strict=True)))
    (tmp_path / "grades.csv").write_text(f"grade,result\n{rows}\n", encoding="utf-8")
    found = guess(look_at([tmp_path / "grades.csv"]))
    started = start(found, tmp_path / "config.yaml")
    assert started.problems == ()
    config = yaml.safe_load(started.path.read_text(encoding="utf-8"))
    (relation,) = config["relations"].values()
    assert relation["records"]["rows"]["no_answer"] == ["9"]
    names = [one["name"] for one in config["taxonomies"]["rows"]["categories"]]
    assert names == ["1", "2", "3"]
    assert found.reason("no answer") is not None


def test_labels_with_a_small_share_become_other_unless_there_are_many() -> None:
    draw = drawn()
    outcome = ["win"] * 500 + ["safe"] * 350 + ["low"] * 120 + ["returned"] * 14 + ["quit"] * 16
    season = [draw.choice(["s1", "s2", "s3"]) for _ in outcome]
    config = yaml.safe_load(config_text(guess([table(season=season, outcome=outcome)]), Path("folder")))
    assert [one["name"] for one in config["taxonomies"]["columns"]["categories"]] == ["win", "safe", "low", "Other"]
    many = [f"kind {k % 40}" if k < 400 else ["ash", "elm", "oak"][k % 3] for k in range(1000)]
    config = yaml.safe_load(config_text(guess([table(season=season, kind=many)]), Path("folder")))
    (names,) = [
        sorted(one["name"] for one in of["categories"])
        for of in config["taxonomies"].values()
        if len(of["categories"]) > 4
    ]
    assert "kind 1" in names


def test_zero_and_one_are_no_and_yes_if_the_name_says_so() -> None:
    assert names_of(column_of("married", ["0", "1"]), ["0", "1"]) == {"0": "no", "1": "yes"}
    assert names_of(column_of("is_member", ["0", "1"]), ["0", "1"]) == {"0": "no", "1": "yes"}
    assert names_of(column_of("arm", ["0", "1"]), ["0", "1"]) == {"0": "0", "1": "1"}
    assert names_of(column_of("speed", ["0", "1"]), ["0", "1"]) == {"0": "0", "1": "1"}


def test_numbers_of_an_experiment_with_replicates_are_no_counts() -> None:
    draw = drawn()
    cells = [(a, b, c, str(draw.integers(0, 30))) for a in "uvw" for b in "xyz" for c in "123"]
    columns = list(map(list, zip(*cells, strict=True)))
    assert count_of(table(**dict(zip(("mask", "solder", "panel", "skips"), columns, strict=True)))) == []
    (count,) = count_of(table(**dict(zip(("mask", "solder", "size", "skips"), columns, strict=True))))
    assert count.name == "skips"


def test_a_code_of_a_label_is_no_count() -> None:
    names = [f"place {k // 4}" for k in range(40)]
    codes = [str(50_000 + 13 * (k // 4)) for k in range(40)]
    assert count_of(table(place=names, ccn=codes, measure=turns(list("abcd"), 40))) == []


def test_the_only_number_counts_if_both_sides_are_given_and_each_pair_has_one_row() -> None:
    rows = [(a, b, str(7 * k + 3), str(k % 3)) for k, (a, b) in enumerate((a, b) for a in "uvwx" for b in "klmn")]
    look = table(
        **dict(zip(("place", "party", "stimmen", "round"), map(list, zip(*rows[:13], strict=True)), strict=True))
    )
    what = guess([look], NamedColumns(rows="place", columns="party")).what
    assert isinstance(what, GuessedRecords)
    assert what.count is not None
    assert what.count.name == "stimmen"


def test_dummies_of_several_questions_are_not_one_question() -> None:
    draw = drawn()
    place, branch = draw.integers(0, 4, N), draw.integers(0, 4, N)
    names = ("north", "south", "west", "trade", "mining", "farming")
    of = [place == k for k in range(3)] + [branch == k for k in range(3)]
    columns = {name: ["1" if one else "0" for one in values] for name, values in zip(names, of, strict=True)}
    assert not any(column.ticked for column in table(pay=numbers(draw, [9.0] * N), **columns).columns)
    kinds = draw.integers(0, 8, N)
    columns = {name: ["1" if one == k else "0" for one in kinds] for k, name in enumerate(names)}
    look = table(pay=numbers(draw, [9.0 + (one == 3) * 9 for one in kinds]), **columns)
    assert any(column.ticked for column in look.columns)
    config = config_text(guess([look]), Path("folder"))
    assert 'label: "Option"' in config
    assert "north to" not in yaml.safe_load(config)["report"]["title"].casefold()


def test_bins_begin_at_numbers_with_few_digits() -> None:
    numbers_of = [1.0] * 50 + [2.0] * 20 + [2.116386555] * 10 + [3.0] * 20
    assert binned("score", [str(one) for one in numbers_of]).bins == (2.0, 2.1)


def elections(*, code: bool = False) -> Look:
    """Return votes by party, state and year, with the total of each state and year, or a code of each party."""
    rows = [(party, state, year) for year in ("2012", "2016", "2020") for state in "abcdefghij" for party in "PQRST"]
    votes = [str(1000 + 37 * n % 911 + 400 * (party == "P")) for n, (party, _, _) in enumerate(rows)]
    totals = [str(sum(map(int, votes[n // 5 * 5 : n // 5 * 5 + 5]))) for n in range(len(rows))]
    parties, states, years = zip(*rows, strict=True)
    more = {"num_panneau": [str("PQRST".index(party) + 1) for party in parties]} if code else {}
    again = [*range(len(rows)), 7, 11]  # two candidates have two rows
    columns = {
        "year": years,
        "state": states,
        "party": parties,
        "candidatevotes": votes,
        **(more or {"totalvotes": totals}),
    }
    return table(**{name: [values[n] for n in again] for name, values in columns.items()})


@pytest.mark.parametrize("code", [False, True])
def test_votes_are_the_count_and_not_a_code_of_each_party_or_a_total(code: bool) -> None:
    look = elections(code=code)
    assert [column.name for column in count_of(look)] == ["candidatevotes"]
    assert str(relation_label(look)).casefold() == "vote"


def relation_label(look: Look) -> object:
    (relation,) = yaml.safe_load(config_text(guess([look]), Path("folder")))["relations"].values()
    return relation["records"]["label"]


def test_numbers_of_people_in_rows_that_are_households_are_no_count() -> None:
    draw = drawn()
    columns = {name: [str(draw.integers(0, 4)) for _ in range(N)] for name in ("heating", "roof", "walls", "floor")}
    assert count_of(table(**columns, people=[str(draw.integers(1, 7)) for _ in range(N)])) == []


def test_frequencies_with_fractions_are_weights() -> None:
    """A pair that was measured between two classes is counted half in each."""
    cells = [(a, b, c) for a in "pqrs" for b in "tuvw" for c in "xyz" if (a, b) != ("p", "t")]
    look = table(**dict(zip(["one", "two", "three"], map(list, zip(*cells, strict=True)), strict=True)),
                 frequency=[f"{(n % 7 + 1) / 4}" for n in range(len(cells))])  # fmt: skip
    what = guessed(look)
    assert what.weight is look.column("frequency")
    assert what.is_weighted


def test_a_second_header_row_that_only_announces_answers_is_no_person(tmp_path: Path) -> None:
    """SurveyMonkey leaves the fields below its own columns empty."""
    head = 'Respondent ID,Start Date,"Are you currently - married, widowed, or divorced?",What is your sex?\n'
    rows = "".join(f"{n},03/01/2007,{'married' if n % 3 else 'widowed'},{'fm'[n % 2]}\n" for n in range(60))
    (tmp_path / "t.csv").write_text(f"{head},,Response,Open-Ended Response\n{rows}")
    (look,) = look_at([tmp_path / "t.csv"])
    assert look.n_rows == 60
    assert "Response" not in {value for column in look.columns for value in column.counts}
    assert short_name("Are you currently - married, widowed, or divorced?") == "Married widowed or divorced"


def test_first_names_and_few_meets_are_no_groups() -> None:
    """Different persons share a first name. Tests by groups show nothing if each of a few has one label of a side."""
    draw = drawn()
    first, last = ([f"{part}{draw.integers(0, 60)}" for _ in range(N)] for part in "AB")
    look = table(name1=first, name2=last, sex=turns(["f", "m"], N), result=turns(["won", "lost", "lost"], N))
    assert group_of(look, look.columns[2:]) == []
    heats = turns([f"heat {n}" for n in range(24)], N)
    looks = table(heat_name=heats, lift=["one" if int(heat[5:]) < 6 else "three" for heat in heats], sex=turns("fm", N))
    assert group_of(looks, looks.columns[1:]) == []


def test_strata_have_several_rows_each() -> None:
    rows = [(*row[:1], str(int(row[1]) + 8 * (n % 3)), *row[2:]) for n, row in enumerate(smokers(by_age=True))]
    assert guessed(look_of("smoker age outcome", rows)).confounder is None
