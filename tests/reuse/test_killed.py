"""A few builds killed and a pair at once, with one cache: `python -m benchmarks.killed` does a hundred and twenty."""

from __future__ import annotations

import random

from benchmarks.killed import Trial, at_once, killed


def test_builds_killed_and_at_once_leave_a_whole_site_and_a_right_cache(tmp_path):
    trial = Trial(tmp_path)
    assert killed(trial, 4, random.Random(7)) == []  # noqa: S311 - moments, no secrets
    assert at_once(trial, 2) == []
    assert list(trial.last_faults()) == []


def test_the_trial_sees_what_is_wrong(tmp_path):
    trial = Trial(tmp_path)
    trial.seconds("T")
    (tmp_path / "site/report.md").write_text("something else")
    (tmp_path / "left over").touch()
    assert [*trial.faults(), *trial.last_faults()] == [
        "the site is neither of the two",
        "left beside the site: left over",
    ]
