"""The fixtures of tests of builds, which tests of snapshots need too."""

from tests.pipeline.conftest import counted_once as counted_once
from tests.pipeline.conftest import nothing_drawn as nothing_drawn
