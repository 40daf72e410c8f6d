"""Bad config and bad data through `diptych build`: whole messages, exit status 1, and the old site untouched.

A case of `refusals.yaml` changes the small project: `edits` of its config ({old: new}), its `relation`, lines `after`
the config, and `files` (null removes one). Messages of one config or one source alone are in tests/config and
tests/sources.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from diptych.cli import main
from diptych.errors import DiptychError
from diptych.pipeline import build as built
from diptych.pipeline import check
from tests.pipeline.conftest import SOME
from tests.pipeline.projects import END, LINKS, tree, write_project
from tests.refusals import Refusals

pytestmark = pytest.mark.slow

DRAWN = ("a font that is not there", "a font that is none")
"""What only drawing can find; `diptych check` does not."""
REFUSALS = Refusals(Path(__file__).with_name("refusals.yaml"))


@pytest.fixture
def build(capfd, monkeypatch):
    """Return a function that runs `diptych build` in this process and gives exit status, stdout and stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["diptych", "build", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capfd.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return run


def said(messages) -> str:
    return "".join(f"error: {message}\n" for message in messages)


def changed(name):
    """Return the edits and the files of a case."""
    case = REFUSALS.cases[name]
    edits = case.get("edits", {})
    if "relation" in case:
        edits = {LINKS: case["relation"], **edits}
    if "after" in case:
        edits = {**edits, END: END + case["after"]}
    return edits, case.get("files", {})


@pytest.mark.parametrize("name", REFUSALS.cases)
def test_the_whole_message_and_nothing_written_golden(name, tmp_path, monkeypatch):
    write_project(tmp_path, *changed(name), outputs=None)
    monkeypatch.chdir(tmp_path)
    before = tree(tmp_path)
    with pytest.raises(DiptychError) as caught:
        built(Path("config.yaml"), Path("site")) if name in DRAWN else check(Path("config.yaml"))
    assert tree(tmp_path) == before
    REFUSALS.compare(name, caught.value.messages)


def test_the_small_project_builds_and_a_second_build_changes_nothing(build, old_site, tmp_path, monkeypatch):
    write_project(tmp_path, outputs=SOME)
    monkeypatch.chdir(tmp_path)
    status, out, err = build()
    assert (status, err) == (0, "")
    files = [hashed for hashed in tree(tmp_path / "site").values() if hashed]
    assert out.startswith(f"site/index.html: {len(files)} files, ")
    assert out.endswith(" MB, created\n")
    assert tree(tmp_path / "site") == tree(old_site)
    assert build()[1].endswith(", unchanged\n")


def test_a_process_of_its_own_says_the_same(old_site, tmp_path):
    name = "links that find nothing"
    write_project(tmp_path, *changed(name))
    shutil.copytree(old_site, tmp_path / "site")
    before = tree(tmp_path)
    ended = subprocess.run(
        [Path(sys.executable).with_name("diptych"), "build"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", said(REFUSALS.messages(name)))
    assert tree(tmp_path) == before


FOLDERS = [
    (
        "a folder of somebody else",
        "notes",
        {"notes/todo.txt": "milk"},
        (
            "notes: contains files but no manifest.json of this program, so it was not built by it; give another folder, "
            "or --force to replace everything in it"
        ),
    ),
    (
        "a file that was put into a site",
        "site",
        {"site/CNAME": "example.org", "site/data/own.csv": "1"},
        (
            "site: contains files that no build has written (CNAME, data/own.csv); move them away, or give --force to "
            "replace everything in it"
        ),
    ),
    ("a file", "out", {"out": "text"}, "out: is not a folder; remove it, or give another name"),
    (
        "a file on the way",
        "out/site",
        {"out": "text"},
        "out/site: a part of this path is a file; remove it, or give another folder",
    ),
    (
        "the folder one works in",
        ".",
        {},
        ".: is the folder you work in, which a build would replace; give a folder of its own",
    ),
    (
        "a folder above",
        "..",
        {},
        "..: contains the folder you work in, which a build would replace; give a folder of its own",
    ),
    (
        "a checkout",
        "repo",
        {"repo/.git/HEAD": "ref"},
        "repo: is the top of a git checkout, which a build would replace; give a folder of its own",
    ),
]


@pytest.mark.parametrize("case", FOLDERS, ids=lambda case: case[0])
def test_an_output_folder_that_must_not_be_replaced(case, build, old_site, tmp_path, monkeypatch):
    _, output, files, message = case
    project = write_project(tmp_path / "project")
    shutil.copytree(old_site, project / "site")
    write_project(project, files=files)
    monkeypatch.chdir(project)
    before = tree(tmp_path)
    assert build("-o", output) == (1, "", f"error: {message}\n")
    assert tree(tmp_path) == before


def test_force_does_not_replace_the_data_of_the_report(build, old_site, tmp_path, monkeypatch):
    write_project(tmp_path, {"source: m.csv": "source: site/m.csv"}, {"site/m.csv": "id,l\nm1,a\nm2,b\nm3,b\n"})
    monkeypatch.chdir(tmp_path)
    before = tree(tmp_path)
    message = "site: contains site/m.csv, which this report is built from; give a folder of its own"
    assert build("--force") == (1, "", f"error: {message}\n")
    assert tree(tmp_path) == before


def test_force_replaces_what_no_build_has_written(build, old_site, tmp_path, monkeypatch):
    write_project(tmp_path, files={"notes/todo.txt": "milk"}, outputs=SOME)
    monkeypatch.chdir(tmp_path)
    assert build("-o", "notes", "--force")[0] == 0
    assert tree(tmp_path / "notes") == tree(old_site)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_files_that_may_not_be_read(build, tmp_path, monkeypatch):
    write_project(tmp_path)
    (tmp_path / "m.csv").chmod(0)
    monkeypatch.chdir(tmp_path)
    message = "entities.models.source: m.csv may not be read (permission denied)"
    assert build() == (1, "", f"error: {message}\n")


def test_a_config_that_is_not_there(build, tmp_path, monkeypatch):
    write_project(tmp_path)
    monkeypatch.chdir(tmp_path)
    message = 'confg.yaml: there is no such file (did you mean "config.yaml"?)'
    assert build("confg.yaml") == (1, "", f"error: {message}\n")
    assert not (tmp_path / "site").exists()


def test_a_config_that_is_not_utf_8(build, tmp_path, monkeypatch):
    write_project(tmp_path)
    (tmp_path / "config.yaml").write_bytes("version: 1\nreport: {title: é}\n".encode("latin-1"))
    monkeypatch.chdir(tmp_path)
    status, out, err = build()
    assert (status, out) == (1, "")
    assert err.startswith("error: config.yaml:2:17: ")


def test_what_does_not_print_in_data_does_not_reach_the_terminal(build, tmp_path, monkeypatch):
    write_project(
        tmp_path, {"match: b}]": "match: b}]\n  unmatched: error"}, {"m.csv": 'id,l\nm1,a\nm2,"\x1b[31mred\ntwo"\n'}
    )
    monkeypatch.chdir(tmp_path)
    message = (
        "models: 1 label is in no category of taxonomy default, whose `unmatched` is error: "
        r'"\u001b[31mred\ntwo" (1) (items in brackets)'
    )
    assert build() == (1, "", f"error: {message}\n")
