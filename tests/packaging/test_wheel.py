"""The wheel: what is in it, that its bytes repeat, and that it works in an empty folder, outside the checkout.

`pip install diptych` gives it without extras: it builds, and needs nothing that only an extra brings.
"""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

from diptych import __version__
from diptych.publish.manifest import read_any_manifest

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).parents[2]
PACKED = (
    "pyproject.toml",
    "hatch_build.py",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "report",
    "templates",
    "docs",
    "tests",
)


def run(arguments, cwd, **environment):
    """Run a program without input and return what it wrote; its whole output is shown where it fails."""
    found = subprocess.run(
        [str(argument) for argument in arguments],
        cwd=cwd,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"} | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout


def copy_project(folder):
    """Copy what is packed, with new modification times, into a folder where nothing else is."""
    folder.mkdir()
    for name in PACKED:
        source = CHECKOUT / name
        if source.is_dir():
            shutil.copytree(
                source, folder / name, ignore=shutil.ignore_patterns("__pycache__"), copy_function=shutil.copy
            )
        else:
            shutil.copy(source, folder / name)
    return folder


def build(project, kind, out):
    """Build without isolation and without network: hatchling is in the lock."""
    run([sys.executable, "-P", "-m", "hatchling", "build", "-t", kind, "-d", out], project)
    (made,) = out.iterdir()
    return made


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return copy_project(tmp_path_factory.mktemp("packaging") / "project")


@pytest.fixture(scope="module")
def wheel(project, tmp_path_factory):
    return build(project, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def metadata(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return Parser().parsestr(archive.read(f"diptych-{__version__}.dist-info/METADATA").decode())


def test_everything_of_the_package_and_the_templates_is_in_it(project, names):
    files = [path.relative_to(project) for path in project.rglob("*") if path.is_file()]
    expected = {Path("diptych", *path.parts[1:]).as_posix() for path in files if path.parts[0] == "report"}
    expected |= {f"diptych/{path.as_posix()}" for path in files if path.parts[0] == "templates"}
    assert {name for name in names if name.startswith("diptych/")} == expected
    assert {name.split("/")[0] for name in names} == {"diptych", f"diptych-{__version__}.dist-info"}


def test_it_says_what_it_is(metadata, names):
    settings = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    assert (metadata["Name"], metadata["Version"]) == ("diptych", __version__)
    assert metadata["License-Expression"] == "Apache-2.0 AND OFL-1.1"
    assert metadata.get_all("License-File") == settings["license-files"]
    needed = {entry.split(">")[0] for entry in metadata.get_all("Requires-Dist") if "extra ==" not in entry}
    assert needed == {entry.split(">")[0] for entry in settings["dependencies"]}
    licenses = f"diptych-{__version__}.dist-info/licenses/"
    assert {f"{licenses}{name}" for name in settings["license-files"]} <= names


def test_a_package_index_accepts_both(project, tmp_path):
    made = [build(project, kind, tmp_path / kind) for kind in ("wheel", "sdist")]
    said = run([sys.executable, "-m", "twine", "--no-color", "check", "--strict", *made], tmp_path)
    assert said.count("PASSED") == 2


def test_the_source_distribution_gives_the_same_wheel(project, wheel, tmp_path):
    source = build(project, "sdist", tmp_path / "source")
    with tarfile.open(source) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
        assert {"tests/packaging/test_wheel.py", "docs/ci.md", "hatch_build.py"} <= inside
        archive.extractall(tmp_path / "unpacked", filter="data")
    again = build(tmp_path / "unpacked" / f"diptych-{__version__}", "wheel", tmp_path / "out")
    assert again.read_bytes() == wheel.read_bytes()


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The wheel in a folder of its own; its dependencies come from the environment of the tests."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-P", "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    run([*pip, "--no-index", "--no-deps", "--no-compile", "--target", folder, wheel], folder)
    return folder


CONFIG = """\
version: 1
report: {title: Skills and jobs}
taxonomy:
  categories:
    - {name: Numbers, match: [statistics, accounting]}
    - {name: Words, match: [writing, editing]}
relations:
  survey:
    records:
      source: survey.csv
      rows: {column: skill, separator: ";", label: Skill}
      columns: {column: job, separator: ";", label: Job}
panels:
  - {id: left, relation: survey, given: rows, outcome: columns, measure: conditional}
  - {id: right, relation: survey, given: columns, outcome: rows, measure: conditional}
figures:
  - {id: main, panels: [left, right]}
"""

SURVEY = "skill,job\n" + "statistics,accounting\n" * 12 + "writing,editing\n" * 11 + "statistics;writing,editing\n" * 3


EXTRAS = {
    "databases": ["adbc_driver_postgresql", "adbc_driver_manager"],
    "hub": ["huggingface_hub"],
    "spark": ["pyspark", "pyarrow"],
    "spreadsheets": ["python_calamine"],
    "word": ["docx"],
}
"""Modules that only an extra brings."""

WITHOUT_EXTRAS = """
import sys
sys.modules.update(dict.fromkeys(sys.argv.pop(1).split(",")))  # None: importing it fails
import diptych
from diptych.cli import main
print(diptych.__file__)
for arguments in (["build", "config.yaml", "--output", "site"], ["verify", "site"]):
    sys.argv[1:] = arguments
    try:
        main()
    except SystemExit as ended:
        if ended.code:
            raise
"""


def test_all_extras_are_known():
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(project["optional-dependencies"]) == set(EXTRAS)


def test_what_is_installed_builds_a_report_without_extras(installed, tmp_path):
    (tmp_path / "report.py").write_text("raise SystemExit('the wrong report was imported')\n")
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "survey.csv").write_text(SURVEY)
    modules = ",".join(sorted({name for names in EXTRAS.values() for name in names}))
    said = run([sys.executable, "-P", "-c", WITHOUT_EXTRAS, modules], tmp_path, PYTHONPATH=str(installed))
    assert Path(said.splitlines()[0]) == installed / "diptych" / "__init__.py"
    assert said.endswith("site: every file is as its manifest says\n")
    site = tmp_path / "site"
    written = read_any_manifest(site)
    assert [entry.path for entry in (written.config, *written.inputs)] == ["config.yaml", "survey.csv"]
    assert {"index.html", "report.pdf", "report.md", "report.json", "figures/main.svg", "data/left.csv"} <= set(
        written.outputs
    )
    assert "Skills and jobs" in (site / "index.html").read_text(encoding="utf-8")
    assert (site / "report.pdf").read_bytes().startswith(b"%PDF-")
    json.loads((site / "report.json").read_bytes())
    assert str(CHECKOUT) not in (site / "index.html").read_text(encoding="utf-8")
