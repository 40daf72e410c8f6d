"""The fixtures of tests of builds, which tests of snapshots need too."""

from tests.pipeline.conftest import counted_once, nothing_drawn

__all__ = ["counted_once", "nothing_drawn"]
