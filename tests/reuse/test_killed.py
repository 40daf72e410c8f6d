"""Builds killed and two pairs at once, with one cache: `python -m benchmarks.killed` kills a thousand."""

from __future__ import annotations

import os
import random
import signal

import pytest

from benchmarks.killed import at_once, begun, killed, killed_in_place
from tests.draws import draws

KILLS = draws(6, 50)
"""Builds killed at random moments, of each way to put a site in place."""

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(not hasattr(os, "fork") or not hasattr(signal, "SIGKILL"), reason="no such signal here"),
]


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    """What all trials begin with: two projects, built undisturbed, and the process that builds them."""
    with begun(tmp_path_factory.mktemp("trial"), "[data]") as begun_trial:
        yield begun_trial


def test_builds_killed_and_at_once_leave_a_whole_site_and_a_right_cache(trial):
    assert killed(trial, KILLS, random.Random(7)) == []  # noqa: S311 - moments, no secrets
    assert at_once(trial, 2) == []
    assert list(trial.last_faults()) == []


def test_killed_where_files_take_their_places_one_by_one(trial):
    """On a mount point old and new files may stand side by side for a moment: said by `verify`, mended by the next."""
    found = killed_in_place(trial, KILLS, random.Random(8))  # noqa: S311
    if found is None:
        pytest.skip("nothing may be mounted here")
    assert found[0] == []
    assert list(trial.last_faults()) == []
