"""`diptych verify --rebuild`: what it prints, as text and as JSON, and with which exit status it ends."""

import hashlib
import json
import shutil
import sys
from pathlib import Path

import pytest

from diptych.cli import main
from diptych.pipeline import build, build_site
from tests.pipeline.projects import END, FILES, tree, write_project

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


def test_files_differ(run, site, tmp_path):
    write_project(tmp_path, {**DATA, "title: T": "title: U, subtitle: S"}, {**TEXT, **FEWER, "text/notes.md": ""})
    Path("text/notes.md").rename("text/findings.md")
    manifest = json.loads(Path("site/manifest.json").read_text())
    altair = manifest["versions"]["packages"]["altair"]
    config = manifest["config"]["sha256"][:12]
    manifest["versions"]["packages"]["altair"] = "6.0"
    manifest["outputs"]["old.csv"] = {"sha256": "0" * 64, "size": 1}
    del manifest["outputs"]["data/left.csv"]
    Path("site/manifest.json").write_text(json.dumps(manifest))
    status, out, err = run("--rebuild")
    assert (status, err) == (1, "")
    assert out[:7] == [
        "data/left.csv: added",
        "old.csv: missing",
        f"config.yaml: {config} then, {short(Path('config.yaml').read_text())} now",
        f"d.csv: {short(FILES['d.csv'])} then, {short(FEWER['d.csv'])} now",
        f"text/findings.md: absent then, {short('')} now",
        f"altair: 6.0 then, {altair} now",
        "data/claims.json: other bytes",
    ]
    assert {
        "data/left.csv: is made now, and not listed",
        "data/taxonomy.csv: other bytes",
        "old.csv: is not made now",
    } < {*out}
    assert out[-1] == f"rebuilt {n_listed()} files from config.yaml: {len(out) - 7} not as the manifest says"


def test_nothing_that_went_in_is_other(run, site):
    manifest = json.loads(Path("site/manifest.json").read_text())
    manifest["outputs"]["data/left.csv"] = {"sha256": "0" * 64, "size": 1234}
    Path("site/manifest.json").write_text(json.dumps(manifest))
    Path("site/data/left.csv").unlink()
    causes = "config, inputs and versions are as they were"
    assert run("--rebuild")[:2] == (
        1,
        [
            "data/left.csv: missing",
            "data/left.csv: other bytes",
            f"rebuilt {n_listed()} files from config.yaml: 1 not as the manifest says; {causes}",
        ],
    )


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


def test_an_added_file_alone_is_a_difference(run, site):
    Path("site/more.txt").write_text("")
    status, out, _ = run("--rebuild")
    assert (status, out[0]) == (1, "more.txt: added")


def test_a_missing_input(run, site):
    Path("m.csv").unlink()
    message = 'entities.models.source: m.csv does not exist (did you mean "k.csv"?)'
    assert run("--rebuild") == (
        1,
        [
            "site: every file is as its manifest says",
            f"m.csv: {short(FILES['m.csv'])} then, absent now",
            f"cannot be rebuilt: {message}",
        ],
        "",
    )
    status, out, _ = run("--rebuild", "--json")
    found = json.loads("\n".join(out))["rebuild"]
    digest = hashlib.sha256(FILES["m.csv"].encode()).hexdigest()
    assert status == 1
    assert found["changes"] == [{"name": "m.csv", "then": digest, "now": None}]
    assert found["stopped"] == {"sort": "data", "messages": [message]}
    assert found["summary"] is None


def test_a_claim_that_is_false_now_is_exit_status_3(run, site):
    Path("text/coverage.md").write_text(TEXT["text/coverage.md"].replace("> 0", "> 2"))
    status, out, err = run("--rebuild")
    assert (status, err) == (3, "")
    assert out[-1] == 'cannot be rebuilt: text/coverage.md:1:1: claim is false: n(left["B", "B"]) > 2 (2 > 2)'
    assert out[1].startswith("text/coverage.md: ")


def test_a_moved_config(run, site, tmp_path):
    Path("config.yaml").rename("other.yml")
    expected = (
        "cannot be rebuilt: site: its config (config.yaml) is neither next to it nor in the folder you work in; "
        "give --config PATH"
    )
    assert run("--rebuild") == (1, ["site: every file is as its manifest says", expected], "")
    status, out, _ = run("--rebuild", "--config", "other.yml")
    digest = short(Path("other.yml").read_text())
    assert (status, out[1:]) == (
        0,
        [
            f"config.yaml: {digest} then, absent now",
            f"other.yml: absent then, {digest} now",
            f"rebuilt {n_listed()} files from other.yml: all bytes are as the manifest says",
        ],
    )


def test_several_reports(run, tmp_path):
    write_project(tmp_path, DATA, TEXT)
    for name in ("a", "b"):
        Path(f"{name}.yaml").write_text(Path("config.yaml").read_text())
    build_site([Path("b.yaml"), Path("a.yaml")], Path("site"))
    summary = f"rebuilt {n_listed()} files from b.yaml and a.yaml: all bytes are as the manifest says"
    assert run("--rebuild") == (0, ["site: every file is as its manifest says", summary], "")
    Path("d.csv").write_text(FEWER["d.csv"])
    status, out, _ = run("--rebuild", "--config", "a.yaml")
    change = f"d.csv: {short(FILES['d.csv'])} then, {short(FEWER['d.csv'])} now"
    assert (status, out[1:3]) == (1, [f"b: {change}", f"a: {change}"])
    assert out[-1].startswith(f"rebuilt {n_listed()} files from b.yaml and a.yaml: ")


@pytest.mark.parametrize("option", [("--config", "config.yaml"), ("--engine", "duckdb")])
def test_options_of_a_rebuild_alone(option, run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    status, out, err = run(*option)
    assert (status, out) == (2, [])
    assert f"Invalid value for {option[0]}: goes with --rebuild, which is not given" in " ".join(err.split())


def test_a_folder_that_is_no_site(run):
    message = "error: site: has no manifest.json, so it is not a report of this program\n"
    assert run("--rebuild") == (1, [], message)
