"""What a table holds is recognised from its texts: questions, options, order, codes, weights, counts, ids, people."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from diptych.contrib.choose.choice import default_choice, default_side, levels_of, side_of
from diptych.contrib.choose.questions import Profile, profile_of
from diptych.contrib.choose.ranking import Ranking
from diptych.contrib.choose.reading import read_table
from diptych.contrib.choose.session import Session
from diptych.contrib.choose.telling import shown
from diptych.errors import DataError

Columns = dict[str, Sequence[object]]
N = 240


def written(path: Path, columns: Columns, above: Sequence[str] = (), below: Sequence[str] | None = None) -> Path:
    """Write a table with lines above its header, and a second row of names."""
    lines = [*above, ",".join(f'"{name}"' for name in columns)]
    lines += [] if below is None else [",".join(f'"{name}"' for name in below)]
    lines += [",".join(f'"{value}"' for value in row) for row in zip(*columns.values(), strict=True)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def profiled(path: Path, columns: Columns, **more: Sequence[str]) -> Profile:
    return profile_of(read_table(str(written(path / "t.csv", columns, **more))))


@pytest.fixture
def draw() -> random.Random:
    return random.Random(7)  # noqa: S311 - a test


def some(draw: random.Random, values: Sequence[object], n: int = N) -> list[object]:
    return [draw.choice(values) for _ in range(n)]


def test_options_below_a_second_header_are_one_question_and_blanks_are_no_no(
    tmp_path: Path, draw: random.Random
) -> None:
    asked = [draw.random() < 0.7 for _ in range(N)]
    tea = ["Tea" if one and draw.random() < 0.5 else "" for one in asked]
    cake = ["Cake" if one and (draw.random() < 0.6 or not t) else "" for one, t in zip(asked, tea, strict=True)]
    pie = ["Pie" if one and draw.random() < 0.3 else "" for one in asked]
    columns: Columns = {"RespondentID": range(1, N + 1), "What did you have?": tea, "": cake, " ": pie}
    columns |= {"Your gender": some(draw, ["Male", "Female"])}
    profile = profiled(tmp_path, columns, below=["", "Tea", "Cake", "Pie", "Response"])
    question = next(one for one in profile.questions if one.form == "options")
    assert question.text == "What did you have?"
    assert [option.name for option in question.options] == ["Tea", "Cake", "Pie"]
    side = side_of(profile, default_side(profile, profile.questions.index(question)))
    assert side.there.sum() == sum(bool(t or c or p) for t, c, p in zip(tea, cake, pie, strict=True))
    assert side.sets[:, 0].sum() == sum(map(bool, tea))


def test_options_of_an_export_with_import_rows(tmp_path: Path, draw: random.Random) -> None:
    columns: Columns = {"Q1": some(draw, ["Yes", "No"]), "Q2": some(draw, ["Often", "Never", "Sometimes"])}
    path = tmp_path / "t.csv"
    written(path, columns, below=["Do you smoke?", "How often do you run?"])
    lines = path.read_text().splitlines()
    lines.insert(2, '"{""ImportId"":""QID1""}","{""ImportId"":""QID2""}"')
    path.write_text("\n".join(lines))
    profile = profile_of(read_table(str(path)))
    assert [one.text.split(": ")[-1] for one in profile.questions] == ["Do you smoke?", "How often do you run?"]
    assert profile.table.n_all == N


def test_answers_of_a_scale_are_in_order_and_words_are_not_cut(tmp_path: Path, draw: random.Random) -> None:
    text = "Overall, how satisfied or dissatisfied are you with the quality of the food in the canteen of your school?"
    steps = ["Very dissatisfied", "Dissatisfied", "Neutral", "Satisfied", "Very satisfied"]
    profile = profiled(tmp_path, {text: some(draw, steps), "Sex": some(draw, ["F", "M"])})
    side = default_side(profile, 0)
    assert side.label == text
    assert side_of(profile, side).categories == tuple(steps)
    assert side.is_ordered


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        (["1", "2", "3", "4", "9"], {"9"}),
        (["0", "1", "2", "-99"], {"-99"}),
        (["Agree", "Disagree", "Refused", "Prefer not to say"], {"Refused", "Prefer not to say"}),
        ([*map(str, range(18, 80)), "999"], {"999"}),
        (["1", "2", "3", "4", "5"], set()),
    ],
)
def test_codes_of_missing_answers_are_no_answers(
    tmp_path: Path, draw: random.Random, values: list[str], codes: set[str]
) -> None:
    answers = [*some(draw, values, N - 20), *(some(draw, [v for v in values if v in codes] or values, 20))]
    profile = profiled(tmp_path, {"answer": answers, "Sex": some(draw, ["F", "M"])})
    side = default_side(profile, 0)
    levels = levels_of(profile, side)
    assert {level.name for level in levels if level.kind == "code"} == codes
    used = {place for group in side.groups for place in group.levels}
    assert all(levels[place].kind != "code" for place in used)
    assert side_of(profile, side).there.sum() == sum(one not in codes for one in answers)


def test_several_answers_in_one_field_are_options(tmp_path: Path, draw: random.Random) -> None:
    tools = ["Saw", "Hammer, large", "Drill", "Plane", "Chisel"]
    fields = ["; ".join(t for t in tools if draw.random() < 0.5) for _ in range(N)]
    profile = profiled(tmp_path, {"Tools": fields, "Sex": some(draw, ["F", "M"])})
    side = side_of(profile, default_side(profile, 0))
    assert set(side.categories) == set(tools)
    at = side.categories.index("Hammer, large")
    assert side.sets[:, at].sum() == sum("Hammer, large" in field for field in fields)


def test_weights_counts_ids_and_people_have_their_roles(tmp_path: Path, draw: random.Random) -> None:
    columns: Columns = {
        "respondent_id": [n // 3 for n in range(N)], "e-mail": [f"p{n}@example.org" for n in range(N)],
        "weight": [round(draw.uniform(0.2, 3), 3) for _ in range(N)], "answer": some(draw, ["a", "b", "c"]),
        "sex": some(draw, ["F", "M"]),
    }  # fmt: skip
    profile = profiled(tmp_path, columns)
    assert profile.weight is not None
    assert profile.weight.name == "weight"
    assert {column.name: column.role for column in profile.aside} == {
        "respondent_id": "id",
        "e-mail": "private",
        "weight": "weight",
    }
    ranking = Ranking(profile)
    choice = default_choice(ranking, ranking.pair(0, 1))
    assert (choice.group, choice.is_weighted) == ("respondent_id", True)


def test_a_column_of_counts_multiplies_rows(tmp_path: Path) -> None:
    cells = [(sex, cls, end) for sex in "FM" for cls in ("1st", "2nd", "3rd", "crew") for end in ("died", "lived")]
    columns: Columns = {"sex": [c[0] for c in cells] * 2, "class": [c[1] for c in cells] * 2}
    columns |= {"age": ["adult"] * len(cells) + ["child"] * len(cells), "end": [c[2] for c in cells] * 2}
    columns |= {"Freq": [10 * n + 7 for n in range(2 * len(cells))]}
    profile = profiled(tmp_path, columns)
    assert profile.count is not None
    assert profile.units.sum() == sum(10 * n + 7 for n in range(2 * len(cells)))


def test_a_column_and_its_recode_are_no_pair(tmp_path: Path, draw: random.Random) -> None:
    ages = [draw.randint(18, 80) for _ in range(N)]
    groups = ["under 30" if age < 30 else "30 to 49" if age < 50 else "50 and over" for age in ages]
    answers = ["yes" if draw.random() < (0.7 if age < 30 else 0.3) else "no" for age in ages]
    columns: Columns = {"age": ages, "age_group": groups, "smokes": answers, "sex": some(draw, ["F", "M"])}
    ranking = Ranking(profiled(tmp_path, columns))
    assert ranking.pair(0, 1).is_same
    assert not any(pair.is_same for pair in [*ranking.by_background(), *ranking.strongest(), *ranking.suggestions()])
    (first, also), *_ = ranking.partners(2)
    assert {first.other(2), *also} == {0, 1}


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"a": ["x", "y"] * 10, "b": ["u", "v"] * 10}, "too few"),
        (
            {f"rate{k}": [round(1.37 * n * (k + 1) % 17, 3) for n in range(60)] for k in range(1)},
            "nothing to cross|rates",
        ),
        ({"id": range(100), "note": [f"a long remark number {n}" for n in range(100)]}, "nothing to cross"),
    ],
)
def test_tables_with_nothing_to_cross_are_refused(tmp_path: Path, columns: Columns, said: str) -> None:
    with pytest.raises(DataError, match=said):
        Session(read_table(str(written(tmp_path / "t.csv", columns))))


def test_a_table_of_very_many_columns_is_refused_at_once(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", {f"q{k}": ["yes", "no"] * (N // 2) for k in range(2001)})
    with pytest.raises(DataError, match="2,001 columns"):
        read_table(str(path))


def test_a_table_without_a_header_is_refused(tmp_path: Path, draw: random.Random) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "\n".join(f"{draw.choice(['red', 'blue'])},{draw.choice([3, 4])},{draw.random():.3f}" for _ in range(90))
    )
    with pytest.raises(DataError, match="header"):
        read_table(str(path))


def test_questions_are_grouped_and_split_by_hand(tmp_path: Path, draw: random.Random) -> None:
    columns: Columns = {
        "tea": some(draw, ["yes", "no"]),
        "Sex": some(draw, ["F", "M"]),
        "pie": some(draw, ["yes", "no"]),
    }
    session = Session(read_table(str(written(tmp_path / "t.csv", columns))))
    session.fold([0, 2])
    assert [question.form for question in session.profile.questions] == ["options", "column"]
    pair = session.ranking.pair(1, 0)
    found = shown(session.profile, default_choice(session.ranking, pair))
    women = [place for place, sex in enumerate(columns["Sex"]) if sex == "F"]
    assert found.rows == ("F", "M")
    assert found.counts[0, 0] == sum(columns["tea"][place] == "yes" for place in women)
    session.split(0)
    assert [question.text for question in session.profile.questions] == ["tea", "pie", "Sex"]
    with pytest.raises(DataError):
        session.split(0)
