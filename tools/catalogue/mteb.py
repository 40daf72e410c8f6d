"""Read mteb: models from ``mteb/models/model_implementations``, datasets from ``mteb/tasks``.

A model is a ``ModelMeta`` bound at module level, a dataset a ``TaskMetadata`` bound in
the body of a task class. Labels are the ``modalities`` of both. A dataset's date is the
end of the period it covers (for a task made of others the latest of theirs), a model's
its ``release_date``. ``training_datasets`` gives
the links; names without a task are kept, because the package states them.
``_TASK_RENAMES`` in ``mteb/get_tasks.py`` gives former names of tasks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.catalogue.facts import TRAINED_ON, CatalogueError, Dataset, Facts, Link, Model
from tools.catalogue.values import UNKNOWN, ClassBody, Record, Value
from tools.catalogue.wheels import Imported, Wheel

PACKAGE = "mteb"
DEFAULT_MODALITIES = ["text"]  # the default of ModelMeta and TaskMetadata


def read(wheel: Wheel) -> Facts:
    """Return the models, tasks and training data that an mteb wheel states."""
    tasks = _tasks(wheel)
    facts = Facts(datasets=[_dataset(record, tasks) for record in tasks.values()])
    for record in _models(wheel).values():
        facts.models.append(_model(record))
        facts.links.extend(_links(record))
    facts.renames = dict(wheel.module("mteb.get_tasks").get("_TASK_RENAMES", {}))
    return facts


def _models(wheel: Wheel) -> dict[str, Record]:
    found: dict[str, Record] = {}
    for value in _bound(wheel, "mteb/models/model_implementations/"):
        if isinstance(value, Record) and "training_datasets" in value.fields:
            found[str(_field(value, "name"))] = value
    return found


def _tasks(wheel: Wheel) -> dict[str, Record]:
    """Return the metadata of each task by the name of its class."""
    found: dict[str, Record] = {}
    for value in _bound(wheel, "mteb/tasks/"):
        record = value.scope.get("metadata") if isinstance(value, ClassBody) else None
        if isinstance(record, Record) and "name" in record.fields:
            found[value.name] = record
    return found


def _bound(wheel: Wheel, folder: str) -> Iterator[Any]:
    """Yield the values that the modules of a folder bind; imported names appear where they are bound."""
    for path in wheel.names(folder, ".py"):
        dotted = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for value in wheel.module(dotted).values():
            if not isinstance(value, Imported):
                yield value


def _field(record: Record, name: str, default: Value = None) -> Value:
    """Return a field; refuse one that could not be evaluated, so that nothing is lost."""
    value = record.fields.get(name, default)
    if value is UNKNOWN or (isinstance(value, list | set | tuple) and UNKNOWN in value):
        message = f"{PACKAGE}: field {name} of {record.fields.get('name')} was not evaluated"
        raise CatalogueError(message)
    return value


def _dataset(record: Record, tasks: dict[str, Record]) -> Dataset:
    labels = _field(record, "modalities", DEFAULT_MODALITIES)
    return Dataset(_field(record, "name"), tuple(labels), PACKAGE, _end(record, tasks))


def _end(record: Record, tasks: dict[str, Record]) -> str:
    period = _field(record, "date")
    if period:
        return str(period[1])
    parts = [tasks[part.name] for part in _field(record, "tasks", ()) if part.name in tasks]
    return max((_end(part, tasks) for part in parts), default="")


def _model(record: Record) -> Model:
    name = _field(record, "name")
    labels = _field(record, "modalities", DEFAULT_MODALITIES)
    created = str(_field(record, "release_date") or "")
    return Model(name, tuple(labels), PACKAGE, name.partition("/")[0], created)


def _links(record: Record) -> Iterator[Link]:
    for source in sorted(_field(record, "training_datasets") or ()):
        yield Link(source, _field(record, "name"), TRAINED_ON, PACKAGE)
