"""Read mmdet, mmpretrain, mmsegmentation and mmaction2: ``.mim/configs/**/metafile.y(a)ml``.

A metafile lists Models, each with the Collection (method) it belongs to, Metadata with
Training Data, and Results with a Task and a Dataset. A model without Training Data of
its own has its collection's. Labels of a model are the tasks of its results; without
results it gets the package's first keyword. A dataset
has the task most often reported on it; one that no result names has no label here. The
date of a model is the one in its weights' file name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import yaml

from tools.catalogue.facts import EVALUATED_ON, TRAINED_ON, Dataset, Facts, Link, Model
from tools.catalogue.wheels import Wheel

DATE = re.compile(r"_(20\d\d)(\d\d)(\d\d)(?!\d)")
SEPARATOR = re.compile(r",| and | \+ ")
# the augmented training set of one dataset, not two datasets
WHOLE_NAMES = frozenset({"Pascal VOC 2012 + Aug"})
# headings that a generator of metafiles took for dataset names
NOT_DATASETS = frozenset({"# HRNet backbone", "# ResNet backbone"})


def read(*wheels: Wheel) -> Facts:
    """Return the models of OpenMMLab wheels and the datasets they name.

    The wheels are read together: they share datasets, and the task of a dataset is the
    one most often reported in all of them.
    """
    models: dict[str, Model] = {}
    links: set[Link] = set()
    reported: dict[str, Counter[str]] = {}
    for wheel in wheels:
        for entry, collection in _entries(wheel):
            model = _model(entry, wheel.metadata())
            # a model listed twice keeps the first entry's labels and both entries' links
            models.setdefault(model.id, model)
            links.update(_links(entry, collection, model))
            for result in _listed(entry.get("Results")):
                reported.setdefault(result["Dataset"], Counter())[result["Task"]] += 1
    named = sorted({(link.source, link.package) for link in links})
    datasets = [
        Dataset(name, most_reported(reported.get(name)), package) for name, package in named if name not in NOT_DATASETS
    ]
    return Facts(datasets, list(models.values()), sorted(links))


def _entries(wheel: Wheel) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield each model entry with its collection (empty where it is not in the file)."""
    for path in wheel.names(end=("metafile.yml", "metafile.yaml")):
        content = yaml.safe_load(wheel.text(path))
        # one metafile is a bare list of models
        file = content if isinstance(content, dict) else {"Models": content}
        collections = {entry["Name"]: entry for entry in file.get("Collections") or ()}
        for entry in file.get("Models") or ():
            yield entry, collections.get(entry.get("In Collection"), {})


def _listed(value: object) -> list[Any]:
    """Return a list where a file has a list, a single value or nothing."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _links(entry: dict[str, Any], collection: dict[str, Any], model: Model) -> Iterator[Link]:
    for name in training_data(entry, collection):
        yield Link(name, model.id, TRAINED_ON, model.package)
    for result in _listed(entry.get("Results")):
        yield Link(result["Dataset"], model.id, EVALUATED_ON, model.package)


def _model(entry: dict[str, Any], metadata: dict[str, str]) -> Model:
    tasks = tuple(sorted({result["Task"] for result in _listed(entry.get("Results"))}))
    # the first keyword, "computer vision", is true of all models of the package
    labels = tasks or (metadata["keywords"].split(",")[0],)
    found = DATE.search(str(entry.get("Weights") or ""))
    created = "-".join(found.groups()) if found else ""
    origin = str(entry.get("In Collection") or "")
    return Model(entry["Name"], labels, metadata["name"], origin, created)


def training_data(entry: dict[str, Any], collection: dict[str, Any]) -> list[str]:
    """Return the names of a model's training datasets, its collection's if it has none."""
    for holder in (entry, collection):
        stated = (holder.get("Metadata") or {}).get("Training Data")
        if stated is not None:
            return [name for text in _listed(stated) for name in split_names(str(text))]
    return []


def split_names(text: str) -> list[str]:
    """Split names joined by commas, "and" or "+", but never within brackets."""
    if text in WHOLE_NAMES:
        return [text]
    parts, start = [], 0
    for found in SEPARATOR.finditer(text):
        before = text[: found.start()]
        if before.count("(") == before.count(")"):
            parts.append(text[start : found.start()])
            start = found.end()
    return [name.strip() for name in (*parts, text[start:]) if name.strip()]


def most_reported(tasks: Counter[str] | None) -> tuple[str, ...]:
    """Return the task most often reported (all of them at a tie); none without a result."""
    if not tasks:
        return ()
    most = max(tasks.values())
    return tuple(sorted(task for task, count in tasks.items() if count == most))
