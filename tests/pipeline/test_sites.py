"""Several configs, one site: all reports or none, names, links, shared files, one manifest."""

import json
import re
from pathlib import Path

import pytest

from diptych.errors import ConfigError, DataError
from diptych.pipeline import build_site
from diptych.publish.manifest import verify
from tests.pages import lost, pages_of
from tests.pipeline.projects import CONFIG, END, tree, write_project

pytestmark = pytest.mark.slow


def projects(folder: Path, outputs: str = "[html, data]", **titles: str) -> list[Path]:
    """Write a config for each name, with its title, over the same data; return the configs."""
    write_project(folder)
    for name, title in titles.items():
        (folder / f"{name}.yaml").write_text(
            CONFIG.replace("title: T", f"title: {title}") + f"outputs: {outputs}\n", encoding="utf-8"
        )
    return [folder / f"{name}.yaml" for name in titles]


@pytest.fixture(scope="module")
def three(tmp_path_factory) -> Path:
    """Return a site of three reports."""
    folder = tmp_path_factory.mktemp("three")
    configs = projects(folder, b="Second & <last>", a="First", c="Third")
    built = build_site(configs, folder / "site")
    assert (built.how, built.n_files) == ("created", len([p for p in (folder / "site").rglob("*") if p.is_file()]))
    return folder / "site"


def test_a_folder_for_each_report_and_one_manifest(three):
    files = {path.relative_to(three).as_posix() for path in three.rglob("*") if path.is_file()}
    own = {"index.html", "report.json", "data/left.csv", "data/right.csv", "data/statements.json"}
    for name in "abc":
        assert {f"{name}/{path}" for path in own} <= files
    top = {path for path in files if path.split("/")[0] not in ("a", "b", "c")}
    assert top == {"index.html", "manifest.json"}
    assert [path for path in files if path.endswith("manifest.json")] == ["manifest.json"]
    manifest = json.loads((three / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["outputs"]) == files - {"manifest.json"}
    assert list(manifest["reports"]) == ["a", "b", "c"]
    assert manifest["reports"]["a"]["config"]["path"] == "a.yaml"
    assert [entry["path"] for entry in manifest["reports"]["a"]["inputs"]] == ["d.csv", "k.csv", "m.csv"]
    assert manifest["reports"]["b"]["settings"]["report"]["title"] == "Second & <last>"
    assert verify(three) == ()
    (three / "a" / "index.html").rename(three / "a" / "moved.html")
    assert [str(difference) for difference in verify(three)] == ["a/index.html: missing", "a/moved.html: added"]
    (three / "a" / "moved.html").rename(three / "a" / "index.html")


def test_every_link_of_every_page_leads_to_a_file_or_an_id(three):
    assert len(pages_of(three)) == 4
    assert lost(three) == []


def test_no_policy_has_a_hole(three):
    for path, page in pages_of(three).items():
        policy = page.policy
        assert "unsafe" not in policy
        assert policy.startswith("default-src 'none'; style-src ")
        text = path.read_text(encoding="utf-8")
        assert " style=" not in text
        assert not re.search(r"\son\w+=\"", text)


def refused(configs, site, kind=ConfigError):
    with pytest.raises(kind) as caught:
        build_site(configs, site)
    assert not site.exists()
    return caught.value


def test_two_of_one_name_are_both_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("x", "y"):
        write_project(Path(folder))
        Path(folder, "config.yaml").rename(Path(folder, "hub.yaml"))
    error = refused([Path("x/hub.yaml"), Path("y/hub.yaml")], tmp_path / "site")
    assert str(error) == 'y/hub.yaml: its report would be called "hub", as that of x/hub.yaml; rename one of the two'
    Path("y/hub.yaml").rename("y/HUB.yaml")
    error = refused([Path("x/hub.yaml"), Path("y/HUB.yaml")], tmp_path / "site")
    assert str(error) == 'y/HUB.yaml: its report would be called "HUB", as that of x/hub.yaml; rename one of the two'


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("index.html", "which the site keeps for itself"),
        ("manifest.json", "which the site keeps for itself"),
        ("con", "which is not a folder name on every system"),
        ("a:b", "which is not a folder name on every system"),
    ],
)
def test_names_that_no_report_can_have(name, why, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    projects(Path(), "[data]", **{"a": "First", name: "Second"})
    error = refused([Path("a.yaml"), Path(f"{name}.yaml")], tmp_path / "site")
    assert str(error) == f'{name}.yaml: its report would be called "{name}", {why}; rename it'


def test_the_problems_of_all_configs_come_in_one_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    projects(Path(), "[data]", a="First", b="Second", c="Third")
    Path("a.yaml").write_text(CONFIG.replace("from:", "form:"))
    Path("c.yaml").write_text("version: 2\n")
    error = refused([Path("c.yaml"), Path("b.yaml"), Path("a.yaml"), Path("d.yaml")], tmp_path / "site")
    assert [message.split(":")[0] for message in error.messages] == ["a.yaml"] * 2 + ["c.yaml"] * 3 + ["d.yaml"]
    assert error.messages[-1] == 'd.yaml: there is no such file (did you mean "c.yaml"?)'


def with_claim(config: Path, claim: str) -> None:
    folder = config.with_suffix("")
    folder.mkdir(exist_ok=True)
    (folder / "coverage.md").write_text(f"{{% claim {claim} %}}So it is.{{% endclaim %}}\n")
    config.write_text(config.read_text() + f"text: {{folder: {folder.name}/}}\n")


def test_false_claims_alone_are_exit_status_3(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    configs = [path.relative_to(tmp_path) for path in projects(tmp_path, "[data]", a="First", b="Second", c="Third")]
    with_claim(configs[0], 'n(left["A", "A"]) > 1')
    with_claim(configs[1], 'n(left["A", "A"]) > 0')
    error = refused(configs, tmp_path / "site", DataError)
    assert (error.exit_status, len(error.messages)) == (3, 1)
    assert error.messages[0].startswith("a.yaml: a/coverage.md:1:1: ")
    configs[2].write_text(configs[2].read_text().replace("m.csv", "none.csv"))
    assert refused(configs, tmp_path / "site", DataError).exit_status == 1


def test_a_build_that_fails_leaves_the_old_site(tmp_path):
    configs = projects(tmp_path, "[data]", a="First", b="Second")
    build_site(configs, tmp_path / "site")
    old = tree(tmp_path / "site")
    configs[0].write_text(configs[0].read_text().replace("First", "Changed"))
    configs[1].write_text(configs[1].read_text().replace("m.csv", "none.csv"))
    with pytest.raises(DataError):
        build_site(configs, tmp_path / "site")
    assert tree(tmp_path / "site") == old


def test_the_same_again_touches_nothing_and_another_order_changes_no_report(tmp_path):
    configs = projects(tmp_path, a="First", b="Second")
    build_site(configs, tmp_path / "site")
    assert build_site(configs, tmp_path / "site").how == "unchanged"
    build_site(configs[::-1], tmp_path / "other")
    one, other = tree(tmp_path / "site"), tree(tmp_path / "other")
    assert sorted(path for path in one if one[path] != other[path]) == [
        "a/index.html",
        "b/index.html",
        "index.html",
        "manifest.json",
    ]


def test_a_site_never_holds_what_it_is_made_from(tmp_path):
    configs = projects(tmp_path / "all" / "in", "[data]", a="First", b="Second")
    (tmp_path / "other").mkdir()
    with pytest.raises(Exception, match=r"contains .*a\.yaml, which this report is built from"):
        build_site(configs, tmp_path / "all", overwrite=True)


def test_the_command_line(here, tmp_path):
    projects(tmp_path, "[data]", a="First", b="Second")
    status, out, err = here("build", "a.yaml", "b.yaml", "-o", "out")
    assert (status, err) == (0, "")
    assert re.fullmatch(r"out/index\.html: 2 reports, \d+ files, \d+\.\d MB, created\n", out)
    status, out, _ = here("check", "a.yaml", "b.yaml")
    assert (status, out) == (
        0,
        "".join(f"{name}.yaml: no problem found\ntrained_on: 3 of 3 units counted\n" for name in "ab"),
    )
    (tmp_path / "d.csv").write_text("id,l,owner\nd1,a,u\nd2,b,v\nD-1,a|b,w\n")
    _, out, err = here("check", "a.yaml", "b.yaml", "--json")
    assert [entry["config"] for entry in json.loads(out)["reports"]] == ["a.yaml", "b.yaml"]
    notes = [line for line in err.splitlines() if "pair of ids" in line]
    assert [line.split(": ")[:3] for line in notes] == [["note", f"{name}.yaml", "datasets"] for name in "ab"]
    (tmp_path / "b.yaml").write_text(CONFIG.replace(END, "column: t}, unit: lnk}\n"))
    status, out, err = here("build", "a.yaml", "b.yaml", "-o", "out")
    assert (status, out) == (1, "")
    assert err.startswith("error: b.yaml:")
    assert verify(tmp_path / "out") == ()
