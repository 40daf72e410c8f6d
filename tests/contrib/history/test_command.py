"""`diptych diff` and `build --snapshot` as a person or a workflow uses them."""

import json
import re
import time
from dataclasses import replace

import pytest

from benchmarks.taking import pack, snapshot_of
from diptych.config.loading import load_config
from diptych.contrib.history.changes import Build, ClaimChange, Diff, LabelChange
from diptych.contrib.history.comparing import diff
from diptych.contrib.history.diff_text import LARGEST_COMMENT, markdown_of, page_of, text_of
from diptych.contrib.history.folder import Entry, keep
from diptych.contrib.history.sides import source_of
from tests.contrib.history.projects import CONFIG, write

DATA = CONFIG.replace("outputs: [html, data]", "outputs: [data]")
MANY = "x,y\n" + "a,a\n" * 60 + "b,b\n" * 40 + "a,b\n" * 20
EVIL = '<script>alert("x")</script> | `a` **b** [c](https://example.org) @someone ::error::\x1b[31m\u202e\n# no'


def test_two_builds_are_compared_by_their_sites(here, tmp_path):
    write(tmp_path, DATA, {"r.csv": MANY})
    assert here("build", "-q", "-o", "old")[0] == 0
    (tmp_path / "r.csv").write_text(MANY + "a,b\n" * 60)
    assert here("build", "-q", "-o", "new")[0] == 0
    status, out, err = here("diff", "old", "new")
    assert (status, err) == (4, "")
    assert out.splitlines()[:2] == ["# old to new", ""]
    assert "The report says something else: the sizes of 3 categories differ.\n" in out
    assert "Numbers changed by more than noise: 3 findings and 4 cells.\n\nCauses: data.\n" in out
    assert "survey: 120 records before, 180 now; 120 alike in both, 60 only now, 0 only before." in out
    assert re.search(
        r"edited records cannot be distinguished from exchanged ones: up to \d+% of those alike may be", out
    )
    assert re.search(r"^left +A +A +data +more than noise +0\.75 +0\.43 +-0\.32 \(", out, re.MULTILINE)
    assert here("diff", "new", "new")[0] == 0
    assert here("diff", "undated", "newest")[0] == 1  # the report has a date


def test_everything_is_written_where_it_is_asked_for(here, tmp_path):
    write(tmp_path, DATA, {"r.csv": MANY})
    here("build", "-q", "-o", "old")
    (tmp_path / "r.csv").write_text(MANY + "a,b\n" * 60)
    here("build", "-q", "-o", "new")
    status, out, _ = here(
        "diff", "old", "new", "--json", "out/d.json", "--markdown", "out/d.md", "--html", "out/d.html"
    )
    assert status == 4
    assert out.startswith("# old to new\n")
    data = json.loads((tmp_path / "out/d.json").read_text())
    assert (data["schema"], data["matters"], data["differs"]) == ("diptych-diff/1", True, ["data"])
    assert (tmp_path / "out/d.md").read_text().startswith("# old to new\n")
    assert (tmp_path / "out/d.html").read_text().startswith("<!DOCTYPE html>\n")
    status, out, _ = here("diff", "old", "new", "--json")
    assert status == 4
    assert json.loads(out) == data


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("diff", "a"), 2, "Missing argument"),
        (("diff", "a", "b", "c"), 2, '"c" is one too many; a file goes with --json'),
        (("build", "--snapshot", "x", "--on-false-claim", "error"), 2, "is of one report, and goes without --on"),
        (("diff", "a", "b"), 1, '"a": is no site and no file; for an id or a revision of git, --config names'),
        (("build", "--snapshots", "x", "a.yaml", "b.yaml"), 2, "is of one report, not of a site of several"),
        (("build", "--snapshot", "x.json.xz"), 1, "config.yaml: there is no such file"),
    ],
)
def test_mistakes_are_told(arguments, status, said, here):
    found = here(*arguments)
    assert found[0] == status
    assert said in " ".join(re.sub("[│╭╮╰╯─]", " ", found[2]).split())


def test_a_folder_may_be_lent_to_a_config_that_has_none(here, tmp_path, monkeypatch):
    monkeypatch.setenv("DIPTYCH_CACHE", str(tmp_path / "cache"))
    without = DATA.replace("snapshots: {folder: history/}\n", "")
    write(tmp_path / "study", without, {"r.csv": MANY})
    assert here("build", "-q", "-o", "plain", "study/config.yaml")[0] == 0
    assert here("build", "-q", "-o", "kept", "--snapshots", "kept snapshots", "study/config.yaml")[0] == 0
    [kept] = (tmp_path / "kept snapshots").iterdir()
    assert (tmp_path / "kept/data/snapshot.json.xz").read_bytes() == kept.read_bytes()
    assert here("build", "-q", "-o", "again", "study/config.yaml")[0] == 0
    for path in (tmp_path / "plain").rglob("*.*"):
        assert (tmp_path / "again" / path.relative_to(tmp_path / "plain")).read_bytes() == path.read_bytes()
    assert sorted(path.name for path in (tmp_path / "study").iterdir()) == ["config.yaml", "r.csv"]
    arguments = ("--config", "study/config.yaml", "--snapshots", "kept snapshots")
    assert here("diff", "newest", "kept", *arguments)[0] == 0
    options = ("-q", "-o", "old", "--snapshot", "newest", "--snapshots", "kept snapshots")
    assert here("build", *options, "study/config.yaml")[0] == 0
    # a config that has a folder goes on with its own
    (tmp_path / "study/config.yaml").write_text(DATA)
    assert here("build", "-q", "-o", "own", "--snapshots", "kept snapshots", "study/config.yaml")[0] == 0
    assert len(list((tmp_path / "study/history").iterdir())) == len(list((tmp_path / "kept snapshots").iterdir())) == 1


def test_an_old_report_comes_back(here, tmp_path):
    write(tmp_path, DATA, {"r.csv": MANY})
    here("build", "-q", "-o", "old")
    (tmp_path / "r.csv").unlink()
    status, out, _ = here("build", "-q", "-o", "again", "--snapshot", "newest")
    assert status == 0
    assert out.startswith("again/index.html: ")
    for path in (tmp_path / "old").rglob("*.csv"):
        assert (tmp_path / "again" / path.relative_to(tmp_path / "old")).read_bytes() == path.read_bytes()


def evil() -> Diff:
    claim = ClaimChange("a.md", 1, EVIL, EVIL, "changed", holds=False, reason=EVIL, causes=("data",), matters=True)
    return Diff(
        old=Build(EVIL, None, "0.1.0"),
        new=Build("new", None, EVIL),
        differs=("data",),
        labels=(LabelChange("rows", EVIL, "appeared", 3, (EVIL,)),),
        claims=(claim,),
        inputs=(EVIL,),
        notes=(EVIL,),
    )


def test_labels_of_strangers_are_text_everywhere():
    text, markdown, page = text_of(evil()), markdown_of(evil()), page_of(evil())
    assert "\x1b" not in text + markdown + page
    assert "\u202e" not in text + markdown
    for line in markdown.splitlines():
        assert "<script" not in line.replace("\\<", "")
        assert not line.startswith("::")
        assert "[c](" not in line
        assert "@someone" not in line.replace("\\@", "")
    assert "<script" not in page
    assert page.count("<h1>") == 1
    rows = [line for line in markdown.splitlines() if line.startswith("| rows")]
    assert len(rows) == 1
    assert len(re.findall(r"(?<!\\)\|", rows[0])) == 5


def test_the_page_asks_for_nothing():
    page = page_of(evil())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    assert policy.startswith("default-src &#39;none&#39;; style-src &#39;sha256-")
    assert "script-src &#39;none&#39;" in policy
    assert "<script" not in page
    assert len(page) < 10_000


def test_a_comment_is_no_longer_than_github_takes():
    many = tuple(replace(evil().claims[0], line=n) for n in range(500))
    text = markdown_of(replace(evil(), claims=many))
    assert len(text) < 65_000
    assert len(text) > LARGEST_COMMENT - 2_000
    assert text.endswith("\n\nThere are more changes. `diptych diff` prints all of them.\n")


def test_with_500_snapshots_it_takes_less_than_a_second(tmp_path):
    config = write(tmp_path, DATA, {"r.csv": MANY})
    snapshot = snapshot_of(load_config(config))
    content = pack(snapshot)
    for number in range(1, 501):
        keep(tmp_path / "history", Entry(None, number, f"{number:012x}"), content)
    diff(source_of("undated-001", config), source_of("newest", config))  # imports
    began = time.process_time()
    diff(source_of("undated-001", config), source_of("newest", config))
    assert time.process_time() - began < 1
