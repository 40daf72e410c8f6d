"""A process that differs in hash seed, folder, time zone, language or pandas' way to hold text makes the same bytes.

One example whole: of all the others `tests/net` knows the bytes, which each run makes anew with another hash seed.
"""

import os
import subprocess
import sys

import pytest

from tests.examples.relations import CONFIGS

pytestmark = pytest.mark.slow

ELSEWHERE = {
    "PYTHONHASHSEED": "4242", "TZ": "Pacific/Chatham", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8",
    "COLUMNS": "40", "SOURCE_DATE_EPOCH": "1", "OPENBLAS_NUM_THREADS": "2",
}  # fmt: skip
# pandas keeps texts as Python's own where pyarrow is not installed, as for those who install no extra
BUILD = """
import sys
from pathlib import Path
import pandas
pandas.set_option("mode.string_storage", "python")
from diptych.pipeline import build
build(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def files_of(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_second_build_elsewhere_has_the_same_bytes(sites, tmp_path):
    command = [sys.executable, "-P", "-c", BUILD, CONFIGS["default"].resolve(), tmp_path / "other" / "site"]
    done = subprocess.run(
        command, cwd=tmp_path, env=os.environ | ELSEWHERE | {"HOME": str(tmp_path)}, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    first, second = files_of(sites("default")), files_of(tmp_path / "other" / "site")
    assert sorted(first) == sorted(second)
    assert [path for path in first if first[path] != second[path]] == []
    assert len(first) > 10
