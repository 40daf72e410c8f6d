"""What publishing does to the folder and its neighbours, on each way into place."""

import errno
import os
import stat

import pytest

from diptych.errors import PublishError
from diptych.publish import publish, recover


def unavailable(first, second):
    raise OSError(errno.ENOSYS, "no exchange")


def refuse(number):
    def exchange(first, second):
        raise OSError(number, os.strerror(number), str(first))

    return exchange


WAYS = {
    "no exchange": (unavailable, "set aside"),
    "mount point": (refuse(errno.EBUSY), "file by file"),
    "lower layer": (refuse(errno.EXDEV), "file by file"),
}


def test_creates_a_folder_with_its_parents(tmp_path, new, content):
    folder = tmp_path / "deep" / "er" / "site"
    assert publish(new, folder) == "created"
    assert content(folder) == new
    assert [path.name for path in folder.parent.iterdir()] == ["site"]


def test_an_exchange_replaces_everything_and_leaves_nothing(tmp_path, old, new, content):
    folder = tmp_path / "site"
    publish(old, folder)
    assert publish(new, folder) == "exchanged"
    assert content(tmp_path) == {f"site/{path}": data for path, data in new.items()}


@pytest.mark.parametrize("way", WAYS)
def test_other_ways_replace_everything_and_leave_nothing(tmp_path, old, new, content, way):
    exchange, how = WAYS[way]
    folder = tmp_path / "site"
    publish(old, folder)
    assert publish(new, folder, exchange=exchange) == how
    assert content(tmp_path) == {f"site/{path}": data for path, data in new.items()}
    assert publish(old, folder, exchange=exchange) == how
    assert content(tmp_path) == {f"site/{path}": data for path, data in old.items()}
    assert sorted(path.name for path in folder.rglob("*") if path.is_dir()) == ["data", "figures"]


def test_nothing_is_touched_where_nothing_changed(tmp_path, old):
    folder = tmp_path / "site"
    publish(old, folder)
    before = {path: path.stat() for path in [folder, *folder.rglob("*")]}
    for exchange in (unavailable, refuse(errno.EBUSY)):
        assert publish(old, folder, exchange=exchange) == "unchanged"
    after = {path: path.stat() for path in [folder, *folder.rglob("*")]}
    assert {p: (s.st_ino, s.st_mtime_ns, s.st_ctime_ns) for p, s in before.items()} == {
        p: (s.st_ino, s.st_mtime_ns, s.st_ctime_ns) for p, s in after.items()
    }


@pytest.mark.parametrize("harm", ["changed", "missing"])
def test_a_damaged_site_is_written_again(tmp_path, old, content, harm):
    folder = tmp_path / "site"
    publish(old, folder)
    if harm == "changed":
        (folder / "index.html").write_text("old Page")
    else:
        (folder / "report.md").unlink()
    assert publish(old, folder) == "exchanged"
    assert content(folder) == old


def test_modes_follow_the_umask_and_the_folder_keeps_its_own(tmp_path, old, new):
    folder = tmp_path / "site"
    earlier = os.umask(0o027)
    try:
        publish(old, folder)
        folder.chmod(0o705)
        publish(new, folder)
    finally:
        os.umask(earlier)
    modes = {path: stat.S_IMODE((folder / path).stat().st_mode) for path in ("", "data", "index.html")}
    assert modes == {"": 0o705, "data": 0o750, "index.html": 0o640}


def test_a_link_is_followed_and_stays(tmp_path, old, new, content):
    real = tmp_path / "elsewhere" / "real"
    link = tmp_path / "site"
    publish(old, real)
    link.symlink_to(real)
    assert publish(new, link) == "exchanged"
    assert link.is_symlink()
    assert content(real) == new
    assert [path.name for path in real.parent.iterdir()] == ["real"]


@pytest.mark.parametrize("way", WAYS)
def test_links_inside_a_replaced_folder_lead_nowhere(tmp_path, old, content, way):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "left.csv").write_text("mine")
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "data").symlink_to(outside)
    publish(old, folder, overwrite=True, exchange=WAYS[way][0])
    assert content(outside) == {"left.csv": b"mine"}
    assert content(folder) == old


def test_leftovers_of_dead_writers_are_swept_and_neighbours_are_not(tmp_path, old, new):
    publish(old, tmp_path / "site")
    mine = [".site.diptych-new-0123456789abcdef", ".site.diptych-old-0123456789abcdef"]
    others = [".site.diptych-new", ".site2.diptych-new-0123456789abcdef", "site.diptych-new-0123456789abcdef"]
    for name in [*mine, *others]:
        (tmp_path / name / "figures").mkdir(parents=True)
        (tmp_path / name / "figures" / "a.svg").write_text("half")
    (tmp_path / ".site.diptych-lock").write_text("")
    assert publish(new, tmp_path / "site") == "exchanged"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*others, "site"])


def test_the_parent_may_be_closed_where_the_folder_is_open(tmp_path, old, new, content, monkeypatch):
    folder = tmp_path / "site"
    publish(old, folder)
    real_open = os.open

    def closed(path, *args, **kwargs):
        if os.fspath(path) == str(tmp_path / ".site.diptych-lock"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), os.fspath(path))
        return real_open(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", closed)
    assert publish(new, folder) == "file by file"
    assert content(tmp_path) == {f"site/{path}": data for path, data in new.items()}


def test_a_lock_held_elsewhere_is_waited_for_and_then_named(tmp_path, old, new, content):
    fcntl = pytest.importorskip("fcntl")
    folder = tmp_path / "site"
    publish(old, folder)
    lock = tmp_path / ".site.diptych-lock"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(PublishError) as raised:
            publish(new, folder, wait_seconds=0.05)
    assert str(raised.value) == (
        f"{lock}: another build has held this lock for 0.05 seconds; wait for it to end, or stop it, and build again"
    )
    assert content(folder) == old
    assert publish(new, folder) == "exchanged"


def test_recover_does_nothing_where_no_build_was_stopped(tmp_path, old):
    assert recover(tmp_path / "nowhere" / "site") is False
    publish(old, tmp_path / "site")
    assert recover(tmp_path / "site") is False
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_recover_keeps_what_someone_else_put_in_place_meanwhile(tmp_path, old, new, content):
    folder, aside = tmp_path / "site", tmp_path / ".site.diptych-old-0123456789abcdef"
    publish(old, aside)
    (tmp_path / ".site.diptych-journal").write_text('{"old": ".site.diptych-old-0123456789abcdef"}')
    folder.mkdir()
    (folder / "mine.txt").write_text("mine")
    for act in (lambda: recover(folder), lambda: publish(new, folder, overwrite=True)):
        with pytest.raises(PublishError) as raised:
            act()
        assert str(raised.value) == (
            f"{folder}: contains files that no build has written, and a build that was stopped left the earlier site "
            f"in {aside}; move one of the two away and remove {tmp_path / '.site.diptych-journal'}"
        )
    assert content(aside) == old
    (folder / "mine.txt").unlink()
    assert recover(folder) is True
    assert content(tmp_path) == {f"site/{path}": data for path, data in old.items()}


@pytest.mark.parametrize(
    "journal", ["", "[]", "{}", '{"old": 3}', '{"old": "../site"}', '{"old": ".site.diptych-old-0000000000000000"}']
)
def test_a_journal_that_says_nothing_is_dropped(tmp_path, old, content, journal):
    folder = tmp_path / "site"
    publish(old, folder)
    (tmp_path / ".site.diptych-journal").write_text(journal)
    assert recover(folder) is False
    assert content(tmp_path) == {f"site/{path}": data for path, data in old.items()}
