"""Print what `diptych init` makes of first_questions.csv: `python tests/public/try_first.py SET [--build] [TABLE ...]`.

With --build the report is built too, and its first sentences are printed.
"""

from __future__ import annotations

import csv
import re
import sys
import tempfile
from pathlib import Path

from diptych.contrib.init.guess import Guess, GuessedRecords, guess
from diptych.contrib.init.looking import look_at
from diptych.contrib.init.writing import start
from diptych.errors import DiptychError
from diptych.pipeline.build import build

HERE = Path(__file__).parent


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(words: list[str]) -> None:
    """Print a line for each table of a set."""
    builds = "--build" in words
    chosen, *only = [word for word in words if word != "--build"]
    with (HERE / "first_questions.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["set"] == chosen and (not only or row["table"] in only)]
    for row in rows:
        name = row["table"]
        path = HERE / (f"{name}.csv" if "/" in name else f"first/{name}.csv")
        try:
            found = guess(look_at([path]))
        except DiptychError as error:
            _say(f"-- {name}: refused: {' | '.join(error.messages)[:600]}")
            continue
        what = found.what
        assert isinstance(what, GuessedRecords)
        more = [f"{key} {column.name}" for key in ("count", "group", "weight") if (column := getattr(what, key, None))]
        guessed = ", ".join([f"{what.rows.name[:60]} × {what.columns.name[:60]}", *more])
        pair = {what.rows.name, what.columns.name}
        right = [set(each.split(" × ")) for each in [row["right"], *row["also"].split("; ")]]
        mark = "OK" if pair in right else "??"
        _say(f"{mark} {name}: {guessed}   (right: {row['right']})")
        if builds:
            _build(found)


def _build(found: Guess) -> None:
    """Build a report and print its first sentences."""
    with tempfile.TemporaryDirectory() as folder:
        started = start(found, Path(folder) / "config.yaml")
        _say(f"    {started.problems}")
        try:
            built = build(started.path, Path(folder) / "site")
        except DiptychError as error:
            _say(f"    build refused: {' | '.join(error.messages)[:400]}")
            return
        page = (built.folder / "index.html").read_text(encoding="utf-8")
        texts = [re.sub(r"<[^>]+>", "", one) for one in re.findall(r"<p\b[^>]*>(.*?)</p>", page, re.DOTALL)]
        _say(f"    {' ¶ '.join(' '.join(text.split()) for text in texts[:5])[:900]}")


if __name__ == "__main__":
    main(sys.argv[1:])
