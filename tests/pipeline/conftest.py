"""A site built once, to be copied to where a build must leave it alone."""

from pathlib import Path

import pytest

from diptych.pipeline import build
from tests.pipeline.projects import write_project

SOME = "[html, data]"
"""Outputs in folders and beside them, without any that takes long."""


@pytest.fixture(scope="session")
def old_site(tmp_path_factory) -> Path:
    """Return the site of the small project."""
    folder = write_project(tmp_path_factory.mktemp("old"), outputs=SOME)
    build(folder / "config.yaml", folder / "site")
    return folder / "site"
