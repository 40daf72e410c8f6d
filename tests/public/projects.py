"""Public tables as projects: a table of two columns of labels, each of whose labels is a category of its own.

`README.md` says where each table is from and under which licence.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent / "tables"


@dataclass(frozen=True)
class Axis:
    """One side: its column, what one label of it is called and what several are, what stands between several."""

    column: str
    label: str
    plural: str | None = None
    separator: str | None = None
    most: int | None = None
    """So many categories, the most frequent; all where None."""
    ordered: tuple[str, ...] = ()
    """All categories in order, if they have one."""


@dataclass(frozen=True)
class Project:
    """What is counted in a table, called `unit` and `units`. `same`: both sides have one taxonomy.

    `leave_out` are labels without a category.
    """

    unit: str
    rows: Axis
    columns: Axis
    group: tuple[str, ...] = ()
    strata: tuple[str, ...] = ()
    weight: str | None = None
    same: bool = False
    leave_out: tuple[str, ...] = ()
    units: str | None = None


PARTIES = (
    *("Strong Democrat", "Weak Democrat", "Leans Democrat", "Independent"),
    *("Leans Republican", "Weak Republican", "Strong Republican"),
)
"""Answers on party identification, from one party to the other."""

PROJECTS: dict[str, Project] = {
    "ames": Project("house", Axis("place", "Neighbourhood"), Axis("style", "Style")),
    "anes96": Project(
        "voter",
        Axis("party", "Party", "parties", ordered=PARTIES),
        Axis("vote", "Vote"),
    ),
    "attrition": Project("employee", Axis("role", "Job"), Axis("field", "Subject"), strata=("department",)),
    "cars": Project("car", Axis("origin", "Origin"), Axis("cylinders", "Engine"), group=("maker",)),
    "computing": Project(
        "job", Axis("obs", "Class"), Axis("pred", "Predicted class", "predicted classes"), group=("fold",), same=True
    ),
    "covid": Project("test", Axis("patient_class", "Class"), Axis("result", "Result"), group=("clinic_name",)),
    "credit": Project("applicant", Axis("home", "Home"), Axis("job", "Job"), strata=("status",), leave_out=("ignore",)),
    "cytomegalovirus": Project("transplant", Axis("recipient", "Recipient"), Axis("donor", "Donor"), same=True),
    "developers": Project("developer", Axis("roles", "Role", separator="; "), Axis("country", "Country", "countries")),
    "diamonds": Project("diamond", Axis("cut", "Cut"), Axis("clarity", "Clarity", "clarities")),
    "exercise": Project(
        "person",
        Axis("exercise", "Exercise", "exercise"),
        Axis("activity", "Activity", "activity"),
        strata=("sex",),
        same=True,
    ),
    "flights": Project("flight", Axis("dest", "Destination", most=30), Axis("carrier", "Carrier"), strata=("origin",)),
    "hotels": Project(
        "booking",
        Axis("reserved", "Reserved room", "reserved rooms"),
        Axis("assigned", "Assigned room", "assigned rooms"),
        strata=("segment",),
        same=True,
    ),
    "incomes": Project(
        "row",
        Axis("religion", "Religion"),
        Axis("income", "Income"),
        weight="count",
        leave_out=("Don't know/refused", "Don’t know/refused"),
    ),
    "iris": Project("flower", Axis("species", "Species", "species"), Axis("petal", "Petal")),
    "leaves": Project(
        "leaf", Axis("species", "Species", "species"), Axis("edges", "Edge", separator="; "), units="leaves"
    ),
    "metro": Project(
        "station",
        Axis("lines", "Line", separator=", "),
        Axis("places", "Place", separator=", ", most=20),
        weight="thousands",
    ),
    "modechoice": Project("traveller", Axis("party", "Party"), Axis("mode", "Mode")),
    "mpg": Project("car", Axis("kind", "Class"), Axis("drive", "Drive"), group=("model",)),
    "msleep": Project("mammal", Axis("order", "Order"), Axis("diet", "Diet")),
    "pancreatitis": Project("patient", Axis("treatment", "Treatment"), Axis("outcome", "Outcome"), strata=("site",)),
    "penguins": Project("penguin", Axis("species", "Species", "species"), Axis("island", "Island"), strata=("sex",)),
    "pizzas": Project("order", Axis("types", "Type", separator="; "), Axis("sizes", "Size", separator="; ")),
    "planes": Project("plane", Axis("manufacturer", "Maker", most=12), Axis("engine", "Engine")),
    "riots": Project("death", Axis("race", "Race"), Axis("type", "Cause")),
    "starwars": Project(
        "character", Axis("skin", "Skin colour", "skin colours", ", "), Axis("eyes", "Eye colour", "eye colours", ", ")
    ),
    "storms": Project(
        "observation",
        Axis("status", "Status", "statuses"),
        Axis("next", "Next status", "next statuses"),
        group=("storm",),
        same=True,
    ),
    "streptomycin": Project("patient", Axis("arm", "Treatment"), Axis("outcome", "Outcome")),
    "taxi": Project("ride", Axis("company", "Company", "companies"), Axis("dow", "Day"), leave_out=("other",)),
    "tips": Project("bill", Axis("day", "Day"), Axis("time", "Meal")),
    "titanic": Project("person", Axis("class", "Class", "classes"), Axis("end", "End"), strata=("sex",)),
}
"""What is counted in each table."""


def categories(name: str) -> tuple[list[str], list[str]]:
    """Return the categories of rows and columns, the most frequent first."""
    project = PROJECTS[name]
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        records = list(csv.DictReader(file))
    found = []
    for axis in (project.rows, project.columns):
        fields = (record[axis.column] for record in records)
        labels = Counter(
            label for f in fields for label in (f.split(axis.separator) if axis.separator else [f]) if label
        )
        order = {label: place for place, label in enumerate(axis.ordered)}
        ranked = sorted(labels, key=lambda label: (order.get(label, 0), -labels[label], label))
        found.append([label for label in ranked if label not in project.leave_out][: axis.most])
    if project.same:
        union = sorted({*found[0], *found[1]})
        return union, union
    return found[0], found[1]


def config(name: str, project: Project, named: tuple[list[str], list[str]]) -> str:
    """Return the config of a project, with these categories of rows and columns, whose table stands beside it."""
    sides = ("rows", "columns")
    made: dict[str, dict[str, object]] = {
        side: {"categories": [{"name": label, "match": [label]} for label in labels]}
        for side, labels in zip(sides, named, strict=True)
    }
    for side, axis in zip(sides, (project.rows, project.columns), strict=True):
        made[side] |= {"ordered": True} if axis.ordered else {}
    records: dict[str, object] = {"source": f"{name}.csv", "label": project.unit.capitalize()}
    records |= {"label": [records["label"], project.units]} if project.units else {}
    for side, axis in zip(sides, (project.rows, project.columns), strict=True):
        entry = {"column": axis.column, "label": axis.label, "taxonomy": "rows" if project.same else side}
        entry |= {"label": [axis.label, axis.plural]} if axis.plural else {}
        entry |= {"separator": axis.separator} if axis.separator else {}
        records[side] = entry
    records |= {"weight": project.weight} if project.weight else {}
    relation: dict[str, object] = {"records": records}
    relation |= {"group": list(project.group)} if project.group else {}
    relation |= {"strata": list(project.strata)} if project.strata else {}
    content = {
        "version": 1,
        "public": ["group", "strata"],
        "report": {"title": name.capitalize()},
        "taxonomies": {"rows": made["rows"]} if project.same else made,
        "relations": {name: relation},
    }
    stream = io.StringIO()
    yaml.safe_dump(content, stream, allow_unicode=True, sort_keys=False)
    return stream.getvalue()


def write(name: str, folder: Path) -> Path:
    """Write a project with its table into a folder and return the config's path."""
    (folder / f"{name}.csv").write_bytes((FOLDER / f"{name}.csv").read_bytes())
    path = folder / "config.yaml"
    path.write_text(config(name, PROJECTS[name], categories(name)), encoding="utf-8")
    return path
