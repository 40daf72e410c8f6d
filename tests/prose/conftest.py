"""What tests of prose share: the reports of public tables and of simulated worlds, each written once in a run."""

from __future__ import annotations

import pytest

from tests.prose.cases import EXAMPLES, HUB, SIMULATED, of_example, of_hub, of_public, of_simulated
from tests.prose.tiny_projects import TINY
from tests.prose.wholes import wholes
from tests.public import projects
from tests.public.projects import PROJECTS


def names(public):
    """Return the names of all reports that `cases` gives, of some public tables among them."""
    return [*EXAMPLES, *HUB, *SIMULATED, *TINY, *(f"public-{name}" for name in public)]


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


@pytest.fixture(scope="session")
def cases(public, simulated, tmp_path_factory):
    """Return a function that gives the report of an example, a simulated world, a tiny project or a public table."""
    kept = {}

    def make(name):
        if name in EXAMPLES:
            return of_example(name)
        if name in PROJECTS:
            return of_public(name, public(name))
        if name in TINY:
            return TINY[name](tmp_path_factory.mktemp("tiny"))
        return of_simulated(simulated(name))

    def of(name):
        name = name.removeprefix("public-")
        if name in HUB and name not in kept:
            kept.update(zip(HUB, of_hub(tmp_path_factory.mktemp("hub")), strict=True))
        if name not in kept:
            kept[name] = make(name)
        return kept[name]

    return of
