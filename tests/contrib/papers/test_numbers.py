"""The kits for LaTeX and Typst have the same numbers, and the examples of the documentation name numbers that exist."""

import json
import re
from pathlib import Path

import pytest

from diptych.contrib.papers.latex import render_latex
from diptych.contrib.papers.numbers import CELL_NUMBERS
from diptych.contrib.papers.typst_kit import render_typst_kit
from tests.contrib.papers.papers import with_statements
from tests.renderers.documents import demo

pytestmark = pytest.mark.slow

NBSP = "\N{NO-BREAK SPACE}"
EXACT = frozenset({"count", "base", "given", "outcome", "units", "groups"})
NAMES = [name for name, _, _ in CELL_NUMBERS if name != "state"]


def numbers_in(document):
    return json.loads(render_typst_kit(document)["typst/numbers.json"])


def macros_of(document):
    text = render_latex(document)["latex/numbers.tex"].decode()
    return dict(re.findall(r"^\\def\\Diptych(\w+)\{(.*)\}$", text, re.MULTILINE))


def spelled(name):
    """A name in letters as the macros of LaTeX have it; enough for the categories of the demo."""
    return "".join(word.capitalize() for word in re.split("[ _]", name))


def plainly(text):
    """A text of LaTeX as words; a dash where it is undefined."""
    if text == r"\DiptychUndefined{}":
        return "–"
    words = text.replace(r"\,", " ").replace(r"\textendash{}", "–").replace(NBSP, " ").replace("~", " ")
    return re.sub(r"\\([%_.-])", r"\1", words)


def agrees(text, value, name):
    """Whether a printed text is a number of the JSON file, which has them unrounded, or its word."""
    said = plainly(text).replace(",", "")
    if value is None:
        return said == "–"
    if isinstance(value, str):
        return said == value.replace(NBSP, " ")
    if name in EXACT:
        return said == str(value)
    if said == "under 0.001":
        return 0 <= value < 0.001
    return abs(float(said) - value) <= 0.0005


def test_both_kits_have_the_same_numbers():
    numbers, latex = numbers_in(demo()), macros_of(demo())
    compared = 0
    for panel, rows in numbers["panels"].items():
        some = {name for row in rows.values() for cell in row.values() for name in NAMES if cell[name] is not None}
        assert agrees(latex[f"{spelled(panel)}Units"], numbers["totals"][panel]["units"], "units")
        for given, row in rows.items():
            for outcome, cell in row.items():
                macro = f"{spelled(panel)}{spelled(given)}{spelled(outcome)}"
                for name in some:
                    ending = "" if name == "value" else spelled(name)
                    assert agrees(latex[macro + ending], cell[name], name), (macro, name)
                    compared += 1
    assert compared > 1000


def test_both_kits_have_the_same_statements():
    found, latex = numbers_in(with_statements())["statements"]["agreement"], macros_of(with_statements())
    assert (found["share_percent"], found["interval_low"], found["low"]) == ("83%", 0.05, 0.5)
    for name, value in found.items():
        assert agrees(latex[f"StatementAgreement{spelled(name)}"], value, name)
    assert sum(name.startswith("Statement") for name in latex) == len(found)


def test_the_examples_of_the_docs_name_numbers_that_there_are():
    page = (Path(__file__).parents[3] / "docs" / "papers.md").read_text(encoding="utf-8")
    document = with_statements(demo())
    names = re.findall(r"\\Diptych(\w+)\{\}", page)
    of_penguins = {name for name in names if "Gentoo" in name}  # held by tests/docs/test_tutorial.py, which builds them
    assert len(names) > 4
    assert set(names) - of_penguins <= set(macros_of(document))
    numbers = numbers_in(document)
    known = {
        "numbers": numbers,
        "cell": numbers["panels"]["left"]["NLP"]["CV"],
        "agreement": numbers["statements"]["agreement"],
    }
    paths = re.findall(r"`\{python\} (\w+)((?:\[\"\w+\"\])+)`", page)
    assert len(paths) > 5
    for start, steps in paths:
        found = known[start]
        for step in re.findall(r'"(\w+)"', steps):
            found = found[step]
        assert found is not None
