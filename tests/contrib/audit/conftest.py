"""Small projects and populations to audit, and the command in this process."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from diptych.contrib.audit.rates import AuditedPopulation
from diptych.contrib.audit.sheet import HEADER
from diptych.taxonomy import CategorySettings, TaxonomySettings, compile_taxonomy
from diptych.taxonomy.categorise import categorise, types_of

ABC = TaxonomySettings(
    categories=(
        CategorySettings(name="A", match=("a", "alpha")),
        CategorySettings(name="B", match=("b",)),
        CategorySettings(name="C", pattern=("^c",)),
    )
)


class NamedHere:
    """Names of items, by their place."""

    def __init__(self, names):
        self._names = names

    def of(self, numbers):
        return [self._names[number] for number in numbers]

    def numbers(self, names):
        return {name: self._names.index(name) for name in names if name in self._names}


@pytest.fixture
def make_population():
    """Return a function that files items, given as id -> labels, by rule."""

    def make(items, settings=ABC, name="things"):
        ids = sorted(items)
        pairs = [(ids.index(item), label) for item, labels in items.items() for label in labels]
        labels = tuple(sorted({label for _, label in pairs}))
        numbered = np.array([(item, labels.index(label)) for item, label in pairs], int).reshape(-1, 2)
        types = types_of(*numbered.T, len(ids))
        found = categorise(types, np.ones(len(ids), int), labels, compile_taxonomy(settings, "default"), name)
        return AuditedPopulation(name, name, np.arange(len(ids), dtype=np.int32), NamedHere(ids), found)

    return make


@pytest.fixture
def here(here, monkeypatch):
    """Return a function that runs a command in `tmp_path`, on a terminal of 120 columns."""
    monkeypatch.setenv("COLUMNS", "120")
    return here


def filled(sheet: bytes, answers: dict[tuple[str, str], str]) -> bytes:
    """Return a sheet with `correct` filled in, by entity and id."""
    rows = list(csv.DictReader(io.StringIO(sheet.decode())))
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADER, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({**row, "correct": answers.get((row["entity"], row["id"]), row["correct"])})
    return out.getvalue().encode()


@pytest.fixture(name="filled")
def _filled():
    return filled
