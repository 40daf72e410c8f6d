"""The cost of third-party parts of a build by themselves: `python -m benchmarks.floor_site SITE TABLE…`.

Each part runs several times in its own process, and the result is the median processor time. SITE is a built report
with a paper kit, and TABLE names its CSV input files. The benchmark reads the tables and counts their rows by all
columns. It draws the site's specifications again, typesets its paper kit again, and writes the cells of its panels as
CSV and JSON. It includes no alternative counts, findings, words or page. A build with the same libraries that does all
of this cannot take less than the sum. With many categories a site has no paper kit with all cells, and its PDF is then
left out.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.child import median, run
from benchmarks.pages import markdown_table
from benchmarks.settings import ROOT

BARE = "Python itself"
PARTS = {
    BARE: "",
    "imports of the main road: numpy, two parts of SciPy, DuckDB, pydantic, Jinja, PyYAML": (
        "import duckdb, jinja2, numpy, pydantic, scipy.sparse, scipy.special, yaml"
    ),
    "the import of Altair": "import altair",
    "reading the tables and counting them once": """
import duckdb, sys
for table in sys.argv[2:]:
    duckdb.sql(f"select count(*) from (from read_csv('{table}', all_varchar=true) group by all)").fetchall()
""",
    "Vega, compiled, drawing every figure": """
import glob, json, sys, vl_convert
for path in sorted(glob.glob(sys.argv[1] + "/figures/*.vl.json")):
    vl_convert.vegalite_to_svg(json.load(open(path)), vl_version="6.4")
""",
    "Typst, setting the paper kit": """
import sys, typst
text = '#import "paper/diptych.typ"\\n#for name in diptych.content.tables.keys() { diptych.table(name) }'
text += '\\n#for name in diptych.content.figures.keys() { diptych.figure(name) }'
typst.compile(text.encode(), root=sys.argv[1])
""",
    "cells of the panels, written again as CSV and JSON": """
import csv, glob, io, json, sys
for path in glob.glob(sys.argv[1] + "/data/*.csv"):
    rows = list(csv.reader(open(path, newline="")))
    csv.writer(io.StringIO()).writerows(rows)
    json.dumps(list(zip(*rows)))
""",
}


def main() -> None:
    """Print the cost of each part, without the start of Python, and the sum."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", type=Path)
    parser.add_argument("tables", type=Path, nargs="+")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    given = [path.resolve() for path in (asked.site, *asked.tables)]
    runs = {
        name: median(run([sys.executable, "-c", program, *given], cwd=ROOT) for _ in range(asked.rounds))
        for name, program in PARTS.items()
    }
    bare = runs[BARE]
    own = {name: one.cpu - (0 if name == BARE else bare.cpu) for name, one in runs.items()}
    rows = [
        {"": name, "CPU seconds": f"{seconds:.2f}", "memory, MB": f"{runs[name].peak_mb:.0f}"}
        for name, seconds in own.items()
    ]
    together = {"": "together", "CPU seconds": f"{sum(own.values()):.2f}", "memory, MB": ""}
    print(markdown_table("", [*rows, together]))


if __name__ == "__main__":
    main()
