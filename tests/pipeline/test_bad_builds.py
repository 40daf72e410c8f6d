"""Bad config and bad data through `diptych build`: whole messages, exit status 1, and the old site untouched.

A case of `refusals.yaml` changes the small project: `edits` of its config ({old: new}), its `relation`, lines `after`
the config, and `files` (null removes one). Messages of one config or one source alone are in tests/config and
tests/sources.
"""

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
