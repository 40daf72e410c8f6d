"""The manifest: its bytes, what it tells of a folder, and what it says of one that is not ours."""

import json
import tomllib
from pathlib import Path

import pytest

from diptych import __version__
from diptych.errors import ManifestError
from diptych.publish import manifest, publish
from diptych.publish.manifest import Difference, InputFile, Versions, build_manifest, hash_inputs, verify

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, the message "abc"
VERSIONS = Versions(diptych="0.1.0", python="3.11", packages={"typst": "0.15.2", "altair": "6.3.0"})
CONFIG = InputFile(path="config.yaml", sha256=ABC, size=3)


def test_inputs_are_hashed_once_and_named_from_the_config(tmp_path):
    project = tmp_path / "project"
    (project / "data").mkdir(parents=True)
    for place in (project / "data" / "b.csv", project / "a.csv", tmp_path / "shared.csv"):
        place.write_bytes(b"abc")
    paths = [
        project / ".." / "shared.csv",
        project / "data" / "b.csv",
        project / "data" / ".." / "a.csv",
        project / "a.csv",
    ]
    assert hash_inputs(paths, project) == tuple(
        InputFile(path=path, sha256=ABC, size=3) for path in ("../shared.csv", "a.csv", "data/b.csv")
    )


def test_every_dependency_is_listed_or_changes_no_byte():
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    names = {entry.split(">")[0] for entry in project["dependencies"]}
    assert names - set(manifest.PACKAGES) == {"backports-zstd", "httpx2", "rich", "typer"}
    assert project["version"] == __version__


def test_verify_finds_nothing_in_a_fresh_site(tmp_path, old):
    publish(old, tmp_path / "site")
    (tmp_path / "site" / ".DS_Store").write_text("")
    assert verify(tmp_path / "site") == ()


def test_verify_names_what_differs(tmp_path, old):
    folder = tmp_path / "site"
    publish(old, folder)
    (folder / "index.html").write_text("old pagE")
    (folder / "report.md").unlink()
    (folder / "notes").mkdir()
    (folder / "notes" / "a.txt").write_text("")
    (folder / "data" / "left.csv").unlink()
    (folder / "data" / "left.csv").symlink_to(folder / "index.html")
    found = verify(folder)
    assert found == (
        Difference("data/left.csv", "changed"),
        Difference("index.html", "changed"),
        Difference("notes/a.txt", "added"),
        Difference("report.md", "missing"),
    )
    assert [str(difference) for difference in found][:1] == ["data/left.csv: changed"]


def broken(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(ManifestError) as raised:
        verify(tmp_path)
    return str(raised.value)


def test_a_folder_without_manifest(tmp_path):
    with pytest.raises(ManifestError) as raised:
        verify(tmp_path)
    assert str(raised.value) == f"{tmp_path}: has no manifest.json, so it is not a report of this program"


def test_a_manifest_of_another_program(tmp_path):
    whole = json.loads(build_manifest(CONFIG, [], {}, VERSIONS, {}))
    message = broken(tmp_path, json.dumps(whole | {"generator": "mkdocs 1"}))
    assert message == (
        f"{tmp_path / 'manifest.json'}: is not a manifest of this program "
        "(String should match pattern '^diptych ' at generator); build the report again"
    )
    del whole["outputs"]
    assert broken(tmp_path, json.dumps(whole)) == (
        f"{tmp_path / 'manifest.json'}: is not a manifest of this program (Field required at outputs); "
        "build the report again"
    )
    assert broken(tmp_path, "{").startswith(f"{tmp_path / 'manifest.json'}: is not a manifest of this program (")


def test_a_manifest_of_a_later_format(tmp_path):
    whole = json.loads(build_manifest(CONFIG, [], {}, VERSIONS, {}))
    message = broken(tmp_path, json.dumps({"format": 2, "generator": "diptych 3.0", "news": whole}))
    assert message == (
        f"{tmp_path / 'manifest.json'}: has format 2, this program reads up to 1; "
        "install the version that wrote it (diptych 3.0) or a newer one"
    )
