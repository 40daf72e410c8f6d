"""What the first page of a report says, sentence by sentence, each with the block of the template that it is made by."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from diptych.document.compose import BUILDERS
from diptych.document.model import FIRST_PAGE
from diptych.document.pictures import cells_that_matter, of_pairs
from tests.draws import NIGHTLY
from tests.examples.plain import read
from tests.examples.relations import CONFIGS, relations
from tests.prose import raw_hub
from tests.prose.meaning import Reader
from tests.prose.meaning_matrix import MatrixReader
from tests.prose.raw import Raw, of_project, of_relation, of_table
from tests.prose.raw_linked import of_config, of_visits
from tests.prose.wholes import Whole, wholes
from tests.public.projects import PROJECTS, Axis, Project
from tests.simulations.worlds import CATEGORIES

_PARTS = re.compile(r"-(also|within|rests|over-all|also-turned|within-turned)$")
NINE = ["Multimodal", "NLP", "CV", "Audio", "Tabular", "RL", "Graph", "Robotics", "Time Series"]
"""Both axes of the published matrices."""


@dataclass(frozen=True)
class Told:
    """A sentence of a first page and its template's block, as "isolation.observation"."""

    template: str
    text: str


@dataclass(frozen=True)
class Case:
    """A report's first page, what reads it (anew each time: a reader knows what was said before), and its raw table."""

    told: tuple[Told, ...]
    reader: Callable[[], Reader | MatrixReader]
    raw: Raw | None

    def read(self) -> list[tuple[bool | None, str]]:
        """Return the sentences that are not so, or that no reading is known of."""
        reader = self.reader()
        return [(verdict, one.text) for one in self.told if (verdict := reader.holds(one.text)) is not True]


def page(whole: Whole) -> tuple[Told, ...]:
    """Return the first page, each statement of the story with those of its sentences that stand behind the page."""
    said = [one for one in whole.said if one.section in FIRST_PAGE]
    cut = [one for one in whole.said if one.section == "analysis" and one.sentence.id.startswith("story.")]
    found: list[Told] = []
    for place, one in enumerate(said):
        found.append(_told(one))
        about = _PARTS.sub("", one.sentence.id)
        following = said[place + 1].sentence.id if place + 1 < len(said) else ""
        if about.startswith("story.") and not following.startswith(about):
            found += [_told(two) for two in cut if two.sentence.id.startswith(f"{about}-")]
    part, writer = whole.written.part, whole.written.writer
    (table,) = BUILDERS["interpretation"](part, writer)
    columns = ("supports", "not", "out")
    cells = [(name, cell.text) for row in table.rows for name, cell in zip(columns, row, strict=True)]
    found += [Told(f"interpretation.{name}", text.replace("\N{NO-BREAK SPACE}", " ")) for name, text in cells]
    captions = [block.caption.replace("\N{NO-BREAK SPACE}", " ") for block in cells_that_matter(part, writer)]
    return (*found, *(Told("departures.caption", text) for text in captions), *_pictured(whole))


def _pictured(whole: Whole) -> Iterator[Told]:
    """Yield what the first picture tells of each pair, in its alternative text, and its caption."""
    picture = of_pairs(whole.written.part, whole.written.writer)
    if picture is None:
        return
    kind = "shares" if picture.block.id.endswith("shares") else "ratios"
    plain = picture.block.alt.replace("\N{NO-BREAK SPACE}", " ")
    _, _, items = plain.removesuffix(".").partition(". ")
    told = [item for item in items.split("; ") if not re.fullmatch(r"and \w+ more", item)]
    yield from (Told(f"pictures.{kind}_item", item) for item in told)
    text = " ".join(sentence.text for sentence in picture.block.caption).replace("\N{NO-BREAK SPACE}", " ")
    yield Told(f"pictures.{kind}_caption", text)


def _told(one) -> Told:
    name = one.sentence.id
    kind, _, block = name.partition(".")[0], None, name.rpartition(".")[2]
    if kind == "story" and block != "told":
        more = _PARTS.search(name)
        alone = "only_within" if re.match(r"(?:Within|Among) .*times as often", one.text) else "pair"
        block = alone if more is None else more[1].replace("-", "_")
    if block == "rests" and kind != "direction":
        kind, block = "dependence", "mostly" if one.text.startswith("Most of this") else "rests"
    return Told(f"{kind}.{block}", one.text)


def of_public(name: str, parts: tuple[Whole, ...]) -> Case:
    """Return the first page of a public table."""
    raw = of_project(name)
    return Case(page(parts[0]), lambda: Reader(raw), raw)


def of_example(name: str) -> Case:
    """Return the first page of an example's relation: "company" is that of rodents on one visit."""
    if name == "published":
        folder = CONFIGS[name].parent
        files = {panel: folder / f"{panel}.csv" for panel in ("left", "right")}
        return Case(page(wholes(CONFIGS[name])[0]), lambda: MatrixReader(files, NINE), None)
    if name == "default":
        return _case(of_config(CONFIGS[name]), wholes(CONFIGS[name])[0])
    if name == "company":
        return _case(of_visits(relations("rodents")[1]), wholes(CONFIGS["rodents"])[1])
    said, plural, phrases = {
        "survey": (("skill", "job"), "answers", ("have {} skills", "have {} jobs")),
        "rodents": (("genus", "plot type"), "captures", ("are {}", "come from {} plots")),
    }[name]
    return _case(of_relation(relations(name)[0], said, plural, phrases), wholes(CONFIGS[name])[0])


def _case(raw: Raw, whole: Whole) -> Case:
    return Case(page(whole), lambda: Reader(raw), raw)


def of_hub(folder: Path) -> tuple[Case, ...]:
    """Return the first page of each relation of the example of the Hub, of generated snapshots."""
    parts, raws = raw_hub.tables(folder)
    return tuple(_case(raw, whole) for raw, whole in zip(raws, parts, strict=True))


def of_simulated(folder: Path) -> Case:
    """Return the first page of a simulated world, whose files stand in a folder."""
    return _of_folder(folder)


def of_files(files: dict[str, str], folder: Path) -> Case:
    """Return the first page of a project of files: links, a shared key, or answers with skills and jobs."""
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return _of_folder(folder)


def _of_folder(folder: Path) -> Case:
    return _case(
        of_answers(folder) if (folder / "answers.csv").exists() else of_config(folder / "config.yaml"),
        wholes(folder / "config.yaml")[0],
    )


def of_answers(folder: Path) -> Raw:
    """Return the raw table of simulated answers."""
    axes = (Axis("skills", "Skill", separator=";"), Axis("jobs", "Job", separator=";"))
    project = Project("answer", *axes, strata=("branch",), same=True)
    return of_table(project, read(folder / "answers.csv"), (list(CATEGORIES), list(CATEGORIES)))


HUB = ("hub-trained", "hub-derived", "hub-owners")
BY_DAY = (
    "ames",
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
"""Public tables whose first pages have every sentence, and whose reports every sort of finding, that any of them has."""
PUBLIC = tuple(PROJECTS) if NIGHTLY else BY_DAY
EXAMPLES = ("default", "survey", "rodents", "company", "published")
