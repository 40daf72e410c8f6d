"""No output holds a path of the machine; and no manifest of somebody else leads out of a site."""

from __future__ import annotations

import json
import lzma
import shutil

import pikepdf
import pytest

from diptych.config.loading import load_config
from diptych.contrib.verify.rebuild import rebuild
from diptych.errors import ManifestError, PublishError
from diptych.pipeline import build
from diptych.publish.manifest import claimed_paths, hash_inputs, is_below, verify
from tests.pipeline.projects import tree, write_project

MARK = "of-somebody"


def contents(folder):
    """Yield the bytes of every file, unpacked as far as it is packed."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path.read_bytes()
            if path.suffix == ".xz":
                yield path.name, lzma.decompress(path.read_bytes())
            if path.suffix == ".pdf":
                with pikepdf.open(path) as pdf:
                    for found in pdf.objects:
                        if isinstance(found, pikepdf.Stream):
                            yield path.name, found.read_raw_bytes()
                            yield (
                                path.name,
                                bytes(found.read_bytes()) if "/DCTDecode" not in str(found.get("/Filter")) else b"",
                            )
                        else:
                            yield path.name, str(found).encode()


@pytest.fixture
def project(tmp_path):
    """A project all of whose paths are absolute, some of them outside."""
    work, home = tmp_path / MARK / "work", tmp_path / MARK / "home"
    work.mkdir(parents=True)
    (home / "text").mkdir(parents=True)
    (home / "m.csv").write_text("id,l,owner\nm1,a,u\nm2,b,v\nm3,b,u\nM-3,other,u\n")
    (home / "names.csv").write_text("alias,id\nX,m1\n")
    (home / "text" / "coverage.md").write_text("There are 500 of these.\n")
    edits = {
        "source: m.csv": f"source: {home}/m.csv, aliases: {home}/names.csv",
        "source: k.csv": f"source: {work}/k.csv",
        "column: t}}\n": f"column: t}}}}\ntext: {{folder: {home}/text}}\n",
    }
    return write_project(work, edits, outputs="[html, pdf, markdown, paper, data]")


def test_no_output_holds_a_path_of_the_machine(project, tmp_path):
    build(project / "config.yaml", tmp_path / "site")
    held = {
        name
        for name, content in contents(tmp_path / "site")
        if MARK.encode() in content or str(tmp_path).encode() in content
    }
    assert held == set()
    manifest = json.loads((tmp_path / "site" / "manifest.json").read_text())
    assert [entry["path"] for entry in manifest["inputs"]] == [
        "d.csv",
        "k.csv",
        "…/coverage.md",
        "…/m.csv",
        "…/names.csv",
    ]
    assert manifest["settings"]["entities"]["models"]["source"]["path"] == ["…/m.csv"]
    assert manifest["settings"]["relations"]["trained_on"]["links"]["source"]["path"] == ["k.csv"]
    assert manifest["settings"]["text"]["folder"] == "…/text"


def test_such_a_site_comes_out_again_here_and_elsewhere(project, tmp_path):
    build(project / "config.yaml", tmp_path / "site")
    found = rebuild(tmp_path / "site", [project / "config.yaml"])
    assert (found.changes, dict(found.files), found.stopped) == ((), {}, None)
    moved = tmp_path / "another-machine"
    shutil.copytree(project.parent, moved)
    text = (moved / "work" / "config.yaml").read_text()
    (moved / "work" / "config.yaml").write_text(text.replace(str(project.parent), str(moved)))
    build(project / "config.yaml", tmp_path / "one")
    build(moved / "work" / "config.yaml", tmp_path / "two")
    one, two = tree(tmp_path / "one"), tree(tmp_path / "two")
    # the config's own hash differs, since its text does, and pages, papers and the manifest print it
    assert [path for path in one if path.startswith("data/") and one[path] != two[path]] == []
    inputs = [json.loads((tmp_path / site / "manifest.json").read_text())["inputs"] for site in ("one", "two")]
    assert inputs[0] == inputs[1]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("x.csv", "x.csv"),
        ("../x.csv", "../x.csv"),
        ("{top}/work/x.csv", "x.csv"),
        ("{top}/x.csv", "../x.csv"),
        ("{top}/work/../x.csv", "../x.csv"),
        ("/{mark}/x.csv", "…/x.csv"),
        ("{top}-other/x.csv", "…/x.csv"),
    ],
)
def test_names_in_a_repository(tmp_path, path, name):
    top = tmp_path / "repository"
    (top / ".git").mkdir(parents=True)
    source = {"source: m.csv": f"source: {path.format(top=top, mark=MARK)}"}
    loaded = load_config(write_project(top / "work", source) / "config.yaml")
    (declared,) = loaded.config.entity("models").source.path
    assert loaded.portable.get(declared, declared) == name


def test_names_of_files_that_were_read(tmp_path):
    top, far = tmp_path / "repository", tmp_path / "far"
    (top / ".git").mkdir(parents=True)
    (top / "work").mkdir()
    far.mkdir()
    for place in (top / "x.csv", top / "work" / "y.csv", far / "z.csv"):
        place.write_bytes(b"")
    paths = [top / "x.csv", top / "work" / "y.csv", far / "z.csv"]
    assert [entry.path for entry in hash_inputs(paths, top / "work")] == ["../x.csv", "y.csv", "…/z.csv"]


ODD = [
    "archive/../../secret",
    "../secret",
    "/etc/passwd",
    "archive//x",
    "archive/./x",
    "",
    ".",
    "..",
    "C:/x",
    "a\\..\\b",
    "a\0b",
]


@pytest.fixture
def foreign(tmp_path):
    """A site of somebody else, beside which a file stands that is none of its."""
    site = tmp_path / "site"
    build(write_project(tmp_path / "work") / "config.yaml", site)
    (tmp_path / "secret").write_text("mine")
    return site


def claim(site, path):
    manifest = json.loads((site / "manifest.json").read_text())
    manifest["outputs"][path] = {"sha256": "0" * 64, "size": 4}
    (site / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize("path", ODD)
def test_a_manifest_that_leads_out_of_its_site_is_none(foreign, tmp_path, path):
    assert not is_below(path)
    claim(foreign, path)
    before = tree(tmp_path)
    assert claimed_paths((foreign / "manifest.json").read_bytes()) is None
    with pytest.raises(ManifestError, match="is no path below the site"):
        verify(foreign)
    with pytest.raises(ManifestError):
        rebuild(foreign)
    config = tmp_path / "work" / "config.yaml"
    with pytest.raises(PublishError, match="contains files but no manifest"):
        build(config, foreign)
    assert tree(tmp_path) == before


@pytest.mark.parametrize("path", ["index.html", "archive/2026-01-01/data/left.csv", "a b/ü.csv", "...", "a..b/c"])
def test_usual_paths_are_taken(path):
    assert is_below(path)


def test_publishing_over_such_a_site_by_force_touches_nothing_outside(foreign, tmp_path):
    claim(foreign, "archive/../../secret")
    (foreign / "data").rename(tmp_path / "data")
    (foreign / "data").symlink_to(tmp_path / "data", target_is_directory=True)
    before = tree(tmp_path / "data")
    build(tmp_path / "work" / "config.yaml", foreign, overwrite=True)
    assert (tmp_path / "secret").read_text() == "mine"
    assert tree(tmp_path / "data") == before
    assert not (foreign / "data").is_symlink()
