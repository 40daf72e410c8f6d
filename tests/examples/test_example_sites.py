"""What every site must be, whatever it shows: links resolve, hashes hold, text is text."""

import csv
import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.pages import lost

pytestmark = pytest.mark.slow


@pytest.fixture
def report(site):
    return (site / "report.md").read_text(encoding="utf-8")


def test_every_link_of_the_page_leads_somewhere(site):
    assert lost(site) == []


def test_every_fold_has_its_answer_next_to_its_title(site):
    page = (site / "index.html").read_text(encoding="utf-8")
    folds = re.findall(r"<summary><h2>(.*?)</h2>(?:<span>(.+?)</span>)?</summary>", page)
    assert folds
    if "counted" in page or "clustered" in page:  # a report without counts has no interval to name
        assert [title for title, answer in folds if not answer] == []


def test_every_link_of_the_markdown_leads_to_a_file(report, site):
    places = [place for place in re.findall(r"\]\(([^)\s]+)\)", report) if "://" not in place]
    assert places
    assert [place for place in places if not (site / unquote(place)).is_file()] == []


def test_the_manifest_lists_every_file_and_verify_agrees(site):
    manifest = json.loads((site / "manifest.json").read_text(encoding="utf-8"))
    files = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    assert set(manifest["outputs"]) == files - {"manifest.json"}
    command = [str(Path(sys.executable).with_name("diptych")), "verify", str(site)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def without_layout(line):
    """Return a line of Markdown without the mark of a list, its indentation and the empty cells of a table."""
    return re.sub(r"(?<=\|) (?= \|)", "", re.sub(r"^ *- ", "", line))


def test_the_text_has_no_traces_of_the_program(report):
    for trace in (
        "{{",
        "}}",
        "{%",
        "nan ",
        " nan",
        "inf ",
        "[]",
        "()",
        "''",
        "  ",
        " ,",
        " .",
        " ;",
        "..",
        ",,",
        "( ",
    ):
        found = [line for line in map(without_layout, report.splitlines()) if trace in line]
        assert found == [], trace
    assert re.findall(r"\bNone\b(?! of| is contradicted)", report) == []


def shares_of(site):
    """Return the shares of all cells of the panels by their pair of categories ("CV–NLP")."""
    found = defaultdict(set)
    for path in site.glob("data/*.csv"):
        rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
        if not {"given", "outcome", "value"} <= set(rows.fieldnames):
            continue
        for row in rows:
            counted = row["n_joint"] and float(row["n_given"])
            share = float(row["n_joint"]) / float(row["n_given"]) if counted else float(row["value"] or "nan")
            found[f"{row['given']}\N{EN DASH}{row['outcome']}"].add(share)
    return found


def test_nothing_and_everything_are_said_only_when_exact(report, site):
    """Rounded to whole per cent, a few are "<1%" and nearly all ">99%": only a cell of exactly 0 or 1 has 0% or 100%."""
    shares = shares_of(site)
    assert len(shares) > 20
    for found in re.finditer(r"(?<![\d.,>])(0|100)%", report):
        before = report[: found.start()].rpartition("\n")[2]
        if re.search(r"add up to (?:more than |less than )?$", before):
            continue
        if largest := re.search(r"^\| (.+) is the largest cell in the row (.+) \| $", before):
            before = f"{largest[2]}\N{EN DASH}{largest[1]}"
        if separate := re.search(r"^\| (.+) is separate \| $", before):
            before = f"{separate[1]}\N{EN DASH}{separate[1]}"
        pair = max(shares, key=lambda name: (before.rfind(name), len(name)))
        assert pair in before, before[-100:]
        if before.endswith("the other way "):
            pair = "\N{EN DASH}".join(reversed(pair.split("\N{EN DASH}")))
        assert int(found[1]) / 100 in shares[pair], before[-100:]
