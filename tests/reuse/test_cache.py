"""The cache: whole entries or none, shared by any number of builds, never in the way."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from diptych.cache import NO_CACHE, Cache, key_of, usual_folder

BODY = bytes(range(256)) * 40


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache", "program")


def entries(cache):
    return sorted(path for path in cache._folder.rglob("*") if path.is_file())


def test_what_was_put_is_got(cache):
    key = cache.key("svg", "text", 3, None, b"bytes")
    assert cache.get(key) is None
    assert cache.is_empty
    cache.put(key, BODY)
    assert cache.get(key) == BODY
    assert not cache.is_empty
    assert cache.get(cache.key("svg", "text", 3, None, "bytes")) is None


def test_another_program_finds_nothing(cache):
    cache.put(cache.key("x"), BODY)
    other = Cache(cache._folder, "a later program")
    assert other.get(other.key("x")) is None


def test_keys_are_of_lists_of_parts():
    keys = {
        key_of(*parts) for parts in [("ab", "c"), ("a", "bc"), ("abc",), (b"abc",), ("abc", None), (1,), ("1",), ()]
    }
    assert len(keys) == 8


DAMAGES = {
    "cut": lambda content: content[:-1],
    "empty": lambda _: b"",
    "one bit": lambda content: content[:-9] + bytes([content[-9] ^ 1]) + content[-8:],
    "head": lambda content: b"x" + content[1:],
    "longer": lambda content: content + b"\0",
    "of another": lambda content: content[:48] + b"other",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_entry_is_absent_and_made_anew(cache, damage):
    key = cache.key("x")
    cache.put(key, BODY)
    [path] = entries(cache)
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    assert cache.get(key) is None
    assert not path.exists()
    assert cache.made(key, lambda: b"anew") == b"anew"
    assert cache.get(key) == b"anew"


def test_made_makes_once(cache):
    made = []
    for _ in range(3):
        assert cache.made(cache.key("x"), lambda: made.append(1) or BODY) == BODY
    assert made == [1]


def test_what_fails_is_not_kept(cache):
    with pytest.raises(ZeroDivisionError):
        cache.made(cache.key("x"), lambda: 1 // 0)
    assert cache.is_empty


def test_without_a_folder_nothing_is_kept():
    NO_CACHE.put(NO_CACHE.key("x"), BODY)
    NO_CACHE.prune()
    assert NO_CACHE.get(NO_CACHE.key("x")) is None
    assert NO_CACHE.is_empty
    assert not NO_CACHE.is_on


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    cache = Cache(tmp_path / "file" / "cache")
    cache.put(cache.key("x"), BODY)
    cache.prune()
    assert cache.get(cache.key("x")) is None


def test_what_was_not_used_for_longest_goes(tmp_path):
    cache = Cache(tmp_path, limit=3 * 11_000)
    keys = [cache.key(n) for n in range(4)]
    for age, key in enumerate(keys):
        cache.put(key, BODY)
        os.utime(cache._path(key), (time.time() - 100 + age,) * 2)
    assert cache.get(keys[0]) == BODY  # used again
    cache.prune()
    assert [cache.get(key) is not None for key in keys] == [True, False, True, True]


def test_what_is_larger_than_the_limit_is_not_kept(tmp_path):
    cache = Cache(tmp_path, limit=100)
    cache.put(cache.key("x"), BODY)
    assert cache.is_empty


def test_what_stopped_builds_left_goes_after_an_hour(cache):
    cache.put(cache.key("x"), BODY)
    folder = entries(cache)[0].parent
    for name, age in (("old.part", 4000), ("new.part", 10)):
        (folder / name).write_bytes(b"half")
        os.utime(folder / name, (time.time() - age,) * 2)
    cache.prune()
    assert [path.name for path in entries(cache) if path.suffix == ".part"] == ["new.part"]


WRITER = """
import sys
from pathlib import Path
from diptych.cache import Cache
cache = Cache(Path(sys.argv[1]), "program")
for n in range(300):
    body = bytes([n % 7]) * 50_000
    found = cache.get(cache.key(n % 7))
    assert found is None or found == body
    cache.put(cache.key(n % 7), body)
"""


def test_several_processes_share_a_folder(tmp_path):
    running = [subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], cwd=Path.cwd()) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert not list(tmp_path.rglob("*.part"))


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
