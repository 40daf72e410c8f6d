"""Writers that are killed: at every step that touches the disk, at random moments, and two at once."""

import errno
import os
import random
import signal
import sys
import traceback

import pytest

from diptych.publish import publish, recover
from diptych.publish.ways import exchange
from tests.draws import draws

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="kills children of its own by SIGKILL"),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]

CHANGES = {"os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.chmod", "ctypes.set_errno"}
"""Audit events that stand before a change on the disk; opening for writing is one too."""


def unavailable(first, second):
    raise OSError(errno.ENOSYS, "no exchange")


def busy(first, second):
    raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))


def exchange_and_mark(first, second):
    """The real exchange, with a step after it: the moment in which both folders have traded names."""
    exchange(first, second)
    sys.audit("os.rename", first, second, -1, -1)


def in_child(act):
    """Run `act` in a child process; returns its id."""
    child = os.fork()
    if child == 0:
        try:
            act()
        except BaseException:  # noqa: BLE001 - a child must not go on as a second pytest
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return child


def run_and_kill(act, step):
    """Run `act` in a child that is killed before its step-th change on the disk; True: it ended before that."""
    count = 0

    def hook(event, arguments):
        nonlocal count
        if event in CHANGES or (event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR)):
            count += 1
            if count == step:
                os.kill(os.getpid(), signal.SIGKILL)

    def watched():
        sys.addaudithook(hook)
        act()

    _, status = os.waitpid(in_child(watched), 0)
    assert status in {0, signal.SIGKILL}, "the child failed: its traceback is above"
    return status == 0


def killed_at_every_step(act):
    """Yield after each kill, until `act` runs through; by day at every second step alone."""
    step = 1
    while not run_and_kill(act, step):
        yield step
        step += draws(2, 1)
    assert step > 20, "the kills never came"


def test_an_exchange_killed_at_any_step_leaves_the_old_site_or_the_new_one(tmp_path, old, new, content):
    folder = tmp_path / "site"
    publish(old, folder)
    seen = []
    for _ in killed_at_every_step(lambda: publish(new, folder, exchange=exchange_and_mark)):
        found = content(folder)
        assert found in (old, new)
        seen.append(found == new)
        publish(old, folder)
        assert content(tmp_path) == {f"site/{path}": data for path, data in old.items()}
    assert seen == sorted(seen)
    assert set(seen) == {False, True}


def test_a_first_build_killed_at_any_step_leaves_no_folder_or_the_new_one(tmp_path, new, content):
    folder = tmp_path / "site"
    for _ in killed_at_every_step(lambda: publish(new, folder)):
        assert not folder.exists() or content(folder) == new
        if folder.exists():
            folder.rename(tmp_path / f"kept{_}")


def test_a_set_aside_killed_at_any_step_is_put_right_by_the_next_start(tmp_path, old, new, content):
    folder = tmp_path / "site"
    publish(old, folder)
    restored = []
    for _ in killed_at_every_step(lambda: publish(new, folder, exchange=unavailable)):
        was_there = folder.exists()
        assert not was_there or content(folder) in (old, new)
        restored.append(recover(folder))
        assert restored[-1] == (not was_there)
        assert content(folder) in (old, new)
        publish(old, folder)
        assert content(tmp_path) == {f"site/{path}": data for path, data in old.items()}
    assert True in restored


def test_a_recovery_killed_at_any_step_is_finished_by_the_next(tmp_path, old, content):
    folder, name = tmp_path / "site", ".site.diptych-old-0123456789abcdef"

    def prepare():
        for path in tmp_path.iterdir():
            path.rename(tmp_path.parent / f"{tmp_path.name}-{random.getrandbits(64):x}")
        publish(old, tmp_path / name)
        (tmp_path / ".site.diptych-journal").write_text(f'{{"old": "{name}"}}')
        (tmp_path / ".site.diptych-new-0123456789abcdef").mkdir()

    prepare()
    step = 0
    while not run_and_kill(lambda: recover(folder), step := step + 1):
        recover(folder)
        assert content(folder) == old
        prepare()
    assert content(tmp_path) == {f"site/{path}": data for path, data in old.items()}
    assert step > 3


def test_file_by_file_killed_at_any_step_keeps_each_file_whole_and_is_finished_by_the_next(tmp_path, old, new, content):
    folder = tmp_path / "site"
    publish(old, folder)
    mixed = 0
    for _ in killed_at_every_step(lambda: publish(new, folder, exchange=busy)):
        found = {path: data for path, data in content(folder).items() if not path.startswith(".diptych-")}
        assert all(data in (old.get(path), new.get(path)) for path, data in found.items())
        if found["index.html"] == new["index.html"]:  # it comes last: what it links to is there
            assert new.items() <= found.items()
        mixed += found not in (old, new)
        assert publish(new, folder, exchange=busy) in {"file by file", "unchanged"}
        assert content(tmp_path) == {f"site/{path}": data for path, data in new.items()}
        publish(old, folder)
    assert mixed > draws(2, 5)


@pytest.fixture
def repeat(tmp_path, make_site):
    """Two larger sites, and a way to start a child that publishes them in turn."""
    sites = [
        make_site({f"{folder}/{n}.csv": f"{letter}{n}" * 5000 for folder in "xyz" for n in range(10)})
        for letter in "AB"
    ]
    folder = tmp_path / "out" / "site"
    publish(sites[0], folder)

    def start(times, first):
        def act():
            for n in range(times):
                publish(sites[(n + first) % 2], folder)

        return in_child(act)

    return folder, sites, start


def has_ended(child):
    ended, status = os.waitpid(child, os.WNOHANG)
    assert status == 0, "the child failed: its traceback is above"
    return ended == child


def test_two_writers_at_once_leave_a_whole_site(repeat, content):
    folder, sites, start = repeat
    manifests = [site["manifest.json"] for site in sites]
    living = [start(10, 0), start(10, 1)]
    while living:
        assert (folder / "manifest.json").read_bytes() in manifests
        living = [child for child in living if not has_ended(child)]
    assert content(folder) in sites
    assert [path.name for path in folder.parent.iterdir()] == ["site"]
