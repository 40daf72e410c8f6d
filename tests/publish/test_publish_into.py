"""A folder with files of others: a build replaces its own files, and no other file ever changes."""

import json
import re

import pytest

from diptych.errors import PublishError
from diptych.publish import publish
from diptych.publish.manifest import Difference, verify

THEIRS = {"intro.md": b"ours", "data/raw.csv": b"1", "empty/kept/.keep": b""}


@pytest.fixture
def docs(tmp_path):
    folder = tmp_path / "docs"
    for path, content in THEIRS.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def without_manifests(files):
    return {path: content for path, content in files.items() if path != "manifest.json"}


def test_files_of_others_stay_and_ours_are_refreshed(docs, old, new, content):
    assert publish(old, docs, into=True) == "file by file"
    assert without_manifests(content(docs)) == without_manifests(old) | THEIRS
    assert publish(old, docs, into=True) == "unchanged"
    assert publish(new, docs, into=True) == "file by file"
    assert without_manifests(content(docs)) == without_manifests(new) | THEIRS
    assert json.loads((docs / "manifest.json").read_bytes())["partial"] is True


def test_the_folder_is_made_and_verified(tmp_path, new, docs):
    publish(new, tmp_path / "a" / "b", into=True)
    publish(new, docs, into=True)
    assert verify(tmp_path / "a" / "b") == verify(docs) == ()
    (docs / "index.html").write_text("edited")
    (docs / "data" / "left.csv").unlink()
    assert verify(docs) == (Difference("data/left.csv", "missing"), Difference("index.html", "changed"))


def test_a_file_of_others_in_the_way_is_named_and_nothing_changes(docs, old, content):
    (docs / "data" / "left.csv").write_text("theirs")
    (docs / "figures").write_text("theirs too")
    before = content(docs)
    message = (
        f"{docs}: data/left.csv, figures/main.svg would be replaced, but no build has written it; "
        "move it away, give another folder, or --force to replace it"
    )
    with pytest.raises(PublishError, match=f"^{re.escape(message)}$"):
        publish(old, docs, into=True)
    assert content(docs) == before
    publish(old, docs, into=True, overwrite=True)
    assert without_manifests(content(docs)) == without_manifests(old) | THEIRS


def test_a_file_that_somebody_edited_is_named(docs, old, new, content):
    publish(old, docs, into=True)
    (docs / "index.html").write_text("edited by hand")
    before = content(docs)
    with pytest.raises(
        PublishError, match=r"docs: index\.html would be replaced, but was changed after the last build"
    ):
        publish(new, docs, into=True)
    assert content(docs) == before


def test_an_edited_file_that_the_report_no_longer_has_stays(docs, old, new, content):
    publish(old, docs, into=True)
    (docs / "report.md").write_text("notes by hand")
    publish(new, docs, into=True)
    assert content(docs)["report.md"] == b"notes by hand"
    assert "figures/main.svg" not in content(docs)


def test_a_page_that_somebody_renamed_does_not_block(docs, make_site, content):
    publish(make_site({"page.md": "the page", "data/left.csv": "1"}), docs, into=True)
    (docs / "page.md").rename(docs / "index.md")
    publish(make_site({"index.md": "the new page", "data/left.csv": "1"}), docs, into=True)
    assert content(docs)["index.md"] == b"the new page"
    assert "page.md" not in content(docs)


def test_links_and_inputs_are_never_followed_or_replaced(docs, old, tmp_path):
    outside = tmp_path / "outside.html"
    outside.write_text("elsewhere")
    (docs / "index.html").symlink_to(outside)
    with pytest.raises(PublishError, match=r"docs: index\.html would be replaced, but no build has written it"):
        publish(old, docs, into=True)
    (docs / "index.html").unlink()
    (docs / "data" / "left.csv").write_text("our data")
    with pytest.raises(PublishError, match=r"data/left\.csv would be replaced, which this report is built from"):
        publish(old, docs, into=True, overwrite=True, inputs=[docs / "data" / "left.csv", docs / "intro.md"])
    assert outside.read_text() == "elsewhere"
    assert (docs / "data" / "left.csv").read_text() == "our data"


def test_a_build_that_was_stopped_is_finished_by_the_next(docs, old, new, content):
    publish(old, docs, into=True)
    (docs / ".diptych-journal").write_text(json.dumps(sorted(old.keys() | new.keys())))
    (docs / "index.html").write_bytes(new["index.html"])
    (docs / "data" / "right.csv").write_bytes(b"half an older version")
    (docs / "manifest.json").write_bytes(old["manifest.json"])
    publish(new, docs, into=True)
    assert without_manifests(content(docs)) == without_manifests(new) | THEIRS


def test_a_folder_of_pages_may_be_the_working_directory(docs, old, monkeypatch):
    monkeypatch.chdir(docs)
    assert publish(old, docs, into=True) == "file by file"
