"""What all tests share."""

import os
import sys

import pytest
from hypothesis import settings

# Messages in CI quote no private text: tests of that set CI, all others, in every worker, see what a person sees.
IN_CI = os.environ.setdefault("DIPTYCH_TESTS_IN_CI", os.environ.pop("CI", ""))

# In CI the same examples are drawn every time, so that a run says something of the change and not of chance;
# on a developer's machine new ones are searched on each run.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("dev", deadline=None)
settings.load_profile("ci" if IN_CI else "dev")

# Two workers on two cores gain nothing from threads that wait for each other within a product of small matrices.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Builds that tests start as programs keep nothing, and find nothing of a developer's.
os.environ["DIPTYCH_CACHE"] = ""

from tests.sites import Sites  # noqa: E402 - once the environment is set


@pytest.fixture(scope="session")
def sites(tmp_path_factory):
    """Give the folder of a site by its name, built once in a run by the first worker that asks; see `tests.sites`."""
    base = tmp_path_factory.getbasetemp()
    return Sites((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "sites")


@pytest.fixture(scope="session")
def spark_session(tmp_path_factory):
    """One session of Spark for all tests of a process; ask for it under `needs_spark`."""
    from tests.sources.engines import start_session  # noqa: PLC0415 - Spark may not be installed

    session = start_session(tmp_path_factory.mktemp("spark"))
    yield session
    session.stop()


@pytest.fixture
def here(capfd, monkeypatch, tmp_path):
    """Return a function that runs a command in this process and in `tmp_path`: exit status, output, errors."""
    from diptych.cli import main  # noqa: PLC0415 - few tests run commands

    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["diptych", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capfd.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return run
