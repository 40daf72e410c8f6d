"""What all tests share."""

import os
import sys

import pytest
from hypothesis import settings

# Builds that tests start as programs keep nothing, and find nothing of a developer's.
os.environ["DIPTYCH_CACHE"] = ""

# In CI the same examples are drawn every time, so that a run says something of the change and not of chance;
# on a developer's machine new ones are searched on each run.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("dev", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


LONG = (
    "tests/audit/",
    "tests/benchmarks/",
    "tests/ci/test_action.py",
    "tests/ci/test_pre_commit.py",
    "tests/ci/test_workflows.py",
    "tests/cli/test_command_line.py",
    "tests/cli/test_diff.py",
    "tests/cli/test_progress.py",
    "tests/cli/test_verify_rebuild.py",
    "tests/embedding/",
    "tests/examples/",
    "tests/fuzz/",
    "tests/history/test_default_series.py",
    "tests/history/test_history_section.py",
    "tests/history/test_item_types.py",
    "tests/history/test_series.py",
    "tests/inference/test_coverage_simulation.py",
    "tests/library/",
    "tests/packaging/",
    "tests/pipeline/test_diff.py",
    "tests/pipeline/test_figure_outputs.py",
    "tests/pipeline/test_outputs.py",
    "tests/pipeline/test_rebuild.py",
    "tests/pipeline/test_sites.py",
    "tests/pipeline/test_snapshots.py",
    "tests/prose/",
    "tests/recounts/test_recounts_rebuilt.py",
    "tests/renderers/test_pdf_",
    "tests/renderers/test_same_bytes.py",
    "tests/renderers/test_typst_kit.py",
    "tests/reuse/test_killed.py",
    "tests/reuse/test_reuse.py",
    "tests/samples/",
    "tests/simulations/",
)
"""Where tests take seconds of processor time each: `make quick` leaves them out, `make test` has them."""

OF_FIXTURES = {"browser": "browser", "spark_session": "spark", "sites": "long"}
"""What a test needs by a fixture that it asks for -> its marker."""


@pytest.hookimpl(tryfirst=True)  # before workers are handed their tests by group
def pytest_collection_modifyitems(items):
    """Mark tests by what they need; those of Spark go to one worker, so that one session serves them all."""
    for item in items:
        needs = {OF_FIXTURES[name] for name in getattr(item, "fixturenames", ()) if name in OF_FIXTURES}
        if item.nodeid.startswith(LONG):
            needs.add("long")
        for name in sorted(needs):
            item.add_marker(name)
        if item.get_closest_marker("spark"):
            item.add_marker(pytest.mark.xdist_group("spark"))


@pytest.fixture(scope="session")
def sites(tmp_path_factory):
    """Give the folder of a site by its name, built once by the first worker that asks; see `tests.sites`."""
    from tests.sites import Sites  # noqa: PLC0415 - most tests read no site

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
