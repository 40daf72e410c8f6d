"""Merge the results of the readers and write the tables, the same bytes for the same facts."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.catalogue.aliases import find_aliases
from tools.catalogue.facts import CatalogueError, Dataset, Facts, Link, Model

SEPARATOR = "|"
Rows = Sequence[tuple[str, ...]]


@dataclass(frozen=True)
class Table:
    """A table's file name, header and rows in the order they are written."""

    name: str
    header: tuple[str, ...]
    rows: Rows


def merge(parts: Iterable[Facts]) -> Facts:
    """Join the facts of all packages; a name used by several packages is one dataset."""
    merged = Facts()
    for part in parts:
        merged.datasets.extend(part.datasets)
        merged.models.extend(part.models)
        merged.links.extend(part.links)
        merged.renames.update(part.renames)
    merged.datasets = _joined(merged.datasets)
    merged.models.sort()
    merged.links = sorted(set(merged.links))
    _check(merged)
    return merged


def _joined(datasets: list[Dataset]) -> list[Dataset]:
    by_id: dict[str, list[Dataset]] = {}
    for dataset in sorted(datasets):
        by_id.setdefault(dataset.id, []).append(dataset)
    return [_one(name, group) for name, group in sorted(by_id.items())]


def _one(name: str, group: list[Dataset]) -> Dataset:
    labels = dict.fromkeys(label for dataset in group for label in dataset.labels)
    packages = sorted({dataset.package for dataset in group})
    created = max(dataset.created for dataset in group)
    # if no package gives the purpose of a dataset, only its name can be classified
    return Dataset(name, tuple(labels) or (name,), SEPARATOR.join(packages), created)


def _check(facts: Facts) -> None:
    """Refuse facts that make the tables ambiguous."""
    ids = [model.id for model in facts.models]
    counts = Counter(ids)
    problems = sorted({f"model {name} appears twice" for name in counts if counts[name] > 1})
    unknown = {link.target for link in facts.links} - set(ids)
    problems += [f"links to {name}, which is no model" for name in sorted(unknown)]
    labelled = [(item.id, item.labels) for item in facts.datasets]
    labelled += [(item.id, item.labels) for item in facts.models]
    for name, labels in labelled:
        problems += [f"label {label!r} of {name}" for label in labels if SEPARATOR in label]
    if problems:
        raise CatalogueError("; ".join(problems))


def tables(facts: Facts, sources: Rows) -> list[Table]:
    """Return the five tables of merged facts and of the files they were read from."""
    aliases = find_aliases(facts.datasets, facts.links, facts.renames)
    return [
        Table(
            "datasets.csv",
            ("id", "labels", "package", "created"),
            [(d.id, SEPARATOR.join(d.labels), d.package, d.created) for d in facts.datasets],
        ),
        Table(
            "models.csv",
            ("id", "labels", "package", "origin", "created"),
            [_model_row(model) for model in facts.models],
        ),
        Table(
            "links.csv",
            ("source", "target", "relation", "package"),
            [_link_row(link) for link in facts.links],
        ),
        Table("aliases.csv", ("alias", "id"), aliases),
        Table("sources.csv", ("package", "version", "file", "sha256", "license", "read"), sources),
    ]


def _model_row(model: Model) -> tuple[str, ...]:
    labels = SEPARATOR.join(model.labels)
    return (model.id, labels, model.package, model.origin, model.created)


def _link_row(link: Link) -> tuple[str, ...]:
    return (link.source, link.target, link.relation, link.package)


def to_csv(table: Table) -> bytes:
    """Return the table as RFC 4180 CSV in UTF-8 with LF line ends."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.header)
    writer.writerows(table.rows)
    return text.getvalue().encode("utf-8")


def write(folder: Path, written: Iterable[Table]) -> None:
    """Make all bytes first, then write the files."""
    contents = {table.name: to_csv(table) for table in written}
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
