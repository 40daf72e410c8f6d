"""What all tests share."""

import gc
import os
import sys
from functools import cache, lru_cache
from pathlib import Path

import pytest
from hypothesis import settings

from tests.draws import NIGHTLY

# Two workers on two cores gain nothing from threads that wait for each other within a product of small matrices.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Builds that tests start as programs keep nothing, and find nothing of a developer's.
os.environ["DIPTYCH_CACHE"] = ""

# In CI the same examples are drawn every time, so that a run says something of the change and not of chance;
# on a developer's machine new ones are searched on each run.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("dev", deadline=None)
# Messages in CI quote no private text: tests of that set CI, all others, in every worker, see what a person sees.
IN_CI = os.environ.setdefault("DIPTYCH_TESTS_IN_CI", os.environ.pop("CI", ""))
settings.load_profile("ci" if IN_CI else "dev")


ROOT = Path(__file__).parents[1]

LONG = (
    "tests/cli/test_annotations.py",
    "tests/cli/test_command_line.py",
    "tests/cli/test_for_a_person.py",
    "tests/cli/test_pre_commit.py",
    "tests/cli/test_progress.py",
    "tests/contrib/audit/",
    "tests/contrib/claims/test_authored_builds.py",
    "tests/contrib/explain/",
    "tests/contrib/github/test_saying.py",
    "tests/contrib/history/test_command.py",
    "tests/contrib/history/test_default_series.py",
    "tests/contrib/history/test_history_section.py",
    "tests/contrib/history/test_series.py",
    "tests/contrib/history/test_snapshots.py",
    "tests/contrib/init/test_init_files.py",
    "tests/contrib/init/test_questions.py",
    "tests/contrib/papers/test_quarto_numbers.py",
    "tests/contrib/papers/test_typst_kit.py",
    "tests/contrib/scan/test_scan_command.py",
    "tests/contrib/verify/test_rebuild.py",
    "tests/contrib/verify/test_verify_command.py",
    "tests/core/",
    "tests/examples/",
    "tests/extending/",
    "tests/findings/test_surprises_crossing.py",
    "tests/inference/test_crossing_alone.py",
    "tests/inference/test_explained.py",
    "tests/inference/test_quasi_independence.py",
    "tests/inference/test_verdicts.py",
    "tests/library/",
    "tests/measures/test_measures_in_reports.py",
    "tests/net/",
    "tests/pipeline/test_bad_builds.py",
    "tests/pipeline/test_bounds.py",
    "tests/pipeline/test_figure_outputs.py",
    "tests/pipeline/test_outputs.py",
    "tests/pipeline/test_sites.py",
    "tests/prose/",
    "tests/relations/test_other_units.py",
    "tests/reuse/test_reuse.py",
    "tests/sources/test_hostile_files.py",
)
"""Files whose tests take seconds of processor time each. `make quick` leaves them out, `make test` runs them."""

THOROUGH = (
    "tests/benchmarks/",
    "tests/browser/",
    "tests/contrib/audit/test_audit_effect.py",
    "tests/contrib/github/test_action.py",
    "tests/contrib/github/test_keeping.py",
    "tests/contrib/github/test_workflows.py",
    "tests/contrib/history/test_differences.py",
    "tests/contrib/history/test_item_types.py",
    "tests/contrib/hub/test_command.py",
    "tests/contrib/hub/test_faults.py",
    "tests/contrib/hub/test_snapshot.py",
    "tests/contrib/hub/test_sources.py",
    "tests/contrib/scan/test_empty_worlds.py",
    "tests/contrib/serve/",
    "tests/embedding/",
    "tests/figures/test_drawing.py",
    "tests/figures/test_print.py",
    "tests/findings/test_fragility.py",
    "tests/fuzz/",
    "tests/inference/test_coverage_simulation.py",
    "tests/inference/test_many_contrasts.py",
    "tests/inference/test_resampling.py",
    "tests/inference/test_stratified_simulation.py",
    "tests/ledger/test_parts.py",
    "tests/ledger/test_plain.py",
    "tests/packaging/",
    "tests/prose/test_meaning.py",
    "tests/publish/test_publish_killed.py",
    "tests/recounts/",
    "tests/relations/test_links_random.py",
    "tests/relations/test_records_random.py",
    "tests/relations/test_shared_random.py",
    "tests/renderers/test_pdf_",
    "tests/reuse/test_killed.py",
    "tests/safety/test_disclosure.py",
    "tests/safety/test_disclosure_outputs.py",
    "tests/simulations/",
    "tests/sources/test_engines_agree.py",
    "tests/sources/test_opening.py",
)
"""Files whose tests take longest: browsers, simulations, random draws, killed programs, programs of others.

`make check` and CI run them, `make test` does not.
"""

OF_FIXTURES = {"browser": "browser", "spark_session": "spark", "sites": "long"}
"""What a test needs by a fixture that it asks for -> its marker."""

MARKERS = ("browser", "java", "long", "spark", "tex", "thorough")
"""Of what takes long: whole files of tests and single ones."""

BY_NIGHT = (
    "tests/benchmarks/test_peers.py::test_peers_of",
    "tests/browser/test_many_categories.py::test_nothing_is_cut_without_a_sign[30",
    "tests/figures/test_print.py::test_the_vega_lite_file_draws_the_same_picture[log",
    "tests/figures/test_print.py::test_the_vega_lite_file_draws_the_same_picture[sixty",
    "tests/contrib/init/test_public_tables.py::test_each_config_passes_check",
    "tests/contrib/init/test_public_tables.py::test_the_page_has_what_is_guessed[whole]",
    "tests/ledger/test_parts.py::test_a_site_to_the_byte",
    "tests/ledger/test_parts.py::test_every_form_of_relation[dated]",
    "tests/renderers/test_pdf_smallest_text.py::test_no_text_is_under_seven_points_with_many",
    "tests/sources/test_engines_agree.py::test_generated_data[spark]",
    "tests/sources/test_opening.py::test_a_session_of_our_own_leaves_nothing",
)
"""Dear cases of rules that others hold by day, and what rivals' scripts count: `make nightly` has them, `make check` not."""


TOGETHER = {
    "tests/library/test_tables.py": "Spark",
    "tests/prose/": "prose",
    "tests/renderers/test_pdf_contents.py": "PDF",
    "tests/renderers/test_pdf_layout.py": "PDF",
    "tests/sources/": "Spark",
}
"""Files that go to one worker: one session of Spark serves them all, or what they read is written once."""
UNDRAWN = (
    "tests/cli/test_annotations.py",
    "tests/contrib/claims/test_authored_builds.py",
    "tests/cli/test_command_line.py",
    "tests/contrib/history/test_command.py",
    "tests/relations/",
)
"""Where builds of this process lay blank pictures where figures would stand: nobody looks at them."""
ALONE = ("tests/fuzz/", "tests/prose/test_meaning.py::test_every_field_in_generated")
"""Tests that share nothing and take long: each goes where there is room."""


def pytest_ignore_collect(collection_path, config):
    """Pass over files of tests that take long where only the others are asked for: reading all takes as long as a third."""
    left_out = config.option.markexpr.removeprefix("not ") if config.option.markexpr.startswith("not (") else ""
    files = (*LONG * ("long" in left_out), *THOROUGH * ("long" in left_out or "thorough" in left_out))
    name = collection_path.relative_to(ROOT).as_posix() if collection_path.is_relative_to(ROOT) else ""
    return True if name.endswith(".py") and name.startswith(files) else None


def pytest_collection_modifyitems(config, items):
    """Mark tests by what they need, and begin with those that take long, what goes together first.

    So none is left over when one worker is done. What is held by night alone is left out by day.
    """
    if not NIGHTLY:
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid.startswith(BY_NIGHT)])
        items[:] = [item for item in items if not item.nodeid.startswith(BY_NIGHT)]
    for item in items:
        needs = {OF_FIXTURES[name] for name in item.fixturenames if name in OF_FIXTURES}
        if item.nodeid.startswith((*LONG, *THOROUGH)):
            needs.add("long")
        if item.nodeid.startswith(THOROUGH):
            needs.add("thorough")
        for name in sorted(needs):
            item.add_marker(name)
    together = tuple(TOGETHER)
    items.sort(key=lambda i: (not any(map(i.get_closest_marker, MARKERS)), not i.nodeid.startswith(together)))


def pytest_collection_finish():
    """Have what all tests bring, half a million objects, not looked through again and again for what is unused."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)  # of xdist
def pytest_xdist_auto_num_workers():
    """Have one worker more than cores: one of them mostly waits, for Java, a browser or a program that is to be killed."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)  # of xdist
def pytest_xdist_make_scheduler(config, log):
    """Hand out whole files, in the order of the tests: what the tests of a file share is made once.

    (xdist's groups are not heeded with pytest 9.2: they are written into an attribute that it does not read.)
    """
    from xdist.scheduler import LoadFileScheduling  # noqa: PLC0415 - where there are workers

    def scope(nodeid: str) -> str:
        if nodeid.startswith(ALONE):
            return nodeid
        file = nodeid.partition("::")[0]
        return next((name for start, name in TOGETHER.items() if file.startswith(start)), file)

    config.option.loadscopereorder = False
    scheduler = LoadFileScheduling(config, log)
    scheduler._split_scope = scope
    return scheduler


@pytest.fixture(scope="session", autouse=True)
def _drawn_here():
    """Draw in the process of the tests, which is warm after its first picture.

    A process to draw in, which each build starts, takes longer to start than to draw. Programs of their own have
    theirs, and so has `tests/figures/test_drawing.py`. What was drawn once is kept by its specification: hundreds of
    reports of the same small tables have the same figures.
    """
    from diptych.figures import drawing  # noqa: PLC0415 - once the environment is set

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(drawing.Drawer, "_start", lambda _: None)
        patched.setattr(drawing, "_convert", lru_cache(200)(drawing._convert))
        yield


@pytest.fixture(scope="module", autouse=True)
def _undrawn_here(request):
    """Draw nothing where nobody looks at pictures, which take half of a small report."""
    if request.node.nodeid.startswith(UNDRAWN):
        from tests.undrawn import undrawn  # noqa: PLC0415 - once the environment is set

        with undrawn():
            yield
    else:
        yield


@pytest.fixture(scope="session", autouse=True)
def _counted_here(tmp_path_factory):
    """Give each engine that sets no limit on memory a connection of its own to one database, which takes long to open.

    Engines see no table of each other. What one has set for all (`in_order`) is set back for the next, and nothing of
    a file is kept, since tests write others under the same name. A process that was forked opens its own.
    """
    from diptych.sources import EngineSettings  # noqa: PLC0415 - once the environment is set
    from diptych.sources import duckdb as engine  # noqa: PLC0415

    own = engine._opened

    @cache
    def database(_process, threads):
        settings = engine._config(EngineSettings(threads=threads), str(tmp_path_factory.mktemp("engine")))
        return own({**settings, "enable_external_file_cache": False})

    def opened(config):
        if "memory_limit" in config:
            return own(config)
        threads = config.get("threads")
        connection = database(os.getpid(), threads).cursor()
        connection.execute("reset threads" if threads is None else f"set threads = {threads}")
        connection.execute("set preserve_insertion_order = false")
        return connection

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engine, "_opened", opened)
        yield


@pytest.fixture(scope="session", autouse=True)
def _held_here():
    """Hold memory that was let go of: the process of the tests has so much that looking through it takes long.

    Of a program's own it is milliseconds a build, here a tenth of one, and what went back is asked for at once again.
    """
    from diptych import progress  # noqa: PLC0415 - once the environment is set

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(progress, "_glibc", lambda: None)
        yield


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
