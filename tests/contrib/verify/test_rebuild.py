"""A site made again: what went in and is other now, what comes out and is not the same, and what is in the way."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from diptych.contrib.verify.rebuild import InputChange, Rebuild, rebuild
from diptych.errors import (
    ClaimError,
    ConfigError,
    DataError,
    ManifestError,
)
from diptych.pipeline import build, build_site
from tests.pipeline.projects import CONFIG, END, FILES, tree, write_project

pytestmark = pytest.mark.slow

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


def why(found: Rebuild) -> tuple[type[Exception], str]:
    assert found.stopped is not None
    assert found.files == {}
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
    assert found == Rebuild((), (whole_site / "config.yaml",), {}, n_listed)
    assert n_listed > 20
    assert tree(whole_site) == before


def test_a_changed_row_is_told_with_the_files_that_follow_from_it(site):
    Path("d.csv").write_text(FEWER, encoding="utf-8")
    found = rebuild(site)
    assert found.changes == (InputChange("d.csv", sha256(FILES["d.csv"]), sha256(FEWER)),)
    assert list(found.files) == sorted(found.files)
    assert set(found.files.values()) == {"differs"}
    assert "data/taxonomy.csv" in found.files
    assert found.n_files > len(found.files)


def test_an_input_whose_bytes_alone_are_other_is_told_too(site):
    Path("d.csv").write_text(FILES["d.csv"].replace("\n", "\r\n"), encoding="utf-8", newline="")
    found = rebuild(site)
    assert [change.name for change in found.changes] == ["d.csv"]
    assert (found.files, found.stopped) == ({}, None)  # no file but the manifest has the hashes of inputs


def test_a_changed_setting_is_a_changed_config(site):
    edit(Path("config.yaml"), "title: T", "title: Other")
    found = rebuild(site)
    then, now = (sha256(text) for text in (CONFIG + "outputs: [data]\n", Path("config.yaml").read_bytes()))
    assert found.changes == (InputChange("config.yaml", then, now),)
    assert found.files == {"report.json": "differs"}


def test_versions_stop_nothing(site):
    def change(manifest):
        manifest["versions"]["python"] = "3.8"
        manifest["versions"]["diptych"] = "0.0.1"
        manifest["versions"]["packages"] |= {"altair": "1.0", "gone": "2"}
        del manifest["versions"]["packages"]["scipy"]

    current = json.loads((site / "manifest.json").read_text())["versions"]
    edit_manifest(site, change)
    found = rebuild(site)
    assert found.changes == (
        InputChange("Python", "3.8", current["python"]),
        InputChange("altair", "1.0", current["packages"]["altair"]),
        InputChange("diptych", "0.0.1", current["diptych"]),
        InputChange("gone", "2", None),
        InputChange("scipy", None, current["packages"]["scipy"]),
    )
    assert [str(change) for change in found.changes][1:4:2] == [
        f"altair: 1.0 then, {current['packages']['altair']} now",
        "gone: 2 then, absent now",
    ]
    assert (found.files, found.stopped) == ({}, None)


def test_files_of_the_site_that_were_edited(site):
    edit(site / "data" / "taxonomy.csv", "a,A,match", "x,A,match")
    (site / "data" / "left.csv").unlink()
    (site / "data" / "added.csv").write_text("")
    assert rebuild(site).files == {"data/taxonomy.csv": "edited"}


def test_an_input_that_is_missing_stops_it(site):
    Path("m.csv").unlink()
    found = rebuild(site)
    assert found.changes == (InputChange("m.csv", sha256(FILES["m.csv"]), None),)
    assert why(found) == (DataError, 'entities.models.source: m.csv does not exist (did you mean "k.csv"?)')


def test_one_file_of_a_pattern_is_missing_another_is_new(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    parts = {f"parts/{n}.csv": f"s,t\nd{n},m{n}\n" for n in (1, 2, 3)}
    write_project(tmp_path, {"source: k.csv": 'source: "parts/*.csv"', **DATA}, parts)
    build(Path("config.yaml"), Path("site"))
    Path("parts/2.csv").rename("parts/4.csv")
    found = rebuild(Path("site"))
    digest = sha256(parts["parts/2.csv"])
    assert found.changes == (InputChange("parts/2.csv", digest, None), InputChange("parts/4.csv", None, digest))
    assert (found.files, found.stopped) == ({}, None)


def test_a_config_that_has_moved(site):
    Path("elsewhere").mkdir()
    shutil.copytree(".", "elsewhere", ignore=shutil.ignore_patterns("elsewhere", "site"), dirs_exist_ok=True)
    Path("config.yaml").unlink()
    assert why(rebuild(site)) == (
        DataError,
        "site: its config (config.yaml) is neither next to it nor in the folder you work in; give --config PATH",
    )
    moved = Path("elsewhere/config.yaml")
    found = rebuild(site, [moved])
    assert (found.configs, found.changes, found.files, found.stopped) == ((moved,), (), {}, None)
    assert why(rebuild(site, [moved, moved])) == (
        DataError,
        "site: is one report, made from one config; give --config once",
    )
    found = rebuild(site, [Path("nothing/here.yaml")])
    assert why(found) == (ConfigError, "nothing/here.yaml: there is no such file")


def with_claim(folder: Path, claim: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "coverage.md").write_text(f"{{% claim {claim} %}}So it is.{{% endclaim %}}\n")


def test_a_claim_that_is_false_now_stops_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_project(tmp_path, {END: f"{END}outputs: [data]\ntext: {{folder: text/}}\n"})
    with_claim(Path("text"), 'n(left["B", "B"]) > 1')
    build(Path("config.yaml"), Path("site"))
    Path("d.csv").write_text(FEWER, encoding="utf-8")
    found = rebuild(Path("site"))
    assert [change.name for change in found.changes] == ["d.csv"]
    assert why(found) == (ClaimError, 'text/coverage.md:1:1: claim is false: n(left["B", "B"]) > 1 (1 > 1)')
    assert found.stopped.exit_status == 3


def test_a_site_of_two_reports(site_of_two):
    configs = (Path("b/config.yaml"), Path("a.yaml"))
    before = tree(Path())
    found = rebuild(Path("site"))
    assert (found.configs, found.changes, found.files, found.stopped) == (configs, (), {}, None)
    assert found.n_files == len(json.loads(Path("site/manifest.json").read_text())["outputs"])
    assert tree(Path()) == before
    Path("d.csv").write_text(FEWER, encoding="utf-8")
    edit(Path("b/config.yaml"), "title: T", "title: U")
    found = rebuild(Path("site"))
    assert [change.name for change in found.changes] == ["b: config.yaml", "a: d.csv"]
    assert {path.split("/")[0] for path in found.files} == {"a", "b", "index.html"}
    assert "a/data/taxonomy.csv" in found.files
    assert "b/data/taxonomy.csv" not in found.files


def test_configs_of_several_reports_that_have_moved(site_of_two):
    Path("b").rename("c")
    Path("a.yaml").rename("c/z.yaml")
    message = (
        'site: the config of the report "b" (config.yaml) is neither next to it nor in the folder you work in; '
        "give --config PATH\n"
        'site: the config of the report "a" (a.yaml) is neither next to it nor in the folder you work in; '
        "give --config PATH"
    )
    assert why(rebuild(Path("site"))) == (DataError, message)
    edit(Path("c/z.yaml"), "title: T", "title: U")
    message = (
        "c/z.yaml: neither its name nor its bytes say which report of site it belongs to; name it as one of b and a"
    )
    assert str(rebuild(Path("site"), [Path("c/z.yaml"), Path("c/config.yaml")]).stopped).endswith(message)
    edit(Path("c/z.yaml"), "title: U", "title: T")
    Path("c/z.yaml").rename("c/a.yaml")
    found = rebuild(Path("site"), [Path("c/a.yaml"), Path("c/config.yaml")])
    assert found.configs == (Path("c/config.yaml"), Path("c/a.yaml"))
    assert (found.files, found.stopped) == ({}, None)


def test_a_folder_that_is_no_site(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ManifestError) as raised:
        rebuild(Path("site"))
    assert str(raised.value) == "site: has no manifest.json, so it is not a report of this program"
