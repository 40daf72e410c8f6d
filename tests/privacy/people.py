"""A project about people: their addresses, names, answers and whereabouts are secrets, as is a note in its config."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from pathlib import Path

EMAILS = (
    "zofia.kowalska@mail.example",
    "Bartholomew+tag@corp.example",
    "o'brien&sons@post.example",
    "jürgen.weiß@post.example",
    "mei-ling.chen@corp.example",
    "oluwaseun.adeyemi@mail.example",
)
PEOPLE = tuple(f"{first} {last}" for first in ("Wilhelmina", "Ferdinand", "Anastasia") for last in (
    "Featherstonehaugh", "Österreicher-Nuñez", "MacGillicuddy", "Vandersteen", "Quackenbush", "Papadopoulos"))  # fmt: skip
FREE_TEXT = (
    "I was treated for leukaemia at Northgate Hospital",
    "my manager <Hargreaves> drinks & nobody says so",
    'call me on "07700 900123" after six',
)
MATCHED = (
    "Python, which my neighbour Mrs Pemberton taught me",
    "python since my divorce from Leopold in March",
)
POSTCODES = ("QZ91 4XW", "QZ92 7PB", "QZ93 1LT")
UNKNOWN_PERSON = "Bartolomeu Unresolvable-Nomdeplume"
ALIKE = ("Wilhelmina MacGillicuddy", "wilhelmina-macgillicuddy")
NOTES = ("the password of the survey is swordfish-1897", "ask Ms Cholmondeley before publishing")

SECRETS = (*EMAILS, *PEOPLE, *FREE_TEXT, *MATCHED, *POSTCODES, UNKNOWN_PERSON, ALIKE[1], *NOTES)

CONFIG = """# {note}
version: 1
public: [{public}]
report: {{title: "People # and their answers", date: 2026-01-01, authors: [The Team]}}
taxonomies:
  skills:                      # {other}
    categories:
      - {{name: Python, pattern: "(?i)python"}}
      - {{name: Excel, match: excel}}
      - {{name: Writing, match: [editing, copy]}}
  jobs:
    categories:
      - {{name: Office, match: clerk}}
      - {{name: Field, match: ranger}}
entities:
  people:
    label: Person
    source: people.csv
    labels: {{column: skills, separator: ";"}}
    taxonomy: skills
  courses:
    label: Course
    source: courses.csv
    labels: kind
    taxonomy: jobs
relations:
  survey:
    records:
      source: survey.csv
      label: answer
      rows: {{column: skill, taxonomy: skills, label: Skill}}
      columns: {{column: job, taxonomy: jobs, label: Job}}
    group: [email]
    strata: [postcode]
  attended:
    label: attended by
    links:
      source: attended.csv
      from: {{entity: courses, column: course}}
      to: {{entity: people, column: person}}
    unit: to
    group: [email]
  owned:
    shared: {{key: email, entities: [people, courses]}}
    population: either
inference: {{minimum_units: 5, minimum_groups: 2}}
url: https://example.org/people/
"""


def write_project(folder: Path, *, public: bool, n_answers: int = 400) -> Path:
    """Write the tables and the config of a project into a folder, and return the config."""
    draw = random.Random(7)  # noqa: S311 - invented data
    folder.mkdir(parents=True, exist_ok=True)
    said = "items, records, keys, group, strata" if public else "courses"
    note, other = NOTES
    config = folder / "config.yaml"
    config.write_text(CONFIG.format(note=note, other=other, public=said), encoding="utf-8")
    people = [*PEOPLE, ALIKE[1]]
    skills = [draw.choice(["python", "excel", "editing", "copy;excel", draw.choice(MATCHED)]) for _ in people]
    skills[:3] = FREE_TEXT
    _write(folder / "people.csv", ("id", "skills", "email"),
           [(one, skill, draw.choice(EMAILS)) for one, skill in zip(people, skills, strict=True)])  # fmt: skip
    courses = [f"course {number}" for number in range(20)]
    kinds = [draw.choice(["clerk", "ranger"]) for _ in courses]
    _write(folder / "courses.csv", ("id", "kind", "email"),
           [(one, kind, draw.choice(EMAILS)) for one, kind in zip(courses, kinds, strict=True)])  # fmt: skip
    pairs = [(draw.choice(courses), one) for one in people for _ in range(3)]
    _write(folder / "attended.csv", ("course", "person"), [*pairs, (courses[0], UNKNOWN_PERSON)])
    _write(folder / "survey.csv", ("skill", "job", "email", "postcode"), [_answer(draw) for _ in range(n_answers)])
    return config


def _answer(draw: random.Random) -> tuple[str, str, str, str]:
    email, postcode = draw.choices(EMAILS, (9, 4, 2, 2, 1, 1))[0], draw.choice(POSTCODES)
    skill = draw.choices(("python", "excel", "editing", *MATCHED, *FREE_TEXT), (20, 20, 20, 2, 2, 1, 1, 1))[0]
    is_usual = draw.random() < (0.95 if email == EMAILS[0] else 0)
    job = ("clerk" if skill == "excel" else "ranger") if is_usual else draw.choice(("clerk", "ranger"))
    return skill, job, email, postcode


def _write(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
