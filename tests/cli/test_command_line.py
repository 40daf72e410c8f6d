"""The command line as a person or a script uses it: help, versions, JSON, colours, folders, endings."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from diptych import __version__
from diptych.pipeline import build
from tests.pipeline.projects import write_project

pytestmark = pytest.mark.slow

DIPTYCH = Path(sys.executable).with_name("diptych")
NEAR = {"d.csv": "id,l,owner\nd1,a,u\nd2,b,v\nD-1,a|b,w\n", "k.csv": "s,t\nd1,m1\nd2,m2\nd3,m3\n"}
"""Data that draw a note: two ids that differ in case and punctuation alone."""
NOTE = 'datasets: 1 pair of ids is equal but for case and punctuation: "D-1" and "d1"; list those that mean one item under aliases'


def diptych(*arguments, cwd=None, env=None, **more):
    """Run the installed command; colours and widths of whoever runs the tests do not count."""
    own = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "FORCE_COLOR", "NO_COLOR")}
    return subprocess.run(
        [DIPTYCH, *arguments], cwd=cwd, env={**own, **(env or {})}, capture_output=True, text=True, check=False, **more
    )


def test_help_names_every_command_and_runs_none(here):
    from diptych.cli import app  # noqa: PLC0415 - of this test alone

    status, out, err = here("--help")
    assert (status, err) == (0, "")
    assert [name for name in app.TARGETS if f" {name} " not in out] == []


def test_version(here):
    assert here("--version") == (0, f"diptych {__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("bulid",), "No such command 'bulid'"),
        (("build", "--outptu", "x"), "No such option: --outptu"),
        (("verify", "a", "b"), "Got unexpected extra argument"),
        (("build", "--color", "blue"), 'Invalid value for --color: "blue" is not one of auto, always, never'),
        (("build", "--engine", "sparc"), 'Invalid value for --engine: "sparc" is not one of duckdb, spark'),
        (
            ("build", "--on-false-claim", "ignore"),
            'Invalid value for --on-false-claim: "ignore" is not one of error, withdraw',
        ),
        (("check", "--annotations", "gitlab"), 'Invalid value for --annotations: "gitlab" is not github'),
        (("build", "-q", "-v"), "Invalid value for --verbose: -q and -v exclude each other"),
    ],
)
def test_usage_errors_are_exit_status_2(arguments, message, here, monkeypatch):
    """The words are Typer's, and change with its version, but for those of our own."""
    monkeypatch.setenv("COLUMNS", "200")
    status, out, err = here(*arguments)
    assert (status, out) == (2, "")
    assert message in " ".join(err.split())


def test_json_holds_what_text_says(here, tmp_path):
    write_project(tmp_path, files=NEAR)
    note = {"slug": "near_ids", "subject": "datasets", "message": NOTE}
    status, out, err = here("check", "--json")
    assert (status, err) == (0, f"note: {NOTE}\n")
    assert json.loads(out) == {
        "config": "config.yaml",
        "relations": {"trained_on": {"units": 2, "candidates": 3}},
        "notes": [note],
    }
    status, out, _ = here("build", "--json", "-q")
    sizes = [path.stat().st_size for path in (tmp_path / "site").rglob("*") if path.is_file()]
    assert json.loads(out) == {
        "folder": "site",
        "how": "created",
        "files": len(sizes),
        "bytes": sum(sizes),
        "notes": [note],
    }
    (tmp_path / "site" / "report.json").write_text("other")
    (tmp_path / "site" / "data" / "left.csv").unlink()
    status, out, err = here("verify", "--json")
    assert (status, err) == (1, "")
    assert json.loads(out) == {
        "folder": "site",
        "differences": [
            {"path": "data/left.csv", "kind": "missing"},
            {"path": "report.json", "kind": "changed"},
        ],
    }
    assert here("verify") == (1, "data/left.csv: missing\nreport.json: changed\n", "")


@pytest.mark.parametrize("place", ["relative", "absolute"])
def test_paths_are_relative_to_the_config(place, here, tmp_path):
    folder = tmp_path / "ein Ordner – データ"
    write_project(folder, files=NEAR, outputs="[html, pdf]")
    config = folder / "config.yaml" if place == "absolute" else Path(folder.name, "config.yaml")
    status, out, _ = here("build", str(config), "-o", "die Seite é")
    assert (status, out.split(":")[0]) == (0, "die Seite é/index.html")
    assert (tmp_path / "die Seite é" / "report.pdf").exists()
    assert not (folder / "site").exists()


def test_names_that_the_terminal_cannot_write(here, tmp_path):
    ended = diptych("verify", "né", cwd=tmp_path, env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert (ended.returncode, ended.stderr) == (
        1,
        "error: n\\xe9: has no manifest.json, so it is not a report of this program\n",
    )
    write_project(tmp_path)
    (tmp_path / "config.yaml").rename(tmp_path / "né.yaml")
    out = here("check", "né.yaml", "--json")[1]
    assert out.isascii()
    assert json.loads(out)["config"] == "né.yaml"


def test_nothing_of_the_folder_is_imported(tmp_path):
    """A report.py, yaml.py or templates/ of one's own changes nothing, whichever way the program is started."""
    traps = {f"{name}.py": "raise SystemExit('imported')" for name in ("report", "yaml", "json", "vl_convert", "typst")}
    write_project(
        tmp_path,
        files={**traps, "templates/html/page.html": "no", "templates/prose/en/caption.j2": "no"},
        outputs="[html, pdf]",
    )
    ended = diptych("build", cwd=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    ended = subprocess.run(
        [sys.executable, "-P", "-m", "diptych", "verify"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def listen():
    """Heed SIGINT, which a shell lets programs in the background ignore, and with them what they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_ctrl_c_while_it_works(tmp_path):
    write_project(tmp_path, outputs="[html]")
    with subprocess.Popen(
        [DIPTYCH, "build"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=listen,  # noqa: PLW1509 - nothing of ours runs in other threads here
    ) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        while process.poll() is None and not children.read_text():  # the process that draws has not been started yet
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "error: interrupted\n")
    assert not list(tmp_path.glob("*site*"))


def test_our_own_fault(here, tmp_path, monkeypatch):
    write_project(tmp_path)

    def fail(*_: object, **__: object):
        raise KeyError("axis\nb")

    monkeypatch.setattr("diptych.pipeline.check", fail)
    status, out, err = here("check")
    assert (status, out) == (70, "")
    first, second = err.splitlines()
    assert first.startswith(r"error: internal error: KeyError: 'axis\nb' (diptych/cli/commands.py, line ")
    python = ".".join(map(str, sys.version_info[:3]))
    assert second == (
        f"error: the fault is in diptych {__version__} on Python {python}; please report it, with the command, "
        "the config and what -v prints"
    )
    err = here("check", "-v")[2]
    assert err.startswith("Traceback (most recent call last):\n")
    assert err.endswith("; please report it, with the command, the config\n")


def test_a_reader_who_stops_reading(tmp_path):
    build(write_project(tmp_path) / "config.yaml", tmp_path / "site")
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as closed:
        ended = subprocess.run([DIPTYCH, "verify"], cwd=tmp_path, stdout=closed, stderr=subprocess.PIPE, check=False)
    assert (ended.returncode, ended.stderr) == (141, b"")


def test_no_streams_at_all(tmp_path):
    write_project(tmp_path, files=NEAR)
    ended = subprocess.run(f'"{DIPTYCH}" build <&- >&- 2>&-', shell=True, cwd=tmp_path, check=False)  # noqa: S602
    assert ended.returncode == 0
    assert (tmp_path / "site" / "report.json").exists()
