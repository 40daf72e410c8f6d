"""Page, config and report have the same numbers: of every public table, as it is and under random treatments."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from diptych.contrib.choose.choice import Choice, Group, Treated, default_choice, levels_of
from diptych.contrib.choose.columns import Column
from diptych.contrib.choose.questions import Profile, profile_of
from diptych.contrib.choose.ranking import Ranking
from diptych.contrib.choose.reading import read_table
from diptych.contrib.choose.telling import faults_of, shown
from diptych.contrib.choose.writing import config_text
from diptych.errors import DataError
from diptych.pipeline.parts import draft
from diptych.statements import Statement
from tests.draws import draws

from .conftest import TABLES


@pytest.mark.parametrize("path", TABLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_report_has_the_numbers_of_the_page(path: Path, tmp_path: Path) -> None:
    try:
        profile = profile_of(read_table(str(path)))
    except DataError:
        pytest.skip("nothing to cross")
    ranking = Ranking(profile)
    for number, pair in enumerate(ranking.by_background(draws(1, 5))):
        choice = default_choice(ranking, pair)
        same(profile, choice, tmp_path / f"{number}.yaml")


@pytest.mark.parametrize("seed", range(draws(3, 12)))
def test_the_report_has_the_numbers_of_the_page_after_any_treatment(seed: int, tmp_path: Path) -> None:
    table = tmp_path / "survey.csv"
    write_survey(table, seed)
    profile = profile_of(read_table(str(table)))
    ranking = Ranking(profile)
    draw = random.Random(seed)  # noqa: S311 - a test
    pairs = [pair for pair in ranking.pairs if not pair.is_same]
    for number, pair in enumerate(draw.sample(pairs, draws(3, 6))):
        choice = treated(profile, default_choice(ranking, pair), draw)
        if not faults_of(profile, choice):
            same(profile, choice, tmp_path / f"{number}.yaml")


def same(profile: Profile, choice: Choice, config: Path) -> None:
    """Assert that the page and the report of its config tell the same."""
    assert not faults_of(profile, choice)
    page = shown(profile, choice)
    config.write_text(config_text(profile, choice, config.parent), encoding="utf-8")
    (part,) = draft(config).parts
    told = part.told
    assert numbers(page.told.lead) == numbers(told.lead)
    assert page.title == part.words.title.text
    assert list(page.sentences) == [one.text for one in part.words.abstract]
    assert page.rows == told.table.rows
    assert page.columns == told.table.columns
    counts = (told.table.x.T.astype(float) * told.table.design.units) @ told.table.y
    assert np.allclose(page.counts, counts)
    weight = told.table.design.weight @ told.table.x
    joint = told.table.x.T.astype(float) @ (told.table.y * told.table.design.weight[:, None])
    there = weight > 0
    assert np.allclose(page.shares[there], joint[there] / weight[there, None], atol=1e-6)


def numbers(lead: Statement) -> dict[str, object]:
    """Return what a statement says, its numbers rounded as the weights of a build are."""
    found = {name: round(value, 5) if isinstance(value, float) else value for name, value in lead.numbers.items()}
    return {"form": lead.form, "subject": lead.subject, "outcome": lead.outcome, **found}


def treated(profile: Profile, choice: Choice, draw: random.Random) -> Choice:
    """Return a choice that a person has treated at random."""
    sides = [_treated_side(profile, side, draw) for side in (choice.given, choice.answer)]
    group = draw.choice(["", "", "interviewer"])
    words = draw.choice([("", ""), ("guest", "guests")])
    return replace(choice, given=sides[0], answer=sides[1], group=group, unit=words[0], units=words[1])


def _treated_side(profile: Profile, side: Treated, draw: random.Random) -> Treated:
    question = profile.questions[side.question]
    column: Column | None = profile.columns[question.columns[0]] if question.form != "options" else None
    if column is not None and column.kind == "number":
        cuts = tuple(cut for cut in column.cuts if draw.random() < 0.7) or column.cuts[:1]
        side = replace(side, cuts=cuts)
        levels = levels_of(profile, side)
        places = tuple(place for place, level in enumerate(levels) if level.kind == "answer")
        return replace(side, groups=tuple(Group((place,)) for place in places), phrase=draw.choice(["", "have {}"]))
    levels = levels_of(profile, side)
    groups: list[Group] = []
    for place, level in enumerate(levels):
        chance = draw.random()
        if level.kind in ("code", "blank"):
            groups += [Group((place,))] if chance < 0.3 else []
        elif chance < 0.2 and groups:
            last = groups.pop()
            groups.append(Group((*last.levels, place)))
        elif chance < 0.9 or level.kind == "rest":
            groups.append(Group((place,)))
    if draw.random() < 0.3:
        draw.shuffle(groups)
        side = replace(side, is_ordered=False)
    return replace(side, groups=tuple(groups), phrase=draw.choice(["", "say {}"]))


def write_survey(path: Path, seed: int) -> None:
    """Write a table with everything that a survey has: options in columns and in a field, codes, blanks, weights."""
    rng = np.random.default_rng(seed)
    n = 600
    sex = rng.choice(["Woman", "Man", "man ", ""], n, p=[0.5, 0.3, 0.15, 0.05])
    age = rng.integers(18, 90, n).astype(str)
    age[rng.random(n) < 0.03] = "999"
    party = rng.choice(
        ["Left", "Right", "Centre", "Greens", "Other", "refused", ""], n, p=[0.3, 0.3, 0.15, 0.1, 0.05, 0.05, 0.05]
    )
    often = np.array(["Never", "Rarely", "Sometimes", "Often"])[
        np.clip((rng.normal(1.5 + (sex == "Woman"), 1, n)).round().astype(int), 0, 3)
    ]
    grade = rng.choice(["1", "2", "3", "4", "9"], n, p=[0.2, 0.3, 0.3, 0.15, 0.05])
    drinks = ["Tea", "Coffee", "Cola, sweet", "Water"]
    asked = rng.random(n) < 0.8
    ticks = {drink: np.where(asked & (rng.random(n) < 0.3 + 0.3 * (sex == "Woman")), drink, "") for drink in drinks}
    pets = {
        pet: np.where(rng.random(n) < 0.05, "", np.where(rng.random(n) < 0.4, "1", "0"))
        for pet in ("cat", "dog", "fish")
    }
    tools = ["Hammer", "Saw", "Drill", "Plane"]
    field = ["; ".join(tool for tool in tools if rng.random() < 0.45) for _ in range(n)]
    columns = {
        "Sex": sex, "Age": age, "Which party do you feel closest to?": party, "How often do you cook?": often,
        "Grade": grade, **{f"What do you drink: {drink}": values for drink, values in ticks.items()},
        **{f"pet_{pet}": values for pet, values in pets.items()}, "Tools": np.array(field),
        "interviewer": rng.integers(1, 40, n).astype(str), "weight": np.round(rng.uniform(0.3, 2.5, n), 4).astype(str),
    }  # fmt: skip

    def line(fields: Iterator[str]) -> str:
        return ",".join(f'"{one}"' for one in fields) + "\n"

    with path.open("w", encoding="utf-8") as file:
        file.write(line(iter(columns)))
        file.writelines(line(iter(row)) for row in zip(*columns.values(), strict=True))
