"""Folders that are not replaced, what the message says, and that nothing changed."""

import errno
import os
import re
from pathlib import Path

import pytest

from diptych.errors import PublishError
from diptych.publish import publish, recover


def whole(message):
    return f"^{re.escape(message)}$"


def refused(files, folder, **options):
    with pytest.raises(PublishError) as raised:
        publish(files, folder, **options)
    return str(raised.value)


def test_a_folder_of_someone_else(tmp_path, new, content):
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "thesis.tex").write_text("years of work")
    assert refused(new, folder) == (
        f"{folder}: contains files but no manifest.json of this program, so it was not built by it; "
        "give another folder, or --force to replace everything in it"
    )
    assert content(tmp_path) == {"site/thesis.tex": b"years of work"}
    assert publish(new, folder, overwrite=True) == "exchanged"
    assert content(tmp_path) == {f"site/{path}": data for path, data in new.items()}


@pytest.mark.parametrize(
    "manifest", ["{", "[]", '{"generator": "mkdocs 1.6"}', '{"generator": null}', '{"generator": "diptychon"}', "\xff"]
)
def test_a_manifest_of_another_program_does_not_make_it_ours(tmp_path, new, manifest):
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "manifest.json").write_text(manifest, encoding="latin-1")
    assert refused(new, folder).startswith(f"{folder}: contains files but no manifest.json of this program")


@pytest.mark.parametrize(("count", "named"), [(1, "note0.txt"), (5, "note0.txt, note1.txt, note2.txt and 2 more")])
def test_files_that_someone_put_into_our_folder(tmp_path, old, new, content, count, named):
    folder = tmp_path / "site"
    publish(old, folder)
    for n in range(count):
        (folder / f"note{n}.txt").write_text("mine")
    before = content(tmp_path)
    assert refused(new, folder) == (
        f"{folder}: contains files that no build has written ({named}); "
        "move them away, or give --force to replace everything in it"
    )
    assert content(tmp_path) == before
    assert publish(new, folder, overwrite=True) == "exchanged"


def test_desktop_leftovers_are_no_one_s_work(tmp_path, old, new, content):
    folder = tmp_path / "site"
    publish(old, folder)
    (folder / "figures" / ".DS_Store").write_text("")
    assert publish(old, folder) == "unchanged"
    assert publish(new, folder) == "exchanged"
    assert content(folder) == new


def test_a_file(tmp_path, new):
    (tmp_path / "site").write_text("a page")
    assert refused(new, tmp_path / "site") == (f"{tmp_path / 'site'}: is not a folder; remove it, or give another name")
    assert (tmp_path / "site").read_text() == "a page"


def test_a_path_through_a_file(tmp_path, new):
    (tmp_path / "docs").write_text("a page")
    assert refused(new, tmp_path / "docs" / "site") == (
        f"{tmp_path / 'docs' / 'site'}: a part of this path is a file; remove it, or give another folder"
    )


def test_a_link_to_itself(tmp_path, new):
    (tmp_path / "site").symlink_to("site")
    assert refused(new, tmp_path / "site") == (
        f"{tmp_path / 'site'}: is a link that leads back to itself; remove it, or give another folder"
    )


def test_the_top_of_the_file_system(new):
    top = Path(Path.cwd().anchor)
    assert not recover(top)  # nor is there a site to put back
    assert refused(new, top, overwrite=True) == f"{top}: is the top of the file system; give a folder in it"


@pytest.mark.parametrize(("depth", "verb"), [(0, "is"), (1, "contains")])
def test_the_working_folder(tmp_path, new, monkeypatch, depth, verb):
    place = tmp_path / "project" / "sub"
    place.mkdir(parents=True)
    monkeypatch.chdir(place)
    folder = [place, place.parent][depth]
    assert refused(new, folder, overwrite=True) == (
        f"{folder}: {verb} the folder you work in, which a build would replace; give a folder of its own"
    )
    assert refused(new, Path([".", ".."][depth]), overwrite=True).endswith("give a folder of its own")


def test_the_home_folder(tmp_path, new, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert refused(new, tmp_path, overwrite=True) == (
        f"{tmp_path}: is your home folder, which a build would replace; give a folder of its own"
    )


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_the_top_of_a_git_checkout(tmp_path, new, kind):
    folder = tmp_path / "site"
    folder.mkdir()
    if kind == "folder":
        (folder / ".git").mkdir()
    else:
        (folder / ".git").write_text("gitdir: elsewhere")
    assert refused(new, folder, overwrite=True) == (
        f"{folder}: is the top of a git checkout, which a build would replace; give a folder of its own"
    )


def test_a_folder_that_holds_an_input(tmp_path, new):
    folder = tmp_path / "data"
    folder.mkdir()
    links = folder / "links.csv"
    links.write_text("a,b")
    assert refused(new, folder, overwrite=True, inputs=[tmp_path / "config.yaml", links]) == (
        f"{folder}: contains {links}, which this report is built from; give a folder of its own"
    )
    assert links.read_text() == "a,b"


def test_a_folder_that_cannot_be_written(tmp_path, old, new, content, monkeypatch):
    folder = tmp_path / "site"
    publish(old, folder)
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
    assert refused(new, folder) == f"{folder}: cannot be written; change its permissions, or give another folder"
    assert content(tmp_path) == {f"site/{path}": data for path, data in old.items()}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_parent_that_cannot_be_written(tmp_path, new):
    tmp_path.chmod(0o555)
    try:
        assert refused(new, tmp_path / "site") == (
            f"{tmp_path / 'site'}: the system does not permit writing in {tmp_path}; "
            "change its permissions, close what is open there, or give another folder"
        )
    finally:
        tmp_path.chmod(0o755)


PROBLEMS = {
    errno.ENOSPC: "{folder}: no space left for the report (0.0 MB); free some and build again",
    errno.EACCES: (
        "{folder}: the system does not permit writing in {file.parent}; change its permissions, close what is open there, "
        "or give another folder"
    ),
    errno.EROFS: "{folder}: is on a file system that can only be read; give another folder",
    errno.EIO: "{folder}: cannot be written (Input/output error); give another folder",
}


@pytest.fixture
def sites(tmp_path, old, new):
    publish(old, tmp_path / "site")
    return tmp_path, old, new


@pytest.mark.parametrize("number", PROBLEMS, ids=errno.errorcode.get)
@pytest.mark.parametrize("way", ["swap", "fill"])
def test_a_disk_that_refuses_leaves_the_old_site_and_nothing_else(sites, content, monkeypatch, number, way):
    tmp_path, old, new = sites
    folder = tmp_path / "site"
    write_bytes = Path.write_bytes
    failed = []

    def failing(path, data):
        if data == b"now a file":
            failed.append(path)
            raise OSError(number, os.strerror(number), str(path))
        return write_bytes(path, data)

    monkeypatch.setattr(Path, "write_bytes", failing)

    if way == "fill":
        monkeypatch.setattr(os.path, "ismount", lambda _: True)
    message = refused(new, folder)
    assert message == PROBLEMS[number].format(folder=folder, file=failed[0])
    assert content(tmp_path) == {f"site/{path}": data for path, data in old.items()}
    assert sorted(path.name for path in folder.iterdir()) == [
        "data",
        "figures",
        "index.html",
        "manifest.json",
        "report.md",
    ]


def test_a_set_aside_folder_comes_back_where_the_new_one_cannot_move_in(tmp_path, old, new, content, monkeypatch):
    folder = tmp_path / "site"
    publish(old, folder)
    rename = Path.rename

    def failing(path, target):
        if ".diptych-new-" in path.name:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return rename(path, target)

    def unavailable(first, second):
        raise OSError(errno.ENOSYS, "no exchange")

    monkeypatch.setattr(Path, "rename", failing)
    assert refused(new, folder, exchange=unavailable).startswith(f"{folder}: the system does not permit writing in ")
    assert content(tmp_path) == {f"site/{path}": data for path, data in old.items()}


BAD_PATHS = {
    "/etc/passwd": "'/etc/passwd' is not a plain relative path",
    "../a": "'../a' is not a plain relative path",
    "a//b": "'a//b' is not a plain relative path",
    "a/./b": "'a/./b' is not a plain relative path",
    "a/": "'a/' is not a plain relative path",
    "": "'' is not a plain relative path",
    "a\\b": "'a\\\\b' has a character that file names cannot contain on every system",
    "c:a": "'c:a' has a character that file names cannot contain on every system",
    "a\nb": "'a\\nb' has a character that file names cannot contain on every system",
    "a.": "'a.' has a name that ends with a space or a point, which Windows drops",
    "a /b": "'a /b' has a name that ends with a space or a point, which Windows drops",
    "data/NUL.csv": "'data/NUL.csv' has a name that Windows keeps for a device",
    "Com1": "'Com1' has a name that Windows keeps for a device",
    ".diptych-lock": "'.diptych-lock' has a name that publishing keeps for itself",
    "a" * 201: f"'{'a' * 201}' has a name of more than 200 bytes",
}


@pytest.mark.parametrize("path", BAD_PATHS)
def test_paths_that_not_every_system_can_hold(tmp_path, make_site, path):
    with pytest.raises(ValueError, match=whole(BAD_PATHS[path])):
        publish(make_site({path: "x"}), tmp_path / "site")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        (["A.svg", "a.svg"], "'A.svg' and 'a.svg' are one file where case does not count"),
        (["\u00e9.svg", "e\u0301.svg"], "'e\u0301.svg' and '\u00e9.svg' are one file where case does not count"),
        (["Data/a", "data/b"], "'data/b' spells the folder 'Data' in another case"),
        (["data", "data/a"], "'data' is a file and a folder"),
        (["data/A", "data/a/b"], "'data/A' is a file and a folder"),
    ],
)
def test_paths_that_collide_on_some_systems(tmp_path, make_site, paths, message):
    with pytest.raises(ValueError, match=whole(message)):
        publish(make_site(dict.fromkeys(paths, "x")), tmp_path / "site")


@pytest.mark.parametrize("harm", ["none", "missing", "unlisted", "foreign"])
def test_a_manifest_that_does_not_list_the_files(tmp_path, old, harm):
    files = dict(old)
    if harm == "none":
        del files["manifest.json"]
    elif harm == "missing":
        del files["report.md"]
    elif harm == "unlisted":
        files["more.md"] = b""
    else:
        files["manifest.json"] = b'{"generator": "other 1"}'
    with pytest.raises(ValueError, match=whole("manifest.json does not list exactly the files that are published")):
        publish(files, tmp_path / "site")
