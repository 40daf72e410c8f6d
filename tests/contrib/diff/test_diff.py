"""`diptych diff` on two builds: its first lines, its limits of noise, and the permissions of a stranger's site."""

import csv
import hashlib
import io
import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

import diptych

SURVEY = Path(__file__).parents[3] / "examples" / "survey"
ENGINEERS = ("Software engineer", "Data engineer", "Web developer", "Backend developer")
STATISTICIANS = (
    ("match: [Statistician], pattern", "(engineer|developer)$"),
    ("pattern", "(engineer|developer|Statistician)$"),
)


def answers() -> list[list[str]]:
    return list(csv.reader(io.StringIO((SURVEY / "answers.csv").read_text(encoding="utf-8"), newline="")))


def moved() -> list[list[str]]:
    """Return the answers in which 60 engineers and developers became analysts."""
    rows, left = answers(), 60
    for row in rows:
        if row[2] in ENGINEERS and left:
            row[2], left = "Data analyst", left - 1
    assert not left
    return rows


def noisy() -> list[list[str]]:
    """Return the answers in which ten people gave the answer of somebody else."""
    rows, dice = answers(), random.Random(1)  # noqa: S311 - the same noise each time
    for row in dice.sample(rows[1:], 10):
        row[2] = dice.choice(rows[1:])[2]
    return rows


def built(folder: Path, rows: list[list[str]], config: str, name: str) -> Path:
    """Write a survey, build it, and return the site."""
    folder.mkdir(exist_ok=True)
    (folder / "config.yaml").write_text(config, encoding="utf-8")
    with (folder / "answers.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    diptych.build(folder / "config.yaml", folder / name, cache=False)
    return folder / name


@pytest.fixture(scope="module")
def config():
    return (SURVEY / "config.yaml").read_text(encoding="utf-8") + "\noutputs: [data, pdf]\n"


@pytest.fixture(scope="module")
def sites(tmp_path_factory, config):
    """The survey, with 60 answers moved, with noise, and with 60 moved answers and another taxonomy."""
    other = config
    for old, new in zip(*STATISTICIANS, strict=True):
        assert old in other
        other = other.replace(old, new)
    top = tmp_path_factory.mktemp("surveys")
    return {
        "old": built(top / "survey", answers(), config, "old"),
        "moved": built(top / "moved", moved(), config, "site"),
        "noise": built(top / "noise", noisy(), config, "site"),
        "taxonomy": built(top / "taxonomy", moved(), other, "site"),
    }


@pytest.fixture
def said(here, tmp_path):
    """Return a function that compares two sites: exit status, lines, and the content of the JSON file."""

    def compare(old, new, *options: str):
        status, out, err = here("diff", str(old), str(new), "--json", "d.json", "--markdown", "d.md", *options)
        assert err == ""
        return status, out.splitlines(), json.loads((tmp_path / "d.json").read_text())

    return compare


ENGINEERS_SAID = ["main", "survey", "difference.programming.engineer"]


def test_sixty_answers_that_moved_are_said_first(said, sites, tmp_path):
    status, lines, data = said(sites["old"], sites["moved"])
    assert status == 4
    assert lines[2].startswith("The report says something else: ")
    bullets = [line for line in lines if line.startswith("- ")]
    assert bullets[0] == "- Analyst (job): 22% before, 36% now, outside the old interval of 19% to 27%"
    assert bullets[1] == "- Engineer (job): 31% before, 17% now, outside the old interval of 26% to 36%"
    change = data["reports"][0]["changes"][2]
    assert (change["part"], change["how"], change["about"]) == ("statement", "changed", ENGINEERS_SAID)
    assert bullets[2].startswith(
        f'- before "{change["old"]}", now "{change["new"]}": 49 points before, 25 now, outside '
    )
    assert change["outside"]
    assert change["before"]["value"] == pytest.approx(95 / 158 - 27 / 238)
    assert lines[lines.index("## Cells that moved most") + 2].startswith(
        "- left: Programming to Analyst: 23% before, 52% now"
    )
    assert lines[-1] == "- answers.csv: other data"
    assert (data["schema"], data["changed_words"], data["changed_numbers"]) == ("diptych-diff/3", True, True)
    assert (tmp_path / "d.md").read_text().startswith("# ")


def test_statements_are_those_of_the_data_files(said, sites):
    """Appeared and vanished statements are told by one report only, and have the numbers of both."""
    _, _, data = said(sites["old"], sites["moved"])
    entries = {}
    for site in ("old", "moved"):
        found = json.loads((sites[site] / "data/statements.json").read_text())["statements"]
        entries[site] = {one["id"]: one for one in found}
    changes = [one for one in data["reports"][0]["changes"] if one["part"] == "statement"]
    assert {one["how"] for one in changes} > {"changed"}
    for one in changes:
        name = one["about"][2]
        told = {site: entries[site].get(name, {}).get("told") == "told" for site in entries}
        assert told == {"old": one["how"] != "appeared", "moved": one["how"] != "vanished"}
        for site, number, text in (("old", one["before"], one["old"]), ("moved", one["now"], one["new"])):
            if number is not None:
                entry = entries[site][name]
                assert list(number.values()) == [entry["numbers"]["difference"], *entry["interval"]]
                assert (entry["text"] in text) == told[site]


def test_values_and_intervals_are_those_of_the_data_files(said, sites):
    _, _, data = said(sites["old"], sites["moved"])
    for change in data["reports"][0]["changes"]:
        if change["part"] == "cell":
            for site, number in (("old", change["before"]), ("moved", change["now"])):
                with (sites[site] / f"data/{change['about'][0]}.csv").open() as file:
                    [row] = [
                        row for row in csv.DictReader(file) if [row["given"], row["outcome"]] == change["about"][1:]
                    ]
                assert [float(row[end]) for end in ("value", "low", "high")] == list(number.values())
            low, high = change["before"]["low"], change["before"]["high"]
            assert change["outside"] == (not low <= change["now"]["value"] <= high)


def test_noise_inside_the_old_intervals_is_no_news(said, sites):
    _, lines, data = said(sites["old"], sites["noise"])
    assert not data["changed_numbers"]
    assert not any("outside the old interval" in line for line in lines)
    assert not any(change["says"] for change in data["reports"][0]["changes"])
    assert any(change["part"] == "cell" for change in data["reports"][0]["changes"])


def test_why_tells_a_changed_taxonomy_and_changed_data_apart(said, sites):
    config = str(sites["taxonomy"].parent / "config.yaml")
    status, lines, data = said(sites["old"], sites["taxonomy"], "--why", "--config", config)
    assert status == 4
    parts = {part: data[part]["changes"] for part in ("data", "settings")}
    sizes = {
        part: {
            c["about"][3]: (c["before"]["value"] * 396, c["now"]["value"] * 396) for c in found if c["part"] == "size"
        }
        for part, found in parts.items()
    }
    assert sizes["data"] == {
        "Analyst": pytest.approx((89, 144), abs=0.5),
        "Engineer": pytest.approx((122, 67), abs=0.5),
    }
    assert sizes["settings"] == {"Engineer": pytest.approx((67, 87), abs=0.5)}
    causes = {part: {c["part"] for c in found if c["part"] in ("input", "setting")} for part, found in parts.items()}
    assert causes == {"data": {"input"}, "settings": {"setting"}}
    assert "## What data did (old config, new data)" in lines


def test_why_needs_the_config_and_data_that_were_built(here, sites, tmp_path, config):
    own = built(tmp_path / "own", answers(), config.replace("[data, pdf]", "[data]"), "site")
    edited = config.replace("[data, pdf]", "[data]").replace("[Statistician]", "[]")
    new = built(tmp_path / "own", answers(), edited, "new")
    status, _, err = here("diff", str(own), str(new), "--why", "--config", "own/config.yaml")
    assert (status, "its config is not attached to a report.pdf in it" in err) == (1, True)
    (tmp_path / "own/answers.csv").write_text("company,jobs,skills\n")
    status, _, err = here("diff", str(sites["old"]), str(new), "--why", "--config", "own/config.yaml")
    assert (status, "was not built from answers.csv as it is now" in err) == (1, True)


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "protocol.file.allow=always")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(sites, tmp_path):
    """A repository with a site in docs/, of which the next commit is without."""
    shutil.copytree(sites["old"], tmp_path / "docs/report")
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "x")
    return tmp_path


@pytest.mark.parametrize("old", ["main:docs/report", "HEAD:docs/report/", "main:./docs/report"])
def test_a_site_in_a_revision_is_read_without_a_checkout(repository, said, sites, old):
    shutil.rmtree(repository / "docs")
    status, lines, data = said(old, sites["moved"])
    assert status == 4
    assert lines[0].startswith(f"# {old} to ")
    assert data["reports"] == said(sites["old"], sites["moved"])[2]["reports"]
    assert not (repository / "docs").exists()


def test_a_hostile_repository_runs_nothing(repository, here, sites, tmp_path):
    ran, program = tmp_path / "ran", tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho $0 $* >> {ran}\n")
    program.chmod(0o755)
    (tmp_path / "evil.cfg").write_text(f"[core]\n\tsshCommand = {program}\n\tgitProxy = {program}\n")
    settings = {
        "core.fsmonitor": program, "core.pager": program, "core.editor": program, "core.askPass": program,
        "filter.x.smudge": program, "filter.x.clean": program, "filter.x.process": program, "filter.x.required": "true",
        "diff.x.textconv": program, "diff.x.command": program, "diff.external": program, "include.path": "../evil.cfg",
        "credential.helper": program, "core.hooksPath": tmp_path / "hooks", "pager.cat-file": program,
        "remote.origin.url": tmp_path / "elsewhere", "remote.origin.promisor": "true",
        "remote.origin.uploadpack": program, "remote.origin.partialclonefilter": "blob:none",
        "extensions.partialClone": "origin", "protocol.allow": "always", "protocol.file.allow": "always",
        "core.repositoryformatversion": "1", "alias.cat-file": f"!{program}",
    }  # fmt: skip
    (tmp_path / "hooks").mkdir()
    for hook in ("post-index-change", "post-checkout", "reference-transaction", "fsmonitor-watchman"):
        shutil.copy(program, tmp_path / "hooks" / hook)
    for name, value in settings.items():
        with (tmp_path / ".git/config").open("a") as file:
            section, _, key = name.rpartition(".")
            head, _, sub = section.partition(".")
            file.write(f'[{head} "{sub}"]\n\t{key} = {value}\n' if sub else f"[{head}]\n\t{key} = {value}\n")
    (tmp_path / ".git/info/attributes").write_text("* filter=x diff=x\n")
    shutil.copytree(sites["moved"], tmp_path / "moved")
    status, _, err = here("diff", "main:docs/report", "moved", "--confine")
    assert (status, err) == (4, "")
    assert not ran.exists()
    blob = subprocess.run(
        ["git", "--git-dir", str(tmp_path / ".git"), "-c", "core.repositoryformatversion=0", "rev-parse",
         "main:docs/report/data/left.csv"], capture_output=True, text=True, check=True, env={**os.environ, "GIT_NO_LAZY_FETCH": "1"},
    ).stdout.strip()  # fmt: skip
    ran.unlink(missing_ok=True)
    (tmp_path / ".git/objects" / blob[:2] / blob[2:]).unlink()
    status, _, err = here("diff", "main:docs/report", "moved", "--confine")
    assert (status, "error: " in err) == (1, True)
    assert not ran.exists()


def test_links_in_a_revision_or_a_folder_are_not_followed(repository, here, sites, tmp_path):
    (tmp_path / "secret.csv").write_bytes((tmp_path / "docs/report/data/left.csv").read_bytes())
    (tmp_path / "docs/report/data/left.csv").unlink()
    (tmp_path / "docs/report/data/left.csv").symlink_to("../../../secret.csv")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "y")
    for old in ("docs/report", "main:docs/report"):
        status, _, err = here("diff", old, str(sites["moved"]))
        assert status == 1
        assert "data/left.csv: is" in err


@pytest.mark.parametrize(
    ("old", "reason"),
    [
        ("nowhere", "nowhere: is no built report"),
        ("empty", "name a folder that `diptych build` wrote"),
        ("main:nowhere", "main:nowhere: is no built report"),
        ("--upload-pack=x:docs", "No such option"),
        ("-x:docs", "No such option"),
        ("none:docs/report", "none:docs/report: is no built report"),
    ],
)
def test_what_is_no_site_is_refused_with_what_to_do(repository, here, sites, old, reason):
    (repository / "empty").mkdir()
    status, out, err = here("diff", old, str(sites["moved"]))
    assert (status, out) == (2 if old.startswith("-") else 1, "")
    assert reason in err


def tampered(folder: Path, site: Path, path: str, change) -> Path:
    """Copy a site with another file in it, which its manifest lists as it is."""
    shutil.copytree(site, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    if path == "manifest.json":
        change(manifest)
    else:
        content = (folder / path).read_bytes()
        content = change(content)
        (folder / path).write_bytes(content)
        manifest["outputs"][path] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


HOSTILE = {
    "old format": ("manifest.json", lambda m: m.update(format=0), "has the old format 0; build the report again"),
    "new format": ("manifest.json", lambda m: m.update(format=99), "has format 99, this program reads up to 1"),
    "path outside": (
        "manifest.json",
        lambda m: m["outputs"].update({"../x": m["outputs"]["report.json"]}),
        "no path below",
    ),
    "deep": ("report.json", lambda _: b"[" * 100_000, "report.json: has another form"),
    "list": ("report.json", lambda _: b"[]", "report.json: has another form"),
    "other schema": (
        "report.json",
        lambda c: c.replace(b"diptych-report/4", b"diptych-report/3"),
        "schema diptych-report/3",
    ),
    "panel elsewhere": ("report.json", lambda c: c.replace(b'"id": "left"', b'"id": "../../left"'), "is missing"),
    "number as headline": ("report.json", lambda c: c.replace(b'"headline": "', b'"headline": 1, "x": "'), "no text"),
    "infinite": ("data/left.csv", lambda c: c.replace(b"0.601265822785", b"1e999"), "left.csv: has another form"),
    "no number": ("data/left.csv", lambda c: c.replace(b"0.601265822785", b"x"), "left.csv: has another form"),
    "no column": ("data/left.csv", lambda c: c.replace(b"outcome", b"outcomes", 1), "left.csv: has another form"),
    "huge field": ("data/left.csv", lambda c: c + b"x" * 200_000, "left.csv: has another form"),
    "bytes": ("data/left.csv", lambda c: c + b"\xff", "left.csv: has another form"),
    "statements": ("data/statements.json", lambda c: c.replace(b'"id": "', b'"id": 1, "x": "', 1), "has another form"),
    "no statements": ("data/statements.json", lambda _: b'{"statements": [1]}', "data/statements.json: has another"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_sites_of_another_form_are_refused(here, sites, tmp_path, name):
    path, change, reason = HOSTILE[name]
    old = tampered(tmp_path / "bad", sites["old"], path, change)
    status, out, err = here("diff", str(old), str(sites["moved"]))
    assert (status, out) == (1, "")
    assert reason in err
    assert "internal error" not in err


def test_a_file_that_differs_from_the_manifest_or_is_too_large_is_refused(here, sites, tmp_path, monkeypatch):
    shutil.copytree(sites["old"], tmp_path / "edited")
    with (tmp_path / "edited/data/left.csv").open("a") as file:
        file.write(" ")
    status, _, err = here("diff", "edited", str(sites["moved"]))
    assert (status, "data/left.csv: is not as manifest.json says" in err) == (1, True)
    monkeypatch.setattr("diptych.contrib.diff.sites._MOST_BYTES", 1000)
    status, _, err = here("diff", str(sites["old"]), str(sites["moved"]))
    assert (status, "has more than 1,000 bytes" in err) == (1, True)


@pytest.mark.parametrize(("path", "key"), [("report.json", b"headline"), ("data/statements.json", b"text")])
def test_no_character_of_a_site_reaches_the_terminal_or_the_comment_as_markup(said, sites, tmp_path, path, key):
    evil = "\\u001b[31m\\u202e<script> [x](https://example.org) `|`".encode("ascii")
    start = b'"%s": "' % key
    old = tampered(tmp_path / "evil", sites["old"], path, lambda content: content.replace(start, start + evil))
    _, lines, _ = said(old, sites["moved"])
    text, comment = "\n".join(lines), (tmp_path / "d.md").read_text()
    assert "\\u001b[31m\\u202e<script>" in text
    for written in (text, comment):
        assert "\x1b" not in written
        assert "\u202e" not in written
    assert "<script>" not in comment.replace("\\<script\\>", "")
    assert "[x](" not in comment


def test_confined_no_folder_outside_the_root_is_read(here, sites, tmp_path):
    status, _, err = here("diff", str(sites["old"]), str(sites["moved"]), "--confine")
    assert (status, "leads outside" in err) == (1, True)
    shutil.copytree(sites["old"], tmp_path / "old")
    assert here("diff", "old", "old", "--confine")[0] == 0


def test_reports_of_a_site_are_compared_by_name(here, sites, tmp_path, config):
    for name, content in (("a.yaml", config), ("b.yaml", config)):
        (tmp_path / name).write_text(content.replace("[data, pdf]", "[data]").replace("answers.csv", f"{name[0]}.csv"))
    for rows, folder in ((answers(), "old"), (moved(), "new")):
        for name, content in (("a.csv", answers()), ("b.csv", rows)):
            with (tmp_path / name).open("w", newline="") as file:
                csv.writer(file).writerows(content)
        assert here("build", "-q", "a.yaml", "b.yaml", "-o", folder)[0] == 0
    status, out, _ = here("diff", "old", "new")
    assert status == 4
    first, second = out.split("\n## a\n")[1].split("\n## b\n")
    assert first.strip() == "The report says the same. No number changed clearly."
    assert "Analyst (job): 22% before, 36% now" in second
    status, _, err = here("diff", str(sites["old"]), "new")
    assert (status, "have no report of the same name" in err) == (1, True)
