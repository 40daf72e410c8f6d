"""The program gives back what it let go of: DuckDB's tables, and what threads held."""

import subprocess
import sys

import pytest

PROGRAM = """
import sys, time
from diptych.progress import be_sparing, give_back
if "spare" in sys.argv:
    be_sparing()
import duckdb

def held_mb():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 1e6

connection = duckdb.connect(config={"preserve_insertion_order": False, "threads": 1})
connection.execute("set enable_progress_bar = false")  # a slow machine would print it
before = held_mb()
connection.execute("create temp table a as select 'name ' || i as id, i from range(2000000) r(i)")
connection.execute("create temp table b as select id, row_number() over (order by id) from a")
connection.execute("drop table a")
connection.execute("drop table b")
give_back()
until = time.monotonic() + 20
while "spare" in sys.argv and held_mb() - before > 40 and time.monotonic() < until:
    time.sleep(0.05)
print(held_mb() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="what a process holds is read from /proc")
def test_tables_that_are_dropped_are_no_longer_held():
    def held_mb(*how):
        command = [sys.executable, "-c", PROGRAM, *how]
        return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    assert held_mb("spare") < 40 < held_mb()
