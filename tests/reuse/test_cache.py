"""The cache: whole entries or none, shared by any number of builds, in a folder that nobody else could have filled."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from diptych.cache import Cache, usual_folder

BODY = bytes(range(256)) * 40


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache", "program")


def entries(cache):
    return sorted(cache.folder.iterdir())


def test_what_was_put_is_got_in_a_folder_of_ones_own(cache):
    key = cache.key("counted", "text", 3, None, b"bytes")
    assert cache.get(key) is None
    cache.put(key, BODY)
    assert cache.get(key) == BODY
    assert cache.get(cache.key("counted", "text", 3, None, "bytes")) is None
    assert cache.folder.stat().st_mode & 0o777 == 0o700
    assert [path.stat().st_mode & 0o777 for path in entries(cache)] == [0o600]


DAMAGES = {
    "cut": lambda content: content[:-1],
    "empty": lambda _: b"",
    "one bit": lambda content: content[:-9] + bytes([content[-9] ^ 1]) + content[-8:],
    "head": lambda content: b"x" + content[1:],
    "longer": lambda content: content + b"\0",
    "of another": lambda content: content[:48] + b"other",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_entry_is_absent_and_written_again(cache, damage):
    key = cache.key("x")
    cache.put(key, BODY)
    [path] = entries(cache)
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    assert cache.get(key) is None
    cache.put(key, b"anew")
    assert cache.get(key) == b"anew"


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no owners here")
@pytest.mark.parametrize(
    "fault", ["is a link", "belongs to another user", "can be written by other users", "is no folder"]
)
def test_a_folder_of_others_is_neither_read_nor_written(cache, monkeypatch, fault):
    cache.put(cache.key("x"), BODY)
    folder = cache.folder
    if fault == "is a link":
        folder = folder.with_name("link")
        folder.symlink_to(cache.folder, target_is_directory=True)
    elif fault == "belongs to another user":
        monkeypatch.setattr(os, "getuid", lambda: folder.stat().st_uid + 1)
    elif fault == "is no folder":
        folder = folder.with_name("file")
        folder.write_bytes(b"")
    else:
        folder.chmod(0o770)
    found = Cache(folder, "program")
    assert found.get(found.key("x")) is None
    found.put(found.key("y"), BODY)
    assert len(entries(cache)) == 1
    [note] = found.notes
    assert note.message.startswith(f"cache: {folder} {fault}: nothing is kept; give another folder in DIPTYCH_CACHE")


def test_an_entry_that_is_a_link_is_not_read(cache):
    cache.put(cache.key("x"), BODY)
    [path] = entries(cache)
    path.with_name(f"{cache.key('y')}{path.suffix}").symlink_to(path)
    assert cache.get(cache.key("y")) is None


WRITER = """
import sys
import time
from pathlib import Path
from diptych.cache import Cache, usual_folder
cache = Cache(Path(sys.argv[1]), "program")
for n in range(300):
    body = bytes([n % 7]) * 50_000
    found = cache.get(cache.key(n % 7))
    assert found is None or found == body
    cache.put(cache.key(n % 7), body)
"""


def test_several_processes_share_a_folder(tmp_path):
    place = tmp_path / "cache"
    running = [subprocess.Popen([sys.executable, "-c", WRITER, str(place)], cwd=Path.cwd()) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert not list(place.rglob("*.part"))


def test_what_was_not_used_for_longest_goes(tmp_path):
    cache = Cache(tmp_path / "cache", limit=3 * 11_000)
    keys = [cache.key(n) for n in range(4)]
    for age, key in enumerate(keys[:3]):
        cache.put(key, BODY)
        os.utime(cache.folder / f"{key}.kept", (time.time() - 100 + age,) * 2)
    assert cache.get(keys[0]) == BODY  # used again
    cache.put(keys[3], BODY)
    assert [cache.get(key) is not None for key in keys] == [True, False, True, True]


@pytest.mark.parametrize(
    ("variables", "folder"),
    [({"DIPTYCH_CACHE": "/x/y"}, Path("/x/y")), ({"DIPTYCH_CACHE": ""}, None),
     ({"XDG_CACHE_HOME": "/caches", "HOME": "/home/a"}, Path("/caches/diptych")),
     ({"XDG_CACHE_HOME": "relative", "HOME": "/home/a"}, Path("/home/a/.cache/diptych"))],
)  # fmt: skip
def test_where_it_is(monkeypatch, variables, folder):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DIPTYCH_CACHE", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert usual_folder() == folder
