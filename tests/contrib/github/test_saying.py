"""What is said in summaries, issues and comments, and that names out of data say nothing of their own."""

import json
import os
import re
import shutil

import pytest
from markdown_it import MarkdownIt

from diptych.contrib.github.building import Result, read_own
from diptych.contrib.github.saying import bullets, changes, code, cut, plain, quiet, summary
from tests.contrib.github.machines import machine_of
from tests.contrib.github.repositories import bare
from tests.programs import needs
from tests.world import CLAIM, CONFIG, FILES, LINKS, MODELS

pytestmark = [pytest.mark.services, needs(shutil.which("bash"), "bash is not installed")]

HOSTILE = [
    "$(touch pwned)",
    "`touch pwned`",
    "';touch pwned;'",
    '"&&touch pwned',
    "::error file=x::y",
    "##[add-mask]e",
    "a\n::error::two lines",
    "@everyone fixes #1",
    "<script>alert(1)</script>",
    "| --- |",
    "```",
    "# Heading",
    "[x](javascript:alert(1))",
    "%0A::error::z",
]

SEEN = MarkdownIt("gfm-like", {"linkify": False, "html": True})


def shown(markdown: str) -> str:
    """Return what Markdown shows, as HTML."""
    return SEEN.render(markdown)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_shown_as_it_is_and_does_nothing(name):
    for text in (plain(name), code(name)):
        html = shown(bullets([text]))
        assert re.findall(r"<(?!/)(\w+)", html) in (["ul", "li"], ["ul", "li", "code"])
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


def test_what_is_cut_is_cut_after_a_line_and_ends_its_blocks():
    text = "a line\n```text\n" + "x" * 50 + "\n" + "y" * 50 + "\n```\n"
    made = cut(text, 80, "*cut*")
    assert made == "a line\n```text\n" + "x" * 50 + "\n```\n\n*cut*\n"
    assert cut("short\n", 80, "*cut*") == "short\n"


def result_of(folder, **more):
    """Return a result, and write a site with a title and an abstract for it."""
    report = more.pop("report", {"title": "T", "date": "2026-01-09", "sections": []})
    site = folder / "site"
    site.mkdir(exist_ok=True)
    (site / "report.json").write_text(json.dumps(report))
    return Result("config.yaml", str(site), **{"status": 0, **more})


def test_a_long_comparison_fits_a_pull_request_and_many_errors_a_summary(tmp_path):
    result = result_of(tmp_path, changes="- a line of a list\n" * 100_000, changed_words=True)
    assert 45_000 < len(changes(result)) < 60_000
    assert 450_000 < len(summary(result).encode()) < 600_000
    many = result_of(tmp_path, status=1, errors=tuple(f"a.yaml:{n}:1: x" for n in range(30)))
    assert summary(many).count("a.yaml") == 20
    assert "… and 10 more, in the log." in summary(many)


@pytest.mark.parametrize("what", ["file", "folder", "pipe", "system", "large"])
def test_results_of_another_job_are_read_as_regular_files_alone(small_repository, what):
    """An artifact may hold a link to a file of the job that writes the comment, which has a token."""
    machine = machine_of(
        small_repository, "one", result=Result("config.yaml", "site", 0, changed_words=True),
        event="pull_request",
    )  # fmt: skip
    machine.payload = {"pull_request": {"number": 12}}
    results, secret = machine.folder / "results", machine.folder / "secret"
    secret.mkdir()
    shutil.copy(results / "result.json", secret)
    if what == "folder":
        shutil.rmtree(results)
        results.symlink_to(secret)
    else:
        (results / "result.json").unlink()
    if what == "pipe":
        os.mkfifo(results / "result.json")
    elif what == "large":
        (results / "result.json").write_text("secret" * 5_000_000)
    elif what != "folder":
        (results / "result.json").symlink_to(secret / "result.json" if what == "file" else "/proc/self/environ")
    with pytest.raises(OSError, match=r"link|only files are read|too large"):
        read_own(results, "result.json")
    done = machine.run_action({"task": "comment", "results": str(results)})
    assert done.state == "failure"
    assert small_repository.github["comment"] == []


def test_one_comment_brought_up_to_date(small_repository):
    for text in ("- A moved", "- B moved"):
        result = Result("a/config.yaml", "site", 0, changes=text, changed_words=True)
        machine = machine_of(small_repository, text[2], result=result, event="pull_request")
        machine.payload = {"pull_request": {"number": 12}}
        done = machine.run_action({"task": "comment", "results": str(machine.folder / "results")})
        assert done.state == "success", done.log
    (comment,) = small_repository.github["comment"]
    assert "- B moved" in comment["body"]
    assert "- A moved" not in comment["body"]


def test_hostile_names_of_a_whole_project(tmp_path):
    """Labels, categories, a title and a folder that would be commands: nothing runs, nothing is said in their name."""
    quoted = {name: json.dumps(name) for name in HOSTILE}
    categories = "".join(f"    - {{name: {json.dumps('A' + each)}, match: {text}}}\n" for each, text in quoted.items())
    config = CONFIG.replace("title: Small", f"title: {json.dumps(HOSTILE[4] + HOSTILE[0])}")
    config = config.replace("    - {name: A, match: a}\n", f"    - {{name: A, match: a}}\n{categories}")
    rows = [f'h{n},"{name.replace(chr(34), chr(34) * 2)}"' for n, name in enumerate(HOSTILE)]
    first = json.dumps("A" + HOSTILE[0])
    files = FILES | {
        "config.yaml": config,
        "d.csv": "id,l\nd1,a\nd2,b\n" + "\n".join(rows) + "\n",
        "m.csv": MODELS + "".join(f"{row.replace('h', 'hm', 1)},2026-03-01\n" for row in rows),
        "k.csv": LINKS + "".join(f"h{n},hm{n}\n" for n in range(len(HOSTILE))),
        "text/coverage.md": CLAIM + f"\n{{% claim left[{first},{first}] > 5 %}}x{{% endclaim %}}\n",
    }
    repository = bare(tmp_path)
    repository.push(files)
    jobs = repository.run()
    build = jobs["build"]
    assert build.state == "success", build.log
    assert not list(tmp_path.rglob("pwned*"))
    (warning,) = build.annotations
    assert warning[:2] == ("warning", "file=text/coverage.md,line=4,col=1")
    assert "##[" not in build.log
    headings = re.findall(r"<h\d>(.*?)</h\d>", shown(build.summary))
    assert headings[1:] == ["False claims", "Changes"]
    assert "<script" not in shown(build.summary).replace("&lt;script", "")
    (issue,) = repository.github["issue"]
    assert "touch pwned" in issue["body"]
