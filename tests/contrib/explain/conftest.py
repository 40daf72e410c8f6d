"""Projects of every form of relation."""

import pytest

from tests.contrib.explain.projects import (
    BASE,
    ENTITIES,
    MATRIX,
    MODELS,
    OWNED,
    OWNERS,
    RECORDS,
    SURVEY,
    TAXONOMY,
    TRAINED_ON,
    write,
)


@pytest.fixture
def project(tmp_path):
    """Write a project's files and config; return the path of the config."""
    return lambda *parts, **how: write(tmp_path, *parts, **how)


@pytest.fixture
def forms(project):
    """Return the config of each form of relation by its name."""
    entities = ENTITIES.replace("label: Dataset", "label: Dataset, owner: owner").replace(
        "label: Model", "label: Model, owner: owner"
    )
    return {
        "links": lambda: project(TAXONOMY, ENTITIES, TRAINED_ON),
        "weighted": lambda: project(TAXONOMY, ENTITIES, TRAINED_ON, weight=", weight: stars"),
        "shared": lambda: project(
            TAXONOMY, entities, OWNERS, files={f"{name}.csv": text for name, text in OWNED.items()}
        ),
        "records": lambda: project(SURVEY, files={"answers.csv": RECORDS}),
        "same_kind": lambda: project(
            TAXONOMY,
            "\nentities:\n  models: {label: Model, source: models.csv, id: id, "
            'labels: {column: tasks, separator: "|"}}\n',
            BASE,
            files={"models.csv": MODELS, "bases.csv": "base,made\nm1,m2\nm1,m3\nm3,m4\nm2,m5\n"},
        ),
        "matrix": lambda: project(
            MATRIX,
            files={
                "left.csv": "given,outcome,value,low,high\nP,E,0.7,0.6,0.8\nP,A,0.2,0.1,0.3\nS,E,0.1,0.0,0.2\nS,A,,,\n"
            },
        ),
    }
