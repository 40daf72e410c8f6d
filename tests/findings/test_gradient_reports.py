"""Whole reports with a gradient: one within strata, and one of two ordered sides, from small tables of counts."""

from __future__ import annotations

from itertools import combinations, product
from pathlib import Path

import pytest

from diptych.document.compose import key_sentences
from diptych.findings.gradient import Gradient
from diptych.pipeline.drafts import Draft, draft

AGES = ("young", "middle", "old", "oldest")
CONFIG = """\
version: 1
report: {{title: Answers}}
taxonomies:
  ages: {{ordered: true, categories: [{ages}]}}
  answers: {{ordered: {ordered}, categories: [{answers}]}}
relations:
  survey:
    records:
      source: survey.csv
      label: person
      plural: people
      rows: {{column: age, label: Age, taxonomy: ages}}
      columns: {{column: answer, label: Answer, taxonomy: answers}}
      count: n
    {strata}
"""
Table = dict[tuple[str, str, str], int]
"""The number of people by place, age and answer."""


def categories(names: tuple[str, ...]) -> str:
    return ", ".join(f'{{name: "{name}", match: ["{name}"]}}' for name in names)


def report_of(folder: Path, table: Table, answers: tuple[str, ...], *, strata: bool) -> Draft:
    rows = "".join(f"{','.join(labels)},{n}\n" for labels, n in table.items())
    (folder / "survey.csv").write_text(f"place,age,answer,n\n{rows}", encoding="utf-8")
    text = CONFIG.format(
        ages=categories(AGES),
        answers=categories(answers),
        ordered=str(len(answers) > 2).lower(),
        strata="strata: [place]" if strata else "",
    )
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    return draft(folder / "config.yaml")


def pairs_of(table: Table, answers: tuple[str, ...]) -> tuple[int, int, int]:
    """Return the concordant, the discordant and all pairs of people of one place and different ages."""
    more = fewer = every = 0
    for place in dict.fromkeys(place for place, _, _ in table):
        for first, second in combinations(AGES, 2):
            for one, other in product(answers, repeat=2):
                n = table[place, first, one] * table[place, second, other]
                every += n
                more += n if answers.index(other) > answers.index(one) else 0
                fewer += n if answers.index(other) < answers.index(one) else 0
    return more, fewer, every


def gradient_and_told(found: Draft) -> tuple[Gradient, list[str]]:
    """Return the gradient, and of each key sentence the finding that it is about."""
    (gradient,) = found.written[0].part.found(Gradient)
    return gradient, [sentence.id.rpartition(".")[0] for _, _, sentence in key_sentences(found.written)]


def test_a_report_of_a_gradient_within_strata(tmp_path: Path) -> None:
    answers = ("no", "yes")
    yes = {"north": (20, (18, 14, 10, 4)), "south": (60, (36, 30, 22, 12))}
    table = {
        (place, age, answer): n if answer == "yes" else total - n
        for place, (total, numbers) in yes.items()
        for age, n in zip(AGES, numbers, strict=True)
        for answer in answers
    }
    gradient, told = gradient_and_told(report_of(tmp_path, table, answers, strata=True))
    more, fewer, every = pairs_of(table, answers)
    shown = (fewer - more) if gradient.outcome == "no" else (more - fewer)
    assert gradient.coefficient == "somers_d"
    assert gradient.effect.value == pytest.approx(shown / every, abs=1e-12)
    assert gradient.id in told
    assert [step.share for step in gradient.steps] == pytest.approx([54 / 80, 44 / 80, 32 / 80, 16 / 80])


def test_a_report_of_two_ordered_sides(tmp_path: Path) -> None:
    answers = ("never", "sometimes", "always")
    numbers = {"young": (30, 14, 6), "middle": (22, 16, 12), "old": (14, 18, 18), "oldest": (6, 14, 30)}
    table = {("here", age, answer): n for age, row in numbers.items() for answer, n in zip(answers, row, strict=True)}
    gradient, told = gradient_and_told(report_of(tmp_path, table, answers, strata=False))
    more, fewer, _ = pairs_of(table, answers)
    assert gradient.coefficient == "gamma"
    assert gradient.effect.value == pytest.approx((more - fewer) / (more + fewer), abs=1e-12)
    assert gradient.effect.low is not None
    assert gradient.effect.low > 0
    assert told[0] == gradient.id
    assert [step.share for step in gradient.steps] == pytest.approx([6 / 50, 12 / 50, 18 / 50, 30 / 50])
