"""Write ``answers.csv``: invented answers to a survey of skills and jobs, the same bytes every time.

    python examples/survey/make_data.py

Nobody was asked. Each company is given a field it leans to, each person a job and skills that go with it more or
less; some write what no rule knows, some leave a question out.
"""

# ruff: noqa: INP001, S311 - a script by itself; chance is wanted here, not secrecy

from __future__ import annotations

import csv
import random
from collections.abc import Iterable
from pathlib import Path

SEED = 2026
OUT = Path(__file__).with_name("answers.csv")

COMPANIES = (
    *("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Ivy", "Juniper", "Larch", "Maple"),
    *("Nettle", "Oak", "Pine", "Quince", "Rowan", "Spruce", "Teak", "Umbra", "Vine", "Willow", "Yarrow", "Zelkova"),
)
TITLES = {
    "engineering": ("Software engineer", "Backend developer", "Web developer", "Data engineer"),
    "analysis": ("Data analyst", "Business analyst", "Statistician", "Data analyst"),
    "design": ("Product designer", "UX designer", "Graphic designer"),
    "writing": ("Technical writer", "Editor", "Copywriter"),
    "management": ("Product manager", "Team lead", "Project manager"),
    "service": ("Customer support", "Support agent"),
}
SIZES = {"engineering": 9, "analysis": 5, "design": 4, "writing": 3, "management": 4, "service": 3}
SKILLS = {
    "code": ("Python", "Java", "JavaScript", "SQL", "Git"),
    "numbers": ("Excel", "R", "Statistics", "Power BI", "SQL"),
    "design": ("Figma", "Illustrator", "Prototyping", "User research"),
    "text": ("Editing", "Copywriting", "Documentation"),
    "people": ("Coaching", "Hiring", "Negotiation", "Customer care"),
    "odd": ("Juggling", "first aid", "everything really", "n/a"),
}
HABITS = {
    "engineering": {"code": 12, "numbers": 3, "text": 1, "people": 1},
    "analysis": {"numbers": 10, "code": 4, "text": 1, "people": 1},
    "design": {"design": 10, "code": 2, "text": 2, "people": 1},
    "writing": {"text": 9, "design": 2, "numbers": 1, "people": 1},
    "management": {"people": 9, "numbers": 3, "text": 2, "code": 2},
    "service": {"people": 8, "text": 3, "numbers": 1},
}
ODD_TITLES = ("Jack of all trades", "it depends", "between jobs")


def answers(chance: random.Random) -> list[tuple[str, str, str]]:
    """Return company, jobs and skills of each answer; some fields are empty."""
    rows = []
    for company in COMPANIES:
        lean = chance.choice(list(SIZES))
        for _ in range(chance.randint(6, 30)):
            jobs = ["management"] if chance.random() < 0.06 else []
            jobs.append(lean if chance.random() < 0.3 else pick(SIZES, chance))
            rows.append((company, titles(jobs, chance), skills(jobs, chance)))
    return rows


def titles(jobs: list[str], chance: random.Random) -> str:
    """Return the titles of a person's jobs as written; a few are left out or known to nobody."""
    luck = chance.random()
    if luck < 0.03:
        return ""
    if luck < 0.06:
        return chance.choice(ODD_TITLES)
    return join(chance.choice(TITLES[job]) for job in jobs)


def skills(jobs: list[str], chance: random.Random) -> str:
    """Return one to four skills that go with the jobs, as written."""
    if chance.random() < 0.04:
        return ""
    named = []
    for _ in range(chance.choice((1, 2, 2, 3, 3, 4))):
        family = "odd" if chance.random() < 0.05 else pick(HABITS[chance.choice(jobs)], chance)
        named.append(chance.choice(SKILLS[family]))
    return join(named)


def pick(weights: dict[str, int], chance: random.Random) -> str:
    """Return one of the keys, by weight."""
    return chance.choices(list(weights), list(weights.values()))[0]


def join(labels: Iterable[str]) -> str:
    """Return labels as one field, each once."""
    return "; ".join(dict.fromkeys(labels))


def main() -> None:
    """Write the file."""
    with OUT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("answer", "company", "jobs", "skills"))
        writer.writerows((number, *row) for number, row in enumerate(answers(random.Random(SEED)), start=1))


if __name__ == "__main__":
    main()
