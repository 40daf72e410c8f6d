"""What serve makes again, what it keeps, and what it waits for."""

import threading

import pytest

from diptych.cache import NO_CACHE, Cache
from diptych.contrib.serve.preview import Preview, wait
from diptych.figures.drawing import Drawer
from diptych.pipeline import counting, inputs
from tests.world import CONFIG, FILES, MODELS, write

pytestmark = pytest.mark.slow


@pytest.fixture
def preview(tmp_path):
    yield from previewed(tmp_path, CONFIG)


@pytest.fixture(scope="module")
def attempted(tmp_path_factory):
    """A preview that was attempted once, and its folder, which each test puts back as it was."""
    folder = tmp_path_factory.mktemp("attempted")
    for preview in previewed(folder, CONFIG):
        assert preview.attempt().error is None
        yield preview, folder


@pytest.fixture
def watched(attempted):
    """That preview and its folder."""
    preview, folder = attempted
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    preview.before = preview.seen()
    yield preview, folder
    for path in folder.rglob("*"):
        if path.is_file() and path not in before:
            path.unlink()
    for path, content in before.items():
        path.write_bytes(content)


def previewed(folder, config):
    write(folder, FILES | {"config.yaml": config})
    with Drawer() as drawer:
        yield Preview(folder / "config.yaml", Cache(folder / "cache"), drawer)


@pytest.fixture
def made(monkeypatch):
    """How often data were counted."""
    n = {"counted": 0}

    def counted(of, times):
        def again(*arguments, **named):
            n[times] += 1
            return of(*arguments, **named)

        return again

    monkeypatch.setattr(inputs, "count_all", counted(counting.count_all, "counted"))
    return n


def test_words_alone_do_not_count_again(preview, made, tmp_path):
    first = preview.attempt()
    assert (first.error, made) == (None, {"counted": 1})
    write(tmp_path, {"text/coverage.md": "\nOther words.\n"})
    assert b"Other words." in preview.attempt().files["index.html"]
    config = (tmp_path / "config.yaml").read_text()
    write(tmp_path, {"config.yaml": config.replace("title: Small", "title: Renamed")})
    assert b"Renamed" in preview.attempt().files["index.html"]
    assert made == {"counted": 1}
    write(tmp_path, {"m.csv": MODELS + "z1,a,2026-01-01\n"})
    assert preview.attempt().error is None
    assert made == {"counted": 2}


def test_what_is_kept_is_what_would_be_made(preview, tmp_path):
    preview.attempt()
    write(tmp_path, {"text/coverage.md": "\nOther words.\n"})
    kept = preview.attempt().files
    with Drawer() as drawer:
        assert Preview(tmp_path / "config.yaml", NO_CACHE, drawer).attempt().files == kept


def test_an_error_is_kept_and_its_files_are_watched(watched):
    preview, folder = watched
    write(folder, {"config.yaml": "version: 2\n"})
    attempt = preview.attempt()
    assert "config.yaml:1:1: version" in str(attempt.error)
    assert str(folder / "d.csv") in preview.before
    assert preview.seen() == preview.before


@pytest.mark.parametrize(
    "change", [{"text/coverage.md": "x"}, {"text/new.md": "x"}, {"m.csv": MODELS + "\n"}, {"config.yaml": "version: 1"}]
)
def test_each_change_ends_the_wait(watched, change):
    preview, folder = watched
    timer = threading.Timer(0.3, lambda: write(folder, change))
    timer.start()
    wait(preview.before, preview.seen, threading.Event())
    timer.join()
    now = preview.seen()
    assert {path for path in now if now[path] != preview.before.get(path)} == {str(folder / name) for name in change}


def test_what_changed_while_nobody_waited_counts_and_a_stop_ends_it(watched):
    preview, folder = watched
    stop = threading.Event()
    stop.set()
    wait(preview.before, preview.seen, stop)
    write(folder, {"d.csv": "id,l\nd1,b\n"})
    wait(preview.before, preview.seen, threading.Event())
