"""Sites are built from the small projects of tests/pipeline."""

from tests.pipeline.conftest import counted_once, nothing_drawn

__all__ = ["counted_once", "nothing_drawn"]
