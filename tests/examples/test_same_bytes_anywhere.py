"""Processes that differ in hash seed, folder, time zone, language or pandas' way to hold text make the same bytes."""

import os
import subprocess
import sys

from tests.examples.conftest import build
from tests.examples.relations import CONFIGS


def files_of(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_second_build_elsewhere_has_the_same_bytes(name, sites, tmp_path):
    elsewhere = {"PYTHONHASHSEED": "4242", "TZ": "Pacific/Chatham", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"}
    elsewhere |= {"HOME": str(tmp_path), "COLUMNS": "40", "SOURCE_DATE_EPOCH": "1"}
    again = build(CONFIGS[name].resolve(), tmp_path / "other" / "site", tmp_path, **elsewhere)
    first, second = files_of(sites(name)), files_of(again)
    assert sorted(first) == sorted(second)
    assert [path for path in first if first[path] != second[path]] == []
    assert len(first) > 10


BUILD = """
import sys
from pathlib import Path
import pandas
pandas.set_option("mode.string_storage", "python")
from diptych.pipeline import build
build(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def test_texts_without_pyarrow_make_the_same_bytes(sites, tmp_path):
    """As for those who install no extra: pandas then keeps texts as Python's own."""
    arguments = [CONFIGS["default"].resolve(), tmp_path / "site"]
    subprocess.run([sys.executable, "-c", BUILD, *arguments], check=True, env=os.environ, capture_output=True)
    first, second = files_of(sites("default")), files_of(tmp_path / "site")
    assert [path for path in first if first[path] != second.get(path)] == []
