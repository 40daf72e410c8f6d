"""What is under way: stages on a terminal, their times where asked for, SQL with -v, and silence everywhere else."""

import re
import subprocess
import sys

import pytest

from diptych.progress import STAGES
from tests.pipeline.projects import write_project

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return write_project(tmp_path_factory.mktemp("progress"), outputs="[figures, data]")


def built(project, *options):
    return subprocess.run(
        [sys.executable, "-P", "-m", "diptych", "build", "--no-cache", *options],
        cwd=project,
        capture_output=True,
        text=True,
        check=True,
    )


def test_nothing_is_said_where_nobody_watches(here, tmp_path):
    write_project(tmp_path)
    status, _, err = here("build")
    assert (status, err) == (0, "")


def test_timings_name_every_stage_and_verbose_prints_what_the_engine_is_asked(project):
    said = built(project, "--timings", "-v").stderr
    assert said.count("create temp table kept_") > 10
    assert "read_csv([" in said
    lines = said.splitlines()
    found = [match.groups() for line in lines if (match := re.fullmatch(r" +(\d+\.\d\d) s  ( *)(.+)", line))]
    names = [name for _, _, name in found]
    assert names == list(STAGES)
    assert all(float(seconds) < 60 for seconds, _, _ in found)
