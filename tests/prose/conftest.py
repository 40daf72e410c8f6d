"""What tests of prose share: the reports of public tables and of simulated worlds, each written once in a run."""

from __future__ import annotations

import pytest

from tests.prose.test_words import SIMULATED
from tests.prose.wholes import wholes
from tests.public import projects


@pytest.fixture(scope="session")
def public(tmp_path_factory):
    """Return a function that gives the parts of the report of a public table by its name; nothing is drawn."""
    base = tmp_path_factory.mktemp("public")

    def of(name):
        folder = base / name
        if not folder.exists():
            folder.mkdir()
            projects.write(name, folder)
        return wholes(folder / "config.yaml")

    return of


@pytest.fixture(scope="session")
def simulated(tmp_path_factory):
    """Return a function that gives the folder of a simulated world by its name."""
    base = tmp_path_factory.mktemp("simulated")

    def of(name):
        folder = base / name
        if not folder.exists():
            folder.mkdir()
            for file, content in SIMULATED[name]().items():
                (folder / file).write_text(content, encoding="utf-8")
        return folder

    return of
