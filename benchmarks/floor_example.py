"""What the parts of a build that are not ours cost by themselves: `python -m benchmarks.floor_example SITE`.

Each part runs in a process of its own, five times; medians of processor time. SITE is a built default example, whose
specifications are drawn again and whose paper kit is typeset again. No counting of alternatives, no findings, no words
and no files: a build with the same libraries that does all that cannot take less than their sum.
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.child import median, run
from benchmarks.pages import markdown_table
from benchmarks.settings import ROOT

ROUNDS = 5

PARTS = {
    "Python itself": "",
    "imports of the main road: numpy, two parts of SciPy, DuckDB, pydantic, Jinja, PyYAML": (
        "import duckdb, jinja2, numpy, pydantic, scipy.sparse, scipy.special, yaml"
    ),
    "the import of Altair": "import altair",
    "reading the three tables and counting pairs of labels once": """
import duckdb
for name in ("models", "datasets", "links"):
    duckdb.execute(f"create table {name} as select * from read_csv('data/catalogue/{name}.csv', all_varchar=true)")
duckdb.sql("select d.labels, m.labels, count(*) from links l join datasets d on d.id = l.source "
           "join models m on m.id = l.target group by all").fetchall()
""",
    "Vega, compiled, drawing the figure and both panels": """
import glob, json, sys, vl_convert
for path in sorted(glob.glob(sys.argv[1] + "/figures/*.vl.json")):
    vl_convert.vegalite_to_svg(json.load(open(path)), vl_version="6.4")
""",
    "Typst, setting the paper kit": """
import sys, typst
typst.compile(sys.argv[1] + "/typst/example.typ", root=sys.argv[1])
""",
}


def main() -> None:
    """Print what each part costs, less Python itself, and the sum."""
    site = sys.argv[1]
    runs = {
        name: median(run([sys.executable, "-c", program, Path(site).resolve()], cwd=ROOT) for _ in range(ROUNDS))
        for name, program in PARTS.items()
    }
    bare = runs["Python itself"].cpu
    own = {name: one.cpu - (0 if name == "Python itself" else bare) for name, one in runs.items()}
    rows = [{"": name, "CPU seconds": f"{seconds:.2f}"} for name, seconds in own.items()]
    print(markdown_table("", [*rows, {"": "together", "CPU seconds": f"{sum(own.values()):.2f}"}]))


if __name__ == "__main__":
    main()
