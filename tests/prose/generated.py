"""Worlds drawn at random for reports to be made of: records, models that name datasets, and published matrices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from tests.prose.cases import Case, of_files
from tests.prose.raw import of_table
from tests.prose.wholes import wholes
from tests.public.projects import Axis, Project, config

LETTERS = [f"{a}{b}" for a in "ABCDE" for b in "klmnop"]


def draw(seed: int, folder: Path) -> Case:
    """Return the report of a world: of records, of links or of matrices."""
    kind = np.random.default_rng([seed, 1]).random()
    return (of_records if kind < 0.45 else of_models if kind < 0.65 else of_matrices)(seed, folder)


def of_records(seed: int, folder: Path) -> Case:
    """Draw records of few or many units and categories, with or without a fact, groups, strata and weights."""
    project, table, names = records(seed)
    table.to_csv(folder / "world.csv", index=False)
    path = folder / "config.yaml"
    path.write_text(config("world", project, names), encoding="utf-8")
    raw = of_table(project, table, names)
    return Case(wholes(path)[0], raw)


def records(seed: int) -> tuple[Project, pd.DataFrame, tuple[list[str], list[str]]]:
    rng = np.random.default_rng(seed)
    n, same = int(rng.choice([1, 12, 60, 200, 500])), rng.random() < 0.3
    rows = LETTERS[: int(rng.choice([2, 3, 5, 8, 30]))]
    columns = rows if same else [name[::-1] for name in LETTERS[: int(rng.choice([2, 3, 6]))]]
    several, strata, groups, weights = rng.random(4) < (0.3, 0.35, 0.3, 0.2)
    level = rng.integers(3, size=n)
    of_rows = rng.dirichlet(np.ones(len(rows)), 3)
    of_columns = rng.dirichlet(np.ones(len(columns)), 3)
    table = {"place": [f"s{k}" for k in level], "team": [f"t{k}" for k in rng.integers(1 + n // 4, size=n)]}
    which = level if strata else np.zeros(n, dtype=int)
    first = [rng.choice(len(rows), p=of_rows[k]) for k in which]
    second = [rng.choice(len(columns), p=of_columns[k]) for k in which]
    if rng.random() < 0.6:  # something goes together
        tied = rng.random(n) < rng.choice([0.2, 0.5, 0.9])
        second = [i % len(columns) if is_ else j for i, j, is_ in zip(first, second, tied, strict=True)]

    def field(chosen, names):
        found = [names[chosen]]
        if several and rng.random() < 0.3:
            found.append(str(rng.choice(names)))
        if rng.random() < 0.03:
            found = ["unknown"] if rng.random() < 0.5 else []
        return ";".join(dict.fromkeys(found))

    table["had"] = [field(i, rows) for i in first]
    table["got"] = [field(j, columns) for j in second]
    table["times"] = rng.integers(1, 5, size=n)
    separator = ";" if several else None
    project = Project(
        "answer",
        Axis("had", "Gift", separator=separator),
        Axis("got", "Wish", "wishes", separator),
        group=("team",) if groups else (),
        strata=("place",) if strata else (),
        weight="times" if weights else None,
        same=same,
    )
    return project, pd.DataFrame(table).astype(str), (rows, columns)


MODELS = """version: 1
report: {{title: World}}
taxonomy: {{categories: [{categories}]}}
entities:
  datasets: {{label: Dataset, source: datasets.csv, labels: {{column: task, separator: ";"}}}}
  models: {{label: Model, source: models.csv, labels: {{column: task, separator: ";"}}}}
relations:
  world:
    label: trained on
    label_reversed: used to train
    links: {{source: links.csv, from: {{entity: datasets, column: source}}, to: {{entity: models, column: target}}}}
    {levels}
panels:
  - {{id: left, relation: world, given: datasets, outcome: models}}
  - {{id: right, relation: world, given: models, outcome: datasets}}
figures:
  - {{id: main, panels: [left, right], scale: [0, 1]}}
"""


def of_models(seed: int, folder: Path) -> Case:
    """Draw models that name datasets: most keep to their category, some through one that all others go through."""
    rng = np.random.default_rng(seed)
    names = LETTERS[: int(rng.choice([2, 3, 5, 9]))]
    n_models, n_datasets = int(rng.choice([12, 100, 300])), int(rng.choice([6, 40, 120]))
    sizes = rng.dirichlet(np.ones(len(names)))
    keeps, through = rng.choice([0.0, 0.5, 0.9, 1.0]), rng.random() < 0.5
    of_dataset = rng.choice(len(names), size=n_datasets, p=sizes)
    of_dataset[: len(names)] = np.arange(len(names))[:n_datasets]
    popular = rng.dirichlet(np.full(n_datasets, rng.choice([0.1, 1.0])))

    def label(category):
        if rng.random() < 0.03:
            return "unknown"
        more = [str(rng.choice(names))] if several and rng.random() < 0.15 else []
        return ";".join(dict.fromkeys([names[category], *more]))

    several, models, links = rng.random() < 0.4, [], []
    package = rng.integers(4, size=n_models)
    for i in range(n_models):
        category = int(rng.choice(len(names), p=sizes))
        at = np.flatnonzero(of_dataset == category) if rng.random() < keeps else np.arange(n_datasets)
        if through and rng.random() >= keeps:
            at = np.flatnonzero((of_dataset == 0) | (of_dataset == category)) if category else at
        at = at if len(at) else np.arange(n_datasets)
        weights = popular[at] + 1e-6
        weights /= weights.sum()
        used = rng.choice(at, size=min(int(rng.integers(1, 3)), len(at)), replace=False, p=weights)
        links += [(f"d{j}", f"m{i}") for j in used] if rng.random() < 0.95 else [("nowhere", f"m{i}")]
        models.append((f"m{i}", f"p{package[i]}", f"t{rng.integers(1 + n_models // 5)}", label(category)))
    levels = ["group: [package, team]"] * bool(rng.random() < 0.4) + ["strata: [package]"] * bool(rng.random() < 0.4)
    files = {
        "datasets.csv": _table(["id", "task"], [(f"d{j}", label(k)) for j, k in enumerate(of_dataset)]),
        "models.csv": _table(["id", "package", "team", "task"], models),
        "links.csv": _table(["source", "target"], links),
        "config.yaml": MODELS.format(
            categories=", ".join(f"{{name: {name}, match: {name}}}" for name in names), levels="\n    ".join(levels)
        ),
    }
    return of_files(files, folder)


MATRICES = """version: 1
report: {{title: World}}
taxonomy: {{categories: [{categories}]}}
entities:
  datasets: {{label: Dataset}}
  models: {{label: Model}}
relations:
  published:
    matrix: {{{files}}}
panels:
  - {{id: left, relation: published, given: datasets, outcome: models, measure: conditional}}
{right}figures:
  - {{id: main, panels: [{panels}], scale: [0, 1]}}
"""


def of_matrices(seed: int, folder: Path) -> Case:
    """Draw two matrices, shares of one table or of two, exact or read as ranges, or one alone."""
    rng = np.random.default_rng(seed)
    names = LETTERS[: int(rng.choice([2, 3, 4, 6]))]
    joint = rng.integers(0, 60, size=(len(names), len(names))) + 0.0
    joint += np.diag(rng.integers(0, 400, size=len(names))) * (rng.random() < 0.7)
    joint[rng.random(joint.shape) < rng.choice([0.0, 0.5, 0.8])] = 0
    joint += np.eye(len(names))
    other = joint if rng.random() < 0.6 else rng.permutation(joint)
    left, right = joint / joint.sum(axis=1)[:, None], (other / other.sum(axis=0)[None, :]).T
    step = float(rng.choice([0.0, 0.05, 0.25]))
    both = rng.random() < 0.7
    files = {"left": folder / "left.csv"} | ({"right": folder / "right.csv"} if both else {})
    for path, values in zip(files.values(), (left, right), strict=False):
        path.write_text(_matrix(values, names, step), encoding="utf-8")
    text = MATRICES.format(
        categories=", ".join(f"{{name: {name}, match: {name}}}" for name in names),
        files=", ".join(f"{name}: {path.name}" for name, path in files.items()),
        right="  - {id: right, relation: published, given: models, outcome: datasets, measure: conditional}\n" * both,
        panels=", ".join(files),
    )
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    return Case(wholes(folder / "config.yaml")[0], None, files, tuple(names))


def _matrix(values: np.ndarray, names: list[str], step: float) -> str:
    lines = ["given,outcome,value,low,high"]
    for a, given in enumerate(names):
        for b, outcome in enumerate(names):
            value = values[a, b]
            low = np.floor(value / step) * step if step else value
            high = min(low + step, 1.0) if step else value
            lines.append(f"{given},{outcome},{(low + high) / 2:.6f},{low:.6f},{high:.6f}")
    return "\n".join(lines) + "\n"


def _table(columns: list[str], rows: list[tuple]) -> str:
    return pd.DataFrame(rows, columns=columns).to_csv(index=False)
