"""A repository before and after its first run, to be copied, and a small one without a project."""

import shutil

import pytest

from tests.contrib.github.repositories import Repository, bare
from tests.contrib.github.standin import write_programs
from tests.world import FILES


@pytest.fixture(scope="session")
def first_run(tmp_path_factory):
    """The repository before and after its first scheduled run, and what that run said."""
    repository = bare(tmp_path_factory.mktemp("first"))
    repository.push(FILES)
    before = repository.git("rev-parse", "main")
    return repository, before, repository.run()


@pytest.fixture
def repository(first_run, tmp_path) -> Repository:
    """A copy of the repository after its first run."""
    folder = tmp_path / "repository"
    shutil.copytree(
        first_run[0].folder,
        folder,
        symlinks=True,
        ignore=shutil.ignore_patterns("run-*", "log", "programs", "artifacts"),
    )
    return Repository(folder)


@pytest.fixture
def small_repository(tmp_path) -> Repository:
    """A repository without a project."""
    made = bare(tmp_path)
    made.push({"notes.md": "mine"})
    write_programs(tmp_path / "programs")
    (tmp_path / "log").mkdir()
    return made
