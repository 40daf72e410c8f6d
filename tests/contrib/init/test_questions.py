"""What init asks at a terminal: a pseudo-terminal answers."""

import json
import os
import subprocess
import sys

import pytest
import yaml

from diptych.contrib.init.guess import guess
from diptych.contrib.init.looking import look_at
from tests.world import write

pytestmark = pytest.mark.slow

ROWS = "".join(
    f"{('ash', 'elm', 'oak')[n % 3]},{('clay', 'sand')[n % 7 % 2]},{('lit', 'dim')[n % 5 % 2]}\n" for n in range(60)
)
TABLE = {"trees.csv": f"tree,soil,light\n{ROWS}"}


def answered(folder, answers, *options):
    """Run init in a folder at a pseudo-terminal with these answers, a line each; return what it said and its status."""
    import pty  # noqa: PLC0415 - not on Windows

    ours, theirs = pty.openpty()
    command = [sys.executable, "-P", "-m", "diptych", "init", "trees.csv", "--no-build", *options]
    process = subprocess.Popen(command, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True)
    os.close(theirs)
    os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
    said = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # what reading the end of a terminal is on Linux
            break
        if not piece:
            break
        said += piece
    os.close(ours)
    return process.wait(), said.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_each_question_has_a_default_and_a_wrong_answer_is_asked_again(tmp_path):
    write(tmp_path, TABLE)
    status, said = answered(tmp_path, ["", "", "", ""])
    assert status == 0, said
    sides = [f"[{side.name}]" for side in guess(look_at([tmp_path / "trees.csv"])).sides]
    for question in ("Rows: the column", "Columns: the column", *sides, "[none]", "[record]"):
        assert question in said
    (tmp_path / "config.yaml").rename(tmp_path / "first.yaml")
    status, said = answered(tmp_path, ["lihgt", "light", "tree", "none", "tree trunk"])
    assert status == 0, said
    assert 'there is no such column; there are tree, soil, light (did you mean "light"?)' in said
    records = yaml.safe_load((tmp_path / "config.yaml").read_text())["relations"]["trees"]["records"]
    assert (records["rows"]["column"], records["columns"]["column"]) == ("light", "tree")
    assert records["label"] == "Tree trunk"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_yes_asks_nothing_and_what_is_named_is_not_asked(tmp_path):
    write(tmp_path, TABLE)
    status, said = answered(tmp_path, [], "--yes")
    assert (status, "Rows:" in said) == (0, False)
    assert "wrote  config.yaml" in said
    (tmp_path / "config.yaml").unlink()
    status, said = answered(tmp_path, ["", ""], "--rows", "light", "--unit", "tree")
    assert (status, "Rows:" in said, "What one row is called" in said) == (0, False, False)


def test_it_builds_and_says_what_to_open(tmp_path):
    write(tmp_path, TABLE)
    command = [sys.executable, "-P", "-m", "diptych", "init", "trees.csv", "-o", "study/a.yaml"]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "60 records with a label on both sides" in found.stdout
    assert "open   study/a-site/index.html" in found.stdout
    assert (tmp_path / "study" / "a-site" / "index.html").exists()
    again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (
        again.stderr == "error: study/a.yaml: is there already; give another folder or file with -o, or take it away\n"
    )
    command = [*command[:-1], "b.yaml", "--no-build", "--json"]
    said = json.loads(subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout)
    assert (said["config"], said["report"], said["counts"]["n_units"]) == ("b.yaml", None, 60)
    assert sum(map(sum, said["counts"]["cells"])) == 60
