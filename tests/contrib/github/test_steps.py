"""The steps of the action: what a run builds, compares and says, and that names out of data say nothing of their own."""

import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from diptych.contrib.github.__main__ import main
from diptych.contrib.github.building import Result, read_own
from diptych.contrib.github.saying import bullets, changes, code, cut, quiet, summary
from tests.world import CLAIM, CONFIG, FALSE_CLAIM, FILES, LINKS, MODELS, MORE_MODELS, write

pytestmark = pytest.mark.slow

HOSTILE = [
    "$(touch pwned)", "`touch pwned`", "';touch pwned;'", '"&&touch pwned', "::error file=x::y", "##[add-mask]e",
    "a\n::error::two lines", "@everyone fixes #1", "<script>alert(1)</script>", "| --- |", "```", "# Heading",
    "[x](javascript:alert(1))", "%0A::error::z",
]  # fmt: skip
MESSAGE = f"text/coverage.md:2:1: {FALSE_CLAIM}"


class Machine:
    """A job in a folder: its steps, their outputs, and what gh keeps."""

    def __init__(self, folder: Path, capfd) -> None:
        self.folder, self._capfd, self.log = folder, capfd, ""

    def step(self, task: str, **options: str) -> int:
        """Run a step; options of the action have _ for -."""
        (self.folder / "output").unlink(missing_ok=True)
        status = main([task, "--results=results", *(f"--{key.replace('_', '-')}={v}" for key, v in options.items())])
        self.log = self._capfd.readouterr().err
        return status

    @property
    def outputs(self) -> dict[str, str]:
        return dict(re.findall(r"^(.+)<<(?:end-.+)\n(.*)\n", (self.folder / "output").read_text(), re.MULTILINE))

    @property
    def summary(self) -> str:
        return (self.folder / "results" / "summary.md").read_text()

    @property
    def github(self) -> dict[str, list]:
        return json.loads((self.folder / "github.json").read_text())


@pytest.fixture
def machine(tmp_path, monkeypatch, capfd):
    """A job whose workspace has the project, with gh and the program on its path."""
    gh = tmp_path / "bin" / "gh"
    gh.parent.mkdir()
    gh.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__).with_name("gh.py")}" "$@"\n')
    gh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{gh.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}")
    monkeypatch.setenv("GH_KEPT", str(tmp_path))
    monkeypatch.setenv("GH_TOKEN", "x")
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    write(tmp_path, FILES)
    monkeypatch.chdir(tmp_path)
    return Machine(tmp_path, capfd)


def test_week_by_week(machine):
    """A scheduled run withdraws a false claim, tells of it in one issue, and closes that when all is well."""
    assert machine.step("build", event="schedule", output="first", compare="") == 0
    assert machine.outputs == {"status": "0", "claims-failed": "0", "report-path": "first", "changed": "true"}

    write(machine.folder, MORE_MODELS)
    assert machine.step("build", event="schedule", output="second", compare="first") == 0
    assert (machine.outputs["claims-failed"], machine.outputs["changed"]) == ("1", "true")
    assert f"::warning file=text/coverage.md,line=2,col=1::{FALSE_CLAIM}" in machine.log
    assert f"- `{MESSAGE}`" in machine.summary
    assert "The report says something else: " in machine.summary
    assert "B keeps to itself more." not in (machine.folder / "second" / "index.html").read_text(encoding="utf-8")
    for _ in range(2):
        assert machine.step("issue", run_url="https://x.example/1") == 0
    (issue,) = machine.github["issue"]
    assert f"- `{MESSAGE}`" in issue["body"]

    write(machine.folder, {"text/coverage.md": CLAIM.replace("<", ">")})
    assert machine.step("build", event="schedule", output="third", compare="second") == 0
    assert machine.step("build", event="schedule", output="fourth", compare="third") == 0
    assert machine.outputs["changed"] == "false"
    machine.step("issue")
    assert [one["state"] for one in machine.github["issue"]] == ["closed"]


def test_elsewhere_a_false_claim_stops_the_build(machine):
    write(machine.folder, MORE_MODELS)
    assert machine.step("build", event="pull_request") == 3
    assert f"::error file=text/coverage.md,line=2,col=1::{FALSE_CLAIM}" in machine.log
    assert machine.outputs["report-path"] == ""
    assert "**not built** (exit status 3)" in machine.summary
    for _ in range(2):
        assert machine.step("comment", number="12", preview="https://x.example/1", run_url="https://x.example/2") == 0
    (comment,) = machine.github["comment"]
    assert f"- `{MESSAGE}`" in comment
    assert "Preview" not in comment


def test_a_broken_config_is_told_beside_its_line(machine):
    write(machine.folder, {"config.yaml": CONFIG.replace("match: b}", "mtach: b}")})
    assert machine.step("build", event="schedule") == 1
    assert re.findall(r"::error (file=\S+)::", machine.log) == ["file=config.yaml,line=6,col=17"]
    assert "- `config.yaml:6:17: taxonomy.categories[1].mtach: unknown key;" in machine.summary
    machine.step("issue")
    assert "config.yaml:6:17" in machine.github["issue"][0]["body"]


def test_a_comment_shows_changes_and_a_preview(machine):
    machine.step("build", output="old", compare="none")
    write(machine.folder, {"config.yaml": CONFIG.replace("match: a}", "match: [a, b]}"), "text/coverage.md": ""})
    assert machine.step("build", output="new", compare="old") == 0
    machine.step("comment", number="12", preview="https://github.example/a/artifacts/5")
    (comment,) = machine.github["comment"]
    assert "(https://github.example/a/artifacts/5)" in comment
    assert 'taxonomies.default.categories.A.match: ["a"] before, ["a", "b"] now' in comment.replace("\\", "")


@pytest.mark.parametrize(
    ("task", "options"),
    [
        ("build", {"on_false_claim": "maybe"}),
        ("build", {"confine": "perhaps"}),
        ("build", {"allow": "host:"}),
        ("build", {"compare": "--help:x"}),
        ("comment", {"number": "1;x"}),
        ("issue", {}),
    ],
)
def test_wrong_inputs_are_annotations(machine, task, options):
    assert machine.step(task, **options) == 1
    assert machine.log.count("::error") == 1


def test_without_permission_the_step_says_so(machine, monkeypatch):
    Result("config.yaml", "site", 1).write(machine.folder / "results")
    monkeypatch.delenv("GH_TOKEN")
    assert machine.step("issue") == 1
    assert "Resource not accessible by integration (the job needs the permission" in machine.log


@pytest.mark.parametrize("broken", [False, True])
@pytest.mark.parametrize("place", ["site", "site/x.html"])
def test_a_report_with_a_link_counts_as_not_built(machine, broken, place):
    """A pull request may commit one where the report is built; an artifact would contain its target."""
    secret = write(machine.folder, {"secret/index.html": "secret"}) / "secret"
    if broken:
        write(machine.folder, {"config.yaml": "version: 1"})
    if place != "site":
        ours = {"generator": "diptych 0", "format": 1, "outputs": {}, "partial": True}
        write(machine.folder, {"site/manifest.json": json.dumps(ours)})
    (machine.folder / place).symlink_to(secret if place == "site" else secret / "index.html")
    assert machine.step("build") == 1
    assert machine.outputs["report-path"] == ""
    assert (secret / "index.html").read_text() == "secret"


@pytest.mark.parametrize("what", ["file", "folder", "pipe", "system", "large", "types"])
def test_results_of_another_job_are_read_as_regular_files_alone(machine, what):
    """An artifact may hold a link to a file of the job that writes the comment, which has a token."""
    results, secret = machine.folder / "results", machine.folder / "secret"
    Result("config.yaml", "site", 0, changed=True).write(secret)
    if what == "folder":
        results.symlink_to(secret)
    else:
        results.mkdir()
    if what == "pipe":
        os.mkfifo(results / "result.json")
    elif what == "large":
        (results / "result.json").write_text("secret" * 5_000_000)
    elif what == "types":
        (results / "result.json").write_text(
            (secret / "result.json").read_text().replace('"status": 0', '"status": "0"')
        )
    elif what != "folder":
        (results / "result.json").symlink_to(secret / "result.json" if what == "file" else "/proc/self/environ")
    if what != "types":
        with pytest.raises(OSError, match=r"link|only files are read|too large"):
            read_own(results, "result.json")
    assert machine.step("comment", number="12") == 1
    assert not (machine.folder / "github.json").exists()


def shown(markdown: str) -> str:
    """Return what Markdown shows, as HTML."""
    return MarkdownIt("gfm-like", {"linkify": False, "html": True}).render(markdown)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_shown_as_it_is_and_does_nothing(name):
    html = shown(bullets([name]))
    assert re.findall(r"<(?!/)(\w+)", html) == ["ul", "li", "code"]
    visible = re.sub(r"<[^>]+>|\N{ZERO WIDTH SPACE}", "", html).strip()
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        visible = visible.replace(entity, character)
    assert visible == " ".join(name.split())


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("thanks @someone", "@someone"),
        ("fixes #12", "#12"),
        ("closes owner/repo#12", "#12"),
        ("resolves GH-12", "GH-12"),
        ("closes https://github.com/owner/repo/issues/12", "https://github.com"),
    ],
)
def test_nobody_is_mentioned_and_no_issue_closed(text, gone):
    made = quiet(text)
    assert gone not in made
    assert made.replace("\N{ZERO WIDTH SPACE}", "") == text


def test_long_texts_are_cut_after_a_line_and_end_their_blocks():
    text = "a line\n```text\n" + "x" * 50 + "\n" + "y" * 50 + "\n```\n"
    assert cut(text, 80, "*cut*") == "a line\n```text\n" + "x" * 50 + "\n```\n\n*cut*\n"
    result = Result("config.yaml", "site", 0, changes="- a line of a list\n" * 100_000, changed=True)
    assert 45_000 < len(changes(result)) < 60_000
    assert 450_000 < len(summary(result).encode()) < 600_000
    many = Result("config.yaml", "site", 1, errors=tuple(f"a.yaml:{n}:1: x" for n in range(30)))
    assert summary(many).count("a.yaml") == 20
    assert "10 more" in summary(many)
    assert code("a``b") == "``` a``b ```"


def test_hostile_names_of_a_whole_project(machine):
    """Labels, categories, a title and a folder that would be commands: nothing runs, nothing is said in their name."""
    categories = "".join(f"    - {{name: {json.dumps('A' + each)}, match: {json.dumps(each)}}}\n" for each in HOSTILE)
    config = CONFIG.replace("title: Small", f"title: {json.dumps(HOSTILE[4] + HOSTILE[0])}")
    config = config.replace("    - {name: A, match: a}\n", f"    - {{name: A, match: a}}\n{categories}")
    rows = [f'h{n},"{name.replace(chr(34), chr(34) * 2)}"' for n, name in enumerate(HOSTILE)]
    first = json.dumps("A" + HOSTILE[0])
    folder = machine.folder / "a; touch pwned"
    shutil.rmtree(machine.folder / "text")
    files = {
        "config.yaml": config,
        "d.csv": "id,l\nd1,a\nd2,b\n" + "\n".join(rows) + "\n",
        "m.csv": MODELS + "".join(f"{row.replace('h', 'hm', 1)},2026-03-01\n" for row in rows),
        "k.csv": LINKS + "".join(f"h{n},hm{n}\n" for n in range(len(HOSTILE))),
        "text/coverage.md": CLAIM + f"\n{{% claim left[{first},{first}] > 5 %}}x{{% endclaim %}}\n",
    }
    write(folder, files)
    assert machine.step("build", config=str(folder / "config.yaml"), event="schedule", confine="false") == 0
    assert not list(machine.folder.rglob("pwned"))
    assert re.findall(r"^::(\w+)", machine.log, re.MULTILINE) == ["warning"]
    assert "##[" not in machine.log
    assert re.findall(r"<h3>(.*?)</h3>", shown(machine.summary)) == ["False claims, withdrawn", "Changes"]
    assert "<script" not in shown(machine.summary)
    machine.step("issue")
    assert "touch pwned" in machine.github["issue"][0]["body"]
