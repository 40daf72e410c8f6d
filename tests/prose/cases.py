"""The reports that tests of sentences and of findings look at, each with its raw table.

Examples, public tables, the example of the Hub, simulated worlds, and tiny projects that make findings which no other
makes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.draws import NIGHTLY
from tests.examples.plain import read
from tests.examples.relations import CONFIGS, relations
from tests.prose import raw_hub
from tests.prose.raw import Raw, of_project, of_relation, of_table
from tests.prose.raw_linked import of_config, of_visits
from tests.prose.wholes import Whole, wholes
from tests.public.projects import PROJECTS, Axis, Project
from tests.simulations import worlds
from tests.simulations.worlds import CATEGORIES

NINE = ("Multimodal", "NLP", "CV", "Audio", "Tabular", "RL", "Graph", "Robotics", "Time Series")
"""Both axes of the published matrices."""


@dataclass(frozen=True)
class Case:
    """A report, and the raw table it is about; of published matrices their files, by panel, and their categories."""

    whole: Whole
    raw: Raw | None
    files: Mapping[str, Path] = field(default_factory=dict)
    names: tuple[str, ...] = ()


def of_public(name: str, parts: tuple[Whole, ...]) -> Case:
    """Return the report of a public table."""
    return Case(parts[0], of_project(name))


def of_example(name: str) -> Case:
    """Return the report of an example's relation: "company" is that of rodents on one visit."""
    if name == "published":
        folder = CONFIGS[name].parent
        files = {panel: folder / f"{panel}.csv" for panel in ("left", "right")}
        return Case(wholes(CONFIGS[name])[0], None, files, NINE)
    if name == "default":
        return Case(wholes(CONFIGS[name])[0], of_config(CONFIGS[name]))
    if name == "company":
        return Case(wholes(CONFIGS["rodents"])[1], of_visits(relations("rodents")[1]))
    return Case(wholes(CONFIGS[name])[0], of_relation(relations(name)[0]))


def of_hub(folder: Path) -> tuple[Case, ...]:
    """Return the report of each relation of the example of the Hub, of generated snapshots."""
    parts, raws = raw_hub.tables(folder)
    return tuple(Case(whole, raw) for raw, whole in zip(raws, parts, strict=True))


def of_simulated(folder: Path) -> Case:
    """Return the report of a simulated world, whose files are in a folder."""
    return _of_folder(folder)


def of_files(files: dict[str, str], folder: Path) -> Case:
    """Return the report of a project of files: links, a shared key, or answers with skills and jobs."""
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return _of_folder(folder)


def _of_folder(folder: Path) -> Case:
    raw = of_answers(folder) if (folder / "answers.csv").exists() else of_config(folder / "config.yaml")
    return Case(wholes(folder / "config.yaml")[0], raw)


def of_answers(folder: Path) -> Raw:
    """Return the raw table of simulated answers."""
    axes = (Axis("skills", "Skill", separator=";"), Axis("jobs", "Job", separator=";"))
    project = Project("answer", *axes, strata=("branch",), same=True)
    return of_table(project, read(folder / "answers.csv"), (list(CATEGORIES), list(CATEGORIES)))


SIMULATED: dict[str, Callable[[], dict[str, str]]] = {
    "likes": lambda: worlds.draw_likes(1).files(activity=True),
    "trained": lambda: worlds.draw_trained(1).files(strata=True),
    "answers": lambda: worlds.draw_answers(1).files(strata=True),
    "crossings": lambda: worlds.draw_crossings(1, block=True).files(strata=False),
    "turned": lambda: worlds.draw_planted(1, worlds.Planted(turned=("CV", "NLP"))).files(strata=False),
    "isolated": lambda: worlds.draw_planted(1, worlds.Planted(isolated=("Graph", "Robotics"))).files(strata=False),
    "dominant": lambda: worlds.draw_planted(1, worlds.Planted(dominant="CV")).files(strata=False),
}
"""Name -> the files of a simulated world."""
HUB = ("hub-trained", "hub-derived", "hub-owners")
BY_DAY = (
    "ames",
    "anes96",
    "attrition",
    "computing",
    "credit",
    "cytomegalovirus",
    "diamonds",
    "flights",
    "hotels",
    "incomes",
    "iris",
    "metro",
    "penguins",
    "tips",
    "titanic",
)
"""Public tables whose reports have every kind of finding that any of them has."""
PUBLIC = tuple(PROJECTS) if NIGHTLY else BY_DAY
EXAMPLES = ("default", "survey", "rodents", "company", "published")
