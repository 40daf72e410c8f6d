"""`diptych verify --rebuild`: what it prints, as text and as JSON, and with which exit status it ends."""

import hashlib
import json
import shutil
import sys
from pathlib import Path

import pytest

from diptych.cli import main
from diptych.pipeline import build
from tests.pipeline.projects import END, tree, write_project

pytestmark = pytest.mark.slow

DATA = {END: f"{END}outputs: [data]\ntext: {{folder: text/}}\n"}
TEXT = {"text/coverage.md": '{% claim n(left["B", "B"]) > 0 %}So it is.{% endclaim %}\n'}
FEWER = {"d.csv": "id,l,owner\nd1,a,u\nd2,b,v\nd3,a,w\n"}


def short(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()[:12]


@pytest.fixture
def run(capfd, monkeypatch, tmp_path):
    """Return a function that runs a command in `tmp_path`: status, lines, messages."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str) -> tuple[int, list[str], str]:
        monkeypatch.setattr(sys, "argv", ["diptych", "verify", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capfd.readouterr()
        return int(ended.value.code or 0), captured.out.splitlines(), captured.err

    return command


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """Return a project with one claim and its site, to be copied."""
    folder = write_project(tmp_path_factory.mktemp("built"), DATA, TEXT)
    build(folder / "config.yaml", folder / "site")
    return folder


@pytest.fixture
def site(built, run, tmp_path) -> Path:
    """Return the site of that project, in the folder that commands run in."""
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    return Path("site")


def n_listed() -> int:
    return len(json.loads(Path("site/manifest.json").read_text())["outputs"])


def test_the_same(run, site, tmp_path):
    before = tree(tmp_path)
    summary = f"rebuilt {n_listed()} files from config.yaml: all bytes are as the manifest says"
    assert run("--rebuild") == (0, ["site: every file is as its manifest says", summary], "")
    status, out, err = run("site", "--rebuild", "--engine", "duckdb", "--config", "./config.yaml", "-q", "--json")
    assert (status, err) == (0, "")
    assert json.loads("\n".join(out)) == {
        "folder": "site",
        "differences": [],
        "rebuild": {
            "configs": ["config.yaml"],
            "changes": [],
            "files": [],
            "n_files": n_listed(),
            "stopped": None,
            "summary": summary,
        },
    }
    assert tree(tmp_path) == before


def test_a_file_that_was_edited(run, site):
    path = Path("site/data/taxonomy.csv")
    path.write_bytes(path.read_bytes().replace(b"b,B", b"b,\x1bB"))
    same = f"rebuilt {n_listed()} files from config.yaml: all bytes are as the manifest says"
    assert run("--rebuild")[:2] == (
        1,
        [
            "data/taxonomy.csv: changed",
            "data/taxonomy.csv: edited since it was built",
            same,
        ],
    )


def test_a_claim_that_is_false_now_is_exit_status_3(run, site):
    Path("text/coverage.md").write_text(TEXT["text/coverage.md"].replace("> 0", "> 2"))
    status, out, err = run("--rebuild")
    assert (status, err) == (3, "")
    assert out[-1] == 'cannot be rebuilt: text/coverage.md:1:1: claim is false: n(left["B", "B"]) > 2 (2 > 2)'
    assert out[1].startswith("text/coverage.md: ")


@pytest.mark.parametrize("option", [("--config", "config.yaml"), ("--engine", "duckdb")])
def test_options_of_a_rebuild_alone(option, run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    status, out, err = run(*option)
    assert (status, out) == (2, [])
    assert f"Invalid value for {option[0]}: goes with --rebuild, which is not given" in " ".join(err.split())


def test_a_folder_that_is_no_site(run):
    message = "error: site: has no manifest.json, so it is not a report of this program\n"
    assert run("--rebuild") == (1, [], message)
