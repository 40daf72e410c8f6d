"""A site built once, to be copied to where a build must leave it alone; the same data counted once."""

from importlib import import_module
from pathlib import Path

import pytest

from diptych.cache import NO_CACHE, NOTHING_KEPT, Cache
from diptych.pipeline import build
from tests.pipeline.projects import write_project
from tests.undrawn import undrawn

SOME = "[html, data]"
"""Outputs in folders and beside them, without any that takes long."""


@pytest.fixture(scope="session")
def old_site(tmp_path_factory) -> Path:
    """Return the site of the small project."""
    folder = write_project(tmp_path_factory.mktemp("old"), outputs=SOME)
    build(folder / "config.yaml", folder / "site")
    return folder / "site"


@pytest.fixture(scope="module")
def counted_once(tmp_path_factory):
    """Count the same data in the same way once for tests of what is made of counts; all else is made anew.

    Dozens of their projects have the same three files. When data are the same is the cache's to say (tests/reuse).
    """
    building = import_module("diptych.pipeline.build")  # the package's own `build` is the function
    kept, own = Cache(tmp_path_factory.mktemp("counted")), building.counted_before

    def counted_before(cache, loaded, inputs):
        return (own(kept, loaded, inputs)[0], NOTHING_KEPT) if cache is NO_CACHE else own(cache, loaded, inputs)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(building, "counted_before", counted_before)
        yield


@pytest.fixture(scope="module")
def nothing_drawn():
    """Lay blank pictures where figures would stand, for tests of whether the same comes out again."""
    with undrawn():
        yield
