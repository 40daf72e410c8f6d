"""A site made again: what went in and is other now, what comes out and is not the same, and what is in the way."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from diptych.errors import (
    ClaimError,
    ConfigError,
    DataError,
    ExpectationError,
    ManifestError,
    RebuildError,
    ReportsError,
)
from diptych.pipeline import build, build_site
from diptych.verify.rebuild_changes import Changes, FileChange, SettingChange, VersionChange
from diptych.verify.rebuilding import Rebuild, Rebuilt, rebuild
from tests.pipeline.bad_inputs import CONFIG, END, FILES
from tests.pipeline.projects import tree, write_project

DATA = {END: f"{END}outputs: [data]\n"}
FEWER = "id,l,owner\nd1,a,u\nd2,b,v\nd3,a,w\n"
"""The datasets without the second label of d3."""


def sha256(content: str | bytes) -> str:
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def edit_manifest(site: Path, change) -> None:
    """Rewrite a manifest as another program might have written it."""
    manifest = json.loads((site / "manifest.json").read_text(encoding="utf-8"))
    change(manifest)
    (site / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def kinds(found: Rebuild) -> dict[str, str]:
    return {file.path: file.kind for file in found.files}


def why(found: Rebuild) -> tuple[type[Exception], str]:
    assert found.stopped is not None
    assert found.files == ()
    return type(found.stopped), str(found.stopped)


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """Return the small project with its site of data files alone, to be copied."""
    folder = write_project(tmp_path_factory.mktemp("built"), DATA)
    build(folder / "config.yaml", folder / "site")
    return folder


@pytest.fixture
def site(built, tmp_path, monkeypatch) -> Path:
    """Return the site of that project in the folder one works in."""
    shutil.copytree(built, tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    return Path("site")


@pytest.fixture(scope="module")
def built_two(tmp_path_factory) -> Path:
    """Return a site of two reports over the same data, one in a folder of its own; the last name stands first."""
    folder = write_project(tmp_path_factory.mktemp("two"), DATA)
    write_project(folder / "b", DATA)
    (folder / "config.yaml").rename(folder / "a.yaml")
    build_site([folder / "b" / "config.yaml", folder / "a.yaml"], folder / "site")
    return folder


@pytest.fixture
def site_of_two(built_two, tmp_path, monkeypatch) -> Path:
    """Return the site of two reports in the folder one works in."""
    shutil.copytree(built_two, tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    return Path("site")


@pytest.fixture(scope="module")
def whole_site(tmp_path_factory) -> Path:
    """Return the site of the small project with every output, to be copied."""
    folder = write_project(tmp_path_factory.mktemp("whole"), outputs=None)
    build(folder / "config.yaml", folder / "site")
    return folder


def test_every_output_comes_out_again_and_nothing_is_written(whole_site):
    before = tree(whole_site)
    found = rebuild(whole_site / "site")
    n_listed = len(json.loads((whole_site / "site" / "manifest.json").read_text())["outputs"])
    assert found == Rebuild(Changes(), (whole_site / "config.yaml",), (), n_listed, n_listed)
    assert n_listed > 30
    assert tree(whole_site) == before


def test_the_site_may_be_named_in_any_way(site, monkeypatch):
    for folder, config in ((Path("site"), "config.yaml"), (site.absolute(), str(Path("config.yaml").absolute()))):
        assert rebuild(folder).configs == (Path(config),)
    monkeypatch.chdir(site)
    found = rebuild(Path())
    assert (found.configs, found.files, found.stopped) == ((Path("../config.yaml"),), (), None)


def test_a_changed_row_is_told_with_the_lines_that_follow_from_it(site):
    Path("d.csv").write_text(FEWER, encoding="utf-8")
    found = rebuild(site)
    assert found.changes == Changes(inputs=(FileChange("", "d.csv", "changed", sha256(FILES["d.csv"]), sha256(FEWER)),))
    assert [file.path for file in found.files] == sorted(file.path for file in found.files)
    assert set(kinds(found).values()) == {"differs"}
    taxonomy = next(file for file in found.files if file.path == "data/taxonomy.csv")
    size = (site / "data" / "taxonomy.csv").stat().st_size
    assert taxonomy == Rebuilt("data/taxonomy.csv", "differs", size, size)
    assert found.n_files == found.n_compared > len(found.files)


def test_an_input_whose_bytes_alone_are_other_is_told_too(site):
    Path("d.csv").write_text(FILES["d.csv"].replace("\n", "\r\n"), encoding="utf-8", newline="")
    found = rebuild(site)
    assert [(change.path, change.kind) for change in found.changes.inputs] == [("d.csv", "changed")]
    assert kinds(found) == {"report.json": "differs"}  # which lists the hashes of its inputs


def test_a_changed_setting_is_told_by_its_path(site):
    edit(Path("config.yaml"), "title: T", "title: Other")
    found = rebuild(site)
    then, now = (sha256(text) for text in (CONFIG + "outputs: [data]\n", Path("config.yaml").read_bytes()))
    assert found.changes == Changes(
        configs=(FileChange("", "config.yaml", "changed", then, now),),
        settings=(SettingChange("", "report.title", "changed", "T", "Other"),),
    )
    assert kinds(found) == {"report.json": "differs"}


def test_settings_that_come_and_go(site):
    text = Path("config.yaml").read_text(encoding="utf-8")
    Path("config.yaml").write_text(
        text.replace("match: b}]", "match: b}, {name: C, match: c}]").replace(
            "  datasets:", "  more: {label: More}\n  datasets:"
        )
    )
    edit_manifest(site, lambda manifest: manifest["settings"]["engine"].update(name="spark", old=1))
    changed = {change.key: (change.kind, change.then, change.now) for change in rebuild(site).changes.settings}
    kind, then, now = changed.pop("taxonomies.default.categories")
    assert (kind, [entry["name"] for entry in then], [entry["name"] for entry in now]) == (
        "changed",
        ["A", "B"],
        ["A", "B", "C"],
    )
    kind, then, now = changed.pop("entities.more")
    assert (kind, then, now["label"]) == ("new", None, "More")
    assert changed == {
        "engine.name": ("changed", "spark", "duckdb"),
        "engine.old": ("missing", 1, None),
    }


def test_versions_stop_nothing(site):
    def change(manifest):
        manifest["versions"]["python"] = "3.8"
        manifest["versions"]["diptych"] = "0.0.1"
        manifest["versions"]["packages"] |= {"altair": "1.0", "gone": "2"}
        del manifest["versions"]["packages"]["scipy"]

    current = json.loads((site / "manifest.json").read_text())["versions"]
    edit_manifest(site, change)
    found = rebuild(site)
    assert found.changes.versions == (
        VersionChange("diptych", "0.0.1", current["diptych"]),
        VersionChange("Python", "3.8", current["python"]),
        VersionChange("altair", "1.0", current["packages"]["altair"]),
        VersionChange("gone", "2", None),
        VersionChange("scipy", None, current["packages"]["scipy"]),
    )
    assert [str(change) for change in found.changes.versions][2:4] == [
        f"altair 1.0 then, {current['packages']['altair']} now",
        "gone 2 then, not installed now",
    ]
    assert (found.files, found.stopped) == ((), None)


def test_another_template_is_no_change_of_what_went_in(whole_site, monkeypatch, tmp_path):
    from diptych.theme.templates import template_folder  # noqa: PLC0415

    shutil.copytree(template_folder(), tmp_path / "templates")
    edit(tmp_path / "templates" / "markdown" / "report.md", "# ", "# The ")
    monkeypatch.setattr("diptych.renderers.markdown.template_folder", lambda: tmp_path / "templates")
    found = rebuild(whole_site / "site")
    assert found.changes == Changes()
    (file,) = found.files
    assert (file.path, file.kind) == ("report.md", "differs")


def test_files_of_the_site_that_were_edited(site):
    edit(site / "data" / "taxonomy.csv", "a,A,match", "x,A,match")
    (site / "data" / "left.csv").unlink()
    (site / "data" / "added.csv").write_text("")
    size = (site / "data" / "taxonomy.csv").stat().st_size
    assert rebuild(site).files == (Rebuilt("data/taxonomy.csv", "edited", size, size),)


def test_files_that_are_made_no_longer_or_only_now(site):
    def change(manifest):
        manifest["outputs"]["data/old.csv"] = {"sha256": sha256("old"), "size": 3}
        del manifest["outputs"]["data/left.csv"]
        manifest["outputs"]["data/right.csv"] = {"sha256": sha256("x"), "size": 1}

    edit_manifest(site, change)
    left, right = ((site / "data" / f"{name}.csv").stat().st_size for name in ("left", "right"))
    found = rebuild(site)
    assert found.files == (
        Rebuilt("data/left.csv", "new", None, left),
        Rebuilt("data/old.csv", "missing", 3, None),
        Rebuilt("data/right.csv", "differs", right, right),
    )
    assert found.n_compared == found.n_files + 1
    (site / "data" / "right.csv").unlink()
    assert rebuild(site).files[2] == Rebuilt("data/right.csv", "differs", 1, right)


def test_an_input_that_is_missing_stops_it(site):
    Path("m.csv").unlink()
    found = rebuild(site)
    assert found.changes == Changes(inputs=(FileChange("", "m.csv", "missing", sha256(FILES["m.csv"]), None),))
    assert why(found) == (RebuildError, "m.csv is missing; put it back, or give the config beside it by --config")
    Path("k.csv").unlink()
    found = rebuild(site)
    assert [change.path for change in found.changes.inputs] == ["k.csv", "m.csv"]
    assert str(found.stopped) == "2 inputs are missing; put them back, or give the config beside them by --config"


def test_one_file_of_a_pattern_is_missing_another_is_new(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    parts = {f"parts/{n}.csv": f"s,t\nd{n},m{n}\n" for n in (1, 2, 3)}
    write_project(tmp_path, {"source: k.csv": 'source: "parts/*.csv"', **DATA}, parts)
    build(Path("config.yaml"), Path("site"))
    Path("parts/2.csv").rename("parts/4.csv")
    found = rebuild(Path("site"))
    digest = sha256(parts["parts/2.csv"])
    assert found.changes.inputs == (
        FileChange("", "parts/2.csv", "missing", digest, None),
        FileChange("", "parts/4.csv", "new", None, digest),
    )
    assert why(found)[0] is RebuildError


def test_another_config_may_read_other_files(site):
    Path("m2.csv").write_text(FILES["m.csv"], encoding="utf-8")
    edit(Path("config.yaml"), "source: m.csv", "source: m2.csv")
    digest = sha256(FILES["m.csv"])
    new = FileChange("", "m2.csv", "new", None, digest)
    found = rebuild(site)
    assert found.changes.inputs == (FileChange("", "m.csv", "unread", digest, digest), new)
    assert (kinds(found), found.stopped) == ({"report.json": "differs"}, None)
    Path("m.csv").unlink()
    found = rebuild(site)
    assert found.changes.inputs == (FileChange("", "m.csv", "missing", digest, None), new)
    assert found.stopped is None


def test_an_input_that_cannot_be_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_project(
        tmp_path, {END: f"{END}outputs: [data]\ntext: {{folder: text/}}\n"}, {"text/overview.md": "So it is.\n"}
    )
    build(Path("config.yaml"), Path("site"))
    Path("text/coverage.md").mkdir()
    place = Path("text/coverage.md").absolute()
    expected = f"{place}: cannot be read (Is a directory); check that it is a file that may be read"
    assert why(rebuild(Path("site"))) == (DataError, expected)


def test_a_config_that_has_moved(site):
    Path("elsewhere").mkdir()
    shutil.copytree(".", "elsewhere", ignore=shutil.ignore_patterns("elsewhere", "site"), dirs_exist_ok=True)
    Path("config.yaml").unlink()
    assert why(rebuild(site)) == (
        RebuildError,
        "site: its config (config.yaml) is neither beside it nor in the folder you work in; give --config PATH",
    )
    moved = Path("elsewhere/config.yaml")
    found = rebuild(site, [moved])
    assert (found.configs, found.changes, found.files, found.stopped) == ((moved,), Changes(), (), None)
    assert why(rebuild(site, [moved, moved])) == (
        RebuildError,
        "site: is one report, made from one config; give --config once",
    )
    found = rebuild(site, [Path("nothing/here.yaml")])
    then = sha256(CONFIG + "outputs: [data]\n")
    assert found.changes.configs == (FileChange("", "config.yaml", "missing", then, None),)
    assert why(found) == (ConfigError, "nothing/here.yaml: there is no such file")


def test_a_config_that_has_another_name(site):
    Path("config.yaml").rename("other.yaml")
    found = rebuild(site, [Path("other.yaml")])
    assert found.changes == Changes(configs=(FileChange("", "config.yaml", "renamed", "config.yaml", "other.yaml"),))
    assert kinds(found) == {"report.json": "differs"}  # which names what it is made from
    Path("m.csv").unlink()
    assert why(rebuild(site, [Path("other.yaml")]))[0] is RebuildError


def test_the_config_with_the_same_bytes_is_taken_before_one_beside_the_site(site):
    Path("work").mkdir()
    shutil.move("site", "work/site")
    Path("work/config.yaml").write_text("version: 1\n")
    found = rebuild(Path("work/site"))
    assert (found.configs, found.files, found.stopped) == ((Path("config.yaml"),), (), None)
    edit(Path("config.yaml"), "title: T", "title: U")
    assert rebuild(Path("work/site")).configs == (Path("work/config.yaml"),)


def test_a_config_that_is_wrong_now(site):
    edit(Path("config.yaml"), "version: 1", "version: 2")
    found = rebuild(site)
    assert [change.kind for change in found.changes.configs] == ["changed"]
    assert why(found)[0] is ConfigError


def test_data_outside_the_guards_stop_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_project(tmp_path, {END: f"{END}outputs: [data]\nexpect: {{rows: {{datasets: 3}}}}\n"})
    build(Path("config.yaml"), Path("site"))
    Path("d.csv").write_text("id,l,owner\nd1,a,u\nd2,b,v\n", encoding="utf-8")
    message = "expect.rows.datasets: datasets has 2 rows; at least 3 are expected"
    assert why(rebuild(Path("site"))) == (ExpectationError, message)


def with_claim(folder: Path, claim: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "overview.md").write_text(f"{{% claim {claim} %}}So it is.{{% endclaim %}}\n")


def test_a_claim_that_is_false_now_stops_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_project(tmp_path, {END: f"{END}outputs: [data]\ntext: {{folder: text/}}\n"})
    with_claim(Path("text"), 'n(left["B", "B"]) > 1')
    build(Path("config.yaml"), Path("site"))
    Path("d.csv").write_text(FEWER, encoding="utf-8")
    found = rebuild(Path("site"))
    assert [change.path for change in found.changes.inputs] == ["d.csv"]
    assert why(found) == (ClaimError, 'text/overview.md:1:1: claim is false: n(left["B", "B"]) > 1 (1 > 1)')
    assert found.stopped.exit_status == 3


def test_a_site_of_two_reports(site_of_two):
    configs = (Path("b/config.yaml"), Path("a.yaml"))
    before = tree(Path())
    found = rebuild(Path("site"))
    assert (found.configs, found.changes, found.files, found.stopped) == (configs, Changes(), (), None)
    assert found.n_files == len(json.loads(Path("site/manifest.json").read_text())["outputs"])
    assert tree(Path()) == before
    Path("d.csv").write_text(FEWER, encoding="utf-8")
    edit(Path("b/config.yaml"), "title: T", "title: U")
    found = rebuild(Path("site"))
    assert [(change.named, change.kind) for change in found.changes.configs] == [("b: config.yaml", "changed")]
    assert [(change.named, change.kind) for change in found.changes.inputs] == [("a: d.csv", "changed")]
    assert [(change.report, change.key) for change in found.changes.settings] == [("b", "report.title")]
    assert {path.split("/")[0] for path in kinds(found)} == {"a", "b", "index.html"}
    assert "a/data/taxonomy.csv" in kinds(found)
    assert "b/data/taxonomy.csv" not in kinds(found)


def test_configs_of_several_reports_that_have_moved(site_of_two):
    Path("b").rename("c")
    Path("a.yaml").rename("c/z.yaml")
    message = (
        'site: the config of the report "b" (config.yaml) is neither beside it nor in the folder you work in; '
        "give --config PATH\n"
        'site: the config of the report "a" (a.yaml) is neither beside it nor in the folder you work in; '
        "give --config PATH"
    )
    assert why(rebuild(Path("site"))) == (RebuildError, message)
    both_the_same = [Path("c/z.yaml"), Path("c/config.yaml")]
    message = (
        "c/z.yaml: neither its name nor its bytes say which report of site it belongs to; name it as one of b and a\n"
        "c/config.yaml: neither its name nor its bytes say which report of site it belongs to; name it as one of b and a"
    )
    assert str(rebuild(Path("site"), both_the_same).stopped).startswith(message)
    Path("c/z.yaml").rename("c/a.yaml")
    found = rebuild(Path("site"), [Path("c/a.yaml"), Path("c/config.yaml")])
    assert found.configs == (Path("c/config.yaml"), Path("c/a.yaml"))
    assert (found.files, found.stopped) == ((), None)


def test_what_is_wrong_with_any_of_several_reports(site_of_two):
    for config in ("a.yaml", "b/config.yaml"):
        edit(Path(config), "source: m.csv", "source: none.tsv")
    kind, messages = why(rebuild(Path("site")))
    assert kind is ReportsError
    assert messages.splitlines() == [
        f"{config}: entities.models.source: none.tsv does not exist" for config in ("b/config.yaml", "a.yaml")
    ]


def test_a_manifest_of_several_reports_names_them_in_order(site_of_two):
    assert json.loads(Path("site/manifest.json").read_text())["order"] == ["b", "a"]
    edit_manifest(Path("site"), lambda manifest: manifest.update(order=["b"]))
    with pytest.raises(ManifestError) as raised:
        rebuild(Path("site"))
    assert str(raised.value) == (
        "site/manifest.json: is not a manifest of this program (Value error, order does not name the reports); "
        "build the report again"
    )


def test_a_folder_that_is_no_site(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ManifestError) as raised:
        rebuild(Path("site"))
    assert str(raised.value) == "site: has no manifest.json, so it is not a report of this program"
